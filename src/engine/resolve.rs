//! From refs to shas, before anything is run.

use crate::domain::causes::with_causes;
use crate::domain::deployment::Target;
use crate::domain::git_ref::{is_full_sha, short};
use crate::domain::git_url::without_credentials;
use crate::domain::service::{Checkout, ServiceName, Source};
use crate::engine::runner::{Part, Run, Stop, failed};
use crate::engine::source::{Head, SourceError};

impl Run<'_> {
    /// Turns refs into shas; each repository is fetched at most once, so that services of one repository are of one moment.
    pub(super) async fn resolve(&self, parts: &mut [Part]) -> std::result::Result<(), Stop> {
        let mut fetched = Vec::new();
        for at in 0..parts.len() {
            let (name, target) = &parts[at];
            let Some(repository) = self.repository(name)? else {
                continue;
            };
            if !fetched.contains(&repository) && !self.is_here(repository, target).await {
                self.journal.say_of(name, format!("{name}: fetching {}", without_credentials(repository))).await;
                let head = if self.needs_head(repository, parts) { Head::Wanted } else { Head::NotWanted };
                self.sources().fetch(repository, head).await.map_err(|error| stop(name, error))?;
                fetched.push(repository);
            }
            let resolved = self.commit_of(repository, name, target).await?;
            let sha = short(resolved.sha.as_deref().unwrap_or_default());
            let text = if is_pushed(target) {
                format!("{name}: {sha} was pushed")
            } else {
                let asked = resolved.reference.as_deref().or(resolved.branch.as_deref()).unwrap_or("HEAD");
                format!("{name}: {asked} is {sha}")
            };
            self.journal.say_of(name, text).await;
            parts[at].1 = resolved;
        }
        Ok(())
    }

    /// Whether a commit that is named by its whole sha is in the mirror: to go back to it the Git host need not answer.
    async fn is_here(&self, repository: &str, target: &Target) -> bool {
        match target.reference.as_deref() {
            Some(sha) if is_full_sha(sha) => self.sources().has(repository, sha).await,
            _ => false,
        }
    }

    /// The repository of a service whose commands run in a checkout.
    pub(super) fn repository(&self, name: &ServiceName) -> std::result::Result<Option<&str>, Stop> {
        Ok(match &self.service(name)?.source {
            Source::Git(source) if source.checkout != Checkout::None => source.repository.as_deref(),
            _ => None,
        })
    }

    /// Whether any of the services of a repository follows its `HEAD`.
    fn needs_head(&self, repository: &str, parts: &[Part]) -> bool {
        let of_repository =
            |name: &ServiceName| matches!(self.repository(name), Ok(Some(other)) if other == repository);
        let follows_head = |target: &Target| target.reference.is_none() && target.branch.is_none();
        let asks_for_head = |target: &Target| target.reference.as_deref() == Some("HEAD");
        parts.iter().any(|(name, target)| (follows_head(target) || asks_for_head(target)) && of_repository(name))
    }
}

/// Whether a target that is not resolved yet is a pushed commit.
pub(super) fn is_pushed(target: &Target) -> bool {
    target.reference.is_none() && target.sha.is_some()
}

pub(super) fn stop(name: &ServiceName, error: SourceError) -> Stop {
    match error {
        SourceError::Canceled => Stop::Canceled,
        SourceError::Start { source } => match source.downcast() {
            Ok(store) => Stop::Store(store),
            Err(source) => failed(name, with_causes(&SourceError::Start { source })),
        },
        error => failed(name, with_causes(&error)),
    }
}
