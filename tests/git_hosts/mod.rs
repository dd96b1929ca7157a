//! `hookbelt hooks` at Git hosts, which are played by mocks that know the requests of each test by heart.

mod adding;
mod bad_days;
mod catching_up;
mod checking;
pub(crate) mod documents;
mod page;
mod pages;
mod removing;
mod trust;

use serde_json::{Value, json};

use crate::support::mock_api::{Expected, MockApi, on};
use crate::support::{Belt, Outcome};

/// The URL of the redeployment hook.
const URL: &str = "https://deploy.example.com/stacks/redeploy/aaaa/bbbb";

/// The hooks of the repository on every host, as GitHub and Gitea name them, Bitbucket, and GitLab.
const HOOKS: [(&str, &str); 4] = [
    ("github", "/api/v3/repos/acme/shop/hooks"),
    ("gitea", "/api/v1/repos/acme/shop/hooks"),
    ("bitbucket", "/2.0/repositories/acme/shop/hooks"),
    ("gitlab", "/api/v4/projects/acme%2Fshop/hooks"),
];

fn hooks_of(host: &str) -> &'static str {
    HOOKS.iter().find(|(name, _)| *name == host).unwrap().1
}

/// A belt with a token for every host, and the URL in a file.
fn belt() -> Belt {
    let mut belt = Belt::new();
    for name in ["GH_ENTERPRISE_TOKEN", "GITLAB_TOKEN", "BITBUCKET_API_TOKEN", "GITEA_TOKEN"] {
        belt.set(name, "hunter2");
    }
    belt.set("BITBUCKET_EMAIL", "ann@example.com");
    belt.write("hook.url", format!("{URL}\n"));
    belt
}

/// Runs a command about the repository `acme/shop` of a host, and about the URL of the file.
fn run(belt: &Belt, api: &MockApi, line: &str) -> Outcome {
    let at = format!("--repo acme/shop --url-file hook.url --host-url {}", api.url);
    let words: Vec<&str> = line.split(' ').chain(at.split(' ')).collect();
    belt.run([&["hooks"], words.as_slice()].concat())
}

/// The list of hooks, as the first request asks for it.
fn listed(host: &str, hooks: &[Value]) -> Expected {
    let body = if host == "bitbucket" { json!({ "values": hooks, "pagelen": 100 }) } else { json!(hooks) };
    on("GET", &first_page(host)).json(200, &body)
}

fn first_page(host: &str) -> String {
    let size = match host {
        "bitbucket" => "pagelen=100",
        "gitea" => "limit=50",
        _ => "per_page=100",
    };
    format!("{}?{size}", hooks_of(host))
}

/// A sound hook, as its host tells of it.
fn hook(host: &str, id: u64, url: &str) -> Value {
    match host {
        "github" => json!({
            "type": "Repository", "id": id, "name": "web", "active": true, "events": ["push"],
            "config": { "url": url, "content_type": "json", "insecure_ssl": "0" },
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
            "url": "https://git.example.com/x", "test_url": "https://git.example.com/x", "ping_url": "https://git.example.com/x",
            "deliveries_url": "https://git.example.com/x",
            "last_response": { "code": null, "status": "unused", "message": null },
        }),
        "bitbucket" => json!({
            "type": "webhook_subscription", "uuid": format!("{{ab-{id}}}"), "url": url, "description": "by hand",
            "active": true, "events": ["repo:push"], "secret_set": false, "created_at": "2026-11-01T00:00:00Z",
            "subject_type": "repository",
        }),
        "gitlab" => json!({
            "id": id, "project_id": 3, "url": url, "push_events": true, "tag_push_events": true, "issues_events": false,
            "enable_ssl_verification": true, "alert_status": "executable", "disabled_until": null,
            "token_present": false, "signing_token_present": false, "push_events_branch_filter": "",
            "branch_filter_strategy": "wildcard", "created_at": "2026-11-01T00:00:00Z",
        }),
        _ => json!({
            "id": id, "type": "gitea", "active": true, "events": ["push"], "branch_filter": "main",
            "config": { "url": url, "content_type": "json" }, "authorization_header": "",
            "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z",
        }),
    }
}

/// A hook with other fields.
fn with(mut hook: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("these are no fields: {fields}") };
    hook.as_object_mut().unwrap().extend(fields);
    hook
}

/// What GitHub says of the repository.
fn repository(fields: Value) -> Expected {
    let about = json!({ "id": 1, "full_name": "acme/shop", "archived": false });
    on("GET", "/api/v3/repos/acme/shop").json(200, &with(about, fields))
}

/// The deliveries of webhook 12 at GitHub, newest first: id, event's id, minutes ago, event, status.
fn deliveries(rows: &[(u64, &str, i64, &str, u64)]) -> Expected {
    let now = jiff::Timestamp::now();
    let row = |(id, guid, minutes, event, code): &(u64, &str, i64, &str, u64)| {
        let status = if *code == 200 { "OK" } else { "Invalid HTTP Response" };
        json!({
            "id": id, "guid": guid, "delivered_at": (now - jiff::SignedDuration::from_mins(*minutes)).to_string(),
            "redelivery": false, "duration": 0.1, "status": status, "status_code": code, "event": event, "action": null,
            "installation_id": null, "repository_id": 1, "throttled_at": null,
        })
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    on("GET", "/api/v3/repos/acme/shop/hooks/12/deliveries?per_page=100").json(200, &json!(rows))
}
