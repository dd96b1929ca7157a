//! Writing a deployment's log: whoever prints hands lines over, one task stores what has come meanwhile together.
//!
//! Memory is bounded, and so is what a flood of lines costs: those that cannot be among the last that are kept are
//! dropped before they are stored.

mod lines;
mod ring;
mod writer;

use std::panic::resume_unwind;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(super) use crate::engine::journal::lines::Lines;

use crate::domain::app::AppName;
use crate::domain::log_line::{ENGINE_SOURCE, RETENTION, service_source};
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;
use crate::engine::journal::lines::Text;
use crate::engine::journal::ring::{Chunk, Origin, Queue, Ring};
use crate::engine::journal::writer::Writer;
use crate::store::claims::Holder;
use crate::store::{Store, StoreError};

/// How many bytes may wait to be stored before who prints more has to wait.
const MOST: usize = 4 * 1024 * 1024;

/// How many lines of a command that is tried again and again are kept of each try, and how many bytes.
const KEPT: (u64, usize) = (100, 1024 * 1024);

/// The log of one deployment, and who writes it.
#[derive(Debug)]
pub(super) struct Journal {
    desk: Desk,
    writer: JoinHandle<Result<(), StoreError>>,
    app: AppName,
    release: ReleaseNumber,
}

impl Journal {
    /// Opens a deployment's log, which may hold lines of an engine that died.
    pub(super) fn open(store: Store, holder: Holder, app: AppName, deployment: u64, release: ReleaseNumber) -> Self {
        let desk = Desk::default();
        let writer = Writer { store, holder, deployment, desk: desk.clone() };
        Self { desk, writer: tokio::spawn(writer.write()), app, release }
    }

    /// The engine's own line.
    pub(super) async fn say(&self, text: impl Into<String>) {
        self.write(None, text.into()).await;
    }

    /// The engine's own line about a service.
    pub(super) async fn say_of(&self, service: &ServiceName, text: impl Into<String>) {
        self.write(Some(service.clone()), text.into()).await;
    }

    async fn write(&self, service: Option<ServiceName>, text: String) {
        let origin = Arc::new(Origin { source: ENGINE_SOURCE.to_owned(), service });
        let text = Text::one_line(text.as_bytes());
        self.desk.hand_over(Chunk { origin, time: Timestamp::now(), text }).await;
    }

    /// What a service's command prints, as log lines.
    pub(super) fn of(&self, service: &ServiceName) -> Printed {
        let source = service_source(&self.app, service, self.release);
        let origin = Arc::new(Origin { source, service: Some(service.clone()) });
        Printed { origin, desk: self.desk.clone(), kept: None }
    }

    /// What a service's command prints last, to be logged or not.
    pub(super) fn end_of(&self, service: &ServiceName) -> Printed {
        Printed { kept: Some(Queue::default()), ..self.of(service) }
    }

    /// Waits until all is stored.
    pub(super) async fn close(mut self) -> Result<(), StoreError> {
        self.desk.enter(Phase::Closing);
        match (&mut self.writer).await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(written) => written,
            Err(Ok(panic)) => resume_unwind(panic),
            Err(Err(_canceled)) => Ok(()),
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.desk.enter(Phase::Abandoned);
    }
}

/// Where the lines that a command prints go: into the log, or the last of them nowhere yet.
#[derive(Debug)]
pub(super) struct Printed {
    origin: Arc<Origin>,
    desk: Desk,
    kept: Option<Queue>,
}

impl Printed {
    pub(super) async fn print(&mut self, text: Text) {
        let chunk = Chunk { origin: Arc::clone(&self.origin), time: Timestamp::now(), text };
        let Some(kept) = &mut self.kept else {
            return self.desk.hand_over(chunk).await;
        };
        let (lines, size) = KEPT;
        kept.push(chunk);
        kept.drop_chunks_before(lines);
        while kept.size() > size {
            kept.pop();
        }
    }

    /// Logs what was kept.
    pub(super) async fn log(self) {
        let mut kept = self.kept.unwrap_or_default();
        kept.drop_before(KEPT.0);
        while let Some(chunk) = kept.pop() {
            self.desk.hand_over(chunk).await;
        }
    }
}

/// Where lines are handed over to the one task that stores them.
#[derive(Debug, Clone)]
struct Desk(Arc<watch::Sender<Waiting>>);

/// What lies on the desk.
#[derive(Debug)]
struct Waiting {
    ring: Ring,
    phase: Phase,
}

/// How far a journal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// It is not yet known what the store holds.
    Opening,
    /// Lines are taken and stored.
    Open,
    /// No line comes any more; all must be stored.
    Closing,
    /// Nobody waits for the end any more; what can be stored is.
    Abandoned,
    /// Nothing is stored any more.
    Over,
}

impl Default for Desk {
    fn default() -> Self {
        let waiting = Waiting { ring: Ring::new(RETENTION, MOST, 0), phase: Phase::Opening };
        Self(Arc::new(watch::Sender::new(waiting)))
    }
}

impl Desk {
    /// Hands lines over, once there is room for them. Those of a journal that is over are dropped.
    async fn hand_over(&self, chunk: Chunk) {
        self.until(|waiting| match waiting.phase {
            Phase::Opening => false,
            Phase::Open => waiting.ring.has_room(),
            Phase::Closing | Phase::Abandoned | Phase::Over => true,
        })
        .await;
        self.0.send_if_modified(|waiting| {
            let is_open = waiting.phase == Phase::Open;
            if is_open {
                waiting.ring.push(chunk);
            }
            is_open
        });
    }

    /// Goes on to a phase; there is no way back.
    fn enter(&self, phase: Phase) {
        self.0.send_modify(|waiting| waiting.phase = waiting.phase.max(phase));
    }

    async fn until(&self, is_so: impl Fn(&Waiting) -> bool) {
        // It fails only without any sender, and this is one.
        let _ = self.0.subscribe().wait_for(|waiting| is_so(waiting)).await;
    }
}
