//! Requests as the known clients of API v3 send them, and lists page by page.

use std::sync::{Mutex, PoisonError};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::timeout;
use url::{Url, form_urlencoded};

use crate::backends::api_v3::answer::{Document, Who};
use crate::backends::error::RemoteError;
use crate::backends::{Access, BackendError, Result};
use crate::config::user_file::Limits;
use crate::domain::profile::BackendKind;
use crate::engine::new_uid;
use crate::http::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use crate::http::{Call, Flow, HttpError, Method, Reply};

/// What stands in a path as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// By which Cloud 66 says what it would like to be known.
const WARNING: &str = "x-cloud66-warning";

/// How many of a list our own server gives at a time.
const PER_PAGE: (&str, &str) = ("per_page", "100");

/// The most pages of a list that are asked for: an API that has no last page is broken.
const MOST_PAGES: u64 = 10_000;

/// An API v3, and how it is talked to.
#[derive(Debug)]
pub(super) struct Api {
    access: Access,
    who: Who,
    /// The warnings that were shown already.
    warned: Mutex<Vec<String>>,
}

/// A query, as names and values.
pub(super) type Pairs<'a> = &'a [(&'a str, &'a str)];

impl Api {
    pub(super) fn new(access: Access) -> Result<Self> {
        let profile = &access.profile;
        let who = Who {
            api: format!("profile {} ({})", profile.name, profile.address.host()),
            profile: profile.name.clone(),
        };
        if profile.token.is_none() {
            return Err(RemoteError::NoToken { api: who.api, profile: who.profile }.into());
        }
        Ok(Self { access, who, warned: Mutex::default() })
    }

    pub(super) fn kind(&self) -> BackendKind {
        self.access.profile.kind
    }

    pub(super) fn who(&self) -> &Who {
        &self.who
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.access.limits
    }

    /// Says something that the person should know and that ends nothing.
    pub(super) fn note(&self, text: &str) {
        self.access.output.note(&format!("note: {text}"));
    }

    /// One thing.
    pub(super) async fn get(&self, path: &str, query: Pairs<'_>) -> Result<Value> {
        Ok(self.send(Method::GET, path, query, None).await?.response)
    }

    /// A page of a list, with what it says about the others.
    pub(super) async fn page(&self, path: &str, number: u64, query: Pairs<'_>) -> Result<(Vec<Value>, Document)> {
        let number = number.to_string();
        let mut pairs = vec![("page", number.as_str())];
        if self.kind() == BackendKind::Server && query.iter().all(|(name, _)| *name != PER_PAGE.0) {
            pairs.push(PER_PAGE);
        }
        pairs.extend(query);
        let document = self.send(Method::GET, path, &pairs, None).await?;
        let about = Document { response: Value::Null, ..document };
        Ok((self.who.items(document)?, about))
    }

    /// All of a list.
    pub(super) async fn list(&self, path: &str, query: Pairs<'_>) -> Result<Vec<Value>> {
        let (mut all, mut about) = self.page(path, 1, query).await?;
        while let Some(next) = about.next {
            if next > MOST_PAGES {
                return Err(self.who.not_understood(&format!("its list has more than {MOST_PAGES} pages")).into());
            }
            let items;
            (items, about) = self.page(path, next, query).await?;
            all.extend(items);
        }
        Ok(all)
    }

    /// Sends something.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        query: Pairs<'_>,
        body: Option<&Value>,
    ) -> Result<Document> {
        let mut call = self.call(method, &format!("{path}.json"), query)?;
        if let Some(body) = body {
            call = call.json(body);
        }
        let reply = self.access.client.call(&call).await.map_err(RemoteError::from)?;
        self.warn(&reply);
        Ok(self.who.understand(&reply)?)
    }

    /// An answer that comes piece by piece, for as long as it may; none where there is nothing to come.
    pub(super) async fn flow(&self, path: &str, query: Pairs<'_>, last: Option<u64>) -> Result<Option<Flow>> {
        let mut call = self.call(Method::GET, path, query)?;
        call.headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Some(last) = last {
            call.headers.insert(HeaderName::from_static("last-event-id"), last.into());
        }
        let limit = self.limits().request;
        let flow = timeout(limit, self.access.client.flow(&call)).await;
        let late = |_| HttpError::TooSlow { host: self.access.profile.address.host() };
        let mut flow = flow.map_err(late).map_err(RemoteError::from)?.map_err(RemoteError::from)?;
        match flow.status {
            200 => Ok(Some(flow)),
            204 => Ok(None),
            status => {
                let body = flow.piece().await.map_err(RemoteError::from)?.unwrap_or_default();
                let reply = Reply { status, headers: flow.headers.clone(), body };
                let refused = self.who.understand(&reply).err();
                Err(refused.unwrap_or_else(|| self.who.not_understood("it is no stream of events")).into())
            }
        }
    }

    fn call(&self, method: Method, path: &str, query: Pairs<'_>) -> Result<Call> {
        let mut call = Call::new(method, self.url(path, query));
        call.headers = self.headers()?;
        Ok(call)
    }

    fn url(&self, path: &str, query: Pairs<'_>) -> Url {
        let profile = &self.access.profile;
        if query.is_empty() {
            return profile.address.join(profile.kind, path);
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        profile.address.join(profile.kind, &format!("{path}?{query}"))
    }

    fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        let text = |text: String| HeaderValue::from_str(&text).map_err(|_| self.no_token());
        let token = self.access.profile.token.as_ref().ok_or_else(|| self.no_token())?;
        let mut token = text(format!("Bearer {}", token.expose()))?;
        token.set_sensitive(true);
        headers.insert(AUTHORIZATION, token);
        headers.insert(HeaderName::from_static("request-id"), text(uuid(&new_uid()?))?);
        if let Some(account) = self.access.profile.account {
            headers.insert(HeaderName::from_static("x-account"), account.into());
        }
        Ok(headers)
    }

    fn no_token(&self) -> BackendError {
        RemoteError::NoToken { api: self.who.api.clone(), profile: self.who.profile.clone() }.into()
    }

    /// Shows what the API would like to be known, once.
    fn warn(&self, reply: &Reply) {
        let warning = reply.headers.get(WARNING).map(|warning| String::from_utf8_lossy(warning.as_bytes()));
        let Some(warning) = warning.filter(|warning| reply.is_success() && !warning.trim().is_empty()) else {
            return;
        };
        let (warning, mut warned) = (warning.trim(), self.warned.lock().unwrap_or_else(PoisonError::into_inner));
        if warned.iter().all(|known| known != warning) {
            self.note(warning);
            warned.push(warning.to_owned());
        }
    }
}

/// A name as a part of a path.
pub(super) fn escaped(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}

/// 32 random digits as a random UUID.
fn uuid(digits: &str) -> String {
    let part = |from, to| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
