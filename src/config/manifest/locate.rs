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
    /// Manifests passed over because anybody can write to them or to their folder.
    pub skipped: Vec<PathBuf>,
}

/// Looks for `hookbelt.toml` from `start` upwards. The search ends at the repository's root, at `home` or
/// where another file system begins; a world-writable folder or manifest is passed over, since
/// anybody could put commands there.
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
        if let Ok(found) = candidate.symlink_metadata() {
            let anybody_writes = |metadata: &fs::Metadata| metadata.mode() & 0o002 != 0 && !metadata.is_symlink();
            if !anybody_writes(&metadata) && !anybody_writes(&found) {
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use tempfile::TempDir;

    use super::*;

    /// Folders inside each other: `home/repository/app/src`.
    struct Folders {
        home: PathBuf,
        _kept: TempDir,
    }

    impl Folders {
        fn new() -> Self {
            let kept = tempfile::tempdir().unwrap();
            let home = kept.path().join("home");
            fs::create_dir_all(home.join("repository/app/src")).unwrap();
            Self { home, _kept: kept }
        }

        /// With a manifest in each of these.
        fn with_manifests(self, folders: &[&str]) -> Self {
            for folder in folders {
                fs::write(self.manifest(folder), "").unwrap();
            }
            self
        }

        fn manifest(&self, folder: &str) -> PathBuf {
            self.home.join(folder).join(FILE_NAME)
        }

        fn set_mode(&self, folder: &str, mode: u32) {
            fs::set_permissions(self.home.join(folder), fs::Permissions::from_mode(mode)).unwrap();
        }

        /// What is found from `repository/app/src`.
        fn located(&self) -> Located {
            locate(&self.home.join("repository/app/src"), Some(&self.home))
        }

        fn found(&self, folder: &str) -> Located {
            Located { manifest: Some(self.manifest(folder)), skipped: Vec::new() }
        }
    }

    #[test]
    fn the_nearest_manifest_upwards_is_found() {
        let cases: [(&[&str], &str); 4] = [
            (&["repository/app/src", "repository/app", "repository"], "repository/app/src"),
            (&["repository/app", "repository"], "repository/app"),
            (&["repository"], "repository"),
            (&["."], "."),
        ];
        for (manifests, nearest) in cases {
            let folders = Folders::new().with_manifests(manifests);
            assert_eq!(folders.located(), folders.found(nearest), "{manifests:?}");
        }
        assert_eq!(Folders::new().located(), Located::default());
    }

    #[test]
    fn a_manifest_beside_the_way_is_not_found() {
        let folders = Folders::new();
        fs::create_dir(folders.home.join("repository/other")).unwrap();
        let folders = folders.with_manifests(&["repository/other"]);
        fs::write(folders.home.join("repository/hookbelt.toml.bak"), "").unwrap();
        assert_eq!(folders.located(), Located::default());
    }

    #[test]
    fn the_search_ends_at_the_root_of_a_repository() {
        for git_is_a_file in [false, true] {
            let folders = Folders::new().with_manifests(&["."]);
            let git = folders.home.join("repository/.git");
            // In a worktree and in a submodule it is a file.
            let made = if git_is_a_file { fs::write(git, "gitdir: x") } else { fs::create_dir(git) };
            made.unwrap();
            assert_eq!(folders.located(), Located::default());
            let folders = folders.with_manifests(&["repository"]);
            assert_eq!(folders.located(), folders.found("repository"));
        }
    }

    #[test]
    fn the_search_ends_at_home() {
        let folders = Folders::new().with_manifests(&[".."]);
        assert_eq!(folders.located(), Located::default());
        let beside = locate(&folders.home, Some(&folders.home.join("repository")));
        assert_eq!(beside.manifest, Some(folders.home.parent().unwrap().join(FILE_NAME)));
    }

    #[test]
    fn a_folder_that_anybody_can_write_to_is_passed_over_and_told_of() {
        let folders = Folders::new().with_manifests(&["repository/app/src", "repository/app", "repository"]);
        folders.set_mode("repository/app/src", 0o1777);
        folders.set_mode("repository/app", 0o702);
        folders.set_mode("repository", 0o775);
        let skipped = ["repository/app/src", "repository/app"].map(|folder| folders.manifest(folder)).to_vec();
        let expected = Located { manifest: Some(folders.manifest("repository")), skipped };
        assert_eq!(folders.located(), expected);
    }

    #[test]
    fn an_open_folder_without_a_manifest_is_not_told_of_and_still_ends_the_search() {
        let folders = Folders::new().with_manifests(&["."]);
        folders.set_mode("repository/app", 0o777);
        assert_eq!(folders.located(), folders.found("."));
        folders.set_mode("repository", 0o777);
        fs::create_dir(folders.home.join("repository/.git")).unwrap();
        assert_eq!(folders.located(), Located::default());
        let folders = folders.with_manifests(&["repository"]);
        assert_eq!(folders.located().skipped, [folders.manifest("repository")]);
        assert_eq!(folders.located().manifest, None);
    }

    #[test]
    fn a_broken_link_in_the_manifests_place_is_found_so_that_reading_it_can_say_so() {
        let folders = Folders::new().with_manifests(&["."]);
        symlink("nowhere", folders.manifest("repository")).unwrap();
        assert_eq!(folders.located(), folders.found("repository"));
    }

    #[test]
    fn a_folder_that_is_not_there_has_no_manifest() {
        let folders = Folders::new().with_manifests(&["."]);
        assert_eq!(locate(&folders.home.join("nowhere"), None), Located::default());
    }
}
