//! What deploy hooks tell of beside success.

use crate::deliveries::{belt, deliveries, target};
use crate::support::inbox::{Inbox, header};

const ALL: &str = "events = [\"started\", \"succeeded\", \"failed\", \"canceled\"]\nsecret = { file = \"key\" }";

/// What came, without what every hook has.
fn told(inbox: &Inbox) -> Vec<String> {
    let mut told: Vec<String> =
        inbox.rest().iter().map(|request| target(request).replace("&sha=&user=ann", "")).collect();
    told.sort();
    told
}

#[test]
fn starts_and_ends_are_told_with_the_event_in_its_sorted_place_and_signed() {
    let inbox = Inbox::answering([200]);
    let belt = belt("test ! -e broken", &[&inbox.url()], ALL);
    belt.write("key", "my_secret_key");
    belt.run(["redeploy"]).expect(0);
    assert_eq!(
        told(&inbox),
        [
            "/?app=shop&event=started&release=v1&release_summary=ann+deployed+web",
            "/?app=shop&release=v1&release_summary=ann+deployed+web",
        ]
    );
    belt.write("broken", "");
    belt.run(["redeploy"]).expect(1);
    let requests = [inbox.next(), inbox.next()];
    let failed = requests.iter().find(|request| request.contains("event=failed")).unwrap();
    assert_eq!(target(failed), "/?app=shop&event=failed&release=v2&release_summary=ann+deployed+web&sha=&user=ann");
    let url = format!("{}{}", inbox.url(), &target(failed)[1..]);
    let verified = belt.run([
        "hooks",
        "verify",
        "--secret-file",
        "key",
        &url,
        "--signature",
        header(failed, "authorization").unwrap(),
    ]);
    verified.expect(0);
}

#[test]
fn a_deployment_that_is_canceled_is_told_of_and_one_that_never_began_is_not() {
    let inbox = Inbox::answering([200]);
    let belt = belt("read go < gate", &[&inbox.url()], "events = [\"canceled\", \"failed\"]");
    let _gate = belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    belt.run(["redeploy", "--no-wait"]).expect(0);
    belt.run(["deployments", "cancel", "2"]).expect(0);
    belt.run(["deployments", "cancel", "1"]).expect(0);
    server.until("Deploy hook sent");
    assert_eq!(told(&inbox), ["/?app=shop&event=canceled&release=v1&release_summary=ann+deployed+web"]);
    assert_eq!(deliveries(&belt).len(), 1);
}

#[test]
fn a_deployment_whose_command_was_killed_is_told_of_as_failed_by_the_next_engine() {
    let inbox = Inbox::answering([200]);
    let belt = belt("echo on; read go < gate", &[&inbox.url()], "events = [\"failed\"]");
    let _gate = belt.gate("gate");
    belt.limits("kill_after = \"200ms\"");
    let mut running = belt.start(["redeploy"]);
    running.until("shop[web.v1]: on");
    running.signal("KILL");
    running.end();
    super::write(&belt, "true", &[&inbox.url()], "events = [\"failed\"]");
    belt.run(["redeploy"]).expect(0);
    assert_eq!(told(&inbox), ["/?app=shop&event=failed&release=v1&release_summary=ann+deployed+web"]);
}
