//! GitHub: `push` and `deployment`.

use crate::domain::payload::part::Part;
use crate::domain::payload::ref_update::{RefUpdate, full_ref, is_no_head};
use crate::domain::payload::{Fault, GithubDeployment, Meaning, Said, sha};
use crate::domain::plan::GitInformation;

/// The event `push`: one branch or tag.
pub(super) fn push(body: &Part<'_>) -> Result<Said, Fault> {
    let full_ref = full_ref(body, "ref")?;
    let after = body.text("after")?;
    let update = RefUpdate {
        full_ref,
        before: body.text_if_any("before")?,
        after: body.hint("/head_commit/id").filter(|id| sha(id).is_some()).or(Some(after)),
        is_deleted: body.says("deleted") || is_no_head(after),
        is_forced: body.says("forced"),
    };
    let git = repository(body)?;
    let user = body.first_hint(&["/pusher/name", "/sender/login"]);
    Ok(Said { meaning: update.meaning(body, git), user })
}

/// The event `deployment`: somebody asked GitHub's API for one.
pub(super) fn deployment(body: &Part<'_>) -> Result<Said, Fault> {
    if let Some(action) = body.text_if_any("action")?.filter(|action| *action != "created") {
        let reason = format!("a deployment that was {action}, not created, deploys nothing");
        return Ok(Said { meaning: Meaning::Ignored(reason), user: None });
    }
    let GitInformation { repositories, full_name, .. } = repository(body)?;
    let deployment = body.object("deployment")?;
    let creator = body.first_hint(&["/deployment/creator/login", "/sender/login"]);
    let meaning = Meaning::GithubDeployment(GithubDeployment {
        id: deployment.number("id")?,
        sha: sha(deployment.text("sha")?).ok_or_else(|| deployment.wrong("sha", "a commit's full sha"))?,
        reference: deployment.text("ref")?.to_owned(),
        task: deployment.text("task")?.to_owned(),
        environment: deployment.text("environment")?.to_owned(),
        payload: deployment.any("payload"),
        repositories,
        full_name,
        creator: creator.clone(),
    });
    Ok(Said { meaning, user: creator })
}

/// `repository.url` is left out: outside pushes it is one of the API. So is `mirror_url`, which names another repository.
fn repository(body: &Part<'_>) -> Result<GitInformation, Fault> {
    let repository = body.object("repository")?;
    let repositories = repository.hints(&["/clone_url", "/ssh_url", "/git_url", "/html_url", "/svn_url"]);
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
