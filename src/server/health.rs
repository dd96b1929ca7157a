//! Whether the server lives, whether it can take work, and what it has counted.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::server::auth::Keyword;
use crate::server::site::Site;

/// What `prometheus-client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) fn routes() -> Router<Arc<Site>> {
    let alive = get(async || "ok\n");
    Router::new().route("/healthz", alive).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

/// Ready is who reads its store and takes hooks.
async fn ready(State(site): State<Arc<Site>>) -> (StatusCode, &'static str) {
    if site.is_stopping() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if site.store.depths().await.is_err() {
        (StatusCode::SERVICE_UNAVAILABLE, "the store cannot be read\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}

/// For whoever is on this machine, or has a token.
async fn metrics(
    State(site): State<Arc<Site>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<Response, StatusCode> {
    let is_here = site.client(peer, &headers).is_loopback();
    let unavailable = |_| StatusCode::SERVICE_UNAVAILABLE;
    if !is_here && site.caller(&headers, Keyword::Bearer).await.map_err(unavailable)?.is_none() {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let depths = site.store.depths().await.map_err(unavailable)?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], site.metrics.text(&depths)).into_response())
}
