//! Finding the manifest upwards from the working folder.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::manifest::FILE_NAME;

/// What was found on the way up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Located {
    /// The nearest manifest.
    pub manifest: Option<PathBuf>,
    /// Manifests passed over because anybody can write to their folder.
    pub skipped: Vec<PathBuf>,
}

/// Looks for `hookbelt.toml` from `start` upwards. The search ends at the repository's root, at `home` or
/// where another file system begins; a world-writable folder is passed over, since anybody could put a
/// manifest, and so commands, there.
#[must_use]
pub fn locate(start: &Path, home: Option<&Path>) -> Located {
    let mut located = Located::default();
    let Ok(first) = fs::metadata(start) else {
        return located;
    };
    for folder in start.ancestors() {
        let Ok(metadata) = fs::metadata(folder) else {
            break;
        };
        if metadata.dev() != first.dev() {
            break;
        }
        let candidate = folder.join(FILE_NAME);
        if candidate.symlink_metadata().is_ok() {
            if metadata.mode() & 0o002 == 0 {
                located.manifest = Some(candidate);
                break;
            }
            located.skipped.push(candidate);
        }
        if Some(folder) == home || folder.join(".git").exists() {
            break;
        }
    }
    located
}
