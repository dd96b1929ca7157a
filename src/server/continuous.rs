//! `continuous.deploy` between the requests: creates deployments at Git hosts for the pushes that wait, deploys those whose
//! event does not come, and tells the hosts how the runs stand. All of it is in the store, so that a restart loses nothing.

use std::convert::Infallible;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::causes::with_causes;
use crate::domain::continuous::{self, Due, HostStatus};
use crate::domain::git_ref::short;
use crate::domain::printable::{Colours, printable};
use crate::domain::service::ServiceName;
use crate::engine::{Event, HostError, Job, NewHostDeployment};
use crate::server::Site;
use crate::store::host_deployments::Followed;
use crate::store::log::NewLine;
use crate::store::pushes::{DeployedBy, OfPush, WaitingPush};
use crate::store::{News, StoreError};

/// The longest that is waited for a bell before another look.
const MOST: Duration = Duration::from_secs(30);

/// The pause before another look at a store that cannot be used.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

type Result<T> = std::result::Result<T, StoreError>;

/// Does it for ever. Whoever drops this stops it between any two steps.
pub async fn follow(site: &Site) -> Infallible {
    tokio::join!(look_after_pushes(site), tell_hosts(site)).0
}

async fn look_after_pushes(site: &Site) -> Infallible {
    let mut bell = site.store.bell(&[News::Queue]);
    loop {
        let pause = site.or_complain(site.look_at_pushes().await, LOOK_AGAIN);
        bell.rung_lately(pause).await;
    }
}

async fn tell_hosts(site: &Site) -> Infallible {
    let mut bell = site.store.bell(&[News::Queue]);
    loop {
        let pause = site.or_complain(site.tell_of_all().await, LOOK_AGAIN);
        bell.rung_lately(pause).await;
    }
}

impl Site {
    fn or_complain(&self, done: Result<Duration>, pause: Duration) -> Duration {
        done.unwrap_or_else(|error| {
            self.say(&Event::note(format!("continuous.deploy: {}", with_causes(&error))));
            pause
        })
    }

    /// Looks at every push that waits; says when to look again.
    async fn look_at_pushes(&self) -> Result<Duration> {
        let mut pause = MOST;
        for waiting in self.store.waiting_pushes().await? {
            let Some(job) = self.job(&waiting.app_uid).filter(|_| !self.is_stopping()) else {
                continue;
            };
            let settings = self.store.settings(&waiting.app_uid).await?;
            let now = Timestamp::now();
            let until = match waiting.wait.due(&settings, self.limits.continuous_deploy_wait, now) {
                Due::Create => self.create(&job, &waiting).await?,
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
            Err(HostError::NotNow(trouble)) => {
                let next_try = continuous::next_try(waiting.tries + 1, Timestamp::now());
                self.store.try_push_again(&push.nonce, next_try).await?;
                let text = format!(
                    "The push of {head} has no deployment at {} yet, and it is tried again: {trouble}",
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

    /// Tells the Git hosts what they do not know yet.
    async fn tell_of_all(&self) -> Result<Duration> {
        for followed in self.store.followed_deployments().await? {
            let Some(job) = self.job(&followed.app_uid) else {
                continue;
            };
            for status in followed.to_tell() {
                self.tell_of(&job, &followed, status).await?;
            }
        }
        Ok(MOST)
    }

    /// Tells one status. One that is not taken is not told again: the next one says more.
    async fn tell_of(&self, job: &Job, followed: &Followed, status: HostStatus) -> Result<()> {
        let Followed { deployment, at_host, reason, .. } = followed;
        let because = reason.as_ref().filter(|_| status.is_last()).map(|reason| format!(": {reason}"));
        let state = match status {
            HostStatus::Queued => "waits for its turn",
            HostStatus::InProgress => "runs",
            _ => followed.state.word(),
        };
        let text = format!("deployment {deployment} {state}{}", because.unwrap_or_default());
        let description = continuous::description(&text);
        let told = self.git_host.tell(job, at_host, status, &description).await;
        self.store.host_is_told(*deployment, status).await?;
        if let Err(error) = told {
            let (host, id, status) = (&at_host.repository, at_host.id, status.word());
            let text = format!("{host} could not be told the status {status} of its deployment {id}: {error}");
            self.log(job, Some(*deployment), &text).await?;
        }
        Ok(())
    }

    /// Writes a line into an app's log.
    async fn log(&self, job: &Job, deployment: Option<u64>, text: &str) -> Result<()> {
        let text = printable(text, Colours::Remove).into_owned();
        self.store.append_log(&job.record.uid, &[NewLine::of_engine(deployment, text)]).await
    }
}
