//! Canceling and watching a deployment from another process than the one that runs it, at every stage.

use crate::support::{Belt, PLAIN, Running};

/// The state of a deployment, its reason, and the states of its services.
fn shown(belt: &Belt, id: &str) -> (String, String, Vec<String>) {
    let shown = belt.run(["deployments", "show", id, "--json"]).expect(0).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let states = shown["services"].as_array().unwrap().iter().map(|part| text(&part["state"])).collect();
    (text(&shown["state"]), text(&shown["reason"]), states)
}

#[test]
fn one_that_runs_in_another_command_is_canceled_and_that_command_says_so() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"true\"\n[services.api]\ncheckout = false\ndeploy = \"read go < gate\"\n\
         [services.last]\ncheckout = false\ndeploy = \"true\"\n"
    ));
    belt.gate("gate");
    let mut running = belt.start(["redeploy"]);
    running.until("api: deploy:");
    insta::assert_snapshot!(belt.run(["deployments", "cancel"]), @"
    deployment 1 of shop (staging) canceled
    [exit 0]
    ");
    let (code, printed) = running.end();
    assert_eq!(code, 8, "{printed}");
    assert!(printed.contains("deployment 1 of shop (staging) canceled: canceled by ann"), "{printed}");
    let states = ["succeeded", "canceled", "skipped"].map(str::to_owned).to_vec();
    assert_eq!(shown(&belt, "1"), ("canceled".into(), "canceled by ann".into(), states));
    insta::assert_snapshot!(belt.run(["deployments", "cancel", "1"]), @"
    deployment 1 of shop (staging) canceled already
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["deployments", "cancel"]), @"
    --- stderr
    error: shop (staging) has no deployment that runs or waits
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
}

#[test]
fn what_waits_and_what_runs_in_a_server_are_canceled() {
    let belt = Belt::with_command("read go < gate");
    belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    belt.run(["redeploy", "--no-wait"]).expect(0);
    let mut watcher = belt.start(["deployments", "watch", "2"]);
    watcher.until("deployment 2 waits for deployment 1");
    belt.run(["deployments", "cancel", "2"]).expect(0);
    let (code, printed) = watcher.end();
    assert_eq!(code, 8, "{printed}");
    let mut watcher = belt.start(["deployments", "watch"]);
    watcher.until("web: deploy:");
    belt.run(["deployments", "cancel"]).expect(0);
    assert_eq!(watcher.end().0, 8);
    server.until("deployment 1 canceled after");
}

#[test]
fn one_that_is_fetching_is_canceled() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"ssh://127.0.0.1:1/acme/shop.git\"\n\
         [services.web]\ndeploy = \"true\"\n",
    );
    let program = belt.write("bin/ssh", "#!/bin/sh\necho fetching > ../fetched\nexec sleep 1000\n");
    assert!(std::process::Command::new("chmod").arg("+x").arg(&program).status().unwrap().success());
    let fetched = belt.gate("../fetched");
    let mut command = belt.command(["redeploy"]);
    command.env("PATH", format!("{}:{}", program.parent().unwrap().display(), env!("PATH")));
    let mut running = Running::start(command);
    running.until("web: fetching");
    fetched.wait();
    belt.run(["deployments", "cancel"]).expect(0);
    assert_eq!(running.end().0, 8);
    assert_eq!(shown(&belt, "1").0, "canceled");
}

#[test]
fn one_whose_server_has_died_is_canceled_and_not_run_again() {
    let belt = Belt::with_command("read go < gate");
    belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    server.signal("KILL");
    assert_eq!(server.end().0, -1);
    belt.run(["deployments", "cancel", "1"]).expect(0);
    assert_eq!(shown(&belt, "1").0, "canceled");
    let releases = belt.run(["releases", "list", "--all", "--json"]).json();
    assert_eq!(releases[0]["state"], "canceled");
}

#[test]
fn what_is_over_cannot_be_canceled() {
    let belt = Belt::with_command("true");
    insta::assert_snapshot!(belt.run(["deployments", "cancel"]), @"
    --- stderr
    error: shop (staging) has no deployment that runs or waits
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
    belt.run(["redeploy"]).expect(0);
    insta::assert_snapshot!(belt.run(["deployments", "cancel", "1"]), @"
    --- stderr
    error: nothing to cancel: deployment 1 of shop (staging) succeeded
    [exit 1]
    ");
    insta::assert_snapshot!(belt.run(["deployments", "cancel", "7"]), @"
    --- stderr
    error: shop (staging) has no deployment 7
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
}

#[test]
fn which_of_many_is_meant_must_be_said() {
    let belt = Belt::with_command("read go < gate");
    belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    for _ in 0..2 {
        belt.run(["redeploy", "--no-wait"]).expect(0);
    }
    server.signal("TERM");
    server.until("stopping");
    belt.run(["deployments", "cancel"]).expect(0);
    assert_eq!(server.end().0, 0);
    insta::assert_snapshot!(belt.run(["deployments", "cancel"]), @"
    --- stderr
    error: 2 deployments of shop (staging) wait and none runs: say which
    hint: `hookbelt deployments list` shows their numbers
    [exit 5]
    ");
}

#[test]
fn an_interrupted_redeploy_leaves_what_the_server_runs_alone_unless_told_to_cancel_it() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut server = belt.serve(&[]);
    let mut running = belt.start(["redeploy"]);
    running.until("web: deploy:");
    running.signal("INT");
    let (code, printed) = running.end();
    assert_eq!(code, 130, "{printed}");
    assert!(printed.contains("deployment 1 of shop (staging) goes on: it is running"), "{printed}");
    assert!(printed.contains("`hookbelt deployments watch 1` watches it again"), "{printed}");
    let outcome = belt.run(["deployments", "watch", "1", "--timeout", "1ms"]).expect(7);
    assert!(outcome.stderr.contains("goes on"), "{outcome}");
    gate.open();
    server.until("deployment 1 succeeded");
    let mut running = belt.start(["redeploy", "--cancel-on-interrupt"]);
    running.until("web: deploy:");
    running.signal("TERM");
    let (code, printed) = running.end();
    assert_eq!(code, 130, "{printed}");
    server.until("deployment 2 canceled");
    let outcome = belt.run(["redeploy", "--timeout", "1ms"]).expect(7);
    assert!(outcome.stderr.contains("deployment 3 of shop (staging) goes on"), "{outcome}");
}

#[test]
fn watching_an_ended_deployment_shows_its_log_and_its_code() {
    let belt = Belt::with_command("echo here; exit 3");
    belt.run(["redeploy"]).expect(1);
    let outcome = belt.run(["deployments", "watch"]).expect(1);
    assert!(outcome.stdout.contains("]: here"), "{outcome}");
    belt.write("hookbelt.toml", format!("{PLAIN}deploy = \"true\"\n"));
    belt.run(["redeploy"]).expect(0);
    belt.run(["deployments", "watch"]).expect(0);
    belt.run(["deployments", "watch", "9"]).expect(5);
}
