//! An app's log: a controller gives its last lines and no stream, so it is followed by asking again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::backends::error::RemoteError;
use crate::backends::workflow::answer::is_page;
use crate::backends::workflow::controller::Controller;
use crate::config::user_file::Limits;
use crate::domain::log_line::LogLine;
use crate::domain::log_tail::{LogTail, Step};
use crate::domain::workflow_log::{Spoken, lines_of};
use crate::http::Method;

/// How many lines a controller gives if nobody says.
const USUAL: usize = 100;

/// How far an app's log was read.
#[derive(Debug)]
pub(super) struct Log(Mutex<Read>);

#[derive(Debug)]
struct Read {
    /// The last lines that were read; none before the first look.
    tail: Option<LogTail>,
    /// How many lines were given to whoever reads, or are about to be.
    given: u64,
    /// Those that are about to be.
    waiting: Vec<LogLine>,
    /// When the last of them was written.
    last: Option<Timestamp>,
    /// Whether it was looked at since whoever reads last waited.
    is_fresh: bool,
    pause: Pause,
}

/// What reading the log came to.
enum Came {
    Lines(Vec<LogLine>),
    Missed(Vec<LogLine>),
    AskFor(usize),
}

impl Log {
    pub(super) fn new(limits: &Limits) -> Self {
        let pause = Pause { next: limits.poll, first: limits.poll, most: limits.poll_most };
        Self(Mutex::new(Read { tail: None, given: 0, waiting: Vec::new(), last: None, is_fresh: false, pause }))
    }

    fn read(&self) -> MutexGuard<'_, Read> {
        // Nobody panics while holding it, and what it holds would still be sound.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the last lines, which the next look gives; says how many were given before them.
    pub(super) async fn before_last(&self, controller: &Controller, app: &str, most: u64) -> Result<u64, RemoteError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let asked = if most == 0 { USUAL } else { most };
        let came = last_lines(controller, app, asked).await?;
        let mut read = self.read();
        let last = came[came.len() - most.min(came.len())..].to_vec();
        read.tail = Some(LogTail::of(came, asked));
        read.is_fresh = true;
        let before = read.given;
        read.waiting = read.give(app, last);
        Ok(before)
    }

    /// What was written since the last look.
    pub(super) async fn new_lines(&self, controller: &Controller, app: &str) -> Result<Vec<LogLine>, RemoteError> {
        {
            let mut read = self.read();
            if !read.waiting.is_empty() {
                return Ok(std::mem::take(&mut read.waiting));
            }
            if read.is_fresh {
                return Ok(Vec::new());
            }
        }
        let (lines, missed) = self.look(controller, app).await?;
        if missed {
            let text = "note: lines of the log were missed: more were written than can be had";
            controller.access.output.note(text);
        }
        Ok(lines)
    }

    /// What was written since the last look, and whether lines were missed.
    async fn look(&self, controller: &Controller, app: &str) -> Result<(Vec<LogLine>, bool), RemoteError> {
        let mut asked = USUAL;
        loop {
            let came = last_lines(controller, app, asked).await?;
            match self.read().take(app, came, asked) {
                Came::Lines(lines) => return Ok((lines, false)),
                Came::Missed(lines) => return Ok((lines, true)),
                Came::AskFor(more) => asked = more,
            }
        }
    }

    /// How long whoever reads should wait now; after that there may be something new.
    pub(super) fn pause(&self) -> Duration {
        let mut read = self.read();
        read.is_fresh = false;
        read.pause.length()
    }
}

impl Read {
    fn take(&mut self, app: &str, came: Vec<String>, asked: usize) -> Came {
        let Some(tail) = &mut self.tail else {
            // What stood there before the first look is nobody's news.
            self.tail = Some(LogTail::of(came, asked));
            self.is_fresh = true;
            return Came::Lines(Vec::new());
        };
        match tail.step(came, asked) {
            Step::AskFor(more) => Came::AskFor(more),
            Step::New { lines, missed } => {
                self.is_fresh = true;
                if !lines.is_empty() {
                    self.pause.shorten();
                }
                let lines = self.give(app, lines);
                if missed { Came::Missed(lines) } else { Came::Lines(lines) }
            }
        }
    }

    /// Lines as whoever reads gets them. One that is of no known form is kept whole, with the time of the line before.
    fn give(&mut self, app: &str, lines: Vec<String>) -> Vec<LogLine> {
        let lines = lines.into_iter().map(|line| {
            self.given += 1;
            let number = self.given;
            let Some(spoken) = Spoken::of(&line) else {
                let (time, source) = (self.last.unwrap_or_else(Timestamp::now), app.to_owned());
                return LogLine { number, time, source, deployment: None, service: None, text: line };
            };
            self.last = Some(spoken.time);
            LogLine {
                number,
                time: spoken.time,
                source: spoken.source.to_owned(),
                deployment: None,
                service: spoken.process_type(app).and_then(|name| name.parse().ok()),
                text: spoken.text.to_owned(),
            }
        });
        lines.collect()
    }
}

/// The last lines of a log; there may be none yet.
async fn last_lines(controller: &Controller, app: &str, asked: usize) -> Result<Vec<String>, RemoteError> {
    let query = if asked == USUAL { String::new() } else { format!("?log_lines={asked}") };
    let call = controller.request(Method::GET, &format!("/apps/{app}/logs{query}"))?;
    let reply = controller.send(&call).await?;
    match reply.status {
        204 => Ok(Vec::new()),
        200 if is_page(&reply) => {
            Err(controller.not_understood(format!("{} is a page of HTML, and no log", call.url.path())))
        }
        200 => Ok(lines_of(&reply.body)),
        _ => Err(controller.refusal(&call, &reply)),
    }
}

/// The pauses between two looks: each is half as long again as the one before, up to a longest.
#[derive(Debug)]
struct Pause {
    next: Duration,
    first: Duration,
    most: Duration,
}

impl Pause {
    /// How long it is this time.
    fn length(&mut self) -> Duration {
        let length = self.next;
        self.next = length.mul_f64(1.5).min(self.most).max(self.first.min(self.most));
        length
    }

    /// Something happened: more may follow soon.
    fn shorten(&mut self) {
        self.next = self.first;
    }
}
