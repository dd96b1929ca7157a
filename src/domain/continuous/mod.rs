//! `continuous.deploy`: a push becomes a deployment at its Git host, and the host's event about that deployment is what
//! deploys it.
//!
//! The push waits meanwhile, under a nonce that the deployment carries and its event brings back. Nothing here creates a
//! deployment or knows which nonces there are.

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::domain::app::{App, Environment};
use crate::domain::deployment::DeploymentState;
use crate::domain::duration;
use crate::domain::git_url::RepositoryKey;
use crate::domain::payload::{GithubDeployment, Sender};
use crate::domain::plan::Plan;
use crate::domain::queue::{AfterDeath, RunsIn};
use crate::domain::redeploy_hook::Trigger;
use crate::domain::service::{ServiceName, Source};
use crate::domain::setting::{self, CONTINUOUS_DEPLOY, PAUSED};

/// The most characters of a description at a Git host.
pub const MAX_DESCRIPTION: usize = 140;

/// The longest pause between two tries, unless the host wants a longer one.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// The longest pause that a host may want.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// How often one status is tried to be told.
const MOST_TRIES: u64 = 20;

/// A deployment at a Git host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostDeployment {
    /// The repository, as a [`RepositoryKey`] shows it: `github.com/acme/shop`.
    pub repository: String,
    /// The host's number of it.
    pub id: u64,
}

/// A deployment that is to be created at a Git host.
#[derive(Debug, Clone, PartialEq)]
pub struct NewHostDeployment {
    /// The repository: `github.com/acme/shop`.
    pub repository: String,
    /// The commit: exactly this one, with nothing merged into it and no checks waited for.
    pub sha: String,
    /// The app's environment.
    pub environment: String,
    /// What its event brings back.
    pub payload: Value,
    /// What people read there, at most 140 characters.
    pub description: String,
    /// Whether one may be there already, made by a try of which no answer came.
    pub may_be_there: bool,
}

/// What a Git host is told of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// How it stands.
    pub status: HostStatus,
    /// What people read there, at most 140 characters.
    pub description: String,
    /// Where its log is, if that can be reached from elsewhere.
    pub log_url: Option<String>,
}

/// What the event of a deployment at a Git host is to an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventCase {
    /// Nothing, and why.
    Ignored(String),
    /// It carries this nonce: it deploys the push that waits under it, and if none does, nothing.
    OfPush(String),
    /// Somebody else created it: it deploys what its commit and branch select.
    OfSomebody,
}

impl EventCase {
    /// Which of them an event is, by what is stored of the app's settings.
    #[must_use]
    pub fn of(deployment: &GithubDeployment, environment: &Environment, settings: &[(String, String)]) -> Self {
        if !setting::is_on(settings, CONTINUOUS_DEPLOY) {
            return Self::Ignored(format!("{CONTINUOUS_DEPLOY} is off, so deployments at GitHub do not count"));
        }
        if let Some(reason) = deployment.why_not_for(environment) {
            return Self::Ignored(reason);
        }
        match nonce_in(&deployment.payload) {
            Some(nonce) => Self::OfPush(nonce),
            None => Self::OfSomebody,
        }
    }
}

/// The nonce that a deployment's payload carries, whoever made it. A payload may be an object, or the text of one.
pub(in crate::domain) fn nonce_in(payload: &Value) -> Option<String> {
    let nonce = match payload {
        Value::String(text) => serde_json::from_str::<Value>(text).ok()?.get("nonce")?.clone(),
        other => other.get("nonce")?.clone(),
    };
    match nonce {
        Value::Null => None,
        Value::String(text) => Some(text),
        // It is none of ours, and so no push waits under it.
        other => Some(other.to_string()),
    }
}

/// What a deployment that is created for a push carries.
#[must_use]
pub fn payload(app: &App, services: &[ServiceName], nonce: &str) -> Value {
    json!({ "app": app.identity.name, "services": services, "nonce": nonce })
}

/// A description that is short enough for a Git host.
#[must_use]
pub fn description(text: &str) -> String {
    if text.chars().count() <= MAX_DESCRIPTION {
        return text.to_owned();
    }
    text.chars().take(MAX_DESCRIPTION - 1).chain(['…']).collect()
}

/// What a push would wait for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The repository as the manifest means it: no payload says where a token goes.
    pub repository: String,
    /// The pushed commit.
    pub sha: String,
}

impl Pushed {
    /// What a trigger pushed, if a deployment at GitHub can stand for it: one commit, of a repository on a host, for services.
    #[must_use]
    pub fn of(app: &App, trigger: &Trigger, plan: &Plan) -> Option<Self> {
        let push = trigger.hook.push.as_ref().filter(|_| trigger.sender == Sender::Github)?;
        let [head] = push.heads.as_slice() else {
            return None;
        };
        Some(Self { repository: repository_of(app, plan)?, sha: head.after.clone()? })
    }
}

/// The repository of a plan's services, of which a trigger with Git information selects those of one.
#[must_use]
pub fn repository_of(app: &App, plan: &Plan) -> Option<String> {
    let first = plan.services.first()?;
    let service = app.services.iter().find(|service| service.name == first.service)?;
    match &service.source {
        Source::Git(source) => RepositoryKey::of(source.repository.as_deref()?).map(|key| key.to_string()),
        Source::Image(_) => None,
    }
}

