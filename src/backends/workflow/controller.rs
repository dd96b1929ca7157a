//! Requests to a controller, as its own client sends them: the same paths, the same headers, lists page by page.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::backends::Access;
use crate::backends::error::RemoteError;
use crate::backends::workflow::answer::{Asked, is_page, kind, refusal};
use crate::backends::workflow::documents::Page;
use crate::domain::profile::BackendKind;
use crate::domain::workflow_version::{OURS, understands_us};
use crate::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use crate::http::{Call, Method, Reply};

/// How many are on the first page of a list: as many as its own client asks for.
const FIRST_PAGE: usize = 100;

/// How many are on each further one, if the controller gives so many.
const FURTHER_PAGE: usize = 1_000;

/// A list of more pages than this has no end.
const MOST_PAGES: usize = 10_000;

/// A controller, and how it knows us.
#[derive(Debug)]
pub(super) struct Controller {
    pub(super) access: Access,
    /// What it is called in messages.
    pub(super) api: String,
    has_told_version: AtomicBool,
}

/// Whether a list was read far enough.
pub(super) type IsEnough<'a, T> = &'a (dyn Fn(&[T]) -> bool + Sync);

impl Controller {
    pub(super) fn new(access: Access) -> Self {
        let api = format!("profile {} ({})", access.profile.name, access.profile.address.host());
        Self { access, api, has_told_version: AtomicBool::new(false) }
    }

    /// A request that carries the token.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<Call, RemoteError> {
        let profile = &self.access.profile;
        let no_token = || RemoteError::NoToken { api: self.api.clone(), profile: profile.name.clone() };
        let token = profile.token.as_ref().ok_or_else(no_token)?;
        // A token has nothing that a header may not have.
        let mut token = HeaderValue::try_from(format!("token {}", token.expose())).map_err(|_| no_token())?;
        token.set_sensitive(true);
        let mut call = self.open_request(method, path);
        call.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        call.headers.insert(AUTHORIZATION, token);
        Ok(call)
    }

    /// A request of anybody.
    pub(super) fn open_request(&self, method: Method, path: &str) -> Call {
        Call::new(method, self.access.profile.address.join(BackendKind::Workflow, path))
    }

    /// Sends a request; any status is an answer.
    pub(super) async fn send(&self, call: &Call) -> Result<Reply, RemoteError> {
        let reply = self.access.client.call(call).await?;
        if reply.is_success() && !is_page(&reply) {
            self.look_at_version(&reply);
        }
        Ok(reply)
    }

    /// What a GET answers.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RemoteError> {
        let call = self.request(Method::GET, path)?;
        let reply = self.send(&call).await?;
        self.read(&call, &reply)
    }

    /// The document that an answer is.
    pub(super) fn read<T: DeserializeOwned>(&self, call: &Call, reply: &Reply) -> Result<T, RemoteError> {
        if !reply.is_success() {
            return Err(self.refusal(call, reply));
        }
        serde_json::from_slice(&reply.body)
            .map_err(|_| self.not_understood(format!("{} is {}", call.url.path(), kind(reply))))
    }

    /// What an answer without success says.
    pub(super) fn refusal(&self, call: &Call, reply: &Reply) -> RemoteError {
        refusal(Asked { api: &self.api, profile: &self.access.profile.name, url: &call.url }, reply)
    }

    pub(super) fn not_understood(&self, what: String) -> RemoteError {
        RemoteError::NotUnderstood { api: self.api.clone(), what }
    }

    /// A list, from its beginning until it is enough.
    pub(super) async fn list<T>(&self, path: &str, is_enough: IsEnough<'_, T>) -> Result<Vec<T>, RemoteError>
    where
        T: DeserializeOwned + Send,
    {
        let mut all = Vec::new();
        let mut target = format!("{path}?limit={FIRST_PAGE}");
        for _ in 0..MOST_PAGES {
            let page: Page<T> = self.get(&target).await?;
            let is_last = page.results.is_empty() || page.next.is_none();
            all.extend(page.results);
            if is_last || is_enough(&all) {
                return Ok(all);
            }
            // Not `next` itself: it may lead where no token goes.
            target = format!("{path}?limit={FURTHER_PAGE}&offset={}", all.len());
        }
        Err(self.not_understood(format!("the list {path} has no end")))
    }

    /// Says once if the controller may not understand us.
    fn look_at_version(&self, reply: &Reply) {
        let text = |name: &str| reply.headers.get(name)?.to_str().ok().map(str::to_owned);
        let theirs = text("deis_api_version");
        if understands_us(theirs.as_deref()) || self.has_told_version.swap(true, Ordering::Relaxed) {
            return;
        }
        let api = &self.api;
        self.access.output.note(&match theirs {
            Some(theirs) => {
                format!("note: {api} speaks version {theirs} of its API, hookbelt {OURS}: some of this may not work")
            }
            None => format!("note: {api} does not say which version of its API it speaks; hookbelt speaks {OURS}"),
        });
    }

    /// A POST of this document.
    pub(super) fn post(&self, path: &str, document: &Value) -> Result<Call, RemoteError> {
        Ok(self.request(Method::POST, path)?.json(document))
    }
}
