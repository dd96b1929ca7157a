//! The deployments of a stack: as they stand, and how one is canceled.

use axum::extract::Path;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::deployment::{Deployment, DeploymentState, Trigger};
use crate::domain::release::release_sha;
use crate::domain::token::Scope;
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::operations::uid_of;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::store::releases::Releases;
use crate::store::settle::CancelRequest;

/// The deployments that others are compared with.
struct Marks {
    /// The newest.
    head: Option<u64>,
    /// That which made the newest release.
    live: Option<u64>,
    /// That which runs, or else runs next.
    first: Option<u64>,
}

impl Marks {
    async fn of(stack: &Stack) -> Result<Self, Failure> {
        let head = stack.store().deployments(stack.uid(), 1).await?.pop().map(|newest| newest.id);
        let live = stack.store().releases(stack.uid(), Releases::Succeeded, 1).await?.pop();
        let first = stack.store().first_in_queue(stack.uid()).await?.map(|first| first.deployment);
        Ok(Self { head, live: live.map(|release| release.deployment), first })
    }
}

pub(super) async fn list(stack: Stack, query: Query) -> Reply {
    let page = query.page()?;
    let marks = Marks::of(&stack).await?;
    if query.get("unfinished") == Some("true") {
        let unfinished = stack.store().unfinished(stack.uid(), u32::MAX).await?;
        let shown: Vec<Value> = unfinished.iter().map(|deployment| shown(deployment, &marks)).collect();
        return Ok(reply::page_of(&shown, page));
    }
    let (deployments, all) = stack.store().deployments_in(stack.uid(), page.slice()).await?;
    let shown: Vec<Value> = deployments.iter().map(|deployment| shown(deployment, &marks)).collect();
    Ok(reply::page(&shown, page, all))
}

pub(super) async fn show(stack: Stack, Path((_, id)): Path<(String, String)>) -> Reply {
    let deployment = stack.deployment(&id).await?;
    Ok(reply::one(&shown(&deployment, &Marks::of(&stack).await?)))
}

pub(super) async fn cancel(stack: Stack, Path((_, id)): Path<(String, String)>) -> Reply {
    stack.client.must(Scope::Redeploy)?;
    let deployment = stack.deployment(&id).await?;
    // Who has died cannot be asked.
    stack.store().settle(stack.uid(), Timestamp::now()).await?;
    let reason = format!("canceled by {}", stack.client.caller.name);
    match stack.store().cancel(stack.uid(), deployment.id, &reason, Timestamp::now()).await? {
        CancelRequest::Canceled | CancelRequest::Asked => {
            Ok(reply::one(&json!({ "ok": true, "message": "Cancelling deployment" })))
        }
        CancelRequest::Over => Err(Failure::conflict(format!("deployment {id} is over: there is nothing to cancel"))),
    }
}

/// A deployment. Cloud 66 knows three outcomes; `state` and `reason` say exactly which one it is.
fn shown(deployment: &Deployment, marks: &Marks) -> Value {
    let targets: Vec<_> = deployment.services.iter().map(|part| (part.service.clone(), part.target.clone())).collect();
    let mut from_git = targets.iter().filter(|(_, target)| target.image.is_none());
    let reference = from_git.find_map(|(_, target)| target.reference.as_deref().or(target.branch.as_deref()));
    json!({
        "id": deployment.id,
        "triggered_by": deployment.user,
        "triggered_via": triggered_via(deployment.trigger),
        "started_at": deployment.started_at.unwrap_or(deployment.created_at),
        "finished_at": deployment.ended_at,
        "outcome": outcome(deployment.state),
        "git_hash": release_sha(&targets),
        "git_ref": reference.unwrap_or_default(),
        "deploy_session": uid_of(deployment.id),
        "deploy_type": deploy_type(deployment.trigger),
        "is_head": marks.head == Some(deployment.id),
        "is_live": marks.live == Some(deployment.id),
        "reverted": null,
        "reverted_by": null,
        "reverted_at": null,
        "is_deploying": deployment.state == DeploymentState::Running,
        "commit_url": null,
        "operation_uid": uid_of(deployment.id),
        "state": deployment.state,
        "reason": deployment.reason,
        "created_at": deployment.created_at,
        "place": deployment.place,
        "first_in_queue": marks.first.filter(|_| deployment.state == DeploymentState::Queued),
        "strategy": deployment.strategy,
        "attempt": deployment.attempt,
        "rollback_to": deployment.rollback_to,
        "release": deployment.release,
        "services": deployment.services,
    })
}

fn triggered_via(trigger: Trigger) -> Value {
    match trigger {
        Trigger::Command | Trigger::Rollback => json!({ "code": 1, "meaning": "api" }),
        Trigger::Hook => json!({ "code": 2, "meaning": "hook" }),
    }
}

fn outcome(state: DeploymentState) -> Value {
    match state {
        DeploymentState::Queued | DeploymentState::Running => json!({ "code": 0, "meaning": "pending" }),
        DeploymentState::Succeeded => json!({ "code": 1, "meaning": "success" }),
        DeploymentState::Failed
        | DeploymentState::Canceled
        | DeploymentState::Superseded
        | DeploymentState::Ignored => json!({ "code": 2, "meaning": "failed" }),
    }
}

fn deploy_type(trigger: Trigger) -> Value {
    match trigger {
        Trigger::Command | Trigger::Hook => json!({ "code": 1, "meaning": "redeploy" }),
        Trigger::Rollback => json!({ "code": 4, "meaning": "revert" }),
    }
}
