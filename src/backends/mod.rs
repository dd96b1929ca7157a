//! The deploy APIs that a command can talk to, behind one trait.

pub mod abilities;
pub mod api_v3;
pub mod embedded;
pub mod error;
pub mod sign_in;
pub mod watch;
pub mod workflow;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::config::git_place::GitPlace;
use crate::config::user_file::Limits;
use crate::domain::profile::Profile;
use crate::http::Client;
use crate::output::Output;

pub use crate::backends::error::BackendError;

use crate::backends::abilities::Ability;
use crate::domain::app::AppIdentity;
use crate::domain::delivery::{Again, Delivery, DeliveryDetails, DeliveryFilter, FailingHook};
use crate::domain::deployment::{Deployment, Target};
use crate::domain::log_line::LogLine;
use crate::domain::plan::{Plan, Request};
use crate::domain::profile::BackendKind;
use crate::domain::queue::Insistence;
use crate::domain::release::{Release, ReleaseNumber, ServiceState};
use crate::domain::service::ServiceName;
use crate::domain::setting::Setting;
use crate::store::claims::First;
use crate::store::log::LogFilter;
use crate::store::releases::Releases;
use crate::store::settle::CancelRequest;

/// A deploy API elsewhere, and how it is talked to.
#[derive(Debug)]
pub struct Access {
    /// The client.
    pub client: Client,
    /// The deploy API.
    pub profile: Profile,
    /// The lengths of time that count.
    pub limits: Limits,
    /// Who asks.
    pub user: String,
    /// Where what the API would like to be known is said.
    pub output: Output,
}

/// Which app of a deploy API is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedApp {
    /// Its name or the beginning of it; without one the app of the Git repository.
    pub name: Option<String>,
    /// Its environment, or the beginning of it.
    pub environment: Option<String>,
    /// The Git repository that the command is run in.
    pub repository: Option<GitPlace>,
}

/// An app of a deploy API, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedApp {
    /// The app.
    #[serde(flatten)]
    pub app: AppIdentity,
    /// The kind of deploy API that has it.
    pub backend: BackendKind,
    /// The profile of its deploy API, if that is elsewhere.
    pub profile: Option<String>,
    /// Where its manifest is, if the deploy API is here.
    pub manifest: Option<String>,
    /// How the deploy API says that it stands, where it has words of its own for that.
    pub status: Option<String>,
    /// The newest release that succeeded, where the list tells.
    pub release: Option<ReleaseNumber>,
    /// When it was last deployed, where the list tells.
    pub deployed_at: Option<Timestamp>,
}

type Result<T> = std::result::Result<T, BackendError>;

/// An app at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Overview {
    /// The app.
    #[serde(flatten)]
    pub app: AppIdentity,
    /// The kind of deploy API that has it.
    pub backend: BackendKind,
    /// Where its manifest is, if the deploy API is here.
    pub manifest: Option<String>,
    /// The address of its deploy API, if that is elsewhere.
    pub api: Option<String>,
    /// How the deploy API says that it stands, where it has words of its own for that.
    pub status: Option<String>,
    /// Whether its deployments are paused.
    pub paused: bool,
    /// The newest release that succeeded.
    pub release: Option<Release>,
    /// Its services in manifest order.
    pub services: Vec<ServiceOverview>,
    /// The deployment that runs, and the first of those that wait, in their order.
    pub deployments: Vec<Deployment>,
    /// How many wait in all.
    pub waiting: u64,
    /// Its deploy hooks that do not arrive.
    pub failing_hooks: Vec<FailingHook>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// A redeployment.
    Redeploy(Request),
    /// Going back to a release.
    Rollback(ReleaseNumber),
}

/// How the services of a deployment are run; not every deploy API has every way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedStrategy {
    /// One after the other, stopping at the first failure.
    Serial,
    /// Side by side.
    Parallel,
    /// Server by server (Cloud 66: Rails and Rack).
    Rolling,
    /// Without waiting for health (Cloud 66: Kubernetes).
    Fast,
}

/// How a new version takes over (Cloud 66).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// Its word: `none`, `blue_green_immediate`, `blue_green_delayed` or `canary`.
    pub strategy: &'static str,
    /// The share of the traffic, for a canary.
    pub canary_percentage: Option<u8>,
}

/// How a deployment is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What is asked for.
    pub act: Act,
    /// How its services are run; by the app's setting if nobody says.
    pub strategy: Option<WantedStrategy>,
    /// How the new version takes over, if somebody says.
    pub rollout: Option<Rollout>,
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
pub trait Backend: Send + Sync {
    /// The kind of deploy API.
    fn kind(&self) -> BackendKind;

    /// The app.
    fn app(&self) -> &AppIdentity;

    /// The address at which people can look at a deployment, if there is one.
    fn page(&self, _deployment: u64) -> Option<String> {
        None
    }

    /// Refuses how a deployment is wished for where that does not fit the app; nothing is asked for.
    ///
    /// # Errors
    /// When it does not.
    fn check(&self, _wish: &Wish) -> Result<()> {
        Ok(())
    }

    /// The app at a glance.
    async fn overview(&self) -> Result<Overview>;

    /// Refuses a service that the app does not have.
    ///
    /// # Errors
    /// `Refusal::UnknownService`.
    async fn check_service(&self, name: &ServiceName) -> Result<()>;

    /// What a request would deploy; nothing is fetched or changed. None where the deploy API alone decides it.
    ///
    /// # Errors
    /// When the request names what the app does not have.
    async fn plan(&self, request: &Request) -> Result<Option<Plan>>;

    /// The release that is gone back to, without a number the one before the current one, and what that would deploy;
    /// that is none where the deploy API does not tell.
    ///
    /// # Errors
    /// When there is no such release, or it cannot be gone back to.
    async fn plan_rollback(&self, to: Option<ReleaseNumber>) -> Result<(ReleaseNumber, Option<Plan>)>;

    /// Asks for a deployment: what was wished for, as it was planned.
    async fn redeploy(&mut self, plan: Option<&Plan>, wish: &Wish) -> Result<Asked>;

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

    /// The newest deliveries of its deploy hooks, newest first.
    async fn deliveries(&self, _: DeliveryFilter, _: u32) -> Result<Vec<Delivery>> {
        Err(abilities::unsupported(self.kind(), Ability::Deliveries))
    }

    /// One delivery, with its attempts.
    async fn delivery(&self, _: u64) -> Result<DeliveryDetails> {
        Err(abilities::unsupported(self.kind(), Ability::Deliveries))
    }

    /// Has deliveries sent again, and waits until each was tried; says how they stand then.
    async fn redeliver(&mut self, _: Again) -> Result<Vec<Delivery>> {
        Err(abilities::unsupported(self.kind(), Ability::Deliveries))
    }

    /// All settings, by key.
    async fn settings(&self) -> Result<Vec<Setting>>;

    /// Changes a setting.
    async fn set_setting(&mut self, key: &str, value: &str) -> Result<SettingChange>;

    /// The URL of the app's redeployment hook. With an overlap a new one is made, and those before end after it.
    async fn redeployment_hook(&mut self, rotate: Option<Overlap>) -> Result<HookUrl>;

    /// The number before the last lines of the log; 0 if none is before them.
    async fn log_before_last(&self, filter: &LogFilter, most: u64) -> Result<u64>;

    /// The number of the last line of the log, where that is cheaper to know than to read lines again; else 0.
    async fn log_end(&self) -> Result<u64>;

    /// The first lines of the log after one.
    async fn log_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>>;
}
