//! An app, its identity, and how a name typed by a person finds one among several.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::nearest::nearest;
use crate::domain::printable::{Colours, printable};
use crate::domain::service::{Service, ServiceName};
use crate::domain::signature::deploy_hook::DeployHookBase;

/// The most characters an app name or an environment may have.
const MAX_NAME: usize = 100;

/// Why a text cannot name an app or an environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot be an {what}: {reason}")]
pub struct InvalidName {
    what: &'static str,
    name: String,
    reason: &'static str,
}

fn checked(what: &'static str, name: &str) -> Result<String, InvalidName> {
    let refused = |reason| InvalidName { what, name: name.chars().take(MAX_NAME).collect(), reason };
    if name.trim().is_empty() {
        return Err(refused("it is empty"));
    }
    if name.trim() != name {
        return Err(refused("it begins or ends with a blank"));
    }
    if name.contains('\t') || printable(name, Colours::Remove) != name {
        return Err(refused("it holds a character that cannot be printed"));
    }
    if name.contains('/') {
        return Err(refused("it holds a `/`"));
    }
    if name.starts_with('-') {
        return Err(refused("it begins with `-`"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(refused("it is longer than 100 characters"));
    }
    Ok(name.to_owned())
}

/// The name of an app: printable, no `/`, no leading `-`, at most 100 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AppName(String);

/// Where an app runs: free text by the rules of [`AppName`], `production` unless said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Environment(String);

text_newtype!(AppName, InvalidName, |text| checked("app name", text));
text_newtype!(Environment, InvalidName, |text| checked("environment", text));

impl Default for Environment {
    fn default() -> Self {
        Self("production".to_owned())
    }
}

impl Environment {
    /// Whether acting here asks for confirmation: exactly `production`.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.0 == "production"
    }
}

/// What tells one app from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AppIdentity {
    /// Its name.
    pub name: AppName,
    /// Where it runs.
    pub environment: Environment,
}

impl AppIdentity {
    /// Lower case letters and digits of name and environment, other runs as one `-`: the default
    /// `COMPOSE_PROJECT_NAME`, so that two environments on one machine never share containers.
    #[must_use]
    pub fn slug(&self) -> String {
        let joined = format!("{}-{}", self.name, self.environment).to_lowercase();
        let words = joined.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-")
    }
}

impl fmt::Display for AppIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.name, self.environment)
    }
}

/// A named set of services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeploymentProfile {
    /// Its name.
    pub name: String,
    /// The services it deploys, at least one.
    pub services: Vec<ServiceName>,
}

/// Where a secret is kept; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// A file; a relative path is relative to the manifest.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
}

/// A receiver that is told of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeployHook {
    /// The configured URL, to which the parameters are added.
    pub base: DeployHookBase,
    /// The key of the signature; without one there is no `Authorization` header.
    pub secret: Option<SecretSource>,
}

/// What a manifest describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Name and environment.
    pub identity: AppIdentity,
    /// Its services in manifest order, at least one.
    pub services: Vec<Service>,
    /// Its named sets of services.
    pub deployment_profiles: Vec<DeploymentProfile>,
    /// Who is told of its releases.
    pub deploy_hooks: Vec<DeployHook>,
}

/// Why a typed name stands for no app, or for more than one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotOneApp {
    /// Nothing has that name.
    #[error("there is no app `{wanted}`")]
    Unknown {
        /// What was typed.
        wanted: String,
        /// The app whose name is most like it.
        nearest: Option<AppIdentity>,
    },
    /// Several apps have that name.
    #[error("`{wanted}` is more than one app")]
    Ambiguous {
        /// What was typed.
        wanted: String,
        /// The apps that it could be.
        candidates: Vec<AppIdentity>,
    },
}

/// Finds the app that a person means: an equal name first, else the only name that begins so, ignoring
/// case; `environment` narrows in the same two steps (the rule of `cx`).
///
/// # Errors
/// When no app or more than one fits.
pub fn find_app<'a>(
    apps: &'a [AppIdentity],
    wanted: &str,
    environment: Option<&str>,
) -> Result<&'a AppIdentity, NotOneApp> {
    let Some(environment) = environment else {
        return by_name(&apps.iter().collect::<Vec<_>>(), wanted);
    };
    let environment = environment.to_lowercase();
    let of = |app: &&AppIdentity| app.environment.as_str().to_lowercase();
    let exact: Vec<_> = apps.iter().filter(|app| of(app) == environment).collect();
    let begins: Vec<_> = apps.iter().filter(|app| of(app).starts_with(&environment)).collect();
    by_name(&exact, wanted).or_else(|_| by_name(&begins, wanted))
}

fn by_name<'a>(apps: &[&'a AppIdentity], wanted: &str) -> Result<&'a AppIdentity, NotOneApp> {
    let folded = wanted.to_lowercase();
    let of = |app: &AppIdentity| app.name.as_str().to_lowercase();
    let mut fits: Vec<_> = apps.iter().copied().filter(|app| of(app) == folded).collect();
    if fits.is_empty() && !folded.is_empty() {
        fits = apps.iter().copied().filter(|app| of(app).starts_with(&folded)).collect();
    }
    match fits.as_slice() {
        [one] => Ok(one),
        [] => Err(NotOneApp::Unknown {
            wanted: wanted.to_owned(),
            nearest: nearest(&folded, apps, |app| of(app)).map(|app| (*app).clone()),
        }),
        several => Err(NotOneApp::Ambiguous {
            wanted: wanted.to_owned(),
            candidates: several.iter().map(|app| (*app).clone()).collect(),
        }),
    }
}
