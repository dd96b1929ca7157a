//! Requests exactly as they came, for who verifies their bytes: one a connection, and bounded in size, time and number.
//!
//! hyper reads them. The target that it gives is not always the one that came: it leaves out a `#` and what follows, and
//! writes the scheme of a whole URL small. So what begins each connection is kept, and the target taken from there.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::serve::Listener;
use futures_util::StreamExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::io::InspectReader;

use crate::config::user_file::Limits;
use crate::domain::duration;

/// The most bytes of a request's head.
const MAX_HEAD: usize = 16 * 1024;

/// The most bytes of a body.
const MAX_BODY: usize = 1_000_000;

/// What is read of a larger one, so that its sender gets to read the answer.
const MAX_READ: usize = 16 * MAX_BODY;

/// The most connections at a time; further ones wait.
const MAX_CONNECTIONS: usize = 64;

/// A request as it came.
#[derive(Debug)]
pub struct Received {
    /// The method.
    pub method: Method,
    /// The request target, byte for byte.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no request to decide on.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The body is too large.
    #[error("its body is larger than 1 MB")]
    BodyTooLarge,
    /// A part did not come in time.
    #[error("its {part} took longer than {limit}")]
    TooSlow {
        /// Which part.
        part: &'static str,
        /// How long it may take.
        limit: String,
    },
    /// It is no HTTP, or was broken off.
    #[error("it is no whole HTTP request: {0}")]
    Broken(String),
}

impl Unreadable {
    fn too_slow(part: &'static str, limit: Duration) -> Self {
        Self::TooSlow { part, limit: duration::show(limit) }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// Who decides on requests.
pub trait Receiver: Send + Sync + 'static {
    /// With which status a request is answered.
    fn answer(&self, received: Received) -> impl Future<Output = StatusCode> + Send;

    /// Hears of what could not be read, and so was refused.
    fn unreadable(&self, why: &Unreadable);
}

/// Receives for ever. Who drops this breaks off the connections that there are.
pub async fn receive<R: Receiver>(mut listener: TcpListener, limits: Limits, receiver: Arc<R>) -> Infallible {
    let seats = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let limits = Arc::new(limits);
    let mut connections = JoinSet::new();
    loop {
        let seat = seats.clone().acquire_owned().await;
        let (stream, _) = Listener::accept(&mut listener).await;
        while connections.try_join_next().is_some() {}
        let (limits, receiver) = (limits.clone(), receiver.clone());
        connections.spawn(async move {
            converse(stream, &limits, &*receiver).await;
            drop(seat);
        });
    }
}

/// What a connection began with.
#[derive(Debug, Clone, Default)]
struct Beginning(Arc<Mutex<Vec<u8>>>);

impl Beginning {
    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_HEAD.saturating_sub(kept.len());
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// The second word of the first line; empty lines before it do not count.
    fn target(&self) -> Option<String> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = kept.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).find(|line| !line.is_empty())?;
        let target = line.split(|byte| *byte == b' ').nth(1)?;
        Some(String::from_utf8_lossy(target).into_owned())
    }
}

/// Reads one request, answers it, and ends the connection.
async fn converse<R: Receiver>(stream: TcpStream, limits: &Limits, receiver: &R) {
    let beginning = Beginning::default();
    let kept = beginning.clone();
    let stream = InspectReader::new(stream, move |bytes: &[u8]| kept.keep(bytes));
    let has_come = AtomicBool::new(false);
    let answer = service_fn(|request| {
        has_come.store(true, Ordering::Relaxed);
        answer(request, &beginning, limits, receiver)
    });
    let served = http1::Builder::new()
        .keep_alive(false)
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request_head)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
    if let Err(error) = served
        && !has_come.load(Ordering::Relaxed)
        && !beginning.is_empty()
    {
        let slow = || Unreadable::too_slow("head", limits.request_head);
        receiver.unreadable(&if error.is_timeout() { slow() } else { Unreadable::Broken(error.to_string()) });
    }
}

/// The answer says its status and nothing else: a sender who is refused is not told why.
async fn answer<R: Receiver>(
    request: Request<Incoming>,
    beginning: &Beginning,
    limits: &Limits,
    receiver: &R,
) -> Result<Response<String>, Infallible> {
    let (head, body) = request.into_parts();
    let body = timeout(limits.request_body, whole(Body::new(body))).await;
    let status = match body.unwrap_or_else(|_| Err(Unreadable::too_slow("body", limits.request_body))) {
        Ok(body) => {
            let target = beginning.target().unwrap_or_else(|| head.uri.to_string());
            receiver.answer(Received { method: head.method, target, headers: head.headers, body }).await
        }
        Err(why) => {
            receiver.unreadable(&why);
            why.status()
        }
    };
    let mut response = Response::new(format!("{}\n", status.canonical_reason().unwrap_or_default()));
    *response.status_mut() = status;
    Ok(response)
}

/// A body, if it is not too large.
pub(super) async fn whole(body: Body) -> Result<Vec<u8>, Unreadable> {
    let mut chunks = body.into_data_stream();
    let (mut whole, mut length) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Unreadable::Broken(error.to_string()))?;
        length += chunk.len();
        if length <= MAX_BODY {
            whole.extend_from_slice(&chunk);
        } else if length > MAX_READ {
            break;
        }
    }
    if length > MAX_BODY { Err(Unreadable::BodyTooLarge) } else { Ok(whole) }
}
