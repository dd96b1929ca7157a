//! Which stack is meant, found with as few requests as the API allows.

use crate::backends::api_v3::api::{Api, Pairs};
use crate::backends::api_v3::stack::Stack;
use crate::backends::error::RemoteError;
use crate::backends::{BackendError, Result, WantedApp};
use crate::config::git_place::GitPlace;
use crate::domain::app::{AppIdentity, NotOneApp, find_app};
use crate::domain::git_url::{RepositoryKey, without_credentials};
use crate::domain::profile::BackendKind;

/// Why the working folder does not say which app is meant.
const NO_PLACE: &str = "the working folder has no Git remote and branch to know it by";

/// All stacks that fit a filter; the known clients send all four always.
async fn stacks(api: &Api, filters: Pairs<'_>) -> Result<Vec<Stack>> {
    let filter = |name: &'static str| {
        let value = filters.iter().find(|(filter, _)| *filter == name).map(|(_, value)| *value);
        (name, value.unwrap_or_default())
    };
    let names = ["filter_name", "filter_environment", "filter_git_repo", "filter_git_branch"];
    let items = api.list("/stacks", &names.map(filter)).await.map_err(|error| match error {
        // Even without a stack there is a list of them.
        BackendError::Remote(RemoteError::NotFound { .. }) => {
            api.who().not_understood("it has no stacks at all").into()
        }
        error => error,
    })?;
    Ok(items.iter().filter_map(Stack::of).collect())
}

/// Every stack that the token sees.
pub(super) async fn all(api: &Api) -> Result<Vec<Stack>> {
    stacks(api, &[]).await
}

/// The stack that is meant.
pub(super) async fn find(api: &Api, wanted: &WantedApp) -> Result<Stack> {
    let environment = wanted.environment.as_deref();
    match (&wanted.name, &wanted.repository) {
        (Some(name), _) => by_name(api, name, environment).await,
        (None, Some(place)) => by_repository(api, place, environment).await,
        (None, None) => Err(BackendError::NoAppNamed(NO_PLACE.to_owned())),
    }
}

/// A whole name is looked for with the API's filter first. What that cannot find may be the beginning of one: then all
/// names are needed.
async fn by_name(api: &Api, name: &str, environment: Option<&str>) -> Result<Stack> {
    let filtered = stacks(api, &[("filter_name", name)]).await?;
    if let Some(decided) = among_whole_names(&filtered, name, environment) {
        return Ok(decided?);
    }
    let is_filtered = |stack: &Stack| stack.app.name.as_str().to_lowercase().contains(&name.to_lowercase());
    // A filter that nobody went by has brought all of them already.
    let all = if filtered.iter().all(is_filtered) { all(api).await? } else { filtered };
    Ok(named(&all, name, environment)?)
}

/// What those with exactly this name come to, whatever else there is; nothing if they leave it open.
fn among_whole_names(
    stacks: &[Stack],
    name: &str,
    environment: Option<&str>,
) -> Option<std::result::Result<Stack, NotOneApp>> {
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let found = named(stacks, name, environment);
    let is_whole = |app: &AppIdentity| {
        same(app.name.as_str(), name) && environment.is_none_or(|wanted| same(app.environment.as_str(), wanted))
    };
    let decides = match &found {
        Ok(stack) => is_whole(&stack.app),
        Err(NotOneApp::Ambiguous { candidates, .. }) => candidates.iter().all(is_whole),
        Err(NotOneApp::Unknown { .. }) => false,
    };
    decides.then_some(found)
}

fn named(stacks: &[Stack], name: &str, environment: Option<&str>) -> std::result::Result<Stack, NotOneApp> {
    let apps: Vec<AppIdentity> = stacks.iter().map(|stack| stack.app.clone()).collect();
    let found = find_app(&apps, name, environment)?;
    let stack = stacks.iter().find(|stack| stack.app == *found);
    stack.cloned().ok_or_else(|| NotOneApp::Unknown { wanted: name.to_owned(), nearest: None })
}

