//! GitLab: `Push Hook` and `Tag Push Hook`.

use crate::domain::payload::part::Part;
use crate::domain::payload::ref_update::{RefUpdate, full_ref, is_no_head, is_set_back};
use crate::domain::payload::{Fault, Said};
use crate::domain::plan::GitInformation;

/// Both events: one branch or tag. GitLab has no flag for a deletion, and none for a forced push.
pub(super) fn push(body: &Part<'_>) -> Result<Said, Fault> {
    let full_ref = full_ref(body, "ref")?;
    let after = body.text("after")?;
    let before = body.text_if_any("before")?;
    let update = RefUpdate {
        full_ref,
        before,
        after: body.text_if_any("checkout_sha")?.or(Some(after)),
        is_deleted: is_no_head(after),
        is_forced: is_set_back(body, before, after),
    };
    let git = project(body)?;
    let user = body.first_hint(&["/user_username", "/user_name"]);
    Ok(Said { meaning: update.meaning(body, git), user })
}

/// Old hosts tell the URLs in `repository` alone.
fn project(body: &Part<'_>) -> Result<GitInformation, Fault> {
    let repositories = body.hints(&[
        "/project/git_http_url",
        "/project/git_ssh_url",
        "/project/web_url",
        "/project/http_url",
        "/project/ssh_url",
        "/repository/git_http_url",
        "/repository/git_ssh_url",
        "/repository/homepage",
    ]);
    if repositories.is_empty() {
        return Err(Fault::Missing(body.path_of("project.git_http_url")));
    }
    Ok(GitInformation {
        repositories,
        full_name: body.first_hint(&["/project/path_with_namespace"]),
        default_branch: body.first_hint(&["/project/default_branch"]),
        ..GitInformation::default()
    })
}
