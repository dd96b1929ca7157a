//! The deploy APIs that a command can talk to, behind one trait.

pub mod embedded;
pub mod watch;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;

use crate::config::manifest::error::ManifestError;
use crate::domain::app::AppIdentity;
use crate::domain::deployment::{Deployment, Strategy, Target};
use crate::domain::log_line::LogLine;
use crate::domain::plan::{Plan, Refusal, Request};
use crate::domain::queue::{Insistence, Origin};
use crate::domain::release::{Release, ReleaseNumber, ServiceState};
use crate::domain::service::ServiceName;
use crate::domain::setting::{Setting, SettingError};
use crate::engine::rollback::RollbackPlan;
use crate::engine::{EngineError, SecretError};
use crate::store::StoreError;
use crate::store::claims::First;
use crate::store::log::LogFilter;
use crate::store::releases::Releases;
use crate::store::settle::CancelRequest;

/// What was asked for could not be had.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The request names what the app does not have.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// There is no such setting or value.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// There is no such thing.
    #[error("{app} has no {what}")]
    NotFound {
        /// The app.
        app: AppIdentity,
        /// What it does not have.
        what: String,
        /// What lists those it has.
        list: &'static str,
    },
    /// The manifest cannot be read where it was last.
    #[error("the manifest of {app} cannot be used")]
    Manifest {
        /// The app.
        app: AppIdentity,
        /// What is wrong with it.
        source: Box<ManifestError>,
    },
    /// The manifest has become another app's.
    #[error("{} now describes {found}, not {wanted}", path.display())]
    OtherApp {
        /// The manifest.
        path: PathBuf,
        /// The app it describes.
        found: AppIdentity,
        /// The app that it described before.
        wanted: AppIdentity,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A deploy hook's secret could not be read.
    #[error("the secret of the deploy hook to {base} cannot be read")]
    Secret {
        /// The hook's URL.
        base: String,
        /// What is wrong with it.
        source: SecretError,
    },
    /// Nobody but this command would run the deployment, and it is not to wait.
    #[error("no `hookbelt serve` has {0}, so its deployment lives in this command")]
    NobodyServes(AppIdentity),
    /// Whoever would run the deployment goes by another manifest.
    #[error("the `hookbelt serve` that has {app} goes by {}, not by {}", served.display(), named.display())]
    OtherManifest {
        /// The app.
        app: AppIdentity,
        /// The server's manifest.
        served: PathBuf,
        /// The one that is meant.
        named: PathBuf,
    },
    /// The Git host could not reach the server that has the app.
    #[error("the `hookbelt serve` that has {app} is reached at {url} alone, as far as it knows")]
    NoPublicUrl {
        /// The app.
        app: AppIdentity,
        /// Where the server listens.
        url: String,
    },
    /// A release that cannot be gone back to.
    #[error("{release} of {app} cannot be gone back to: it {state}")]
    NotARelease {
        /// The app.
        app: AppIdentity,
        /// The release.
        release: ReleaseNumber,
        /// How it stands.
        state: &'static str,
    },
    /// More than one deployment can be meant.
    #[error("{waiting} deployments of {app} wait and none runs: say which")]
    ManyWait {
        /// The app.
        app: AppIdentity,
        /// How many wait.
        waiting: u64,
    },
}

type Result<T> = std::result::Result<T, BackendError>;

/// An app at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// The app.
    #[serde(flatten)]
    pub app: AppIdentity,
    /// Where its manifest is.
    pub manifest: String,
    /// The newest release that succeeded.
    pub release: Option<Release>,
    /// Its services in manifest order.
    pub services: Vec<ServiceOverview>,
    /// The deployment that runs, and the first of those that wait, in their order.
    pub deployments: Vec<Deployment>,
    /// How many wait in all.
    pub waiting: u64,
}

/// A service at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceOverview {
    /// The service.
    pub service: ServiceName,
    /// The release that last ran it to its end, if any did.
    pub release: Option<ReleaseNumber>,
    /// What that deployed.
    #[serde(flatten)]
    pub target: Target,
}

/// A release with what it left each service as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseDetails {
    /// The release.
    #[serde(flatten)]
    pub release: Release,
    /// Each service's state after it.
    pub services: Vec<ServiceState>,
}

