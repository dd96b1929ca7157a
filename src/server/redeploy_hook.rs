//! `POST /stacks/redeploy/{a}/{b}`: the redeployment hook.

use std::sync::Arc;

use axum::Router;

use crate::server::Site;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
}
