//! The list of stacks.

use serde_json::{Value, json};

use crate::api_v3::MANIFEST;
use crate::support::api::Served;
use crate::support::{Belt, PLAIN};

#[test]
fn a_stack_has_the_fields_that_clients_look_for() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &["--public-url", "https://deploy.example.com/"]);
    let mut stack = served.redeploy.response("/stacks.json?page=1")[0].clone();
    let hook = stack["redeploy_hook"].take();
    let digits = hook.as_str().unwrap().strip_prefix("https://deploy.example.com/stacks/redeploy/").unwrap();
    assert_eq!(digits.split('/').map(str::len).collect::<Vec<_>>(), [32, 32]);
    let created = stack["created_at"].as_str().unwrap();
    let is_plain = created.len() == 23 && created.ends_with(" UTC") && &created[4..5] == "-" && &created[13..14] == ":";
    assert!(is_plain, "{created}");
    assert!(stack["created_at_iso"].as_str().unwrap().ends_with('Z'));
    assert_eq!(stack["uid"].as_str().unwrap().len(), 32);
    for name in
        ["uid", "created_at", "created_at_iso", "updated_at", "updated_at_iso", "last_activity", "last_activity_iso"]
    {
        stack[name] = "[…]".into();
    }
    insta::assert_snapshot!(format!("{stack:#}"), @r#"
    {
      "account_id": 1,
      "account_name": "hookbelt",
      "application_address": null,
      "backend": "docker",
      "cloud": "",
      "cloud_status": "",
      "cluster_name": "",
      "configstore_namespace": "",
      "created_at": "[…]",
      "created_at_iso": "[…]",
      "deploy_directory": "",
      "deployment_profiles": [
        "front"
      ],
      "environment": "staging",
      "failing_hooks": [],
      "fqdn": "",
      "framework": "docker",
      "git": "https://git.example.com/acme/shop.git",
      "git_branch": "main",
      "has_loadbalancer": false,
      "health": 0,
      "is_busy": false,
      "is_cluster": false,
      "is_inside_cluster": false,
      "language": "",
      "last_activity": "[…]",
      "last_activity_iso": "[…]",
      "maintenance_mode": false,
      "name": "shop",
      "namespaces": [],
      "redeploy_hook": null,
      "revision": "",
      "status": 4,
      "uid": "[…]",
      "updated_at": "[…]",
      "updated_at_iso": "[…]",
      "version": ""
    }
    "#);
    assert_eq!(served.redeploy.response("/stacks.json")[0]["redeploy_hook"], hook, "the hook stays the same");
}

#[test]
fn stacks_are_filtered_and_come_in_pages() {
    let belt = Belt::new();
    for number in 0..35 {
        let name = format!("app-{number:02}");
        belt.write(&format!("apps/{name}.toml"), format!("{PLAIN}deploy = \"true\"\n").replace("shop", &name));
    }
    belt.write("apps/shop.toml", MANIFEST);
    belt.write("apps/live.toml", MANIFEST.replace("staging", "production").replace("\"main\"", "\"release\""));
    let served = Served::start(&belt, &["apps"]);
    let page = |query: &str| served.public.get(&format!("/stacks.json?{query}")).json();
    let (first, second) = (page("page=1"), page("page=2"));
    let names = |page: &Value| {
        let stacks = page["response"].as_array().unwrap().iter();
        stacks
            .map(|one| format!("{} {}", one["name"].as_str().unwrap(), one["environment"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!((names(&first).len(), names(&second).len()), (30, 7));
    assert_eq!(names(&second)[4..], ["app-34 staging", "shop production", "shop staging"]);
    assert_eq!((&first["pagination"]["next"], &second["pagination"]["next"]), (&json!(2), &Value::Null));
    for (query, expected) in [
        ("filter_name=SHOP&filter_environment=&filter_git_repo=&filter_git_branch=", "shop production,shop staging"),
        ("filter_name=sho", ""),
        ("filter_name=shop&filter_environment=Staging", "shop staging"),
        ("filter_git_repo=git%40git.example.com%3Aacme%2Fshop.git", "shop production,shop staging"),
        ("filter_git_repo=https://git.example.com/acme/shop&filter_git_branch=release", "shop production"),
        ("filter_git_branch=main", "shop staging"),
        ("filter_git_repo=https://git.example.com/acme/blog", ""),
    ] {
        assert_eq!(names(&page(query)).join(","), expected, "{query}");
    }
}
