//! Running one claimed deployment: resolve its refs, run its services in manifest order, record how it ended.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::causes::with_causes;
use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState, Target};
use crate::domain::duration;
use crate::domain::git_ref::short;
use crate::domain::git_url::without_credentials;
use crate::domain::printable::{Colours, printable};
use crate::domain::release::{self, ReleaseNumber};
use crate::domain::service::{Checkout, Service, ServiceName, Source};
use crate::engine::cancel::Cancel;
use crate::engine::journal::Journal;
use crate::engine::source::{Head, SourceError, Sources};
use crate::engine::{Engine, Job, Result};
use crate::store::StoreError;
use crate::store::claims::{Ending, Holder};

/// How many releases' checkouts stay.
const CHECKOUTS: u64 = 3;

/// Why a run stopped before its end.
pub(super) enum Stop {
    /// Something in it failed, in a service or before any.
    Failed { service: ServiceName, reason: String },
    /// Somebody canceled it.
    Canceled,
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A claimed deployment on its way.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) job: &'a Job,
    pub(super) holder: Holder,
    pub(super) deployment: Deployment,
    pub(super) release: ReleaseNumber,
    pub(super) journal: Journal,
    pub(super) cancel: &'a Cancel,
}

impl Engine {
    /// Runs a claimed deployment to its end, records it, and tells the deploy hooks.
    pub(super) async fn run_claimed(
        &self,
        job: &Job,
        deployment: Deployment,
        release: ReleaseNumber,
        cancel: &Cancel,
    ) -> Result<()> {
        let holder = Holder { app_uid: job.record.uid.clone(), engine_uid: self.uid.clone() };
        let name = job.app.identity.name.clone();
        let journal = Journal::open(self.store.clone(), holder.clone(), name, job.deployment, release);
        let run = Run { engine: self, job, holder, deployment, release, journal, cancel };
        let ending = match run.deploy().await {
            Ok(()) => Ending { state: DeploymentState::Succeeded, release: RunState::Succeeded, reason: None },
            Err(Stop::Failed { service, reason }) => {
                let reason = Some(format!("{service}: {reason}"));
                Ending { state: DeploymentState::Failed, release: RunState::Failed, reason }
            }
            Err(Stop::Canceled) => {
                let reason = Some(cancel.reason());
                Ending { state: DeploymentState::Canceled, release: RunState::Canceled, reason }
            }
            Err(Stop::Store(error)) => return Err(error.into()),
        };
        run.say_ending(&ending).await;
        run.journal.close().await?;
        self.store.finish(&run.holder, job.deployment, &ending, Timestamp::now()).await?;
        self.forget_old_lines(job).await;
        if ending.state == DeploymentState::Succeeded {
            self.tell_deploy_hooks(job, release).await?;
        }
        self.forget_old_checkouts(job, release);
        Ok(())
    }

    async fn forget_old_lines(&self, job: &Job) {
        if let Ok(cutoff) = Timestamp::now().checked_sub(self.limits.log_retention) {
            // What cannot be deleted now is deleted after the next deployment.
            let _ = self.store.forget_log_before(&job.record.uid, cutoff).await;
        }
    }

    fn forget_old_checkouts(&self, job: &Job, release: ReleaseNumber) {
        let oldest = release.0.saturating_sub(CHECKOUTS - 1).max(1);
        let kept: Vec<String> =
            (oldest..=release.0).map(|number| checkout_prefix(job, ReleaseNumber(number))).collect();
        Sources::forget_checkouts(&self.store.files(), &job.record.uid, &kept);
    }
}

/// What the names of a release's checkouts begin with.
pub(super) fn checkout_prefix(job: &Job, release: ReleaseNumber) -> String {
    format!("{}-{release}-", job.record.uid)
}

