//! What a person is told of each request who asked for it: a line, and with `-vv` the headers, secrets masked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::{Position, Url};

use crate::domain::duration;

/// Headers that carry secrets.
const SECRET: [&str; 8] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-gitlab-token",
    "x-hub-signature",
    "x-hub-signature-256",
    "x-cxtoken",
];

/// How much is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// A line for each request.
    Requests,
    /// Its headers and those of its answer too.
    Headers,
}

/// Tells of requests.
#[derive(Clone)]
pub struct Trace {
    /// How much.
    pub detail: Detail,
    /// Where to.
    pub say: Arc<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Trace({:?})", self.detail)
    }
}

impl Trace {
    pub(super) fn sent(&self, method: &Method, url: &Url, headers: &HeaderMap) {
        if self.detail >= Detail::Headers {
            (self.say)(&format!("> {method} {}", shown(url)));
            self.headers('>', headers);
        }
    }

    pub(super) fn answered(&self, method: &Method, url: &Url, status: u16, headers: &HeaderMap, took: Duration) {
        (self.say)(&format!("{method} {}: {status} ({})", shown(url), duration::show(took)));
        if self.detail >= Detail::Headers {
            self.headers('<', headers);
        }
    }

    pub(super) fn failed(&self, method: &Method, url: &Url, why: &str) {
        (self.say)(&format!("{method} {}: {why}", shown(url)));
    }

    fn headers(&self, way: char, headers: &HeaderMap) {
        for (name, value) in headers {
            (self.say)(&format!("{way} {name}: {}", masked(name, value)));
        }
    }
}

fn masked(name: &HeaderName, value: &HeaderValue) -> String {
    if name == "location" {
        // What is behind the host may be as secret as what was asked for.
        let url = value.to_str().ok().and_then(|text| Url::parse(text).ok());
        return url.map_or_else(|| "***".to_owned(), |url| format!("{}/***", url.origin().ascii_serialization()));
    }
    if !value.is_sensitive() && !SECRET.contains(&name.as_str()) {
        return String::from_utf8_lossy(value.as_bytes()).into_owned();
    }
    // The word before a token says of which kind it is.
    match value.to_str().unwrap_or_default().split_once(' ') {
        Some((word, _)) if name == "authorization" => format!("{word} ***"),
        _ => "***".to_owned(),
    }
}

/// A URL as it may be shown: without user and password, and without the secrets of a redeployment hook.
pub(super) fn shown(url: &Url) -> String {
    let origin = &url[Position::BeforeHost..Position::AfterPort];
    let path = match url.path().split_once("/stacks/redeploy/") {
        Some((before, _)) => format!("{before}/stacks/redeploy/***"),
        None => url.path().to_owned(),
    };
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}://{origin}{path}{query}", url.scheme())
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};
    use url::Url;

    use super::{masked, shown};

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        for (url, text) in [
            ("https://h:8443/api/3/stacks.json?page=1", "https://h:8443/api/3/stacks.json?page=1"),
            ("https://u:p@h/x", "https://h/x"),
            ("https://h/stacks/redeploy/aa/bb?services=web", "https://h/stacks/redeploy/***?services=web"),
        ] {
            assert_eq!(shown(&Url::parse(url).unwrap()), text);
        }
    }

    #[test]
    fn a_header_with_a_secret_is_masked() {
        for (name, value, text) in [
            ("authorization", "Bearer hunter2", "Bearer ***"),
            ("authorization", "hunter2", "***"),
            ("set-cookie", "session=hunter2; Path=/", "***"),
            ("location", "https://h/hunter2?token=hunter3", "https://h/***"),
            ("location", "/hunter2", "***"),
            ("accept", "application/json", "application/json"),
        ] {
            assert_eq!(masked(&name.parse::<HeaderName>().unwrap(), &HeaderValue::from_static(value)), text);
        }
    }
}
