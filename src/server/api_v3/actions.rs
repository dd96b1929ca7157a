//! Actions: what was asked for through the API, to be polled until it has ended.

use axum::extract::Path;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::domain::deployment::{Deployment, DeploymentState};
use crate::server::api_v3::client::{Stack, number};
use crate::server::api_v3::operations::uid_of;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::store::actions::{Action, ActionEnd};

pub(super) async fn list(stack: Stack, query: Query) -> Reply {
    let page = query.page()?;
    let (actions, all) = stack.store().actions(stack.uid(), query.get("user_reference"), page.slice()).await?;
    let mut items = Vec::with_capacity(actions.len());
    for action in &actions {
        items.push(shown(&stack, action).await?);
    }
    Ok(reply::page(&items, page, all))
}

pub(super) async fn show(stack: Stack, Path((_, id)): Path<(String, String)>) -> Reply {
    let found = match number(&id) {
        Some(number) => stack.store().action(stack.uid(), number).await?,
        None => None,
    };
    let action = found.ok_or_else(|| stack.lacks("action", &id))?;
    Ok(reply::one(&shown(&stack, &action).await?))
}

/// An action as it stands. The end of one that deploys is its deployment's.
pub(super) async fn shown(stack: &Stack, action: &Action) -> Result<Value, Failure> {
    let deployment = match action.deployment {
        Some(id) => stack.store().deployment(id).await?,
        None => None,
    };
    let end = action.end.clone().or_else(|| deployment.as_ref().and_then(end_of));
    let reference = action.user_reference.iter().map(|words| ("user_reference".to_owned(), json!(words)));
    Ok(json!({
        "id": action.id,
        "user": action.user,
        "resource_type": "stack",
        "resource_id": stack.uid(),
        "action": action.action,
        "started_via": action.started_via,
        "started_at": action.started_at,
        "finished_at": end.as_ref().map(|end| end.at),
        "finished_success": end.as_ref().map(|end| end.success),
        "finished_message": end.as_ref().and_then(|end| end.message.as_deref()),
        "finished_result": null,
        "metadata": Value::Object(reference.collect::<Map<_, _>>()),
        "deployment_id": action.deployment,
        "operation_uid": action.deployment.map(uid_of),
    }))
}

/// The end of a deployment, if it has ended. What its engine's death ended has no time of its own until an engine
/// records it.
fn end_of(deployment: &Deployment) -> Option<ActionEnd> {
    let state = deployment.state;
    let at: Timestamp = deployment.ended_at.or(deployment.started_at).unwrap_or(deployment.created_at);
    let release = deployment.release.map(|release| format!(" ({release})")).unwrap_or_default();
    let reason = deployment.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let message = format!("Deployment {} {state}{release}{reason}", deployment.id);
    let success = state == DeploymentState::Succeeded;
    state.is_over().then_some(ActionEnd { at, success, message: Some(message) })
}
