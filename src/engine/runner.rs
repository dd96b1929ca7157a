//! Running one claimed deployment: resolve its refs, run its services in manifest order, record how it ended.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState, Target};
use crate::domain::duration;
use crate::domain::git_ref::short;
use crate::domain::git_url::without_credentials;
use crate::domain::printable::{Colours, printable};
use crate::domain::release::{self, ReleaseNumber};
use crate::domain::service::{Checkout, Service, ServiceName, Source, Step};
use crate::engine::command::{Invocation, Outcome};
use crate::engine::environment::{self, RunFacts};
use crate::engine::journal::{Journal, Printed};
use crate::engine::source::{SourceError, Sources};
use crate::engine::{Engine, Job, Result};
use crate::store::StoreError;
use crate::store::claims::Ending;

/// How many releases' checkouts stay.
const CHECKOUTS: u64 = 3;

/// Why a run stopped before its end.
enum Stop {
    /// Something in it failed.
    Failed(String),
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
struct Run<'a> {
    engine: &'a Engine,
    job: &'a Job,
    deployment: Deployment,
    release: ReleaseNumber,
    journal: Journal,
    cancel: &'a CancellationToken,
}

impl Engine {
    /// Runs a claimed deployment to its end, records it, and tells the deploy hooks.
    pub(super) async fn run_claimed(
        &self,
        job: &Job,
        deployment: Deployment,
        release: ReleaseNumber,
        cancel: &CancellationToken,
    ) -> Result<()> {
        let (uid, name) = (job.record.uid.clone(), job.app.identity.name.clone());
        let journal = Journal::open(self.store.clone(), uid, name, job.deployment, release);
        let run = Run { engine: self, job, deployment, release, journal, cancel };
        let ending = match run.deploy().await {
            Ok(()) => Ending { state: DeploymentState::Succeeded, release: RunState::Succeeded, reason: None },
            Err(Stop::Failed(reason)) => Ending { state: DeploymentState::Failed, release: RunState::Failed, reason: Some(reason) },
            Err(Stop::Canceled) => {
                let reason = Some("it was canceled while it ran".to_owned());
                Ending { state: DeploymentState::Canceled, release: RunState::Canceled, reason }
            }
            Err(Stop::Store(error)) => return Err(error.into()),
        };
        run.say_ending(&ending).await;
        run.journal.close().await?;
        self.store.finish(&job.record.uid, job.deployment, &self.uid, &ending, Timestamp::now()).await?;
        if ending.state == DeploymentState::Succeeded {
            self.tell_deploy_hooks(job, release).await?;
        }
        self.forget_old_checkouts(job, release);
        Ok(())
    }

    fn forget_old_checkouts(&self, job: &Job, release: ReleaseNumber) {
        let oldest = release.0.saturating_sub(CHECKOUTS - 1).max(1);
        let kept: Vec<String> = (oldest..=release.0).map(|number| checkout_prefix(job, ReleaseNumber(number))).collect();
        let (cancel, limit) = (CancellationToken::new(), self.limits.git);
        Sources::new(self.store.files(), &self.variables, limit, &cancel).forget_checkouts(&job.record.uid, &kept);
    }
}

/// What the names of a release's checkouts begin with.
fn checkout_prefix(job: &Job, release: ReleaseNumber) -> String {
    format!("{}-{release}-", job.record.uid)
}

