//! The HTTP client: time limits, user agent, proxies of the environment, no redirects, bounded answers, and errors that
//! name the host but never the whole URL, whose path or query may be secret.

mod call;
mod forward;
mod no_answer;
mod trace;

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::time::Duration;

use reqwest::{Certificate, redirect};
use url::Url;

pub use reqwest::Method;
pub use reqwest::header;

pub use crate::http::call::{Call, Flow, Reply};
pub use crate::http::forward::{Forwarder, InvalidOrigin, Origin, Outgoing};
pub use crate::http::trace::{Detail, Trace};

use crate::domain::duration;
use crate::http::no_answer::{no_answer, with_port};

/// The most bytes read of an answer.
const MAX_ANSWER: usize = 4 * 1024;

/// A client; making one loads the system's certificates. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    connect: Duration,
    limit: Duration,
    trace: Option<Trace>,
}

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long a connection may take to be made.
    pub connect: Duration,
    /// How long a request may take in all, the answer's body included.
    pub limit: Duration,
    /// Certificates (PEM) of authorities that are trusted beside the system's.
    pub authorities: Option<Vec<u8>>,
    /// Who is told of each request.
    pub trace: Option<Trace>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status, e.g. 200.
    pub status: u16,
    /// The first line of the body's first 4 kB.
    pub first_line: String,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The client could not be made.
    #[error("no HTTP client could be made")]
    NoClient {
        /// What the library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// There is no connection.
    #[error("{host} could not be reached")]
    Unreachable {
        /// The host and port of the URL.
        host: String,
        /// What the library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// There is no secure connection.
    #[error("there is no secure connection to {host}")]
    Tls {
        /// The host and port of the URL.
        host: String,
        /// What the library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The connection ended before an answer.
    #[error("{host} closed the connection without an answer")]
    BrokeOff {
        /// The host and port of the URL.
        host: String,
        /// What the library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// What came is no answer.
    #[error("{host} answered what is no HTTP")]
    NotHttp {
        /// The host and port of the URL.
        host: String,
        /// What the library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The connection ended within the answer.
    #[error("{host} closed the connection in the middle of its answer")]
    CutOff {
        /// The host and port of the URL.
        host: String,
        /// What the library said.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The answer took too long to come whole.
    #[error("the answer of {host} did not come whole in time")]
    TooSlow {
        /// The host and port of the URL.
        host: String,
    },
    /// The answer is larger than anything that a deploy API says.
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLong {
        /// The host and port of the URL.
        host: String,
        /// The most bytes that are taken.
        limit: usize,
    },
    /// What is said to be certificates is not.
    #[error("there are no certificates (PEM) in it that can be used")]
    Authorities,
    /// The host took too long.
    #[error("{host} did not answer within {limit}")]
    TimedOut {
        /// The host and port of the URL.
        host: String,
        /// How long it may take.
        limit: String,
    },
    /// No client can send the target as it came.
    #[error("its target cannot be sent on byte for byte")]
    NotAsItCame,
}

impl Answer {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Client {
    /// A client whose requests end after `limit`, the answer's body included.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(limit: Duration) -> Result<Self, HttpError> {
        Self::with(Options { connect: limit, limit, authorities: None, trace: None })
    }

    /// A client that behaves as these options say. Proxies are those of the environment (`HTTPS_PROXY` and its
    /// relatives).
    ///
    /// # Errors
    /// When the system's certificates, or those of the options, cannot be used.
    pub fn with(options: Options) -> Result<Self, HttpError> {
        // The second caller finds it installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("hookbelt/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(options.connect)
            .timeout(options.limit);
        if let Some(pem) = &options.authorities {
            let authorities = Certificate::from_pem_bundle(pem).unwrap_or_default();
            if authorities.is_empty() {
                return Err(HttpError::Authorities);
            }
            builder = builder.tls_certs_merge(authorities);
        }
        let inner = builder.build().map_err(|source| HttpError::NoClient { source: source.without_url().into() })?;
        Ok(Self { inner, connect: options.connect, limit: options.limit, trace: options.trace })
    }

    /// Posts an empty body.
    ///
    /// # Errors
    /// When no answer came; any status is an answer.
    pub async fn post(&self, url: &str, headers: &BTreeMap<&str, String>) -> Result<Answer, HttpError> {
        let mut request = self.inner.post(url).header("content-length", "0");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let failed = |error| match Url::parse(url) {
            Ok(url) => self.failed(&url, error, self.limit),
            Err(_) => HttpError::NotAsItCame,
        };
        let mut response = request.send().await.map_err(failed)?;
        let mut body = Vec::new();
        while body.len() < MAX_ANSWER {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                // The status has come, and it is what counts.
                Ok(None) | Err(_) => break,
            }
        }
        body.truncate(MAX_ANSWER);
        let text = String::from_utf8_lossy(&body);
        let first_line = text.lines().next().unwrap_or_default().trim().to_owned();
        Ok(Answer { status: response.status().as_u16(), first_line })
    }

    fn failed(&self, url: &Url, error: reqwest::Error, limit: Duration) -> HttpError {
        let host = with_port(url);
        if error.is_timeout() {
            let limit = if error.is_connect() { self.connect.min(limit) } else { limit };
            return HttpError::TimedOut { host, limit: duration::show(limit) };
        }
        no_answer(host, error.is_connect(), &error.without_url())
    }
}
