//! Deploying: a request that the controller answers when the deployment has ended, while the log is shown.
//!
//! It is sent once. If its answer is lost, the releases tell whether it arrived, and the processes when it has ended.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::backends::abilities::check;
use crate::backends::error::RemoteError;
use crate::backends::workflow::answer::is_of_the_controller;
use crate::backends::workflow::run::{Known, Run, Stage, What};
use crate::backends::workflow::{KIND, Workflow};
use crate::backends::{Act, Asked, Backend, BackendError, Lives, News, Result, Wish};
use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState, Strategy, Trigger};
use crate::domain::log_line::LogLine;
use crate::domain::plan::Plan;
use crate::http::{HttpError, Reply};

impl Workflow {
    /// Asks for a build like the current one, or for a rollback.
    pub(super) async fn ask(&mut self, plan: Option<&Plan>, wish: &Wish) -> Result<Asked> {
        check(KIND, wish)?;
        let (what, path, document) = match &wish.act {
            Act::Redeploy(_) => {
                let build = self.current_build().await?.clone();
                let document = build.again();
                (What::Build(build), "builds/", document)
            }
            Act::Rollback(release) => (What::Rollback(*release), "releases/rollback/", json!({ "version": release.0 })),
        };
        let before = self.newest().await?.map_or(0, |release| release.version);
        // What stands in the log already is not of this deployment. If it cannot be read now, it may be later.
        let _ = self.log.before_last(&self.controller, &self.id, 0).await;
        let mut call = self.controller.post(&format!("/apps/{}/{path}", self.id), &document)?;
        call.limit = Some(Duration::MAX);
        let deployment = self.begun(&what, before + 1, plan);
        let (controller, sent) = (self.controller.clone(), call.clone());
        let stage = Stage::Asked(tokio::spawn(async move { controller.send(&sent).await }));
        let id = deployment.id;
        self.run = Some(Run { what, call, before, stage, deployment, heard: Instant::now(), shows_log: true });
        Ok(Asked { id, lives: Lives::Elsewhere })
    }

    fn begun(&self, what: &What, id: u64, plan: Option<&Plan>) -> Deployment {
        let (trigger, rollback_to) = match what {
            What::Build(_) => (Trigger::Command, None),
            What::Rollback(release) => (Trigger::Rollback, Some(*release)),
        };
        let services = plan.into_iter().flat_map(|plan| &plan.services).map(|planned| DeployedService {
            service: planned.service.clone(),
            state: RunState::Running,
            target: planned.target.clone(),
            reason: None,
        });
        let now = Timestamp::now();
        Deployment {
            id,
            app: self.app.clone(),
            state: DeploymentState::Running,
            trigger,
            user: self.user().to_owned(),
            // The controller deploys all process types at once.
            strategy: Strategy::Parallel,
            attempt: 1,
            place: None,
            release: None,
            rollback_to,
            reason: None,
            created_at: now,
            started_at: Some(now),
            ended_at: None,
            services: services.collect(),
        }
    }

    /// Waits for the answer or for a moment; says what has happened. It may be broken off anywhere and called again.
    pub(super) async fn look(&mut self) -> Result<News> {
        if let Some(lines) = self.wait().await? {
            return self.news_with(lines);
        }
        let known = self.known().await?;
        if let Some(run) = &mut self.run {
            run.learn(known);
        }
        let read = match &self.run {
            Some(run) if run.shows_log => self.log.new_lines(&self.controller, &self.id).await,
            _ => Ok(Vec::new()),
        };
        let lines = self.shown(read);
        self.news_with(lines)
    }

    /// Waits until there is something to be found out; if the request is still under way, gives what was logged.
    async fn wait(&mut self) -> Result<Option<Vec<LogLine>>> {
        let pause = self.log.pause();
        let Some(Run { stage, shows_log, .. }) = &mut self.run else {
            return Ok(None);
        };
        let request = match stage {
            Stage::Asked(request) => request,
            Stage::Lost { .. } | Stage::Begun(_) => {
                sleep(pause).await;
                return Ok(None);
            }
            Stage::Answered(_) | Stage::Over => return Ok(None),
        };
        let read = async {
            sleep(pause).await;
            if *shows_log { self.log.new_lines(&self.controller, &self.id).await } else { Ok(Vec::new()) }
        };
        tokio::select! {
            biased;
            ended = request => {
                self.came_back(ended.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic())))?;
                Ok(None)
            }
            read = read => Ok(Some(self.shown(read))),
        }
    }

    /// The request has ended, in an answer or not.
    fn came_back(&mut self, ended: std::result::Result<Reply, RemoteError>) -> Result<()> {
        let Some(run) = &mut self.run else {
            return Ok(());
        };
        let why = match ended {
            Ok(reply) if is_of_the_controller(&reply) => {
                run.stage = Stage::Answered(reply);
                return Ok(());
            }
            Ok(reply) => self.controller.refusal(&run.call, &reply),
            Err(error) if may_have_arrived(&error) => error,
            Err(error) => return Err(BackendError::NotTaken(error)),
        };
        let text = format!("note: {why}; it is not asked again: its release is looked for");
        self.controller.access.output.note(&text);
        run.heard = Instant::now();
        run.stage = Stage::Lost { why, looks: 0 };
        Ok(())
    }

    fn news_with(&self, lines: Vec<LogLine>) -> Result<News> {
        let Some(run) = &self.run else {
            return Err(self.not_found("deployment that this command asked for".to_owned(), "releases list"));
        };
        let over = matches!(run.stage, Stage::Over);
        Ok(News { deployment: run.deployment.clone(), first: None, lines, over })
    }

    /// What is known of the deployment now.
    async fn known(&mut self) -> Result<Known> {
        let Some(run) = &self.run else {
            return Ok(Known::Nothing);
        };
        let looked = match &run.stage {
            Stage::Asked(_) | Stage::Over => return Ok(Known::Nothing),
            Stage::Answered(reply) => return self.understand(run, reply).await,
            Stage::Lost { .. } => self.ours(run).await.map(|ours| ours.map_or(Known::Nothing, Known::Begun)),
            Stage::Begun(release) => self.how_it_ends(*release).await,
        };
        let (reconnect, api) = (self.controller.access.limits.reconnect, &self.controller.api);
        match &mut self.run {
            Some(run) => Ok(run.looked(looked, reconnect, api)?),
            None => Ok(Known::Nothing),
        }
    }

    /// The lines that were read. A deployment goes on without them; a log that may be there later is no reason to give up.
    fn shown(&mut self, read: std::result::Result<Vec<LogLine>, RemoteError>) -> Vec<LogLine> {
        let Err(error) = read else {
            return read.unwrap_or_default();
        };
        if let Some(run) = self.run.as_mut().filter(|_| !error.may_pass()) {
            run.shows_log = false;
            self.controller.access.output.note(&format!("note: the log is not shown: {error}"));
        }
        Vec::new()
    }
}

/// Whether a request may have reached the controller though no answer came.
fn may_have_arrived(error: &RemoteError) -> bool {
    matches!(
        error,
        RemoteError::Http(
            HttpError::BrokeOff { .. }
                | HttpError::CutOff { .. }
                | HttpError::TooSlow { .. }
                | HttpError::TooLong { .. }
                | HttpError::NotHttp { .. }
        )
    )
}
