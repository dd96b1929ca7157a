//! The judge of requests to Git hosts refuses what the hosts would refuse, and what they would take otherwise than it is meant.

use serde_json::{Value, json};

use crate::support::http::post;
use crate::support::judge::{faults, judges};
use crate::support::mock_api::{Came, MockApi, on};

const GITHUB: [&str; 4] = [
    "Authorization: Bearer token",
    "Accept: application/vnd.github+json",
    "X-GitHub-Api-Version: 2022-11-28",
    "User-Agent: hookbelt",
];
const GITEA: [&str; 2] = ["Authorization: token secret", "User-Agent: hookbelt"];
const BITBUCKET: [&str; 2] = ["Authorization: Basic YTpi", "User-Agent: hookbelt"];
const GITLAB: [&str; 2] = ["PRIVATE-TOKEN: secret", "User-Agent: hookbelt"];

fn came(headers: &[&str], line: &str, body: &Value) -> Came {
    let (method, target) = line.split_once(' ').unwrap();
    let (method, target) = (method.to_owned(), target.to_owned());
    let mut headers: Vec<String> = headers.iter().map(|&line| line.to_owned()).collect();
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    if !body.is_empty() {
        headers.push("Content-Type: application/json".to_owned());
    }
    Came { method, target, headers, body }
}

/// Nothing is wrong with these.
#[track_caller]
fn right(headers: &[&str], requests: &[(&str, Value)]) {
    for (line, body) in requests {
        let found = faults(&came(headers, line, body));
        assert!(found.is_empty(), "{line} {body}: {found:#?}");
    }
}

/// With each of these something is wrong, and it is said in these words.
#[track_caller]
fn wrong(headers: &[&str], requests: &[(&str, Value, &str)]) {
    for (line, body, words) in requests {
        let found = faults(&came(headers, line, body)).join("\n");
        assert!(found.contains(words), "{line} {body}, which lacks {words:?}: {found}");
    }
}

fn changed(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[field] = value;
    body
}

#[test]
fn requests_to_github_are_judged_by_its_own_description() {
    let (hooks, hook) = ("POST /api/v3/repos/o/r/hooks", "PATCH /api/v3/repos/o/r/hooks/1");
    let config = json!({ "url": "https://example.test/h", "content_type": "json", "secret": "s", "insecure_ssl": "0" });
    let new = json!({ "name": "web", "active": true, "events": ["push"], "config": config });
    right(
        &GITHUB,
        &[
            (hooks, new.clone()),
            ("GET /api/v3/repos/o/r/hooks?per_page=100&page=2", Value::Null),
            (hook, json!({ "add_events": ["deployment"] })),
            (hook, json!({ "config": config })),
            ("PATCH /api/v3/repos/o/r/hooks/1/config", json!({ "url": "https://example.test/h" })),
            ("DELETE /api/v3/repos/o/r/hooks/1", Value::Null),
            ("POST /api/v3/repos/o/r/hooks/1/pings", Value::Null),
            ("GET /api/v3/repos/o/r/hooks/1/deliveries?per_page=100", Value::Null),
            ("POST /api/v3/repos/o/r/hooks/1/deliveries/2/attempts", Value::Null),
        ],
    );
    let with_url = |url: Value| changed(&new, "config", changed(&config, "url", url));
    wrong(
        &GITHUB,
        &[
            (hooks, changed(&new, "foo", json!(1)), "found 'foo'"),
            (hooks, changed(&new, "active", json!("yes")), "must be boolean"),
            (hooks, with_url(json!("not a url")), "must match format"),
            (hooks, changed(&new, "config", changed(&config, "insecure_ssl", json!(false))), "insecure_ssl"),
            (hooks, json!([]), "must be object"),
            ("PATCH /api/v3/repos/o/r/hooks/1/config", json!({ "events": ["push"] }), "found 'events'"),
            ("GET /api/v3/repos/o/r/hooks?per_page=many", Value::Null, "per_page"),
            ("GET /api/v3/repos/o/r/hoks", Value::Null, "404"),
            ("PUT /api/v3/repos/o/r/hooks/1", json!({}), "405"),
            // What the description lets pass.
            (hooks, Value::Null, "the hook has no URL"),
            (hooks, changed(&new, "events", json!(["bogus"])), "an event that does not exist"),
            (hooks, changed(&new, "config", json!({ "url": "https://example.test/h" })), "would be form"),
            (hook, json!({ "config": { "url": "https://example.test/h" } }), "removes the hook's secret"),
            (hook, json!({}), "nothing is changed"),
            ("GET /api/v3/repos/o/r/hooks/", Value::Null, "ends in a slash"),
        ],
    );
    wrong(&GITHUB[1..], &[(hooks, new.clone(), "its Authorization")]);
    wrong(&[GITHUB[0], GITHUB[1], GITHUB[3]], &[(hooks, new.clone(), "its API version")]);
    wrong(&GITHUB[..3], &[(hooks, new.clone(), "no User-Agent")]);
    wrong(&[GITHUB[0], "Accept: text/html", GITHUB[2], GITHUB[3]], &[(hooks, new, "GitHub's media type")]);
}