/// Whether a push waits for its deployment, by what is stored of the app's settings. What would be ignored need not wait.
#[must_use]
pub fn is_waited(settings: &[(String, String)]) -> bool {
    setting::is_on(settings, CONTINUOUS_DEPLOY) && !setting::is_on(settings, PAUSED)
}

/// How a stored push stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushState {
    /// Its deployment at the Git host is yet to be created.
    New,
    /// It is created, and its event has not come.
    Created,
    /// The event has come.
    Deployed,
    /// It was deployed without the event.
    FellBack,
}

/// How a run stands, as a Git host calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostStatus {
    /// It waits for its turn.
    Queued,
    /// It runs.
    InProgress,
    /// It succeeded.
    Success,
    /// It failed.
    Failure,
    /// It was canceled, superseded or ignored.
    Inactive,
    /// It could not be run.
    Error,
}

words!(PushState { New = "new", Created = "created", Deployed = "deployed", FellBack = "fell_back" });
words!(HostStatus {
    Queued = "queued",
    InProgress = "in_progress",
    Success = "success",
    Failure = "failure",
    Inactive = "inactive",
    Error = "error"
});

impl HostStatus {
    /// Whether it is the last one.
    #[must_use]
    pub fn is_last(self) -> bool {
        !matches!(self, Self::Queued | Self::InProgress)
    }

    /// What a deployment's state is called at a Git host. That its engines died is not the app's failure.
    #[must_use]
    pub fn of(state: DeploymentState, reason: Option<&str>) -> Self {
        match state {
            DeploymentState::Queued => Self::Queued,
            DeploymentState::Running => Self::InProgress,
            DeploymentState::Succeeded => Self::Success,
            DeploymentState::Failed if reason == Some(AfterDeath::Failed.reason(RunsIn::Serve)) => Self::Error,
            DeploymentState::Failed => Self::Failure,
            DeploymentState::Canceled | DeploymentState::Superseded | DeploymentState::Ignored => Self::Inactive,
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::InProgress => 1,
            _ => 2,
        }
    }

    /// Those that are to be told next, in order, so that the run's way is told whole: one that was told is never gone back to.
    #[must_use]
    pub fn to_tell(told: Option<Self>, now: Self, has_begun: bool) -> Vec<Self> {
        let way = [Some(Self::Queued), has_begun.then_some(Self::InProgress), Some(now)];
        let mut last = told;
        let mut to_tell = Vec::new();
        for next in way.into_iter().flatten() {
            if last.is_none_or(|last| next.rank() > last.rank()) {
                to_tell.push(next);
                last = Some(next);
            }
        }
        to_tell
    }
}

/// What is to be done about a push that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// Its deployment is to be created.
    Create,
    /// It is to be deployed without the event, for this reason.
    Deploy(String),
    /// Nothing until then.
    Nothing {
        /// When to look again.
        until: Timestamp,
    },
}

/// A push that waits, as far as time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// How it stands.
    pub state: PushState,
    /// Since when.
    pub since: Timestamp,
    /// When its deployment is to be created, if it is not.
    pub next_try: Timestamp,
}

impl Wait {
    /// What is due now, if a push waits so long at most.
    #[must_use]
    pub fn due(&self, settings: &[(String, String)], most: Duration, now: Timestamp) -> Due {
        if !setting::is_on(settings, CONTINUOUS_DEPLOY) {
            return Due::Deploy(format!("{CONTINUOUS_DEPLOY} was turned off"));
        }
        let end = after(self.since, most);
        let is_created = self.state == PushState::Created;
        if now >= end {
            let most = duration::show(most);
            return Due::Deploy(if is_created {
                format!("no event came for its deployment at the Git host within {most}")
            } else {
                format!("no deployment could be created at the Git host within {most}")
            });
        }
        match (is_created, self.next_try <= now) {
            (true, _) => Due::Nothing { until: end },
            (false, true) => Due::Create,
            (false, false) => Due::Nothing { until: end.min(self.next_try) },
        }
    }
}

/// When to try again, after so many tries have failed: after 1 s, 2 s, 4 s and so on, up to a minute; not before the host wants
/// to be asked again, unless that is too long.
#[must_use]
pub fn next_try(failed: u64, told: Option<Duration>, now: Timestamp) -> Timestamp {
    let doubled = u32::try_from(failed.saturating_sub(1)).unwrap_or(u32::MAX).min(6);
    let pause = Duration::from_secs(1 << doubled).min(LONGEST_PAUSE);
    after(now, told.unwrap_or_default().min(LONGEST_WAIT).max(pause))
}

/// When to try again to tell a status, if it is worth it.
#[must_use]
pub fn next_status_try(failed: u64, told: Option<Duration>, now: Timestamp) -> Option<Timestamp> {
    (failed < MOST_TRIES).then(|| next_try(failed, told, now))
}

fn after(time: Timestamp, length: Duration) -> Timestamp {
    let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
    time.checked_add(length).unwrap_or(Timestamp::MAX)
}
