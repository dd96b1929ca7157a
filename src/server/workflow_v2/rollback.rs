//! Going back to an earlier release.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::domain::deployment::RunState;
use crate::domain::queue::{Insistence, Mode, Origin};
use crate::domain::release::ReleaseNumber;
use crate::domain::token::Scope;
use crate::engine::rollback::{RollbackError, plan_rollback};
use crate::engine::{Stopping, hook_secret};
use crate::server::Site;
use crate::server::workflow_v2::body::Fields;
use crate::server::workflow_v2::reply::{Answer, Reply, json_reply};
use crate::server::workflow_v2::request::AboutApp;
use crate::store::News;
use crate::store::enqueue::NewDeployment;

/// How long the start of a deployment is waited for: its number is that of the release, which it has no sooner.
const PATIENCE: Duration = Duration::from_mins(5);

/// The longest that a bell is waited for before looking again.
const LOOK: Duration = Duration::from_secs(5);

/// `POST /v2/apps/{id}/releases/rollback/`: to the `version` that is named, else to the release before the current one.
pub(super) async fn roll_back(State(site): State<Arc<Site>>, about: AboutApp, Fields(fields): Fields) -> Answer {
    about.caller.may(Scope::Redeploy)?;
    let to = version(fields.get("version"))?;
    if site.is_stopping() {
        return Err(Reply::Unavailable("hookbelt serve is stopping".to_owned()));
    }
    let deployment = ask(&site, &about, to).await?;
    let version = timeout(PATIENCE, started(&site, deployment)).await;
    let late = || Reply::Unavailable(format!("deployment {deployment} still waits for its turn"));
    let version = version.map_err(|_| late())??;
    Ok(json_reply(StatusCode::CREATED, &json!({ "version": version.0 })))
}

/// Which release is meant; a number may be written as a text, with or without its `v`.
fn version(field: Option<&Value>) -> Result<Option<ReleaseNumber>, Reply> {
    let below = || Reply::Invalid("version cannot be below 0".to_owned());
    let number = match field {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64().or_else(|| number.as_i64().map(|_| 0)),
        Some(Value::String(text)) => text.strip_prefix('v').unwrap_or(text).parse().ok(),
        Some(_) => None,
    };
    match number {
        Some(0) => Err(below()),
        Some(number) => Ok(Some(ReleaseNumber(number))),
        None => Err(Reply::Invalid("version must be a whole number".to_owned())),
    }
}

/// Queues the deployment; says its number.
async fn ask(site: &Site, about: &AboutApp, to: Option<ReleaseNumber>) -> Result<u64, Reply> {
    let (job, user) = (&about.job, about.caller.0.name.as_str());
    for hook in &job.app.deploy_hooks {
        let unreadable =
            |_| Reply::Conflict(format!("the secret of the deploy hook to {} cannot be read", hook.receiver));
        hook_secret(hook, &site.variables).map_err(unreadable)?;
    }
    let rollback = plan_rollback(&site.store, &job.app, &job.record.uid, to).await.map_err(refusal)?;
    if rollback.plan.services.is_empty() {
        return Err(Reply::Conflict(format!("{user} changed nothing - release stopped")));
    }
    let new = NewDeployment {
        app_uid: &job.record.uid,
        engine_uid: None,
        origin: &Origin::Rollback(rollback.release),
        insistence: Insistence::None,
        mode: Mode::default(),
        user,
        plan: &rollback.plan,
        strategy: None,
        now: Timestamp::now(),
    };
    Ok(site.store.enqueue(new).await?.id)
}

/// Why there is nothing to go back to, in the controller's words where it has some.
fn refusal(error: RollbackError) -> Reply {
    match error {
        RollbackError::NoEarlier => Reply::Invalid("version cannot be below 0".to_owned()),
        RollbackError::Unknown(_) => Reply::Invalid("Release matching query does not exist.".to_owned()),
        RollbackError::NotSucceeded { state: RunState::Failed, .. } => {
            Reply::Invalid("Cannot roll back to failed release.".to_owned())
        }
        RollbackError::NotSucceeded { .. } => Reply::Invalid(error.to_string()),
        RollbackError::Store(error) => error.into(),
    }
}

/// Waits until a deployment has begun; says the release that it makes.
async fn started(site: &Site, id: u64) -> Result<ReleaseNumber, Reply> {
    let mut bell = site.store.bell(&[News::Queue]);
    let mut stopping = site.stopping.clone();
    loop {
        // Looked at before the deployment, so that one that was begun last is not missed.
        let is_stopping = *stopping.borrow_and_update() != Stopping::No;
        let deployment = site.store.deployment(id).await?;
        let deployment = deployment.ok_or_else(|| Reply::Conflict(format!("deployment {id} is gone")))?;
        if let Some(release) = deployment.release {
            return Ok(release);
        }
        if deployment.state.is_over() {
            let reason = deployment.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            return Err(Reply::Conflict(format!("deployment {id} was {}{reason}", deployment.state)));
        }
        if is_stopping {
            let detail = format!("hookbelt serve is stopping; deployment {id} is queued and runs when it is back");
            return Err(Reply::Unavailable(detail));
        }
        tokio::select! {
            () = bell.rung(LOOK) => {}
            _ = stopping.changed() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_whole_number_from_1_on() {
        let read = |value: Value| version(Some(&value)).map(|number| number.map(|number| number.0)).ok();
        let cases = [
            (json!(null), Some(None)),
            (json!(2), Some(Some(2))),
            (json!("2"), Some(Some(2))),
            (json!("v2"), Some(Some(2))),
            (json!(0), None),
            (json!(-1), None),
            (json!(1.5), None),
            (json!("latest"), None),
            (json!([]), None),
            (json!(true), None),
        ];
        for (value, expected) in cases {
            assert_eq!(read(value.clone()), expected, "{value}");
        }
        assert!(matches!(version(None), Ok(None)));
    }
}
