//! From a repository to the API of its host: by what the manifest and the user's config file know of hosts, and by which tokens
//! there are. A host that only a Git remote names is asked nothing; one that only a manifest names gets no token but the manifest's.

use std::sync::OnceLock;
use std::time::Duration;

use crate::config::environment::Variables;
use crate::config::user_file::Limits;
use crate::domain::app::App;
use crate::domain::git_host::{HostKind, KnownHost, Place, RepositoryPath};
use crate::domain::git_url::written;
use crate::hosts::Host;
use crate::hosts::token::{self, TokenError};
use crate::http::{Client, HttpError, Options, Reach, Trace};

/// The hosts that can be asked on behalf of apps.
#[derive(Debug)]
pub struct KnownHosts {
    own: Vec<KnownHost>,
    variables: Variables,
    limits: Limits,
    trace: Option<Trace>,
    patience: Duration,
    client: OnceLock<Client>,
}

/// A repository at GitHub, or at a GitHub Enterprise Server, with a token for it.
#[derive(Debug)]
pub struct AtGithub {
    /// Its host.
    pub host: Host,
    /// Its path there.
    pub repository: RepositoryPath,
}

/// A repository, and what is known of its host.
struct Found<'a> {
    place: Place,
    known: Option<&'a KnownHost>,
    /// Whether it may be given the token of a variable.
    may_have_variables: bool,
    repository: RepositoryPath,
}

/// Why a repository's host cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum CannotAsk {
    /// There is a token, and it cannot be used.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no client.
    #[error(transparent)]
    Client(#[from] HttpError),
}

impl KnownHosts {
    /// Those that the user's config file knows, beside those of each app's manifest; a request waits so long at most where its
    /// host says so.
    #[must_use]
    pub fn new(own: Vec<KnownHost>, variables: Variables, limits: Limits, patience: Duration) -> Self {
        Self { own, variables, limits, trace: None, patience, client: OnceLock::new() }
    }

    /// The same, with somebody who is told of each request.
    #[must_use]
    pub fn with_trace(self, trace: Option<Trace>) -> Self {
        Self { trace, ..self }
    }

    /// Whether a repository, as a [`RepositoryKey`](crate::domain::git_url::RepositoryKey) shows it, is at a GitHub, whether
    /// there is a token for that or not.
    #[must_use]
    pub fn is_at_github(&self, app: &App, repository: &str) -> bool {
        self.find(app, repository).is_some()
    }

    /// Whether it is at a GitHub for which something names a token.
    #[must_use]
    pub fn has_token_for(&self, app: &App, repository: &str) -> bool {
        let is_set = |name: &&str| self.variables.raw(name).is_some();
        let any_named = app.git_hosts.iter().chain(&self.own).any(|known| known.token.is_some());
        if !any_named && !token::OF_GITHUB.iter().chain(&token::OF_ENTERPRISE).any(&is_set) {
            // Every push asks, and mostly there is none: no need to take the repository's URL apart.
            return false;
        }
        self.find(app, repository).is_some_and(|found| {
            found.known.is_some_and(|known| known.token.is_some())
                || found.may_have_variables && token::variables(&found.place).iter().any(is_set)
        })
    }

    /// Its host, to be asked with the token; none if it is at no GitHub or there is no token.
    ///
    /// # Errors
    /// When there is one that cannot be used.
    pub fn github(&self, app: &App, repository: &str) -> Result<Option<AtGithub>, CannotAsk> {
        let Some(Found { place, known, repository, may_have_variables }) = self.find(app, repository) else {
            return Ok(None);
        };
        if !may_have_variables && known.is_none_or(|known| known.token.is_none()) {
            return Ok(None);
        }
        let Some(credentials) = token::find(&place, known, &self.variables)? else {
            return Ok(None);
        };
        let host = Host::new(self.client()?, place, Some(credentials), self.patience);
        Ok(Some(AtGithub { host, repository }))
    }

    fn find<'a>(&'a self, app: &'a App, repository: &str) -> Option<Found<'a>> {
        let url = format!("https://{repository}");
        let (name, _) = written(&url)?;
        let named = || app.git_hosts.iter().chain(&self.own).filter(|known| known.name == name);
        let known = named().find(|known| known.token.is_some()).or_else(|| named().next());
        let kind = known.map(|known| known.kind).or_else(|| HostKind::of_host(&name))?;
        let place = match known.and_then(|known| known.address.as_ref()) {
            Some(address) => Place::at(kind, address),
            None => Place::named(kind, &name)?,
        };
        let repository = place.repository(&url).ok()?;
        let may_have_variables = place.is_usual() || known.is_some_and(|known| self.own.contains(known));
        (kind == HostKind::Github).then_some(Found { place, known, may_have_variables, repository })
    }

    fn client(&self) -> Result<Client, HttpError> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let options = Options {
            connect: self.limits.connect,
            limit: self.limits.request,
            authorities: None,
            reach: Reach::Anywhere,
            trace: self.trace.clone(),
        };
        let client = Client::with(options)?;
        Ok(self.client.get_or_init(|| client).clone())
    }
}
