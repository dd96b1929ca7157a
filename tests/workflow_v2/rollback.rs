//! Going back to a release over `/v2`.

use std::fs;
use std::thread;

use crate::support::http::Reply;
use crate::support::{Belt, Gate};
use crate::workflow_v2::{DEPLOYER, READER, Site, request, tell};

const ROLLBACK: &str = "/v2/apps/shop-staging/releases/rollback/";

#[test]
fn it_makes_a_new_release_and_says_its_number() {
    let mut site = Site::with_command("echo $HOOKBELT_REF >> live");
    for reference in ["one", "two", "three"] {
        site.deploy(reference, 0);
    }
    assert_eq!(site.roll_back("").expect(201).body, "{\"version\":4}");
    site.server.until("deployment 4 succeeded");
    assert_eq!(site.belt.read("live"), "one\ntwo\nthree\ntwo\n");
    assert_eq!(site.roll_back("{\"version\": 1}").expect(201).body, "{\"version\":5}");
    site.server.until("deployment 5 succeeded");
    assert_eq!(site.belt.read("live"), "one\ntwo\nthree\ntwo\none\n");
    let release = site.get("/v2/apps/shop-staging/releases/v5").json();
    assert_eq!((&release["summary"], &release["owner"]), (&"ci rolled back to v1".into(), &"ci".into()));
    let same = site.roll_back("{\"version\": 1}").expect(409);
    assert_eq!(same.detail(), "ci changed nothing - release stopped");
    // Without the `/` and with a number as a text, as a person may write it.
    site.ask("POST", ROLLBACK.trim_end_matches('/'), DEPLOYER, "{\"version\": \"v3\"}").expect(201);
}

#[test]
fn what_cannot_be_gone_back_to_is_refused_in_the_controllers_words() {
    let site = Site::with_command("test $HOOKBELT_REF != bad");
    let refused = |body: &str| site.roll_back(body).expect(400).detail();
    assert_eq!(refused(""), "version cannot be below 0");
    site.deploy("one", 0);
    assert_eq!(refused("{}"), "version cannot be below 0");
    site.deploy("bad", 1);
    for (body, detail) in [
        ("{\"version\": 0}", "version cannot be below 0"),
        ("{\"version\": -3}", "version cannot be below 0"),
        ("{\"version\": 2}", "Cannot roll back to failed release."),
        ("{\"version\": 9}", "Release matching query does not exist."),
        ("{\"version\": 99999999999999999999}", "version must be a whole number"),
        ("{\"version\": \"latest\"}", "version must be a whole number"),
    ] {
        assert_eq!(refused(body), detail, "{body}");
    }
    // What failed may have left anything, so that the current one is gone back to.
    assert_eq!(site.roll_back("{\"version\": null}").expect(201).body, "{\"version\":3}");
    let reader = site.ask("POST", ROLLBACK, READER, "").expect(403);
    assert_eq!(reader.detail(), "You do not have permission to perform this action.");
    site.ask("POST", ROLLBACK, "", "").expect(401);
    site.ask("POST", "/v2/apps/nope/releases/rollback/", DEPLOYER, "").expect(404);
}

#[test]
fn nothing_is_deployed_that_nobody_could_be_told_of() {
    let belt = Belt::with_command("true");
    belt.write("key", "s3cret");
    let hook = "[[deploy_hooks]]\nurl = \"http://127.0.0.1:9/\"\nsecret = { file = \"key\" }\n";
    belt.write("hookbelt.toml", format!("{}{hook}", belt.read("hookbelt.toml")));
    let site = Site::of(belt, &[]);
    site.deploy("one", 0);
    site.deploy("two", 0);
    fs::remove_file(site.belt.work().join("key")).unwrap();
    let detail = site.roll_back("").expect(409).detail();
    assert_eq!(detail, "the secret of the deploy hook to http://127.0.0.1:9/ cannot be read");
    assert_eq!(site.belt.run(["deployments", "show", "--json"]).json()["id"], 2);
}

/// A site with two releases and a deployment that runs until the gate opens.
fn busy() -> (Site, Gate) {
    let mut site = Site::with_command("if test $HOOKBELT_REF = slow; then read go < gate; fi");
    site.deploy("one", 0);
    site.deploy("two", 0);
    let gate = site.belt.gate("gate");
    site.belt.run(["redeploy", "--git-ref", "slow", "--no-wait"]).expect(0);
    site.server.until("deployment 3 begins");
    (site, gate)
}

/// Asks for a rollback that has to wait, and waits until it does.
fn queued(site: &Site) -> thread::JoinHandle<Reply> {
    let address = site.address.clone();
    let asking =
        thread::spawn(move || tell(&address, request("POST", ROLLBACK, DEPLOYER, "{\"version\": 1}").as_bytes()));
    while site.belt.run(["deployments", "show", "--json"]).json()["id"] != 4 {}
    asking
}

#[test]
fn it_is_answered_when_its_turn_has_come() {
    let (site, gate) = busy();
    let asking = queued(&site);
    assert!(!asking.is_finished());
    gate.open();
    assert_eq!(asking.join().unwrap().expect(201).body, "{\"version\":4}");
}

#[test]
fn one_that_is_canceled_while_it_waits_is_answered_so() {
    let (site, gate) = busy();
    let asking = queued(&site);
    site.belt.run(["deployments", "cancel", "4"]).expect(0);
    let detail = asking.join().unwrap().expect(409).detail();
    assert!(detail.starts_with("deployment 4 was canceled: "), "{detail}");
    gate.open();
}

#[test]
fn a_server_that_stops_keeps_nobody_waiting() {
    let (site, gate) = busy();
    let asking = queued(&site);
    site.server.signal("TERM");
    let answer = asking.join().unwrap().expect(503);
    assert!(answer.detail().starts_with("hookbelt serve is stopping; deployment 4 is queued"), "{answer:?}");
    gate.open();
    assert_eq!(site.server.end().0, 0);
}
