//! What is sent for each flag, what is refused before, and what is shown.

use serde_json::{Value, json};

use crate::cloud66::{SHOP, asked};
use crate::cloud66::{
    deployment, deployments, found, list, of_shop, one_action, one_deployment, redeploy_body, run, services, stack,
    with,
};
use crate::support::mock_api::{Expected, on};

/// A deployment with these flags, and what of its body is not as usual.
fn sent(flags: &[&str], stack: &Value, before: Vec<Expected>, differs: &Value) {
    let mut body = redeploy_body();
    body.as_object_mut().unwrap().extend(differs.as_object().unwrap().clone());
    let mut expected = vec![on("GET", SHOP).json(200, &list(std::slice::from_ref(stack)))];
    expected.extend(before);
    expected.extend([
        deployments(&[]),
        on("POST", &of_shop("/deployments.json")).with(body).json(200, &asked(false, &json!(7))),
        deployments(&[deployment(1, "success")]),
        one_action(7, &json!(true), &json!("Done")),
        one_deployment(1, "success"),
    ]);
    let (belt, _api) = with(expected);
    belt.run([&["redeploy", "-s", "shop", "-y"], flags].concat()).expect(0);
}

#[test]
fn each_flag_is_sent_as_the_known_clients_send_it() {
    let docker = stack("shop", "production");
    let kind = |framework: &str, backend: &str| {
        let mut stack = stack("shop", "production");
        (stack["framework"], stack["backend"]) = (json!(framework), json!(backend));
        stack
    };
    let listed = || vec![services(&["web", "api"])];
    sent(&["--service", "web:v2", "--service", "api"], &docker, listed(), &json!({"services": ["web:v2", "api"]}));
    sent(&["--deployment-profile", "front"], &docker, listed(), &json!({"deployment_profile": "front"}));
    sent(&["--deploy-strategy", "serial"], &docker, listed(), &json!({"deploy_strategy": "serial"}));
    sent(&["--git-ref", "v1"], &kind("rails", "classic"), vec![], &json!({"git_ref": "v1"}));
    sent(&["--deploy-strategy", "rolling"], &kind("rack", "classic"), vec![], &json!({"deploy_strategy": "rolling"}));
    sent(&["--deploy-strategy", "fast"], &kind("docker", "kubernetes"), listed(), &json!({"deploy_strategy": "fast"}));
    sent(
        &["--rollout-strategy", "canary", "--canary-percentage", "5"],
        &kind("docker", "kubernetes"),
        listed(),
        &json!({"rollout_strategy": "canary", "canary_percentage": 5}),
    );
}

