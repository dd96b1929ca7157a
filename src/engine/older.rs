//! A hook may come after a newer one was deployed already: hosts promise no order.

use crate::domain::deployment::RunState;
use crate::domain::git_ref::short;
use crate::domain::release::{ReleaseNumber, ServiceState};
use crate::engine::insist;
use crate::engine::resolve::stop;
use crate::engine::runner::{Part, Run, Stop};

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
        for (name, target) in std::mem::take(parts) {
            let there = deployed.iter().find(|state| state.service == name && state.target.branch == target.branch);
            let newer = match (hook.ordered_head(&target), there) {
                (Some(head), Some(there)) if self.comes_after(&there.clone(), &name, head).await? => {
                    Some(there.release)
                }
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
        match newest {
            Some(release) if parts.is_empty() => Err(Stop::Older(release)),
            _ => Ok(()),
        }
    }

    /// Whether what a service has is a later commit than the pushed one.
    async fn comes_after(
        &self,
        there: &ServiceState,
        name: &crate::domain::service::ServiceName,
        head: &str,
    ) -> std::result::Result<bool, Stop> {
        let (Some(repository), Some(sha)) = (self.repository(name)?, there.target.sha.as_deref()) else {
            return Ok(false);
        };
        self.sources().is_ancestor(repository, head, sha).await.map_err(|error| stop(name, error))
    }
}
