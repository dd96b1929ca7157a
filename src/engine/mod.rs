//! The engine: takes queued deployments in their turn and runs them.
//!
//! Commands and the store know rows; the engine knows processes. It claims a deployment, resolves its refs,
//! runs its services' commands, records what they left, and tells the deploy hooks.

mod command;
mod deliver;
mod environment;
mod journal;
mod lines;
mod process;
mod runner;
mod source;
mod steps;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

pub use crate::engine::deliver::Receiver;
pub use crate::engine::source::{SourceError, Sources};

use crate::config::environment::Variables;
use crate::config::user_file::Limits;
use crate::domain::app::App;
use crate::domain::deployment::Deployment;
use crate::store::apps::AppRecord;
use crate::store::claims::Claim;
use crate::store::{Store, StoreError};

/// The pause between two looks at whose turn it is.
const TURN: Duration = Duration::from_millis(200);

/// A process's engine: it lives in the store as long as its lease is renewed.
#[derive(Debug)]
pub struct Engine {
    uid: String,
    store: Store,
    limits: Limits,
    variables: Variables,
}

/// A deployment to run, with what its manifest says.
#[derive(Debug)]
pub struct Job {
    /// The app in the store.
    pub record: AppRecord,
    /// The app in its manifest.
    pub app: App,
    /// The manifest's folder.
    pub folder: PathBuf,
    /// The deployment's number.
    pub deployment: u64,
    /// Who is told when it has succeeded.
    pub receivers: Vec<Receiver>,
}

/// Why an engine could not do its work; the deployment itself failing is not among it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers")]
    NoRandomness(getrandom::Error),
    /// The deployment is not in the store.
    #[error("deployment {0} is not in the store")]
    NoDeployment(u64),
}

type Result<T> = std::result::Result<T, EngineError>;

/// 32 random hex digits from the operating system's generator.
///
/// # Errors
/// When it has none.
pub fn new_uid() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(EngineError::NoRandomness)?;
    Ok(hex::encode(bytes))
}

impl Engine {
    /// Adds an engine to the store.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn start(store: Store, limits: Limits, variables: Variables) -> Result<Self> {
        let engine = Self { uid: new_uid()?, store, limits, variables };
        engine.store.add_engine(&engine.uid, engine.lease_until()).await?;
        Ok(engine)
    }

    /// Its key in the store.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// Waits for the job's turn, runs it to its end, tells the deploy hooks, and leaves the store. Canceling
    /// ends it at whatever stage it is in.
    ///
    /// # Errors
    /// When the store fails or the lease is lost. A deployment that fails is recorded, and no error.
    pub async fn run(self, job: Job, cancel: CancellationToken) -> Result<()> {
        tokio::select! {
            ran = self.wait_and_run(&job, &cancel) => ran?,
            lost = self.keep_lease() => return Err(lost),
        }
        self.store.remove_engine(&self.uid).await?;
        Ok(())
    }

    async fn wait_and_run(&self, job: &Job, cancel: &CancellationToken) -> Result<()> {
        let release = loop {
            match self.store.claim(&job.record.uid, job.deployment, &self.uid, Timestamp::now()).await? {
                Claim::Taken(release) => break release,
                Claim::Over => return Ok(()),
                Claim::Behind(_) => {}
            }
            tokio::select! {
                () = sleep(TURN) => {}
                () = cancel.cancelled() => {
                    let canceled = self.store.cancel_queued(job.deployment, "it was canceled while it waited", Timestamp::now());
                    canceled.await?;
                    return Ok(());
                }
            }
        };
        let deployment = self.store.deployment(job.deployment).await?;
        let deployment: Deployment = deployment.ok_or(EngineError::NoDeployment(job.deployment))?;
        self.run_claimed(job, deployment, release, cancel).await
    }

    fn lease_until(&self) -> Timestamp {
        Timestamp::now() + self.limits.lease
    }

    /// Renews the lease until that fails.
    async fn keep_lease(&self) -> EngineError {
        let mut ticks = interval(self.limits.lease / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.store.renew(&self.uid, self.lease_until()).await {
                return error.into();
            }
        }
    }
}
