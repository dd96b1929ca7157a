//! What the Git hosts are told of the runs.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::continuous::{self, HostStatus, StatusReport};
use crate::engine::{HostError, Job};
use crate::server::Site;
use crate::server::continuous::{MOST, Result};
use crate::store::engines::Address;
use crate::store::host_deployments::Followed;

/// The deployments of which a host could not be told yet.
#[derive(Debug, Default)]
pub(super) struct Untold(HashMap<u64, Trying>);

/// A status that is tried to be told.
#[derive(Debug)]
struct Trying {
    failed: u64,
    next_try: Timestamp,
}

impl Site {
    /// Tells the Git hosts what they do not know yet; says when to try again.
    pub(super) async fn tell_of_all(&self, untold: &mut Untold) -> Result<Duration> {
        let followed = self.store.followed_deployments().await?;
        untold.0.retain(|deployment, _| followed.iter().any(|followed| followed.deployment == *deployment));
        let mut pause = MOST;
        for followed in followed {
            let now = Timestamp::now();
            let may_try = untold.0.get(&followed.deployment).is_none_or(|trying| trying.next_try <= now);
            if let Some(job) = self.job(&followed.app_uid).filter(|_| may_try) {
                self.tell_of(&job, &followed, untold).await?;
            }
            if let Some(trying) = untold.0.get(&followed.deployment) {
                let left = trying.next_try.duration_since(Timestamp::now());
                pause = pause.min(Duration::try_from(left).unwrap_or(Duration::ZERO));
            }
        }
        Ok(pause)
    }

    /// Tells what is to be told of a deployment, in order.
    async fn tell_of(&self, job: &Job, followed: &Followed, untold: &mut Untold) -> Result<()> {
        for status in followed.to_tell() {
            let told = self.git_host.tell(job, &followed.at_host, &self.report(job, followed, status)).await;
            if let Err(HostError::NotNow { why, wait }) = &told {
                let failed = untold.0.get(&followed.deployment).map_or(0, |trying| trying.failed) + 1;
                if let Some(next_try) = continuous::next_status_try(failed, *wait, Timestamp::now()) {
                    untold.0.insert(followed.deployment, Trying { failed, next_try });
                    if failed == 1 {
                        let text = format!("{}, and it is tried again: {why}", not_told(followed, status, " yet"));
                        self.log(job, Some(followed.deployment), &text).await?;
                    }
                    return Ok(());
                }
            }
            untold.0.remove(&followed.deployment);
            self.store.host_is_told(followed.deployment, status).await?;
            if let Err(error) = told {
                let text = format!("{}: {error}", not_told(followed, status, ""));
                self.log(job, Some(followed.deployment), &text).await?;
            }
        }
        Ok(())
    }

    fn report(&self, job: &Job, followed: &Followed, status: HostStatus) -> StatusReport {
        let Followed { deployment, reason, .. } = followed;
        let because = reason.as_ref().filter(|_| status.is_last()).map(|reason| format!(": {reason}"));
        let state = match status {
            HostStatus::Queued => "waits for its turn",
            HostStatus::InProgress => "runs",
            _ => followed.state.word(),
        };
        let text = format!("deployment {deployment} {state}{}", because.unwrap_or_default());
        let log_url = match &self.address {
            Address::Public(url) => Some(format!("{url}/api/3/stacks/{}/logs?deployment={deployment}", job.record.uid)),
            Address::Listening(_) => None,
        };
        StatusReport { status, description: continuous::description(&text), log_url }
    }
}

fn not_told(followed: &Followed, status: HostStatus, yet: &str) -> String {
    let (host, id, status) = (&followed.at_host.repository, followed.at_host.id, status.word());
    format!("{host} could not be told the status {status} of its deployment {id}{yet}")
}
