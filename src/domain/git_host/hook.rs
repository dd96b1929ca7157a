//! A webhook of a repository, as its host tells of it and as it is wanted.

use std::fmt;

use hookbelt_signature::Secret;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use url::{Position, Url};

use crate::domain::git_host::{HostKind, part};

/// What stands in the path of every redeployment hook, before its secrets.
const REDEPLOY: &str = "/stacks/redeploy/";

/// The events that GitLab has, each a field of its own.
pub(super) const GITLAB_EVENTS: [&str; 14] = [
    "push_events",
    "tag_push_events",
    "pipeline_events",
    "deployment_events",
    "job_events",
    "releases_events",
    "merge_requests_events",
    "issues_events",
    "confidential_issues_events",
    "note_events",
    "confidential_note_events",
    "wiki_page_events",
    "feature_flag_events",
    "resource_access_token_events",
];

/// Fields that Gitea clears, and others may, when a change does not repeat them.
const KEPT: [&str; 5] =
    ["branch_filter", "authorization_header", "push_events_branch_filter", "branch_filter_strategy", "description"];

/// Whether a hook has a secret; no host tells which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretThere {
    /// The host does not say.
    Unknown,
    /// It has none.
    No,
    /// It has one.
    Yes,
    /// It has one that signs in GitLab's way, and is no plain token.
    Signs,
}

impl SecretThere {
    fn of(said: Option<bool>) -> Self {
        match said {
            None => Self::Unknown,
            Some(false) => Self::No,
            Some(true) => Self::Yes,
        }
    }
}

/// A webhook of a repository. Its URL is a secret.
#[derive(Clone, PartialEq)]
pub struct HostHook {
    /// Its id there.
    pub id: String,
    /// Where it posts to.
    pub url: String,
    /// Whether it is on.
    pub active: bool,
    /// The events that it is sent for, by the host's names.
    pub events: Vec<String>,
    /// Whether it sends JSON; forms otherwise.
    pub is_json: bool,
    /// Whether the host verifies certificates.
    pub verifies_tls: bool,
    /// Whether it has a secret.
    pub secret: SecretThere,
    /// Why the host has stopped it, if it has.
    pub stopped: Option<String>,
    /// What a change has to repeat.
    pub(super) kept: Map<String, Value>,
}

impl fmt::Debug for HostHook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HostHook({} to {})", self.id, shown(&self.url))
    }
}

impl HostHook {
    /// The hook in a host's answer; none if it is of another kind, or no hook.
    #[must_use]
    pub fn read(kind: HostKind, from: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let names = |value: &Value| value.as_array().into_iter().flatten().filter_map(text).collect();
        let kept = from.as_object()?.iter().filter(|(name, value)| KEPT.contains(&name.as_str()) && !value.is_null());
        let kept = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        let config = &from["config"];
        let hook = Self {
            id: from["id"].as_u64().map(|id| id.to_string()).unwrap_or_default(),
            url: String::new(),
            active: from["active"].as_bool().unwrap_or(true),
            events: names(&from["events"]),
            is_json: true,
            verifies_tls: true,
            secret: SecretThere::Unknown,
            stopped: None,
            kept,
        };
        let hook = match kind {
            HostKind::Github if from["name"] == "web" => Self {
                url: text(&config["url"])?,
                is_json: config["content_type"] == "json",
                verifies_tls: !matches!(&config["insecure_ssl"], insecure if *insecure == "1" || *insecure == 1),
                secret: SecretThere::of(Some(config["secret"].as_str().is_some_and(|secret| !secret.is_empty()))),
                ..hook
            },
            HostKind::Github => return None,
            HostKind::Gitea | HostKind::Forgejo => {
                Self { url: text(&config["url"])?, is_json: config["content_type"] == "json", ..hook }
            }
            HostKind::Bitbucket => Self {
                id: text(&from["uuid"])?,
                url: text(&from["url"])?,
                verifies_tls: from["skip_cert_verification"] != true,
                secret: SecretThere::of(from["secret_set"].as_bool()),
                ..hook
            },
            HostKind::Gitlab => {
                let (token, signing) = (from["token_present"].as_bool(), from["signing_token_present"].as_bool());
                let events = GITLAB_EVENTS.iter().filter(|name| from[**name] == true);
                Self {
                    url: text(&from["url"])?,
                    events: events.map(|name| (*name).to_owned()).collect(),
                    verifies_tls: from["enable_ssl_verification"] != false,
                    secret: if signing == Some(true) { SecretThere::Signs } else { SecretThere::of(token.or(signing)) },
                    stopped: stopped(from),
                    ..hook
                }
            }
        };
        (!hook.id.is_empty()).then_some(hook)
    }

    /// The hook's id as a part of a path.
    #[must_use]
    pub fn id_in_path(&self) -> String {
        part(&self.id)
    }

    /// Whether it posts to this URL.
    #[must_use]
    pub fn posts_to(&self, url: &Url) -> bool {
        same_url(&self.url, url)
    }

