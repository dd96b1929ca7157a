//! `/api/3`: Cloud 66's API v3, so that clients written for Cloud 66 work here.
//!
//! An app is a stack. What there is no such thing for here (servers, clusters, containers) is left out or empty; what
//! they have no word for stands in fields of its own. `docs/api.md` says both, route by route.

mod accounts;
mod actions;
mod client;
mod deliveries;
mod deploy;
mod deployments;
mod fields;
mod log_stream;
mod logs;
mod operations;
mod query;
mod redeploy_hook;
mod releases;
mod reply;
mod services;
mod settings;
mod stacks;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::map_response_with_state;
use axum::response::Response;
use axum::routing::{get, post, put};

use crate::engine::Event;
use crate::server::Site;
use crate::server::api_v3::reply::{Failure, Trouble};

pub(super) fn routes(site: &Arc<Site>) -> Router<Arc<Site>> {
    let stack = Router::new()
        .route("/", get(stacks::show))
        .route("/deployments", get(deployments::list).post(deploy::deploy))
        .route("/deployments/{id}", get(deployments::show).delete(deployments::cancel))
        .route("/actions", get(actions::list))
        .route("/actions/{id}", get(actions::show))
        .route("/settings", get(settings::list))
        .route("/settings/{id}", put(settings::set).get(settings::show))
        .route("/services", get(services::list))
        .route("/services/{name}", get(services::show))
        .route("/releases", get(releases::list))
        .route("/releases/rollback", post(deploy::roll_back))
        .route("/releases/{version}", get(releases::show))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/redeliver", post(deliveries::redeliver_failed))
        .route("/deliveries/{id}", get(deliveries::show))
        .route("/deliveries/{id}/redeliver", post(deliveries::redeliver))
        .route("/redeploy_hook/rotate", post(redeploy_hook::rotate))
        .route("/logs", get(logs::list))
        .route("/logs/stream", get(log_stream::follow));
    let api = Router::new()
        .route("/ping", get(accounts::ping))
        .route("/ping/auth", get(accounts::ping_with_token))
        .route("/accounts", get(accounts::list))
        .route("/accounts/{id}", get(accounts::show))
        .route("/operations/{uid}/logs", get(operations::log))
        .route("/stacks", get(stacks::list))
        .nest("/stacks/{uid}", stack)
        .fallback(async || Failure::not_found("the API has no such path"))
        .method_not_allowed_fallback(async || Failure::wrong_method())
        .layer(map_response_with_state(site.clone(), tell_of_trouble));
    Router::new().nest("/api/3", api)
}

/// Who runs the server hears why it could not answer; who asked does not.
async fn tell_of_trouble(State(site): State<Arc<Site>>, response: Response) -> Response {
    if let Some(Trouble(text)) = response.extensions().get() {
        site.say(&Event::note(text.clone()));
    }
    response
}
