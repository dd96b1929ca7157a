//! The engine: takes queued deployments in their turn and runs them.
//!
//! Commands and the store know rows; the engine knows processes. It claims a deployment, resolves its refs,
//! runs its services' commands, records what they left, and tells the deploy hooks.

mod cancel;
mod command;
mod deliveries;
mod environment;
pub mod event;
mod git_host;
mod journal;
mod newest;
mod older;
mod payload;
mod resolve;
pub mod rollback;
mod runner;
mod secrets;
mod serve;
mod source;
mod steps;
pub mod supervisor;
mod turn;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

pub use crate::engine::cancel::{Cancel, Why};
pub use crate::engine::event::{Event, HookOutcome, Tell};
pub use crate::engine::git_host::{GitHost, HostError, NoGitHost};
pub use crate::engine::secrets::{SecretError, hook_secret, read_secret, signing_secret};
pub use crate::engine::serve::{Served, Server, Stopping};
pub use crate::engine::source::{SourceError, Sources};

use crate::config::environment::Variables;
use crate::config::manifest::Manifest;
use crate::config::user_file::Limits;
use crate::domain::app::App;
use crate::domain::delivery::Delivery;
use crate::engine::deliveries::{Apps, Deliverer};
use crate::engine::supervisor::{Claimed, Supervision};
use crate::http::Reach;
use crate::store::apps::AppRecord;
use crate::store::claims::Holder;
use crate::store::clock::Monotonic;
use crate::store::engines::Life;
use crate::store::log::NewLine;
use crate::store::{Store, StoreError};

/// The pause between two tries to write to a store that cannot be written.
const WRITE_AGAIN: Duration = Duration::from_millis(500);

/// A process's engine: it lives in the store as long as its lease is renewed.
#[derive(Debug)]
pub struct Engine {
    uid: String,
    store: Store,
    limits: Limits,
    variables: Variables,
    /// Until when the lease holds, for the programs that run on its behalf.
    lease: watch::Sender<Monotonic>,
    _life: Life,
}

/// An app whose deployments an engine runs, as its manifest is now.
#[derive(Debug, Clone)]
pub struct Job {
    /// The app in the store.
    pub record: AppRecord,
    /// The app in its manifest.
    pub app: App,
    /// The manifest's folder.
    pub folder: PathBuf,
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

/// The app of a manifest in the store, added if it is new; that its manifest has moved is said in its log.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn register(store: &Store, manifest: &Manifest) -> Result<AppRecord> {
    let before = store.app(&manifest.app.identity).await?;
    let record = store.register_app(&manifest.app.identity, &manifest.path, &new_uid()?, Timestamp::now()).await?;
    if let Some(before) = before.filter(|before| before.manifest != record.manifest) {
        let (now, before) = (record.manifest.display(), before.manifest.display());
        let line = NewLine::of_engine(None, format!("The manifest is now {now}; it was {before}"));
        store.append_log(&record.uid, &[line]).await?;
    }
    Ok(record)
}

impl Engine {
    /// Adds an engine to the store.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn start(store: Store, limits: Limits, variables: Variables) -> Result<Self> {
        let (lease, _) = watch::channel(Monotonic::now().after(limits.lease));
        let uid = new_uid()?;
        let life = store.add_engine(&uid, limits.lease).await?;
        Ok(Self { uid, store, limits, variables, lease, _life: life })
    }

    /// Its key in the store.
    #[must_use]
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// Waits for the turn of one deployment, runs it to its end, tells the deploy hooks, and leaves the store. Canceling
    /// ends it at whatever stage it is in.
    ///
    /// # Errors
    /// When the store fails or the lease is lost. A deployment that fails is recorded, and no error.
    pub async fn run(self, job: Job, deployment: u64, cancel: Cancel) -> Result<()> {
        let (engine, job) = (Arc::new(self), Arc::new(job));
        let work = engine.run_own(&job, deployment, &cancel);
        Box::pin(engine.while_delivering(&job, work)).await
    }

    /// Sends what is due of an app until each of these deliveries has been tried since, and leaves the store.
    ///
    /// # Errors
    /// When the store fails or the lease is lost. An attempt that fails is recorded, and no error.
    pub async fn deliver(self, job: Job, asked: &[Delivery]) -> Result<()> {
        let (engine, job) = (Arc::new(self), Arc::new(job));
        let work = async { Ok(engine.store.tried_since(&job.record.uid, asked, engine.limits.lease / 3).await?) };
        engine.while_delivering(&job, work).await
    }

    /// Sends the deploy hooks of an app while something else is done, and what that leaves to be sent.
    async fn while_delivering(self: &Arc<Self>, job: &Arc<Job>, work: impl Future<Output = Result<()>>) -> Result<()> {
        let (finish, finishing) = watch::channel(false);
        let work = async {
            let came_to = work.await;
            finish.send_replace(true);
            came_to
        };
        let delivering = Deliverer::new(self.clone(), Apps::One(job.clone()), Reach::Anywhere, None).run(finishing);
        tokio::select! {
            (came_to, delivered) = join(work, delivering) => came_to.and(delivered)?,
            lost = self.keep_lease() => return Err(lost.into()),
        }
        Ok(self.store.remove_engine(&self.uid).await?)
    }

    fn holder(&self, app_uid: &str) -> Holder {
        Holder { app_uid: app_uid.to_owned(), engine_uid: self.uid.clone() }
    }

    /// Programs for an app live as long as the lease, hold the app's lock, and start only while the claim holds.
    fn supervision(&self, app_uid: &str) -> Supervision {
        let (lock, lease) = (self.store.lock_of(app_uid), self.lease.subscribe());
        let claimed = Claimed { lock, store: self.store.clone(), holder: self.holder(app_uid) };
        Supervision { claimed: Some(claimed), lease, kill_after: self.limits.kill_after }
    }

    /// Renews the lease until that cannot be done; says why. A store that cannot be written for a moment is no reason yet.
    async fn keep_lease(&self) -> StoreError {
        let mut ticks = interval(self.limits.lease / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let until = Monotonic::now().after(self.limits.lease);
            match self.store.renew(&self.uid, until).await {
                Ok(()) => drop(self.lease.send_replace(until)),
                Err(StoreError::LeaseLost) => return StoreError::LeaseLost,
                Err(error) if self.lease.borrow().has_passed() => return error,
                Err(_) => {
                    sleep(WRITE_AGAIN).await;
                    ticks.reset_immediately();
                }
            }
        }
    }
}

/// Writes, however long the store cannot be written: a full disk is freed some time. Only a lost lease ends that.
async fn insist<T, W: Future<Output = std::result::Result<T, StoreError>>>(
    mut write: impl FnMut() -> W,
) -> std::result::Result<T, StoreError> {
    loop {
        match write().await {
            Err(StoreError::Query { .. }) => sleep(WRITE_AGAIN).await,
            written => return written,
        }
    }
}
