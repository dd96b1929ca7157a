//! Whether two spellings of a Git remote name the same repository.
//!
//! A webhook spells its repository in the host's ways and the user configured it in another; both
//! are brought to a [`RepositoryKey`] and compared (hosts 4). Nothing here opens a connection, so
//! a repository that its host has renamed counts as another one.

mod host;
mod spelling;
#[cfg(test)]
mod tests;

use std::fmt;

use percent_encoding::percent_decode_str;

use self::spelling::Spelling;
use self::spelling::Transport;
pub use self::spelling::without_credentials;

/// The repository that a remote names: host, path on that host, and transport (hosts 4.1, rule 13).
///
/// Compare keys with [`same_repository`](Self::same_repository): `==` also tells a web remote from
/// an ssh remote of the same repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryKey {
    host: String,
    path: String,
    transport: Transport,
}

impl RepositoryKey {
    /// The key of a remote, or `None` when it names no repository on a host: a local path,
    /// `owner/repo` without a host, anything malformed.
    #[must_use]
    pub fn of(remote: &str) -> Option<Self> {
        let mut key = Self::as_written(remote)?;
        key.path.make_ascii_lowercase();
        Some(key)
    }

    /// Whether both keys are of one repository (hosts 4.1, rule 14).
    ///
    /// This is not transitive: the web servers on two ports of a host both equal its ssh server.
    #[must_use]
    pub fn same_repository(&self, other: &Self) -> bool {
        let same_server = match (self.transport, other.transport) {
            (Transport::Web { port }, Transport::Web { port: other_port }) => port == other_port,
            _ => true,
        };
        same_server && self.host == other.host && self.path == other.path
    }

    /// Whether a payload is about this configured repository: one of its URLs (`candidates`) names
    /// it, or its `full_name` (GitLab: `path_with_namespace`) does, see hosts 4.1 on sub-paths.
    #[must_use]
    pub fn is_named_by(&self, candidates: &[Self], full_name: Option<&str>) -> bool {
        candidates.iter().any(|candidate| self.same_repository(candidate))
            || full_name.is_some_and(|full_name| self.is_below_sub_path(candidates, full_name))
    }

    /// Whether only a sub-path tells this repository from the payload's.
    ///
    /// A GitLab or Gitea at `https://host/git/` has `git/` in its web URLs and not in its ssh ones.
    fn is_below_sub_path(&self, candidates: &[Self], full_name: &str) -> bool {
        let is_web = self.transport.is_web();
        let on_this_host: Vec<&Self> = candidates.iter().filter(|candidate| candidate.host == self.host).collect();
        // Two web URLs, or two ssh URLs, have been compared as they stand: `team/api/web` in a
        // subgroup is not `api/web`.
        let already_compared = on_this_host.iter().any(|candidate| candidate.transport.is_web() == is_web);
        if on_this_host.is_empty() || already_compared || !full_name.contains('/') {
            return false;
        }
        match self.path.strip_suffix(&full_name.to_ascii_lowercase()) {
            Some("") => true,
            Some(sub_path) => is_web && sub_path.ends_with('/'),
            None => false,
        }
    }

    /// The key with its path's letter case kept.
    fn as_written(remote: &str) -> Option<Self> {
        let spelling = Spelling::of(remote)?;
        let host = host::canonical_name(spelling.host)?;
        let path = percent_decode_str(spelling.path).decode_utf8().ok()?;
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let (host, mut segments) = host::canonical_place(&host, &segments);
        let name = segments.last_mut()?;
        *name = without_git_suffix(name);
        // Checked last, since `...git` has just become `..`.
        let is_complete = segments.len() >= 2 && segments.iter().all(|segment| is_name(segment));
        is_complete.then(|| Self { host: host.to_owned(), path: segments.join("/"), transport: spelling.transport })
    }
}

impl fmt::Display for RepositoryKey {
    /// `host/path`, for messages and logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.host, self.path)
    }
}

/// Whether two remotes have the same path to the letter case.
///
/// Keys ignore case; when two configured remotes match a payload, this finds the one to prefer.
#[must_use]
pub fn same_letter_case(remote: &str, other: &str) -> bool {
    let path_of = |remote| RepositoryKey::as_written(remote).map(|key| key.path);
    path_of(remote).is_some_and(|path| path_of(other) == Some(path))
}

/// The host and the path that a remote names, the path's letter case kept; none if it names no repository on a host.
#[must_use]
pub fn written(remote: &str) -> Option<(String, String)> {
    RepositoryKey::as_written(remote).map(|key| (key.host, key.path))
}

/// The branch that a full ref names: what follows `refs/heads/`, slashes and case kept (hosts 4.2).
///
/// `None` for a tag, and for a short name, which may be either.
#[must_use]
pub fn branch_of_ref(full_ref: &str) -> Option<&str> {
    full_ref.strip_prefix("refs/heads/").filter(|branch| !branch.is_empty())
}

fn without_git_suffix(name: &str) -> &str {
    let suffix_at = name.len().saturating_sub(".git".len());
    match name.split_at_checked(suffix_at) {
        Some((stem, suffix)) if suffix.eq_ignore_ascii_case(".git") => stem,
        _ => name,
    }
}

fn is_name(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.contains(char::is_control)
}
