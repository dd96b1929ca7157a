//! A hook may come after a newer one was deployed already: hosts promise no order.

use crate::domain::deployment::{RunState, Target};
use crate::domain::git_ref::short;
use crate::domain::queue::Hook;
use crate::domain::release::{ReleaseNumber, ServiceState};
use crate::domain::service::ServiceName;
use crate::engine::insist;
use crate::engine::resolve::stop;
use crate::engine::runner::{Part, Run, Stop};
use crate::engine::source::SourceError;

impl Run<'_> {
    /// Leaves out the services that have from the pushed branch what comes after the pushed commit. If that is all of them,
    /// the deployment is older than what is there.
    pub(super) async fn leave_out_older(&self, parts: &mut Vec<Part>) -> std::result::Result<(), Stop> {
        let store = &self.engine.store;
        let Some(hook) = store.hook_of(self.deployment.id).await? else {
            return Ok(());
        };
        let deployed = store.service_states(&self.holder.app_uid, ReleaseNumber(u64::MAX)).await?;
        let mut newest = None;
        let waiting = std::mem::take(parts);
        for (name, target) in self.left_out_before().chain(waiting) {
            let there = deployed.iter().find(|state| state.service == name && state.target.branch == target.branch);
            let newer = match there {
                Some(there) if self.comes_after(there, &hook, &name, &target).await? => Some(there.release),
                _ => None,
            };
            let Some(newer) = newer else {
                parts.push((name, target));
                continue;
            };
            let head = target.sha.as_deref().map(short).unwrap_or_default();
            self.journal.say_of(&name, format!("{name}: left out: {head} is older than {newer}")).await;
            let (id, reason) = (self.deployment.id, format!("older than {newer}"));
            insist(|| store.set_service_state(&self.holder, id, &name, RunState::Skipped, Some(&reason))).await?;
            newest = newest.max(Some(newer));
        }
        let nothing_was_done = self.deployment.services.iter().all(|part| part.state != RunState::Succeeded);
        match newest {
            Some(release) if parts.is_empty() && nothing_was_done => Err(Stop::Older(release)),
            _ => Ok(()),
        }
    }

    /// What an earlier attempt left out: of the services that are skipped only those were ever resolved. If its engine died
    /// before the deployment ended, they are still why nothing is deployed.
    fn left_out_before(&self) -> impl Iterator<Item = Part> {
        let skipped = self.deployment.services.iter().filter(|part| part.state == RunState::Skipped);
        let left_out = skipped.filter(|part| part.target.sha.is_some());
        left_out.map(|part| (part.service.clone(), part.target.clone()))
    }

    /// Whether what a service has is a later commit than the pushed one.
    async fn comes_after(
        &self,
        there: &ServiceState,
        hook: &Hook,
        name: &ServiceName,
        pushed: &Target,
    ) -> std::result::Result<bool, Stop> {
        let head = hook.ordered_head(pushed).and(pushed.sha.as_deref());
        let (Some(head), Some(sha)) = (head, there.target.sha.as_deref()) else {
            return Ok(false);
        };
        let Some(repository) = self.repository(name)? else {
            return Ok(false);
        };
        let is_older = self.sources().is_ancestor(repository, head, sha).await.map_err(|error| stop(name, error))?;
        Ok(is_older && !self.is_newest(repository, head, name, pushed).await?)
    }

    /// Whether the branch ends at the pushed commit. Then it was moved back: not every host says that a push was forced.
    async fn is_newest(
        &self,
        repository: &str,
        head: &str,
        name: &ServiceName,
        pushed: &Target,
    ) -> std::result::Result<bool, Stop> {
        let branch = Target { branch: pushed.branch.clone(), ..Target::default() };
        match self.sources().resolve(repository, &branch).await {
            Ok(newest) => Ok(newest.sha.as_deref() == Some(head)),
            Err(SourceError::NoSuchRef { .. }) => Ok(false),
            Err(error) => Err(stop(name, error)),
        }
    }
}
