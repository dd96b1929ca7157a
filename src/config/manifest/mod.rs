//! The manifest, `hookbelt.toml`: the file that describes one app.

pub mod error;
pub mod locate;
mod raw;
#[cfg(test)]
mod tests;
mod validate;

use std::path::{Path, PathBuf};

pub(in crate::config) use crate::config::manifest::raw::RawSecret;
pub(in crate::config) use crate::config::manifest::validate::secret;

use crate::config::files;
use crate::config::manifest::error::{ManifestError, TomlError};
use crate::config::manifest::raw::RawManifest;
use crate::domain::app::App;
use crate::domain::profile::ProfileName;

/// The file's usual name.
pub const FILE_NAME: &str = "hookbelt.toml";

/// The most bytes of a manifest.
const MAX_FILE: u64 = 1024 * 1024;

/// An app and the file that describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The file, as an absolute path.
    pub path: PathBuf,
    /// What it describes; only with a `backend` it may have no services.
    pub app: App,
    /// The profile of the deploy API that commands talk to; without it the app is embedded.
    pub backend: Option<ProfileName>,
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// When it cannot be read, or says what cannot be; with file, line, column and the nearest known key.
    pub fn read(path: &Path) -> Result<Self, ManifestError> {
        let absolute = std::path::absolute(path).map_err(|source| ManifestError::NoFolder { source })?;
        let absolute = tidy(&absolute);
        let text = files::read_text(path, MAX_FILE)?;
        let raw: RawManifest = toml::from_str(&text).map_err(|error| TomlError::new(path, &text, &error))?;
        let folder = absolute.parent().unwrap_or(Path::new("/"));
        let backend = raw.backend.clone();
        let app = validate::app(raw, folder).map_err(|fault| fault.at(path, &text))?;
        Ok(Self { path: absolute, app, backend })
    }

    /// The folder it lies in: relative paths are relative to it, and services without a checkout run there.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

/// The path without `..` and links on the way to it. The file itself may be a link: what counts is where that lies.
fn tidy(path: &Path) -> PathBuf {
    let tidied = path.parent().and_then(|folder| folder.canonicalize().ok()).zip(path.file_name());
    tidied.map_or_else(|| path.to_owned(), |(folder, name)| folder.join(name))
}
