//! A bare mirror of a repository: its branches, its tags and its `HEAD`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

use crate::domain::deployment::Target;
use crate::domain::git_ref::is_full_sha;
use crate::domain::git_url::without_credentials;
use crate::engine::source::git::{Git, is_local, without_password};
use crate::engine::source::{Head, Result, SourceError, make_folder};

/// Where the remote's `HEAD` is kept, outside the names that branches and tags have.
const REMOTE_HEAD: &str = "refs/hookbelt/HEAD";

/// The configuration of the mirror and of all its checkouts.
const CONFIG: &str = "config";

/// A copy of it as Git made it.
const PRISTINE_CONFIG: &str = "config.pristine";

/// What Git says of a repository whose objects are not what they should be.
const DAMAGE: [&str; 8] = [
    "unable to read",
    "corrupt",
    "bad object",
    "is empty",
    "not a git repository",
    "missing",
    "did not send all necessary objects",
    "mismatched algorithms",
];

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
            self.make("sha1").await?;
        }
        self.tidy()?;
        match self.update(head).await {
            Err(error) => self.make_anew_if_damaged(error, head).await,
            Ok(()) => Ok(()),
        }
    }

    /// A mirror that is damaged, or of another object format than its remote, is made anew if the remote answers: fetching
    /// does not bring again what the mirror believes to have. After any other failure it stays, and its checkouts with it.
    async fn make_anew_if_damaged(&self, failed: SourceError, head: Head) -> Result<()> {
        let is_damaged = matches!(&failed, SourceError::Git { said } if DAMAGE.iter().any(|sign| said.contains(sign)));
        if !is_damaged {
            return Err(failed);
        }
        let Ok(format) = object_format(self.git, self.repository).await else {
            return Err(failed);
        };
        self.remove()?;
        self.make(format).await?;
        self.update(head).await
    }

    async fn make(&self, format: &str) -> Result<()> {
        make_folder(self.folder)?;
        let format = format!("--object-format={format}");
        let arguments = ["init", "--quiet", "--bare", "--template=", &format, "--"].map(OsStr::new);
        self.git.run(self.repository, &[&arguments[..], &[self.folder.as_os_str()]].concat()).await?;
        // Submodules with relative URLs are relative to where the repository comes from.
        self.run(&["config", "remote.origin.url", &without_password(self.repository)]).await?;
        self.copy(CONFIG, PRISTINE_CONFIG)
    }

    async fn update(&self, head: Head) -> Result<()> {
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
        let url = without_password(self.repository);
        arguments.extend(["--end-of-options", &url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]);
        let head_spec = format!("+HEAD:{REMOTE_HEAD}");
        if head == Head::Wanted {
            arguments.push(&head_spec);
        }
        self.run(&arguments).await.map(drop)
    }

    /// Takes away what a Git that was ended left locked, and what commands in a checkout changed in the configuration
    /// that all checkouts share. Nobody else works on the mirror: its lock is held.
    fn tidy(&self) -> Result<()> {
        remove_locks(self.folder, Depth::This);
        remove_locks(&self.folder.join("refs"), Depth::All);
        if self.folder.join(PRISTINE_CONFIG).exists() { self.copy(PRISTINE_CONFIG, CONFIG) } else { Ok(()) }
    }

    fn copy(&self, from: &str, to: &str) -> Result<()> {
        let copied = fs::copy(self.folder.join(from), self.folder.join(to)).map(drop);
        copied.map_err(|source| SourceError::Folder { path: self.folder.to_owned(), source })
    }

    fn remove(&self) -> Result<()> {
        let removed = fs::remove_dir_all(self.folder);
        removed.map_err(|source| SourceError::Folder { path: self.folder.to_owned(), source })
    }

    /// The commit that `target` means, with the branch it comes from where that is known.
    pub(super) async fn resolve(&self, target: &Target) -> Result<Target> {
        let (sha, branch) = match (&target.reference, &target.sha, &target.branch) {
            (Some(reference), _, known) => {
                let (sha, branch) = self.find(reference).await?;
                (sha, branch.or_else(|| known.clone()))
            }
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

    /// A commit by its sha or the first digits of it, a branch, a tag, or a full ref. A whole sha is always the commit,
    /// whatever a branch may be called; any other name must mean one thing.
    async fn find(&self, reference: &str) -> Result<(String, Option<String>)> {
        if is_full_sha(reference) {
            let sha = self.commit(reference).await?;
            return Ok((sha.ok_or_else(|| self.no_such(format!("commit `{reference}`")))?, None));
        }
        if reference.starts_with("refs/") || reference == "HEAD" {
            let sha = self.commit(if reference == "HEAD" { REMOTE_HEAD } else { reference }).await?;
            let branch = reference.strip_prefix("refs/heads/").map(str::to_owned);
            return Ok((sha.ok_or_else(|| self.no_such(format!("ref `{reference}`")))?, branch));
        }
        let head = self.commit(&format!("refs/heads/{reference}")).await?;
        let tag = self.commit(&format!("refs/tags/{reference}")).await?;
        let may_be_sha = reference.len() >= 4 && reference.bytes().all(|b| b.is_ascii_hexdigit());
        // As long as there is a branch or tag of that name, Git does not take it for the beginning of a sha.
        let commits = if may_be_sha { self.commits_beginning_with(reference).await? } else { Vec::new() };
        let branch = head.is_some().then(|| reference.to_owned());
        let mut meanings: Vec<String> = [head, tag].into_iter().flatten().chain(commits).collect();
        meanings.sort();
        meanings.dedup();
        match meanings.as_slice() {
            [one] => Ok((one.clone(), branch)),
            [] => Err(self.no_such(format!("branch, tag or commit `{reference}`"))),
            _ => Err(SourceError::Ambiguous(reference.to_owned())),
        }
    }

    /// The commits whose sha begins with these digits.
    async fn commits_beginning_with(&self, digits: &str) -> Result<Vec<String>> {
        let mut commits = Vec::new();
        for object in self.run(&["rev-parse", &format!("--disambiguate={digits}")]).await?.lines() {
            // A tag object, a tree or a blob may begin so too; only commits can be meant.
            if self.run(&["cat-file", "-t", object]).await?.trim() == "commit" {
                commits.push(object.to_owned());
            }
        }
        Ok(commits)
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

    /// Whether one commit is below another, and another one.
    pub(super) async fn is_strict_ancestor(&self, older: &str, newer: &str) -> Result<bool> {
        if older == newer || self.commit(older).await?.is_none() || self.commit(newer).await?.is_none() {
            return Ok(false);
        }
        match self.run(&["merge-base", "--is-ancestor", "--end-of-options", older, newer]).await {
            Ok(_) => Ok(true),
            Err(SourceError::Git { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The full sha of the commit that a name stands for, if it stands for one.
    pub(super) async fn commit(&self, name: &str) -> Result<Option<String>> {
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
        let Err(error) = self.add_worktree(sha, folder).await else {
            return Ok(());
        };
        self.make_anew_if_damaged(error, Head::Wanted).await?;
        let _ = fs::remove_dir_all(folder);
        self.add_worktree(sha, folder).await
    }

    async fn add_worktree(&self, sha: &str, folder: &Path) -> Result<()> {
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

/// How far below a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    This,
    All,
}

fn remove_locks(folder: &Path, depth: Depth) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth == Depth::All {
                remove_locks(&path, depth);
            }
        } else if path.extension() == Some(OsStr::new("lock")) {
            let _ = fs::remove_file(path);
        }
    }
}

/// The object format of a remote that answers, by the length of its shas.
async fn object_format(git: &Git<'_>, repository: &str) -> Result<&'static str> {
    let listed =
        git.run(repository, &["ls-remote", "--quiet", "--end-of-options", &without_password(repository)]).await?;
    let sha = listed.lines().next().and_then(|line| line.split('\t').next()).unwrap_or_default();
    Ok(if sha.len() == 64 { "sha256" } else { "sha1" })
}

/// The commit of a remote's branch, or of its `HEAD`, without fetching anything.
pub(super) async fn probe(git: &Git<'_>, repository: &str, branch: Option<&str>) -> Result<String> {
    let wanted = branch.map_or_else(|| "HEAD".to_owned(), |branch| format!("refs/heads/{branch}"));
    let listed = git
        .run(repository, &["ls-remote", "--quiet", "--end-of-options", &without_password(repository), &wanted])
        .await?;
    let sha = listed
        .lines()
        .find_map(|line| line.split_once('\t').filter(|(_, name)| *name == wanted).map(|(sha, _)| sha.to_owned()));
    sha.ok_or_else(|| {
        let what = branch.map_or_else(|| "HEAD: name a `branch`".to_owned(), |branch| format!("branch `{branch}`"));
        SourceError::NoSuchRef { repository: without_credentials(repository), what }
    })
}
