//! Git hosts: which there are, where their APIs are, and what an app's redeployment hook is to each of them.
//!
//! Requests are values here, and answers are values too: what is sent is decided, and can be shown, without being sent.

pub mod change;
pub mod delivery;
pub mod deployment;
pub mod finding;
pub mod hook;
mod requests;
#[cfg(test)]
mod tests;

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::Url;

use crate::domain::app::SecretSource;
use crate::domain::git_url::{RepositoryKey, written};
use crate::domain::profile::Address;

/// The software, or the service, that a Git host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostKind {
    /// github.com, and GitHub Enterprise Server.
    Github,
    /// Bitbucket Cloud.
    Bitbucket,
    /// gitlab.com, and any other GitLab.
    Gitlab,
    /// Gitea.
    Gitea,
    /// Forgejo, of which codeberg.org is one.
    Forgejo,
}

words!(HostKind {
    Github = "github",
    Bitbucket = "bitbucket",
    Gitlab = "gitlab",
    Gitea = "gitea",
    Forgejo = "forgejo"
});

impl HostKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Github, Self::Bitbucket, Self::Gitlab, Self::Gitea, Self::Forgejo];

    /// What people call it.
    #[must_use]
    pub fn called(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Bitbucket => "Bitbucket",
            Self::Gitlab => "GitLab",
            Self::Gitea => "Gitea",
            Self::Forgejo => "Forgejo",
        }
    }

    /// The kind of a host that everybody knows.
    #[must_use]
    pub fn of_host(name: &str) -> Option<Self> {
        match name {
            "github.com" => Some(Self::Github),
            "bitbucket.org" => Some(Self::Bitbucket),
            "gitlab.com" => Some(Self::Gitlab),
            "codeberg.org" => Some(Self::Forgejo),
            _ => None,
        }
    }

    /// The host that is meant when nobody says which.
    #[must_use]
    pub fn usual_host(self) -> Option<&'static str> {
        match self {
            Self::Github => Some("github.com"),
            Self::Bitbucket => Some("bitbucket.org"),
            Self::Gitlab => Some("gitlab.com"),
            Self::Gitea | Self::Forgejo => None,
        }
    }

    /// The path of the API below the address that people know.
    fn api_path(self) -> &'static str {
        match self {
            Self::Github => "/api/v3",
            Self::Bitbucket => "/2.0",
            Self::Gitlab => "/api/v4",
            Self::Gitea | Self::Forgejo => "/api/v1",
        }
    }
}

/// A Git host that a manifest, or the user's config file, knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownHost {
    /// Its name as it stands in the URLs of its repositories.
    pub name: String,
    /// What it is.
    pub kind: HostKind,
    /// Where its pages are, if not at its name.
    pub address: Option<Address>,
    /// Whom the token is of, where the host wants to know that too.
    pub user: Option<String>,
    /// Where the token is.
    pub token: Option<SecretSource>,
}

impl KnownHost {
    /// Where it is; none if its name is no host's, which no configuration is taken with.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        let at = |address| Place::at(self.kind, address);
        let place = self.address.as_ref().map(at).or_else(|| Place::named(self.kind, &self.name))?;
        Some(Place { name: self.name.clone(), ..place })
    }
}

/// A Git host, and where its API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it is.
    pub kind: HostKind,
    /// Where it is, for messages and for finding its token.
    pub host: String,
    /// Its name as its repositories have it.
    name: String,
    api: Address,
    /// The path below which its pages are, without slashes at the ends.
    sub_path: String,
}

impl Place {
    /// The host at an address that somebody gave.
    #[must_use]
    pub fn at(kind: HostKind, address: &Address) -> Self {
        let own = kind.usual_host().filter(|own| {
            let api = own_api(kind).host_name().to_owned();
            address.host() == *own || address.host() == api
        });
        if let Some(own) = own {
            let (host, name) = (own.to_owned(), own.to_owned());
            return Self { kind, host, name, api: own_api(kind), sub_path: String::new() };
        }
        let base = address.without_end(kind.api_path());
        let sub_path = base.path().trim_matches('/').to_owned();
        let (host, name) = (address.host(), address.host_name().to_owned());
        Self { kind, host, name, api: base.below(kind.api_path()), sub_path }
    }

    /// The host of this name, at its usual address; none if that is none.
    #[must_use]
    pub fn named(kind: HostKind, name: &str) -> Option<Self> {
        Address::plain(&format!("https://{name}")).ok().map(|address| Self::at(kind, &address))
    }

    /// The URL of a path of its API.
    #[must_use]
    pub fn url(&self, path: &str) -> Url {
        self.api.url(path)
    }

