//! The Git repository that a command is run in: its remotes and its branch. Git itself is asked.

use std::io;
use std::process::Command;

/// The working folder's repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitPlace {
    /// The URLs that each remote is pushed to, in Git's order.
    pub push_urls: Vec<String>,
    /// The URL of the remote that the branch follows, else that of `origin`, else of the only one.
    pub remote: Option<String>,
    /// The branch that is checked out; none on a detached HEAD.
    pub branch: Option<String>,
    /// The way from the working folder to the top of the repository, such as `../`; `.` at the top.
    pub top: String,
}

impl GitPlace {
    /// That of the working folder; none if it is in no repository.
    ///
    /// # Errors
    /// When Git cannot be run.
    pub fn here() -> io::Result<Option<Self>> {
        if git(&["rev-parse", "--git-dir"])?.is_none() {
            return Ok(None);
        }
        let branch = git(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        let followed = match &branch {
            Some(branch) => git(&["config", &format!("branch.{branch}.remote")])?,
            None => None,
        };
        let remotes = git(&["remote"])?.unwrap_or_default();
        let names: Vec<&str> = remotes.lines().collect();
        let pushed = names.iter().map(|name| git(&["remote", "get-url", "--push", "--", name]));
        let push_urls = pushed.filter_map(io::Result::transpose).collect::<io::Result<_>>()?;
        let only = names.first().filter(|_| names.len() == 1);
        let origin = names.iter().find(|name| **name == "origin");
        let chosen = followed.as_deref().or(origin.or(only).copied());
        let remote = match chosen {
            Some(name) => git(&["remote", "get-url", "--", name])?,
            None => None,
        };
        let top = git(&["rev-parse", "--show-cdup"])?.unwrap_or_else(|| ".".to_owned());
        Ok(Some(Self { push_urls, remote, branch, top }))
    }
}

/// What `git` says in the working folder; nothing if it fails.
fn git(arguments: &[&str]) -> io::Result<Option<String>> {
    let asked = Command::new("git").args(arguments).output()?;
    let said = String::from_utf8(asked.stdout).unwrap_or_default().trim().to_owned();
    Ok((asked.status.success() && !said.is_empty()).then_some(said))
}
