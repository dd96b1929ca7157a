//! The APIs of Git hosts: webhooks, their deliveries, and what else is asked of a host.
//!
//! What is sent is decided by `domain::git_host`. Here it is sent: with the token of that host alone, waiting where the host
//! says so, and with what its answer means.

mod answer;
mod continuous;
mod deployments;
mod known;
mod pages;
pub mod token;
mod waiting;
mod webhooks;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::time::sleep;
use url::Url;

pub use crate::hosts::answer::HostError;
pub use crate::hosts::continuous::{Cause, Webhook, WebhookError, told};
pub use crate::hosts::known::{AtGithub, CannotAsk, KnownHosts};
pub use crate::hosts::token::{Credentials, TokenError};
pub use crate::hosts::webhooks::{Done, Ensured};

use crate::domain::git_host::{HostKind, HostRequest, Place};
use crate::hosts::waiting::told_to_wait;
use crate::http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use crate::http::{Call, Client, HttpError, Method, Reply};

/// The version of GitHub's API that is meant.
const GITHUB_VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");

/// A Git host's API.
#[derive(Debug)]
pub struct Host {
    client: Client,
    place: Place,
    credentials: Option<Credentials>,
    /// The longest that a request waits because the host says so.
    patience: Duration,
}

type Result<T> = std::result::Result<T, HostError>;

impl Host {
    /// A host that is asked with this token.
    #[must_use]
    pub fn new(client: Client, place: Place, credentials: Option<Credentials>, patience: Duration) -> Self {
        Self { client, place, credentials, patience }
    }

    /// Where it is, and what.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The host's kind.
    #[must_use]
    pub fn kind(&self) -> HostKind {
        self.place.kind
    }

    /// Sends a request; any answer but a good one is an error. Where the host says that it is asked too often, it is asked
    /// again when it said, if that is soon.
    ///
    /// # Errors
    /// When no answer came, or none that does what was asked.
    pub async fn send(&self, request: &HostRequest) -> Result<Reply> {
        self.ask(request, self.place.url(&request.path)).await
    }

    async fn ask(&self, request: &HostRequest, url: Url) -> Result<Reply> {
        let call = self.call(request, url)?;
        let mut waited = Duration::ZERO;
        loop {
            let reply = self.client.call(&call).await?;
            let Some(wait) = told_to_wait(&reply, jiff::Timestamp::now()) else {
                return self.understand(request, reply);
            };
            if waited + wait > self.patience {
                return Err(HostError::Throttled { host: self.place.host.clone(), wait });
            }
            // Even a host that names no pause is not asked for ever.
            let wait = wait.max(Duration::from_millis(100));
            waited += wait;
            sleep(wait).await;
        }
    }

    fn call(&self, request: &HostRequest, url: Url) -> Result<Call> {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET);
        let mut call = Call { headers: self.headers()?, ..Call::new(method, url) };
        if let Some(body) = &request.body {
            call = call.json(body);
        }
        Ok(call)
    }

    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        if self.kind() == HostKind::Github {
            headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
            let (name, version) = GITHUB_VERSION;
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(version));
        }
        if let Some(credentials) = &self.credentials {
            let text = match (self.kind(), credentials) {
                (_, Credentials { user: Some(user), token }) => {
                    format!("Basic {}", STANDARD.encode(format!("{user}:{}", token.expose())))
                }
                (HostKind::Gitea | HostKind::Forgejo, Credentials { token, .. }) => format!("token {}", token.expose()),
                (_, Credentials { token, .. }) => format!("Bearer {}", token.expose()),
            };
            let mut value = HeaderValue::try_from(text).map_err(|_| HttpError::NotAsItCame)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }
}
