//! `hookbelt releases rollback`: a new release that is as an earlier one was.

use std::fs;

use crate::support::{Belt, PLAIN};

/// Two services of one repository, with two releases: `one` and `two`.
fn two_releases() -> (Belt, String) {
    let belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\nbranch = \"main\"\n\
         [services.web]\ndeploy = \"cat page.html\"\n[services.worker]\ndeploy = \"cat page.html\"\n",
    );
    let first = belt.repository("repo");
    belt.run(["redeploy"]).expect(0);
    belt.commit("repo", "page.html", "two");
    belt.run(["redeploy", "--service", "web"]).expect(0);
    (belt, first)
}

#[test]
fn only_what_differs_is_run_and_the_release_says_where_it_went_back_to() {
    let (belt, first) = two_releases();
    insta::assert_snapshot!(belt.run(["releases", "rollback", "--dry-run"]), @"
    web	deploy	7f3086ba111fd542603b3f8a670cb16b324488dc
    worker	skip	it is as it was in v1
    [exit 0]
    ");
    let dry = belt.run(["releases", "rollback", "--dry-run", "--json"]).expect(0).json();
    assert_eq!((&dry["release"], &dry["services"][0]["branch"]), (&"v1".into(), &"main".into()));
    let outcome = belt.run(["releases", "rollback"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v3]: one"), "{outcome}");
    assert!(!outcome.stdout.contains("worker: deploy"), "{outcome}");
    let release = belt.run(["releases", "show", "--json"]).json();
    assert_eq!((&release["summary"], &release["sha"]), (&"ann rolled back to v1".into(), &first.as_str().into()));
    let deployment = belt.run(["deployments", "show", "--json"]).json();
    assert_eq!((&deployment["trigger"], &deployment["rollback_to"]), (&"rollback".into(), &"v1".into()));
    insta::assert_snapshot!(belt.run(["releases", "rollback", "v1"]), @"
    --- stderr
    error: every service is as it was in that release
    [exit 3]
    ");
    belt.run(["releases", "rollback"]).expect(0);
    assert!(belt.run(["logs"]).stdout.contains("shop[web.v4]: two"));
}

#[test]
fn to_go_back_the_git_host_need_not_answer() {
    let (belt, _) = two_releases();
    fs::rename(belt.work().join("repo"), belt.work().join("gone")).unwrap();
    belt.run(["redeploy"]).expect(1);
    let outcome = belt.run(["releases", "rollback", "v1"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v4]: one"), "{outcome}");
}

#[test]
fn what_failed_is_not_gone_back_to_and_what_ran_in_it_is_gone_back_from() {
    let (belt, _) = two_releases();
    let manifest = belt.read("hookbelt.toml");
    belt.write(
        "hookbelt.toml",
        manifest
            .replace("[services.worker]\ndeploy = \"cat", "[services.worker]\ndeploy = \"false; cat")
            .replace("false; cat page.html", "false"),
    );
    belt.run(["redeploy"]).expect(1);
    insta::assert_snapshot!(belt.run(["releases", "rollback", "v3"]), @"
    --- stderr
    error: v3 of shop (staging) cannot be gone back to: it failed
    hint: `hookbelt releases list` shows those that succeeded
    [exit 2]
    ");
    belt.write("hookbelt.toml", manifest);
    insta::assert_snapshot!(belt.run(["releases", "rollback", "v2"]), @"
    [TIME] hookbelt[api]: Deployment 4 started by ann: worker (v4)
    [TIME] hookbelt[api]: worker: 7f3086ba111fd542603b3f8a670cb16b324488dc is 7f3086b
    [TIME] hookbelt[api]: worker: deploy: cat page.html
    [TIME] shop[worker.v4]: one
    [TIME] hookbelt[api]: worker: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 4 succeeded after [TIME]
    deployed shop (staging) v4: worker 7f3086b
    [exit 0]
    ");
    let outcome = belt.run(["releases", "rollback", "v1"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v5]: one"), "{outcome}");
}

#[test]
fn after_a_deployment_that_went_bad_the_release_before_it_is_run_again() {
    let belt = Belt::with_command("echo $HOOKBELT_REF > live; test $HOOKBELT_REF != bad");
    belt.run(["redeploy", "--git-ref", "good"]).expect(0);
    belt.run(["redeploy", "--git-ref", "better"]).expect(0);
    belt.run(["redeploy", "--git-ref", "bad"]).expect(1);
    let dry = belt.run(["releases", "rollback", "--dry-run", "--json"]).expect(0).json();
    assert_eq!(dry["release"], "v2");
    belt.run(["releases", "rollback"]).expect(0);
    assert_eq!(belt.read("live"), "better\n");
    belt.run(["releases", "rollback", "v2"]).expect(3);
}

#[test]
fn without_an_earlier_release_there_is_nothing_to_go_back_to() {
    let belt = Belt::with_command("true");
    insta::assert_snapshot!(belt.run(["releases", "rollback"]), @"
    --- stderr
    error: shop (staging) has no release before the current one
    hint: `hookbelt releases list` shows those there are
    [exit 5]
    ");
    belt.run(["redeploy"]).expect(0);
    insta::assert_snapshot!(belt.run(["releases", "rollback"]), @"
    --- stderr
    error: shop (staging) has no release before the current one
    hint: `hookbelt releases list` shows those there are
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["releases", "rollback", "v9"]), @"
    --- stderr
    error: shop (staging) has no release v9
    hint: `hookbelt releases list` shows those there are
    [exit 5]
    ");
    belt.run(["releases", "rollback", "main"]).expect(2);
}

#[test]
fn production_asks_before_going_back() {
    let belt =
        Belt::with_manifest("app = \"shop\"\n[services.api]\nimage = \"api:1\"\ndeploy = \"echo $HOOKBELT_IMAGE\"\n");
    belt.run(["redeploy", "-y"]).expect(0);
    belt.run(["redeploy", "-y", "--service", "api:2"]).expect(0);
    insta::assert_snapshot!(belt.run(["releases", "rollback"]), @"
    --- stderr
    error: there is nobody to ask: Roll shop (production) back to v1?
    hint: add -y
    [exit 2]
    ");
    let outcome = belt.run(["releases", "rollback", "-y"]).expect(0);
    assert!(outcome.stdout.contains("shop[api.v3]: api:1"), "{outcome}");
}

#[test]
fn a_service_that_failed_before_the_current_release_is_not_in_the_way_of_going_back() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"true\"\n[services.broken]\ncheckout = false\ndeploy = \"false\"\n"
    ));
    belt.run(["redeploy", "--service", "broken"]).expect(1);
    belt.run(["redeploy", "--service", "web:one"]).expect(0);
    belt.run(["redeploy", "--service", "web:two"]).expect(0);
    let plan = belt.run(["releases", "rollback", "--dry-run", "--json"]).expect(0).json();
    assert_eq!(plan["release"], "v2");
    // What failed since the current release is undone by going back to that one.
    belt.run(["redeploy", "--service", "broken"]).expect(1);
    let plan = belt.run(["releases", "rollback", "--dry-run", "--json"]);
    assert!(plan.stdout.contains("\"v3\""), "{plan}");
}
