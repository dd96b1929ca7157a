//! Following a deployment to its end: by the stream of its log at our own server, else by looking again and again.

use tokio::time::{sleep, timeout};

use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::action::Action;
use crate::backends::api_v3::deployment::{Shown, shown};
use crate::backends::api_v3::log_stream::{Heard, LogStream};
use crate::backends::api_v3::own::Own;
use crate::backends::api_v3::pauses::Pauses;
use crate::backends::error::RemoteError;
use crate::backends::{BackendError, News, Result};
use crate::domain::deployment::{Deployment, DeploymentState};
use crate::domain::log_line::{ENGINE_SOURCE, LogLine};
use crate::domain::profile::BackendKind;
use crate::http::Method;
use crate::store::claims::First;
use crate::store::settle::CancelRequest;

/// How many signs of life of a stream may be missed before it counts as lost.
const MISSED: u32 = 3;

/// What this command follows.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// What it asked for where no number is told, and the number that stands for it meanwhile.
    pub(super) own: Option<(u64, Own)>,
    pub(super) pauses: Pauses,
    stream: Option<LogStream>,
    /// The deployment of the stream, as it was last seen.
    seen: Option<Shown>,
    /// Lines that have come, and were not handed on yet: what waits for them may be given up at any moment.
    lines: Vec<LogLine>,
    /// What it has asked to cancel.
    canceling: Option<u64>,
}

impl ApiV3 {
    pub(super) async fn next_news(&mut self, id: u64, after: u64) -> Result<News> {
        if self.api.kind() == BackendKind::Server {
            let news = self.heard_of(id, after).await;
            if news.is_err() {
                // What was lost with it comes again, after the last line that was handed on.
                self.stop_listening();
            }
            return news;
        }
        sleep(self.following.pauses.next(self.api.limits())).await;
        let Shown { deployment, first } = self.look(id).await?;
        let over = deployment.state.is_over();
        Ok(News { deployment, first, lines: Vec::new(), over })
    }

    fn stop_listening(&mut self) {
        self.following.stream = None;
        self.following.lines.clear();
    }

    /// What the stream of a deployment's log says next. It is over when the server says that nothing more will come.
    async fn heard_of(&mut self, id: u64, after: u64) -> Result<News> {
        if self.following.stream.as_ref().is_none_or(|stream| stream.deployment != Some(id)) {
            self.stop_listening();
            self.following.stream = LogStream::of_deployment(&self.api, &self.stack.uid, id, after).await?;
            self.see(id).await?;
            return self.news(self.following.stream.is_none());
        }
        if self.following.lines.is_empty() {
            self.hear().await?;
        }
        let is_told = |line: &LogLine| line.source == ENGINE_SOURCE;
        if self.following.lines.is_empty() || self.following.lines.iter().any(is_told) {
            self.see(id).await?;
        }
        let state = self.following.seen.as_ref().map(|seen| seen.deployment.state);
        if self.following.stream.is_none()
            && self.following.lines.is_empty()
            && state.is_some_and(|state| !state.is_over())
        {
            // The server is about to stop: it ends its streams first.
            sleep(self.following.pauses.next(self.api.limits())).await;
        }
        self.news(false)
    }

    /// Waits for what comes next, or for a moment.
    async fn hear(&mut self) -> Result<()> {
        let pause = self.following.pauses.next(self.api.limits());
        let Some(stream) = &mut self.following.stream else {
            return Ok(());
        };
        match timeout(pause, stream.next(&self.api)).await {
            Ok(Ok(Heard::Lines(lines))) => {
                self.following.pauses.begin_again();
                self.following.lines = lines;
            }
            Ok(Ok(Heard::End)) => self.following.stream = None,
            Ok(Err(error)) => return Err(error),
            Err(_) if stream.heard_at.elapsed() > self.api.limits().heartbeat * MISSED => self.following.stream = None,
            Err(_) => {}
        }
        Ok(())
    }

    async fn see(&mut self, id: u64) -> Result<()> {
        self.following.seen = Some(self.fetch(id).await?);
        Ok(())
    }

    fn news(&mut self, over: bool) -> Result<News> {
        let seen = self.following.seen.clone();
        let Shown { deployment, first } = seen.ok_or_else(|| self.odd("it has lost the deployment"))?;
        Ok(News { deployment, first, lines: std::mem::take(&mut self.following.lines), over })
    }

