//! Running one claimed deployment: resolve its refs, run its services, record how it ended.

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState, Strategy, Target};
use crate::domain::duration;
use crate::domain::printable::{Colours, printable};
use crate::domain::release::{self, ReleaseNumber};
use crate::domain::service::{Service, ServiceName};
use crate::engine::cancel::{Cancel, Why};
use crate::engine::journal::Journal;
use crate::engine::payload::PayloadFile;
use crate::engine::source::Sources;
use crate::engine::{Engine, EngineError, Job, Result, insist};
use crate::store::StoreError;
use crate::store::claims::{Begun, Ending, Holder};

/// How many releases' checkouts stay.
const CHECKOUTS: u64 = 3;

/// What came of a run.
pub(super) struct Ended {
    /// How the deployment ended; none if it waits again.
    pub state: Option<DeploymentState>,
    /// The same in words.
    pub text: String,
}

/// Why a run stopped before its end.
pub(super) enum Stop {
    /// Something in it failed, in a service or before any.
    Failed { service: ServiceName, reason: String },
    /// Somebody asked it to.
    Canceled,
    /// What it would deploy is older than this release.
    Older(ReleaseNumber),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A service's part in a run.
pub(super) type Part = (ServiceName, Target);

/// A claimed deployment on its way.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) job: &'a Job,
    pub(super) holder: Holder,
    pub(super) deployment: Deployment,
    pub(super) release: ReleaseNumber,
    pub(super) journal: Journal,
    pub(super) cancel: &'a Cancel,
    /// The body of the redeployment hook that it comes from.
    pub(super) payload_file: Option<PayloadFile>,
}

impl Engine {
    /// Runs a claimed deployment to its end, and records it, which has the deploy hooks told. Says how it ended.
    pub(super) async fn run_claimed(&self, job: &Job, begun: Begun, cancel: &Cancel) -> Result<Ended> {
        let Begun { deployment: id, release } = begun;
        let deployment = self.store.deployment(id).await?.ok_or(EngineError::NoDeployment(id))?;
        let holder = self.holder(&job.record.uid);
        let name = job.app.identity.name.clone();
        let journal = Journal::open(self.store.clone(), holder.clone(), name, id, release);
        let payload_file = self.payload_file(id, &journal).await?;
        let run = Run { engine: self, job, holder, deployment, release, journal, cancel, payload_file };
        let deployed = tokio::select! {
            deployed = run.deploy() => deployed,
            never = self.obey_cancel(id, cancel) => match never {},
        };
        let ending = match (deployed, cancel.why()) {
            (Err(Stop::Store(error)), _) => return Err(error.into()),
            (Err(Stop::Canceled), Some(Why::Interrupted(reason))) => return run.put_back(&reason).await,
            (deployed, why) => ending(deployed, why),
        };
        let text = run.in_words(&ending);
        run.journal.say(format!("Deployment {text}")).await;
        run.journal.close().await?;
        // Who sees that it has ended does not find its payload any more.
        drop(run.payload_file);
        insist(|| self.store.finish(&run.holder, id, &ending, Timestamp::now())).await?;
        self.forget_what_is_old(job).await;
        self.forget_old_checkouts(job, release);
        Ok(Ended { state: Some(ending.state), text: format!("deployment {text}") })
    }

    /// The file that holds the payload of a deployment, if it has one.
    async fn payload_file(&self, deployment: u64, journal: &Journal) -> Result<Option<PayloadFile>> {
        let Some(body) = self.store.payload(deployment).await? else {
            return Ok(None);
        };
        match PayloadFile::write(&self.store.files(), deployment, &body) {
            Ok(file) => Ok(Some(file)),
            Err(error) => {
                journal.say(format!("The payload could not be written for the commands: {error}")).await;
                Ok(None)
            }
        }
    }

    async fn forget_what_is_old(&self, job: &Job) {
        if let Ok(cutoff) = Timestamp::now().checked_sub(self.limits.log_retention) {
            // What cannot be deleted now is deleted after the next deployment.
            let _ = self.store.forget_log_before(&job.record.uid, cutoff).await;
        }
        if let Ok(cutoff) = Timestamp::now().checked_sub(self.limits.deduplication) {
            let _ = self.store.forget_deliveries_before(cutoff).await;
        }
        if let Ok(cutoff) = Timestamp::now().checked_sub(self.limits.delivery_retention) {
            let _ = self.store.forget_deploy_hooks_before(cutoff).await;
        }
    }

