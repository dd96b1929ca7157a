//! Watching a deployment to its end: its log, signs of life, the time limit, and interruption.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::backends::{Backend, BackendError, News};
use crate::domain::deployment::{Deployment, DeploymentState, RunState};
use crate::domain::duration;
use crate::output::{Format, Output, Progress, Stream, Verbosity};

/// Why watching ended before the deployment would have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Its time was up.
    TimedOut,
    /// Somebody interrupted the command.
    Interrupted,
}

/// How a watched deployment ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The deployment at its end.
    pub deployment: Deployment,
    /// Why it was canceled from here, if it was.
    pub stopped: Option<Stopped>,
}

/// Why a deployment cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The backend failed.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// Signals cannot be taken.
    #[error("the system's signals cannot be watched")]
    Signals(io::Error),
}

/// How long to wait, and how often to give a sign of life.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long to wait in all; `None` is for ever.
    pub timeout: Option<Duration>,
    /// The pause between two signs of life while nothing else is printed.
    pub heartbeat: Duration,
}

/// Shows a deployment's log until it ends. With the embedded engine the deployment lives in this process, so
/// running out of time and being interrupted cancel it.
///
/// # Errors
/// When the backend fails.
pub async fn watch(
    backend: &mut dyn Backend,
    id: u64,
    mut signals: Signals,
    output: &Output,
    patience: Patience,
) -> Result<Watched, WatchError> {
    let mut screen = Screen::new(output, patience.heartbeat);
    let deadline = patience.timeout.map(|timeout| Instant::now() + timeout);
    let mut stopped = None;
    let mut after = 0;
    loop {
        tokio::select! {
            biased;
            () = signals.next(), if stopped.is_none() => {
                if screen.wants_to_cancel(&mut signals).await {
                    stopped = Some(Stopped::Interrupted);
                    screen.note("interrupted: canceling the deployment");
                    backend.cancel("it was interrupted");
                }
            }
            () = reached(deadline), if stopped.is_none() => {
                stopped = Some(Stopped::TimedOut);
                screen.note("time is up: canceling the deployment");
                backend.cancel("its time was up");
            }
            news = backend.news(id, after) => {
                let news = news?;
                after = news.lines.last().map_or(after, |line| line.number);
                screen.show(&news);
                if news.over {
                    return Ok(Watched { deployment: news.deployment, stopped });
                }
            }
        }
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// The signals that ask a command to end. From the moment they are taken they no longer end it by themselves.
#[derive(Debug)]
pub struct Signals([Signal; 3]);

impl Signals {
    /// Takes them.
    ///
    /// # Errors
    /// When the system does not let them be taken.
    pub fn take() -> Result<Self, WatchError> {
        let taken = |kind| signal(kind).map_err(WatchError::Signals);
        Ok(Self([taken(SignalKind::interrupt())?, taken(SignalKind::terminate())?, taken(SignalKind::hangup())?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// What a person sees of it.
struct Screen<'a> {
    output: &'a Output,
    progress: Progress,
    heartbeat: Duration,
    last_words: Instant,
    began: Instant,
    said_waiting: Vec<u64>,
    log: Option<Stream>,
}

impl<'a> Screen<'a> {
    fn new(output: &'a Output, heartbeat: Duration) -> Self {
        let stream = if output.format() == Format::Json { Stream::Talk } else { Stream::Results };
        let log = (output.verbosity() > Verbosity::Quiet).then_some(stream);
        let now = Instant::now();
        Self {
            output,
            progress: output.progress(),
            heartbeat,
            last_words: now,
            began: now,
            said_waiting: Vec::new(),
            log,
        }
    }

    fn show(&mut self, news: &News) {
        for line in &news.lines {
            let Some(stream) = self.log else {
                break;
            };
            // Nobody reads the log any more; the deployment is watched to its end all the same.
            if self.progress.aside(|| self.output.log_line(stream, line)).is_err() {
                self.log = None;
            }
            self.last_words = Instant::now();
        }
        let text = format!("{} ({})", doing(news), duration::show(self.began.elapsed()));
        self.progress.set(&text);
        if !news.behind.is_empty() && news.behind != self.said_waiting {
            self.said_waiting.clone_from(&news.behind);
            self.note(&doing(news));
        }
        if self.last_words.elapsed() >= self.heartbeat {
            self.progress.beat(&text);
            self.last_words = Instant::now();
        }
    }

    fn note(&mut self, text: &str) {
        self.progress.aside(|| self.output.note(text));
        self.last_words = Instant::now();
    }

    /// On a terminal a person is asked; anybody else means it, and so does who interrupts the question.
    async fn wants_to_cancel(&mut self, signals: &mut Signals) -> bool {
        if !self.output.can_ask() {
            return true;
        }
        self.progress.pause();
        let (output, (answered, answer)) = (self.output.clone(), oneshot::channel());
        // Not a task of the runtime: that would wait, at its end, for a line that nobody types.
        std::thread::spawn(move || answered.send(output.confirm("Cancel the deployment?")));
        let wants = tokio::select! {
            answer = answer => !matches!(answer, Ok(Ok(false))),
            () = signals.next() => {
                self.output.note("");
                true
            }
        };
        self.progress.resume();
        wants
    }
}

/// What is going on, in a few words.
fn doing(news: &News) -> String {
    let deployment = &news.deployment;
    match deployment.state {
        DeploymentState::Queued if news.behind.is_empty() => format!("deployment {} begins", deployment.id),
        DeploymentState::Queued => {
            let ahead: Vec<String> = news.behind.iter().map(ToString::to_string).collect();
            let noun = if ahead.len() == 1 { "deployment" } else { "deployments" };
            format!("deployment {} waits for {noun} {} of this app", deployment.id, ahead.join(", "))
        }
        DeploymentState::Running => {
            let mut parts = deployment.services.iter().filter(|part| part.state != RunState::Skipped);
            match parts.find(|part| part.state == RunState::Running) {
                Some(part) => format!("deploying {}", part.service),
                None => "preparing".to_owned(),
            }
        }
        over => format!("deployment {} {over}", deployment.id),
    }
}
