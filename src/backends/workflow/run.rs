//! A deployment that this command asked for, and what is known of it.

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::backends::error::RemoteError;
use crate::backends::workflow::documents::{Build, Release};
use crate::domain::deployment::{Deployment, DeploymentState, RunState};
use crate::domain::release::ReleaseNumber;
use crate::http::{Call, Reply};

/// A deployment that this command asked for.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) what: What,
    pub(super) call: Call,
    /// The newest release before.
    pub(super) before: u64,
    pub(super) stage: Stage,
    pub(super) deployment: Deployment,
    pub(super) shows_log: bool,
}

/// What was asked for.
#[derive(Debug)]
pub(super) enum What {
    Build(Build),
    Rollback(ReleaseNumber),
}

/// How far it is.
#[derive(Debug)]
pub(super) enum Stage {
    /// The request is under way.
    Asked(JoinHandle<std::result::Result<Reply, RemoteError>>),
    /// It was answered.
    Answered(Reply),
    /// It got no answer, and nothing is known of it.
    Lost { why: RemoteError, looks: u32, since: Instant },
    /// Its release is there, and nobody will say when it has ended.
    Begun { release: u64, since: Instant },
    /// It has ended.
    Over,
}

/// What is known of it now.
pub(super) enum Known {
    Nothing,
    Begun(Release),
    Succeeded(Option<Release>),
    Failed { reason: String, release: Option<Release> },
}

impl Run {
    /// Writes down what is known.
    pub(super) fn learn(&mut self, known: Known) {
        let (state, part, reason, release) = match known {
            Known::Nothing => return,
            Known::Begun(release) => {
                self.stage = Stage::Begun { release: release.version, since: Instant::now() };
                return self.name(&release);
            }
            Known::Succeeded(release) => (DeploymentState::Succeeded, RunState::Succeeded, None, release),
            Known::Failed { reason, release } => (DeploymentState::Failed, RunState::Failed, Some(reason), release),
        };
        if let Some(release) = &release {
            self.name(release);
        }
        self.stage = Stage::Over;
        self.deployment.state = state;
        self.deployment.reason = reason;
        self.deployment.ended_at = Some(Timestamp::now());
        for service in &mut self.deployment.services {
            service.state = part;
        }
    }

    /// Its release, by which it goes.
    fn name(&mut self, release: &Release) {
        self.deployment.id = release.version;
        self.deployment.release = Some(ReleaseNumber(release.version));
        if let Some(owner) = &release.owner {
            self.deployment.user.clone_from(owner);
        }
    }
}
