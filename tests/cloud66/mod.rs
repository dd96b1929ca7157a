//! Commands that talk to Cloud 66, whose answers are written down here as its documentation and its clients have them.

mod asking;
mod bad_days;
mod deploying;
mod finding;
mod settings;
mod webhooks;

use serde_json::{Value, json};

use crate::support::Belt;
use crate::support::mock_api::{ANY, Expected, MockApi, on};

/// The stacks whose name is filtered by `shop`.
const SHOP: &str = "/api/3/stacks.json?page=1&filter_name=shop&filter_environment=&filter_git_repo=&filter_git_branch=";

/// All stacks.
const ALL: &str = "/api/3/stacks.json?page=1&filter_name=&filter_environment=&filter_git_repo=&filter_git_branch=";

/// A path of the stack.
fn of_shop(path: &str) -> String {
    format!("/api/3/stacks/5999b763474b0eafa5fafb64bff0ba80{path}")
}

const DEPLOYMENTS: &str = "/deployments.json?page=1";

/// A stack, as the sample has it.
fn stack(name: &str, environment: &str) -> Value {
    json!({
        "uid": "5999b763474b0eafa5fafb64bff0ba80", "name": name, "git": "http://github.com/awesome_app",
        "git_branch": "fig", "environment": environment, "cloud": "DigitalOcean",
        "fqdn": "awesome-app.dev.c66.me", "language": "ruby", "framework": "docker", "status": 1, "health": 3,
        "last_activity": "2014-08-14T01:46:53+00:00", "last_activity_iso": "2014-08-14T01:46:53+00:00",
        "maintenance_mode": false, "has_loadbalancer": false,
        "created_at": "2014-08-14 00:38:14 UTC", "updated_at": "2014-08-14 01:46:52 UTC",
        "deploy_directory": "/var/deploy/awesome_app", "cloud_status": "partial", "backend": "docker",
        "version": "1.0", "revision": "abc", "is_cluster": false, "account_id": 1, "account_name": null,
        "created_at_iso": "2014-08-14T00:38:14Z", "updated_at_iso": "2014-08-14T01:46:52Z",
        "redeploy_hook": "http://hooks.cloud66.com/stacks/redeploy/b806f1c3344eb3aa2a024b23254b75b3/6d677352a6b2eefec6e345ee2b491521",
    })
}

/// One thing in its envelope.
fn one(value: &Value) -> Value {
    json!({ "response": value })
}

/// A list that has one page.
fn list(items: &[Value]) -> Value {
    let pagination =
        json!({"previous": null, "next": null, "current": 1, "per_page": 30, "count": items.len(), "pages": 1});
    json!({ "response": items, "count": items.len(), "pagination": pagination })
}

/// A page of a list, as the API says it.
fn page(items: &[Value], current: usize, pages: usize) -> Value {
    let next = (current < pages).then_some(current + 1);
    let pagination = json!({"previous": null, "next": next, "current": current, "per_page": 30, "pages": pages});
    json!({ "response": items, "count": 5, "pagination": pagination })
}

/// A deployment, as the sample has it, with this outcome.
fn deployment(id: u64, outcome: &str) -> Value {
    let (is_over, is_deploying) = (!matches!(outcome, "pending" | "deploying"), outcome == "deploying");
    let (code, meaning) = match outcome {
        "deploying" | "pending" => (0, "pending"),
        "success" => (1, "success"),
        other => (2, other),
    };
    json!({
        "id": id, "triggered_by": "ann@example.com", "triggered_via": {"code": 1, "meaning": "api"},
        "started_at": "2026-01-01T00:00:00Z", "finished_at": is_over.then_some("2026-01-01T00:02:03Z"),
        "outcome": {"code": code, "meaning": meaning}, "git_hash": "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a",
        "deploy_session": "x", "deploy_type": {"code": 1, "meaning": "redeploy"}, "is_head": true, "is_live": true,
        "reverted": null, "reverted_by": null, "reverted_at": null, "is_deploying": is_deploying,
        "commit_url": "https://github.com/x",
    })
}

/// An action, as the sample has it; ended if somebody says how.
fn action(id: u64, success: &Value, message: &Value) -> Value {
    let is_over = !message.is_null();
    json!({
        "id": id, "user": "ann@example.com", "resource_type": "stack", "resource_id": "283",
        "action": "application_deployment", "started_via": "api", "started_at": "2026-01-01T00:00:00Z",
        "finished_at": is_over.then_some("2026-01-01T00:02:03Z"), "finished_success": success,
        "finished_message": message, "finished_result": null, "metadata": {},
    })
}

/// What is sent for a deployment that says nothing.
fn redeploy_body() -> Value {
    json!({
        "git_ref": "", "deploy_strategy": "", "rollout_strategy": null, "canary_percentage": null,
        "deployment_profile": "", "services": [], "user_reference": ANY,
    })
}

/// What is answered.
fn asked(queued: bool, action: &Value) -> Value {
    one(&json!({"ok": true, "message": "Stack queued for redeployment", "queued": queued, "async_action_id": action}))
}

fn found() -> Expected {
    on("GET", SHOP).json(200, &list(&[stack("shop", "staging")]))
}

fn services(names: &[&str]) -> Expected {
    let services: Vec<Value> = names.iter().map(|name| json!({"name": name, "containers": []})).collect();
    on("GET", &of_shop("/services.json?page=1")).json(200, &list(&services))
}

fn deployments(items: &[Value]) -> Expected {
    on("GET", &of_shop(DEPLOYMENTS)).json(200, &list(items))
}

fn one_deployment(id: u64, outcome: &str) -> Expected {
    on("GET", &of_shop(&format!("/deployments/{id}.json"))).json(200, &one(&deployment(id, outcome)))
}

fn one_action(id: u64, success: &Value, message: &Value) -> Expected {
    on("GET", &of_shop(&format!("/actions/{id}.json"))).json(200, &one(&action(id, success, message)))
}

fn post() -> Expected {
    on("POST", &of_shop("/deployments.json")).with(redeploy_body())
}

/// What comes before a deployment of all services is asked for, and the first look after it: deployment 12 is new.
fn until_asked(answer: &Value) -> Vec<Expected> {
    vec![
        found(),
        services(&["web", "api"]),
        deployments(&[deployment(11, "success"), deployment(10, "failed")]),
        post().json(200, answer),
        deployments(&[deployment(12, "deploying"), deployment(11, "success")]),
    ]
}

/// Somebody with a profile of an API that knows this part.
fn with(expected: Vec<Expected>) -> (Belt, MockApi) {
    let (belt, api) = (Belt::new(), MockApi::start(expected));
    belt.profile("cloud66", &api.url);
    (belt, api)
}

/// What a command says, without the API's port.
fn run(belt: &Belt, api: &MockApi, arguments: &[&str]) -> String {
    belt.run(arguments).to_string().replace(api.url.strip_prefix("http://").unwrap(), "[HOST]")
}
