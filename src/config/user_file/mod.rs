//! The user's config file, `hookbelt/config.toml` in the user's config folder.

pub mod edit;

use std::path::{Path, PathBuf};
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::config::files::{self, FileError};
use crate::config::git_hosts::{self, RawGitHosts};
use crate::config::manifest::error::{Fault, TomlError};
use crate::domain::git_host::KnownHost;
use crate::domain::profile::{Address, ApiToken, BackendKind, Profile, ProfileName};

/// The most bytes of a config file.
const MAX_FILE: u64 = 1024 * 1024;

/// What the file says.
#[derive(Debug, Clone, Default)]
pub struct UserFile {
    /// Every length of time that hookbelt goes by.
    pub limits: Limits,
    /// The profile of commands that name none.
    pub default_profile: Option<ProfileName>,
    /// The profiles, in the order of the file.
    pub profiles: IndexMap<ProfileName, Profile>,
    /// The Git hosts that are known beside those of a manifest.
    pub git_hosts: Vec<KnownHost>,
}

/// What the file may hold, as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct RawUserFile {
    #[serde(default)]
    limits: Limits,
    default_profile: Option<Spanned<ProfileName>>,
    #[serde(default)]
    profiles: IndexMap<ProfileName, RawProfile>,
    #[serde(default)]
    git_hosts: RawGitHosts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct RawProfile {
    backend: Spanned<String>,
    url: Spanned<String>,
    token: Option<Spanned<String>>,
    user: Option<String>,
    account: Option<u64>,
    ca_file: Option<PathBuf>,
}

/// Every length of time that hookbelt goes by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct Limits {
    /// How long an engine's claim on an app holds without being renewed.
    #[serde(with = "length")]
    pub lease: Duration,
    /// How long a command may go on after TERM, before KILL.
    #[serde(with = "length")]
    pub kill_after: Duration,
    /// The pause between two tries of a `check`.
    #[serde(with = "length")]
    pub check_interval: Duration,
    /// How long one run of `git` may take.
    #[serde(with = "length")]
    pub git: Duration,
    /// How long a deploy hook's receiver may take to answer.
    #[serde(with = "length")]
    pub deploy_hook: Duration,
    /// The pauses before a deploy hook that was not taken is sent again; after the last one it is given up.
    #[serde(with = "lengths")]
    pub deploy_hook_retries: Vec<Duration>,
    /// How long deliveries of deploy hooks are kept once they are over.
    #[serde(with = "length")]
    pub delivery_retention: Duration,
    /// How long the head of a received request may take to come.
    #[serde(with = "length")]
    pub request_head: Duration,
    /// How long its body may take.
    #[serde(with = "length")]
    pub request_body: Duration,
    /// How long a connection to a deploy API may take to be made.
    #[serde(with = "length")]
    pub connect: Duration,
    /// How long a deploy API may take to answer.
    #[serde(with = "length")]
    pub request: Duration,
    /// The first pause before a deploy API is asked again how a deployment stands; each later one is half as long again.
    #[serde(with = "length")]
    pub poll: Duration,
    /// The longest such pause.
    #[serde(with = "length")]
    pub poll_most: Duration,
    /// How long a deploy API may be out of reach while a deployment is watched.
    #[serde(with = "length")]
    pub reconnect: Duration,
    /// The pause between two signs of life while nothing else is printed.
    #[serde(with = "length")]
    pub heartbeat: Duration,
    /// How long a delivery of a redeployment hook is remembered, so that its repetition deploys nothing.
    #[serde(with = "length")]
    pub deduplication: Duration,
    /// How long a push waits for the event of its deployment at the Git host, while `continuous.deploy` is on.
    #[serde(with = "length")]
    pub continuous_deploy_wait: Duration,
    /// The longest that a request to a Git host waits because the host says that it is asked too often.
    #[serde(with = "length")]
    pub git_host_wait: Duration,
    /// How long the lines of a log are kept.
    #[serde(with = "length")]
    pub log_retention: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            kill_after: Duration::from_secs(10),
            check_interval: Duration::from_secs(1),
            git: Duration::from_mins(10),
            deploy_hook: Duration::from_secs(15),
            deploy_hook_retries: vec![
                Duration::from_secs(5),
                Duration::from_mins(1),
                Duration::from_mins(5),
                Duration::from_mins(30),
                Duration::from_hours(2),
                Duration::from_hours(8),
            ],
            delivery_retention: Duration::from_hours(30 * 24),
            request_head: Duration::from_secs(10),
            request_body: Duration::from_secs(30),
            connect: Duration::from_secs(10),
            request: Duration::from_mins(1),
            poll: Duration::from_secs(1),
            poll_most: Duration::from_secs(15),
            reconnect: Duration::from_mins(10),
            heartbeat: Duration::from_secs(30),
            deduplication: Duration::from_hours(7 * 24),
            continuous_deploy_wait: Duration::from_mins(10),
            git_host_wait: Duration::from_mins(2),
            log_retention: Duration::from_hours(30 * 24),
        }
    }
}

