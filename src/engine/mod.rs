//! The engine: takes queued deployments in their turn and runs them.
//!
//! Commands and the store know rows; the engine knows processes. It claims a deployment, resolves its refs,
//! runs its services' commands, records what they left, and tells the deploy hooks.

mod cancel;
mod command;
mod deliver;
mod environment;
mod journal;
mod lock;
mod runner;
mod source;
mod steps;
pub mod supervisor;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

pub use crate::engine::cancel::Cancel;
pub use crate::engine::deliver::Receiver;
pub use crate::engine::source::{SourceError, Sources};

use crate::config::environment::Variables;
use crate::config::user_file::Limits;
use crate::domain::app::App;
use crate::domain::deployment::Deployment;
use crate::engine::supervisor::Supervision;
use crate::engine::supervisor::clock::Monotonic;
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
    /// Until when the lease holds, for the programs that run on its behalf.
    lease: watch::Sender<Monotonic>,
    /// Locked as long as this process lives: who can lock it knows that the engine is gone, and need not wait for the
    /// end of its lease.
    _life: File,
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
    /// The app's lock could not be opened.
    #[error("could not open the lock {path}")]
    Lock {
        /// Its file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
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
        let (lease, _) = watch::channel(Monotonic::now().after(limits.lease));
        let uid = new_uid()?;
        let path = life_of(&store, &uid);
        let life = lock::open(&path).and_then(|file| file.try_lock().map(|()| file).map_err(io::Error::from));
        let life = life.map_err(|source| EngineError::Lock { path, source })?;
        let engine = Self { uid, store, limits, variables, lease, _life: life };
        engine.store.add_engine(&engine.uid, engine.limits.lease, Timestamp::now()).await?;
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
    pub async fn run(self, job: Job, cancel: Cancel) -> Result<()> {
        tokio::select! {
            ran = self.wait_and_run(&job, &cancel) => ran?,
            lost = self.keep_lease() => return Err(lost),
        }
        self.store.remove_engine(&self.uid).await?;
        let _ = fs::remove_file(life_of(&self.store, &self.uid));
        Ok(())
    }

    async fn wait_and_run(&self, job: &Job, cancel: &Cancel) -> Result<()> {
        let release = loop {
            match self.try_to_claim(job).await? {
                Claim::Taken(release) => break release,
                Claim::Over => return Ok(()),
                Claim::Behind(_) => {}
            }
            tokio::select! {
                () = sleep(TURN) => {}
                () = cancel.requested() => {
                    self.store.cancel_queued(job.deployment, &cancel.reason(), Timestamp::now()).await?;
                    return Ok(());
                }
            }
        };
        let deployment = self.store.deployment(job.deployment, Timestamp::now()).await?;
        let deployment: Deployment = deployment.ok_or(EngineError::NoDeployment(job.deployment))?;
        self.run_claimed(job, deployment, release, cancel).await
    }

    /// Claims the app if it is the job's turn. What ran for the app before must be gone, whatever the clocks say of
    /// its engine's lease: each of its programs holds the app's lock.
    async fn try_to_claim(&self, job: &Job) -> Result<Claim> {
        let ahead = self.store.ahead_of(&job.record.uid, job.deployment, Timestamp::now()).await?;
        if !ahead.is_empty() {
            self.expire_the_gone(job).await?;
            return Ok(Claim::Behind(ahead));
        }
        let path = self.lock_of(&job.record.uid);
        let app_lock = lock::open(&path).map_err(|source| EngineError::Lock { path, source })?;
        if app_lock.try_lock().is_err() {
            return Ok(Claim::Behind(Vec::new()));
        }
        Ok(self.store.claim(&job.record.uid, job.deployment, &self.uid, Timestamp::now()).await?)
    }

    /// Ends the leases of the engines before this one whose processes are gone.
    async fn expire_the_gone(&self, job: &Job) -> Result<()> {
        for uid in self.store.engines_ahead_of(&job.record.uid, job.deployment).await? {
            let path = life_of(&self.store, &uid);
            let is_gone = OpenOptions::new().append(true).open(&path).is_ok_and(|life| life.try_lock().is_ok());
            if is_gone {
                self.store.expire_engine(&uid).await?;
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }

    /// Programs for an app live as long as the lease, and hold the app's lock.
    fn supervision(&self, app_uid: &str) -> Supervision {
        let lock = Some(self.lock_of(app_uid));
        Supervision { lock, lease: self.lease.subscribe(), kill_after: self.limits.kill_after }
    }

    /// The file that every program of an app's deployments holds a lock on.
    fn lock_of(&self, app_uid: &str) -> PathBuf {
        self.store.files().join("locks").join(app_uid)
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
            let until = Monotonic::now().after(self.limits.lease);
            if let Err(error) = self.store.renew(&self.uid, self.lease_until()).await {
                return error.into();
            }
            self.lease.send_replace(until);
        }
    }
}

/// The file that an engine's process holds a lock on.
fn life_of(store: &Store, engine_uid: &str) -> PathBuf {
    store.files().join("locks").join("engines").join(engine_uid)
}
