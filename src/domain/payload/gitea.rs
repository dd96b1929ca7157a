//! Gitea, Forgejo and Gogs: `push`.

use crate::domain::payload::part::Part;
use crate::domain::payload::ref_update::{RefUpdate, full_ref, is_no_head, is_set_back};
use crate::domain::payload::{Fault, Said};
use crate::domain::plan::GitInformation;

/// The event `push`: one branch or tag. They do not say that it was forced.
pub(super) fn push(body: &Part<'_>) -> Result<Said, Fault> {
    let full_ref = full_ref(body, "ref")?;
    let after = body.text("after")?;
    let before = body.text_if_any("before")?;
    let update = RefUpdate {
        full_ref,
        before,
        after: Some(after),
        is_deleted: is_no_head(after),
        is_forced: is_set_back(body, before, after),
    };
    let git = repository(body)?;
    let user = body.first_hint(&["/pusher/login", "/pusher/username", "/sender/login"]);
    Ok(Said { meaning: update.meaning(body, git), user })
}

/// `original_url` is left out: it names the repository that this one was copied from.
fn repository(body: &Part<'_>) -> Result<GitInformation, Fault> {
    let repository = body.object("repository")?;
    let repositories = repository.hints(&["/clone_url", "/ssh_url", "/html_url"]);
    if repositories.is_empty() {
        return Err(Fault::Missing(repository.path_of("clone_url")));
    }
    Ok(GitInformation {
        repositories,
        full_name: repository.first_hint(&["/full_name"]),
        default_branch: repository.first_hint(&["/default_branch"]),
        ..GitInformation::default()
    })
}
