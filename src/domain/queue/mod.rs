//! An app's queue: what a new deployment does to those that wait, and what becomes of one whose engine has died.
//!
//! Deployments run one at a time, in the order of their places. What a person or a job asked for always runs. Of
//! redeployment hooks only the newest state of a branch matters, so that under [`Mode::Latest`] a newer one takes the
//! place of an older one that it covers.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::domain::deployment::{DeploymentState, Target, Trigger};
use crate::domain::git_url::RepositoryKey;
use crate::domain::plan::{Change, GitInformation, NewHead};
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;

/// How often a deployment is begun before it counts as failed.
pub const ATTEMPTS: u64 = 3;

/// Whether newer hooks take the place of older ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The newest push wins.
    #[default]
    Latest,
    /// Every hook is deployed.
    All,
}

/// What asked for a deployment, as far as the queue cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A person or a job.
    Command,
    /// The same, going back to this release.
    Rollback(ReleaseNumber),
    /// A redeployment hook.
    Hook(Hook),
}

impl Origin {
    /// The word for it.
    #[must_use]
    pub fn trigger(&self) -> Trigger {
        match self {
            Self::Command => Trigger::Command,
            Self::Rollback(_) => Trigger::Rollback,
            Self::Hook(_) => Trigger::Hook,
        }
    }
}

/// What a redeployment hook said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// What was pushed; none without Git information.
    pub push: Option<Push>,
    /// The services that its URL named, sorted and each once, then its other modifiers as `name=value`; empty for all.
    pub modifiers: Vec<String>,
}

/// What a hook's payload says was pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    /// The repository, spelled as a [`RepositoryKey`].
    pub repository: String,
    /// The branches with their new heads, each once; none if the payload names no branch.
    pub heads: Vec<NewHead>,
}

impl Push {
    /// What the queue needs of a payload's Git information. Of several changes to one branch the last counts.
    #[must_use]
    pub fn of(git: &GitInformation) -> Self {
        let key = git.repositories.iter().find_map(|url| RepositoryKey::of(url)).map(|key| key.to_string());
        let repository = key.or_else(|| git.repositories.first().cloned()).unwrap_or_default();
        let heads = git.changes.iter().enumerate().filter_map(|(at, change)| match change {
            Change::Pushed(head) => {
                let is_last = git.changes[at + 1..].iter().all(|later| later.branch() != change.branch());
                is_last.then(|| head.clone())
            }
            Change::Deleted { .. } | Change::Tag { .. } => None,
        });
        Self { repository, heads: heads.collect() }
    }

    fn head(&self, branch: &str) -> Option<&NewHead> {
        self.heads.iter().find(|head| head.branch == branch)
    }

    /// Whether it is about the same repository and branches.
    fn is_about_the_same_as(&self, other: &Self) -> bool {
        let names_all_of = |a: &Self, b: &Self| a.heads.iter().all(|head| b.head(&head.branch).is_some());
        self.repository == other.repository && names_all_of(self, other) && names_all_of(other, self)
    }

    /// Which of two pushes to the same branches came later, if their old and new heads say so.
    fn order(&self, other: &Self) -> Option<Ordering> {
        let mut orders = self.heads.iter().filter_map(|ours| order(ours, other.head(&ours.branch)?));
        let first = orders.next()?;
        orders.all(|order| order == first).then_some(first)
    }
}

/// A push that begins where another ends came after it.
fn order(ours: &NewHead, theirs: &NewHead) -> Option<Ordering> {
    let follows = |later: &NewHead, earlier: &NewHead| later.before.is_some() && later.before == earlier.after;
    match (follows(ours, theirs), follows(theirs, ours)) {
        (true, false) => Some(Ordering::Greater),
        (false, true) => Some(Ordering::Less),
        _ => None,
    }
}

impl Hook {
    /// Whether both ask for the same thing, at perhaps different times.
    fn is_about_the_same_as(&self, other: &Self) -> bool {
        match (&self.push, &other.push) {
            (Some(ours), Some(theirs)) => ours.is_about_the_same_as(theirs),
            (None, None) => self.modifiers == other.modifiers,
            _ => false,
        }
    }

    /// Whether an older hook that waits already is in truth the newer one.
    fn came_before(&self, waiting: &Self) -> bool {
        match (&self.push, &waiting.push) {
            (Some(ours), Some(theirs)) => ours.order(theirs) == Some(Ordering::Less),
            _ => false,
        }
    }

    /// The head that was pushed to a service's branch, if the payload named one that must be newer than what is there:
    /// after a forced push it need not be.
    #[must_use]
    pub fn ordered_head(&self, target: &Target) -> Option<&str> {
        let head = self.push.as_ref()?.head(target.branch.as_deref()?)?;
        if head.forced { None } else { head.after.as_deref() }
    }
}

