//! Bitbucket: `repo:push` of Bitbucket Cloud, `repo:refs_changed` of Bitbucket Server, and the POST service that Bitbucket Cloud
//! had before its webhooks.

use indexmap::IndexMap;

use crate::domain::payload::part::Part;
use crate::domain::payload::ref_update::{RefUpdate, full_ref, is_no_head};
use crate::domain::payload::{Fault, Meaning, Said, sha};
use crate::domain::plan::{Change, GitInformation, NewHead};

/// The event `repo:push`: any number of branches and tags. It holds no clone URL, and the hosts in its links are not to be
/// relied on; the name of the repository and the host are known.
pub(super) fn push(body: &Part<'_>) -> Result<Said, Fault> {
    let full_name = body.object("repository")?.text("full_name")?;
    let repositories = vec![format!("https://bitbucket.org/{full_name}")];
    let changes = body.object("push")?.objects("changes")?;
    let changes: Vec<Option<Change>> = changes.iter().map(change).collect::<Result<_, _>>()?;
    let user = body.first_hint(&["/actor/nickname", "/actor/username", "/actor/display_name"]);
    Ok(Said { meaning: pushed(changes, repositories, Some(full_name.to_owned())), user })
}

/// One change of a push: a branch or tag was made (no old side), moved, or deleted (no new side).
fn change(change: &Part<'_>) -> Result<Option<Change>, Fault> {
    let (old, new) = (change.object_if_any("old")?, change.object_if_any("new")?);
    let side = new.as_ref().or(old.as_ref()).ok_or_else(|| Fault::Missing(change.path_of("new")))?;
    let name = side.text("name")?.to_owned();
    match (side.text("type")?, &new) {
        ("branch", Some(new)) => {
            let before = old.as_ref().and_then(|old| old.hint("/target/hash")).and_then(sha);
            let after = sha(new.object("target")?.text("hash")?);
            Ok(Some(Change::Pushed(NewHead { branch: name, before, after, forced: change.says("forced") })))
        }
        ("branch", None) => Ok(Some(Change::Deleted { branch: name })),
        ("tag", _) => Ok(Some(Change::Tag { tag: name })),
        _ => Ok(None),
    }
}

/// The event `repo:refs_changed`: any number of branches and tags. Old servers do not tell the clone URLs.
pub(super) fn refs_changed(body: &Part<'_>) -> Result<Said, Fault> {
    let repository = body.object("repository")?;
    let links = repository.object("links")?;
    let repositories: Vec<String> =
        links.objects("clone")?.iter().filter_map(|link| link.first_hint(&["/href"])).collect();
    if repositories.is_empty() {
        return Err(Fault::Missing(links.path_of("clone")));
    }
    let changes = body.objects("changes")?;
    let changes: Vec<Option<Change>> = changes.iter().map(server_change).collect::<Result<_, _>>()?;
    let user = body.first_hint(&["/actor/name", "/actor/displayName"]);
    Ok(Said { meaning: pushed(changes, repositories, None), user })
}

fn server_change(change: &Part<'_>) -> Result<Option<Change>, Fault> {
    let after = change.text("toHash")?;
    let update = RefUpdate {
        full_ref: full_ref(change, "refId")?,
        before: change.text_if_any("fromHash")?,
        after: Some(after),
        is_deleted: change.hint("/type") == Some("DELETE") || is_no_head(after),
        is_forced: false,
    };
    Ok(update.change())
}

/// What changes to branches and tags mean; what is neither is left out.
fn pushed(changes: Vec<Option<Change>>, repositories: Vec<String>, full_name: Option<String>) -> Meaning {
    let changes: Vec<Change> = changes.into_iter().flatten().collect();
    if changes.is_empty() {
        return Meaning::Ignored("the push holds no change to a branch or a tag".to_owned());
    }
    Meaning::Git(GitInformation { repositories, full_name, changes, ..GitInformation::default() })
}

/// What the old POST service sends: the commits, of which only the last on each branch need name it. A branch that is made or
/// deleted has none, and cannot be told from one.
pub(super) fn posted(body: &Part<'_>) -> Result<Said, Fault> {
    let base = body.text_if_any("canon_url")?.unwrap_or_default();
    let base = if base.is_empty() { "https://bitbucket.org" } else { base.trim_end_matches('/') };
    let path = body.object("repository")?.text("absolute_url")?.trim_matches('/');
    let commits = body.objects("commits")?;
    let user = body.first_hint(&["/user"]);
    let Some(last) = commits.last() else {
        let reason = "the push holds no commits: a branch was made or deleted, and the payload does not say which";
        return Ok(Said { meaning: Meaning::Ignored(reason.to_owned()), user });
    };
    let mut heads: IndexMap<&str, Option<String>> = IndexMap::new();
    for commit in &commits {
        let head = commit.text_if_any("raw_node")?.and_then(sha);
        for branch in commit.hint("/branch").into_iter().chain(commit.listed("branches")) {
            heads.insert(branch, head.clone());
        }
    }
    let pushed = |(branch, after): (&str, Option<String>)| {
        Change::Pushed(NewHead { branch: branch.to_owned(), before: None, after, forced: false })
    };
    let git = GitInformation {
        repositories: vec![format!("{base}/{path}")],
        full_name: Some(path.to_owned()),
        default_branch: None,
        head: last.text_if_any("raw_node")?.and_then(sha).filter(|_| heads.is_empty()),
        changes: heads.into_iter().map(pushed).collect(),
    };
    Ok(Said { meaning: Meaning::Git(git), user })
}
