//! `hookbelt redeploy`: what is deployed, what is asked, how it ends.

use crate::support::Belt;

/// Two git services and an image service of one repository.
fn shop() -> (Belt, String) {
    let belt = Belt::with_manifest(
        r#"
app = "shop"
environment = "staging"
[source]
git = "repo"
branch = "main"
[services.web]
build = "cp page.html built"
deploy = "echo web at $(cat built)"
[services.worker]
deploy = "echo worker at $HOOKBELT_SHA"
[services.api]
image = "registry.example.com/api:latest"
deploy = "echo api at $HOOKBELT_IMAGE"
[deployment_profiles.frontend]
services = ["web"]
"#,
    );
    let sha = belt.repository("repo");
    (belt, sha)
}

#[test]
fn all_services_are_deployed_in_manifest_order() {
    let (belt, _) = shop();
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    [TIME] hookbelt[api]: Deployment 1 started by ann: web, worker, api (v1)
    [TIME] hookbelt[api]: web: fetching [TMP]/project/repo
    [TIME] hookbelt[api]: web: main is 7f3086b
    [TIME] hookbelt[api]: worker: main is 7f3086b
    [TIME] hookbelt[api]: web: build: cp page.html built
    [TIME] hookbelt[api]: web: build done in [TIME]
    [TIME] hookbelt[api]: web: deploy: echo web at $(cat built)
    [TIME] shop[web.v1]: web at one
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    [TIME] hookbelt[api]: worker: deploy: echo worker at $HOOKBELT_SHA
    [TIME] shop[worker.v1]: worker at 7f3086ba111fd542603b3f8a670cb16b324488dc
    [TIME] hookbelt[api]: worker: deploy done in [TIME]
    [TIME] hookbelt[api]: api: deploy: echo api at $HOOKBELT_IMAGE
    [TIME] shop[api.v1]: api at registry.example.com/api:latest
    [TIME] hookbelt[api]: api: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 1 succeeded after [TIME]
    deployed shop (staging) v1: web 7f3086b, worker 7f3086b, api registry.example.com/api:latest
    [exit 0]
    ");
}

#[test]
fn a_dry_run_says_what_would_be_deployed_and_why_the_rest_is_skipped() {
    let (belt, _) = shop();
    insta::assert_snapshot!(belt.run(["redeploy", "--dry-run", "--service", "web", "--service", "api:v2"]), @"
    web	deploy	main
    api	deploy	registry.example.com/api:v2
    worker	skip	it was not asked for
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "--dry-run", "--deployment-profile", "frontend", "--git-ref", "v1"]), @"
    web	deploy	v1
    worker	skip	it was not asked for
    api	skip	it was not asked for
    [exit 0]
    ");
    assert!(!belt.store_files().exists(), "a dry run fetched something");
}

