//! The requests that create and change a webhook, host by host.
//!
//! GitHub takes the smallest change and keeps the rest, but for a secret that stands beside `config`; Gitea and GitLab
//! reset or clear what is not repeated, so that they get everything; Bitbucket keeps a secret that is not sent.

use serde_json::{Map, Value, json};

use crate::domain::git_host::change::Change;
use crate::domain::git_host::hook::{GITLAB_EVENTS, HookSecret, HostHook, WantedHook};
use crate::domain::git_host::{HostKind, HostRequest, RepositoryPath};

/// What people read of it, at Bitbucket.
const DESCRIPTION: &str = "hookbelt";

/// The request that creates a hook.
pub(super) fn create(kind: HostKind, repository: &RepositoryPath, want: &WantedHook) -> HostRequest {
    let secret = want.secret.as_ref().map(|(secret, _)| secret);
    let body = match kind {
        HostKind::Github => {
            let mut config = json!({ "url": want.url.as_str(), "content_type": "json", "insecure_ssl": "0" });
            put_secret(&mut config, "secret", secret);
            json!({ "name": "web", "active": true, "events": want.events, "config": config })
        }
        HostKind::Bitbucket => bitbucket(want, &want.events, secret),
        HostKind::Gitlab => gitlab(want, &want.events, secret),
        HostKind::Gitea | HostKind::Forgejo => {
            let mut body = gitea(want, &want.events, secret);
            body["type"] = json!("gitea");
            body
        }
    };
    HostRequest::new("POST", repository.api(kind, "/hooks")).with(body)
}

/// The requests that make these changes to a hook.
pub(super) fn change(
    kind: HostKind,
    repository: &RepositoryPath,
    have: &HostHook,
    want: &WantedHook,
    changes: &[Change],
) -> Vec<HostRequest> {
    if changes.is_empty() {
        return Vec::new();
    }
    let secret = want.secret.as_ref().map(|(secret, _)| secret).filter(|_| changes.contains(&Change::Secret));
    let path = repository.api(kind, &format!("/hooks/{}", have.id_in_path()));
    let missing = want.events.iter().filter(|event| !have.sends(event));
    let events: Vec<String> = have.events.iter().chain(missing).cloned().collect();
    match kind {
        HostKind::Github => github_changes(&path, want, secret, changes),
        HostKind::Bitbucket => {
            let mut body = with_kept(bitbucket(want, &events, secret), have);
            if !have.verifies_tls {
                body["skip_cert_verification"] = json!(false);
            }
            vec![HostRequest::new("PUT", path).with(body)]
        }
        HostKind::Gitlab => {
            // A new URL clears the secret.
            let known = want.secret.as_ref().map(|(secret, _)| secret);
            let secret = if changes.contains(&Change::Url) { known } else { secret };
            let body = with_kept(gitlab(want, &events, secret), have);
            vec![HostRequest::new("PUT", path).with(body)]
        }
        HostKind::Gitea | HostKind::Forgejo if secret.is_some() => {
            // Not every release takes another secret by a change. For a moment there are two, so that no push is lost.
            let mut body = with_kept(gitea(want, &events, secret), have);
            body["type"] = json!("gitea");
            let create = HostRequest::new("POST", repository.api(kind, "/hooks")).with(body);
            vec![create, HostRequest::new("DELETE", path)]
        }
        HostKind::Gitea | HostKind::Forgejo => {
            vec![HostRequest::new("PATCH", path).with(with_kept(gitea(want, &events, None), have))]
        }
    }
}

fn github_changes(path: &str, want: &WantedHook, secret: Option<&HookSecret>, changes: &[Change]) -> Vec<HostRequest> {
    let (mut hook, mut config) = (json!({}), json!({}));
    for change in changes {
        match change {
            Change::Events(missing) => hook["add_events"] = json!(missing),
            Change::Active => hook["active"] = json!(true),
            Change::Url => config["url"] = json!(want.url.as_str()),
            Change::Json => config["content_type"] = json!("json"),
            Change::Tls => config["insecure_ssl"] = json!("0"),
            Change::Secret => put_secret(&mut config, "secret", secret),
        }
    }
    let is_some = |body: &Value| body.as_object().is_some_and(|fields| !fields.is_empty());
    let requests = [(config, format!("{path}/config")), (hook, path.to_owned())];
    let requests = requests.into_iter().filter(|(body, _)| is_some(body));
    requests.map(|(body, path)| HostRequest::new("PATCH", path).with(body)).collect()
}

fn bitbucket(want: &WantedHook, events: &[String], secret: Option<&HookSecret>) -> Value {
    let mut body = json!({ "description": DESCRIPTION, "url": want.url.as_str(), "active": true, "events": events });
    put_secret(&mut body, "secret", secret);
    body
}

fn gitlab(want: &WantedHook, events: &[String], secret: Option<&HookSecret>) -> Value {
    let mut body = json!({ "url": want.url.as_str(), "enable_ssl_verification": true });
    for name in GITLAB_EVENTS {
        body[name] = json!(events.iter().any(|event| event == name));
    }
    let field = if secret.is_some_and(HookSecret::is_signing_token) { "signing_token" } else { "token" };
    put_secret(&mut body, field, secret);
    body
}

fn gitea(want: &WantedHook, events: &[String], secret: Option<&HookSecret>) -> Value {
    let mut config = json!({ "url": want.url.as_str(), "content_type": "json" });
    put_secret(&mut config, "secret", secret);
    json!({ "active": true, "events": events, "config": config })
}

fn put_secret(into: &mut Value, field: &str, secret: Option<&HookSecret>) {
    if let Some(secret) = secret {
        into[field] = json!(secret.expose());
    }
}

fn with_kept(mut body: Value, have: &HostHook) -> Value {
    body.as_object_mut().unwrap_or(&mut Map::new()).extend(have.kept.clone());
    body
}
