//! Where code comes from: a bare mirror a repository, and a fresh checkout a service and deployment.

mod git;
mod mirror;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha1::{Digest, Sha1};

use crate::config::environment::Variables;
use crate::config::user_file::Limits;
use crate::domain::deployment::Target;
use crate::domain::service::Checkout;
use crate::engine::cancel::Cancel;
use crate::engine::source::git::Git;
use crate::engine::source::mirror::Mirror;
use crate::engine::supervisor::Supervision;

/// Why a source could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Git is not there.
    #[error("the program `git` is not installed, or not on PATH")]
    NoGit,
    /// Git could not be run.
    #[error("git could not be run")]
    Start {
        /// What the system said.
        source: io::Error,
    },
    /// Git failed.
    #[error("git failed: {said}")]
    Git {
        /// What it printed last.
        said: String,
    },
    /// Git took too long.
    #[error("git did not end within {limit}")]
    TimedOut {
        /// How long it may take.
        limit: String,
    },
    /// The deployment was canceled.
    #[error("it was canceled")]
    Canceled,
    /// No branch, tag or commit has that name.
    #[error("{repository} has no {what}")]
    NoSuchRef {
        /// The repository, without credentials.
        repository: String,
        /// What was looked for.
        what: String,
    },
    /// A name with more than one meaning.
    #[error(
        "`{0}` is more than one of a branch, a tag and a commit: say `refs/heads/{0}`, `refs/tags/{0}` or the whole sha"
    )]
    Ambiguous(String),
    /// A pushed commit that is not on the branch it was pushed to.
    #[error("{sha} is not on branch {branch}")]
    NotOnBranch {
        /// The commit.
        sha: String,
        /// The branch.
        branch: String,
    },
    /// A folder could not be made or removed.
    #[error("could not prepare {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

type Result<T> = std::result::Result<T, SourceError>;

/// Whether a fetch asks for the remote's `HEAD`, which an empty repository does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// It does.
    Wanted,
    /// It does not.
    NotWanted,
}

/// The mirrors and checkouts of a store.
#[derive(Debug)]
pub struct Sources<'a> {
    files: PathBuf,
    git: Git<'a>,
}

impl<'a> Sources<'a> {
    /// Those below `files`; `limit` is how long one run of Git may take.
    pub(super) fn new(
        files: PathBuf,
        variables: &'a Variables,
        limit: Duration,
        cancel: &'a Cancel,
        supervision: Supervision,
    ) -> Self {
        Self { files, git: Git { variables, limit, cancel, supervision } }
    }

    /// For looking at repositories alone.
    #[must_use]
    pub fn for_probing(variables: &'a Variables, limits: &Limits, cancel: &'a Cancel) -> Self {
        Self::new(PathBuf::new(), variables, limits.git, cancel, Supervision::unclaimed(limits.kill_after))
    }

    /// Brings the mirror of a repository up to date; with its `HEAD` if that is asked for.
    ///
    /// # Errors
    /// When it cannot be fetched.
    pub async fn fetch(&self, repository: &str, head: Head) -> Result<()> {
        let folder = self.mirror_folder(repository)?;
        self.alone(&folder, Mirror { git: &self.git, folder: &folder, repository }.fetch(head)).await
    }

    /// Finds the commit that `target` means in a mirror that was fetched; what is known of it is added.
    ///
    /// # Errors
    /// When there is no such commit.
    pub async fn resolve(&self, repository: &str, target: &Target) -> Result<Target> {
        let folder = self.mirror_folder(repository)?;
        Mirror { git: &self.git, folder: &folder, repository }.resolve(target).await
    }

    /// Whether the mirror of a repository holds a commit already.
    pub(super) async fn has(&self, repository: &str, sha: &str) -> bool {
        let Ok(folder) = self.mirror_folder(repository) else {
            return false;
        };
        folder.exists()
            && matches!(Mirror { git: &self.git, folder: &folder, repository }.commit(sha).await, Ok(Some(_)))
    }

    /// Whether a commit is a strict ancestor of another; not if either is not in the mirror.
    ///
    /// # Errors
    /// When Git cannot be run.
    pub(super) async fn is_ancestor(&self, repository: &str, older: &str, newer: &str) -> Result<bool> {
        let folder = self.mirror_folder(repository)?;
        Mirror { git: &self.git, folder: &folder, repository }.is_strict_ancestor(older, newer).await
    }

    /// Checks a resolved commit out into a fresh folder for this deployment and service.
    ///
    /// # Errors
    /// When that fails.
    pub async fn check_out(&self, repository: &str, checkout: Checkout, sha: &str, name: &str) -> Result<PathBuf> {
        let folder = self.mirror_folder(repository)?;
        let checkouts = self.files.join("checkouts");
        make_folder(&checkouts)?;
        let path = checkouts.join(name);
        let mirror = Mirror { git: &self.git, folder: &folder, repository };
        let checking_out = async {
            mirror.check_out(sha, &path).await?;
            if checkout == Checkout::WithSubmodules { mirror.add_submodules(&path).await } else { Ok(()) }
        };
        self.alone(&folder, checking_out).await?;
        Ok(path)
    }

    /// Removes the checkouts that are old by their names. What cannot be removed stays until the next time.
    pub(super) fn forget_checkouts(files: &Path, is_old: impl Fn(&str) -> bool) {
        let entries = fs::read_dir(files.join("checkouts")).into_iter().flatten().flatten();
        for entry in entries {
            if entry.file_name().to_str().is_some_and(&is_old) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Whether a repository can be reached and has the branch, without fetching it.
    ///
    /// # Errors
    /// When it cannot be reached or has no such branch.
    pub async fn probe(&self, repository: &str, branch: Option<&str>) -> Result<String> {
        mirror::probe(&self.git, repository, branch).await
    }

    fn mirror_folder(&self, repository: &str) -> Result<PathBuf> {
        let mirrors = self.files.join("mirrors");
        make_folder(&mirrors)?;
        Ok(mirrors.join(format!("{}.git", hex::encode(Sha1::digest(repository)))))
    }

    /// Works on a mirror while nobody else does.
    async fn alone<T>(&self, mirror: &Path, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut lock = tokio::select! {
            lock = self.git.supervision.hold(mirror.with_extension("lock")) => lock.map_err(failed_to_start)?,
            () = self.git.cancel.requested() => return Err(SourceError::Canceled),
        };
        tokio::select! {
            biased;
            lost = lock.lost() => Err(failed_to_start(lost)),
            done = work => done,
        }
    }
}

fn failed_to_start(source: io::Error) -> SourceError {
    SourceError::Start { source }
}

fn make_folder(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| SourceError::Folder { path: path.to_owned(), source })
}
