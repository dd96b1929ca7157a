//! The HTTP client: time limits, user agent, proxies of the environment, no redirects, bounded answers, and errors that
//! name the host but never the whole URL, whose path or query may be secret.

mod call;
mod forward;
mod guard;
mod no_answer;
mod post;
mod trace;

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Certificate, redirect};
use url::Url;

pub use reqwest::Method;
pub use reqwest::header;

pub use crate::http::call::{Call, Flow, Reply};
pub use crate::http::forward::{Forwarder, InvalidOrigin, Origin, Outgoing};
pub use crate::http::guard::Reach;
pub use crate::http::post::{Answer, Connection, Post};
pub use crate::http::trace::{Detail, Trace};

use crate::domain::duration;
use crate::http::guard::PublicAddresses;
use crate::http::no_answer::{no_answer, with_port};

/// A client; making one loads the system's certificates. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    connect: Duration,
    limit: Duration,
    reach: Reach,
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
    /// Where it may connect to.
    pub reach: Reach,
    /// Who is told of each request.
    pub trace: Option<Trace>,
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
    /// The host is none of the Internet's, and no other may be reached.
    #[error("{host} has no public address, and this server sends nothing to private ones")]
    Private {
        /// The host and port of the URL.
        host: String,
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

impl Client {
    /// A client whose requests end after `limit`, the answer's body included.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(limit: Duration) -> Result<Self, HttpError> {
        Self::reaching(Reach::Anywhere, limit)
    }

    /// The same, which connects only where it may.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn reaching(reach: Reach, limit: Duration) -> Result<Self, HttpError> {
        Self::with(Options { connect: limit, limit, authorities: None, reach, trace: None })
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
        if options.reach == Reach::PublicOnly {
            builder = builder.no_proxy().dns_resolver(Arc::new(PublicAddresses));
        }
        let inner = builder.build().map_err(|source| HttpError::NoClient { source: source.without_url().into() })?;
        Ok(Self { inner, connect: options.connect, limit: options.limit, reach: options.reach, trace: options.trace })
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
