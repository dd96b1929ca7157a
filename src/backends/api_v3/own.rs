//! A deployment that this command asked for where no number is told for it (Cloud 66): which one it is, and how it
//! stands, from an action, a list of deployments, and what both leave open.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::backends::api_v3::action::{Action, End};
use crate::domain::app::AppIdentity;
use crate::domain::deployment::{Deployment, DeploymentState, Strategy, Trigger};

/// A deployment that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// The words by which its action is found again.
    pub(super) reference: String,
    /// Who asked.
    pub(super) user: String,
    pub(super) asked_at: Timestamp,
    /// Whether the API said that it waits for another one.
    pub(super) queued: bool,
    /// The deployments that were there before.
    pub(super) before: BTreeSet<u64>,
    /// Its action, as soon as it is known.
    pub(super) action: Option<u64>,
    /// Its number, as soon as it is known.
    pub(super) deployment: Option<u64>,
}

impl Own {
    /// Which of the newest deployments it is, as far as that can be told: a new one, of those that came by the API. Of several
    /// it is the one that ended with its action, and without an action the first.
    pub(super) fn among(&self, newest: &[Deployment], action: Option<&Action>) -> Option<u64> {
        let new = newest.iter().filter(|one| !self.before.contains(&one.id) && one.trigger == Trigger::Command);
        let new: Vec<&Deployment> = new.collect();
        let ended_at = action.and_then(|action| action.end.as_ref()).and_then(|end| end.at);
        match (new.as_slice(), action, ended_at) {
            ([one], _, _) => Some(one.id),
            (several, None, _) => several.iter().map(|one| one.id).min(),
            (several, Some(_), Some(at)) => {
                let apart = |one: &&&Deployment| {
                    one.ended_at.map_or(SignedDuration::MAX, |ended| ended.duration_since(at).abs())
                };
                several.iter().filter(|one| one.ended_at.is_some()).min_by_key(apart).map(|one| one.id)
            }
            (_, Some(_), None) => None,
        }
    }

    /// Whether what is known leaves open if it has ended: what waits in a queue may have an action that ended when it had its
    /// place there.
    pub(super) fn is_open(&self, action: Option<&Action>) -> bool {
        self.queued && self.deployment.is_none() && action.is_some_and(|action| action.end.is_some())
    }

    /// How it stands; `found` is its deployment, if that is known, `is_busy` whether the stack deploys.
    pub(super) fn stands(
        &self,
        app: &AppIdentity,
        action: Option<&Action>,
        found: Option<Deployment>,
        is_busy: bool,
    ) -> Deployment {
        let is_known = found.is_some();
        let mut deployment = found.unwrap_or_else(|| self.without_number(app, action));
        let (end, state) = (action.and_then(|action| action.end.as_ref()), deployment.state);
        match end {
            None if action.is_none() => {}
            // The action ends last, but not always after a cancellation.
            None if state.is_over() && state != DeploymentState::Canceled => {
                deployment.state = DeploymentState::Running;
            }
            None => {}
            Some(end) if !end.success => {
                let says_how = matches!(state, DeploymentState::Canceled | DeploymentState::Superseded);
                deployment.state = if says_how { state } else { bad_end(end) };
                let silent = || "it ended without saying how".to_owned();
                deployment.reason = deployment.reason.or_else(|| Some(end.message.clone().unwrap_or_else(silent)));
                deployment.ended_at = deployment.ended_at.or(end.at);
            }
            Some(_) if self.queued && (is_known || is_busy) => {}
            Some(end) => {
                deployment.state = DeploymentState::Succeeded;
                deployment.ended_at = deployment.ended_at.or(end.at);
            }
        }
        deployment
    }

    /// The deployment as long as nobody says which one it is.
    fn without_number(&self, app: &AppIdentity, action: Option<&Action>) -> Deployment {
        let user = action.map(|action| action.user.clone()).filter(|user| !user.is_empty());
        Deployment {
            id: Deployment::NO_NUMBER,
            app: app.clone(),
            state: if self.queued { DeploymentState::Queued } else { DeploymentState::Running },
            trigger: Trigger::Command,
            user: user.unwrap_or_else(|| self.user.clone()),
            strategy: Strategy::Serial,
            attempt: 1,
            place: None,
            release: None,
            rollback_to: None,
            reason: None,
            created_at: self.asked_at,
            started_at: None,
            ended_at: None,
            services: Vec::new(),
        }
    }
}

