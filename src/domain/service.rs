//! A service of an app: where its code or image comes from, and the commands that deploy it.

use std::time::Duration;

use indexmap::IndexMap;

use crate::domain::image::Image;

/// Why a text cannot name a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} cannot be a service name: use 1 to 63 letters, digits, `.`, `_` and `-`, beginning with a letter or digit"
)]
pub struct InvalidServiceName(String);

/// The name of a service: `[A-Za-z0-9][A-Za-z0-9._-]{0,62}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceName(String);

text_newtype!(ServiceName, InvalidServiceName, |text| {
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if begins_well && text.len() <= 63 && text.chars().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err(InvalidServiceName(text.chars().take(80).collect()))
    }
});

/// A part of an app, as its manifest describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name, unique in the app.
    pub name: ServiceName,
    /// What it is deployed from.
    pub source: Source,
    /// What is run to deploy it.
    pub commands: Commands,
}

/// What a service is deployed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A repository and a branch: a *git service*.
    Git(GitSource),
    /// An image and a tag: an *image service*.
    Image(Image),
}

/// Where a git service's code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitSource {
    /// The remote as the manifest spells it; a relative path has been made absolute. Only without a checkout may there
    /// be none; then no push is about the service.
    pub repository: Option<String>,
    /// The branch; left out it is the remote's `HEAD`.
    pub branch: Option<String>,
    /// Whether the commands run in a checkout of it, and whether Git is run at all.
    pub checkout: Checkout,
}

/// How a git service's code reaches its commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkout {
    /// A fresh folder at the sha.
    Fresh,
    /// The same with its submodules.
    WithSubmodules,
    /// None: the commands run in the manifest's folder and Git is never run.
    None,
}

/// What is run for a service, each through `sh -c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commands {
    /// Run first, if there is one.
    pub build: Option<String>,
    /// Run next.
    pub deploy: String,
    /// Run last and repeated until it passes, if there is one.
    pub check: Option<String>,
    /// How long all three may take together.
    pub timeout: Duration,
    /// Variables set for them.
    pub env: IndexMap<String, String>,
    /// Variables handed on from hookbelt's own environment.
    pub pass_env: Vec<String>,
}

/// One of the three commands of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// `build`
    Build,
    /// `deploy`
    Deploy,
    /// `check`
    Check,
}

impl Step {
    /// The manifest's key for it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Deploy => "deploy",
            Self::Check => "check",
        }
    }
}

impl Commands {
    /// The commands there are, in the order in which they run.
    pub fn steps(&self) -> impl Iterator<Item = (Step, &str)> {
        let build = self.build.as_deref().map(|command| (Step::Build, command));
        let check = self.check.as_deref().map(|command| (Step::Check, command));
        build.into_iter().chain([(Step::Deploy, self.deploy.as_str())]).chain(check)
    }
}
