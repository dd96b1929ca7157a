//! What a controller, or whatever stands in its place, can do wrong.

use std::net::TcpListener;

use serde_json::json;

use crate::support::mock_api::{Expected, MockApi, on};
use crate::support::{Belt, Outcome};
use crate::workflow_client::{
    APP, BUILD, BUILDS, HEADERS, RELEASES, before_a_deployment, build, controller, empty_log, outcome_of, page, post,
    recorded, said,
};

/// What `releases list` makes of these answers.
fn list(expected: Vec<Expected>) -> Outcome {
    outcome_of(expected, &["releases", "list", "-s", "myapp"])
}

fn app() -> Expected {
    on("GET", APP)
}

#[test]
fn who_is_not_known_or_may_not_is_told_to_sign_in() {
    insta::assert_snapshot!(list(vec![recorded("GET", APP, "031")]), @"
    --- stderr
    error: profile there ([HOST]) does not know the token: Invalid token.
    hint: sign in with `hookbelt login --profile there`
    [exit 4]
    ");
    let denied = json!({ "detail": "You do not have permission to perform this action." });
    insta::assert_snapshot!(list(vec![said(app(), 403, &denied)]), @"
    --- stderr
    error: the token may not do that at profile there ([HOST]): You do not have permission to perform this action.
    hint: use a token that may, of a wider scope
    [exit 4]
    ");
    let belt = Belt::new();
    belt.config(
        "default_profile = \"there\"\n[profiles.there]\nbackend = \"workflow\"\nurl = \"http://127.0.0.1:9\"\n",
    );
    insta::assert_snapshot!(belt.run(["releases", "list", "-s", "myapp"]), @"
    --- stderr
    error: there is no token for profile there (127.0.0.1:9)
    hint: sign in with `hookbelt login --profile there`
    [exit 4]
    ");
}

#[test]
fn what_is_no_answer_of_a_controller_is_an_error_of_the_remote() {
    let page = "<html><h1>Welcome to nginx!</h1></html>";
    insta::assert_snapshot!(list(vec![app().text(200, "content-type: text/html\r\nconnection: close\r\n", page)]), @"
    --- stderr
    error: the answer of profile there ([HOST]) is not understood: /v2/apps/myapp/ is a page of HTML
    hint: see whether the address is that of a deploy API: `hookbelt profiles show`
    [exit 6]
    ");
    insta::assert_snapshot!(list(vec![app().text(404, "content-type: text/html\r\nconnection: close\r\n", page)]), @"
    --- stderr
    error: the answer of profile there ([HOST]) is not understood: it has no /v2/apps/myapp/: 404 a page of HTML
    hint: see whether the address is that of a deploy API: `hookbelt profiles show`
    [exit 6]
    ");
    let half = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{HEADERS}content-length: 500\r\n\r\n{{\"id\": \"my"
    );
    insta::assert_snapshot!(list(vec![app().raw(half)]), @"
    --- stderr
    error: [HOST] closed the connection in the middle of its answer
    because error decoding response body
    because request or response body error
    because error reading a body from connection
    because end of file before message length reached
    [exit 6]
    ");
    insta::assert_snapshot!(list(vec![said(app(), 200, &json!({ "id": null }))]), @"
    --- stderr
    error: the answer of profile there ([HOST]) is not understood: /v2/apps/myapp/ is JSON of another form, or a part of it
    hint: see whether the address is that of a deploy API: `hookbelt profiles show`
    [exit 6]
    ");
    insta::assert_snapshot!(list(vec![app().raw("SSH-2.0-OpenSSH_9.2\r\n")]), @"
    --- stderr
    error: [HOST] answered what is no HTTP
    because invalid HTTP version parsed
    [exit 6]
    ");
    let elsewhere = format!("location: https://sso.example.com/login?next=secret\r\n{HEADERS}");
    insta::assert_snapshot!(list(vec![app().text(302, &elsewhere, "")]), @"
    --- stderr
    error: profile there ([HOST]) leads elsewhere (302), to https://sso.example.com/login
    hint: no token is sent there; if that is the deploy API, sign in with its address
    [exit 6]
    ");
}

#[test]
fn a_controller_that_fails_is_an_error_of_the_remote_with_its_words() {
    insta::assert_snapshot!(list(vec![said(app(), 500, &json!({ "detail": "Server Error" }))]), @"
    --- stderr
    error: profile there ([HOST]) failed (500): Server Error
    [exit 6]
    ");
    insta::assert_snapshot!(list(vec![app().text(500, HEADERS, "<h1>Server Error (500)</h1>")]), @"
    --- stderr
    error: profile there ([HOST]) failed (500)
    [exit 6]
    ");
    insta::assert_snapshot!(list(vec![said(app(), 405, &json!({ "detail": "Method \"GET\" not allowed." }))]), @r#"
    --- stderr
    error: profile there ([HOST]) does not have that: Method "GET" not allowed.
    [exit 6]
    "#);
}

#[test]
fn one_that_is_out_of_reach_or_slow_is_an_error_of_the_remote() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let belt = Belt::new();
    belt.profile("workflow", &format!("http://{closed}"));
    let outcome = belt.run(["redeploy", "-s", "myapp", "-y"]).expect(6);
    assert!(outcome.stderr.contains(&format!("error: {closed} could not be reached")), "{outcome}");

    let (slow, go) = recorded("GET", APP, "016").held();
    let api = MockApi::start(vec![slow]);
    belt.config(&format!(
        "default_profile = \"there\"\n[profiles.there]\nbackend = \"workflow\"\nurl = \"{}\"\ntoken = \"hunter2\"\n\
         [limits]\nrequest = \"300ms\"\n",
        api.url
    ));
    let outcome = belt.run(["releases", "list", "-s", "myapp"]).expect(6);
    assert!(outcome.stderr.contains(" did not answer within "), "{outcome}");
    go.now();
}

#[test]
fn a_request_for_a_deployment_that_is_refused_has_failed_without_one() {
    let asked = |status, document| {
        let expected = vec![empty_log().for_ever(), said(post(), status, &document)];
        outcome_of([before_a_deployment(), expected].concat(), &["redeploy", "-s", "myapp", "-y"])
    };
    insta::assert_snapshot!(asked(400, json!({ "image": ["This field is required."] })), @"
    --- stderr
    error: profile there ([HOST]) refused it (400): image: This field is required.
    [exit 2]
    ");
    insta::assert_snapshot!(asked(401, json!({ "detail": "Invalid token." })), @"
    --- stderr
    error: profile there ([HOST]) does not know the token: Invalid token.
    hint: sign in with `hookbelt login --profile there`
    [exit 4]
    ");
    insta::assert_snapshot!(asked(409, json!({ "detail": "Last deployment had a Procfile but is missing in this deploy." })), @"
    --- stderr
    error: profile there ([HOST]) refused it (409): Last deployment had a Procfile but is missing in this deploy.
    [exit 1]
    ");
    insta::assert_snapshot!(asked(422, json!({ "detail": "no" })), @"
    --- stderr
    error: profile there ([HOST]) refused it (422): no
    [exit 1]
    ");
    insta::assert_snapshot!(asked(503, json!({ "detail": "the scheduler is away" })), @"
    --- stderr
    error: profile there ([HOST]) failed (503): the scheduler is away
    [exit 6]
    ");
}

#[test]
fn nulls_where_there_should_be_text_are_borne() {
    let nulls = json!({
        "uuid": null, "app": null, "owner": null, "created": null, "updated": null, "version": 3, "summary": null,
        "failed": null, "exception": null, "config": null, "build": BUILD,
    });
    let mut of_nulls = build(BUILD);
    for key in ["owner", "app", "image", "sha", "procfile", "dockerfile", "created", "updated"] {
        of_nulls[key] = json!(null);
    }
    let no_pages = json!({ "results": [nulls] });
    let expected = |app| vec![app, said(on("GET", RELEASES), 200, &no_pages)];
    let builds = || said(on("GET", BUILDS), 200, &json!({ "results": [of_nulls], "next": null }));
    insta::assert_snapshot!(list([expected(said(app(), 200, &json!({ "id": "myapp" }))), vec![builds()]].concat()), @"
    v3	succeeded				[TIME] [TIME]
    [exit 0]
    ");
    let (belt, _api) =
        controller([expected(said(app(), 200, &json!({ "id": "myapp", "structure": null }))), vec![builds()]].concat());
    let outcome = belt.run(["redeploy", "-s", "myapp", "-y"]).expect(5);
    assert!(outcome.stderr.contains("has no build yet"), "{outcome}");
}

#[test]
fn another_version_of_the_api_is_noted_once() {
    let releases = || recorded("GET", RELEASES, "021");
    let builds = || said(on("GET", BUILDS), 200, &page(&[build(BUILD)]));
    let app_with = |headers: &str| {
        app().text(
            200,
            &format!("content-type: application/json\r\nconnection: close\r\n{headers}"),
            "{\"id\": \"myapp\"}",
        )
    };
    let note = |app: Expected| {
        let outcome = list(vec![app, releases(), builds()]).expect(0);
        assert!(outcome.stderr.lines().count() <= 1, "{outcome}");
        outcome.stderr
    };
    insta::assert_snapshot!(note(app_with("DEIS_API_VERSION: 2.2\r\n")), @"note: profile there ([HOST]) speaks version 2.2 of its API, hookbelt 2.3: some of this may not work");
    insta::assert_snapshot!(note(app_with("")), @"note: profile there ([HOST]) does not say which version of its API it speaks; hookbelt speaks 2.3");
    assert_eq!(note(app_with("DEIS_API_VERSION: 2.10\r\n")), "");
}