#[test]
fn deployments_at_github_are_judged_too() {
    let (new, statuses) = ("POST /api/v3/repos/o/r/deployments", "POST /api/v3/repos/o/r/deployments/1/statuses");
    let whole = json!({
        "ref": "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a", "required_contexts": [], "auto_merge": false,
        "environment": "staging", "task": "deploy", "payload": { "nonce": "n" }, "description": "é".repeat(140),
    });
    right(
        &GITHUB,
        &[
            (new, whole.clone()),
            (statuses, json!({ "state": "in_progress", "log_url": "https://example.test/log" })),
            ("GET /api/v3/repos/o/r/deployments?sha=2fd9226&environment=staging", Value::Null),
        ],
    );
    wrong(
        &GITHUB,
        &[
            (new, json!({ "environment": "staging" }), "must have required property 'ref'"),
            (statuses, json!({ "state": "started" }), "must be equal to one of the allowed values"),
            // What the description lets pass.
            (statuses, json!({ "state": "queued", "description": "é".repeat(141) }), "longer than 140"),
            (new, changed(&whole, "auto_merge", Value::Null), "would merge"),
            (new, changed(&whole, "required_contexts", Value::Null), "would wait for checks"),
            (new, changed(&whole, "ref", json!("main")), "may mean another one later"),
        ],
    );
}

#[test]
fn requests_to_gitea_are_judged_by_its_own_description() {
    let (hooks, hook) = ("POST /api/v1/repos/o/r/hooks", "PATCH /api/v1/repos/o/r/hooks/1");
    let config = json!({ "url": "https://example.test/h", "content_type": "json", "secret": "s" });
    let new = json!({ "type": "gitea", "active": true, "events": ["push"], "config": config });
    right(
        &GITEA,
        &[
            (hooks, new.clone()),
            ("GET /api/v1/repos/o/r/hooks?limit=50&page=1", Value::Null),
            (hook, json!({ "active": true, "events": ["push"], "config": config })),
            ("POST /api/v1/repos/o/r/hooks/1/tests", Value::Null),
            ("DELETE /api/v1/repos/o/r/hooks/1", Value::Null),
        ],
    );
    wrong(
        &GITEA,
        &[
            (hooks, changed(&new, "type", json!("web")), "must be equal to one of the allowed values"),
            (hooks, json!({ "active": true, "events": ["push"], "config": config }), "required property 'type'"),
            (hooks, changed(&new, "config", changed(&config, "insecure", json!(true))), "must be string"),
            (hooks, changed(&new, "events", json!("push")), "must be array"),
            // What the description lets pass.
            (hooks, changed(&new, "config", json!({})), "config lacks url or content_type"),
            (hooks, changed(&new, "active", Value::Null), "would not be active"),
            (hook, json!({ "active": true }), "become push alone"),
        ],
    );
    wrong(&GITEA[1..], &[(hooks, new.clone(), "401")]);
    wrong(&["Authorization: Bearer secret", GITEA[1]], &[(hooks, new, "is not `token …`")]);
}

