//! What `continuous.deploy` wants of the webhooks of an app's repositories at GitHub: on, that they are sent for pushes and
//! deployments; off, for pushes alone.

use std::fmt;

use hookbelt_signature::Secret;
use url::Url;

use crate::domain::app::App;
use crate::domain::git_host::HostKind;
use crate::domain::git_host::change;
use crate::domain::git_host::hook::{GiveSecret, HookSecret, HostHook, InvalidHookSecret, WantedHook, usual_events};
use crate::domain::git_url::RepositoryKey;
use crate::domain::service::Source;
use crate::hosts::known::CannotAsk;
use crate::hosts::{AtGithub, Done, HostError, KnownHosts};

/// The event of a deployment.
const DEPLOYMENT: &str = "deployment";

/// What became of the webhook of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The repository: `github.com/acme/shop`.
    pub repository: String,
    /// What was done.
    pub done: WebhookDone,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookDone {
    /// It is as it is wanted now.
    On(Done),
    /// It is not sent for deployments any more.
    Off,
    /// It is sent for everything, and so for deployments too.
    Everything,
    /// Nothing, since there is no token.
    NoToken,
}

impl fmt::Display for Webhook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = &self.repository;
        match &self.done {
            WebhookDone::On(Done::Created) => write!(formatter, "a webhook was created at {at}"),
            WebhookDone::On(Done::Changed(changes)) => {
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                write!(formatter, "the webhook at {at} was changed: {}", changes.join(", "))
            }
            WebhookDone::On(Done::Unchanged) => write!(formatter, "the webhook at {at} is as it should be"),
            WebhookDone::Off => write!(formatter, "the webhook at {at} is not sent for deployments any more"),
            WebhookDone::Everything => {
                write!(formatter, "the webhook at {at} is sent for every event, and stays so; deployments are ignored")
            }
            WebhookDone::NoToken => write!(
                formatter,
                "no webhook was made at {at}, for which there is no token: there, have pushes and deployments sent to the URL \
                 that `hookbelt hooks url` prints"
            ),
        }
    }
}

/// What was done for all repositories of an app.
#[must_use]
pub fn told(webhooks: &[Webhook]) -> String {
    if webhooks.is_empty() {
        return "no webhook was made: no service has its source at a GitHub that is known here, so pushes deploy as they come"
            .to_owned();
    }
    webhooks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Why a webhook is not as it should be.
#[derive(Debug, thiserror::Error)]
#[error("the webhook at {repository} could not be changed")]
pub struct WebhookError {
    /// The repository.
    pub repository: String,
    /// Why.
    #[source]
    pub source: Cause,
}

/// Why a webhook could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// Its host cannot be asked.
    #[error(transparent)]
    CannotAsk(#[from] CannotAsk),
    /// The secret of the redeployment hook cannot be given to it.
    #[error("it cannot be given the secret of the redeployment hook")]
    Secret(#[from] InvalidHookSecret),
    /// Its host did not do it.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl KnownHosts {
    /// Sees to it that the app's repositories at GitHub have a webhook that posts to this URL, for pushes and deployments, and
    /// that it signs if there is a secret. Says what was done for each.
    ///
    /// # Errors
    /// When one cannot be had so; those before it are.
    pub async fn turn_on(&self, app: &App, url: &Url, secret: Option<&Secret>) -> Result<Vec<Webhook>, WebhookError> {
        let mut webhooks = Vec::new();
        for repository in self.repositories(app) {
            let done = self.turn_on_at(app, &repository, url, secret).await;
            let failed = |source| WebhookError { repository: repository.clone(), source };
            webhooks.push(Webhook { done: done.map_err(failed)?, repository });
        }
        Ok(webhooks)
    }

    /// Takes the event of deployments from the webhooks that post to this URL; the hooks stay. Says what was done for each
    /// repository that had one.
    ///
    /// # Errors
    /// When one cannot be had so; those before it are.
    pub async fn turn_off(&self, app: &App, url: &Url) -> Result<Vec<Webhook>, WebhookError> {
        let mut webhooks = Vec::new();
        for repository in self.repositories(app) {
            let done = self.turn_off_at(app, &repository, url).await;
            let done = done.map_err(|source| WebhookError { repository: repository.clone(), source })?;
            webhooks.extend(done.into_iter().map(|done| Webhook { repository: repository.clone(), done }));
        }
        Ok(webhooks)
    }

    /// The repositories of an app's services that are at a GitHub, each once.
    fn repositories(&self, app: &App) -> Vec<String> {
        let mut repositories: Vec<String> = Vec::new();
        for service in &app.services {
            let Source::Git(source) = &service.source else { continue };
            let key = source.repository.as_deref().and_then(RepositoryKey::of).map(|key| key.to_string());
            let new = key.filter(|key| !repositories.contains(key) && self.is_at_github(app, key));
            repositories.extend(new);
        }
        repositories
    }

    async fn turn_on_at(
        &self,
        app: &App,
        repository: &str,
        url: &Url,
        secret: Option<&Secret>,
    ) -> Result<WebhookDone, Cause> {
        let Some(AtGithub { host, repository }) = self.github(app, repository)? else {
            return Ok(WebhookDone::NoToken);
        };
        let hooks = host.hooks(&repository).await?;
        // One with modifiers is the app's too: beside it, another one would deploy every push twice.
        let own = of_app(&hooks, url).next().and_then(|hook| Url::parse(&hook.url).ok());
        let secret = secret.map(HookSecret::of).transpose()?;
        let want = WantedHook {
            url: own.unwrap_or_else(|| url.clone()),
            events: usual_events(HostKind::Github, true),
            secret: secret.map(|secret| (secret, GiveSecret::IfMissing)),
        };
        Ok(WebhookDone::On(host.ensure(&repository, &want).await?.done))
    }

    async fn turn_off_at(&self, app: &App, repository: &str, url: &Url) -> Result<Vec<WebhookDone>, Cause> {
        let Some(AtGithub { host, repository }) = self.github(app, repository)? else {
            return Ok(Vec::new());
        };
        let mut done = Vec::new();
        for hook in of_app(&host.hooks(&repository).await?, url) {
            let names_it = hook.events.iter().any(|event| event == DEPLOYMENT);
            if names_it {
                host.send(&change::without_events(&repository, hook, &[DEPLOYMENT])).await?;
                done.push(WebhookDone::Off);
            } else if hook.sends(DEPLOYMENT) {
                done.push(WebhookDone::Everything);
            }
        }
        Ok(done)
    }
}

/// The webhooks that post to an app's redeployment hook at this server, those with exactly its URL first.
fn of_app<'a>(hooks: &'a [HostHook], url: &'a Url) -> impl Iterator<Item = &'a HostHook> {
    let is_here = |hook: &&HostHook| {
        hook.has_secrets_of(url) && Url::parse(&hook.url).is_ok_and(|own| own.origin() == url.origin())
    };
    let with_modifiers = hooks.iter().filter(move |hook| is_here(hook) && !hook.posts_to(url));
    hooks.iter().filter(|hook| hook.posts_to(url)).chain(with_modifiers)
}