/// A length of time as text, e.g. `30s`.
mod length {
    use std::time::Duration;

    use serde::Deserialize;

    use crate::domain::duration;

    pub(super) fn serialize<S: serde::Serializer>(length: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&duration::show(*length))
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        duration::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Lengths of time as a list of texts.
mod lengths {
    use std::time::Duration;

    use serde::{Deserialize, Serialize};

    use crate::domain::duration;

    pub(super) fn serialize<S: serde::Serializer>(lengths: &[Duration], serializer: S) -> Result<S::Ok, S::Error> {
        let texts: Vec<String> = lengths.iter().map(|length| duration::show(*length)).collect();
        texts.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Duration>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let lengths = texts.iter().map(|text| duration::parse(text));
        lengths.collect::<Result<_, _>>().map_err(serde::de::Error::custom)
    }
}

/// Why the config file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UserFileError {
    /// It could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It does not say what it should.
    #[error(transparent)]
    Toml(#[from] TomlError),
}

/// Where the file is, below the user's config folder.
#[must_use]
pub fn path(config_folder: &Path) -> PathBuf {
    config_folder.join("hookbelt").join("config.toml")
}

/// Reads the file; one that does not exist says nothing.
///
/// # Errors
/// When it exists and cannot be read or understood.
pub fn read(path: &Path) -> Result<UserFile, UserFileError> {
    match files::read_text(path, MAX_FILE) {
        Err(FileError::Missing(_)) => Ok(UserFile::default()),
        text => {
            let text = text?;
            let raw: RawUserFile = toml::from_str(&text).map_err(|error| TomlError::new(path, &text, &error))?;
            Ok(understood(raw, path).map_err(|fault| fault.at(path, &text))?)
        }
    }
}

fn understood(raw: RawUserFile, path: &Path) -> Result<UserFile, Fault> {
    let profile = |(name, raw)| Ok((ProfileName::clone(&name), self::profile(&name, raw, path)?));
    let profiles = raw.profiles.into_iter().map(profile).collect::<Result<IndexMap<_, _>, Fault>>()?;
    if let Some(default) = &raw.default_profile
        && !profiles.contains_key(default.get_ref())
    {
        return Err(Fault::new(default.span(), format!("there is no profile `{}`", default.get_ref())));
    }
    let default_profile = raw.default_profile.map(Spanned::into_inner);
    let git_hosts = git_hosts::understood(raw.git_hosts, path.parent().unwrap_or(Path::new("/")))?;
    Ok(UserFile { limits: raw.limits, default_profile, profiles, git_hosts })
}

fn profile(name: &ProfileName, raw: RawProfile, path: &Path) -> Result<Profile, Fault> {
    let kind = match raw.backend.get_ref().parse() {
        Ok(BackendKind::Embedded) | Err(_) => {
            let fault = Fault::new(raw.backend.span(), "this is no kind of deploy API".to_owned());
            return Err(fault.with_hint("write `server`, `cloud66` or `workflow`"));
        }
        Ok(kind) => kind,
    };
    let address = Address::of(kind, raw.url.get_ref())
        .map_err(|error| Fault::new(raw.url.span(), format!("this is no address of a deploy API: {error}")))?;
    let token = raw.token.map(|token| {
        let parsed = token.get_ref().parse::<ApiToken>();
        parsed.map_err(|error| Fault::new(token.span(), format!("this cannot be a token: {error}")))
    });
    let folder = path.parent().unwrap_or(Path::new("/"));
    Ok(Profile {
        name: name.to_string(),
        kind,
        address,
        token: token.transpose()?,
        user: raw.user,
        account: raw.account,
        ca_file: raw.ca_file.map(|file| folder.join(file)),
    })
}
