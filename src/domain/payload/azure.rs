//! Azure DevOps: `git.push`, which it announces in the body alone.

use crate::domain::payload::part::Part;
use crate::domain::payload::ref_update::{RefUpdate, full_ref, is_no_head};
use crate::domain::payload::{Fault, Meaning, Said};
use crate::domain::plan::{Change, GitInformation};

/// Any number of branches and tags.
pub(super) fn push(body: &Part<'_>) -> Result<Said, Fault> {
    let resource = body.object("resource")?;
    let repository = resource.object("repository")?;
    let url = repository.text("remoteUrl")?.to_owned();
    let mut changes: Vec<Change> = Vec::new();
    for update in resource.objects("refUpdates")? {
        let after = update.text("newObjectId")?;
        let update = RefUpdate {
            full_ref: full_ref(&update, "name")?,
            before: update.text_if_any("oldObjectId")?,
            after: Some(after),
            is_deleted: is_no_head(after),
            is_forced: false,
        };
        changes.extend(update.change());
    }
    let user = resource.first_hint(&["/pushedBy/displayName"]);
    if changes.is_empty() {
        let reason = "the push holds no change to a branch or a tag".to_owned();
        return Ok(Said { meaning: Meaning::Ignored(reason), user });
    }
    let git = GitInformation { repositories: vec![url], changes, ..GitInformation::default() };
    Ok(Said { meaning: Meaning::Git(git), user })
}