/// The stack that is deployed from this repository and branch.
async fn by_repository(api: &Api, place: &GitPlace, environment: Option<&str>) -> Result<Stack> {
    let (Some(remote), Some(branch)) = (&place.remote, &place.branch) else {
        return Err(BackendError::NoAppNamed(NO_PLACE.to_owned()));
    };
    let remote = without_credentials(remote);
    let filters = [("filter_git_repo", remote.as_str()), ("filter_git_branch", branch.as_str())];
    let mut fitting = stacks(api, &filters).await?;
    // Our own server compares as it is done here, and with every service of an app; of Cloud 66's rule nothing is known.
    if api.kind() != BackendKind::Server {
        let is_of = |stack: &Stack| is_of(stack, &remote, branch);
        fitting.retain(is_of);
        if fitting.is_empty() {
            fitting = all(api).await?;
            fitting.retain(is_of);
        }
    }
    narrow(&mut fitting, environment);
    let wanted = format!("{remote}, branch {branch}");
    match fitting.as_slice() {
        [stack] => Ok(stack.clone()),
        [] => Err(BackendError::NoAppOf { api: api.who().api.clone(), place: wanted }),
        several => {
            let candidates = several.iter().map(|stack| stack.app.clone()).collect();
            Err(NotOneApp::Ambiguous { wanted, candidates }.into())
        }
    }
}

fn is_of(stack: &Stack, remote: &str, branch: &str) -> bool {
    let same = match (RepositoryKey::of(&stack.git), RepositoryKey::of(remote)) {
        (Some(own), Some(wanted)) => own.same_repository(&wanted),
        _ => stack.git.trim() == remote,
    };
    same && stack.git_branch == branch
}

/// Those of this environment, else those of one that begins so.
fn narrow(stacks: &mut Vec<Stack>, environment: Option<&str>) {
    let Some(wanted) = environment.map(str::to_lowercase) else {
        return;
    };
    let of = |stack: &Stack| stack.app.environment.as_str().to_lowercase();
    if stacks.iter().any(|stack| of(stack) == wanted) {
        stacks.retain(|stack| of(stack) == wanted);
    } else {
        stacks.retain(|stack| of(stack).starts_with(&wanted));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{among_whole_names, is_of};
    use crate::backends::api_v3::stack::Stack;

    fn stack(name: &str, environment: &str, git: &str, branch: &str) -> Stack {
        let document = json!({"uid": "ab", "name": name, "environment": environment, "git": git, "git_branch": branch});
        Stack::of(&document).unwrap()
    }

    #[test]
    fn only_whole_names_decide_before_all_are_known() {
        let stacks = ["production", "prod"].map(|environment| stack("shop", environment, "", ""));
        for (name, environment, decides) in [
            ("Shop", Some("PROD"), true),
            ("shop", Some("production"), true),
            ("shop", None, true),
            ("shop", Some("pro"), false),
            ("sho", Some("prod"), false),
            ("store", None, false),
        ] {
            assert_eq!(among_whole_names(&stacks, name, environment).is_some(), decides, "{name} {environment:?}");
        }
        assert!(among_whole_names(&stacks, "shop", None).unwrap().is_err());
    }

    #[test]
    fn a_stack_is_of_a_repository_however_that_is_spelled_and_of_one_branch() {
        let shop = stack("shop", "production", "git@github.com:acme/shop.git", "main");
        for (remote, branch, expected) in [
            ("https://github.com/acme/shop", "main", true),
            ("ssh://git@github.com/Acme/Shop.git", "main", true),
            ("https://github.com/acme/shop", "Main", false),
            ("https://github.com/acme/shopping", "main", false),
            ("https://gitlab.com/acme/shop", "main", false),
        ] {
            assert_eq!(is_of(&shop, remote, branch), expected, "{remote} {branch}");
        }
        assert!(!is_of(&stack("shop", "production", "", ""), "https://github.com/acme/shop", ""));
    }
}
