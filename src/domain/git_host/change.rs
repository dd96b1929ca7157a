//! From the hooks that a repository has to the one that is wanted: what is to be sent, and no more than that.

use std::fmt;

use serde_json::{Value, json};
use url::Url;

use crate::domain::git_host::hook::{GiveSecret, HostHook, SecretThere, WantedHook, shown};
use crate::domain::git_host::requests;
use crate::domain::git_host::{HostKind, HostRequest, RepositoryPath};

/// What is different in a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It posts to another URL.
    Url,
    /// It is not sent for these events.
    Events(Vec<String>),
    /// It is off.
    Active,
    /// It sends forms.
    Json,
    /// Its host does not verify certificates.
    Tls,
    /// Its secret is missing, or to be another.
    Secret,
}

impl Change {
    /// One word for it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Events(_) => "events",
            Self::Active => "active",
            Self::Json => "json",
            Self::Tls => "tls",
            Self::Secret => "secret",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url => formatter.write_str("its URL"),
            Self::Events(names) => write!(formatter, "the events {}", names.join(", ")),
            Self::Active => formatter.write_str("made active"),
            Self::Json => formatter.write_str("JSON instead of forms"),
            Self::Tls => formatter.write_str("TLS verification on"),
            Self::Secret => formatter.write_str("its secret"),
        }
    }
}

/// What a hook lacks to be the wanted one.
#[must_use]
pub fn difference(have: &HostHook, want: &WantedHook) -> Vec<Change> {
    let missing: Vec<String> = want.events.iter().filter(|event| !have.sends(event)).cloned().collect();
    let gives_secret = match &want.secret {
        Some((_, GiveSecret::Always)) => true,
        Some((_, GiveSecret::IfMissing)) => have.secret == SecretThere::No,
        None => false,
    };
    let changes = [
        (!have.posts_to(&want.url)).then_some(Change::Url),
        (!missing.is_empty()).then_some(Change::Events(missing)),
        (!have.active).then_some(Change::Active),
        (!have.is_json).then_some(Change::Json),
        (!have.verifies_tls).then_some(Change::Tls),
        gives_secret.then_some(Change::Secret),
    ];
    changes.into_iter().flatten().collect()
}

/// The hook of a redeployment hook: one that posts to exactly this URL before others, and of several the one with the lowest
/// id.
#[must_use]
pub fn main<'a>(hooks: &'a [HostHook], url: &Url) -> Option<&'a HostHook> {
    let ours = hooks.iter().filter(|hook| hook.is_of(url));
    ours.min_by(|one, other| {
        let key = |hook: &HostHook| !hook.posts_to(url);
        key(one).cmp(&key(other)).then_with(|| one.order().cmp(&other.order()))
    })
}

/// What is to be done for a repository to have the wanted hook.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The hook that is there, if one is: of several the one with the lowest id.
    pub hook: Option<HostHook>,
    /// What it lacks.
    pub changes: Vec<Change>,
    /// What is sent, in this order.
    pub requests: Vec<HostRequest>,
    /// The other hooks that post to the same redeployment hook, by whatever URL.
    pub others: Vec<HostHook>,
}

impl Plan {
    /// What is to be done, by all hooks that the repository has.
    #[must_use]
    pub fn of(kind: HostKind, repository: &RepositoryPath, hooks: &[HostHook], want: &WantedHook) -> Self {
        let hook = main(hooks, &want.url).filter(|hook| hook.posts_to(&want.url));
        let is_other = |other: &&HostHook| other.is_of(&want.url) && Some(*other) != hook;
        let others = hooks.iter().filter(is_other).cloned().collect();
        let Some(have) = hook else {
            let requests = vec![requests::create(kind, repository, want)];
            return Self { hook: None, changes: Vec::new(), requests, others };
        };
        let changes = difference(have, want);
        let requests = requests::change(kind, repository, have, want, &changes);
        Self { hook: Some(have.clone()), changes, requests, others }
    }
}

/// The requests that make of a hook the wanted one, whatever it posts to now. None where the host would forget a secret that
/// nobody here knows.
#[must_use]
pub fn to_wanted(
    kind: HostKind,
    repository: &RepositoryPath,
    have: &HostHook,
    want: &WantedHook,
) -> Option<Vec<HostRequest>> {
    let changes = difference(have, want);
    let forgets = kind == HostKind::Gitlab && changes.contains(&Change::Url) && have.secret != SecretThere::No;
    (!forgets || want.secret.is_some()).then(|| requests::change(kind, repository, have, want, &changes))
}

/// The request that takes events away from a hook at GitHub, and leaves the rest as it is.
#[must_use]
pub fn without_events(repository: &RepositoryPath, hook: &HostHook, events: &[&str]) -> HostRequest {
    let path = repository.api(HostKind::Github, &format!("/hooks/{}", hook.id_in_path()));
    HostRequest::new("PATCH", path).with(json!({ "remove_events": events }))
}

/// The request that lists the hooks.
#[must_use]
pub fn list(kind: HostKind, repository: &RepositoryPath) -> HostRequest {
    HostRequest::new("GET", repository.api(kind, "/hooks"))
}

/// The request that removes a hook.
#[must_use]
pub fn remove(kind: HostKind, repository: &RepositoryPath, hook: &HostHook) -> HostRequest {
    HostRequest::new("DELETE", repository.api(kind, &format!("/hooks/{}", hook.id_in_path())))
}

/// A body as it may be shown: without secrets and without the URL's.
#[must_use]
pub fn without_secrets(body: &Value) -> Value {
    match body {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let value = match (name.as_str(), value) {
                    ("secret" | "token" | "signing_token" | "authorization_header", Value::String(_)) => json!("***"),
                    ("url", Value::String(url)) => json!(shown(url)),
                    (_, value) => without_secrets(value),
                };
                (name.clone(), value)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}