    /// Waits until something may have been written to the log, or for a moment. A server that cannot be heard is looked at
    /// by whoever waits.
    pub(super) async fn hear_of_app(&mut self) {
        if self.api.kind() != BackendKind::Server {
            return sleep(self.following.pauses.next(self.api.limits())).await;
        }
        if self.following.stream.is_none() {
            // The first time it does not wait: what was written before it listened has not been heard.
            match LogStream::of_app(&self.api, &self.stack.uid).await {
                Ok(stream) => self.following.stream = stream,
                Err(_) => sleep(self.following.pauses.next(self.api.limits())).await,
            }
            return;
        }
        if self.hear().await.is_err() {
            self.following.stream = None;
        }
        self.following.lines.clear();
    }

    /// A deployment as it stands now.
    pub(super) async fn look(&mut self, id: u64) -> Result<Shown> {
        let Some(own) = self.own(id) else {
            return self.fetch(id).await;
        };
        let (shown, own) = self.look_at_own(own.clone()).await?;
        self.following.own = Some((id, own));
        Ok(shown)
    }

    /// What this command asked for, if that is what the number means.
    pub(super) fn own(&self, id: u64) -> Option<&Own> {
        self.following.own.as_ref().filter(|(number, _)| *number == id).map(|(_, own)| own)
    }

    /// What this command asked for as it stands now, with what has been found out about it.
    pub(super) async fn look_at_own(&self, mut own: Own) -> Result<(Shown, Own)> {
        let action = match own.action {
            Some(id) => Some(self.action(id).await?),
            None => self.action_of(&own.reference).await?,
        };
        let action = action.as_ref();
        own.action = own.action.or(action.map(|action| action.id));
        if own.deployment.is_none() {
            let told = action.and_then(|action| action.deployment);
            own.deployment = match told {
                Some(id) => Some(id),
                None => own.among(&self.newest_deployments().await?, action),
            };
        }
        let found = match own.deployment {
            Some(id) => Some(self.fetch(id).await?.deployment),
            None => None,
        };
        let is_busy = own.is_open(action) && self.stack_now().await?.is_busy;
        let deployment = own.stands(&self.stack.app, action, found, is_busy);
        let first = match deployment.state {
            DeploymentState::Queued => self.running_now().await?,
            _ => None,
        };
        Ok((Shown { deployment, first }, own))
    }

    pub(super) async fn action(&self, id: u64) -> Result<Action> {
        let action = self.api.get(&self.path(&format!("/actions/{id}")), &[]).await?;
        Action::of(&action).ok_or_else(|| self.odd("it should be an action, and is none"))
    }

    async fn running_now(&self) -> Result<Option<First>> {
        let newest = self.newest_deployments().await?;
        let running = newest.iter().find(|one| one.state == DeploymentState::Running);
        Ok(running.map(|one| First { deployment: one.id, lacks_serve: false }))
    }

    /// A deployment by its number.
    pub(super) async fn fetch(&self, id: u64) -> Result<Shown> {
        let document = self.api.get(&self.path(&format!("/deployments/{id}")), &[]).await;
        let document = self.or_not_found(document, || format!("deployment {id}"), "deployments list")?;
        shown(&document, &self.stack.app).ok_or_else(|| self.odd("it should be a deployment, and is none"))
    }

    pub(super) async fn ask_to_cancel(&mut self, id: u64) -> Result<CancelRequest> {
        let number = match self.own(id) {
            None => id,
            Some(_) => match self.look(id).await?.deployment.id {
                Deployment::NO_NUMBER => {
                    let text = format!("{} does not say yet which deployment this is", self.api.who().api);
                    return Err(BackendError::NotForThisApp(text));
                }
                number => number,
            },
        };
        let mut refused = None;
        if self.following.canceling != Some(number) {
            let path = self.path(&format!("/deployments/{number}"));
            let came = self.api.send(Method::DELETE, &path, &[], None).await.map(|document| document.response);
            match self.or_not_found(came, || format!("deployment {number}"), "deployments list") {
                // What has ended by now needs no cancellation.
                Err(BackendError::Remote(error @ RemoteError::Refused { .. })) => refused = Some(error),
                came => drop(came?),
            }
            self.following.canceling = Some(number);
        }
        match (self.fetch(number).await?.deployment.state, refused) {
            (DeploymentState::Canceled, None) => Ok(CancelRequest::Canceled),
            (state, _) if state.is_over() => Ok(CancelRequest::Over),
            (_, Some(error)) => Err(error.into()),
            (_, None) => Ok(CancelRequest::Asked),
        }
    }
}
