//! A push as most hosts tell it: one ref, its old head and its new one.

use crate::domain::git_url::branch_of_ref;
use crate::domain::payload::part::Part;
use crate::domain::payload::{Fault, Meaning, sha};
use crate::domain::plan::{Change, GitInformation, NewHead};

/// One ref that was moved, made or deleted.
#[derive(Debug)]
pub(super) struct RefUpdate<'a> {
    /// The whole ref.
    pub full_ref: &'a str,
    /// The old head as written.
    pub before: Option<&'a str>,
    /// The new head as written.
    pub after: Option<&'a str>,
    /// Whether it is gone.
    pub is_deleted: bool,
    /// Whether the new head need not be above the old one.
    pub is_forced: bool,
}

impl RefUpdate<'_> {
    /// What was done; none if the ref is neither a branch nor a tag.
    pub(super) fn change(&self) -> Option<Change> {
        if let Some(branch) = branch_of_ref(self.full_ref) {
            let branch = branch.to_owned();
            return Some(if self.is_deleted {
                Change::Deleted { branch }
            } else {
                let (before, after) = (self.before.and_then(sha), self.after.and_then(sha));
                Change::Pushed(NewHead { branch, before, after, forced: self.is_forced })
            });
        }
        let tag = self.full_ref.strip_prefix("refs/tags/").filter(|tag| !tag.is_empty())?;
        Some(Change::Tag { tag: tag.to_owned() })
    }

    /// What the push means, for the repository that `git` names. A branch that is made or set back has no new commits and
    /// still has a new head; only a push without commits that moves nothing changes nothing.
    pub(super) fn meaning(&self, body: &Part<'_>, git: GitInformation) -> Meaning {
        let Some(change) = self.change() else {
            return Meaning::Ignored(format!("the push was to {}, which is neither a branch nor a tag", self.full_ref));
        };
        if body.is_empty_list("commits") && self.before.is_some() && self.before == self.after {
            return Meaning::Ignored("the push changed nothing".to_owned());
        }
        Meaning::Git(GitInformation { changes: vec![change], ..git })
    }
}

/// The ref of a push, which hosts write in full.
pub(super) fn full_ref<'a>(part: &Part<'a>, name: &str) -> Result<&'a str, Fault> {
    let text = part.text(name)?;
    if text.starts_with("refs/") { Ok(text) } else { Err(part.wrong(name, "a ref beginning with `refs/`")) }
}

/// Whether a head is that of a ref that is not there: zeros, as many as the repository's shas have digits.
pub(super) fn is_no_head(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'0')
}

/// Whether a branch was set back. Hosts that have no word for it tell the commits between both heads, and then there are none.
pub(super) fn is_set_back(body: &Part<'_>, before: Option<&str>, after: &str) -> bool {
    body.is_empty_list("commits")
        && sha(after).is_some()
        && before.and_then(sha).is_some_and(|before| !before.eq_ignore_ascii_case(after))
}
