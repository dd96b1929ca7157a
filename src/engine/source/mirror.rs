//! A bare mirror of a repository: its branches, its tags and its `HEAD`.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::domain::deployment::Target;
use crate::domain::git_ref::is_full_sha;
use crate::domain::git_url::without_credentials;
use crate::engine::source::git::{Git, is_local};
use crate::engine::source::{Head, Result, SourceError, make_folder};

/// Where the remote's `HEAD` is kept, outside the names that branches and tags have.
const REMOTE_HEAD: &str = "refs/hookbelt/HEAD";

/// A mirror on disk.
#[derive(Debug)]
pub(super) struct Mirror<'a> {
    pub git: &'a Git<'a>,
    pub folder: &'a Path,
    pub repository: &'a str,
}

impl Mirror<'_> {
    /// Brings the mirror up to date, making it if need be.
    pub(super) async fn fetch(&self, head: Head) -> Result<()> {
        if !self.folder.join("HEAD").exists() {
            make_folder(self.folder)?;
            let arguments = ["init", "--quiet", "--bare", "--template=", "--"].map(OsStr::new);
            self.git.run(self.repository, &[&arguments[..], &[self.folder.as_os_str()]].concat()).await?;
        }
        let mut arguments = vec![
            "fetch",
            "--quiet",
            "--prune",
            "--force",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
        ];
        if is_local(self.repository) {
            arguments.push("--update-shallow");
        }
        arguments.extend([
            "--end-of-options",
            self.repository,
            "+refs/heads/*:refs/heads/*",
            "+refs/tags/*:refs/tags/*",
        ]);
        let head_spec = format!("+HEAD:{REMOTE_HEAD}");
        if head == Head::Wanted {
            arguments.push(&head_spec);
        }
        self.run(&arguments).await.map(drop)
    }

    /// The commit that `target` means, with the branch it comes from where that is known.
    pub(super) async fn resolve(&self, target: &Target) -> Result<Target> {
        let (sha, branch) = match (&target.reference, &target.sha, &target.branch) {
            (Some(reference), ..) => self.find(reference).await?,
            (None, Some(sha), branch) => (self.pushed(sha, branch.as_deref()).await?, branch.clone()),
            (None, None, Some(branch)) => {
                let sha = self.commit(&format!("refs/heads/{branch}")).await?;
                (sha.ok_or_else(|| self.no_such(format!("branch `{branch}`")))?, Some(branch.clone()))
            }
            (None, None, None) => {
                let sha = self.commit(REMOTE_HEAD).await?;
                (sha.ok_or_else(|| self.no_such("HEAD: name a `branch`".to_owned()))?, None)
            }
        };
        Ok(Target { sha: Some(sha), branch, ..target.clone() })
    }

    /// A branch, a tag, a full ref, or a commit by the first digits of its sha.
    async fn find(&self, reference: &str) -> Result<(String, Option<String>)> {
        let branch = reference.strip_prefix("refs/heads/");
        if reference.starts_with("refs/") || reference == "HEAD" {
            let sha = self.commit(if reference == "HEAD" { REMOTE_HEAD } else { reference }).await?;
            return Ok((sha.ok_or_else(|| self.no_such(format!("ref `{reference}`")))?, branch.map(str::to_owned)));
        }
        let head = self.commit(&format!("refs/heads/{reference}")).await?;
        let tag = self.commit(&format!("refs/tags/{reference}")).await?;
        match (head, tag) {
            (Some(head), Some(tag)) if head != tag => return Err(SourceError::Ambiguous(reference.to_owned())),
            (Some(head), _) => return Ok((head, Some(reference.to_owned()))),
            (None, Some(tag)) => return Ok((tag, None)),
            (None, None) => {}
        }
        let may_be_sha =
            reference.len() >= 4 && reference.len() <= 64 && reference.bytes().all(|b| b.is_ascii_hexdigit());
        let sha = if may_be_sha { self.commit(reference).await? } else { None };
        Ok((sha.ok_or_else(|| self.no_such(format!("branch, tag or commit `{reference}`")))?, None))
    }

    /// A pushed commit, which must be on the branch it was pushed to.
    async fn pushed(&self, sha: &str, branch: Option<&str>) -> Result<String> {
        let commit = self.commit(sha).await?.ok_or_else(|| self.no_such(format!("commit `{sha}`")))?;
        if let Some(branch) = branch {
            let head = format!("refs/heads/{branch}");
            let on_branch = self.run(&["merge-base", "--is-ancestor", "--end-of-options", &commit, &head]).await;
            on_branch.map_err(|error| match error {
                SourceError::Git { .. } => SourceError::NotOnBranch { sha: commit.clone(), branch: branch.to_owned() },
                other => other,
            })?;
        }
        Ok(commit)
    }

    /// The full sha of the commit that a name stands for, if it stands for one.
    async fn commit(&self, name: &str) -> Result<Option<String>> {
        let name = format!("{name}^{{commit}}");
        match self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name]).await {
            Ok(sha) => Ok(sha.lines().rfind(|line| is_full_sha(line)).map(str::to_owned)),
            Err(SourceError::Git { said }) if said.is_empty() => Ok(None),
            Err(SourceError::Git { said }) if said.contains("Needed a single revision") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Checks a commit out into a folder that does not exist yet. A worktree costs no copy of the history, and
    /// Git keeps its commit for as long as it is there.
    pub(super) async fn check_out(&self, sha: &str, folder: &Path) -> Result<()> {
        self.run(&["worktree", "prune"]).await?;
        let arguments = ["worktree", "add", "--quiet", "--detach", "--force", "--"].map(OsStr::new);
        self.run(&[&arguments[..], &[folder.as_os_str(), OsStr::new(sha)]].concat()).await.map(drop)
    }

    pub(super) async fn add_submodules(&self, checkout: &Path) -> Result<()> {
        let arguments = ["submodule", "--quiet", "update", "--init", "--recursive"].map(OsStr::new);
        self.git
            .run(self.repository, &[&[OsStr::new("-C"), checkout.as_os_str()], &arguments[..]].concat())
            .await
            .map(drop)
    }

    async fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<String> {
        let mut folder = OsString::from("--git-dir=");
        folder.push(self.folder);
        let all: Vec<&OsStr> = [folder.as_os_str()].into_iter().chain(arguments.iter().map(AsRef::as_ref)).collect();
        self.git.run(self.repository, &all).await
    }

    fn no_such(&self, what: String) -> SourceError {
        SourceError::NoSuchRef { repository: without_credentials(self.repository), what }
    }
}

/// The commit of a remote's branch, or of its `HEAD`, without fetching anything.
pub(super) async fn probe(git: &Git<'_>, repository: &str, branch: Option<&str>) -> Result<String> {
    let wanted = branch.map_or_else(|| "HEAD".to_owned(), |branch| format!("refs/heads/{branch}"));
    let listed = git.run(repository, &["ls-remote", "--quiet", "--end-of-options", repository, &wanted]).await?;
    let sha = listed
        .lines()
        .find_map(|line| line.split_once('\t').filter(|(_, name)| *name == wanted).map(|(sha, _)| sha.to_owned()));
    sha.ok_or_else(|| {
        let what = branch.map_or_else(|| "HEAD: name a `branch`".to_owned(), |branch| format!("branch `{branch}`"));
        SourceError::NoSuchRef { repository: without_credentials(repository), what }
    })
}