#[test]
fn a_service_is_deployed_at_a_short_sha_and_an_image_at_a_tag() {
    let (belt, first) = shop();
    belt.commit("repo", "page.html", "two");
    let web = format!("web:{}", &first[..7]);
    let outcome = belt.run(["redeploy", "-s", "shop", "--service", &web, "--service", "api:v2"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v1]: web at one"), "{outcome}");
    assert!(outcome.stdout.contains("shop[api.v1]: api at registry.example.com/api:v2"), "{outcome}");
    assert!(!outcome.stdout.contains("worker at"), "{outcome}");
}

#[test]
fn a_git_ref_goes_to_the_git_services_that_got_none_of_their_own() {
    let (belt, first) = shop();
    belt.git("repo", &["tag", "v1"]);
    let second = belt.commit("repo", "page.html", "two");
    let outcome = belt.run(["redeploy", "--git-ref", "v1", "--service", "web:main", "--service", "worker"]).expect(0);
    assert!(outcome.stdout.contains("web at two"), "{outcome}");
    assert!(outcome.stdout.contains(&format!("worker at {first}")), "{outcome}");
    assert_ne!(first, second);
}

#[test]
fn json_is_one_document_and_the_log_goes_to_standard_error() {
    let (belt, sha) = shop();
    let outcome = belt.run(["redeploy", "--json", "--service", "web"]).expect(0);
    let document = outcome.json();
    assert_eq!(document["state"], "succeeded");
    assert_eq!(document["release"], "v1");
    assert_eq!(document["user"], "ann");
    assert_eq!(document["services"][0]["sha"], sha.as_str());
    assert_eq!(document["services"][1]["reason"], "it was not asked for");
    assert!(outcome.stderr.contains("shop[web.v1]: web at one"), "{outcome}");
}

#[test]
fn a_failing_command_fails_the_deployment_and_leaves_a_failed_release() {
    let belt = Belt::with_manifest(
        r#"
app = "shop"
environment = "staging"
[source]
git = "."
[services.web]
checkout = false
build = "echo building; exit 3"
deploy = "echo never"
[services.worker]
checkout = false
deploy = "echo never either"
"#,
    );
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    [TIME] hookbelt[api]: Deployment 1 started by ann: web, worker (v1)
    [TIME] hookbelt[api]: web: build: echo building; exit 3
    [TIME] shop[web.v1]: building
    [TIME] hookbelt[api]: Deployment 1 failed after [TIME]: web: build exited with 3
    --- stderr
    error: deployment 1 of shop (staging) failed: web: build exited with 3
    hint: `hookbelt logs --deployment 1` shows its log again
    [exit 1]
    ");
    insta::assert_snapshot!(belt.run(["deployments", "show", "1"]), @"
    deployment  1
    app         shop (staging)
    state       failed
    asked for   [TIME] by ann (command)
    reason      web: build exited with 3
    release     v1
    started     [TIME]
    ended       [TIME]
    took        [TIME]
    service     web failed: build exited with 3
    service     worker skipped: the deployment ended before its turn
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["releases", "list"]), @"
    --- stderr
    this app has no releases yet
    [exit 0]
    ");
    let all = belt.run(["releases", "list", "--all", "--json"]).expect(0).json();
    assert_eq!(all[0]["state"], "failed");
}

#[test]
fn names_that_do_not_exist_are_refused_before_anything_happens() {
    let (belt, _) = shop();
    insta::assert_snapshot!(belt.run(["redeploy", "--service", "cron", "--service", "web"]), @"
    --- stderr
    error: this app has no service `cron`
    hint: services of this app: web, worker, api
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "--deployment-profile", "frontent"]), @"
    --- stderr
    error: this app has no deployment profile `frontent`
    hint: deployment profiles of this app: frontend
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["deployments", "list"]), @"
    --- stderr
    this app has no deployments yet
    [exit 0]
    ");
}

#[test]
fn malformed_values_are_wrong_usage() {
    let (belt, _) = shop();
    let cases: [&[&str]; 10] = [
        &["--service", ""],
        &["--service", "web:"],
        &["--service", ":v1"],
        &["--service", "web:a..b"],
        &["--service", "web:-f"],
        &["--service", "api:a b"],
        &["--git-ref", "-x"],
        &["--git-ref", "a\nb"],
        &["--service", "web", "--deployment-profile", "frontend"],
        &["--timeout", "0s"],
    ];
    for arguments in cases {
        let outcome = belt.run(["redeploy"].iter().chain(arguments)).expect(2);
        assert!(outcome.stderr.starts_with("error: "), "{outcome}");
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
}

#[test]
fn production_asks_and_without_a_terminal_needs_a_flag() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\n[source]\ngit = \".\"\n[services.web]\ncheckout = false\ndeploy = \"true\"\n",
    );
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    --- stderr
    error: there is nobody to ask: Redeploy shop (production)?
    hint: add -y
    [exit 2]
    ");
    belt.run(["redeploy", "-y"]).expect(0);
    let mut belt = belt;
    belt.set("HOOKBELT_YES", "1");
    belt.run(["redeploy"]).expect(0);
}

#[test]
fn an_unknown_name_is_refused_before_the_question() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\n[source]\ngit = \".\"\n[services.web]\ncheckout = false\ndeploy = \"true\"\n",
    );
    belt.run(["redeploy", "--service", "cron"]).expect(5);
}

#[test]
fn the_aliases_of_other_tools_work() {
    let (belt, _) = shop();
    belt.run(["stacks", "redeploy", "-s", "shop", "--listen", "--service", "api"]).expect(0);
    belt.run(["stack", "list"]).expect(0);
    belt.run(["app", "show", "-a", "shop"]).expect(0);
}

#[test]
fn releases_are_numbered_without_gaps_and_failed_ones_keep_their_number() {
    let belt = Belt::with_command("test ! -e broken");
    belt.run(["redeploy"]).expect(0);
    belt.write("broken", "");
    belt.run(["redeploy"]).expect(1);
    std::fs::remove_file(belt.work().join("broken")).unwrap();
    belt.run(["redeploy"]).expect(0);
    let numbers = |outcome: serde_json::Value| -> Vec<String> {
        outcome.as_array().unwrap().iter().map(|release| release["release"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(numbers(belt.run(["releases", "list", "--json"]).json()), ["v3", "v1"]);
    assert_eq!(numbers(belt.run(["releases", "list", "--all", "--json"]).json()), ["v3", "v2", "v1"]);
}
