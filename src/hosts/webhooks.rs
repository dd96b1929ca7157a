//! The webhooks of a repository: listed, made as they are wanted, removed; and what GitHub delivered.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::git_host::change::{self, Change, Plan};
use crate::domain::git_host::delivery::{self, Delivery};
use crate::domain::git_host::hook::{HostHook, SecretThere, WantedHook};
use crate::domain::git_host::{Facts, HostKind, HostRequest, RepositoryPath};
use crate::hosts::{Host, HostError, Result};
use crate::http::Reply;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// There was no such hook.
    Created,
    /// These were different.
    Changed(Vec<Change>),
    /// Nothing was, and nothing was sent.
    Unchanged,
}

/// The hook that a repository has now.
#[derive(Debug, Clone, PartialEq)]
pub struct Ensured {
    /// The hook.
    pub hook: HostHook,
    /// What was done.
    pub done: Done,
    /// Other hooks that post to the same redeployment hook.
    pub others: Vec<HostHook>,
}

impl Host {
    /// All webhooks of a repository.
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn hooks(&self, repository: &RepositoryPath) -> Result<Vec<HostHook>> {
        let items = self.list(&change::list(self.kind(), repository)).await?;
        Ok(items.iter().filter_map(|item| HostHook::read(self.kind(), item)).collect())
    }

    /// Makes sure that a repository has the wanted hook.
    ///
    /// # Errors
    /// When the host refuses.
    pub async fn ensure(&self, repository: &RepositoryPath, want: &WantedHook) -> Result<Ensured> {
        let plan = Plan::of(self.kind(), repository, &self.hooks(repository).await?, want);
        match self.carry_out(plan, want).await {
            // Somebody else has made it meanwhile, or the list was an old one.
            Err(error) if error.is_there_already() => {
                let plan = Plan::of(self.kind(), repository, &self.hooks(repository).await?, want);
                if plan.hook.is_none() { Err(error) } else { self.carry_out(plan, want).await }
            }
            came => came,
        }
    }

    async fn carry_out(&self, plan: Plan, want: &WantedHook) -> Result<Ensured> {
        let done = match (&plan.hook, plan.changes.is_empty()) {
            (None, _) => Done::Created,
            (Some(_), true) => Done::Unchanged,
            (Some(_), false) => Done::Changed(plan.changes),
        };
        let sent = self.send_all(&plan.requests).await?;
        let hook = sent.or(plan.hook).ok_or_else(|| self.not_understood("it tells of no hook"))?;
        self.signs_as_wanted(&hook, want)?;
        Ok(Ensured { hook, done, others: plan.others })
    }

    /// Sends requests in their order; says the hook that an answer told of, as it is now.
    ///
    /// # Errors
    /// When the host refuses one; those after it are not sent.
    pub async fn send_all(&self, requests: &[HostRequest]) -> Result<Option<HostHook>> {
        let mut hook = None;
        for request in requests {
            let reply = self.send(request).await?;
            // The answer to a change of the configuration alone tells of no hook.
            hook = self.hook_in(&reply).or(hook);
        }
        Ok(hook)
    }

    fn hook_in(&self, reply: &Reply) -> Option<HostHook> {
        let document: Value = serde_json::from_slice(&reply.body).ok()?;
        HostHook::read(self.kind(), &document)
    }

    /// GitLab before 19.0 takes a signing token, and does not sign.
    fn signs_as_wanted(&self, hook: &HostHook, want: &WantedHook) -> Result<()> {
        let is_wanted = want.secret.as_ref().is_some_and(|(secret, _)| secret.is_signing_token());
        if self.kind() != HostKind::Gitlab || !is_wanted || hook.secret == SecretThere::Signs {
            return Ok(());
        }
        Err(self.not_understood(
            "it took the signing token and does not sign, as GitLab before 19.0 does; use a secret that does not begin \
             with whsec_",
        ))
    }

    /// Removes a hook.
    ///
    /// # Errors
    /// When the host refuses.
    pub async fn remove(&self, repository: &RepositoryPath, hook: &HostHook) -> Result<()> {
        self.send(&change::remove(self.kind(), repository, hook)).await.map(drop)
    }

    /// Has the host send a ping; GitLab and Gitea, which have none, send a test push.
    ///
    /// # Errors
    /// When the host refuses.
    pub async fn ping(&self, repository: &RepositoryPath, hook: &HostHook) -> Result<()> {
        let rest = match self.kind() {
            HostKind::Github => "pings",
            HostKind::Gitlab => "test/push_events",
            HostKind::Gitea | HostKind::Forgejo | HostKind::Bitbucket => "tests",
        };
        let path = repository.api(self.kind(), &format!("/hooks/{}/{rest}", hook.id_in_path()));
        self.send(&HostRequest::new("POST", path)).await.map(drop)
    }

    /// What GitHub delivered to a hook since then, newest first.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn deliveries(
        &self,
        repository: &RepositoryPath,
        hook: &HostHook,
        since: Timestamp,
    ) -> Result<Vec<Delivery>> {
        let is_newer = |item: &Value| Delivery::read(item).is_none_or(|delivery| delivery.delivered_at >= since);
        let items = self.list_while(&delivery::list(repository, &hook.id_in_path()), is_newer).await?;
        let deliveries = items.iter().filter_map(Delivery::read);
        Ok(deliveries.filter(|delivery| delivery.delivered_at >= since).collect())
    }

    /// The newest of what GitHub delivered to a hook, newest first.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn newest_deliveries(&self, repository: &RepositoryPath, hook: &HostHook) -> Result<Vec<Delivery>> {
        let items = self.list_while(&delivery::list(repository, &hook.id_in_path()), |_| false).await?;
        Ok(items.iter().filter_map(Delivery::read).collect())
    }

    /// Has GitHub make a delivery again.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn deliver_again(&self, repository: &RepositoryPath, hook: &HostHook, delivery: &Delivery) -> Result<()> {
        self.send(&delivery::again(repository, &hook.id_in_path(), delivery.id)).await.map(drop)
    }

    /// What GitHub says of a repository. Other hosts are not asked.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn facts(&self, repository: &RepositoryPath) -> Result<Facts> {
        if self.kind() != HostKind::Github {
            return Ok(Facts::default());
        }
        let request = HostRequest::new("GET", repository.api(HostKind::Github, ""));
        let reply = match self.send(&request).await {
            // What was renamed is found under its old name, by a redirect within the API.
            Err(HostError::Moved { to: Some(to), .. }) => self.ask(&request, self.of_this_host(&to)?).await?,
            came => came?,
        };
        let document = self.document(&reply)?;
        let name = document["full_name"].as_str().filter(|name| !name.eq_ignore_ascii_case(&repository.to_string()));
        Ok(Facts { renamed: name.map(str::to_owned), is_archived: document["archived"] == true })
    }
}