#[test]
fn requests_to_bitbucket_are_judged_by_its_description_with_the_bodies_that_it_lacks() {
    let hooks = "POST /2.0/repositories/w/r/hooks";
    let new = json!({ "url": "https://example.test/h", "events": ["repo:push"], "active": true, "secret": "s" });
    right(
        &BITBUCKET,
        &[
            (hooks, new.clone()),
            ("PUT /2.0/repositories/w/r/hooks/%7Bd15ec4b5%7D", new.clone()),
            ("GET /2.0/repositories/w/r/hooks?pagelen=100", Value::Null),
            ("DELETE /2.0/repositories/w/r/hooks/%7Bd15ec4b5%7D", Value::Null),
        ],
    );
    wrong(
        &BITBUCKET,
        &[
            (hooks, changed(&new, "events", json!(["push"])), "must be equal to one of the allowed values"),
            (hooks, changed(&new, "events", json!([])), "must NOT have fewer than 1 items"),
            (hooks, json!({ "events": ["repo:push"] }), "must have required property 'url'"),
            (hooks, changed(&new, "name", json!("web")), "found 'name'"),
            // What the description lets pass.
            ("DELETE /2.0/repositories/w/r/hooks/d15ec4b5", Value::Null, "is not in escaped braces"),
        ],
    );
    wrong(&BITBUCKET[1..], &[(hooks, new, "neither `Basic …` nor `Bearer …`")]);
}

#[test]
fn requests_to_gitlab_of_which_there_is_no_description_are_judged_by_what_it_is_known_to_refuse() {
    let (hooks, hook) = ("POST /api/v4/projects/g%2Fs%2Fp/hooks", "PUT /api/v4/projects/7/hooks/1");
    let key = format!("whsec_{}=", "A".repeat(43));
    let new = json!({ "url": "https://example.test/h", "push_events": true, "signing_token": key });
    right(
        &GITLAB,
        &[
            (hooks, new.clone()),
            (hook, new.clone()),
            ("GET /api/v4/projects/7/hooks?per_page=100", Value::Null),
            ("POST /api/v4/projects/7/hooks/1/test/push_events", Value::Null),
        ],
    );
    wrong(
        &GITLAB,
        &[
            (hook, json!({ "push_events": true }), "url is missing"),
            (hooks, changed(&new, "events", json!(["push"])), "there is no field events"),
            (hooks, changed(&new, "push_events", json!("true")), "push_events is no boolean"),
            (hooks, changed(&new, "signing_token", json!("s")), "signing_token is not"),
            ("POST /api/v4/projects/g/s/p/hooks", new.clone(), "are not escaped"),
        ],
    );
    wrong(&["PRIVATE-TOKEN: ", GITLAB[1]], &[(hooks, new, "it has no token")]);
}

#[test]
fn requests_to_others_are_not_judged() {
    let elsewhere = came(&[], "POST /api/3/stacks/1/deployments", &json!({}));
    assert!(!judges(&elsewhere) && faults(&elsewhere).is_empty());
}

#[test]
#[should_panic(expected = "must have required property 'state'")]
fn a_mock_of_a_git_host_fails_a_test_whose_request_is_wrong_though_it_was_expected() {
    let target = "/api/v3/repos/o/r/deployments/1/statuses";
    let mock = MockApi::start(vec![on("POST", target).with(json!({})).json(201, &json!({}))]);
    let headers = GITHUB.map(|line| line.split_once(": ").unwrap());
    let headers = [&headers[..], &[("Content-Type", "application/json")]].concat();
    post(&format!("{}{target}", mock.url), &headers, "{}").expect(201);
}
