//! Whose turn it is: waiting for it, and taking it over from engines that have died.

use std::convert::Infallible;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::sleep;

use crate::engine::cancel::{Cancel, Why};
use crate::engine::deliveries::tellings;
use crate::engine::{Engine, Job, Result, insist};
use crate::store::News;
use crate::store::claims::{Begun, Turn, Wanted};

/// The pause between two looks for what rings no bell: the death of another engine, the end of its processes.
const LOOK: Duration = Duration::from_millis(200);

impl Engine {
    /// Waits for the turn of one deployment, and runs it.
    pub(super) async fn run_own(&self, job: &Job, deployment: u64, cancel: &Cancel) -> Result<()> {
        let mut bell = self.store.bell(&[News::Queue]);
        loop {
            let turn = self.store.turn(&job.record.uid, Wanted::Own(deployment)).await?;
            if turn == Turn::Nothing {
                return Ok(());
            }
            if let Some(begun) = self.try_to_claim(job, Wanted::Own(deployment), turn).await? {
                return self.run_claimed(job, begun, cancel).await.map(drop);
            }
            tokio::select! {
                () = bell.rung(LOOK) => {}
                () = cancel.requested() => {
                    let reason = cancel.why().map(Why::reason).unwrap_or_default();
                    let now = Timestamp::now();
                    insist(|| self.store.cancel(&job.record.uid, deployment, &reason, now)).await?;
                    return Ok(());
                }
            }
        }
    }

    /// Begins what is wanted if its turn has come.
    pub(super) async fn try_to_claim(&self, job: &Job, wanted: Wanted, turn: Turn) -> Result<Option<Begun>> {
        if !matches!(turn, Turn::Ready | Turn::Dead) {
            return Ok(None);
        }
        let (app_uid, tellings) = (&job.record.uid, tellings(job)?);
        Ok(insist(|| self.store.claim(app_uid, &self.uid, wanted, &tellings, Timestamp::now())).await?)
    }

    /// Waits until another look at the queue may show something else.
    pub(super) async fn wait_for_news(turn: Turn, changed: &mut tokio::sync::watch::Receiver<()>) {
        match turn {
            // Nobody else can take what is not there: who queues it rings.
            Turn::Nothing => drop(changed.changed().await),
            Turn::Ready | Turn::Dead | Turn::Behind => tokio::select! {
                _ = changed.changed() => {}
                () = sleep(LOOK) => {}
            },
        }
    }

    /// Asks a run to stop when somebody has asked the store to.
    pub(super) async fn obey_cancel(&self, deployment: u64, cancel: &Cancel) -> Infallible {
        let mut bell = self.store.bell(&[News::Queue]);
        loop {
            match self.store.cancel_requested(deployment).await {
                Ok(Some(reason)) => {
                    cancel.request(&reason);
                    return std::future::pending().await;
                }
                Ok(None) | Err(_) => bell.rung_lately(self.limits.lease / 3).await,
            }
        }
    }
}