    /// Whether a URL is of the same server, so that a token may go there.
    #[must_use]
    pub fn has(&self, url: &Url) -> bool {
        self.url("/").origin() == url.origin()
    }

    /// Whether what is sent there can be read on the way.
    #[must_use]
    pub fn is_open_to_all(&self) -> bool {
        self.api.is_open_to_all()
    }

    /// Whether the host is somewhere out there, from where nothing of this machine can be reached.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.kind.usual_host() == Some(&self.host)
    }

    /// The repository that a remote means, or a person who writes its path alone.
    ///
    /// # Errors
    /// When it is none of this host.
    pub fn repository(&self, text: &str) -> Result<RepositoryPath, NoRepository> {
        let path = match written(text) {
            // `group.x/sub/project` looks like a host and a path.
            Some((host, _)) if !text.contains("://") && !text.contains(':') && host != self.name() => text.to_owned(),
            Some((_, path)) => {
                let below = path.strip_prefix(&self.sub_path).and_then(|path| path.strip_prefix('/'));
                below.filter(|_| !self.sub_path.is_empty()).map_or_else(|| path.clone(), str::to_owned)
            }
            None => text.to_owned(),
        };
        RepositoryPath::of(self.kind, &path)
    }

    /// Whether a remote is of a repository there: by the host's name, whatever its ports, and with or without the path below which
    /// its pages are.
    #[must_use]
    pub fn is_remote_of(&self, remote: &str, repository: &RepositoryPath) -> bool {
        let named = |path: &str| RepositoryKey::of(&format!("ssh://{}/{path}/{repository}", self.name()));
        let keys = [named(""), named(&self.sub_path)];
        RepositoryKey::of(remote).is_some_and(|own| keys.iter().flatten().any(|key| key.same_repository(&own)))
    }

    /// The host's name without its port, as repositories have it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Where the API of a kind's own service is.
fn own_api(kind: HostKind) -> Address {
    let url = match kind {
        HostKind::Github => "https://api.github.com",
        HostKind::Bitbucket => "https://api.bitbucket.org/2.0",
        _ => "https://gitlab.com/api/v4",
    };
    Address::plain(url).expect("these are addresses")
}

/// What a host says of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// What it is called now, if that is not what was asked for.
    pub renamed: Option<String>,
    /// Whether it can only be read.
    pub is_archived: bool,
}

/// The path of a repository on its host: `acme/shop`, on GitLab also `acme/web/shop`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPath(Vec<String>);

/// Why a text names no repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no repository: write OWNER/NAME, or its URL")]
pub struct NoRepository;

/// What stands as it is in a part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as one part of a path.
pub(in crate::domain) fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

impl RepositoryPath {
    fn of(kind: HostKind, text: &str) -> Result<Self, NoRepository> {
        let text = text.trim().trim_matches('/');
        let text = text.strip_suffix(".git").unwrap_or(text);
        let parts: Vec<String> = text.split('/').map(str::to_owned).collect();
        let is_name = |part: &String| {
            !matches!(part.as_str(), "" | "." | "..") && !part.contains(|c: char| c.is_control() || c.is_whitespace())
        };
        let has_length = if kind == HostKind::Gitlab { parts.len() >= 2 } else { parts.len() == 2 };
        if has_length && parts.iter().all(is_name) { Ok(Self(parts)) } else { Err(NoRepository) }
    }

    /// The path of the repository in a host's API, and what follows it.
    #[must_use]
    pub fn api(&self, kind: HostKind, rest: &str) -> String {
        let parts: Vec<String> = self.0.iter().map(|name| part(name)).collect();
        match kind {
            HostKind::Github | HostKind::Gitea | HostKind::Forgejo => format!("/repos/{}{rest}", parts.join("/")),
            HostKind::Bitbucket => format!("/repositories/{}{rest}", parts.join("/")),
            HostKind::Gitlab => format!("/projects/{}{rest}", parts.join("%2F")),
        }
    }
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0.join("/"))
    }
}

/// A request to a host's API.
#[derive(Clone, PartialEq)]
pub struct HostRequest {
    /// Its method.
    pub method: &'static str,
    /// Its path below the API's own, escaped, with its query.
    pub path: String,
    /// Its body.
    pub body: Option<Value>,
}

impl HostRequest {
    /// A request without a body.
    #[must_use]
    pub fn new(method: &'static str, path: String) -> Self {
        Self { method, path, body: None }
    }

    /// The same with a body.
    #[must_use]
    pub fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

/// Bodies hold secrets.
impl fmt::Debug for HostRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}
