//! What is sent is what the controller's own client sends, as it was recorded.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::mock_api::{Came, MockApi, on};
use crate::workflow_client::{
    APP, BUILD, BUILDS, LOGS, NEW_BUILD, RELEASES, build, controller, fixture, page, post, recorded, release, said,
    with_its_release,
};

/// What a request says beside its method and its path.
#[derive(Debug, PartialEq)]
struct Said {
    names: BTreeSet<String>,
    authorization: Option<String>,
    content_type: Option<String>,
    body: Option<Value>,
}

fn parsed(body: &[u8]) -> Option<Value> {
    (!body.is_empty()).then(|| serde_json::from_slice(body).unwrap())
}

/// The word before a token: the token itself differs.
fn word(value: &str) -> String {
    value.split(' ').next().unwrap_or_default().to_owned()
}

fn of_recorded(text: &str) -> Said {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let headers: Vec<(&str, &str)> = head.lines().skip(1).filter_map(|line| line.split_once(": ")).collect();
    let header = |name: &str| headers.iter().find(|(one, _)| *one == name).map(|(_, value)| (*value).to_owned());
    // How the answer may be packed and whether another request follows is between the two of them.
    let names = headers.iter().map(|(name, _)| name.to_lowercase());
    let names = names.filter(|name| !["accept-encoding", "connection"].contains(&name.as_str())).collect();
    Said {
        names,
        authorization: header("Authorization").map(|value| word(&value)),
        content_type: header("Content-Type"),
        body: parsed(body.as_bytes()),
    }
}

fn of_ours(came: &Came) -> Said {
    let names = came.headers.iter().filter_map(|line| Some(line.split_once(": ")?.0.to_lowercase()));
    // It says besides that JSON is wanted.
    let names = names.filter(|name| name != "accept").collect();
    Said {
        names,
        authorization: came.header("authorization").map(word),
        content_type: came.header("content-type").map(str::to_owned),
        body: parsed(&came.body),
    }
}

/// Fails the test unless a request came as it was recorded.
pub(crate) fn assert_as_recorded(api: &MockApi, number: &str) {
    let recorded = String::from_utf8(fixture(&format!("{number}.c2s"))).unwrap();
    let line: Vec<&str> = recorded.lines().next().unwrap().split(' ').collect();
    let came = api.came();
    let found = came.iter().find(|came| came.method == line[0] && came.target == line[1]);
    let found = found.unwrap_or_else(|| panic!("{number}: {line:?} is not among {came:#?}"));
    assert_eq!(of_ours(found), of_recorded(&recorded), "{number}");
    assert!(found.header("user-agent").unwrap().starts_with("hookbelt/"), "{found:?}");
}

#[test]
fn apps_releases_and_logs_are_asked_for_as_by_deis() {
    let (belt, api) = controller(vec![
        recorded("GET", "/v2/apps/?limit=100", "015"),
        recorded("GET", APP, "016").for_ever(),
        recorded("GET", RELEASES, "021"),
        said(on("GET", BUILDS), 200, &page(&[build(BUILD)])),
        recorded("GET", LOGS, "024"),
        recorded("GET", &format!("{LOGS}?log_lines=3"), "025"),
    ]);
    belt.run(["apps", "list"]).expect(0);
    belt.run(["releases", "list", "-s", "myapp"]).expect(0);
    belt.run(["logs", "-s", "myapp"]).expect(0);
    belt.run(["logs", "-s", "myapp", "-n", "3"]).expect(0);
    for number in ["015", "016", "021", "024", "025"] {
        assert_as_recorded(&api, number);
    }
}

#[test]
fn a_build_and_the_processes_are_asked_for_as_by_deis() {
    let up = json!({ "count": 1, "results": [{ "name": "x", "type": "cmd", "release": "v4", "state": "up" }] });
    let (belt, api) = controller(vec![
        recorded("GET", APP, "016").for_ever(),
        recorded("GET", RELEASES, "021"),
        said(on("GET", BUILDS), 200, &page(&[build(NEW_BUILD), build(BUILD)])).for_ever(),
        said(on("GET", "/v2/apps/myapp/releases/?limit=1"), 200, &page(&[release(3, Some(BUILD), "x", false)])),
        recorded("GET", LOGS, "026").for_ever(),
        post().raw(Vec::new()),
        with_its_release(),
        said(on("GET", "/v2/apps/myapp/releases/v4/"), 200, &release(4, Some(NEW_BUILD), "x", false)),
        said(on("GET", "/v2/apps/myapp/pods/?limit=100"), 200, &up),
    ]);
    belt.run(["redeploy", "-s", "myapp", "-y"]).expect(0);
    for number in ["014", "018"] {
        assert_as_recorded(&api, number);
    }
}

#[test]
fn a_rollback_is_asked_for_as_by_deis() {
    let all = [release(3, Some(NEW_BUILD), "x", false), release(2, Some(BUILD), "x", false)];
    let (belt, api) = controller(vec![
        recorded("GET", APP, "016"),
        said(on("GET", RELEASES), 200, &page(&all)),
        said(on("GET", BUILDS), 200, &page(&[build(NEW_BUILD), build(BUILD)])),
        said(on("GET", "/v2/apps/myapp/releases/?limit=1"), 200, &page(&all[..1])),
        recorded("GET", LOGS, "026").for_ever(),
        recorded("POST", "/v2/apps/myapp/releases/rollback/", "022").with(json!({ "version": 2 })),
    ]);
    insta::assert_snapshot!(belt.run(["releases", "rollback", "v2", "-s", "myapp", "-y"]), @"
    --- stderr
    error: v2 of myapp (production) cannot be gone back to: it has no build
    hint: `hookbelt releases list` shows those that succeeded
    [exit 2]
    ");
    assert_as_recorded(&api, "022");
}
