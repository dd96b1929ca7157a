//! An API that is not well, or not what it is taken for.

use serde_json::json;

use crate::cloud66::{
    SHOP, asked, found, list, of_shop, one_action, one_deployment, post, run, stack, until_asked, with,
};
use crate::support::Belt;
use crate::support::mock_api::on;

const SHOW: [&str; 4] = ["settings", "list", "-s", "shop"];

/// What a command says to this first answer, which it may be given again.
fn answered(status: u16, headers: &str, body: &str) -> String {
    let (belt, api) = with(vec![on("GET", SHOP).text(status, headers, body).for_ever()]);
    run(&belt, &api, &SHOW)
}

#[test]
fn each_bad_answer_is_said_clearly() {
    let envelope = |error: &str, details: &str| {
        json!({"error": error, "error_description": "Described", "details": details}).to_string()
    };
    let html = "<!doctype html><title>Sign in</title><form>";
    insta::assert_snapshot!(answered(401, "", &envelope("unauthenticated", "token expired")), @"
    --- stderr
    error: profile there ([HOST]) does not know the token: token expired
    hint: sign in with `hookbelt login --profile there`
    [exit 4]
    ");
    insta::assert_snapshot!(answered(403, "", &envelope("forbidden", "")), @"
    --- stderr
    error: the token may not do that at profile there ([HOST]): Described
    hint: use a token that may, of a wider scope
    [exit 4]
    ");
    insta::assert_snapshot!(answered(404, "", "\"Not found\""), @"
    --- stderr
    error: the answer of profile there ([HOST]) is not understood: it has no stacks at all
    hint: see whether the address is that of a deploy API: `hookbelt profiles show`
    [exit 6]
    ");
    insta::assert_snapshot!(answered(402, "", &envelope("trial_expired", "")), @"
    --- stderr
    error: profile there ([HOST]) refused it (402): Described
    [exit 1]
    ");
    insta::assert_snapshot!(answered(503, "", &envelope("throttled", "")), @"
    --- stderr
    error: profile there ([HOST]) is asked too often and takes no more for now: Described
    hint: try again within the next hour
    [exit 6]
    ");
    insta::assert_snapshot!(answered(503, "", &envelope("not_implemented", "")), @"
    --- stderr
    error: profile there ([HOST]) does not have that: Described
    [exit 6]
    ");
    insta::assert_snapshot!(answered(500, "", &envelope("oops", "it broke")), @"
    --- stderr
    error: profile there ([HOST]) failed (500): it broke
    [exit 6]
    ");
    insta::assert_snapshot!(answered(500, "", "<html>500</html>"), @"
    --- stderr
    error: profile there ([HOST]) failed (500)
    [exit 6]
    ");
    insta::assert_snapshot!(answered(200, "content-type: text/html\r\n", html), @r#"
    --- stderr
    error: the answer of profile there ([HOST]) is not understood: it is a web page, "Sign in"
    hint: see whether the address is that of a deploy API: `hookbelt profiles show`
    [exit 6]
    "#);
    insta::assert_snapshot!(answered(302, "location: https://login.example.com/in?to=x\r\n", ""), @"
    --- stderr
    error: profile there ([HOST]) leads elsewhere (302), to https://login.example.com/in
    hint: no token is sent there; if that is the deploy API, sign in with its address
    [exit 6]
    ");
    insta::assert_snapshot!(answered(200, "", r#"{"response":[{"uid":"#), @"
    --- stderr
    error: the answer of profile there ([HOST]) is not understood: its JSON ends in the middle
    hint: see whether the address is that of a deploy API: `hookbelt profiles show`
    [exit 6]
    ");
    insta::assert_snapshot!(answered(200, "", r#"{"response":{}}"#), @"
    --- stderr
    error: the answer of profile there ([HOST]) is not understood: it should be a list, and is none
    hint: see whether the address is that of a deploy API: `hookbelt profiles show`
    [exit 6]
    ");
}

#[test]
fn half_a_body_is_none() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"response\":[";
    let (belt, api) = with(vec![on("GET", SHOP).raw(half).for_ever()]);
    insta::assert_snapshot!(run(&belt, &api, &SHOW), @"
    --- stderr
    error: [HOST] closed the connection in the middle of its answer
    because error decoding response body
    because request or response body error
    because error reading a body from connection
    because end of file before message length reached
    [exit 6]
    ");
    let (belt, api) = with(vec![on("GET", SHOP).raw("SSH-2.0-OpenSSH\r\n").for_ever()]);
    insta::assert_snapshot!(run(&belt, &api, &SHOW), @"
    --- stderr
    error: [HOST] answered what is no HTTP
    because invalid HTTP version parsed
    [exit 6]
    ");
}

#[test]
fn a_list_without_pagination_is_one_page_and_nulls_are_nothing() {
    let mut stack = stack("shop", "staging");
    for field in ["git", "git_branch", "status", "last_activity", "redeploy_hook", "backend", "cloud"] {
        stack[field] = json!(null);
    }
    let (belt, api) = with(vec![
        on("GET", SHOP).json(200, &json!({"response": [stack, null, 5, {"name": "x"}]})).for_ever(),
        on("GET", &of_shop("/settings.json?page=1")).json(200, &json!({"response": [{"key": "a", "value": null}]})),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &SHOW), @"
    a		read/write
    [exit 0]
    ");
    insta::assert_snapshot!(run(&belt, &api, &["hooks", "url", "-s", "shop"]), @"
    --- stderr
    error: the token may not do that at profile there ([HOST]): it does not show the redeployment hook to this token
    hint: use a token that may, of a wider scope
    [exit 4]
    ");
}

#[test]
fn what_the_api_would_like_to_be_known_is_said_once() {
    let warning = "content-type: application/json\r\nx-cloud66-warning: this token expires soon \r\n";
    let (belt, api) = with(vec![
        on("GET", SHOP).text(200, warning, &list(&[stack("shop", "staging")]).to_string()),
        on("GET", &of_shop("/settings.json?page=1")).text(200, warning, &list(&[]).to_string()),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &SHOW), @"
    --- stderr
    note: this token expires soon
    this app has no settings
    [exit 0]
    ");
}

#[test]
fn without_a_token_nothing_is_sent() {
    let (belt, api) = with(vec![]);
    belt.config(&format!(
        "default_profile = \"there\"\n[profiles.there]\nbackend = \"cloud66\"\nurl = \"{}\"\n",
        api.url
    ));
    insta::assert_snapshot!(run(&belt, &api, &SHOW), @"
    --- stderr
    error: there is no token for profile there ([HOST])
    hint: sign in with `hookbelt login --profile there`
    [exit 4]
    ");
}

#[test]
fn a_host_that_is_not_there_is_said() {
    let belt = Belt::new();
    belt.profile("cloud66", "http://127.0.0.1:1");
    insta::assert_snapshot!(belt.run(SHOW), @"
    --- stderr
    error: 127.0.0.1:1 could not be reached
    because Connection refused (os error 111)
    [exit 6]
    ");
}

#[test]
fn what_does_not_speak_tls_is_said() {
    let (belt, api) = with(vec![]);
    belt.profile("cloud66", &api.url.replace("http:", "https:"));
    let said = run(&belt, &api, &SHOW);
    assert!(said.contains("[HOST] could not be reached") && said.ends_with("[exit 6]"), "{said}");
}

#[test]
fn a_connection_that_is_cut_while_it_waits_is_made_again() {
    let mut expected = until_asked(&asked(false, &json!(7)));
    expected.extend([
        one_action(7, &json!(null), &json!(null)),
        one_deployment(12, "deploying"),
        // All the tries of one request.
        on("GET", &of_shop("/actions/7.json")).raw(""),
        on("GET", &of_shop("/actions/7.json")).raw(""),
        on("GET", &of_shop("/actions/7.json")).raw(""),
        on("GET", &of_shop("/actions/7.json")).text(500, "", "<html>"),
        one_action(7, &json!(true), &json!("Done")),
        one_deployment(12, "success"),
    ]);
    let (belt, api) = with(expected);
    insta::assert_snapshot!(run(&belt, &api, &["redeploy", "-s", "shop"]), @"
    deployed shop (staging)
    --- stderr
    [HOST] closed the connection without an answer: connection closed before message completed; the deployment goes on there, and is asked for again
    the deploy API answers again
    [exit 0]
    ");
}

#[test]
fn a_command_that_was_stopped_and_continued_goes_on_waiting() {
    let mut expected = until_asked(&asked(false, &json!(7)));
    expected.extend([one_action(7, &json!(null), &json!(null)).for_ever(), one_deployment(12, "deploying").for_ever()]);
    let (belt, api) = with(expected);
    let running = belt.start(["redeploy", "-s", "shop"]);
    api.until(&of_shop("/actions/7.json"), 2);
    running.signal("STOP");
    api.instead(one_deployment(12, "success").for_ever());
    api.instead(one_action(7, &json!(true), &json!("Done")).for_ever());
    running.signal("CONT");
    assert_eq!(running.end().0, 0);
}

#[test]
fn a_refusal_of_the_deployment_has_its_reason() {
    let refused = |status: u16, error: &str, details: &str| {
        let mut expected = until_asked(&json!(null));
        expected.truncate(3);
        let body = json!({"error": error, "error_description": "Described", "details": details});
        expected.push(post().json(status, &body));
        let (belt, api) = with(expected);
        run(&belt, &api, &["redeploy", "-s", "shop"])
    };
    insta::assert_snapshot!(refused(409, "conflict", "the stack is locked"), @"
    --- stderr
    error: profile there ([HOST]) refused it (409): the stack is locked
    [exit 1]
    ");
    insta::assert_snapshot!(refused(422, "unprocessable", "no such profile"), @"
    --- stderr
    error: profile there ([HOST]) refused it (422): no such profile
    [exit 1]
    ");
    insta::assert_snapshot!(refused(400, "bad_request", "git_ref is malformed"), @"
    --- stderr
    error: profile there ([HOST]) refused it (400): git_ref is malformed
    [exit 2]
    ");
    let mut expected = vec![found()];
    expected.extend(until_asked(&json!({"response": {"ok": false, "message": "Stack is locked"}})).drain(1..4));
    let (belt, api) = with(expected);
    insta::assert_snapshot!(run(&belt, &api, &["redeploy", "-s", "shop"]), @"
    --- stderr
    error: profile there ([HOST]) refused it (200): Stack is locked
    [exit 1]
    ");
}
