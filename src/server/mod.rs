//! What is answered over HTTP.

pub mod receive;

use std::io;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

/// Answers on a listener until `stop` is ready and every request that had begun is answered.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    axum::serve(listener, router()).with_graceful_shutdown(stop).await
}

fn router() -> Router {
    Router::new().route("/healthz", get(async || "ok\n"))
}
