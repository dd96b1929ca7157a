//! A deployment: one run of a plan.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::app::AppIdentity;
use crate::domain::image::Image;
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;

pub use crate::domain::text::UnknownWord;

/// How a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentState {
    /// Waiting for its turn.
    Queued,
    /// Being run.
    Running,
    /// Every service ran to its end.
    Succeeded,
    /// A service failed, or its engine died.
    Failed,
    /// Somebody stopped it.
    Canceled,
    /// Something newer was deployed in its stead.
    Superseded,
    /// Its trigger was accepted, and deploys nothing.
    Ignored,
}

words!(DeploymentState {
    Queued = "queued",
    Running = "running",
    Succeeded = "succeeded",
    Failed = "failed",
    Canceled = "canceled",
    Superseded = "superseded",
    Ignored = "ignored",
});

impl DeploymentState {
    /// Whether nothing more will happen to it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// How a run, or one service's part in it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// Not begun.
    Waiting,
    /// Begun.
    Running,
    /// Ran to its end.
    Succeeded,
    /// Stopped at a failure.
    Failed,
    /// Stopped because the deployment was canceled.
    Canceled,
    /// Not part of the deployment.
    Skipped,
    /// Left alone, since something newer was deployed already.
    Superseded,
}

words!(RunState {
    Waiting = "waiting",
    Running = "running",
    Succeeded = "succeeded",
    Failed = "failed",
    Canceled = "canceled",
    Skipped = "skipped",
    Superseded = "superseded",
});

/// What asked for a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A person or a job at the command line.
    Command,
    /// The same, going back to an earlier release.
    Rollback,
    /// A redeployment hook.
    Hook,
}

words!(Trigger { Command = "command", Rollback = "rollback", Hook = "hook" });

/// How the services of a deployment are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// One after the other, in manifest order, stopping at the first failure.
    Serial,
    /// Side by side; each is run to its end.
    Parallel,
}

words!(Strategy { Serial = "serial", Parallel = "parallel" });

/// What exactly a service is deployed from; fields fill up as refs are resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What was asked for: a branch, tag, sha, image tag or digest.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The branch it comes from, where it is known.
    pub branch: Option<String>,
    /// The full sha of a git service.
    pub sha: Option<String>,
    /// The image of an image service.
    pub image: Option<Image>,
}

impl Target {
    /// What people recognise it by: the first digits of the sha, else the image, else the ref.
    #[must_use]
    pub fn short(&self) -> String {
        let sha = self.sha.as_deref().map(|sha| crate::domain::git_ref::short(sha).to_owned());
        let image = || self.image.as_ref().map(ToString::to_string);
        sha.or_else(image).or_else(|| self.reference.clone()).unwrap_or_default()
    }
}

/// A service's part in a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployedService {
    /// The service.
    pub service: ServiceName,
    /// How its part stands.
    pub state: RunState,
    /// What it is deployed from.
    #[serde(flatten)]
    pub target: Target,
    /// Why it was skipped, or what failed.
    pub reason: Option<String>,
}

/// One run of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// Its number; [`Self::NO_NUMBER`] as long as a deploy API elsewhere does not say it.
    #[serde(serialize_with = "known_number")]
    pub id: u64,
    /// The app.
    #[serde(flatten)]
    pub app: AppIdentity,
    /// How it stands.
    pub state: DeploymentState,
    /// What asked for it.
    pub trigger: Trigger,
    /// Who asked for it.
    pub user: String,
    /// How its services are run.
    pub strategy: Strategy,
    /// How often it was begun; more than once if its engine died.
    pub attempt: u64,
    /// Its place among those that wait, from 1, while it waits.
    pub place: Option<u64>,
    /// The release it makes, once it runs.
    pub release: Option<ReleaseNumber>,
    /// The release it goes back to, if it is a rollback.
    pub rollback_to: Option<ReleaseNumber>,
    /// Why it did not succeed, or waits again.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it began to run.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its services in manifest order, the skipped ones too.
    pub services: Vec<DeployedService>,
}

impl Deployment {
    /// What stands for a number that is not known.
    pub const NO_NUMBER: u64 = 0;

    /// What messages call it.
    #[must_use]
    pub fn called(&self) -> String {
        if self.id == Self::NO_NUMBER { "the deployment".to_owned() } else { format!("deployment {}", self.id) }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn known_number<S: serde::Serializer>(id: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if *id == Deployment::NO_NUMBER { serializer.serialize_none() } else { serializer.serialize_u64(*id) }
}
