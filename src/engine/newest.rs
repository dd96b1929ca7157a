//! Of pushes that wait the last to come takes the place of the others, though it may be the oldest: hosts promise no order.

use indexmap::IndexSet;

use crate::domain::deployment::Target;
use crate::domain::git_ref::short;
use crate::domain::service::ServiceName;
use crate::engine::resolve::stop;
use crate::engine::runner::{Part, Run, Stop};
use crate::engine::source::SourceError;

impl Run<'_> {
    /// Deploys what comes after the pushed commit, if a push whose place this deployment took brought that.
    pub(super) async fn take_newest(&self, parts: &mut [Part]) -> std::result::Result<(), Stop> {
        let store = &self.engine.store;
        let Some(hook) = store.hook_of(self.deployment.id).await? else {
            return Ok(());
        };
        let others = store.hooks_superseded_beside(self.deployment.id).await?;
        for (name, target) in parts {
            let (Some(repository), Some(own)) = (self.repository(name)?, hook.ordered_head(target)) else {
                continue;
            };
            let heads: IndexSet<&str> = others.iter().filter_map(|other| other.ordered_head(target)).collect();
            let mut newest = target.clone();
            for head in heads {
                if let Some(newer) = self.if_newer(repository, name, &newest, head).await? {
                    newest = newer;
                }
            }
            if let (true, Some(sha)) = (newest != *target, &newest.sha) {
                let text = format!("{name}: {} came before {} and is newer", short(sha), short(own));
                self.journal.say_of(name, text).await;
                *target = newest;
            }
        }
        Ok(())
    }

    /// A commit, if it comes after what is to be deployed and is still on that branch.
    async fn if_newer(
        &self,
        repository: &str,
        name: &ServiceName,
        target: &Target,
        head: &str,
    ) -> std::result::Result<Option<Target>, Stop> {
        let older = target.sha.as_deref().unwrap_or_default();
        let is_newer = self.sources().is_ancestor(repository, older, head).await.map_err(|error| stop(name, error))?;
        if !is_newer {
            return Ok(None);
        }
        match self.sources().resolve(repository, &Target { sha: Some(head.to_owned()), ..target.clone() }).await {
            Ok(newer) => Ok(Some(newer)),
            Err(SourceError::NotOnBranch { .. }) => Ok(None),
            Err(error) => Err(stop(name, error)),
        }
    }
}
