//! The Git repository that a command is run in: its remotes and its branch. Git itself is asked.

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
}

impl GitPlace {
    /// That of the working folder; none if there is no repository, or no Git.
    #[must_use]
    pub fn here() -> Option<Self> {
        git(&["rev-parse", "--git-dir"])?;
        let branch = git(&["symbolic-ref", "--quiet", "--short", "HEAD"]);
        let followed = branch.as_ref().and_then(|branch| git(&["config", &format!("branch.{branch}.remote")]));
        let remotes = git(&["remote"]).unwrap_or_default();
        let names: Vec<&str> = remotes.lines().collect();
        let push_urls = names.iter().filter_map(|name| git(&["remote", "get-url", "--push", "--", name])).collect();
        let only = names.first().filter(|_| names.len() == 1);
        let origin = names.iter().find(|name| **name == "origin");
        let chosen = followed.filter(|name| names.contains(&name.as_str()));
        let chosen = chosen.or_else(|| origin.or(only).map(|name| (*name).to_owned()));
        let remote = chosen.and_then(|name| git(&["remote", "get-url", "--", &name]));
        Some(Self { push_urls, remote, branch })
    }
}

/// What `git` says in the working folder; nothing if it fails.
fn git(arguments: &[&str]) -> Option<String> {
    let asked = Command::new("git").args(arguments).output().ok()?;
    let said = String::from_utf8(asked.stdout).ok()?.trim().to_owned();
    (asked.status.success() && !said.is_empty()).then_some(said)
}
