//! Settings over the API.

use serde_json::{Value, json};

use crate::api_v3::MANIFEST;
use crate::support::Belt;
use crate::support::api::Served;

#[test]
fn a_setting_is_listed_changed_and_read_again() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &["--public-url", "https://deploy.example.com"]);
    let uid = served.admin.uid("shop");
    let path = format!("/stacks/{uid}/settings");
    let table = || {
        let settings = served.public.response(&format!("{path}.json?page=1"));
        let row = |one: &Value| format!("{} {} {} {}", one["id"], one["key"], one["value"], one["readonly"]);
        settings.as_array().unwrap().iter().map(row).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(table(), @r#"
    "continuous-deploy" "continuous.deploy" false false
    "deploy-parallel" "deploy.parallel" false false
    "deploy-paused" "deploy.paused" false false
    "git-branch" "git.branch" "main" true
    "git-repository" "git.repository" "https://git.example.com/acme/shop.git" true
    "#);
    for (value, expected) in [(json!("enable"), true), (json!(false), false), (json!(1), true), (json!("0"), false)] {
        let action = served.admin.json("PUT", &format!("{path}/deploy-parallel.json"), &json!({ "value": value }));
        let action = action.response();
        assert_eq!(
            (&action["action"], &action["finished_success"]),
            (&json!("stack-set: deploy.parallel"), &json!(true))
        );
        assert_eq!(served.admin.wait(&uid, &action["id"]), action);
        let shown = served.public.response(&format!("{path}/deploy-parallel.json"));
        assert_eq!((&shown["key"], &shown["value"]), (&json!("deploy.parallel"), &json!(expected)));
    }
    let action = served.admin.form("PUT", &format!("{path}/continuous-deploy"), "value=true").response();
    let message = action["finished_message"].as_str().unwrap();
    assert!(message.starts_with("continuous.deploy is now true; no webhook was made"), "{message}");
    let action = served.admin.send("PUT", &format!("{path}/deploy.parallel?value=on"), &[], b"").response();
    assert_eq!((&action["user"], &action["operation_uid"]), (&json!("admin-token"), &Value::Null));
    assert_eq!(belt.run(["settings", "get", "deploy.parallel"]).expect(0).stdout, "true\n");
}

#[test]
fn what_cannot_be_set_is_refused() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.admin.uid("shop");
    let mut answers = Vec::new();
    for (id, body) in [
        ("git-branch", json!({"value": "next"})),
        ("stack-colour", json!({"value": "red"})),
        ("deploy-paused", json!({"value": "maybe"})),
        ("deploy-paused", json!({"value": 2})),
        ("deploy-paused", json!({"value": null})),
        ("deploy-paused", json!({"value": ["true"]})),
        ("deploy-paused", json!({})),
        // Nobody has said that a Git host reaches this server.
        ("continuous-deploy", json!({"value": true})),
    ] {
        let answer = served.admin.json("PUT", &format!("/stacks/{uid}/settings/{id}.json"), &body);
        answers.push(answer.failure());
    }
    insta::assert_snapshot!(answers.join("\n"), @r#"
    400 bad_request: the setting `git.branch` is readonly: it is what the manifest says
    404 not_found: shop (staging) has no setting `stack-colour`
    400 bad_request: "maybe" is no value for `deploy.paused`: it is `true` or `false`
    400 bad_request: "2" is no value for `deploy.paused`: it is `true` or `false`
    400 bad_request: `value` must be given: a text, a boolean or a number
    400 bad_request: `value` must be given: a text, a boolean or a number
    400 bad_request: `value` must be given: a text, a boolean or a number
    409 conflict: continuous.deploy needs a server that Git hosts reach: nobody gave this one a `--public-url`
    "#);
    assert_eq!(served.admin.response(&format!("/stacks/{uid}/actions")), json!([]));
}