#[test]
fn what_does_not_fit_the_stack_is_refused_before_anything_is_sent() {
    let mut stack = stack("shop", "production");
    (stack["framework"], stack["backend"]) = (json!("nodejs"), json!("classic"));
    let (belt, api) = with(vec![on("GET", SHOP).json(200, &list(&[stack])).for_ever()]);
    let said = |flags: &[&str]| run(&belt, &api, &[&["redeploy", "-s", "shop", "-y"], flags].concat());
    insta::assert_snapshot!(said(&["--deploy-strategy", "fast"]), @"
    --- stderr
    error: `--deploy-strategy fast` needs the backend kubernetes, and shop (production) has classic
    hint: nothing was sent
    [exit 2]
    ");
    insta::assert_snapshot!(said(&["--deploy-strategy", "rolling"]), @"
    --- stderr
    error: `--deploy-strategy rolling` needs the framework rails or rack, and shop (production) has nodejs
    hint: nothing was sent
    [exit 2]
    ");
    insta::assert_snapshot!(said(&["--service", "web"]), @"
    --- stderr
    error: `--service` needs the framework docker, and shop (production) has nodejs
    hint: nothing was sent
    [exit 2]
    ");
    insta::assert_snapshot!(said(&["--force"]), @"
    --- stderr
    error: Cloud 66 cannot be forced
    hint: leave out --force: there is no setting that pauses deployments
    [exit 2]
    ");
}

#[test]
fn a_service_that_is_not_there_is_refused() {
    let (belt, api) = with(vec![found(), services(&["web", "api"])]);
    insta::assert_snapshot!(run(&belt, &api, &["redeploy", "-s", "shop", "--service", "cron"]), @"
    --- stderr
    error: this app has no service `cron`
    hint: services of this app: web, api
    [exit 5]
    ");
}

#[test]
fn what_would_be_deployed_is_told_where_it_is_known() {
    let listed = json!([
        {"name": "web", "source_type": "git", "git_ref": "main"},
        {"name": "api", "source_type": "image", "image_name": "registry.example.com/api", "image_tag": "v1"},
    ]);
    let services = on("GET", &of_shop("/services.json?page=1")).json(200, &list(listed.as_array().unwrap()));
    let (belt, api) = with(vec![found().for_ever(), services.for_ever()]);
    let said = |flags: &[&str]| run(&belt, &api, &[&["redeploy", "-s", "shop", "--dry-run"], flags].concat());
    insta::assert_snapshot!(said(&[]), @"
    web	deploy	main
    api	deploy	registry.example.com/api:v1
    [exit 0]
    ");
    insta::assert_snapshot!(said(&["--service", "api:v2"]), @"
    api	deploy	registry.example.com/api:v2
    web	skip	it was not asked for
    [exit 0]
    ");
    insta::assert_snapshot!(said(&["--deployment-profile", "front"]), @"
    --- stderr
    error: what this deploys of shop (staging) is decided where it is deployed
    [exit 2]
    ");
}

#[test]
fn what_cloud_66_does_not_have_is_said_with_what_to_use_instead() {
    let (belt, api) = with(vec![found().for_ever()]);
    insta::assert_snapshot!(run(&belt, &api, &["releases", "list", "-s", "shop"]), @"
    --- stderr
    error: Cloud 66 cannot show releases
    hint: `hookbelt deployments list` shows what was deployed; to go back, redeploy an earlier commit or image with `--git-ref REF` or `--service NAME:REF`
    [exit 2]
    ");
    insta::assert_snapshot!(run(&belt, &api, &["releases", "show", "-s", "shop"]), @"
    --- stderr
    error: Cloud 66 cannot show releases
    hint: `hookbelt deployments list` shows what was deployed; to go back, redeploy an earlier commit or image with `--git-ref REF` or `--service NAME:REF`
    [exit 2]
    ");
    insta::assert_snapshot!(run(&belt, &api, &["releases", "rollback", "-s", "shop"]), @"
    --- stderr
    error: Cloud 66 cannot say what going back would deploy
    hint: `hookbelt deployments list` shows what was deployed; to go back, redeploy an earlier commit or image with `--git-ref REF` or `--service NAME:REF`
    [exit 2]
    ");
    insta::assert_snapshot!(run(&belt, &api, &["logs", "-s", "shop"]), @"
    --- stderr
    error: Cloud 66 cannot show an app's log
    hint: `hookbelt redeploy` and `hookbelt deployments watch` say how a deployment ends; the logs themselves are on the servers, where `cx tail` reads them
    [exit 2]
    ");
    insta::assert_snapshot!(run(&belt, &api, &["hooks", "url", "--rotate", "-s", "shop"]), @"
    --- stderr
    error: Cloud 66 cannot make a new redeployment hook
    hint: make a new one in the web interface of Cloud 66
    [exit 2]
    ");
    for line in [&["hooks", "deliveries"][..], &["hooks", "deliveries", "show", "1"], &["hooks", "redeliver", "1"]] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(run(&belt, &api, &[line, &["-s", "shop"]].concat()), @"
            --- stderr
            error: Cloud 66 cannot show deliveries of deploy hooks, or send them again
            hint: Cloud 66 sends no deploy hooks
            [exit 2]
            ");
        }
    }
    insta::assert_snapshot!(run(&belt, &api, &["hooks", "url", "-s", "shop"]), @"
    http://hooks.cloud66.com/stacks/redeploy/b806f1c3344eb3aa2a024b23254b75b3/6d677352a6b2eefec6e345ee2b491521
    [exit 0]
    ");
}

#[test]
fn deployments_are_listed_newest_first_whatever_their_order() {
    let items = [deployment(3, "deploying"), deployment(2, "failed"), deployment(1, "success")];
    let mut ascending = items.clone();
    ascending.reverse();
    for items in [items, ascending] {
        let (belt, api) = with(vec![found(), deployments(&items)]);
        insta::allow_duplicates! {
            insta::assert_snapshot!(run(&belt, &api, &["deployments", "list", "-s", "shop", "-n", "2"]), @"
            3	running			ann@example.com	[TIME] [TIME]	
            2	failed			ann@example.com	[TIME] [TIME]	2m [TIME]
            [exit 0]
            ");
        }
    }
}

#[test]
fn of_a_list_that_begins_with_the_oldest_the_last_pages_are_asked_for() {
    let at = |number: u64| of_shop(&format!("/deployments.json?page={number}"));
    let thirty = |first: u64| -> Vec<Value> { (first..first + 30).map(|id| deployment(id, "success")).collect() };
    let (belt, api) = with(vec![
        found(),
        on("GET", &at(1)).json(200, &crate::cloud66::page(&thirty(1), 1, 9)),
        on("GET", &at(9)).json(200, &crate::cloud66::page(&[deployment(241, "success")], 9, 9)),
        on("GET", &at(8)).json(200, &crate::cloud66::page(&thirty(211), 8, 9)),
    ]);
    let listed = belt.run(["deployments", "list", "-s", "shop", "-n", "3", "--json"]).expect(0).json();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [241, 240, 239]);
    drop(api);
}

#[test]
fn one_deployment_is_shown_and_one_that_is_not_there_is_not() {
    let (belt, api) = with(vec![
        found().for_ever(),
        one_deployment(12, "cancelled"),
        on("GET", &of_shop("/deployments/9.json")).text(404, "content-type: application/json\r\n", "\"Not found\""),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &["deployments", "show", "12", "-s", "shop"]), @"
    deployment  12
    app         shop (staging)
    state       canceled
    asked for   [TIME] by ann@example.com (command)
    started     [TIME]
    ended       [TIME]
    took        2m [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(run(&belt, &api, &["deployments", "show", "9", "-s", "shop"]), @"
    --- stderr
    error: shop (staging) has no deployment 9
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
}

#[test]
fn a_stack_is_shown_with_its_services_and_what_runs() {
    let listed = json!([{"name": "web", "source_type": "git", "git_ref": "main"}, {"name": "odd", "containers": []}]);
    let (belt, api) = with(vec![
        found(),
        deployments(&[deployment(12, "deploying"), deployment(13, "pending"), deployment(11, "success")]),
        on("GET", &of_shop("/services.json?page=1")).json(200, &list(listed.as_array().unwrap())),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &["apps", "show", "-s", "shop"]), @"
    app         shop (staging)
    deploy API  http://[HOST] (profile there)
    status      deployed successfully
    service     web: main
    service     odd
    running     deployment 12 by ann@example.com, since [TIME] [TIME]
    waiting     deployment 13 by ann@example.com, since [TIME] [TIME]
    [exit 0]
    ");
}
