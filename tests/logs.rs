//! `hookbelt logs`: an app's log, as it was and as it is written.

use std::fs::{self, DirEntry};

use crate::support::{Belt, wait_until};

fn two_deployments() -> Belt {
    let belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \".\"\n[services.web]\ncheckout = false\ndeploy = \"echo from web\"\n\
         [services.worker]\ncheckout = false\ndeploy = \"echo from worker\"\n",
    );
    belt.run(["redeploy"]).expect(0);
    belt.run(["redeploy", "--service", "web"]).expect(0);
    belt
}

#[test]
fn lines_have_a_time_a_source_and_a_text() {
    let belt = two_deployments();
    insta::assert_snapshot!(belt.run(["logs"]), @"
    [TIME] hookbelt[api]: Deployment 1 started by ann: web, worker (v1)
    [TIME] hookbelt[api]: web: deploy: echo from web
    [TIME] shop[web.v1]: from web
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    [TIME] hookbelt[api]: worker: deploy: echo from worker
    [TIME] shop[worker.v1]: from worker
    [TIME] hookbelt[api]: worker: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 1 succeeded after [TIME]
    [TIME] hookbelt[api]: Deployment 2 started by ann: web (v2)
    [TIME] hookbelt[api]: web: deploy: echo from web
    [TIME] shop[web.v2]: from web
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 2 succeeded after [TIME]
    [exit 0]
    ");
}

#[test]
fn lines_are_chosen_by_number_service_deployment_and_time() {
    let belt = two_deployments();
    insta::assert_snapshot!(belt.run(["logs", "-n", "2"]), @"
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 2 succeeded after [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["logs", "--service", "worker"]), @"
    [TIME] hookbelt[api]: worker: deploy: echo from worker
    [TIME] shop[worker.v1]: from worker
    [TIME] hookbelt[api]: worker: deploy done in [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["logs", "--deployment", "2"]), @"
    [TIME] hookbelt[api]: Deployment 2 started by ann: web (v2)
    [TIME] hookbelt[api]: web: deploy: echo from web
    [TIME] shop[web.v2]: from web
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 2 succeeded after [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["logs", "--deployment", "1", "-n", "1"]), @"
    [TIME] hookbelt[api]: Deployment 1 succeeded after [TIME]
    [exit 0]
    ");
    assert_eq!(belt.run(["logs", "--since", "1h"]).expect(0).stdout, belt.run(["logs"]).stdout);
    assert_eq!(belt.run(["logs", "--since", "2999-01-01"]).expect(0).stdout, "");
    assert_eq!(belt.run(["logs", "-n", "0"]).expect(0).stdout, "");
    belt.run(["logs", "--since", "yesterday"]).expect(2);
    belt.run(["logs", "--deployment", "99"]).expect(5);
}

#[test]
fn json_is_a_document_a_line() {
    let belt = two_deployments();
    let outcome = belt.run(["logs", "--json", "-n", "1"]).expect(0);
    let line = outcome.json();
    assert_eq!(line["source"], "hookbelt[api]");
    assert_eq!(line["deployment"], 2);
    assert!(line["time"].as_str().unwrap().ends_with('Z'));
    assert!(line["text"].as_str().unwrap().starts_with("Deployment 2 succeeded"));
}

#[test]
fn following_shows_what_another_command_writes() {
    let belt = Belt::with_command("echo first; read go < gate; echo second");
    let gate = belt.gate("gate");
    let mut deploying = belt.start(["redeploy"]);
    let mut following = belt.start(["logs", "--follow"]);
    deploying.until("shop[web.v1]: first");
    following.until("shop[web.v1]: first");
    gate.open();
    following.until("shop[web.v1]: second");
    following.until("Deployment 1 succeeded");
    assert_eq!(deploying.end().0, 0);
}

#[test]
fn following_one_deployment_ends_with_it() {
    let belt = two_deployments();
    let followed = belt.run(["logs", "-f", "--deployment", "2"]).expect(0);
    assert_eq!(followed.stdout, belt.run(["logs", "--deployment", "2"]).stdout);
}

#[test]
fn lines_are_numbered_without_gaps() {
    let belt = two_deployments();
    let outcome = belt.run(["logs", "--json"]).expect(0);
    let lines = outcome.stdout.lines().map(|line| line.split("\"number\":").nth(1).unwrap());
    let numbers: Vec<usize> = lines.map(|rest| rest.split(',').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
}

#[test]
fn an_app_that_was_never_deployed_has_an_empty_log() {
    let belt = Belt::with_command("true");
    insta::assert_snapshot!(belt.run(["logs"]), @"
    --- stderr
    there are no such lines in the log
    [exit 0]
    ");
}

#[test]
fn without_any_of_the_last_lines_only_what_is_new_is_followed() {
    let belt = Belt::with_command("true");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    server.until("deployment 1 succeeded");
    let mut follower = belt.start(["logs", "-f", "-n", "0", "--json"]);
    let folder = format!("/proc/{}/fd", follower.id());
    let is_watch = |file: DirEntry| fs::read_link(file.path()).is_ok_and(|path| path.ends_with("anon_inode:inotify"));
    wait_until("it follows", || fs::read_dir(&folder).unwrap().any(|file| file.is_ok_and(is_watch)));
    belt.run(["redeploy"]).expect(0);
    let line = follower.until("\"text\"");
    assert!(line.contains("\"deployment\":2"), "{line}");
}

#[test]
fn the_lines_of_one_service_are_followed_past_those_of_others() {
    let belt = two_deployments();
    let mut follower = belt.start(["logs", "-f", "--service", "worker"]);
    follower.until("shop[worker.v1]: from worker");
    belt.run(["redeploy", "--service", "web"]).expect(0);
    belt.run(["redeploy", "--service", "worker"]).expect(0);
    follower.until("shop[worker.v4]: from worker");
}

#[test]
fn any_number_of_the_last_lines_is_shown() {
    let belt = two_deployments();
    let all = belt.run(["logs", "--since", "1h", "--json"]).expect(0).stdout;
    assert_eq!(belt.run(["logs", "-n", "4294967295", "--json"]).expect(0).stdout, all);
    assert_eq!(belt.run(["logs", "-n", "0"]).expect(0).to_string(), "[exit 0]");
    assert_eq!(belt.run(["logs", "-n", "1", "--deployment", "1"]).expect(0).stdout.lines().count(), 1);
}
