//! One service's part in a run: its folder, and its commands one after the other.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use tokio::time::{Instant, sleep_until};

use crate::domain::deployment::Target;
use crate::domain::duration;
use crate::domain::service::{Checkout, Service, ServiceName, Source, Step};
use crate::engine::command::{Invocation, Outcome};
use crate::engine::environment::{self, RunFacts};
use crate::engine::payload::PayloadFile;
use crate::engine::resolve::stop;
use crate::engine::runner::{Run, Stop, checkouts_of, failed};

impl Run<'_> {
    /// Runs a service's commands, under one time limit, stopping at the first that fails.
    pub(super) async fn deploy_service(&self, service: &Service, target: &Target) -> std::result::Result<(), Stop> {
        let name = &service.name;
        let folder = self.folder(service, target).await?;
        let facts = RunFacts {
            app: &self.job.app.identity,
            deployment: self.deployment.id,
            release: self.release,
            attempt: self.deployment.attempt,
            trigger: self.deployment.trigger,
            user: &self.deployment.user,
            payload_file: self.payload_file.as_ref().map(PayloadFile::path),
        };
        let environment = environment::of(&self.engine.variables, &facts, service, target);
        let deadline = Instant::now() + service.commands.timeout;
        let supervision = self.engine.supervision(&self.job.record.uid);
        for (step, command) in service.commands.steps() {
            self.journal.say_of(name, format!("{name}: {}: {}", step.key(), one_line(command))).await;
            let invocation =
                Invocation { command, folder: &folder, environment: &environment, deadline, supervision: &supervision };
            let began = Instant::now();
            match step {
                Step::Check => self.check(service, &invocation).await?,
                Step::Build | Step::Deploy => self.step(service, step, &invocation).await?,
            }
            self.journal
                .say_of(name, format!("{name}: {} done in {}", step.key(), duration::show(began.elapsed())))
                .await;
        }
        Ok(())
    }

    /// Where a service's commands run: a fresh checkout, or the manifest's folder.
    async fn folder(&self, service: &Service, target: &Target) -> std::result::Result<PathBuf, Stop> {
        let Source::Git(source) = &service.source else {
            return Ok(self.job.folder.clone());
        };
        match (&source.repository, &target.sha) {
            (Some(repository), Some(sha)) if source.checkout != Checkout::None => {
                let attempt = self.deployment.attempt;
                let name = format!("{}{attempt}-{}", checkouts_of(self.job, self.release), service.name);
                let checkout = self.sources().check_out(repository, source.checkout, sha, &name).await;
                checkout.map_err(|error| stop(&service.name, error))
            }
            _ => Ok(self.job.folder.clone()),
        }
    }

    async fn step(&self, service: &Service, step: Step, invocation: &Invocation<'_>) -> std::result::Result<(), Stop> {
        let ran = invocation.run(self.cancel, self.journal.of(&service.name)).await;
        let (outcome, _) = ran.map_err(|error| not_started(&service.name, step, invocation.folder, error))?;
        match outcome {
            Outcome::Exited(status, left) => {
                self.name_what_is_left(&service.name, step, &left).await;
                if status.success() { Ok(()) } else { Err(failed(&service.name, failure(step, status))) }
            }
            Outcome::TimedOut => Err(timed_out(service, step)),
            Outcome::Canceled => Err(Stop::Canceled),
        }
    }

    /// Tries the check until it passes or time is up; only the last try's output is logged.
    async fn check(&self, service: &Service, invocation: &Invocation<'_>) -> std::result::Result<(), Stop> {
        let name = &service.name;
        let mut tries = 0;
        loop {
            tries += 1;
            let ran = invocation.run(self.cancel, self.journal.end_of(name)).await;
            let (outcome, printed) = ran.map_err(|error| not_started(name, Step::Check, invocation.folder, error))?;
            let next = Instant::now() + self.engine.limits.check_interval;
            match outcome {
                Outcome::Exited(status, left) if status.success() => {
                    printed.log().await;
                    self.name_what_is_left(name, Step::Check, &left).await;
                    return Ok(());
                }
                Outcome::Exited(status, _) if Instant::now() < invocation.deadline => {
                    if tries == 1 {
                        printed.log().await;
                        self.journal
                            .say_of(
                                name,
                                format!("{name}: {}; trying again until it passes", failure(Step::Check, status)),
                            )
                            .await;
                    }
                }
                Outcome::Exited(..) | Outcome::TimedOut => {
                    printed.log().await;
                    return Err(timed_out(service, Step::Check));
                }
                Outcome::Canceled => return Err(Stop::Canceled),
            }
            tokio::select! {
                () = sleep_until(next.min(invocation.deadline)) => {}
                () = self.cancel.requested() => return Err(Stop::Canceled),
            }
            if Instant::now() >= invocation.deadline {
                return Err(timed_out(service, Step::Check));
            }
        }
    }

    async fn name_what_is_left(&self, name: &ServiceName, step: Step, left: &[String]) {
        if !left.is_empty() {
            let text = format!(
                "{name}: {} left running in the background: {}; what it prints from now on is dropped",
                step.key(),
                left.join(", ")
            );
            self.journal.say_of(name, text).await;
        }
    }
}

fn timed_out(service: &Service, step: Step) -> Stop {
    let limit = duration::show(service.commands.timeout);
    let reason = match step {
        Step::Check => format!("check did not pass within the service's timeout of {limit}"),
        Step::Build | Step::Deploy => format!("{} did not end within the service's timeout of {limit}", step.key()),
    };
    failed(&service.name, reason)
}

fn not_started(name: &ServiceName, step: Step, folder: &Path, error: io::Error) -> Stop {
    match error.downcast() {
        Ok(store) => Stop::Store(store),
        Err(error) => failed(name, format!("{} could not be started in {}: {error}", step.key(), folder.display())),
    }
}

fn failure(step: Step, status: ExitStatus) -> String {
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    format!("{} {how}", step.key())
}

/// A command for the log: its first line, and a mark if there is more.
fn one_line(command: &str) -> String {
    let mut lines = command.trim().lines();
    let first = lines.next().unwrap_or_default().to_owned();
    if lines.next().is_some() { format!("{first} ...") } else { first }
}
