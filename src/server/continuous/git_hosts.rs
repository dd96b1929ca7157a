//! The calls that `continuous.deploy` makes: deployments and their statuses, at GitHub.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::domain::causes::with_causes;
use crate::domain::continuous::{HostDeployment, NewHostDeployment, StatusReport};
use crate::domain::duration;
use crate::engine::{GitHost, HostError, Job};
use crate::hosts::{AtGithub, HostError as Said, KnownHosts};

/// The longest that a host is left alone because it says so.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The Git hosts for which there are tokens.
#[derive(Debug)]
pub struct GitHosts {
    known: Arc<KnownHosts>,
    /// Those that want to be left alone, until then.
    quiet: Mutex<HashMap<String, Instant>>,
}

type Result<T> = std::result::Result<T, HostError>;

impl GitHosts {
    /// These, with nothing asked of them yet.
    #[must_use]
    pub fn new(known: Arc<KnownHosts>) -> Self {
        Self { known, quiet: Mutex::default() }
    }

    /// Whom to ask about a repository, unless it wants to be left alone.
    fn at(&self, job: &Job, repository: &str) -> Result<AtGithub> {
        let at = self.known.github(&job.app, repository).map_err(|error| HostError::Refused(with_causes(&error)))?;
        let at = at.ok_or_else(|| HostError::Refused("there is no token for its host any more".to_owned()))?;
        let host = &at.host.place().host;
        let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
        quiet.retain(|_, until| *until > Instant::now());
        match quiet.get(host) {
            Some(until) => Err(left_alone(host, until.saturating_duration_since(Instant::now()))),
            None => Ok(at),
        }
    }

    /// What a host's trouble means; it is heeded for everything else that is to be asked there.
    fn trouble(&self, error: &Said) -> HostError {
        match error {
            Said::Throttled { host, wait } => {
                let wait = (*wait).min(LONGEST_WAIT);
                let mut quiet = self.quiet.lock().unwrap_or_else(PoisonError::into_inner);
                quiet.insert(host.clone(), Instant::now() + wait);
                left_alone(host, wait)
            }
            error if error.may_pass() => HostError::NotNow { why: with_causes(error), wait: None },
            error => HostError::Refused(with_causes(error)),
        }
    }
}

fn left_alone(host: &str, wait: Duration) -> HostError {
    // Whole seconds, as hosts say them.
    let seconds = Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    let why = format!("{host} wants to be left alone for {}", duration::show(seconds));
    HostError::NotNow { why, wait: Some(seconds) }
}

#[async_trait]
impl GitHost for GitHosts {
    fn has(&self, job: &Job, repository: &str) -> bool {
        self.known.has_token_for(&job.app, repository)
    }

    async fn create(&self, job: &Job, new: &NewHostDeployment) -> Result<u64> {
        let AtGithub { host, repository } = self.at(job, &new.repository)?;
        host.create_deployment(&repository, new).await.map_err(|error| self.trouble(&error))
    }

    async fn tell(&self, job: &Job, deployment: &HostDeployment, report: &StatusReport) -> Result<()> {
        let AtGithub { host, repository } = self.at(job, &deployment.repository)?;
        host.tell_status(&repository, deployment.id, report).await.map_err(|error| self.trouble(&error))
    }
}