/// A hook's deployment that waits and was never begun: the only kind that can be superseded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub id: u64,
    /// Its place: the smallest runs first.
    pub place: u64,
    /// What the hook said.
    pub hook: Hook,
    /// The services it deploys.
    pub services: Vec<ServiceName>,
}

/// What becomes of a new deployment, and of those that wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// It waits.
    Waits {
        /// At whose place; at the end of the queue if nobody's.
        place_of: Option<u64>,
        /// Those that it stands for from now on.
        supersedes: Vec<u64>,
    },
    /// One that waits already is newer and covers it.
    SupersededBy(u64),
}

/// What a new deployment of `services` does to the queue. `waiting` is in the order of their places.
#[must_use]
pub fn arrive(waiting: &[Waiting], origin: &Origin, services: &[ServiceName], mode: Mode) -> Arrival {
    let includes = |larger: &[ServiceName], smaller: &[ServiceName]| smaller.iter().all(|name| larger.contains(name));
    match origin {
        Origin::Hook(hook) if mode == Mode::Latest => {
            let mut same = waiting.iter().filter(|older| hook.is_about_the_same_as(&older.hook));
            let newer = same.clone().find(|other| hook.came_before(&other.hook) && includes(&other.services, services));
            if let Some(newer) = newer {
                return Arrival::SupersededBy(newer.id);
            }
            let covered = |older: &&Waiting| !hook.came_before(&older.hook) && includes(services, &older.services);
            let covered: Vec<&Waiting> = same.by_ref().filter(covered).collect();
            let supersedes = covered.iter().map(|older| older.id).collect();
            Arrival::Waits { place_of: covered.first().map(|first| first.id), supersedes }
        }
        Origin::Rollback(_) => {
            let covered = waiting.iter().filter(|older| includes(services, &older.services));
            Arrival::Waits { place_of: None, supersedes: covered.map(|older| older.id).collect() }
        }
        Origin::Command | Origin::Hook(_) => Arrival::Waits { place_of: None, supersedes: Vec::new() },
    }
}

/// Whether somebody insists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Insistence {
    /// With `--force`.
    Forced,
    /// Not.
    None,
}

/// Whether a trigger is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is.
    Admitted,
    /// It is accepted and deploys nothing.
    Ignored,
    /// Whoever asked has to insist.
    Refused,
}

/// Whether a trigger is let in while deployments of the app are paused. To go back to an earlier release is what a pause
/// is often for.
#[must_use]
pub fn admit_paused(origin: &Origin, insistence: Insistence) -> Admission {
    match (origin, insistence) {
        (Origin::Hook(_), _) => Admission::Ignored,
        (Origin::Command, Insistence::None) => Admission::Refused,
        (Origin::Command, Insistence::Forced) | (Origin::Rollback(_), _) => Admission::Admitted,
    }
}

/// Where a deployment is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsIn {
    /// In the command that asked for it.
    Command,
    /// In whichever `hookbelt serve` has the app.
    Serve,
}

impl RunsIn {
    /// By the engine that a deployment lives in, if it lives in one.
    #[must_use]
    pub fn of(engine: Option<&str>) -> Self {
        if engine.is_some() { Self::Command } else { Self::Serve }
    }
}

/// What becomes of a deployment whose engine has died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDeath {
    /// It had not begun, and nobody is left who would.
    Canceled,
    /// It cannot be gone on with.
    Failed,
    /// It runs again.
    Again,
}

/// What becomes of a deployment whose engine has died in this attempt; 0 is before the first.
#[must_use]
pub fn after_death(runs_in: RunsIn, is_running: bool, attempt: u64) -> AfterDeath {
    match (runs_in, is_running) {
        (RunsIn::Command, false) => AfterDeath::Canceled,
        (RunsIn::Command, true) => AfterDeath::Failed,
        (RunsIn::Serve, true) if attempt >= ATTEMPTS => AfterDeath::Failed,
        (RunsIn::Serve, _) => AfterDeath::Again,
    }
}

impl AfterDeath {
    /// Why the deployment ended, or waits again.
    #[must_use]
    pub fn reason(self, runs_in: RunsIn) -> &'static str {
        match (runs_in, self) {
            (RunsIn::Command, _) => "its command died",
            (RunsIn::Serve, Self::Again) => "its engine died, so it runs again",
            (RunsIn::Serve, _) => "its engine died in every attempt",
        }
    }

    /// The state it gets.
    #[must_use]
    pub fn state(self) -> DeploymentState {
        match self {
            Self::Canceled => DeploymentState::Canceled,
            Self::Failed => DeploymentState::Failed,
            Self::Again => DeploymentState::Queued,
        }
    }
}
