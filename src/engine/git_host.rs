//! What `continuous.deploy` asks of a Git host. Whoever implements it makes the calls; the engine knows no host.

use async_trait::async_trait;
use serde_json::Value;

use crate::domain::continuous::{HostDeployment, HostStatus};
use crate::engine::Job;

/// A deployment that is to be created, of the task `deploy`.
#[derive(Debug, Clone, PartialEq)]
pub struct NewHostDeployment {
    /// The repository: `github.com/acme/shop`.
    pub repository: String,
    /// The commit: exactly this one, with nothing merged into it and no checks waited for.
    pub sha: String,
    /// The app's environment.
    pub environment: String,
    /// What its event brings back.
    pub payload: Value,
    /// What people read there, at most 140 characters.
    pub description: String,
}

/// Why a Git host did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// It may another time: it could not be reached, has too much to do, failed, or answered without creating anything, as
    /// GitHub does with 202.
    #[error("{0}")]
    NotNow(String),
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

    /// Tells how a deployment stands, in at most 140 characters.
    ///
    /// # Errors
    /// When the host did not take it.
    async fn tell(
        &self,
        job: &Job,
        deployment: &HostDeployment,
        status: HostStatus,
        description: &str,
    ) -> Result<(), HostError>;
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

    async fn tell(&self, _: &Job, _: &HostDeployment, _: HostStatus, _: &str) -> Result<(), HostError> {
        Err(no_host())
    }
}
