//! Deployments that are waited for, and how each of them ends.

use serde_json::{Value, json};

use crate::cloud66::{
    asked, deployment, deployments, list, of_shop, one, one_action, one_deployment, post, run, stack, until_asked, with,
};
use crate::support::mock_api::{Expected, REFERENCE, on};

const REDEPLOY: [&str; 3] = ["redeploy", "-s", "shop"];

/// What a redeploy says whose action ends so.
fn ended(success: &Value, message: &Value, outcome: &str) -> String {
    let mut expected = until_asked(&asked(false, &json!(7)));
    expected.extend([
        one_action(7, &json!(null), &json!(null)),
        one_deployment(12, "deploying"),
        one_action(7, success, message),
        one_deployment(12, outcome),
    ]);
    let (belt, api) = with(expected);
    run(&belt, &api, &REDEPLOY)
}

#[test]
fn each_end_has_its_exit_code() {
    insta::assert_snapshot!(ended(&json!(true), &json!("Done"), "success"), @"
    deployed shop (staging)
    [exit 0]
    ");
    insta::assert_snapshot!(ended(&json!(false), &json!("out of memory"), "failed"), @"
    --- stderr
    error: deployment 12 of shop (staging) failed: out of memory
    hint: `hookbelt deployments show -s shop 12` shows what is known of it
    [exit 1]
    ");
    insta::assert_snapshot!(ended(&json!(null), &json!("Cancelled by Ann"), "failed"), @"
    --- stderr
    error: deployment 12 of shop (staging) canceled: Cancelled by Ann
    hint: `hookbelt deployments show -s shop 12` shows what is known of it
    [exit 8]
    ");
}

#[test]
fn an_end_may_be_said_in_other_ways_than_documented() {
    assert!(ended(&json!("true"), &json!("Done"), "success").ends_with("[exit 0]"));
    assert!(ended(&json!(true), &json!("Done"), "deploying").ends_with("[exit 0]"), "the action is the deployment");
    assert!(ended(&json!(false), &json!("superseded by 13"), "pending").ends_with("[exit 8]"));
    assert!(ended(&json!(false), &json!("x"), "cancelled").ends_with("[exit 8]"));
    assert!(ended(&json!(null), &json!(""), "pending").contains("it ended without saying how"));
}

#[test]
fn the_document_has_what_is_known() {
    let mut expected = until_asked(&asked(false, &json!(7)));
    expected.extend([one_action(7, &json!(true), &json!("Done")), one_deployment(12, "success")]);
    let (belt, _api) = with(expected);
    let document = belt.run([&REDEPLOY[..], &["--json"]].concat()).expect(0).json();
    insta::assert_snapshot!(format!("{document:#}"), @r#"
    {
      "attempt": 1,
      "created_at": "2026-01-01T00:00:00Z",
      "ended_at": "2026-01-01T00:02:03Z",
      "environment": "staging",
      "id": 12,
      "name": "shop",
      "place": null,
      "reason": null,
      "release": null,
      "rollback_to": null,
      "services": [],
      "started_at": "2026-01-01T00:00:00Z",
      "state": "succeeded",
      "strategy": "serial",
      "trigger": "command",
      "user": "ann@example.com"
    }
    "#);
}

#[test]
fn one_that_is_queued_is_waited_for_by_its_deployment() {
    let mut expected = until_asked(&asked(true, &json!(7)));
    expected.truncate(4);
    expected.extend([
        // It is not there yet.
        deployments(&[deployment(11, "deploying")]),
        one_action(7, &json!(null), &json!(null)),
        deployments(&[deployment(11, "deploying")]),
        deployments(&[deployment(11, "deploying")]),
        // The action ends with its place in the queue.
        one_action(7, &json!(true), &json!("Queued")),
        deployments(&[deployment(12, "pending"), deployment(11, "deploying")]),
        one_deployment(12, "pending"),
        deployments(&[deployment(12, "pending"), deployment(11, "deploying")]),
        one_action(7, &json!(true), &json!("Queued")),
        one_deployment(12, "deploying"),
        one_action(7, &json!(true), &json!("Queued")),
        one_deployment(12, "failed"),
    ]);
    let (belt, api) = with(expected);
    insta::assert_snapshot!(run(&belt, &api, &REDEPLOY), @"
    --- stderr
    the deployment waits for deployment 11 of this app
    deployment 12 waits for deployment 11 of this app
    error: deployment 12 of shop (staging) failed
    hint: `hookbelt deployments show -s shop 12` shows what is known of it
    [exit 1]
    ");
}

#[test]
fn one_that_is_queued_without_an_action_is_found_by_what_is_new() {
    let none = on("GET", &of_shop("/actions.json?page=1&user_reference=*")).json(200, &list(&[])).for_ever();
    let mut expected = until_asked(&asked(true, &json!(null)));
    expected.truncate(4);
    expected.extend([
        none,
        deployments(&[deployment(11, "deploying")]),
        deployments(&[deployment(11, "deploying")]),
        deployments(&[deployment(11, "deploying")]),
        deployments(&[deployment(11, "success"), deployment(12, "deploying")]),
        one_deployment(12, "deploying"),
        one_deployment(12, "success"),
    ]);
    let (belt, api) = with(expected);
    insta::assert_snapshot!(run(&belt, &api, &REDEPLOY), @"
    deployed shop (staging)
    --- stderr
    the deployment waits for deployment 11 of this app
    [exit 0]
    ");
}

#[test]
fn one_whose_number_is_never_told_ends_with_its_action() {
    let mut expected = until_asked(&asked(true, &json!(7)));
    expected.truncate(4);
    expected.extend([
        deployments(&[]).for_ever(),
        one_action(7, &json!(true), &json!("Done")).for_ever(),
        on("GET", &of_shop(".json")).json(200, &one(&json!({"uid": "x", "status": 6}))),
        on("GET", &of_shop(".json")).json(200, &one(&stack("shop", "staging"))),
    ]);
    let (belt, api) = with(expected);
    insta::assert_snapshot!(run(&belt, &api, &REDEPLOY), @"
    deployed shop (staging)
    --- stderr
    the deployment waits for its turn
    [exit 0]
    ");
}

#[test]
fn without_waiting_it_says_how_the_deployment_stands() {
    let mut expected = until_asked(&asked(true, &json!(7)));
    expected.extend([
        one_action(7, &json!(null), &json!(null)),
        one_deployment(12, "pending"),
        deployments(&[deployment(12, "pending"), deployment(11, "deploying")]),
    ]);
    let (belt, api) = with(expected);
    insta::assert_snapshot!(run(&belt, &api, &["redeploy", "-s", "shop", "--no-wait"]), @"
    deployment 12 of shop (staging) is queued
    [exit 0]
    ");
}

/// A deployment that does not end.
fn endless() -> Vec<Expected> {
    let mut expected = until_asked(&asked(false, &json!(7)));
    expected.extend([one_action(7, &json!(null), &json!(null)).for_ever(), one_deployment(12, "deploying").for_ever()]);
    expected
}

#[test]
fn time_runs_out_for_waiting_alone() {
    let (belt, api) = with(endless());
    insta::assert_snapshot!(run(&belt, &api, &["redeploy", "-s", "shop", "--timeout", "50ms", "-q"]), @"
    --- stderr
    error: deployment 12 of shop (staging) goes on: it is running
    hint: `hookbelt deployments watch -s shop 12` watches it again
    [exit 7]
    ");
}

#[test]
fn an_interruption_cancels_it_if_that_was_said_and_else_leaves_it() {
    let (belt, api) = with(endless());
    let left = belt.start(REDEPLOY);
    api.until(&of_shop("/actions/7.json"), 2);
    left.signal("TERM");
    assert_eq!(left.end().0, 130);
    drop(api);
    let (belt, api) = with(endless());
    api.expect(vec![
        on("DELETE", &of_shop("/deployments/12.json")).json(200, &one(&json!({"ok": true, "message": "Cancelling"}))),
    ]);
    let canceled = belt.start([&REDEPLOY[..], &["--cancel-on-interrupt"]].concat());
    api.until(&of_shop("/actions/7.json"), 2);
    canceled.signal("INT");
    api.until(&of_shop("/deployments/12.json"), 4);
    api.instead(one_deployment(12, "cancelled").for_ever());
    api.instead(one_action(7, &json!(false), &json!("Cancelled")).for_ever());
    assert_eq!(canceled.end().0, 130);
}

#[test]
fn what_runs_is_canceled_without_its_number() {
    let cancel = || {
        on("DELETE", &of_shop("/deployments/12.json"))
            .json(200, &one(&json!({"ok": true, "message": "Cancelling deployment"})))
    };
    let (belt, api) = with(vec![
        crate::cloud66::found(),
        deployments(&[deployment(11, "success"), deployment(13, "pending"), deployment(12, "deploying")]),
        cancel(),
        one_deployment(12, "deploying"),
        one_deployment(12, "deploying"),
        one_deployment(12, "cancelled").for_ever(),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &["deployments", "cancel", "-s", "shop"]), @"
    deployment 12 of shop (staging) canceled
    [exit 0]
    ");
    let (belt, api) = with(vec![crate::cloud66::found(), deployments(&[deployment(11, "success")])]);
    insta::assert_snapshot!(run(&belt, &api, &["deployments", "cancel", "-s", "shop"]), @"
    --- stderr
    error: shop (staging) has no deployment that runs or waits
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
}

/// A POST that gets no answer, and what the API says of it then.
fn broken_off(after: Vec<Expected>) -> Vec<Expected> {
    let mut expected = until_asked(&json!(null));
    expected.truncate(3);
    expected.push(post().raw(""));
    expected.extend(after);
    expected
}

fn actions(items: &[Value]) -> Expected {
    on("GET", &of_shop("/actions.json?page=1&user_reference=*")).json(200, &list(items))
}

#[test]
fn a_request_that_got_no_answer_is_not_sent_again_but_asked_about() {
    let mut own = action_with_reference();
    own["id"] = json!(8);
    let (belt, api) = with(broken_off(vec![
        actions(&[own]),
        deployments(&[deployment(12, "deploying"), deployment(11, "success")]),
        one_action(8, &json!(true), &json!("Done")),
        one_deployment(12, "success"),
    ]));
    insta::assert_snapshot!(run(&belt, &api, &REDEPLOY), @"
    deployed shop (staging)
    --- stderr
    note: [HOST] closed the connection without an answer: asking whether the request has arrived
    [exit 0]
    ");
}

fn action_with_reference() -> Value {
    let mut action = crate::cloud66::action(7, &json!(null), &json!(null));
    action["metadata"] = json!({ "user_reference": REFERENCE });
    action
}

#[test]
fn a_request_that_the_api_knows_nothing_of_is_not_known_to_have_arrived() {
    let someone = crate::cloud66::action(7, &json!(null), &json!(null));
    let (belt, api) = with(broken_off(vec![actions(&[someone]), deployments(&[deployment(11, "success")])]));
    insta::assert_snapshot!(run(&belt, &api, &REDEPLOY), @"
    --- stderr
    note: [HOST] closed the connection without an answer: asking whether the request has arrived
    error: it is not known whether profile there ([HOST]) took the request
    because [HOST] closed the connection without an answer
    because connection closed before message completed
    hint: look before you ask again: `hookbelt deployments list`, on Workflow `hookbelt releases list`
    [exit 6]
    ");
}
