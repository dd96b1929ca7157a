//! Stacks: the apps that this server serves.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::app::App;
use crate::domain::deployment::{DeploymentState, RunState};
use crate::domain::git_url::{RepositoryKey, without_credentials};
use crate::domain::release::Release;
use crate::domain::service::{GitSource, Source};
use crate::domain::token::Scope;
use crate::engine;
use crate::server::api_v3::accounts;
use crate::server::api_v3::client::{Client, Stack};
use crate::server::api_v3::deliveries;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::store::redeployment_hooks::HookKey;
use crate::store::releases::Releases;

/// Cloud 66's numbers for how a stack stands.
const SUCCEEDED: u8 = 1;
const FAILED: u8 = 2;
const ANALYSED: u8 = 4;
const QUEUED: u8 = 5;
const DEPLOYING: u8 = 6;

/// And for its health.
const UNKNOWN: u8 = 0;
const BUILDING: u8 = 1;
const IMPAIRED: u8 = 2;
const HEALTHY: u8 = 3;
const BROKEN: u8 = 4;

pub(super) async fn list(client: Client, query: Query) -> Reply {
    let page = query.page()?;
    let mut jobs = client.site.jobs();
    jobs.retain(|job| is_wanted(&job.app, &query));
    jobs.sort_by(|a, b| a.record.identity.cmp(&b.record.identity));
    let all = u64::try_from(jobs.len()).unwrap_or(u64::MAX);
    let slice = page.slice();
    let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let mut client = client;
    let mut stacks = Vec::new();
    for job in jobs.into_iter().skip(at(slice.after)).take(at(slice.most)) {
        let stack = Stack { client, job };
        stacks.push(shown(&stack).await?);
        client = stack.client;
    }
    Ok(reply::page(&stacks, page, all))
}

pub(super) async fn show(stack: Stack) -> Reply {
    Ok(reply::one(&shown(&stack).await?))
}

/// Whether an app fits every filter that is used. Names and environments are compared whole, ignoring case; repository
/// and branch are those of one service.
fn is_wanted(app: &App, query: &Query) -> bool {
    let same =
        |filter: &str, text: &str| query.get(filter).is_none_or(|wanted| wanted.to_lowercase() == text.to_lowercase());
    let (repository, branch) = (query.get("filter_git_repo"), query.get("filter_git_branch"));
    let from = |source: &GitSource| {
        repository.is_none_or(|wanted| source.repository.as_deref().is_some_and(|own| same_repository(own, wanted)))
            && branch.is_none_or(|wanted| source.branch.as_deref() == Some(wanted))
    };
    same("filter_name", app.identity.name.as_str())
        && same("filter_environment", app.identity.environment.as_str())
        && (repository.is_none() && branch.is_none() || git_sources(app).any(from))
}

fn same_repository(own: &str, wanted: &str) -> bool {
    match (RepositoryKey::of(own), RepositoryKey::of(wanted)) {
        (Some(own), Some(wanted)) => own.same_repository(&wanted),
        _ => own == wanted,
    }
}

fn git_sources(app: &App) -> impl Iterator<Item = &GitSource> {
    app.services.iter().filter_map(|service| match &service.source {
        Source::Git(source) => Some(source),
        Source::Image(_) => None,
    })
}

/// What decides how a stack stands.
struct Standing {
    unfinished: Option<DeploymentState>,
    /// The newest release that has ended.
    ended: Option<RunState>,
    /// The newest that succeeded.
    release: Option<Release>,
}

impl Standing {
    async fn of(stack: &Stack) -> Result<Self, Failure> {
        let (store, uid) = (stack.store(), stack.uid());
        let unfinished = store.unfinished(uid, 1).await?.pop().map(|deployment| deployment.state);
        // No more than one can be open, so of two one has ended.
        let newest = store.releases(uid, Releases::All, 2).await?;
        let mut states = newest.iter().map(|release| release.state);
        let ended = states.find(|state| !matches!(state, RunState::Running | RunState::Waiting));
        Ok(Self { unfinished, ended, release: store.releases(uid, Releases::Succeeded, 1).await?.pop() })
    }

