//! The pushes that wait: each gets its deployment at the Git host, or is deployed without.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::continuous::{self, Due, NewHostDeployment};
use crate::domain::git_ref::short;
use crate::domain::printable::{Colours, printable};
use crate::domain::service::ServiceName;
use crate::engine::{Event, HostError, Job};
use crate::server::Site;
use crate::server::continuous::{MOST, Result};
use crate::store::pushes::{DeployedBy, OfPush, WaitingPush};

impl Site {
    /// Looks at every push that waits; says when to look again. A host that is out of order takes its time to say so: in one
    /// look it is asked once, so that no push that is due waits behind the others.
    pub(super) async fn look_at_pushes(&self) -> Result<Duration> {
        let mut pause = MOST;
        let mut has_failed = false;
        for waiting in self.store.waiting_pushes().await? {
            let Some(job) = self.job(&waiting.app_uid).filter(|_| !self.is_stopping()) else {
                continue;
            };
            let settings = self.store.settings(&waiting.app_uid).await?;
            let now = Timestamp::now();
            let until = match waiting.wait.due(&settings, self.limits.continuous_deploy_wait, now) {
                Due::Create if has_failed => now,
                Due::Create => {
                    let until = self.create(&job, &waiting).await?;
                    has_failed = until > Timestamp::now();
                    until
                }
                Due::Deploy(reason) => self.deploy_without_event(&job, &waiting, reason).await?,
                Due::Nothing { until } => until,
            };
            let left = Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO);
            pause = pause.min(left);
        }
        Ok(pause)
    }

    /// Creates a push's deployment at its Git host; says when to look again.
    async fn create(&self, job: &Job, waiting: &WaitingPush) -> Result<Timestamp> {
        let push = &waiting.push;
        let services: Vec<ServiceName> = waiting.plan.services.iter().map(|planned| planned.service.clone()).collect();
        let names: Vec<&str> = services.iter().map(ServiceName::as_str).collect();
        let new = NewHostDeployment {
            repository: push.repository.clone(),
            sha: push.sha.clone(),
            environment: job.app.identity.environment.to_string(),
            payload: continuous::payload(&job.app, &services, &push.nonce),
            description: continuous::description(&format!("{}: {}", job.app.identity.name, names.join(", "))),
            may_be_there: waiting.tries > 0,
        };
        let head = short(&push.sha);
        match self.git_host.create(job, &new).await {
            Ok(id) => {
                if self.store.push_is_created(&push.nonce, id).await? {
                    let text = format!("The push of {head} waits for deployment {id} at {}", push.repository);
                    self.log(job, None, &text).await?;
                }
                Ok(Timestamp::now())
            }
            Err(HostError::NotNow { why, wait }) => {
                let next_try = continuous::next_try(waiting.tries + 1, wait, Timestamp::now());
                self.store.try_push_again(&push.nonce, next_try).await?;
                let text = format!(
                    "The push of {head} has no deployment at {} yet, and it is tried again: {why}",
                    push.repository
                );
                self.log(job, None, &text).await?;
                Ok(next_try)
            }
            Err(HostError::Refused(trouble)) => {
                let reason = format!("no deployment could be created at the Git host: {trouble}");
                self.deploy_without_event(job, waiting, reason).await
            }
        }
    }

    async fn deploy_without_event(&self, job: &Job, waiting: &WaitingPush, reason: String) -> Result<Timestamp> {
        let reason = printable(&reason, Colours::Remove).into_owned();
        let text = format!("the push of {} is deployed directly: {reason}", short(&waiting.push.sha));
        let (mode, by) = (job.app.redeployment_hook.mode, DeployedBy::Itself(reason));
        let of_push =
            self.store.deploy_push(&waiting.app_uid, &waiting.push.nonce, &by, mode, Timestamp::now()).await?;
        // Its event may have come just now.
        if matches!(of_push, OfPush::Deployed { .. }) {
            self.say(&Event::note_of(&job.app.identity, text));
        }
        Ok(Timestamp::MAX)
    }
}
