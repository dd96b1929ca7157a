//! What handlers ask of a request: whose it is, and which app it is about.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::domain::token::Scope;
use crate::domain::workflow_id::{is_workflow_id, workflow_id};
use crate::engine::Job;
use crate::server::Site;
use crate::server::auth::{Caller, Keyword, presented};
use crate::server::workflow_v2::reply::Reply;

/// Who sent a request.
#[derive(Debug)]
pub(super) struct Signed(pub(super) Caller);

impl Signed {
    /// Refuses those who may not do this.
    pub(super) fn may(&self, scope: Scope) -> Result<(), Reply> {
        if self.0.scopes.allow(scope) { Ok(()) } else { Err(Reply::Forbidden) }
    }
}

impl FromRequestParts<Arc<Site>> for Signed {
    type Rejection = Reply;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Reply> {
        let token = presented(&parts.headers, Keyword::Token).ok_or(Reply::NoToken)?;
        site.caller_of(token).await?.map(Self).ok_or(Reply::UnknownToken)
    }
}

/// A request about an app, and who sent it.
#[derive(Debug)]
pub(super) struct AboutApp {
    /// Who.
    pub(super) caller: Signed,
    /// The app.
    pub(super) job: Arc<Job>,
    /// Its id here.
    pub(super) id: String,
    /// The release in the path, if there is one: `v` and digits.
    pub(super) version: Option<u64>,
}

impl FromRequestParts<Arc<Site>> for AboutApp {
    type Rejection = Reply;

    /// What can be no id is no route; only then is asked who asks, and only then looked for the app.
    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Reply> {
        let no_such_page = || Reply::NoSuchPage(parts.uri.path().to_owned());
        let named = RawPathParams::from_request_parts(&mut parts.clone(), site).await.map_err(|_| no_such_page())?;
        let of = |name: &str| named.iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned());
        let id = of("app").filter(|id| is_workflow_id(id)).ok_or_else(no_such_page)?;
        let version = match of("version") {
            Some(text) => Some(version(&text).ok_or_else(no_such_page)?),
            None => None,
        };
        let caller = Signed::from_request_parts(parts, site).await?;
        let job = site.jobs().into_iter().find(|job| workflow_id(&job.app.identity) == id);
        Ok(Self { caller, job: job.ok_or(Reply::NotFound("App"))?, id, version })
    }
}

/// `v3` is 3; a number too large for any release is still one.
fn version(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('v')?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn a_version_is_a_v_and_digits() {
        let cases = [("v3", Some(3)), ("v0", Some(0)), ("v03", Some(3)), ("v99999999999999999999", Some(u64::MAX))];
        for (text, number) in cases {
            assert_eq!(version(text), number, "{text}");
        }
        for text in ["", "v", "3", "V3", "v-1", "v1.0", "latest"] {
            assert_eq!(version(text), None, "{text}");
        }
    }
}