    fn status(&self) -> u8 {
        match (self.unfinished, self.ended) {
            (Some(DeploymentState::Running), _) => DEPLOYING,
            (Some(_), _) => QUEUED,
            (None, Some(RunState::Succeeded)) => SUCCEEDED,
            (None, Some(_)) => FAILED,
            (None, None) => ANALYSED,
        }
    }

    fn health(&self) -> u8 {
        match (self.ended, &self.release, self.unfinished) {
            (Some(RunState::Succeeded), _, _) => HEALTHY,
            (Some(_), Some(_), _) => IMPAIRED,
            (Some(_), None, _) => BROKEN,
            (None, _, Some(DeploymentState::Running)) => BUILDING,
            (None, _, _) => UNKNOWN,
        }
    }
}

async fn shown(stack: &Stack) -> Result<Value, Failure> {
    let app = &stack.job.app;
    let standing = Standing::of(stack).await?;
    let activity = stack.store().activity(stack.uid()).await?;
    let last = activity.last.unwrap_or(activity.created_at);
    let source = git_sources(app).find(|source| source.repository.is_some());
    let repository = source.and_then(|source| source.repository.as_deref()).map(without_credentials);
    let mut document = json!({
        "uid": stack.uid(),
        "name": app.identity.name,
        "environment": app.identity.environment,
        "git": repository.unwrap_or_default(),
        "git_branch": source.and_then(|source| source.branch.as_deref()).unwrap_or_default(),
        "framework": "docker",
        "backend": "docker",
        "status": standing.status(),
        "health": standing.health(),
        "is_busy": standing.unfinished.is_some(),
        "version": standing.release.as_ref().map(|release| release.release.to_string()).unwrap_or_default(),
        "revision": standing.release.as_ref().map(|release| release.sha.as_str()).unwrap_or_default(),
        "redeploy_hook": redeploy_hook(stack).await?,
        "failing_hooks": deliveries::failing(stack).await?,
        "deployment_profiles": app.deployment_profiles.iter().map(|profile| &profile.name).collect::<Vec<_>>(),
        "last_activity": plain_date(last),
        "last_activity_iso": last,
        "created_at": plain_date(activity.created_at),
        "created_at_iso": activity.created_at,
        "updated_at": plain_date(last),
        "updated_at_iso": last,
        "account_id": accounts::ACCOUNT,
        "account_name": accounts::NAME,
    });
    if let (Value::Object(document), Value::Object(absent)) = (&mut document, not_here()) {
        document.extend(absent);
    }
    Ok(document)
}

/// What Cloud 66's stacks have and ours do not, for clients that look for it.
fn not_here() -> Value {
    json!({
        "cloud": "", "fqdn": "", "language": "", "cloud_status": "", "deploy_directory": "",
        "maintenance_mode": false, "has_loadbalancer": false, "is_cluster": false, "is_inside_cluster": false,
        "namespaces": [], "cluster_name": "", "application_address": null, "configstore_namespace": "",
    })
}

/// The URL by which the stack is deployed from outside, for those who may deploy it.
async fn redeploy_hook(stack: &Stack) -> Result<Option<String>, Failure> {
    if !stack.client.caller.scopes.allow(Scope::Redeploy) {
        return Ok(None);
    }
    hook_url(stack).await.map(Some)
}

/// The URL of the stack's redeployment hook, which is made if there is none.
pub(super) async fn hook_url(stack: &Stack) -> Result<String, Failure> {
    let new = HookKey { first: engine::new_uid()?, second: engine::new_uid()? };
    let key = stack.store().redeployment_hook(stack.uid(), &new, Timestamp::now()).await?;
    Ok(redeploy_hook_url(stack, &key))
}

/// The URL of a redeployment hook.
pub(super) fn redeploy_hook_url(stack: &Stack, key: &HookKey) -> String {
    format!("{}/stacks/redeploy/{}/{}", stack.client.site.address.url(), key.first, key.second)
}

/// A date as Cloud 66 writes those that are not ISO 8601: `2014-08-14 00:38:14 UTC`.
fn plain_date(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
