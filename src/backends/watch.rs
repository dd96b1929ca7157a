//! Watching a deployment to its end: its log, signs of life, the time limit, and interruption.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::backends::{Asked, Backend, BackendError, Lives, News};
use crate::domain::causes::with_causes;
use crate::domain::deployment::{Deployment, DeploymentState, RunState};
use crate::domain::duration;
use crate::output::{DeploymentLog, Output, Progress, Verbosity};

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

/// What an interruption means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInterrupt {
    /// A person is asked whether to cancel; where nobody can be asked it ends what lives in this command, and leaves
    /// alone what does not.
    Ask,
    /// Cancel the deployment.
    Cancel,
    /// Stop watching.
    Leave,
}

/// How long to wait, how often to give a sign of life, and what an interruption means.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long to wait in all; `None` is for ever.
    pub timeout: Option<Duration>,
    /// The pause between two signs of life while nothing else is printed.
    pub heartbeat: Duration,
    /// How long the deploy API may be out of reach.
    pub reconnect: Duration,
    /// What an interruption means.
    pub on_interrupt: OnInterrupt,
}

/// Shows a deployment's log until it ends. What lives in this command ends with it, so running out of time cancels it.
///
/// # Errors
/// When the backend fails.
pub async fn watch(
    backend: &mut dyn Backend,
    asked: Asked,
    mut signals: Signals,
    output: &Output,
    patience: Patience,
) -> Result<Watched, WatchError> {
    let mut screen = Screen::new(output, patience.heartbeat);
    let deadline = patience.timeout.map(|timeout| Instant::now() + timeout);
    let mut stopped = None;
    let mut after = 0;
    let mut lost: Option<Lost> = None;
    loop {
        let pause = lost.as_ref().map(|lost| lost.next);
        let next = tokio::select! {
            biased;
            () = signals.next(), if stopped.is_none() => {
                stopped = Some(Stopped::Interrupted);
                screen.on_interrupt(asked.lives, patience.on_interrupt, &mut signals).await
            }
            () = reached(deadline), if stopped.is_none() => {
                stopped = Some(Stopped::TimedOut);
                if asked.lives == Lives::Here { Next::Cancel } else { Next::Leave }
            }
            news = news_after(pause, backend, asked.id, after) => {
                let news = match news {
                    Err(error) if error.may_pass() && lost.as_ref().is_none_or(|lost| !lost.for_good(patience)) => {
                        lost = Some(screen.lost(lost, &error));
                        continue;
                    }
                    news => news?,
                };
                if lost.take().is_some() {
                    screen.note("the deploy API answers again");
                }
                after = news.lines.last().map_or(after, |line| line.number);
                screen.show(&news);
                if news.over {
                    return Ok(Watched { deployment: news.deployment, stopped });
                }
                continue;
            }
        };
        if next == Next::Cancel && asked.lives == Lives::Here {
            let deployment = backend.deployment(Some(asked.id)).await?;
            if deployment.state.is_over() {
                screen.note("the deployment is over: nothing is canceled");
                return Ok(Watched { deployment, stopped: None });
            }
        }
        match (next, stopped) {
            (Next::GoOn, _) => stopped = None,
            (Next::Leave, _) => {
                let deployment = backend.deployment(Some(asked.id)).await?;
                return Ok(Watched { deployment, stopped });
            }
            (Next::Cancel, Some(Stopped::TimedOut)) => {
                screen.note("time is up: canceling the deployment");
                backend.cancel(asked.id, "its time was up").await?;
            }
            (Next::Cancel, _) => {
                screen.note("interrupted: canceling the deployment");
                backend.cancel(asked.id, "it was interrupted").await?;
            }
        }
    }
}

/// A deploy API that cannot be reached for now.
struct Lost {
    since: Instant,
    pause: Duration,
    next: Instant,
}

/// The first pause before a deploy API that was lost is asked again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

impl Lost {
    fn for_good(&self, patience: Patience) -> bool {
        self.since.elapsed() >= patience.reconnect
    }
}

async fn news_after(
    pause: Option<Instant>,
    backend: &mut dyn Backend,
    deployment: u64,
    after: u64,
) -> Result<News, BackendError> {
    if let Some(pause) = pause {
        sleep_until(pause).await;
    }
    backend.news(deployment, after).await
}

/// What watching does next.
#[derive(PartialEq, Eq)]
enum Next {
    GoOn,
    Leave,
    Cancel,
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
    said_waiting: String,
    log: Option<DeploymentLog>,
}

