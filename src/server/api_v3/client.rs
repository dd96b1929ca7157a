//! Who asks, and about which stack: what nearly every route begins with.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::domain::deployment::Deployment;
use crate::domain::token::Scope;
use crate::engine::Job;
use crate::server::Site;
use crate::server::api_v3::reply::Failure;
use crate::server::auth::{Caller, Keyword};
use crate::store::Store;

/// Somebody with a token.
pub(super) struct Client {
    pub(super) site: Arc<Site>,
    pub(super) caller: Caller,
}

/// The app that a path names, and who asks about it.
pub(super) struct Stack {
    pub(super) client: Client,
    pub(super) job: Arc<Job>,
}

impl Client {
    /// Refuses who may not do this.
    pub(super) fn must(&self, scope: Scope) -> Result<(), Failure> {
        if self.caller.scopes.allow(scope) { Ok(()) } else { Err(Failure::forbidden(scope)) }
    }

    /// Takes nothing new while the server is stopped: it could not be begun any more.
    pub(super) fn takes_work(&self) -> Result<(), Failure> {
        if self.site.is_stopping() { Err(Failure::stopping()) } else { Ok(()) }
    }

    /// A deployment of any app that is served here.
    pub(super) async fn deployment(&self, id: u64) -> Result<Option<(Arc<Job>, Deployment)>, Failure> {
        let Some(deployment) = self.site.store.deployment(id).await? else {
            return Ok(None);
        };
        let job = self.site.jobs().into_iter().find(|job| job.record.identity == deployment.app);
        Ok(job.map(|job| (job, deployment)))
    }
}

impl Stack {
    pub(super) fn store(&self) -> &Store {
        &self.client.site.store
    }

    /// The app's key in the store.
    pub(super) fn uid(&self) -> &str {
        &self.job.record.uid
    }

    /// The deployment of this app that a path names.
    pub(super) async fn deployment(&self, id: &str) -> Result<Deployment, Failure> {
        let found = match number(id) {
            Some(id) => self.store().deployment(id).await?,
            None => None,
        };
        let found = found.filter(|deployment| deployment.app == self.job.record.identity);
        found.ok_or_else(|| self.lacks("deployment", id))
    }

    /// There is no such thing of this app.
    pub(super) fn lacks(&self, what: &str, name: &str) -> Failure {
        Failure::not_found(format!("{} has no {what} `{name}`", self.job.record.identity))
    }
}

/// The number that a path names; what the store cannot hold is none.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| i64::try_from(*number).is_ok())
}

impl FromRequestParts<Arc<Site>> for Client {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        let caller = site.caller(&parts.headers, Keyword::Bearer).await?;
        Ok(Self { site: site.clone(), caller: caller.ok_or_else(Failure::unauthenticated)? })
    }
}

impl FromRequestParts<Arc<Site>> for Stack {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Failure> {
        let client = Client::from_request_parts(parts, site).await?;
        let named = Path::<HashMap<String, String>>::from_request_parts(parts, site).await;
        let uid = named.map(|Path(mut named)| named.remove("uid").unwrap_or_default()).unwrap_or_default();
        let job = site.job(&uid).ok_or_else(|| Failure::not_found(format!("there is no stack `{uid}`")))?;
        Ok(Self { client, job })
    }
}
