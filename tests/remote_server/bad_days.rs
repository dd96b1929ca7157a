//! A server that goes and comes back, and ways to it that are odd.

use crate::remote_server::{Remote, plain};
use crate::support::Belt;

#[test]
fn a_server_that_was_killed_and_started_again_is_gone_on_with() {
    let mut remote = Remote::with_command("echo attempt $HOOKBELT_ATTEMPT; read go < gate");
    let gate = remote.there.gate("gate");
    let mut running = remote.start_command(&["redeploy", "-s", "shop"]);
    running.until("attempt 1");
    remote.served.server.kill();
    running.until("the deployment goes on there");
    let address = remote.served.admin.address.clone();
    remote.served.server = remote.there.start(["serve", "--listen", &address]);
    running.until("the deploy API answers again");
    running.until("attempt 2");
    gate.open();
    let (code, printed) = running.end();
    assert_eq!(code, 0, "{printed}");
    assert_eq!(printed.matches("attempt 1").count(), 1, "no line comes twice: {printed}");
}

#[test]
fn a_server_that_stays_away_ends_the_waiting() {
    let remote = Remote::with_command("read go < gate");
    remote.there.gate("gate");
    remote.sign_in(&remote.served.redeploy.token, "reconnect = \"10ms\"");
    let mut running = remote.start_command(&["redeploy", "-s", "shop"]);
    running.until("web: deploy:");
    remote.served.server.signal("KILL");
    let (code, printed) = running.end();
    assert_eq!(code, 6, "{printed}");
}

#[test]
fn a_command_that_was_stopped_and_continued_has_every_line() {
    let remote =
        Remote::of(&plain("echo before; read go < gate; for i in $(seq 500); do echo line $i; done; echo > done"));
    let (gate, done) = (remote.there.gate("gate"), remote.there.gate("done"));
    let mut running = remote.start_command(&["redeploy", "-s", "shop"]);
    running.until("before");
    running.signal("STOP");
    gate.open();
    done.wait();
    running.signal("CONT");
    let (code, printed) = running.end();
    assert_eq!(code, 0, "{printed}");
    let lines = printed.lines().filter(|line| line.contains("]: line "));
    assert!(lines.zip(1..).all(|(line, number)| line.ends_with(&format!("line {number}"))), "{printed}");
    assert_eq!(printed.matches("]: line ").count(), 500);
}

#[test]
fn a_server_that_has_no_address_but_of_ipv6_is_reached() {
    let there = Belt::with_command("true");
    let mut server = there.start(["serve", "--listen", "[::1]:0"]);
    let line = server.until("listening on http://");
    server.until("ready");
    let token = there.run(["tokens", "create", "ci", "--scope", "redeploy"]).expect(0).stdout;
    let here = Belt::new();
    here.config(&format!(
        "default_profile = \"there\"\n[profiles.there]\nbackend = \"server\"\nurl = \"http://{}\"\ntoken = \"{}\"\n",
        line.rsplit('/').next().unwrap(),
        token.trim()
    ));
    here.run(["redeploy", "-s", "shop"]).expect(0);
}

#[test]
fn a_token_that_was_revoked_is_said() {
    let remote = Remote::with_command("true");
    remote.there.run(["tokens", "revoke", "admin-token"]).expect(0);
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop"]), @"
    --- stderr
    error: profile there ([HOST]) does not know the token: the header `Authorization: Bearer TOKEN` is missing, or its token is unknown or revoked
    hint: sign in with `hookbelt login --profile there`
    [exit 4]
    ");
}

#[test]
fn a_token_of_the_environment_that_is_not_known_is_said_to_be_of_the_environment() {
    let mut remote = Remote::with_command("true");
    remote.here.config("");
    let url = format!("http://{}", remote.served.admin.address);
    remote.here.set("HOOKBELT_API_URL", &url);
    remote.here.set("HOOKBELT_TOKEN", "hunter2");
    let said = remote.run(&["apps", "show", "-s", "shop"]);
    assert!(said.contains("hint: set HOOKBELT_TOKEN to a token that is known there\n[exit 4]"), "{said}");
    assert!(!said.contains("hunter2"));
}

#[test]
fn a_server_that_is_about_to_stop_takes_nothing_and_what_ran_is_seen_when_it_is_back() {
    let mut remote = Remote::with_command("read go < gate");
    let gate = remote.there.gate("gate");
    let mut running = remote.start_command(&["redeploy", "-s", "shop"]);
    running.until("web: deploy:");
    remote.served.server.signal("TERM");
    remote.served.server.until("stopping");
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop"]), @"
    --- stderr
    error: profile there ([HOST]) failed (503): the server is being stopped
    [exit 6]
    ");
    gate.open();
    let (address, there) = (remote.served.admin.address.clone(), &remote.there);
    let stopped = std::mem::replace(&mut remote.served.server, there.start(["--version"]));
    assert_eq!(stopped.end().0, 0);
    remote.served.server = there.start(["serve", "--listen", &address]);
    let (code, printed) = running.end();
    assert_eq!(code, 0, "{printed}");
}
