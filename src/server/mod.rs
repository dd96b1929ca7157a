//! What is answered over HTTP.

mod acceptor;
mod api_v3;
mod auth;
mod client;
mod connections;
mod continuous;
mod few_lines;
mod health;
mod metrics;
pub mod receive;
mod redeploy_hook;
mod site;
mod workflow_v2;

use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;

pub use crate::server::acceptor::Acceptor;
pub use crate::server::client::{Network, NoNetwork};
pub use crate::server::connections::listen;
pub use crate::server::continuous::{GitHosts, follow};
pub use crate::server::few_lines::FewLines;
pub use crate::server::metrics::Metrics;
pub use crate::server::redeploy_hook::{Addressees, Bodies};
pub use crate::server::site::Site;

/// Answers on a listener until `stop` is ready and every request that had begun is answered.
pub async fn serve(listener: TcpListener, site: Arc<Site>, stop: impl Future<Output = ()> + Send) {
    let limits = site.limits.clone();
    connections::serve(listener, router(site), &limits, stop).await;
}

fn router(site: Arc<Site>) -> Router {
    Router::new()
        .merge(health::routes())
        .merge(redeploy_hook::routes())
        .merge(api_v3::routes(&site))
        .merge(workflow_v2::routes())
        .with_state(site)
}
