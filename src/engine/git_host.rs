//! What `continuous.deploy` asks of a Git host. Whoever implements it makes the calls; the engine knows no host.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::continuous::{HostDeployment, NewHostDeployment, StatusReport};
use crate::engine::Job;

/// Why a Git host did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// It may another time: it could not be reached, has too much to do, failed, or answered without creating anything, as
    /// GitHub does with 202.
    #[error("{why}")]
    NotNow {
        /// Why not.
        why: String,
        /// How long it wants to be left alone, if it says so.
        wait: Option<Duration>,
    },
    /// It will not: the token may not do that, there is no such commit, or it conflicts, as GitHub says with 409.
    #[error("{0}")]
    Refused(String),
}

/// The Git hosts at which deployments can be created. What is asked of one takes a bounded time.
#[async_trait]
pub trait GitHost: Send + Sync {
    /// Whether deployments can be created in a repository of this app: there is a token for its host.
    fn has(&self, job: &Job, repository: &str) -> bool;

    /// Creates a deployment; says its number.
    ///
    /// # Errors
    /// When it was not created, or nobody knows.
    async fn create(&self, job: &Job, new: &NewHostDeployment) -> Result<u64, HostError>;

    /// Tells how a deployment stands.
    ///
    /// # Errors
    /// When the host did not take it.
    async fn tell(&self, job: &Job, deployment: &HostDeployment, report: &StatusReport) -> Result<(), HostError>;
}

/// No Git host: every push is deployed as it comes.
#[derive(Debug, Clone, Copy)]
pub struct NoGitHost;

fn no_host() -> HostError {
    HostError::Refused("no Git host is configured for it".to_owned())
}

#[async_trait]
impl GitHost for NoGitHost {
    fn has(&self, _: &Job, _: &str) -> bool {
        false
    }

    async fn create(&self, _: &Job, _: &NewHostDeployment) -> Result<u64, HostError> {
        Err(no_host())
    }

    async fn tell(&self, _: &Job, _: &HostDeployment, _: &StatusReport) -> Result<(), HostError> {
        Err(no_host())
    }
}
