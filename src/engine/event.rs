//! What happens at a `hookbelt serve`: what its log says, and what its metrics count. No secret is in it.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::domain::app::AppIdentity;
use crate::domain::deployment::DeploymentState;
use crate::domain::release::ReleaseNumber;

/// Who hears of it.
pub type Tell = Arc<dyn Fn(&Event) + Send + Sync>;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Something that is told in words alone.
    Note {
        /// The app that it is about, if it is about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        app: Option<AppIdentity>,
        /// What.
        message: String,
    },
    /// A request came to a redeployment hook.
    Hook {
        /// Whose hook it is; none if there is no such hook.
        app: Option<AppIdentity>,
        /// Who sent it.
        from: IpAddr,
        /// What became of it.
        outcome: HookOutcome,
        /// What it was answered with.
        status: u16,
        /// Its deployment.
        deployment: Option<u64>,
        /// The same in words.
        message: String,
    },
    /// A deployment began.
    Began {
        /// Whose.
        app: AppIdentity,
        /// Its number.
        deployment: u64,
        /// The release that it makes.
        release: ReleaseNumber,
    },
    /// A deployment ended, or waits again.
    Ended {
        /// Whose.
        app: AppIdentity,
        /// Its number.
        deployment: u64,
        /// How; none if it waits again.
        state: Option<DeploymentState>,
        /// How long it ran.
        #[serde(serialize_with = "seconds")]
        ran: Duration,
        /// The same in words.
        message: String,
    },
    /// A deploy hook was sent.
    Delivery {
        /// Whose release it told of.
        app: AppIdentity,
        /// Its number.
        deployment: u64,
        /// Whether the receiver took it.
        sent: bool,
        /// The same in words.
        message: String,
    },
}

/// What became of a request to a redeployment hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HookOutcome {
    /// Its deployment is on disk.
    Accepted,
    /// The same delivery came before.
    Repeated,
    /// It asks for nothing.
    Ignored,
    /// It was not taken.
    Refused,
    /// There is no such hook.
    Unknown,
}

impl HookOutcome {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Repeated => "repeated",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

fn seconds<S: Serializer>(ran: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(ran.as_secs_f64())
}

impl Event {
    /// Words about the server.
    #[must_use]
    pub fn note(message: impl Into<String>) -> Self {
        Self::Note { app: None, message: message.into() }
    }

    /// Words about an app.
    #[must_use]
    pub fn note_of(app: &AppIdentity, message: impl Into<String>) -> Self {
        Self::Note { app: Some(app.clone()), message: message.into() }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Note { app: None, message } | Self::Hook { app: None, message, .. } => formatter.write_str(message),
            Self::Began { app, deployment, release } => {
                write!(formatter, "{app}: deployment {deployment} begins ({release})")
            }
            Self::Note { app: Some(app), message }
            | Self::Hook { app: Some(app), message, .. }
            | Self::Ended { app, message, .. }
            | Self::Delivery { app, message, .. } => write!(formatter, "{app}: {message}"),
        }
    }
}
