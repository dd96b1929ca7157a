//! Where the token for a Git host comes from. It goes to its own host alone: a token of github.com to nobody else, and no
//! token to a host that only a Git remote names.

use crate::config::environment::{VariableError, Variables};
use crate::config::files::{FileError, read_text};
use crate::domain::app::SecretSource;
use crate::domain::git_host::{HostKind, KnownHost, Place};
use crate::domain::profile::{ApiToken, InvalidToken};

/// The most bytes of a token's file.
const MAX_TOKEN: u64 = 64 * 1024;

/// What a host knows somebody by.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whom the token is of, where the host wants to know: the e-mail address of an Atlassian account.
    pub user: Option<String>,
    /// The token.
    pub token: ApiToken,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file of one cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A variable of one is no text.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// A variable that should hold one is not set.
    #[error("{0}, which should hold the token for a Git host, is not set")]
    Unset(String),
    /// What is there is no token.
    #[error("{from} holds no token: {source}")]
    Invalid {
        /// Where it came from.
        from: String,
        /// What is wrong with it.
        source: InvalidToken,
    },
    /// The token of a host is meant for another one.
    #[error("{variable} is a token for {of}, and goes nowhere else: not to {host}")]
    OfAnotherHost {
        /// Where it is.
        variable: String,
        /// Whose it is.
        of: &'static str,
        /// Where it should go.
        host: String,
    },
}

/// The variables that hold the token for github.com.
pub const OF_GITHUB: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];

/// Those that hold the token for a GitHub Enterprise Server.
pub const OF_ENTERPRISE: [&str; 1] = ["GH_ENTERPRISE_TOKEN"];

/// The variables that hold the token for a host, the first that is set counts.
#[must_use]
pub fn variables(place: &Place) -> &'static [&'static str] {
    match (place.kind, place.is_usual()) {
        (HostKind::Github, true) => &OF_GITHUB,
        (HostKind::Github, false) => &OF_ENTERPRISE,
        (HostKind::Bitbucket, _) => &["BITBUCKET_API_TOKEN"],
        (HostKind::Gitlab, _) => &["GITLAB_TOKEN"],
        (HostKind::Gitea, _) => &["GITEA_TOKEN", "FORGEJO_TOKEN"],
        (HostKind::Forgejo, _) => &["FORGEJO_TOKEN", "GITEA_TOKEN"],
    }
}

/// The token for a host: what the manifest, or the user's config file, says of it, else the host's variables; none if nothing
/// says one.
///
/// # Errors
/// When something says one, and it cannot be had or goes elsewhere.
pub fn find(
    place: &Place,
    known: Option<&KnownHost>,
    environment: &Variables,
) -> Result<Option<Credentials>, TokenError> {
    let user = known.and_then(|known| known.user.clone());
    if let Some(source) = known.and_then(|known| known.token.as_ref()) {
        let (text, from) = match source {
            SecretSource::File(path) => (read_text(path, MAX_TOKEN)?, path.display().to_string()),
            SecretSource::Variable(name) => (of_variable(place, name, environment)?, name.clone()),
        };
        return Ok(Some(Credentials { user, token: token(&text, &from)? }));
    }
    for name in variables(place) {
        if let Some(text) = environment.text(name)? {
            let email = if place.kind == HostKind::Bitbucket { environment.text("BITBUCKET_EMAIL")? } else { None };
            return Ok(Some(Credentials { user: user.or(email), token: token(&text, name)? }));
        }
    }
    Ok(None)
}

/// What a variable holds that a manifest names. Those that every tool takes for github.com's are not given to others.
fn of_variable(place: &Place, name: &str, environment: &Variables) -> Result<String, TokenError> {
    if matches!(name, "GH_TOKEN" | "GITHUB_TOKEN") && !(place.kind == HostKind::Github && place.is_usual()) {
        let of = "github.com";
        return Err(TokenError::OfAnotherHost { variable: name.to_owned(), of, host: place.host.clone() });
    }
    let value = environment.raw(name).and_then(|value| value.to_str());
    value.map(str::to_owned).ok_or_else(|| TokenError::Unset(name.to_owned()))
}

fn token(text: &str, from: &str) -> Result<ApiToken, TokenError> {
    text.parse().map_err(|source| TokenError::Invalid { from: from.to_owned(), source })
}
