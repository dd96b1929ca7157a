//! Releases, and going back to one.

use serde_json::{Value, json};

use crate::support::Outcome;
use crate::support::mock_api::{Expected, on};
use crate::workflow_client::{
    APP, BUILD, BUILDS, NEW_BUILD, RELEASES, build, controller, empty_log, outcome_of, page, recorded, release,
    releases_with, said,
};

const ROLLBACK: &str = "/v2/apps/myapp/releases/rollback/";

/// The recorded app with a fourth release.
fn with_four(failed: bool) -> Vec<Expected> {
    let newest = release(4, Some(NEW_BUILD), "admin deployed it", failed);
    vec![recorded("GET", APP, "016"), said(on("GET", RELEASES), 200, &releases_with(newest))]
}

fn builds() -> Expected {
    let mut new = build(NEW_BUILD);
    new["sha"] = json!("2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a");
    said(on("GET", BUILDS), 200, &page(&[new, build(BUILD)]))
}

fn run(arguments: &[&str], expected: Vec<Expected>) -> Outcome {
    outcome_of(expected, &[arguments, &["-s", "myapp", "-y"]].concat())
}

/// A rollback to v3 that is answered so.
fn rolled_back(status: u16, document: &Value, more: Vec<Expected>) -> Outcome {
    let mut expected = with_four(false);
    expected.extend([
        builds(),
        said(on("GET", "/v2/apps/myapp/releases/?limit=1"), 200, &page(&[release(4, Some(NEW_BUILD), "x", false)])),
        empty_log().for_ever(),
        said(on("POST", ROLLBACK).with(json!({ "version": 3 })), status, document),
    ]);
    expected.extend(more);
    run(&["releases", "rollback", "v3"], expected)
}

