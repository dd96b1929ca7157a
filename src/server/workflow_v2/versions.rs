//! The headers of every answer: which Workflow this is like.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Extensions, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt, duplex};
use tokio::sync::OnceCell;

/// The API's version: clients warn if it is not theirs.
const API: (HeaderName, &str) = (HeaderName::from_static("deis_api_version"), "2.3");

/// The controller's version.
const PLATFORM: (HeaderName, &str) = (HeaderName::from_static("deis_platform_version"), "2.3.0");

/// The names as the controller spells them.
const SPELLED: &str = "DEIS_API_VERSION: \r\nDEIS_PLATFORM_VERSION: \r\nContent-Type: \r\nContent-Length: 0\r\n\
                       Allow: \r\nWWW-Authenticate: \r\nDate: \r\nConnection: close\r\n";

/// Adds them.
pub(super) async fn add(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [API, PLATFORM] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.extensions_mut().extend(spelling().await);
    response
}

/// What makes hyper write these names as they are spelled, not in small letters: names are the same in any case, but people
/// and scripts look for the capital ones.
async fn spelling() -> Extensions {
    static SPELLING: OnceCell<Extensions> = OnceCell::const_new();
    SPELLING.get_or_init(read_spelling).await.clone()
}

/// Hyper has a way to write names as they were read, and none to be told how to write them. So it reads them once.
async fn read_spelling() -> Extensions {
    let (mut here, there) = duplex(4096);
    let read = Arc::new(OnceLock::new());
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let _ = read.set(request.extensions().clone());
        std::future::ready(Ok::<_, Infallible>(hyper::Response::new(Body::empty())))
    });
    let request = format!("GET / HTTP/1.1\r\n{SPELLED}\r\n");
    if here.write_all(request.as_bytes()).await.is_ok() {
        // Whatever went wrong, the names are then written in small letters.
        let _ = http1::Builder::new().preserve_header_case(true).serve_connection(TokioIo::new(there), service).await;
    }
    read.get().cloned().unwrap_or_default()
}
