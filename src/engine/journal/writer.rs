//! The task that stores what is printed.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::domain::log_line::RETENTION;
use crate::engine::journal::ring::{Batch, Portion, Queue, Ring};
use crate::engine::journal::{Desk, MOST, Phase};
use crate::store::claims::Holder;
use crate::store::log::NewLine;
use crate::store::log::retention::Trim;
use crate::store::{Store, StoreError};

type Result<T> = std::result::Result<T, StoreError>;

/// The first and the longest pause before the store is tried again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));

/// How much longer the store is left alone than it was written to, so that a flood does not keep it busy; at most for
/// a while.
const REST: (u32, Duration) = (4, Duration::from_millis(500));

/// The longest that it is left alone after few lines were stored: somebody may be watching them come.
const SHORT_REST: Duration = Duration::from_millis(25);
const FEW: u64 = 100;

/// What is stored together: of a flood little, since what comes after takes its place; in the end everything.
const ENOUGH: Portion = Portion { lines: 1_000, size: 512 * 1024 };
const ALL: Portion = Portion { lines: u64::MAX, size: usize::MAX };

/// Stores what lies on the desk.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Store,
    pub(super) holder: Holder,
    pub(super) deployment: u64,
    pub(super) desk: Desk,
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.desk.enter(Phase::Over);
    }
}

impl Writer {
    /// Stores until the journal is closed and everything is stored, or another engine has taken over.
    pub(super) async fn write(self) -> Result<()> {
        self.open().await?;
        loop {
            self.desk.until(|waiting| !waiting.ring.is_empty() || waiting.phase > Phase::Open).await;
            let (batch, trim) = self.take();
            let began = Instant::now();
            self.store(&batch, trim).await?;
            if trim == Trim::Exactly {
                return Ok(());
            }
            let (times, longest) = if batch.is_few(FEW) { (REST.0, SHORT_REST) } else { REST };
            drop(batch);
            let pressing = self.desk.until(|waiting| !waiting.ring.has_room() || waiting.phase > Phase::Open);
            let _ = timeout((began.elapsed() * times).min(longest), pressing).await;
        }
    }

    /// Begins where the store is; from then on lines are taken.
    async fn open(&self) -> Result<()> {
        let mut pause = PAUSES.0;
        let counts = loop {
            match self.store.log_counts(self.deployment).await {
                Ok(counts) => break counts,
                Err(error) => pause = self.pause(error, pause).await?,
            }
        };
        self.desk.0.send_modify(|waiting| {
            waiting.ring = Ring::new(RETENTION, MOST, counts.printed());
            waiting.phase = waiting.phase.max(Phase::Open);
        });
        Ok(())
    }

    /// What is stored next; when nothing can come after it the deployment's log is trimmed.
    fn take(&self) -> (Batch, Trim) {
        let mut taken = (Batch::default(), Trim::NowAndThen);
        self.desk.0.send_modify(|waiting| {
            let is_open = waiting.phase <= Phase::Open;
            taken.0 = waiting.ring.take(if is_open { ENOUGH } else { ALL });
            if !is_open && waiting.ring.is_empty() {
                taken.1 = Trim::Exactly;
            }
        });
        taken
    }

    async fn store(&self, batch: &Batch, trim: Trim) -> Result<()> {
        let mut pause = PAUSES.0;
        loop {
            let lines = self.lines(&batch.lines);
            match self.store.add_to_log(&self.holder, self.deployment, batch.dropped, lines, trim).await {
                Ok(()) => return Ok(()),
                Err(error) => pause = self.pause(error, pause).await?,
            }
        }
    }

    fn lines<'a>(&self, queue: &'a Queue) -> impl Iterator<Item = NewLine> + Send + use<'a> {
        let deployment = self.deployment;
        queue.chunks().flat_map(move |chunk| {
            chunk.text.lines().map(move |text| NewLine {
                time: chunk.time,
                source: chunk.origin.source.clone(),
                deployment: Some(deployment),
                service: chunk.origin.service.clone(),
                text: text.into_owned(),
            })
        })
    }

    /// Waits until it is time to try again after an error that may pass; says how long to wait after the next.
    async fn pause(&self, error: StoreError, pause: Duration) -> Result<Duration> {
        let is_final = matches!(error, StoreError::LeaseLost) || self.desk.0.borrow().phase > Phase::Closing;
        if is_final {
            return Err(error);
        }
        sleep(pause).await;
        Ok((pause * 2).min(PAUSES.1))
    }
}
