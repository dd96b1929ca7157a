//! How a deployment ended: what the answer says, or what can be seen where there is none.

use crate::backends::error::RemoteError;
use crate::backends::workflow::Workflow;
use crate::backends::workflow::answer::{detail, said};
use crate::backends::workflow::documents::{App, Build, Page, Pod, Release, RolledBack};
use crate::backends::workflow::run::{Known, Run, What};
use crate::backends::{BackendError, Result};
use crate::domain::deployment::{DeploymentState, RunState};
use crate::domain::release::ReleaseNumber;
use crate::http::Reply;

/// What a controller says to a rollback to a release that it does not have.
const NO_SUCH_RELEASE: &str = "Release matching query does not exist.";

/// What it says, in its own words and in ours, of a release that cannot be gone back to.
const NOT_A_RELEASE: [(&str, &str); 4] = [
    ("version cannot be below 0", "is before the first"),
    ("Cannot roll back to initial release.", "is the initial one"),
    ("Cannot roll back to failed release.", "failed"),
    ("No build associated with this release", "has no build"),
];

impl Workflow {
    /// What an answer says.
    pub(super) async fn understand(&self, run: &Run, reply: &Reply) -> Result<Known> {
        if reply.is_success() {
            return self.succeeded(run, reply).await;
        }
        let words = said(reply);
        if matches!(reply.status, 400 | 409) && words.contains("changed nothing") {
            return Err(BackendError::NothingToDo { app: self.app.clone(), said: words });
        }
        let reason = match detail(reply) {
            Some(reason) if reply.status == 400 => reason,
            _ => return Err(BackendError::NotTaken(self.controller.refusal(&run.call, reply))),
        };
        if let What::Rollback(release) = run.what {
            if reason == NO_SUCH_RELEASE {
                return Err(self.not_found(format!("release {release}"), "releases list --all"));
            }
            if let Some((_, state)) = NOT_A_RELEASE.iter().find(|(words, _)| *words == reason) {
                return Err(BackendError::NotARelease { app: self.app.clone(), release, state });
            }
        }
        // It failed, whatever can be learnt of its release.
        let newest = self.newest().await.ok().flatten();
        let release = newest.filter(|newest| newest.version > run.before && newest.stands() == RunState::Failed);
        Ok(Known::NotDeployed { state: DeploymentState::Failed, reason, release })
    }

    /// What a deployment made that succeeded; `hookbelt serve` says so when it has begun.
    async fn succeeded(&self, run: &Run, reply: &Reply) -> Result<Known> {
        let release = match &run.what {
            What::Build(_) => {
                let key = serde_json::from_slice::<Build>(&reply.body).ok().and_then(|build| build.uuid);
                let is_of_it = |release: &Release| release.version > run.before && release.build == key;
                let is_there = |releases: &[Release]| {
                    releases.iter().any(|release| is_of_it(release) || release.version <= run.before)
                };
                let releases = self.history(is_there).await.unwrap_or_default();
                releases.into_iter().find(is_of_it)
            }
            What::Rollback(_) => {
                let made: RolledBack = self.controller.read(&run.call, reply)?;
                Some(self.numbered(made.version).await?)
            }
        };
        match release {
            Some(release) if release.stands() != RunState::Succeeded => Ok(Known::Begun(release)),
            release => Ok(Known::Succeeded(release)),
        }
    }

    /// The release of a request that got no answer, if it is there.
    pub(super) async fn ours(&self, run: &Run) -> std::result::Result<Option<Release>, RemoteError> {
        let is_old = |release: &Release| release.version <= run.before;
        let mut releases = self.history(|releases| releases.iter().any(is_old)).await?;
        releases.retain(|release| !is_old(release));
        match &run.what {
            What::Rollback(to) => {
                let summary = format!("rolled back to {to}");
                let is_it = |release: &Release| {
                    let summary_of = release.summary.as_deref().unwrap_or_default();
                    summary_of.ends_with(&summary) || summary_of.contains("performed roll back")
                };
                Ok(releases.into_iter().rev().find(is_it))
            }
            What::Build(build) => {
                let keys: Vec<&str> = releases.iter().filter_map(|release| release.build.as_deref()).collect();
                let builds = self.builds(&keys).await?;
                let is_it = |release: &Release| {
                    let key = release.build.as_ref().filter(|key| build.uuid.as_ref() != Some(*key));
                    key.and_then(|key| builds.get(key)).is_some_and(|new| new.is_like(build))
                };
                Ok(releases.into_iter().rev().find(is_it))
            }
        }
    }

    /// How a deployment ends that nobody answers for: its release says that it failed; that it succeeded is seen by its
    /// processes.
    pub(super) async fn how_it_ends(&self, number: u64) -> std::result::Result<Known, RemoteError> {
        let release = self.numbered(number).await?;
        let state = match release.stands() {
            RunState::Succeeded if release.state.is_some() || self.is_up(number).await? => {
                return Ok(Known::Succeeded(Some(release)));
            }
            RunState::Waiting | RunState::Running | RunState::Succeeded => return Ok(Known::Nothing),
            RunState::Canceled => DeploymentState::Canceled,
            RunState::Superseded => DeploymentState::Superseded,
            RunState::Failed | RunState::Skipped => DeploymentState::Failed,
        };
        let exception = release.exception.clone().filter(|text| !text.is_empty());
        let reason = exception.or_else(|| release.summary.clone()).unwrap_or_default();
        Ok(Known::NotDeployed { state, reason, release: Some(release) })
    }

    /// Whether as many processes of each type as there should be run a release, or a newer one.
    async fn is_up(&self, number: u64) -> std::result::Result<bool, RemoteError> {
        let app: App = self.controller.get(&format!("/apps/{}/", self.id)).await?;
        let pods: Page<Pod> = self.controller.get(&format!("/apps/{}/pods/?limit=100", self.id)).await?;
        let is_new = |pod: &Pod| {
            let release = pod.release.as_deref().and_then(|text| text.parse::<ReleaseNumber>().ok());
            pod.state.as_deref() == Some("up") && release.is_some_and(|release| release.0 >= number)
        };
        let up = |name: &str| {
            let of_type = pods.results.iter().filter(|pod| pod.process_type.as_deref() == Some(name) && is_new(pod));
            of_type.count() as u64
        };
        Ok(app.processes().all(|(name, count)| up(name) >= count))
    }
}