/// An action says no more than that it failed, and perhaps why.
fn bad_end(end: &End) -> DeploymentState {
    let message = end.message.as_deref().unwrap_or_default().to_lowercase();
    if message.contains("cancel") {
        DeploymentState::Canceled
    } else if message.contains("supersede") {
        DeploymentState::Superseded
    } else {
        DeploymentState::Failed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::backends::api_v3::deployment::shown;

    fn app() -> AppIdentity {
        AppIdentity { name: "shop".parse().unwrap(), environment: "staging".parse().unwrap() }
    }

    fn own(queued: bool) -> Own {
        Own {
            reference: "x".to_owned(),
            user: "ann".to_owned(),
            asked_at: Timestamp::UNIX_EPOCH,
            queued,
            before: BTreeSet::from([1, 2]),
            action: Some(7),
            deployment: None,
        }
    }

    fn deployment(id: u64, more: &Value) -> Deployment {
        let mut document = json!({"id": id, "triggered_via": {"meaning": "api"}});
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        shown(&document, &app()).unwrap().deployment
    }

    fn action(end: &Value) -> Action {
        let mut document = json!({"id": 7, "user": "ann@example.com"});
        document.as_object_mut().unwrap().extend(end.as_object().unwrap().clone());
        Action::of(&document).unwrap()
    }

    #[test]
    fn of_the_new_deployments_it_is_the_only_one_by_the_api_or_that_which_ended_with_the_action() {
        let running = action(&json!({}));
        let ended = action(&json!({"finished_at": "2026-01-01T00:10:00Z"}));
        let pending = |id| deployment(id, &json!({}));
        let by_hook = deployment(9, &json!({"triggered_via": {"meaning": "hook"}}));
        let over = |id, at: &str| deployment(id, &json!({"outcome": {"meaning": "success"}, "finished_at": at}));
        let (early, late) = (over(3, "2026-01-01T00:05:00Z"), over(4, "2026-01-01T00:10:02Z"));
        let cases = [
            (vec![pending(2), pending(1)], None, None),
            (vec![pending(3), by_hook, pending(2)], None, Some(3)),
            (vec![pending(4), pending(3)], None, Some(3)),
            (vec![pending(4), pending(3)], Some(&running), None),
            (vec![late, early, pending(5)], Some(&ended), Some(4)),
        ];
        for (newest, action, expected) in cases {
            assert_eq!(own(true).among(&newest, action), expected, "{newest:#?}");
        }
    }

    #[test]
    fn how_it_stands_is_told_by_the_action_and_while_it_waits_by_the_deployment() {
        let at = "2026-01-01T00:10:00Z";
        let ended = |success: Value, message: Value| {
            action(&json!({"finished_at": at, "finished_success": success, "finished_message": message}))
        };
        let (pending, done) = (json!({}), json!({"outcome": {"meaning": "success"}}));
        let canceled = json!({"outcome": {"meaning": "cancelled"}});
        let good = ended(json!("true"), json!("Done"));
        let bad = ended(json!(false), json!("out of memory"));
        let stands = |queued, action: Option<&Action>, found: Option<&Value>, is_busy| {
            let found = found.map(|document| deployment(3, document));
            let deployment = own(queued).stands(&app(), action, found, is_busy);
            format!("{} {}", deployment.state, deployment.reason.unwrap_or_default()).trim().to_owned()
        };
        let running = action(&json!({}));
        for (state, expected) in [
            (stands(false, Some(&running), None, false), "running"),
            (stands(true, Some(&running), None, false), "queued"),
            (stands(false, Some(&running), Some(&done), false), "running"),
            (stands(false, Some(&running), Some(&canceled), false), "canceled"),
            (stands(false, Some(&good), Some(&pending), false), "succeeded"),
            (stands(true, Some(&good), Some(&pending), false), "queued"),
            (stands(true, Some(&good), None, true), "queued"),
            (stands(true, Some(&good), None, false), "succeeded"),
            (stands(true, Some(&good), Some(&canceled), false), "canceled"),
            (stands(false, Some(&bad), Some(&pending), false), "failed out of memory"),
            (stands(true, Some(&bad), None, true), "failed out of memory"),
            (stands(false, Some(&bad), Some(&canceled), false), "canceled out of memory"),
            (stands(false, Some(&ended(json!(null), json!(null))), None, false), "failed it ended without saying how"),
            (
                stands(false, Some(&ended(json!(false), json!("Cancelled by Ann"))), None, false),
                "canceled Cancelled by Ann",
            ),
            (stands(true, None, Some(&done), false), "succeeded"),
            (stands(true, None, None, false), "queued"),
        ] {
            assert_eq!(state, expected);
        }
    }
}
