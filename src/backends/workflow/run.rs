//! A deployment that this command asked for, and what is known of it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::backends::error::RemoteError;
use crate::backends::workflow::documents::{Build, Release};
use crate::domain::deployment::{Deployment, DeploymentState, RunState};
use crate::domain::release::ReleaseNumber;
use crate::http::{Call, Reply};

/// How often a release is looked for again whose request got no answer.
const LOOKS: u32 = 5;

/// A deployment that this command asked for.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) what: What,
    pub(super) call: Call,
    /// The newest release before.
    pub(super) before: u64,
    pub(super) stage: Stage,
    pub(super) deployment: Deployment,
    /// When the controller last answered.
    pub(super) heard: Instant,
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
    Asked(JoinHandle<Result<Reply, RemoteError>>),
    /// It was answered.
    Answered(Reply),
    /// It got no answer, and nothing is known of it.
    Lost { why: RemoteError, looks: u32 },
    /// The release of this number is there, and nobody will say when it has ended.
    Begun(u64),
    /// It has ended.
    Over,
}

/// What is known of it now.
pub(super) enum Known {
    Nothing,
    Begun(Release),
    Succeeded(Option<Release>),
    /// It failed; or somebody canceled it, as `hookbelt serve` says.
    NotDeployed {
        state: DeploymentState,
        reason: String,
        release: Option<Release>,
    },
}

impl Run {
    /// What a look came to that was taken because no answer says how it ends: for a while nothing may be known.
    pub(super) fn looked(
        &mut self,
        looked: Result<Known, RemoteError>,
        reconnect: Duration,
        api: &str,
    ) -> Result<Known, RemoteError> {
        match &looked {
            Err(error) if error.may_pass() && self.heard.elapsed() < reconnect => return Ok(Known::Nothing),
            Err(_) => {}
            Ok(_) => self.heard = Instant::now(),
        }
        match (looked, std::mem::replace(&mut self.stage, Stage::Over)) {
            (Ok(Known::Nothing), Stage::Lost { why, looks }) if looks < LOOKS => {
                self.stage = Stage::Lost { why, looks: looks + 1 };
                Ok(Known::Nothing)
            }
            (Ok(Known::Nothing), Stage::Lost { why, .. }) => {
                Err(RemoteError::Unknown { api: api.to_owned(), source: Box::new(why) })
            }
            (Err(error), Stage::Lost { why, .. }) if error.may_pass() => {
                Err(RemoteError::Unknown { api: api.to_owned(), source: Box::new(why) })
            }
            (looked, stage) => {
                self.stage = stage;
                looked
            }
        }
    }

    /// Writes down what is known.
    pub(super) fn learn(&mut self, known: Known) {
        let (state, part, reason, release) = match known {
            Known::Nothing => return,
            Known::Begun(release) => {
                self.stage = Stage::Begun(release.version);
                return self.name(&release);
            }
            Known::Succeeded(release) => (DeploymentState::Succeeded, RunState::Succeeded, None, release),
            Known::NotDeployed { state, reason, release } => {
                let part = if state == DeploymentState::Failed { RunState::Failed } else { RunState::Canceled };
                (state, part, Some(reason), release)
            }
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