impl Run<'_> {
    async fn deploy(&self) -> std::result::Result<(), Stop> {
        let planned: Vec<&DeployedService> =
            self.deployment.services.iter().filter(|part| part.state == RunState::Waiting).collect();
        let names: Vec<&str> = planned.iter().map(|part| part.service.as_str()).collect();
        let user = printable(&self.deployment.user, Colours::Remove).into_owned();
        let (id, release) = (self.job.deployment, self.release);
        self.journal.say(format!("Deployment {id} started by {user}: {} ({release})", names.join(", "))).await;
        let mut targets = planned.iter().map(|part| (part.service.clone(), part.target.clone())).collect::<Vec<_>>();
        self.describe(&targets).await?;
        if let Err(stop) = self.resolve(&mut targets).await {
            return self.note_stop(stop).await;
        }
        self.describe(&targets).await?;
        for (name, target) in &targets {
            let service = self.service(name)?;
            self.engine.store.set_service_state(&self.holder, id, name, RunState::Running, None).await?;
            if let Err(stop) = self.deploy_service(service, target).await {
                return self.note_stop(stop).await;
            }
            self.engine.store.service_deployed(&self.holder, id, release, name, target).await?;
        }
        Ok(())
    }

    async fn describe(&self, targets: &[(ServiceName, Target)]) -> std::result::Result<(), Stop> {
        let summary = release::summary(&self.deployment.user, targets);
        let sha = release::release_sha(targets);
        Ok(self.engine.store.describe_release(&self.holder, self.release, &summary, sha).await?)
    }

    /// A service of the manifest as it is now; one that was taken out since cannot be run.
    fn service(&self, name: &ServiceName) -> std::result::Result<&Service, Stop> {
        let service = self.job.app.services.iter().find(|service| service.name == *name);
        service.ok_or_else(|| failed(name, "the manifest no longer has this service"))
    }

    /// Notes which service the run stopped at; what was running when it was canceled is noted at its end.
    async fn note_stop(&self, stop: Stop) -> std::result::Result<(), Stop> {
        if let Stop::Failed { service, reason } = &stop {
            self.engine
                .store
                .set_service_state(&self.holder, self.job.deployment, service, RunState::Failed, Some(reason))
                .await?;
        }
        Err(stop)
    }

    /// Turns refs into shas and notes them, before anything is run; each repository is fetched once, so that
    /// services of one repository are of one moment.
    async fn resolve(&self, targets: &mut [(ServiceName, Target)]) -> std::result::Result<(), Stop> {
        let mut fetched = Vec::new();
        for at in 0..targets.len() {
            let (name, target) = &targets[at];
            let Some(repository) = self.repository(name)? else {
                continue;
            };
            if !fetched.contains(&repository) {
                self.journal.say_of(name, format!("{name}: fetching {}", without_credentials(repository))).await;
                let head = if self.needs_head(repository, targets) { Head::Wanted } else { Head::NotWanted };
                self.sources().fetch(repository, head).await.map_err(|error| stop(name, error))?;
                fetched.push(repository);
            }
            let resolved = self.sources().resolve(repository, target).await.map_err(|error| stop(name, error))?;
            let asked = resolved.reference.as_deref().or(resolved.branch.as_deref()).unwrap_or("HEAD");
            let sha = resolved.sha.as_deref().unwrap_or_default();
            self.journal.say_of(name, format!("{name}: {asked} is {}", short(sha))).await;
            self.engine.store.set_target(&self.holder, self.job.deployment, name, &resolved).await?;
            targets[at].1 = resolved;
        }
        Ok(())
    }

    /// The repository of a service whose commands run in a checkout.
    fn repository(&self, name: &ServiceName) -> std::result::Result<Option<&str>, Stop> {
        Ok(match &self.service(name)?.source {
            Source::Git(source) if source.checkout != Checkout::None => source.repository.as_deref(),
            _ => None,
        })
    }

    /// Whether any of the services of a repository follows its `HEAD`.
    fn needs_head(&self, repository: &str, targets: &[(ServiceName, Target)]) -> bool {
        let of_repository =
            |name: &ServiceName| matches!(self.repository(name), Ok(Some(other)) if other == repository);
        let follows_head = |target: &Target| target.reference.is_none() && target.branch.is_none();
        let asks_for_head = |target: &Target| target.reference.as_deref() == Some("HEAD");
        targets.iter().any(|(name, target)| (follows_head(target) || asks_for_head(target)) && of_repository(name))
    }

    pub(super) fn sources(&self) -> Sources<'_> {
        let (files, supervision) = (self.engine.store.files(), self.engine.supervision(&self.job.record.uid));
        Sources::new(files, &self.engine.variables, self.engine.limits.git, self.cancel, supervision)
    }

    async fn say_ending(&self, ending: &Ending) {
        let (id, took) =
            (self.job.deployment, self.deployment.started_at.map(|start| Timestamp::now().duration_since(start)));
        let took = took.and_then(|took| Duration::try_from(took).ok()).unwrap_or_default();
        let took = duration::show(took);
        let reason = ending.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        self.journal.say(format!("Deployment {id} {} after {took}{reason}", ending.state)).await;
    }
}

pub(super) fn failed(service: &ServiceName, reason: impl Into<String>) -> Stop {
    Stop::Failed { service: service.clone(), reason: reason.into() }
}

pub(super) fn stop(name: &ServiceName, error: SourceError) -> Stop {
    match error {
        SourceError::Canceled => Stop::Canceled,
        error => failed(name, with_causes(&error)),
    }
}
