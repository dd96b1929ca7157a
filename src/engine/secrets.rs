//! The secrets that a manifest names, read where it says.

use hookbelt_signature::Secret;
use hookbelt_signature::standard_webhooks::{self, NotAKey};

use crate::config::environment::Variables;
use crate::config::files::{self, FileError};
use crate::domain::app::{App, DeployHook, SecretSource};
use crate::domain::delivery::receiver::HookFormat;

/// Why a secret that a manifest names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Its file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its variable is not set, or empty.
    #[error("the environment variable {0} is not set, or empty")]
    NotSet(String),
    /// It cannot be a key of the hook's format.
    #[error(transparent)]
    NotAKey(#[from] NotAKey),
}

/// The secret that signs a deploy hook, if it has one.
///
/// # Errors
/// When it cannot be read, or cannot be a key.
pub fn hook_secret(hook: &DeployHook, variables: &Variables) -> std::result::Result<Option<Secret>, SecretError> {
    let secret = hook.secret.as_ref().map(|source| read_secret(source, variables)).transpose()?;
    if let (HookFormat::StandardWebhooks, Some(secret)) = (hook.receiver.format(), &secret) {
        standard_webhooks::check(secret)?;
    }
    Ok(secret)
}

/// The secret that a Git host signs with, if the manifest names one: the first, while there are several.
///
/// # Errors
/// When it cannot be read.
pub fn signing_secret(app: &App, variables: &Variables) -> std::result::Result<Option<Secret>, SecretError> {
    app.redeployment_hook.secrets.first().map(|source| read_secret(source, variables)).transpose()
}

/// A secret, from where a manifest says that it is.
///
/// # Errors
/// When it cannot be read.
pub fn read_secret(source: &SecretSource, variables: &Variables) -> std::result::Result<Secret, SecretError> {
    match source {
        SecretSource::File(path) => Ok(files::read_secret(path)?),
        SecretSource::Variable(name) => {
            let value = variables.raw(name).ok_or_else(|| SecretError::NotSet(name.clone()))?;
            let bytes = std::os::unix::ffi::OsStrExt::as_bytes(value.as_os_str()).to_vec();
            Secret::new(bytes).map_err(|_| SecretError::NotSet(name.clone()))
        }
    }
}