    /// Whether it posts to the redeployment hook of this URL, whatever the modifiers, and by whatever name of the server.
    #[must_use]
    pub fn has_secrets_of(&self, url: &Url) -> bool {
        let secrets = |url: &Url| url.path().split_once(REDEPLOY).map(|(_, secrets)| secrets.to_owned());
        let wanted = secrets(url).filter(|secrets| !secrets.is_empty());
        wanted.is_some() && Url::parse(&self.url).is_ok_and(|own| secrets(&own) == wanted)
    }

    /// Whether it is of the redeployment hook of this URL.
    #[must_use]
    pub fn is_of(&self, url: &Url) -> bool {
        self.posts_to(url) || self.has_secrets_of(url)
    }

    /// Whether it posts to a redeployment hook of the same server, with other secrets.
    #[must_use]
    pub fn is_of_same_server(&self, url: &Url) -> bool {
        let is_redeploy = |own: &Url| own.path().contains(REDEPLOY) && own.origin() == url.origin();
        Url::parse(&self.url).is_ok_and(|own| is_redeploy(&own)) && !self.has_secrets_of(url)
    }

    /// Whether it sends this event.
    #[must_use]
    pub fn sends(&self, event: &str) -> bool {
        self.events.iter().any(|own| own == event || own == "*")
    }

    /// What the lowest id is found by.
    #[must_use]
    pub fn order(&self) -> (u64, &str) {
        (self.id.parse().unwrap_or(u64::MAX), &self.id)
    }
}

/// GitLab stops a hook whose receiver fails.
fn stopped(from: &Value) -> Option<String> {
    let status = from["alert_status"].as_str().filter(|status| *status != "executable")?;
    let until = from["disabled_until"].as_str().map(|until| format!(" until {until}")).unwrap_or_default();
    Some(format!("{}{until}", status.replace('_', " ")))
}

/// Whether two URLs are one: scheme and host in any case, the scheme's port left out or not, and the rest exactly.
#[must_use]
pub fn same_url(text: &str, url: &Url) -> bool {
    let without_fragment = |mut url: Url| {
        url.set_fragment(None);
        url
    };
    Url::parse(text.trim()).is_ok_and(|own| without_fragment(own) == without_fragment(url.clone()))
}

/// The URL of a hook as it may be shown: what could be secret in it is not.
#[must_use]
pub fn shown(text: &str) -> String {
    let Ok(url) = Url::parse(text) else {
        return "***".to_owned();
    };
    let origin = format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::AfterPort]);
    match url.path().split_once(REDEPLOY) {
        Some((before, _)) => {
            let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
            format!("{origin}{before}{REDEPLOY}***{query}")
        }
        None if url.path() == "/" && url.query().is_none() => origin,
        None => format!("{origin}/***"),
    }
}

/// A secret that signs what a host sends.
#[derive(Debug, Clone)]
pub struct HookSecret(SecretString);

/// Why a secret cannot be given to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no line of text, as Git hosts take it")]
pub struct InvalidHookSecret;

impl HookSecret {
    /// The bytes of a secret, as they are.
    ///
    /// # Errors
    /// When a host could not be given them.
    pub fn of(secret: &Secret) -> Result<Self, InvalidHookSecret> {
        let text = str::from_utf8(secret.expose()).map_err(|_| InvalidHookSecret)?;
        let is_line = !text.is_empty() && !text.contains(char::is_control);
        if is_line { Ok(Self(text.into())) } else { Err(InvalidHookSecret) }
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether GitLab would sign with it, and not send it.
    #[must_use]
    pub fn is_signing_token(&self) -> bool {
        self.expose().starts_with("whsec_")
    }
}

/// When a secret is given to a host, which never tells what it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveSecret {
    /// In any case: it is new.
    Always,
    /// To a hook that has none.
    IfMissing,
}

/// A webhook as it is wanted.
#[derive(Debug, Clone)]
pub struct WantedHook {
    /// Where it posts to.
    pub url: Url,
    /// The events that it is sent for at least.
    pub events: Vec<String>,
    /// What signs it, and when that is given to the host.
    pub secret: Option<(HookSecret, GiveSecret)>,
}

/// The events that an app's redeployment hook is for; `deployment` where deployments at the host deploy too.
#[must_use]
pub fn usual_events(kind: HostKind, with_deployments: bool) -> Vec<String> {
    let names: &[&str] = match kind {
        HostKind::Github if with_deployments => &["push", "deployment"],
        HostKind::Github | HostKind::Gitea | HostKind::Forgejo => &["push"],
        HostKind::Bitbucket => &["repo:push"],
        HostKind::Gitlab => &["push_events", "tag_push_events"],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The host's name of an event that a person names; none if it cannot be one.
#[must_use]
pub fn event(kind: HostKind, text: &str) -> Option<String> {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || b"_:*".contains(&byte));
    let name = match kind {
        HostKind::Bitbucket if !text.contains(':') => format!("repo:{text}"),
        HostKind::Gitlab if !text.ends_with("_events") => format!("{text}_events"),
        _ => text.to_owned(),
    };
    (is_plain && (kind != HostKind::Gitlab || GITLAB_EVENTS.contains(&name.as_str()))).then_some(name)
}
