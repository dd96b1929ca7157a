//! A redeploy is a new build of the current image, answered when it is deployed.

use serde_json::json;

use crate::support::mock_api::{Expected, on};
use crate::workflow_client::{
    BUILD, BUILDS, IMAGE, LOGS, NEW_BUILD, RELEASES, before_a_deployment, build, controller, deployed, empty_log, log,
    page, post, recorded, release, releases_with, said, with_its_release,
};

fn with(more: Vec<Expected>) -> Vec<Expected> {
    [before_a_deployment(), more].concat()
}

#[test]
fn the_current_image_is_built_again_and_its_release_told() {
    let (belt, _api) = controller(with(vec![empty_log().for_ever(), deployed(), with_its_release()]));
    insta::assert_snapshot!(belt.run(["redeploy", "-s", "myapp", "-y"]), @"
    deployed myapp (production) v4: cmd 127.0.0.1:5000/auto/test:v1
    [exit 0]
    ");
}

#[test]
fn the_log_is_shown_while_the_answer_is_waited_for() {
    let before = "2026-11-21T16:39:00+00:00 myapp[cmd.v3.a1b2c]: of before\n";
    let during = "2026-11-21T16:40:00+00:00 deis[controller]: INFO admin deployed it\nno form at all\n";
    let (answer, go) = deployed().held();
    let logs = [log(before), log(before), log(&format!("{before}{during}")).for_ever()];
    let (belt, _api) = controller(with([logs.to_vec(), vec![answer, with_its_release()]].concat()));
    let mut running = belt.start(["redeploy", "-s", "myapp", "-y"]);
    running.until("no form at all");
    go.now();
    let (code, said) = running.end();
    assert_eq!(code, 0, "{said}");
    assert_eq!(said.matches("admin deployed it").count(), 1, "{said}");
    assert!(!said.contains("of before"), "{said}");
}

#[test]
fn its_document_says_what_was_deployed() {
    let (belt, _api) = controller(with(vec![empty_log().for_ever(), deployed(), with_its_release()]));
    let outcome = belt.run(["redeploy", "-s", "myapp", "-y", "--json"]).expect(0);
    let mut document = outcome.json();
    for time in ["created_at", "started_at", "ended_at"] {
        assert!(document[time].take().is_string(), "{outcome}");
    }
    insta::assert_snapshot!(document, @r#"{"attempt":1,"created_at":null,"ended_at":null,"environment":"production","id":4,"name":"myapp","place":null,"reason":null,"release":"v4","rollback_to":null,"services":[{"branch":null,"image":"127.0.0.1:5000/auto/test:v1","reason":null,"ref":null,"service":"cmd","sha":null,"state":"succeeded"}],"started_at":null,"state":"succeeded","strategy":"parallel","trigger":"command","user":"admin"}"#);
}

#[test]
fn a_deployment_that_fails_says_why() {
    let detail = json!({ "detail": "myapp-cmd: \\nThe image could not be pulled\\n- ErrImagePull" });
    let failed = release(4, Some(NEW_BUILD), "admin deployed 6c9e3f5 which failed", true);
    let mut expected = with(vec![empty_log().for_ever(), said(post(), 400, &detail)]);
    expected.push(said(on("GET", "/v2/apps/myapp/releases/?limit=1"), 200, &page(&[failed])));
    let (belt, _api) = controller(expected);
    insta::assert_snapshot!(belt.run(["redeploy", "-s", "myapp", "-y"]), @"
    --- stderr
    error: deployment 4 of myapp (production) failed: myapp-cmd: The image could not be pulled - ErrImagePull
    hint: `hookbelt logs -s myapp` shows the app's log
    [exit 1]
    ");
}

#[test]
fn what_is_deployed_is_built_again_with_all_that_makes_it_and_not_what_failed_since() {
    let mut current = build(BUILD);
    current["sha"] = json!("2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a");
    current["procfile"] = json!({ "web": "run" });
    current["dockerfile"] = json!("FROM scratch");
    let failed = releases_with(release(4, Some("failed"), "admin deployed failed which failed", true));
    let again = json!({
        "image": IMAGE, "sha": "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a", "procfile": { "web": "run" },
        "dockerfile": "FROM scratch",
    });
    let mut expected = before_a_deployment();
    expected[1] = said(on("GET", RELEASES), 200, &failed);
    expected[2] = said(on("GET", BUILDS), 200, &page(&[build("failed"), current]));
    let post = on("POST", "/v2/apps/myapp/builds/").with(again);
    expected.extend([empty_log().for_ever(), said(post, 201, &build(NEW_BUILD)), with_its_release()]);
    let (belt, _api) = controller(expected);
    belt.run(["redeploy", "-s", "myapp", "-y"]).expect(0);
}

#[test]
fn a_dry_run_shows_the_process_types_with_their_image_and_changes_nothing() {
    let mut expected = before_a_deployment();
    expected.pop();
    let (belt, _api) = controller(expected);
    insta::assert_snapshot!(belt.run(["redeploy", "-s", "myapp", "--dry-run"]), @"
    cmd	deploy	127.0.0.1:5000/auto/test:v1
    [exit 0]
    ");
}

#[test]
fn without_a_build_there_is_nothing_to_deploy() {
    let none = page(&[release(1, None, "admin created initial release", false)]);
    let expected = vec![recorded("GET", "/v2/apps/myapp/", "016"), said(on("GET", RELEASES), 200, &none)];
    let (belt, _api) = controller(expected);
    insta::assert_snapshot!(belt.run(["redeploy", "-s", "myapp", "-y"]), @"
    --- stderr
    error: myapp (production) has no build yet that could be deployed again
    hint: make the first one: push to its Git remote, or `deis pull IMAGE`
    [exit 5]
    ");
}

#[test]
fn what_workflow_cannot_do_is_refused_before_anything_is_asked_or_sent() {
    for flags in [
        &["--service", "cmd"][..],
        &["--git-ref", "v1"],
        &["--deployment-profile", "web"],
        &["--deploy-strategy", "serial"],
        &["--deploy-strategy", "rolling"],
        &["--rollout-strategy", "canary"],
        &["--force"],
        &["--no-wait"],
        &["--cancel-on-interrupt"],
        &["--no-wait", "--dry-run"],
    ] {
        let (belt, _api) = controller(vec![recorded("GET", "/v2/apps/myapp/", "016")]);
        let outcome = belt.run([&["redeploy", "-s", "myapp"], flags].concat()).expect(2);
        assert!(outcome.stderr.starts_with("error: Workflow cannot "), "{outcome}");
        assert!(outcome.stderr.contains("\nhint: "), "{outcome}");
    }
    for command in [
        &["settings", "list"][..],
        &["settings", "get", "deploy.paused"],
        &["settings", "set", "deploy.paused", "true"],
        &["deployments", "list"],
        &["deployments", "show", "3"],
        &["deployments", "watch", "3"],
        &["deployments", "cancel"],
        &["deployments", "cancel", "3"],
        &["hooks", "url"],
        &["hooks", "url", "--rotate"],
        &["hooks", "deliveries", "--failed"],
        &["hooks", "redeliver", "1"],
        &["logs", "--service", "cmd"],
        &["logs", "--since", "2h"],
        &["logs", "--deployment", "3"],
    ] {
        let (belt, _api) = controller(vec![recorded("GET", "/v2/apps/myapp/", "016")]);
        let outcome = belt.run([command, &["-s", "myapp", "-y"]].concat()).expect(2);
        assert!(outcome.stderr.starts_with("error: Workflow cannot "), "{outcome}");
    }
}

#[test]
fn a_deployment_that_is_waited_for_no_longer_goes_on() {
    let (answer, go) = deployed().held();
    let (belt, _api) = controller(with(vec![empty_log().for_ever(), answer]));
    insta::assert_snapshot!(belt.run(["redeploy", "-s", "myapp", "-y", "--timeout", "2s"]), @"
    --- stderr
    error: it is not known how deployment 4 of myapp (production) ends: nobody waits for it now
    hint: it goes on as far as is known; `hookbelt releases list -s myapp --all` shows its release, and whether that failed
    [exit 7]
    ");
    go.now();
}

#[test]
fn an_interrupted_command_leaves_the_deployment_alone() {
    let (answer, go) = deployed().held();
    let line = "2026-11-21T16:40:00+00:00 deis[controller]: INFO begun\n";
    let (belt, _api) = controller(with(vec![empty_log(), log(line).for_ever(), answer]));
    let mut running = belt.start(["redeploy", "-s", "myapp", "-y"]);
    running.until("INFO begun");
    running.signal("INT");
    let (code, said) = running.end();
    assert_eq!(code, 130, "{said}");
    assert!(said.contains("`hookbelt releases list -s myapp --all` shows"), "{said}");
    go.now();
}

#[test]
fn a_command_that_was_stopped_and_continued_goes_on_waiting() {
    let (answer, go) = deployed().held();
    let line = "2026-11-21T16:40:00+00:00 deis[controller]: INFO begun\n";
    let more = format!("{line}2026-11-21T16:41:00+00:00 deis[controller]: INFO goes on\n");
    let (belt, api) = controller(with(vec![empty_log(), log(line), answer, with_its_release()]));
    belt.config(&format!(
        "default_profile = \"there\"\n[profiles.there]\nbackend = \"workflow\"\nurl = \"{}\"\ntoken = \"hunter2\"\n\
         [limits]\npoll = \"10ms\"\npoll_most = \"50ms\"\nrequest = \"500ms\"\n",
        api.url
    ));
    // The first look after the line hangs for longer than a request may take, while the command is stopped.
    let (hanging, hung) = log(line).held();
    api.expect(vec![hanging, log(&more).for_ever()]);
    let mut running = belt.start(["redeploy", "-s", "myapp", "-y"]);
    running.until("INFO begun");
    while api.came().iter().filter(|came| came.target == LOGS).count() < 3 {
        std::thread::yield_now();
    }
    running.signal("STOP");
    // Nothing happens meanwhile but that time passes.
    std::thread::sleep(std::time::Duration::from_millis(700));
    running.signal("CONT");
    running.until("INFO goes on");
    hung.now();
    go.now();
    let (code, said) = running.end();
    assert_eq!(code, 0, "{said}");
}