    fn forget_old_checkouts(&self, job: &Job, release: ReleaseNumber) {
        let oldest = release.0.saturating_sub(CHECKOUTS - 1);
        // The next deployment may have begun already, at another engine.
        let is_old = |name: &str| release_of_checkout(job, name).is_some_and(|release| release.0 < oldest);
        Sources::forget_checkouts(&self.store.files(), is_old);
    }
}

/// What the names of a release's checkouts begin with.
pub(super) fn checkouts_of(job: &Job, release: ReleaseNumber) -> String {
    format!("{}-{release}.", job.record.uid)
}

/// The release that a checkout of this app was made for, by its name.
fn release_of_checkout(job: &Job, name: &str) -> Option<ReleaseNumber> {
    let (release, _) = name.strip_prefix(&job.record.uid)?.strip_prefix('-')?.split_once('.')?;
    release.parse().ok()
}

fn ending(deployed: std::result::Result<(), Stop>, why: Option<Why>) -> Ending {
    match deployed {
        Ok(()) => Ending { state: DeploymentState::Succeeded, release: RunState::Succeeded, reason: None },
        Err(Stop::Failed { service, reason }) => {
            let reason = Some(format!("{service}: {reason}"));
            Ending { state: DeploymentState::Failed, release: RunState::Failed, reason }
        }
        Err(Stop::Older(release)) => {
            let reason = Some(format!("older than {release}"));
            Ending { state: DeploymentState::Superseded, release: RunState::Superseded, reason }
        }
        Err(Stop::Canceled | Stop::Store(_)) => {
            Ending { state: DeploymentState::Canceled, release: RunState::Canceled, reason: why.map(Why::reason) }
        }
    }
}

