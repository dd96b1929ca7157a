//! Requests to deploy APIs: JSON both ways, whole answers of bounded size, and what is safe asked again.

use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::time::sleep;
use url::Url;

use crate::domain::causes::with_causes;
use crate::http::{Client, HttpError};

/// The most bytes taken of an answer.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// How often what is safe to ask again is asked in all.
const TRIES: u32 = 3;

/// The pause before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(300);

/// A request.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: Url,
    /// Headers beside those of every request.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// How long the whole may take, if not as long as anything else of the client.
    pub limit: Option<Duration>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status, e.g. 200.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// An answer whose body comes piece by piece, for as long as it may.
#[derive(Debug)]
pub struct Flow {
    /// The status, e.g. 200.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    response: reqwest::Response,
    host: String,
}

impl Call {
    /// A request without a body.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None, limit: None }
    }

    /// The same with a JSON body.
    #[must_use]
    pub fn json(mut self, document: &serde_json::Value) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Some(document.to_string().into_bytes());
        self
    }

    /// Whether asking twice is as good as asking once.
    fn is_safe(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
}

impl Reply {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Client {
    /// Sends a request, and takes the whole answer; any status is an answer. What is safe to be asked again is, when no
    /// answer came or a proxy had none; anything else only while no connection was made.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn call(&self, call: &Call) -> Result<Reply, HttpError> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.call_once(call).await {
                Ok(reply) if call.is_safe() && matches!(reply.status, 502 | 504) => {}
                Err(HttpError::Unreachable { .. }) => {}
                Err(HttpError::BrokeOff { .. }) if call.is_safe() => {}
                came => return came,
            }
            sleep(pause).await;
            pause *= 2;
        }
        self.call_once(call).await
    }

    async fn call_once(&self, call: &Call) -> Result<Reply, HttpError> {
        let mut flow = self.send(call, call.limit.unwrap_or(self.limit)).await?;
        let mut body = Vec::new();
        while let Some(piece) = flow.piece().await? {
            body.extend_from_slice(&piece);
            if body.len() > MAX_BODY {
                return Err(HttpError::TooLong { host: flow.host, limit: MAX_BODY });
            }
        }
        Ok(Reply { status: flow.status, headers: flow.headers, body })
    }

    /// Sends a request once, and takes the head of the answer; its body may go on for ever.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn flow(&self, call: &Call) -> Result<Flow, HttpError> {
        self.send(call, Duration::MAX).await
    }

    async fn send(&self, call: &Call, limit: Duration) -> Result<Flow, HttpError> {
        let mut request = self.inner.request(call.method.clone(), call.url.clone());
        request = request.timeout(limit).headers(call.headers.clone());
        if !call.headers.contains_key(ACCEPT) {
            request = request.header(ACCEPT, "application/json");
        }
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let request = request.build().map_err(|error| self.failed(&call.url, error, limit))?;
        if let Some(trace) = &self.trace {
            trace.sent(&call.method, &call.url, request.headers());
        }
        let began = Instant::now();
        let response = match self.inner.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                let error = self.failed(&call.url, error, limit);
                if let Some(trace) = &self.trace {
                    trace.failed(&call.method, &call.url, &with_causes(&error));
                }
                return Err(error);
            }
        };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if let Some(trace) = &self.trace {
            trace.answered(&call.method, &call.url, status, &headers, began.elapsed());
        }
        Ok(Flow { status, headers, response, host: super::with_port(&call.url) })
    }
}

impl Flow {
    /// The next piece of the body; none at its end.
    ///
    /// # Errors
    /// When the connection ends before the body does.
    pub async fn piece(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
        match self.response.chunk().await {
            Ok(piece) => Ok(piece.map(|piece| piece.to_vec())),
            Err(error) if error.is_timeout() => Err(HttpError::TooSlow { host: self.host.clone() }),
            Err(error) => Err(HttpError::CutOff { host: self.host.clone(), source: error.without_url().into() }),
        }
    }
}
