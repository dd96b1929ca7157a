//! Deployments, as the API shows them.

use jiff::Timestamp;
use serde_json::Value;

use crate::backends::api_v3::lenient::{is_true, number, some_text, text, time};
use crate::domain::app::AppIdentity;
use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, Strategy, Trigger};
use crate::store::claims::First;

/// A deployment, and who comes before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) deployment: Deployment,
    /// Who comes first in its queue, while it waits (ours).
    pub(super) first: Option<First>,
}

/// A deployment of an answer; one without a number cannot be asked about.
pub(super) fn shown(value: &Value, app: &AppIdentity) -> Option<Shown> {
    let id = number(&value["id"])?;
    let state = state(value);
    let (started_at, ended_at) = (time(&value["started_at"]), time(&value["finished_at"]));
    let created_at = time(&value["created_at"]).or(started_at).or(ended_at).unwrap_or(Timestamp::UNIX_EPOCH);
    let services = value["services"].as_array().into_iter().flatten();
    // A service that this version cannot understand is no reason to show none.
    let services = services.filter_map(|part| serde_json::from_value::<DeployedService>(part.clone()).ok());
    let deployment = Deployment {
        id,
        app: app.clone(),
        state,
        trigger: trigger(value),
        user: text(&value["triggered_by"]),
        strategy: text(&value["strategy"]).parse().unwrap_or(Strategy::Serial),
        attempt: number(&value["attempt"]).unwrap_or(1),
        place: number(&value["place"]),
        release: text(&value["release"]).parse().ok(),
        rollback_to: text(&value["rollback_to"]).parse().ok(),
        reason: some_text(&value["reason"]),
        created_at,
        started_at: started_at.filter(|_| state != DeploymentState::Queued),
        ended_at: ended_at.filter(|_| state.is_over()),
        services: services.collect(),
    };
    let first = number(&value["first_in_queue"]).map(|deployment| First { deployment, lacks_serve: false });
    Some(Shown { deployment, first })
}

/// Our own server says the state; Cloud 66 an outcome, of which three words are known.
fn state(value: &Value) -> DeploymentState {
    if let Ok(state) = text(&value["state"]).parse() {
        return state;
    }
    let outcome = text(&value["outcome"]["meaning"]).to_lowercase();
    match outcome.as_str() {
        "success" | "succeeded" => DeploymentState::Succeeded,
        "failed" | "failure" | "error" => DeploymentState::Failed,
        word if word.contains("cancel") => DeploymentState::Canceled,
        word if word.contains("supersede") || word.contains("skip") => DeploymentState::Superseded,
        _ if is_true(&value["is_deploying"]) => DeploymentState::Running,
        _ if !value["finished_at"].is_null() => match number(&value["outcome"]["code"]) {
            Some(1) => DeploymentState::Succeeded,
            _ => DeploymentState::Failed,
        },
        _ => DeploymentState::Queued,
    }
}

fn trigger(value: &Value) -> Trigger {
    match (text(&value["deploy_type"]["meaning"]).as_str(), text(&value["triggered_via"]["meaning"]).as_str()) {
        ("revert", _) => Trigger::Rollback,
        (_, "hook") => Trigger::Hook,
        _ => Trigger::Command,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::shown;
    use crate::domain::app::AppIdentity;

    fn app() -> AppIdentity {
        AppIdentity { name: "shop".parse().unwrap(), environment: "staging".parse().unwrap() }
    }

    #[test]
    fn a_state_is_told_by_ours_else_by_the_outcome() {
        let finished = "2026-01-02T03:04:05Z";
        let cases: [(Value, &str); 11] = [
            (json!({"id": 1, "state": "superseded", "outcome": {"meaning": "failed"}}), "superseded"),
            (json!({"id": 1, "state": "of the future", "outcome": {"meaning": "success"}}), "succeeded"),
            (json!({"id": 1, "outcome": {"code": 1, "meaning": "success"}}), "succeeded"),
            (json!({"id": 1, "outcome": {"code": 2, "meaning": "Failed"}}), "failed"),
            (json!({"id": 1, "outcome": {"code": 3, "meaning": "cancelled"}}), "canceled"),
            (json!({"id": 1, "outcome": {"meaning": "pending"}, "is_deploying": true}), "running"),
            (json!({"id": 1, "outcome": {"meaning": "pending"}, "is_deploying": false}), "queued"),
            (json!({"id": 1, "outcome": null, "finished_at": finished}), "failed"),
            (json!({"id": 1, "outcome": {"code": 1, "meaning": null}, "finished_at": finished}), "succeeded"),
            (json!({"id": "1", "outcome": "x", "is_deploying": "true"}), "running"),
            (json!({"id": 1}), "queued"),
        ];
        for (value, state) in cases {
            assert_eq!(shown(&value, &app()).unwrap().deployment.state.word(), state, "{value}");
        }
        assert!(shown(&json!({"outcome": {}}), &app()).is_none() && shown(&json!("x"), &app()).is_none());
    }

    #[test]
    fn what_is_odd_is_left_out() {
        let value = json!({
            "id": 7, "triggered_by": null, "started_at": "soon", "services": [{"service": "web"}, 5], "release": 4,
            "triggered_via": null, "deploy_type": {"meaning": "revert"}, "place": "x",
        });
        let deployment = shown(&value, &app()).unwrap().deployment;
        assert_eq!((deployment.services.len(), deployment.release.unwrap().0, deployment.place), (0, 4, None));
        assert_eq!((deployment.trigger.word(), deployment.created_at.as_second()), ("rollback", 0));
    }
}