impl Run<'_> {
    async fn deploy(&self) -> std::result::Result<(), Stop> {
        let planned: Vec<&DeployedService> = self.deployment.services.iter().filter(|part| part.state == RunState::Waiting).collect();
        let names: Vec<&str> = planned.iter().map(|part| part.service.as_str()).collect();
        let user = printable(&self.deployment.user, Colours::Remove).into_owned();
        let (id, release) = (self.job.deployment, self.release);
        self.journal.say(format!("Deployment {id} started by {user}: {} ({release})", names.join(", "))).await;
        let mut targets = planned.iter().map(|part| (part.service.clone(), part.target.clone())).collect::<Vec<_>>();
        self.describe(&targets).await?;
        for (name, target) in &mut targets {
            *target = self.resolve(name, target).await?;
        }
        self.describe(&targets).await?;
        for (name, target) in &targets {
            let service = self.service(name)?;
            self.engine.store.set_service_state(id, name, RunState::Running, None).await?;
            if let Err(stop) = self.deploy_service(service, target).await {
                return self.note_stop(name, stop).await;
            }
            self.engine.store.service_deployed(&self.job.record.uid, id, release, name, target).await?;
        }
        Ok(())
    }

    async fn describe(&self, targets: &[(ServiceName, Target)]) -> std::result::Result<(), Stop> {
        let summary = release::summary(&self.deployment.user, targets);
        let sha = release::release_sha(targets);
        Ok(self.engine.store.describe_release(&self.job.record.uid, self.release, &summary, sha).await?)
    }

    /// A service of the manifest as it is now; one that was taken out since cannot be run.
    fn service(&self, name: &ServiceName) -> std::result::Result<&Service, Stop> {
        let service = self.job.app.services.iter().find(|service| service.name == *name);
        service.ok_or_else(|| Stop::Failed(format!("{name}: the manifest no longer has this service")))
    }

    async fn note_stop(&self, name: &ServiceName, stop: Stop) -> std::result::Result<(), Stop> {
        let (state, reason) = match &stop {
            Stop::Failed(reason) => (RunState::Failed, Some(reason.as_str())),
            Stop::Canceled => (RunState::Canceled, None),
            Stop::Store(_) => return Err(stop),
        };
        self.engine.store.set_service_state(self.job.deployment, name, state, reason).await?;
        Err(stop)
    }

    /// Turns a ref into a sha and notes it, before anything is run.
    async fn resolve(&self, name: &ServiceName, target: &Target) -> std::result::Result<Target, Stop> {
        let Source::Git(source) = &self.service(name)?.source else {
            return Ok(target.clone());
        };
        if source.checkout == Checkout::None {
            return Ok(target.clone());
        }
        self.journal.say_of(name, format!("{name}: fetching {}", without_credentials(&source.repository))).await;
        let resolved = match self.sources().resolve(source, target).await {
            Ok(resolved) => resolved,
            Err(error) => return self.note_stop(name, stop(name, error)).await.map(|()| target.clone()),
        };
        let asked = resolved.reference.as_deref().or(resolved.branch.as_deref()).unwrap_or("HEAD");
        let sha = resolved.sha.as_deref().unwrap_or_default();
        self.journal.say_of(name, format!("{name}: {asked} is {}", short(sha))).await;
        self.engine.store.set_target(self.job.deployment, name, &resolved).await?;
        Ok(resolved)
    }

    fn sources(&self) -> Sources<'_> {
        Sources::new(self.engine.store.files(), &self.engine.variables, self.engine.limits.git, self.cancel)
    }

    async fn deploy_service(&self, service: &Service, target: &Target) -> std::result::Result<(), Stop> {
        let name = &service.name;
        let folder = self.folder(service, target).await?;
        let facts = RunFacts {
            app: &self.job.app.identity,
            deployment: self.job.deployment,
            release: self.release,
            trigger: self.deployment.trigger,
            user: &self.deployment.user,
        };
        let environment = environment::of(&self.engine.variables, &facts, service, target);
        let deadline = Instant::now() + service.commands.timeout;
        for (step, command) in service.commands.steps() {
            self.journal.say_of(name, format!("{name}: {}: {}", step.key(), one_line(command))).await;
            let invocation = Invocation { command, folder: &folder, environment: &environment, deadline, kill_after: self.engine.limits.kill_after };
            let began = Instant::now();
            match step {
                Step::Check => self.check(service, &invocation).await?,
                Step::Build | Step::Deploy => self.step(service, step, &invocation).await?,
            }
            self.journal.say_of(name, format!("{name}: {} done in {}", step.key(), duration::show(began.elapsed()))).await;
        }
        Ok(())
    }

    /// Where a service's commands run: a fresh checkout, or the manifest's folder.
    async fn folder(&self, service: &Service, target: &Target) -> std::result::Result<PathBuf, Stop> {
        match (&service.source, &target.sha) {
            (Source::Git(source), Some(sha)) if source.checkout != Checkout::None => {
                let name = format!("{}{}", checkout_prefix(self.job, self.release), service.name);
                self.sources().check_out(source, sha, &name).await.map_err(|error| stop(&service.name, error))
            }
            _ => Ok(self.job.folder.clone()),
        }
    }

    async fn step(&self, service: &Service, step: Step, invocation: &Invocation<'_>) -> std::result::Result<(), Stop> {
        let ran = invocation.run(self.cancel, self.journal.of(&service.name)).await;
        let (outcome, _) = ran.map_err(|error| not_started(&service.name, step, invocation.folder, &error))?;
        match outcome {
            Outcome::Exited(status, left) => {
                self.name_what_is_left(&service.name, step, &left).await;
                if status.success() { Ok(()) } else { Err(Stop::Failed(failure(&service.name, step, status))) }
            }
            Outcome::TimedOut => Err(self.timed_out(service, step)),
            Outcome::Canceled => Err(Stop::Canceled),
        }
    }

    /// Tries the check until it passes or time is up; only the last try's output is logged.
    async fn check(&self, service: &Service, invocation: &Invocation<'_>) -> std::result::Result<(), Stop> {
        let name = &service.name;
        let mut tries = 0;
        loop {
            tries += 1;
            let ran = invocation.run(self.cancel, Printed::Kept(std::collections::VecDeque::new())).await;
            let (outcome, printed) = ran.map_err(|error| not_started(name, Step::Check, invocation.folder, &error))?;
            let next = Instant::now() + self.engine.limits.check_interval;
            match outcome {
                Outcome::Exited(status, left) if status.success() => {
                    self.log(name, printed).await;
                    self.name_what_is_left(name, Step::Check, &left).await;
                    return Ok(());
                }
                Outcome::Exited(status, _) if next < invocation.deadline => {
                    if tries == 1 {
                        self.log(name, printed).await;
                        self.journal.say_of(name, format!("{}; trying again until it passes", failure(name, Step::Check, status))).await;
                    }
                }
                Outcome::Exited(..) | Outcome::TimedOut => {
                    self.log(name, printed).await;
                    return Err(self.timed_out(service, Step::Check));
                }
                Outcome::Canceled => return Err(Stop::Canceled),
            }
            tokio::select! {
                () = sleep_until(next) => {}
                () = self.cancel.cancelled() => return Err(Stop::Canceled),
            }
        }
    }

    /// Logs what was kept of a try.
    async fn log(&self, name: &ServiceName, printed: Printed) {
        if let Printed::Kept(lines) = printed {
            let mut log = self.journal.of(name);
            for line in lines {
                log.line(line).await;
            }
        }
    }

    async fn name_what_is_left(&self, name: &ServiceName, step: Step, left: &[String]) {
        if !left.is_empty() {
            let text = format!("{name}: {} left running in the background: {}; what it prints from now on is dropped", step.key(), left.join(", "));
            self.journal.say_of(name, text).await;
        }
    }

    fn timed_out(&self, service: &Service, step: Step) -> Stop {
        let limit = duration::show(service.commands.timeout);
        Stop::Failed(match step {
            Step::Check => format!("{}: check did not pass within the service's timeout of {limit}", service.name),
            _ => format!("{}: {} did not end within the service's timeout of {limit}", service.name, step.key()),
        })
    }

    async fn say_ending(&self, ending: &Ending) {
        let (id, took) = (self.job.deployment, self.deployment.started_at.map(|start| Timestamp::now().duration_since(start)));
        let took = took.and_then(|took| Duration::try_from(took).ok()).map(duration::show).unwrap_or_default();
        let reason = ending.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        self.journal.say(format!("Deployment {id} {} after {took}{reason}", ending.state)).await;
    }
}

fn stop(name: &ServiceName, error: SourceError) -> Stop {
    match error {
        SourceError::Canceled => Stop::Canceled,
        error => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            Stop::Failed(format!("{name}: {error}{cause}"))
        }
    }
}

fn not_started(name: &ServiceName, step: Step, folder: &Path, error: &std::io::Error) -> Stop {
    Stop::Failed(format!("{name}: {} could not be started in {}: {error}", step.key(), folder.display()))
}

fn failure(name: &ServiceName, step: Step, status: ExitStatus) -> String {
    let how = match (status.code(), std::os::unix::process::ExitStatusExt::signal(&status)) {
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    format!("{name}: {} {how}", step.key())
}

/// A command for the log: its first line, and a mark if there is more.
fn one_line(command: &str) -> String {
    let mut lines = command.trim().lines();
    let first = lines.next().unwrap_or_default().to_owned();
    if lines.next().is_some() { format!("{first} ...") } else { first }
}
