//! What the answers of Git hosts mean.

use std::time::Duration;

use serde_json::Value;

use crate::domain::duration;
use crate::domain::git_host::{HostKind, HostRequest};
use crate::domain::printable::{Colours, printable};
use crate::hosts::token::variables;
use crate::hosts::{Host, Result};
use crate::http::header::{CONTENT_TYPE, LOCATION};
use crate::http::{HttpError, Reply};

/// The most characters shown of what a host says.
const MAX_SAID: usize = 300;

/// Why a Git host did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// No answer came.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It knows no such token, or wants one.
    #[error("{host} refused the token{}", after(said))]
    SignIn {
        /// The host.
        host: String,
        /// What it said.
        said: String,
        /// Where its token is looked for.
        variable: &'static str,
    },
    /// The token may not do that.
    #[error("the token may not do that at {host}{}", after(said))]
    Forbidden {
        /// The host.
        host: String,
        /// What it said.
        said: String,
        /// What it needs, and what the token has, where the host tells that.
        needs: String,
    },
    /// There is no such thing, as far as the token may see.
    #[error("{host} has no {what}, or does not show it to this token{}", after(said))]
    NotFound {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// What it said.
        said: String,
        /// What it needs, and what the token has, where the host tells that.
        needs: String,
    },
    /// It is elsewhere now.
    #[error("{host} says that {what} has moved")]
    Moved {
        /// The host.
        host: String,
        /// What was asked for.
        what: String,
        /// Where it is said to be.
        to: Option<String>,
    },
    /// It understands what was asked, and refuses.
    #[error("{host} refused it with {status}{}", after(said))]
    Refused {
        /// The host.
        host: String,
        /// The status: 400, 409, 422 or another of that kind.
        status: u16,
        /// Its reasons.
        said: String,
    },
    /// It was asked too often.
    #[error("{host} wants to be left alone for {}", duration::show(*wait))]
    Throttled {
        /// The host.
        host: String,
        /// How long.
        wait: Duration,
    },
    /// It is out of order.
    #[error("{host} answered with {status}{}", after(said))]
    Failed {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        said: String,
    },
    /// It says that it did something else instead: GitHub may merge branches, and create nothing.
    #[error("{host} has created no deployment{}", after(said))]
    NothingCreated {
        /// The host.
        host: String,
        /// What it said.
        said: String,
    },
    /// Its answer is none of such an API.
    #[error("the answer of {host} is not understood: {what}")]
    NotUnderstood {
        /// The host.
        host: String,
        /// What is wrong with it.
        what: String,
    },
}

/// What a host said, behind a sentence of ours.
fn after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl HostError {
    /// Whether the same may be done another time.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Http(_)
                | Self::Throttled { .. }
                | Self::Failed { .. }
                | Self::NothingCreated { .. }
                | Self::NotUnderstood { .. }
        )
    }

    /// Whether GitHub says that the repository has such a webhook.
    #[must_use]
    pub fn is_there_already(&self) -> bool {
        matches!(self, Self::Refused { status: 422, said, .. } if said.contains("already exists"))
    }
}

impl Host {
    /// The answer if it is a good one.
    pub(super) fn understand(&self, request: &HostRequest, reply: Reply) -> Result<Reply> {
        let host = self.place().host.clone();
        if reply.is_success() {
            return Ok(reply);
        }
        let said = said(&reply);
        let status = reply.status;
        Err(match status {
            401 => HostError::SignIn { host, said, variable: variables(self.place())[0] },
            // It is not the token that cannot write to such a repository.
            403 if said.contains("archived") => HostError::Refused { host, status, said },
            403 => HostError::Forbidden { host, said, needs: self.needs(request, &reply) },
            404 => HostError::NotFound { host, what: what(request), said, needs: self.needs(request, &reply) },
            429 => HostError::Throttled { host, wait: Duration::from_mins(1) },
            300..400 => {
                let to = reply.headers.get(LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
                HostError::Moved { host, what: what(request), to }
            }
            400..500 => HostError::Refused { host, status, said },
            _ => HostError::Failed { host, status, said },
        })
    }

    /// The JSON of an answer.
    pub(super) fn document(&self, reply: &Reply) -> Result<Value> {
        serde_json::from_slice(&reply.body).map_err(|_| {
            if reply.body.trim_ascii().is_empty() {
                return self.not_understood("it is empty");
            }
            let content_type = reply.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let kind = content_type.and_then(|text| text.split(';').next()).unwrap_or("something else").to_owned();
            self.not_understood(&format!("it is {} and no JSON", printable(&kind, Colours::Remove)))
        })
    }

    pub(super) fn not_understood(&self, what: &str) -> HostError {
        HostError::NotUnderstood { host: self.place().host.clone(), what: what.to_owned() }
    }

    /// The rights that a request needs, as its host tells them or its documentation does.
    fn needs(&self, request: &HostRequest, reply: &Reply) -> String {
        let header = |name: &str| {
            let text = reply.headers.get(name)?.to_str().ok()?.trim().to_owned();
            (!text.is_empty()).then(|| printable(&text, Colours::Remove).into_owned())
        };
        let is_hook = request.path.contains("/hooks");
        match self.kind() {
            HostKind::Github => {
                let classic = header("x-accepted-oauth-scopes").map(|scopes| format!("the scope {scopes}"));
                let fine = header("x-accepted-github-permissions").map(|rights| format!("the permission {rights}"));
                let needed = fine.or(classic).unwrap_or_else(|| github_scope(request.method, is_hook).to_owned());
                let has = header("x-oauth-scopes").map(|scopes| format!("; the token has {scopes}"));
                format!("{needed}{}", has.unwrap_or_default())
            }
            HostKind::Bitbucket if request.method == "DELETE" => {
                "the scopes delete:webhook:bitbucket and read:repository:bitbucket".to_owned()
            }
            HostKind::Bitbucket => {
                "the scopes read:webhook:bitbucket, write:webhook:bitbucket and read:repository:bitbucket, of an \
                                    administrator of the repository"
                    .to_owned()
            }
            HostKind::Gitlab => "the scope api, of a maintainer or owner of the project".to_owned(),
            HostKind::Gitea | HostKind::Forgejo => {
                "the scope write:repository, of an administrator of the repository".to_owned()
            }
        }
    }
}

/// What GitHub's documentation asks for.
fn github_scope(method: &str, is_hook: bool) -> &'static str {
    match (is_hook, method) {
        (true, "DELETE") => {
            "the scope admin:repo_hook (write:repo_hook cannot delete), or the permission Webhooks, of an administrator of the \
             repository"
        }
        (true, "GET") => {
            "the scope read:repo_hook (admin:repo_hook to change webhooks), or the permission Webhooks, of an administrator of the \
             repository"
        }
        (true, _) => "the scope write:repo_hook, or the permission Webhooks, of an administrator of the repository",
        (false, _) => "the scope repo",
    }
}

