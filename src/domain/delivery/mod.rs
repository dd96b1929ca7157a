//! Deliveries: the way of one deploy hook to one receiver, with its attempts and what came of them.

pub mod base;
pub mod message;
pub mod receiver;
pub mod retry;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::app::AppIdentity;
use crate::domain::delivery::receiver::HookFormat;
use crate::domain::deployment::DeploymentState;
use crate::domain::release::ReleaseNumber;

/// What a deploy hook tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HookEvent {
    /// A deployment has begun.
    Started,
    /// It has succeeded.
    Succeeded,
    /// It has failed.
    Failed,
    /// It was canceled.
    Canceled,
}

words! { HookEvent { Started = "started", Succeeded = "succeeded", Failed = "failed", Canceled = "canceled" } }

impl HookEvent {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Started, Self::Succeeded, Self::Failed, Self::Canceled];

    /// What is told of a deployment that has ended so, if anything is.
    #[must_use]
    pub fn of_end(state: DeploymentState) -> Option<Self> {
        match state {
            DeploymentState::Succeeded => Some(Self::Succeeded),
            DeploymentState::Failed => Some(Self::Failed),
            // Who was told that it has begun is told that it comes to nothing.
            DeploymentState::Canceled | DeploymentState::Superseded => Some(Self::Canceled),
            DeploymentState::Queued | DeploymentState::Running | DeploymentState::Ignored => None,
        }
    }
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Its next attempt has a time.
    Waiting,
    /// The receiver has taken it.
    Delivered,
    /// Every attempt has failed, or the receiver is gone.
    Failed,
    /// It is not sent any more: its hook was taken out of the manifest, or is switched off.
    Dropped,
}

words! {
    DeliveryState { Waiting = "waiting", Delivered = "delivered", Failed = "failed", Dropped = "dropped" }
}

/// A delivery, as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its number.
    pub id: u64,
    /// The app.
    #[serde(flatten)]
    pub app: AppIdentity,
    /// The deployment that it tells of.
    pub deployment: u64,
    /// The release that this made.
    pub release: ReleaseNumber,
    /// What it tells.
    pub event: HookEvent,
    /// How it is written.
    pub format: HookFormat,
    /// The receiver's URL, without what may be secret in it.
    pub url: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How many attempts were made.
    pub attempts: u64,
    /// What the last one was answered with.
    pub status: Option<u16>,
    /// Why the last one failed, or why there is none any more.
    pub error: Option<String>,
    /// When it came to be.
    pub created_at: Timestamp,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was delivered or given up.
    pub ended_at: Option<Timestamp>,
}

impl Delivery {
    /// Whether it was tried, or is over, since it stood so.
    #[must_use]
    pub fn was_tried_since(&self, before: &Self) -> bool {
        self.attempts > before.attempts || self.state != DeliveryState::Waiting
    }

    /// Whether its last attempt failed.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        self.state == DeliveryState::Failed || self.state == DeliveryState::Waiting && self.attempts > 0
    }
}

/// One attempt of a delivery, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Which attempt, from 1.
    pub attempt: u64,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
    /// What it was answered with.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: Option<String>,
    /// The first 4 kB of the answer.
    pub answer: String,
}

/// A delivery with its attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetails {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Its attempts, the first one first.
    pub receipts: Vec<Receipt>,
}

/// A deploy hook that does not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailingHook {
    /// The receiver's URL, without what may be secret in it.
    pub url: String,
    /// How it is written.
    pub format: HookFormat,
    /// Whether it is switched off, since its receiver said that it is gone.
    pub is_off: bool,
    /// The last delivery that was tried.
    pub delivery: u64,
    /// Why that failed.
    pub error: Option<String>,
    /// When the next attempt of that is due.
    pub next_attempt_at: Option<Timestamp>,
}

/// Which deliveries of an app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Those whose last attempt failed.
    pub failed: bool,
    /// Those that tell of this release.
    pub release: Option<ReleaseNumber>,
}

/// Which deliveries are to be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// This one.
    One(u64),
    /// Those whose last attempt failed and that came to be since.
    FailedSince(Timestamp),
}
