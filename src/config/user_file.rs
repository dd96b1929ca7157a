//! The user's config file, `hookbelt/config.toml` in the user's config folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::config::files::{self, FileError};
use crate::config::manifest::error::TomlError;
use crate::domain::duration;

/// The most bytes of a config file.
const MAX_FILE: u64 = 1024 * 1024;

/// What the file may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub struct UserFile {
    /// Every length of time that hookbelt goes by.
    #[serde(default)]
    pub limits: Limits,
}

/// Every length of time that hookbelt goes by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table")]
pub struct Limits {
    /// How long an engine's claim on an app holds without being renewed.
    #[serde(deserialize_with = "length")]
    pub lease: Duration,
    /// How long a command may go on after TERM, before KILL.
    #[serde(deserialize_with = "length")]
    pub kill_after: Duration,
    /// The pause between two tries of a `check`.
    #[serde(deserialize_with = "length")]
    pub check_interval: Duration,
    /// How long one run of `git` may take.
    #[serde(deserialize_with = "length")]
    pub git: Duration,
    /// How long a deploy hook's receiver may take to answer.
    #[serde(deserialize_with = "length")]
    pub deploy_hook: Duration,
    /// How long the head of a received request may take to come.
    #[serde(deserialize_with = "length")]
    pub request_head: Duration,
    /// How long its body may take.
    #[serde(deserialize_with = "length")]
    pub request_body: Duration,
    /// The pause between two signs of life while nothing else is printed.
    #[serde(deserialize_with = "length")]
    pub heartbeat: Duration,
    /// How long a delivery of a redeployment hook is remembered, so that its repetition deploys nothing.
    #[serde(deserialize_with = "length")]
    pub deduplication: Duration,
    /// How long a push waits for the event of its deployment at the Git host, while `continuous.deploy` is on.
    #[serde(deserialize_with = "length")]
    pub continuous_deploy_wait: Duration,
    /// How long the lines of a log are kept.
    #[serde(deserialize_with = "length")]
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
            request_head: Duration::from_secs(10),
            request_body: Duration::from_secs(30),
            heartbeat: Duration::from_secs(30),
            deduplication: Duration::from_hours(7 * 24),
            continuous_deploy_wait: Duration::from_mins(10),
            log_retention: Duration::from_hours(30 * 24),
        }
    }
}

fn length<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    duration::parse(&text).map_err(serde::de::Error::custom)
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
            toml::from_str(&text).map_err(|error| TomlError::new(path, &text, &error).into())
        }
    }
}