/// What a path of an API names, as people call it.
fn what(request: &HostRequest) -> String {
    let path = request.path.split('?').next().unwrap_or_default().replace("%2F", "/");
    let path = ["/repos/", "/repositories/", "/projects/"]
        .iter()
        .fold(path.as_str(), |path, before| path.strip_prefix(before).unwrap_or(path));
    match path.split_once("/hooks/") {
        Some((repository, webhook)) => format!("webhook {webhook} of {repository}"),
        None => format!("repository {}", path.trim_end_matches("/hooks")),
    }
}

/// What a host says of a failure, in any of the shapes that hosts have: a message, reasons as objects or texts, an object of
/// fields. What is no JSON is not shown: it is a page for browsers.
pub(super) fn said(reply: &Reply) -> String {
    let Ok(body) = serde_json::from_slice::<Value>(&reply.body) else {
        return String::new();
    };
    let mut parts: Vec<String> = Vec::new();
    let error = &body["error"];
    for value in [&body["message"], error, &error["message"], &error["detail"], &body["error_description"]] {
        texts(value, &mut parts);
    }
    for value in [&body["errors"], &error["fields"]] {
        reasons(value, &mut parts);
    }
    let mut said: Vec<String> = Vec::new();
    for part in parts {
        let part = printable(&part, Colours::Remove).into_owned();
        if !part.is_empty() && !said.contains(&part) {
            said.push(part);
        }
    }
    let mut text = said.join("; ");
    if text.chars().count() > MAX_SAID {
        text = text.chars().take(MAX_SAID).chain(['…']).collect();
    }
    text
}

/// A text; or fields and what is wrong with each, as GitLab has them.
fn texts(value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::String(text) => parts.push(text.clone()),
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(_, value)| value.is_array()) {
                let reasons: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                parts.push(format!("{name} {}", reasons.join(", ")));
            }
        }
        _ => {}
    }
}

/// Reasons: texts, GitHub's objects with a message or a code, or fields with texts.
fn reasons(value: &Value, parts: &mut Vec<String>) {
    texts(value, parts);
    for reason in value.as_array().into_iter().flatten() {
        let field = |name: &str| reason[name].as_str().unwrap_or_default();
        match (reason, field("message")) {
            (Value::String(text), _) => parts.push(text.clone()),
            (_, "") => parts.push(format!("{} {}", field("field"), field("code").replace('_', " ")).trim().to_owned()),
            (_, message) => parts.push(message.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::said;
    use crate::http::Reply;
    use crate::http::header::HeaderMap;

    #[test]
    fn what_a_host_says_is_found_in_every_shape_that_hosts_have() {
        for (body, text) in [
            (
                json!({"message": "Bad credentials", "documentation_url": "https://h", "status": "401"}),
                "Bad credentials",
            ),
            (
                json!({"message": "Validation Failed", "errors": [
                    {"resource": "Hook", "code": "custom", "message": "Hook already exists on this repository"},
                    {"resource": "Hook", "field": "url", "code": "missing_field"},
                ]}),
                "Validation Failed; Hook already exists on this repository; url missing field",
            ),
            (
                json!({"message": "Validation Failed", "errors": ["no hook", "no url"]}),
                "Validation Failed; no hook; no url",
            ),
            (json!({"type": "error", "error": {"message": "No", "detail": "really"}}), "No; really"),
            (json!({"error": {"fields": {"url": ["is bad"]}, "message": "No"}}), "No; url is bad"),
            (
                json!({"error": "insufficient_scope", "error_description": "It needs more"}),
                "insufficient_scope; It needs more",
            ),
            (json!({"message": {"url": ["is blocked", "is bad"]}}), "url is blocked, is bad"),
            (json!({"error": "url is missing"}), "url is missing"),
            (json!(null), ""),
        ] {
            let reply = Reply { status: 422, headers: HeaderMap::new(), body: body.to_string().into_bytes() };
            assert_eq!(said(&reply), text, "{body}");
        }
        let page = Reply { status: 502, headers: HeaderMap::new(), body: b"<html>".to_vec() };
        assert_eq!(said(&page), "");
    }
}