/// A changed setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingChange {
    /// The setting as it is now.
    pub setting: Setting,
    /// Whether it was different before.
    pub changed: bool,
    /// What the person should know about it.
    pub note: Option<String>,
}

/// What has happened to a deployment since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// The deployment now.
    pub deployment: Deployment,
    /// Who comes first in its queue, while it waits.
    pub first: Option<First>,
    /// New lines of its log.
    pub lines: Vec<LogLine>,
    /// Whether nothing more will come.
    pub over: bool,
}

/// How a deployment is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What asks for it.
    pub origin: Origin,
    /// How its services are run; by the app's setting if nobody says.
    pub strategy: Option<Strategy>,
    /// Whether it is wanted though deployments are paused.
    pub insistence: Insistence,
    /// Whether the command stays until it ends.
    pub waits: Waits,
}

/// Whether a command stays until what it asked for ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// It does.
    UntilItEnds,
    /// It does not.
    NotAtAll,
}

/// Where a deployment lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lives {
    /// In this command: it ends with it.
    Here,
    /// Elsewhere: it goes on without this command.
    Elsewhere,
}

/// A deployment that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub id: u64,
    /// Where it lives.
    pub lives: Lives,
}

/// How long the redeployment hooks before a new one stay valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap(pub Duration);

/// The URL of a redeployment hook: who has it can deploy.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct HookUrl {
    /// The URL.
    pub url: String,
    /// What the person should know about it.
    #[serde(skip)]
    pub note: Option<String>,
}

/// One app at a deploy API. Each method fails with what its [`BackendError`] says.
#[async_trait]
pub trait Backend: Send {
    /// The app.
    fn app(&self) -> &AppIdentity;

    /// The address at which people can look at a deployment, if there is one.
    fn page(&self, _deployment: u64) -> Option<String> {
        None
    }

    /// The app at a glance.
    async fn overview(&self) -> Result<Overview>;

    /// Refuses a service that the app does not have.
    ///
    /// # Errors
    /// [`Refusal::UnknownService`].
    fn check_service(&self, name: &ServiceName) -> Result<()>;

    /// What a request would deploy; nothing is fetched or changed.
    ///
    /// # Errors
    /// When the request names what the app does not have.
    fn plan(&self, request: &Request) -> Result<Plan>;

    /// What going back to a release would deploy; without a number to the one before the current one.
    async fn plan_rollback(&self, to: Option<ReleaseNumber>) -> Result<RollbackPlan>;

    /// Asks for a deployment of a plan.
    async fn redeploy(&mut self, plan: &Plan, wish: &Wish) -> Result<Asked>;

    /// Waits until there is news of a deployment after log line `after`, or for a moment.
    async fn news(&mut self, deployment: u64, after: u64) -> Result<News>;

    /// Waits until something may have been written to the log, or for a moment.
    async fn log_news(&mut self);

    /// Cancels a deployment that waits, or asks whoever runs it to end it.
    async fn cancel(&mut self, deployment: u64, reason: &str) -> Result<CancelRequest>;

    /// The deployment that runs, else the one that waits, if there is only one.
    async fn unfinished(&self) -> Result<Deployment>;

    /// Who asks: the name that stands in deployments and releases.
    fn user(&self) -> &str;

    /// The newest deployments, newest first.
    async fn deployments(&self, most: u32) -> Result<Vec<Deployment>>;

    /// One deployment, or the newest.
    async fn deployment(&self, id: Option<u64>) -> Result<Deployment>;

    /// The newest releases, newest first.
    async fn releases(&self, which: Releases, most: u32) -> Result<Vec<Release>>;

    /// One release, or the newest that succeeded.
    async fn release(&self, number: Option<ReleaseNumber>) -> Result<ReleaseDetails>;

    /// All settings, by key.
    async fn settings(&self) -> Result<Vec<Setting>>;

    /// Changes a setting.
    async fn set_setting(&mut self, key: &str, value: &str) -> Result<SettingChange>;

    /// The URL of the app's redeployment hook. With an overlap a new one is made, and those before end after it.
    async fn redeployment_hook(&mut self, rotate: Option<Overlap>) -> Result<HookUrl>;

    /// The number before the last lines of the log; 0 if none is before them.
    async fn log_before_last(&self, filter: &LogFilter, most: u64) -> Result<u64>;

    /// The first lines of the log after one.
    async fn log_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>>;
}
