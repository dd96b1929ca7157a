//! The commands against a controller of Workflow: its answers are those that a real one gave.

mod bad_days;
mod logs;
mod lost_answers;
mod names;
mod redeploying;
mod releases;
pub(crate) mod requests;
mod serve;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::mock_api::{Expected, MockApi, on};
use crate::support::{Belt, Outcome};

/// What a controller's answers have in common.
const HEADERS: &str = "connection: close\r\nDEIS_API_VERSION: 2.3\r\nDEIS_PLATFORM_VERSION: 2.3.0\r\n";

/// The image of the recorded build, and its key.
const IMAGE: &str = "127.0.0.1:5000/auto/test:v1";
const BUILD: &str = "2500c21d-9c4d-4672-90cb-16d0f9155e3e";

/// The key of the build that a redeploy makes.
const NEW_BUILD: &str = "6c9e3f52-0f0e-4f0c-8f57-7d3e0f6f9a11";

const APP: &str = "/v2/apps/myapp/";
const RELEASES: &str = "/v2/apps/myapp/releases/?limit=100";
const BUILDS: &str = "/v2/apps/myapp/builds/?limit=100";
const LOGS: &str = "/v2/apps/myapp/logs";

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workflow-api");
    fs::read(folder.join(name)).unwrap()
}

/// Answered as it was recorded.
pub(crate) fn recorded(method: &'static str, target: &str, number: &str) -> Expected {
    on(method, target).raw(fixture(&format!("{number}.s2c")))
}

/// Answered by a controller with this document.
pub(crate) fn said(expected: Expected, status: u16, document: &Value) -> Expected {
    expected.text(status, &format!("content-type: application/json\r\n{HEADERS}"), &document.to_string())
}

/// Answered by a controller with these lines of a log.
fn log(lines: &str) -> Expected {
    on("GET", LOGS).text(200, &format!("content-type: text/plain\r\n{HEADERS}"), lines)
}

/// The same, and there are none yet.
fn empty_log() -> Expected {
    recorded("GET", LOGS, "026")
}

fn page(results: &[Value]) -> Value {
    json!({ "count": results.len(), "next": null, "previous": null, "results": results })
}

/// A build like the recorded one.
fn build(key: &str) -> Value {
    json!({
        "owner": "admin", "app": "myapp", "image": IMAGE, "sha": "", "procfile": {}, "dockerfile": "",
        "created": "2026-11-21T16:37:43Z", "updated": "2026-11-21T16:37:43Z", "uuid": key,
    })
}

fn release(version: u64, key: Option<&str>, summary: &str, failed: bool) -> Value {
    json!({
        "uuid": format!("release {version}"), "app": "myapp", "owner": "admin", "created": "2026-11-21T16:40:00Z",
        "updated": "2026-11-21T16:40:00Z", "version": version, "summary": summary, "failed": failed,
        "config": "ddfda4cc-6927-4190-88d5-bd1531f63e7e", "build": key,
    })
}

/// The recorded releases, with one more before them.
fn releases_with(newest: Value) -> Value {
    let recorded = String::from_utf8(fixture("021.s2c")).unwrap();
    let mut document: Value = serde_json::from_str(recorded.split_once("\r\n\r\n").unwrap().1).unwrap();
    document["results"].as_array_mut().unwrap().insert(0, newest);
    document
}

/// What is asked before the recorded app is deployed.
fn before_a_deployment() -> Vec<Expected> {
    vec![
        recorded("GET", APP, "016"),
        recorded("GET", RELEASES, "021"),
        said(on("GET", BUILDS), 200, &page(&[build(BUILD)])),
        said(on("GET", "/v2/apps/myapp/releases/?limit=1"), 200, &page(&[release(3, Some(BUILD), "x", false)])),
    ]
}

/// What asks for the build.
fn post() -> Expected {
    on("POST", "/v2/apps/myapp/builds/").with(json!({ "image": IMAGE }))
}

/// The same, answered when it is deployed.
fn deployed() -> Expected {
    said(post(), 201, &build(NEW_BUILD))
}

/// The releases once it is deployed.
fn with_its_release() -> Expected {
    let newest = release(4, Some(NEW_BUILD), &format!("admin deployed {IMAGE}"), false);
    said(on("GET", RELEASES), 200, &releases_with(newest))
}

/// A belt whose default profile is a controller that says this.
fn controller(expected: Vec<Expected>) -> (Belt, MockApi) {
    let (belt, api) = (Belt::new(), MockApi::start(expected));
    belt.profile("workflow", &api.url);
    (belt, api)
}

/// How a command ends against a controller that says this; its host and port are replaced, and its token is not shown.
fn outcome_of(expected: Vec<Expected>, arguments: &[&str]) -> Outcome {
    let (belt, api) = controller(expected);
    let mut outcome = belt.run(arguments);
    outcome.stderr = outcome.stderr.replace(api.url.trim_start_matches("http://"), "[HOST]");
    assert!(!outcome.stderr.contains("hunter2") && !outcome.stdout.contains("hunter2"), "{outcome}");
    outcome
}
