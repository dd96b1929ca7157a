//! The deploy APIs that a command can talk to, behind one trait.

pub mod embedded;
pub mod watch;

use std::path::PathBuf;

use async_trait::async_trait;
use serde::Serialize;

use crate::config::environment::VariableError;
use crate::config::files::FileError;
use crate::config::manifest::error::ManifestError;
use crate::domain::app::AppIdentity;
use crate::domain::deployment::{Deployment, Target};
use crate::domain::log_line::LogLine;
use crate::domain::plan::{Plan, Refusal, Request};
use crate::domain::release::{Release, ReleaseNumber, ServiceState};
use crate::domain::service::ServiceName;
use crate::domain::setting::{Setting, SettingError};
use crate::engine::EngineError;
use crate::store::StoreError;
use crate::store::log::LogFilter;
use crate::store::releases::Releases;

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
}

/// Why a secret that a manifest names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Its file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its variable cannot be read.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// Its variable is not set, or empty.
    #[error("the environment variable {0} is not set, or empty")]
    NotSet(String),
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
    /// The deployment that runs, and those that wait, in their order.
    pub deployments: Vec<Deployment>,
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
    /// The deployments that come before it, while it waits.
    pub behind: Vec<u64>,
    /// New lines of its log.
    pub lines: Vec<LogLine>,
    /// Whether nothing more will come.
    pub over: bool,
}

/// One app at a deploy API. Each method fails with what its [`BackendError`] says.
#[async_trait]
pub trait Backend: Send {
    /// The app.
    fn app(&self) -> &AppIdentity;

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

    /// Asks for a deployment of a plan; says its number.
    async fn redeploy(&mut self, plan: &Plan) -> Result<u64>;

    /// Waits until there is news of a deployment after log line `after`, or for a moment.
    async fn news(&mut self, deployment: u64, after: u64) -> Result<News>;

    /// Cancels the deployment that this command asked for.
    fn cancel(&self, reason: &str);

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

    /// The last lines of the log, oldest first.
    async fn log_end(&self, filter: &LogFilter, most: u32) -> Result<Vec<LogLine>>;

    /// The first lines of the log after one.
    async fn log_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>>;
}
