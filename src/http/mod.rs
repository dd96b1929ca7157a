//! The HTTP client: time limits, user agent, no redirects, bounded answers, and errors that name the host
//! but never the whole URL, whose path or query may be secret.

mod forward;
mod no_answer;

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::time::Duration;

use reqwest::redirect;

pub use crate::http::forward::{Forwarder, InvalidOrigin, Origin, Outgoing};

use crate::domain::duration;
use crate::http::no_answer::{no_answer, with_port};

/// The most bytes read of an answer.
const MAX_ANSWER: usize = 4 * 1024;

/// A client; making one loads the system's certificates.
#[derive(Debug)]
pub struct Client {
    client: reqwest::Client,
    limit: Duration,
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
        // The second caller finds it installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("hookbelt/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .timeout(limit)
            .build();
        client
            .map(|client| Self { client, limit })
            .map_err(|source| HttpError::NoClient { source: source.without_url().into() })
    }

    /// Posts an empty body.
    ///
    /// # Errors
    /// When no answer came; any status is an answer.
    pub async fn post(&self, url: &str, headers: &BTreeMap<&str, String>) -> Result<Answer, HttpError> {
        let mut request = self.client.post(url).header("content-length", "0");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send().await.map_err(|error| self.failed(url, error))?;
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

    fn failed(&self, url: &str, error: reqwest::Error) -> HttpError {
        let host = reqwest::Url::parse(url).map(|url| with_port(&url)).unwrap_or_default();
        if error.is_timeout() {
            return HttpError::TimedOut { host, limit: duration::show(self.limit) };
        }
        no_answer(host, error.is_connect(), error.without_url().into())
    }
}
