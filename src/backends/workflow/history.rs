//! Releases and builds: what is deployed, what was before, and what can be gone back to.

use std::collections::HashMap;

use crate::backends::error::RemoteError;
use crate::backends::workflow::Workflow;
use crate::backends::workflow::documents::{Build, Release};
use crate::backends::{BackendError, Result};
use crate::domain::deployment::RunState;
use crate::domain::plan::{Plan, PlannedService, Skip, SkippedService};
use crate::domain::release::{Release as Made, ReleaseNumber, ServiceState};
use crate::engine::rollback::why_not;
use crate::store::releases::Releases;

/// What makes an app's first build.
const FIRST_BUILD: &str = "make the first one: push to its Git remote, or `deis pull IMAGE`";

/// Builds by their keys.
type Builds = HashMap<String, Build>;

impl Workflow {
    fn releases_path(&self) -> String {
        format!("/apps/{}/releases/", self.id)
    }

    /// The newest release, whatever became of it.
    pub(super) async fn newest(&self) -> Result<Option<Release>> {
        let path = format!("{}?limit=1", self.releases_path());
        let page = self.controller.get::<super::documents::Page<Release>>(&path).await?;
        Ok(page.results.into_iter().next())
    }

    /// The release of this number.
    pub(super) async fn numbered(&self, number: u64) -> std::result::Result<Release, RemoteError> {
        self.controller.get(&format!("{}v{number}/", self.releases_path())).await
    }

    /// The newest releases, newest first, until they are enough.
    pub(super) async fn history(
        &self,
        is_enough: impl Fn(&[Release]) -> bool + Sync,
    ) -> std::result::Result<Vec<Release>, RemoteError> {
        let mut releases = self.controller.list(&self.releases_path(), &is_enough).await?;
        // One that is made meanwhile moves the others to the next page.
        releases.dedup_by_key(|release| release.version);
        Ok(releases)
    }

    /// The builds with these keys, as far as there are any.
    pub(super) async fn builds(&self, keys: &[&str]) -> std::result::Result<Builds, RemoteError> {
        if keys.is_empty() {
            return Ok(Builds::new());
        }
        let has = |builds: &[Build], key: &str| builds.iter().any(|build| build.uuid.as_deref() == Some(key));
        let all_found = |builds: &[Build]| keys.iter().all(|key| has(builds, key));
        let builds = self.controller.list(&format!("/apps/{}/builds/", self.id), &all_found).await?;
        Ok(builds.into_iter().filter_map(|build| Some((build.uuid.clone()?, build))).collect())
    }

    /// The builds of these releases; nothing where the API has no builds, as that of `hookbelt serve`.
    async fn builds_of(&self, releases: &[Release]) -> Result<Option<Builds>> {
        let keys: Vec<&str> = releases.iter().filter_map(|release| release.build.as_deref()).collect();
        match self.builds(&keys).await {
            Err(RemoteError::NotImplemented { .. }) => Ok(None),
            builds => Ok(Some(builds?)),
        }
    }

    /// The build that is deployed: that of the newest release that succeeded. The newest build itself may have failed, or
    /// have been gone back from.
    pub(super) async fn current_build(&self) -> Result<&Build> {
        let found = self.current_build.get_or_try_init(|| async {
            let no_build = || BackendError::NoBuild { app: self.app.clone(), first: FIRST_BUILD };
            let releases = self.history(|releases| releases.iter().any(Release::is_sound)).await?;
            let current = releases.into_iter().find(Release::is_sound).and_then(|release| release.build);
            let key = current.ok_or_else(no_build)?;
            let builds = self.builds(&[&key]).await.map_err(|error| match error {
                RemoteError::NotImplemented { api, .. } => BackendError::NoBuilds { api },
                error => error.into(),
            });
            let build = builds?.remove(&key);
            build.filter(|build| build.image.is_some()).ok_or_else(no_build)
        });
        found.await
    }

    /// What deploying a build would run.
    pub(super) fn plan_of(&self, build: Option<&Build>) -> Plan {
        let target = build.map(Build::target).unwrap_or_default();
        let services = self.document.services(build).into_iter();
        let services = services.map(|service| PlannedService { service, target: target.clone() }).collect();
        Plan { services, skipped: Vec::new() }
    }

    /// The release to go back to, and what that would deploy if the API tells.
    pub(super) async fn way_back(&self, to: Option<ReleaseNumber>) -> Result<(ReleaseNumber, Option<Plan>)> {
        let is_seen = |releases: &[Release]| match to {
            Some(number) => releases.last().is_some_and(|release| release.version <= number.0),
            None => releases.iter().filter(|release| release.is_sound()).count() >= 2,
        };
        let releases = self.history(|releases| releases.iter().any(Release::is_sound) && is_seen(releases)).await?;
        let target = match to {
            Some(number) => releases.iter().find(|release| release.version == number.0),
            None => before_the_current(&releases),
        };
        let not_there = || match to {
            Some(number) => self.not_found(format!("release {number}"), "releases list --all"),
            None => self.not_found("release before the current one".to_owned(), "releases list"),
        };
        let target = target.ok_or_else(not_there)?;
        let release = ReleaseNumber(target.version);
        let no_release = |state| BackendError::NotARelease { app: self.app.clone(), release, state };
        if target.stands() != RunState::Succeeded {
            return Err(no_release(why_not(target.stands())));
        }
        let key = target.build.as_deref().ok_or_else(|| no_release("has no build"))?;
        let Some(builds) = self.builds_of(std::slice::from_ref(target)).await? else {
            return Ok((release, None));
        };
        let mut plan = self.plan_of(builds.get(key));
        if is_as_it_was(target, &releases) {
            let skipped =
                |planned: PlannedService| SkippedService { service: planned.service, reason: Skip::AsItWasIn(release) };
            plan.skipped = plan.services.drain(..).map(skipped).collect();
        }
        Ok((release, Some(plan)))
    }