impl<'a> Screen<'a> {
    fn new(output: &'a Output, heartbeat: Duration) -> Self {
        let log = (output.verbosity() > Verbosity::Quiet).then(|| output.deployment_log());
        let now = Instant::now();
        Self {
            output,
            progress: output.progress(),
            heartbeat,
            last_words: now,
            began: now,
            said_waiting: String::new(),
            log,
        }
    }

    fn show(&mut self, news: &News) {
        for line in &news.lines {
            let Some(log) = &mut self.log else {
                break;
            };
            // Nobody reads the log any more; the deployment is watched to its end all the same.
            if self.progress.aside(|| log.line(&news.deployment, line)).is_err() {
                self.log = None;
            }
            self.last_words = Instant::now();
        }
        let text = format!("{} ({})", doing(news), duration::show(self.began.elapsed()));
        self.progress.set(&text);
        let is_waiting = match news.first {
            Some(first) => first.deployment != news.deployment.id || first.lacks_serve,
            None => news.deployment.state == DeploymentState::Queued && news.deployment.place.is_none(),
        };
        let waiting = is_waiting.then(|| doing(news));
        if let Some(text) = waiting.filter(|text| *text != self.said_waiting) {
            self.note(&text);
            self.said_waiting = text;
        }
        if self.last_words.elapsed() >= self.heartbeat {
            self.progress.beat(&text);
            self.last_words = Instant::now();
        }
    }

    /// Says once that the deploy API is lost, and when it is asked again.
    fn lost(&mut self, before: Option<Lost>, error: &BackendError) -> Lost {
        let now = Instant::now();
        let (since, pause) = if let Some(lost) = before {
            (lost.since, (lost.pause * 2).min(LONGEST_PAUSE))
        } else {
            self.note(&format!("{}; the deployment goes on there, and is asked for again", with_causes(error)));
            (now, FIRST_PAUSE)
        };
        Lost { since, pause, next: now + pause }
    }

    fn note(&mut self, text: &str) {
        self.progress.aside(|| self.output.note(text));
        self.last_words = Instant::now();
    }

    /// Who interrupts the question means to cancel.
    async fn on_interrupt(&mut self, lives: Lives, what: OnInterrupt, signals: &mut Signals) -> Next {
        match (what, lives) {
            (OnInterrupt::Leave, _) => return Next::Leave,
            (OnInterrupt::Cancel, _) => return Next::Cancel,
            (OnInterrupt::Ask, Lives::Here) if !self.output.can_ask() => return Next::Cancel,
            (OnInterrupt::Ask, Lives::Elsewhere) if !self.output.can_ask() => return Next::Leave,
            (OnInterrupt::Ask, _) => {}
        }
        self.progress.pause();
        let (output, (answered, answer)) = (self.output.clone(), oneshot::channel());
        // Not a task of the runtime: that would wait, at its end, for a line that nobody types.
        std::thread::spawn(move || answered.send(output.confirm("Cancel the deployment?")));
        let wants_to_cancel = tokio::select! {
            answer = answer => !matches!(answer, Ok(Ok(false))),
            () = signals.next() => {
                self.output.note("");
                true
            }
        };
        self.progress.resume();
        match (wants_to_cancel, lives) {
            (true, _) => Next::Cancel,
            (false, Lives::Here) => Next::GoOn,
            (false, Lives::Elsewhere) => Next::Leave,
        }
    }
}

/// What is going on, in a few words.
fn doing(news: &News) -> String {
    let deployment = &news.deployment;
    match deployment.state {
        DeploymentState::Queued => waiting(news),
        DeploymentState::Running => {
            let mut parts = deployment.services.iter().filter(|part| part.state != RunState::Skipped);
            match parts.find(|part| part.state == RunState::Running) {
                Some(part) => format!("deploying {}", part.service),
                None => "preparing".to_owned(),
            }
        }
        over => format!("{} {over}", deployment.called()),
    }
}

fn waiting(news: &News) -> String {
    let (it, place) = (news.deployment.called(), news.deployment.place.unwrap_or(1));
    let Some(first) = news.first else {
        // A deploy API elsewhere does not tell whom it waits for.
        return match news.deployment.place {
            None => format!("{it} waits for its turn"),
            Some(_) => format!("{it} begins"),
        };
    };
    let whom = match (first.deployment == news.deployment.id, place) {
        (true, _) if !first.lacks_serve => return format!("{it} begins"),
        (true, _) => {
            return format!("{it} waits for a `hookbelt serve`: the one that had this app has ended");
        }
        (false, 1) => format!("{it} waits for deployment {} of this app", first.deployment),
        (false, place) => {
            format!("{it} waits at place {place}; deployment {} comes first", first.deployment)
        }
    };
    if first.lacks_serve {
        format!("{whom}, which waits for a `hookbelt serve`: start one, or cancel it")
    } else {
        whom
    }
}
