//! Sends a request on as it came, its target byte for byte. The other client here cannot: it takes URLs, and normalises
//! their paths.

use std::str::FromStr;
use std::time::Duration;

use hyper::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::uri::PathAndQuery;
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use reqwest::Body;
use tokio::time::timeout;
use url::Url;

use crate::domain::duration;
use crate::http::HttpError;
use crate::http::no_answer::{no_answer, with_port};

/// Headers that are about a connection, or about a body's way over it, and not about the request.
const OF_A_CONNECTION: [&str; 3] = ["keep-alive", "proxy-connection", "proxy-authorization"];

/// Where requests are sent on to: a scheme, a host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    /// Host and port.
    host: String,
}

/// Why a text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrigin {
    /// It is no URL of the web.
    #[error("it is no http or https URL")]
    NotOfTheWeb,
    /// It says more than where.
    #[error("write a scheme, a host and a port, and nothing more: path and query are those of each request")]
    TooLong,
}

impl FromStr for Origin {
    type Err = InvalidOrigin;
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let url = Url::parse(text).map_err(|_| InvalidOrigin::NotOfTheWeb)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(InvalidOrigin::NotOfTheWeb);
        }
        let origin = url.origin().ascii_serialization();
        if url.as_str().strip_suffix('/') != Some(&origin) {
            return Err(InvalidOrigin::TooLong);
        }
        Ok(Self { text: origin, host: with_port(&url) })
    }
}

/// What is sent on.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// The method.
    pub method: Method,
    /// Path and query, byte for byte.
    pub target: &'a str,
    /// The headers as they came; those that are about the connection are left out or made anew.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends requests on to one origin.
#[derive(Debug)]
pub struct Forwarder {
    client: legacy::Client<HttpsConnector<HttpConnector>, Body>,
    origin: Origin,
    limit: Duration,
}

impl Forwarder {
    /// One whose requests end after `limit`.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(origin: Origin, limit: Duration) -> Result<Self, HttpError> {
        let provider = rustls::crypto::ring::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(provider)
            .map_err(|source| HttpError::NoClient { source: source.into() })?;
        let connector = connector.https_or_http().enable_http1().build();
        // Each request has a connection of its own, so that none is lost to one that was closed meanwhile.
        let client = legacy::Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { client, origin, limit })
    }

    /// Sends a request on, and says the status of the answer. Redirects are not followed.
    ///
    /// # Errors
    /// When no answer came, or the target cannot be sent byte for byte.
    pub async fn send(&self, outgoing: Outgoing<'_>) -> Result<u16, HttpError> {
        let request = self.request(outgoing).ok_or(HttpError::NotAsItCame)?;
        let host = || self.origin.host.clone();
        match timeout(self.limit, self.client.request(request)).await {
            Ok(Ok(answer)) => Ok(answer.status().as_u16()),
            Ok(Err(error)) => Err(no_answer(host(), error.is_connect(), &error)),
            Err(_) => Err(HttpError::TimedOut { host: host(), limit: duration::show(self.limit) }),
        }
    }

    fn request(&self, outgoing: Outgoing<'_>) -> Option<Request<Body>> {
        let uri: Uri = format!("{}{}", self.origin.text, outgoing.target).parse().ok()?;
        // A `#` and what follows it would be left out.
        if uri.path_and_query().map(PathAndQuery::as_str) != Some(outgoing.target) {
            return None;
        }
        let mut headers = outgoing.headers;
        for name in named_by_connection(&headers) {
            headers.remove(name);
        }
        for name in [CONNECTION, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE] {
            headers.remove(name);
        }
        for name in OF_A_CONNECTION {
            headers.remove(name);
        }
        headers.insert(CONTENT_LENGTH, outgoing.body.len().into());
        let mut request = Request::new(Body::from(outgoing.body));
        *request.method_mut() = outgoing.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Some(request)
    }
}

/// The headers that `Connection` says to be about the connection.
fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{InvalidOrigin, Origin};

    #[test]
    fn an_origin_is_a_scheme_a_host_and_a_port() {
        for (text, origin) in [
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://localhost:3000/", "http://localhost:3000"),
            ("HTTPS://Example.COM:443", "https://example.com"),
            ("http://[::1]:80/", "http://[::1]"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().text, origin);
        }
        for text in ["http://h/x", "http://h/?a", "http://h/#f", "http://u:p@h", "http://u@h/"] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin::TooLong), "{text}");
        }
        for text in ["", "localhost:3000", "ftp://h", "/x", "http://"] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin::NotOfTheWeb), "{text}");
        }
    }
}