    /// The newest releases.
    pub(super) async fn newest_releases(&self, which: Releases, most: usize) -> Result<Vec<Made>> {
        let is_meant = |release: &&Release| which == Releases::All || release.stands() == RunState::Succeeded;
        let mut releases = self.history(|releases| releases.iter().filter(is_meant).count() >= most).await?;
        releases.retain(|release| is_meant(&release));
        releases.truncate(most);
        let builds = self.builds_of(&releases).await?.unwrap_or_default();
        Ok(releases.iter().map(|release| self.made(release, &builds)).collect())
    }

    /// One release with what it deployed, or the newest that succeeded.
    pub(super) async fn one_release(&self, number: Option<ReleaseNumber>) -> Result<(Made, Vec<ServiceState>)> {
        let found = if let Some(number) = number {
            match self.numbered(number.0).await {
                Err(RemoteError::NotFound { .. }) => None,
                found => Some(found?),
            }
        } else {
            let succeeded = |release: &Release| release.stands() == RunState::Succeeded;
            let releases = self.history(|releases| releases.iter().any(succeeded)).await?;
            releases.into_iter().find(succeeded)
        };
        let what =
            || number.map_or_else(|| "release that succeeded yet".to_owned(), |number| format!("release {number}"));
        let found = found.ok_or_else(|| self.not_found(what(), "releases list --all"))?;
        let told = self.builds_of(std::slice::from_ref(&found)).await?;
        let knows_builds = told.is_some();
        let builds = told.unwrap_or_default();
        let made = self.made(&found, &builds);
        let build = found.build.as_ref().and_then(|key| builds.get(key));
        // Without a build it ran nothing; where there are no builds nobody tells what it ran.
        let plan = if found.build.is_some() && knows_builds { self.plan_of(build).services } else { Vec::new() };
        let state = |planned: PlannedService| ServiceState {
            service: planned.service,
            release: made.release,
            target: planned.target,
        };
        let services = plan.into_iter().map(state).collect();
        Ok((made, services))
    }

    /// A release in our words.
    fn made(&self, release: &Release, builds: &Builds) -> Made {
        let build = release.build.as_ref().and_then(|key| builds.get(key));
        Made {
            app: self.app.clone(),
            release: ReleaseNumber(release.version),
            state: release.stands(),
            summary: release.summary.clone().unwrap_or_default(),
            sha: build.and_then(|build| build.sha.clone()).unwrap_or_default(),
            user: release.owner.clone().unwrap_or_default(),
            deployment: release.version,
            started_at: release.created_at(),
            ended_at: release.ended_at(),
        }
    }
}

/// If something was begun since the current release and failed, that is the one to go back to.
fn before_the_current(releases: &[Release]) -> Option<&Release> {
    let has_failed_since = releases.first().is_some_and(|newest| newest.stands() != RunState::Succeeded);
    releases.iter().filter(|release| release.is_sound()).nth(usize::from(!has_failed_since))
}

/// Whether a release has what the newest has, build and config.
fn is_as_it_was(target: &Release, releases: &[Release]) -> bool {
    releases.first().is_some_and(|newest| {
        newest.stands() == RunState::Succeeded && (&newest.build, &newest.config) == (&target.build, &target.config)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{before_the_current, is_as_it_was};
    use crate::backends::workflow::documents::Release;

    /// Newest first: each a version, its build (0 for none), and whether it failed.
    fn releases(all: &[(u64, u64, bool)]) -> Vec<Release> {
        let release = |(version, build, failed): &(u64, u64, bool)| {
            let build = if *build == 0 { Value::Null } else { json!(format!("build {build}")) };
            let document = json!({ "version": version, "build": build, "config": "one", "failed": failed });
            serde_json::from_value(document).unwrap()
        };
        all.iter().map(release).collect()
    }

    #[test]
    fn without_a_number_the_release_before_the_current_one_is_meant() {
        for (all, meant) in [
            (&[(3, 2, false), (2, 1, false), (1, 0, false)][..], Some(2)),
            (&[(4, 3, false), (3, 2, true), (2, 1, false)], Some(2)),
            // What failed may have left anything.
            (&[(4, 3, true), (3, 2, false), (2, 1, false)], Some(3)),
            (&[(3, 2, false), (2, 0, false), (1, 0, false)], None),
            (&[], None),
        ] {
            assert_eq!(before_the_current(&releases(all)).map(|release| release.version), meant, "{all:?}");
        }
    }

    #[test]
    fn a_release_is_as_it_was_if_it_has_what_the_newest_has() {
        let all = releases(&[(4, 1, false), (3, 2, false), (2, 1, false)]);
        assert!(is_as_it_was(&all[2], &all) && is_as_it_was(&all[0], &all) && !is_as_it_was(&all[1], &all));
        let failed = releases(&[(3, 1, true), (2, 1, false)]);
        assert!(!is_as_it_was(&failed[1], &failed));
    }
}