impl Run<'_> {
    async fn deploy(&self) -> std::result::Result<(), Stop> {
        let parts = |states: &[RunState]| -> Vec<Part> {
            let parts = self.deployment.services.iter().filter(|part| states.contains(&part.state));
            parts.map(|part: &DeployedService| (part.service.clone(), part.target.clone())).collect()
        };
        let (mut waiting, done) = (parts(&[RunState::Waiting]), parts(&[RunState::Succeeded]));
        self.say_start(&waiting, &done).await;
        let planned = parts(&[RunState::Waiting, RunState::Succeeded]);
        self.describe(&planned).await?;
        // What was resolved before its engine died is deployed as it was resolved then.
        if !self.engine.store.is_resolved(self.deployment.id).await? {
            self.stopping(self.resolve(&mut waiting).await).await?;
            self.stopping(self.take_newest(&mut waiting).await).await?;
            insist(|| self.engine.store.set_targets(&self.holder, self.deployment.id, &waiting)).await?;
        }
        self.stopping(self.leave_out_older(&mut waiting).await).await?;
        let all: Vec<Part> = self.in_manifest_order(done.iter().chain(&waiting).cloned());
        if all != planned {
            self.describe(&all).await?;
        }
        match self.deployment.strategy {
            Strategy::Serial => self.one_after_the_other(&waiting).await,
            Strategy::Parallel => self.side_by_side(&waiting).await,
        }
    }

    fn in_manifest_order(&self, parts: impl Iterator<Item = Part>) -> Vec<Part> {
        let place = |name: &ServiceName| self.job.app.services.iter().position(|service| service.name == *name);
        let mut parts: Vec<Part> = parts.collect();
        parts.sort_by_key(|(name, _)| place(name));
        parts
    }

    async fn one_after_the_other(&self, parts: &[Part]) -> std::result::Result<(), Stop> {
        for (name, target) in parts {
            self.deploy_part(name, target).await?;
        }
        Ok(())
    }

    /// Each service runs to its end, whatever becomes of the others; the first that failed in manifest order is the reason.
    async fn side_by_side(&self, parts: &[Part]) -> std::result::Result<(), Stop> {
        let ends = join_all(parts.iter().map(|(name, target)| self.deploy_part(name, target))).await;
        let mut stops: Vec<Stop> = ends.into_iter().filter_map(std::result::Result::err).collect();
        let gravest = |stop: &Stop| match stop {
            Stop::Store(_) => 0,
            Stop::Canceled => 1,
            Stop::Failed { .. } | Stop::Older(_) => 2,
        };
        stops.sort_by_key(gravest);
        stops.into_iter().next().map_or(Ok(()), Err)
    }

    async fn deploy_part(&self, name: &ServiceName, target: &Target) -> std::result::Result<(), Stop> {
        if self.cancel.why().is_some() {
            return Err(Stop::Canceled);
        }
        let (store, id) = (&self.engine.store, self.deployment.id);
        let service = self.service(name)?;
        insist(|| store.set_service_state(&self.holder, id, name, RunState::Running, None)).await?;
        self.stopping(self.deploy_service(service, target).await).await?;
        Ok(insist(|| store.service_deployed(&self.holder, id, self.release, name, target)).await?)
    }

    async fn say_start(&self, waiting: &[Part], done: &[Part]) {
        let names = |before: &str, parts: &[Part]| match parts {
            [] => String::new(),
            parts => {
                let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
                format!("{before}{}", names.join(", "))
            }
        };
        let user = printable(&self.deployment.user, Colours::Remove).into_owned();
        let (id, release) = (self.deployment.id, self.release);
        let (waiting, done) = (names(": ", waiting), names("; done before: ", done));
        let text = match self.deployment.attempt {
            1 => format!("Deployment {id} started by {user}{waiting} ({release})"),
            attempt => format!("Deployment {id} starts again, attempt {attempt}{waiting} ({release}){done}"),
        };
        self.journal.say(text).await;
    }

    async fn describe(&self, parts: &[Part]) -> std::result::Result<(), Stop> {
        let user = &self.deployment.user;
        let summary = match self.deployment.rollback_to {
            Some(release) => release::rollback_summary(user, release),
            None => release::summary(user, parts),
        };
        let sha = release::release_sha(parts);
        Ok(insist(|| self.engine.store.describe_release(&self.holder, self.release, &summary, sha)).await?)
    }

    /// A service of the manifest as it is now; one that was taken out since cannot be run.
    pub(super) fn service(&self, name: &ServiceName) -> std::result::Result<&Service, Stop> {
        let service = self.job.app.services.iter().find(|service| service.name == *name);
        service.ok_or_else(|| failed(name, "the manifest no longer has this service"))
    }

    /// Notes which service the run stopped at; what was running when it was canceled is noted at its end.
    async fn stopping<T>(&self, came_to: std::result::Result<T, Stop>) -> std::result::Result<T, Stop> {
        if let Err(Stop::Failed { service, reason }) = &came_to {
            let (store, id, reason) = (&self.engine.store, self.deployment.id, Some(reason.as_str()));
            insist(|| store.set_service_state(&self.holder, id, service, RunState::Failed, reason)).await?;
        }
        came_to
    }

    pub(super) fn sources(&self) -> Sources<'_> {
        let (files, supervision) = (self.engine.store.files(), self.engine.supervision(&self.job.record.uid));
        Sources::new(files, &self.engine.variables, self.engine.limits.git, self.cancel, supervision)
    }

    /// Gives the deployment back to the queue: its engine ends before it does.
    async fn put_back(self, reason: &str) -> Result<Ended> {
        let id = self.deployment.id;
        let text = format!("{id} was interrupted: {reason}; it runs again when there is one");
        self.journal.say(format!("Deployment {text}")).await;
        self.journal.close().await?;
        insist(|| self.engine.store.put_back(&self.holder, id, reason)).await?;
        Ok(Ended { state: None, text: format!("deployment {text}") })
    }

    fn in_words(&self, ending: &Ending) -> String {
        let took = self.deployment.started_at.map(|start| Timestamp::now().duration_since(start));
        let took = took.and_then(|took| Duration::try_from(took).ok()).unwrap_or_default();
        let reason = ending.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{} {} after {}{reason}", self.deployment.id, ending.state, duration::show(took))
    }
}

pub(super) fn failed(service: &ServiceName, reason: impl Into<String>) -> Stop {
    Stop::Failed { service: service.clone(), reason: reason.into() }
}
