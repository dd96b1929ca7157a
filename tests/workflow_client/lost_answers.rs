//! A request for a deployment whose answer is lost: it is never sent again.

use serde_json::{Value, json};

use crate::support::Outcome;
use crate::support::mock_api::{Expected, on};
use crate::workflow_client::{
    APP, BUILD, BUILDS, NEW_BUILD, RELEASES, before_a_deployment, build, controller, empty_log, outcome_of, page, post,
    recorded, release, said, with_its_release,
};

/// What was asked until the connection breaks off.
fn cut_off() -> Vec<Expected> {
    [before_a_deployment(), vec![empty_log().for_ever(), post().raw(Vec::new())]].concat()
}

fn pods(states: &[(&str, &str)]) -> Expected {
    let pod =
        |(release, state): &(&str, &str)| json!({ "name": "x", "type": "cmd", "release": release, "state": state });
    let pods: Vec<Value> = states.iter().map(pod).collect();
    let document = json!({ "count": pods.len(), "results": pods });
    said(on("GET", "/v2/apps/myapp/pods/?limit=100"), 200, &document)
}

/// Its release and its build are there.
fn it_is_there() -> Vec<Expected> {
    vec![with_its_release(), said(on("GET", BUILDS), 200, &page(&[build(NEW_BUILD), build(BUILD)]))]
}

fn redeploy(expected: Vec<Expected>) -> Outcome {
    outcome_of(expected, &["redeploy", "-s", "myapp", "-y"])
}

#[test]
fn one_that_arrived_has_ended_when_its_processes_are_up() {
    let its = said(on("GET", "/v2/apps/myapp/releases/v4/"), 200, &release(4, Some(NEW_BUILD), "x", false)).for_ever();
    let mut expected = [cut_off(), it_is_there(), vec![its]].concat();
    expected.push(recorded("GET", APP, "016").for_ever());
    expected.extend([pods(&[("v3", "up")]), pods(&[("v3", "up"), ("v4", "starting")]), pods(&[("v4", "up")])]);
    insta::assert_snapshot!(redeploy(expected), @"
    deployed myapp (production) v4: cmd 127.0.0.1:5000/auto/test:v1
    --- stderr
    note: [HOST] closed the connection without an answer; it is not asked again: its release is looked for
    [exit 0]
    ");
}

#[test]
fn one_that_arrived_and_failed_says_why() {
    let mut failed = release(4, Some(NEW_BUILD), "admin deployed 6c9e3f5 which failed", true);
    failed["exception"] = json!("error: the pods did not start");
    let its = said(on("GET", "/v2/apps/myapp/releases/v4/"), 200, &failed);
    let outcome = redeploy([cut_off(), it_is_there(), vec![its]].concat()).expect(1);
    assert!(outcome.stderr.contains("failed: error: the pods did not start"), "{outcome}");
}

#[test]
fn one_that_is_nowhere_to_be_seen_is_said_to_be_unknown() {
    let expected = [cut_off(), vec![recorded("GET", RELEASES, "021").for_ever()]].concat();
    insta::assert_snapshot!(redeploy(expected), @"
    --- stderr
    note: [HOST] closed the connection without an answer; it is not asked again: its release is looked for
    error: it is not known whether profile there ([HOST]) took the request
    because [HOST] closed the connection without an answer
    because connection closed before message completed
    hint: look before you ask again: `hookbelt deployments list`, on Workflow `hookbelt releases list`
    [exit 6]
    ");
}

#[test]
fn that_a_proxy_lost_patience_does_not_mean_that_the_controller_did() {
    let proxy = post().text(504, "content-type: text/html\r\nconnection: close\r\n", "<h1>Gateway Timeout</h1>");
    let mut expected = [before_a_deployment(), vec![empty_log().for_ever(), proxy], it_is_there()].concat();
    expected.push(said(on("GET", "/v2/apps/myapp/releases/v4/"), 200, &release(4, Some(NEW_BUILD), "x", false)));
    expected.extend([recorded("GET", APP, "016"), pods(&[("v4", "up")])]);
    redeploy(expected).expect(0);
}

#[test]
fn a_controller_out_of_reach_is_looked_for_until_it_is_back() {
    let away = said(on("GET", RELEASES), 503, &json!({ "detail": "Service Unavailable" }));
    let mut expected = [cut_off(), vec![away.clone(), away], it_is_there()].concat();
    expected.push(said(on("GET", "/v2/apps/myapp/releases/v4/"), 503, &json!({ "detail": "Service Unavailable" })));
    expected.push(said(on("GET", "/v2/apps/myapp/releases/v4/"), 200, &release(4, Some(NEW_BUILD), "x", false)));
    expected.extend([recorded("GET", APP, "016"), pods(&[("v5", "up")])]);
    redeploy(expected).expect(0);
}

#[test]
fn a_rollback_is_known_by_what_its_release_says() {
    let four = release(4, Some(NEW_BUILD), "admin deployed it", false);
    let five = release(5, Some(BUILD), "admin rolled back to v3", false);
    let other = release(6, Some("other"), "eve deployed something", false);
    let with = |more: &[Value]| {
        let older = [release(3, Some(BUILD), "x", false)];
        said(on("GET", RELEASES), 200, &page(&[more, &older].concat()))
    };
    let expected = vec![
        recorded("GET", APP, "016").for_ever(),
        with(std::slice::from_ref(&four)),
        said(on("GET", BUILDS), 200, &page(&[build(NEW_BUILD), build(BUILD)])),
        said(on("GET", "/v2/apps/myapp/releases/?limit=1"), 200, &page(std::slice::from_ref(&four))),
        empty_log().for_ever(),
        on("POST", "/v2/apps/myapp/releases/rollback/").with(json!({ "version": 3 })).raw(Vec::new()),
        with(&[other, five.clone(), four]),
        said(on("GET", "/v2/apps/myapp/releases/v5/"), 200, &five),
        pods(&[("v6", "up")]),
    ];
    let (belt, _api) = controller(expected);
    let outcome = belt.run(["releases", "rollback", "v3", "-s", "myapp", "-y"]).expect(0);
    assert!(outcome.stdout.contains("deployed myapp (production) v5"), "{outcome}");
}
