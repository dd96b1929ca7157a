//! Of pushes that wait the last to come takes the place of the others, though it may be the oldest: hosts promise no order.

use indexmap::IndexSet;

use crate::domain::deployment::Target;
use crate::domain::git_ref::short;
use crate::domain::queue::Hook;
use crate::domain::service::ServiceName;
use crate::engine::resolve::{is_pushed, stop};
use crate::engine::runner::{Part, Run, Stop};
use crate::engine::source::SourceError;

impl Run<'_> {
    /// The commit that is meant. Of a push whose commit the branch no longer has it is that of a push whose place it took, if
    /// the branch has one.
    pub(super) async fn commit_of(
        &self,
        repository: &str,
        name: &ServiceName,
        target: &Target,
    ) -> std::result::Result<Target, Stop> {
        let gone = match self.sources().resolve(repository, target).await {
            Err(gone) if is_pushed(target) && is_gone(&gone) => gone,
            resolved => return resolved.map_err(|error| stop(name, error)),
        };
        let others = self.engine.store.hooks_superseded_beside(self.deployment.id).await?;
        for head in heads(&others, target) {
            if let Some(there) = self.on_branch(repository, name, target, head).await? {
                let text = format!("{name}: {gone}: {}, whose place it took, is deployed", short(head));
                self.journal.say_of(name, text).await;
                return Ok(there);
            }
        }
        Err(stop(name, gone))
    }

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
            let mut newest = target.clone();
            for head in heads(&others, target) {
                let older = newest.sha.as_deref().unwrap_or_default();
                let is_newer = self.sources().is_ancestor(repository, older, head).await;
                if is_newer.map_err(|error| stop(name, error))?
                    && let Some(newer) = self.on_branch(repository, name, target, head).await?
                {
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

    /// The same target at another commit, if the branch has that.
    async fn on_branch(
        &self,
        repository: &str,
        name: &ServiceName,
        target: &Target,
        head: &str,
    ) -> std::result::Result<Option<Target>, Stop> {
        match self.sources().resolve(repository, &Target { sha: Some(head.to_owned()), ..target.clone() }).await {
            Ok(there) => Ok(Some(there)),
            Err(error) if is_gone(&error) => Ok(None),
            Err(error) => Err(stop(name, error)),
        }
    }
}

/// The heads that hooks pushed to a service's branch, each once.
fn heads<'a>(hooks: &'a [Hook], target: &Target) -> IndexSet<&'a str> {
    hooks.iter().filter_map(|hook| hook.ordered_head(target)).collect()
}

/// Whether a commit is not there, or no longer on its branch.
fn is_gone(error: &SourceError) -> bool {
    matches!(error, SourceError::NotOnBranch { .. } | SourceError::NoSuchRef { .. })
}
