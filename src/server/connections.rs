//! Connections: bounded in number and in the time that a request's head may take, and ended gracefully.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Uri};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::user_file::Limits;

/// The most bytes of a request's head.
const MAX_HEAD: usize = 64 * 1024;

/// The most connections at a time; further ones wait to be taken.
const MAX_CONNECTIONS: usize = 16 * 1024;

/// The files that are kept for other things than connections; deploy hooks on their way are most of them.
const OTHER_FILES: usize = 384;

/// The connections that are taken however few files there may be.
const LEAST_CONNECTIONS: usize = 128;

/// The most connections that the system holds until they are taken; it allows fewer if it is set up so.
const BACKLOG: u32 = 4096;

/// Listens on an address. The standard library's backlog is so short that some of a burst would try again after a second.
///
/// # Errors
/// When the address cannot be had.
pub fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Answers connections until `stop` is ready and every request that had begun is answered, or its time is up.
pub(super) async fn serve(
    mut listener: TcpListener,
    router: Router,
    limits: &Limits,
    stop: impl Future<Output = ()> + Send,
) {
    let seats = Arc::new(Semaphore::new(seats()));
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.request_head).max_buf_size(MAX_HEAD);
    let accept = async {
        loop {
            let seat = seats.clone().acquire_owned().await;
            let (stream, peer) = Listener::accept(&mut listener).await;
            let connection = http.serve_connection(TokioIo::new(stream), service(router.clone(), peer));
            let connection = graceful.watch(connection);
            tokio::spawn(async move {
                // A connection that breaks off is the client's affair.
                let _ = connection.await;
                drop(seat);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop(listener);
    // A client that does not take its answer is not waited for longer than one that does not send its body.
    let _ = timeout(limits.request_body, graceful.shutdown()).await;
}

/// How many connections the system lets us have.
fn seats() -> usize {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let files = usize::try_from(files).unwrap_or(usize::MAX);
    files.saturating_sub(OTHER_FILES).clamp(LEAST_CONNECTIONS, MAX_CONNECTIONS)
}

fn service(
    router: Router,
    peer: SocketAddr,
) -> impl Service<Request<Incoming>, Response = axum::response::Response, Error = std::convert::Infallible, Future: Send>
{
    let router = TowerToHyperService::new(router);
    service_fn(move |mut request: Request<Incoming>| {
        if let Some(uri) = without_suffix(request.uri()) {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request.map(Body::new))
    })
}

/// The paths of the API may end in `.json`, which means nothing.
fn without_suffix(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_prefix("/api/3").filter(|path| path.starts_with('/'))?.strip_suffix(".json")?;
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("/api/3{path}{query}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_paths_of_the_api_lose_their_suffix() {
        let cases = [
            ("/api/3/stacks.json", Some("/api/3/stacks")),
            ("/api/3/stacks/x.json?page=1", Some("/api/3/stacks/x?page=1")),
            ("/api/3/stacks", None),
            ("/api/3.json", None),
            ("/v2/apps.json", None),
            ("/stacks/redeploy/a/b.json", None),
        ];
        for (from, to) in cases {
            let uri = without_suffix(&from.parse().unwrap());
            assert_eq!(uri.map(|uri| uri.to_string()).as_deref(), to, "{from}");
        }
    }
}