#[test]
fn releases_are_listed_with_what_they_are_of() {
    let expected = |failed| [with_four(failed), vec![builds()]].concat();
    insta::assert_snapshot!(run(&["releases", "list"], expected(true)), @"
    v3	succeeded	admin deployed 127.0.0.1:5000/auto/test:v1		admin	[TIME] [TIME]
    v2	succeeded	admin added PORT		admin	[TIME] [TIME]
    v1	succeeded	admin created initial release		admin	[TIME] [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(run(&["releases", "list", "--all", "-n", "2"], expected(true)), @"
    v4	failed	admin deployed it	2fd9226	admin	[TIME] [TIME]
    v3	succeeded	admin deployed 127.0.0.1:5000/auto/test:v1		admin	[TIME] [TIME]
    [exit 0]
    ");
}

#[test]
fn a_release_is_shown_with_what_it_deployed() {
    let of = |number: &str, more: Vec<Expected>| {
        let shown = release(4, Some(NEW_BUILD), "admin deployed 2fd9226", false);
        let path = format!("/v2/apps/myapp/releases/{number}/");
        [vec![recorded("GET", APP, "016"), said(on("GET", &path), 200, &shown)], more].concat()
    };
    insta::assert_snapshot!(run(&["releases", "show", "v4"], of("v4", vec![builds()])), @"
    release     v4
    app         myapp (production)
    state       succeeded
    summary     admin deployed 2fd9226
    sha         2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a
    by          admin
    deployment  4
    started     [TIME]
    service     cmd 2fd9226 (since v4)
    [exit 0]
    ");
    let unknown = vec![
        recorded("GET", APP, "016"),
        said(on("GET", "/v2/apps/myapp/releases/v9/"), 404, &json!("No Release matches the given query.")),
    ];
    insta::assert_snapshot!(run(&["releases", "show", "v9"], unknown), @"
    --- stderr
    error: myapp (production) has no release v9
    hint: `hookbelt releases list --all` shows those there are
    [exit 5]
    ");
    run(&["releases", "show"], [with_four(false), vec![builds()]].concat()).expect(0);
}

#[test]
fn a_rollback_is_answered_when_it_is_deployed() {
    let made =
        said(on("GET", "/v2/apps/myapp/releases/v5/"), 200, &release(5, Some(BUILD), "admin rolled back to v3", false));
    insta::assert_snapshot!(rolled_back(201, &json!({ "version": 5 }), vec![made]), @"
    deployed myapp (production) v5: cmd 127.0.0.1:5000/auto/test:v1
    [exit 0]
    ");
}

#[test]
fn a_rollback_that_is_not_deployed_says_why() {
    let words = json!({ "detail": "the pods did not start" });
    let failed = release(5, Some(BUILD), "admin performed roll back to a release that failed", true);
    let newest = said(on("GET", "/v2/apps/myapp/releases/?limit=1"), 200, &page(&[failed]));
    insta::assert_snapshot!(rolled_back(400, &words, vec![newest]), @"
    --- stderr
    error: deployment 5 of myapp (production) failed: the pods did not start
    hint: `hookbelt logs -s myapp` shows the app's log
    [exit 1]
    ");
    insta::assert_snapshot!(rolled_back(400, &json!({ "detail": "Cannot roll back to initial release." }), vec![]), @"
    --- stderr
    error: v3 of myapp (production) cannot be gone back to: it is the initial one
    hint: `hookbelt releases list` shows those that succeeded
    [exit 2]
    ");
    insta::assert_snapshot!(rolled_back(400, &json!({ "detail": "Release matching query does not exist." }), vec![]), @"
    --- stderr
    error: myapp (production) has no release v3
    hint: `hookbelt releases list --all` shows those there are
    [exit 5]
    ");
    insta::assert_snapshot!(rolled_back(409, &json!({ "detail": "admin changed nothing - release stopped" }), vec![]), @"
    --- stderr
    error: myapp (production) is so already: admin changed nothing - release stopped
    [exit 3]
    ");
    let denied = json!({ "detail": "You do not have permission to perform this action." });
    insta::assert_snapshot!(rolled_back(403, &denied, vec![]), @"
    --- stderr
    error: the token may not do that at profile there ([HOST]): You do not have permission to perform this action.
    hint: use a token that may, of a wider scope
    [exit 4]
    ");
}

#[test]
fn what_cannot_be_gone_back_to_is_refused_before_anything_is_sent() {
    let refused = |arguments: &[&str], expected| run(&[&["releases", "rollback"], arguments].concat(), expected);
    insta::assert_snapshot!(refused(&["v2"], with_four(false)), @"
    --- stderr
    error: v2 of myapp (production) cannot be gone back to: it has no build
    hint: `hookbelt releases list` shows those that succeeded
    [exit 2]
    ");
    insta::assert_snapshot!(refused(&["v9"], with_four(false)), @"
    --- stderr
    error: myapp (production) has no release v9
    hint: `hookbelt releases list --all` shows those there are
    [exit 5]
    ");
    insta::assert_snapshot!(refused(&["v4"], with_four(true)), @"
    --- stderr
    error: v4 of myapp (production) cannot be gone back to: it failed
    hint: `hookbelt releases list` shows those that succeeded
    [exit 2]
    ");
    insta::assert_snapshot!(refused(&["v4"], [with_four(false), vec![builds()]].concat()), @"
    --- stderr
    error: every service is as it was in that release
    [exit 3]
    ");
    let none = vec![recorded("GET", APP, "016"), recorded("GET", RELEASES, "021")];
    insta::assert_snapshot!(refused(&[], none), @"
    --- stderr
    error: myapp (production) has no release before the current one
    hint: `hookbelt releases list` shows those there are
    [exit 5]
    ");
}

#[test]
fn a_dry_run_shows_what_going_back_would_deploy() {
    let dry =
        |failed| run(&["releases", "rollback", "--dry-run", "--json"], [with_four(failed), vec![builds()]].concat());
    insta::assert_snapshot!(dry(false), @r#"
    {
      "release": "v3",
      "services": [
        {
          "service": "cmd",
          "ref": null,
          "branch": null,
          "sha": null,
          "image": "127.0.0.1:5000/auto/test:v1"
        }
      ],
      "skipped": []
    }
    [exit 0]
    "#);
    // What failed may have left anything: the current one is gone back to, which is the same here.
    assert_eq!(dry(true).expect(0).json()["release"], "v3");
}

#[test]
fn nobody_is_asked_whether_without_a_terminal_in_production() {
    let (belt, _api) = controller([with_four(false), vec![builds()]].concat());
    insta::assert_snapshot!(belt.run(["releases", "rollback", "-s", "myapp"]), @"
    --- stderr
    error: there is nobody to ask: Roll myapp (production) back to v3?
    hint: add -y
    [exit 2]
    ");
}
