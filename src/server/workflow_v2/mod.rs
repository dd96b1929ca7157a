//! `/v2`: what the Workflow controller answers, so that `deis`, `hephy` and programs over their Go SDK work unchanged.
//!
//! Of the controller's routes there are those that say what is deployed and go back to a release. Answers and errors have
//! its words and shapes where it has any. An app goes by its [`workflow_id`](crate::domain::workflow_id::workflow_id).

mod apps;
mod body;
mod login;
mod logs;
mod page;
mod releases;
mod reply;
mod request;
mod rollback;
mod versions;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{from_fn, map_response};
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};

use crate::server::Site;
use crate::server::workflow_v2::reply::Reply;
use crate::server::workflow_v2::request::Signed;

type Routes = MethodRouter<Arc<Site>>;

/// Whether who calls a method that a route does not have is told so, or first asked who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Anybody,
    Tokens,
}

pub(super) fn routes() -> Router<Arc<Site>> {
    let reading = |handler: Routes| with_methods(handler, "GET, HEAD", Access::Tokens);
    let login = with_methods(post(login::log_in), "POST", Access::Anybody);
    let rollback = with_methods(post(rollback::roll_back), "POST", Access::Tokens);
    let rest = [
        ("/v2", reading(get(login::root))),
        ("/v2/auth/whoami", reading(get(login::whoami))),
        ("/v2/apps", reading(get(apps::list))),
        ("/v2/apps/{app}", reading(get(apps::show))),
        ("/v2/apps/{app}/logs", reading(get(logs::end))),
        ("/v2/apps/{app}/releases", reading(get(releases::list))),
        ("/v2/apps/{app}/releases/rollback", rollback),
        ("/v2/apps/{app}/releases/{version}", reading(get(releases::show))),
    ];
    // Only the login insists on the `/` at its end, as the controller does.
    let mut router = Router::new().route("/v2/auth/login/", login).route("/v2/{*other}", any(unknown));
    for (path, handler) in rest {
        router = router.route(&format!("{path}/"), handler.clone()).route(path, handler);
    }
    router.layer(from_fn(versions::add))
}

/// Says which methods a route has, and that it has no others. Where the app's id is none that could be, the controller knows
/// no such route either, and names no methods.
fn with_methods(handler: Routes, methods: &'static str, access: Access) -> Routes {
    let handler = match access {
        Access::Anybody => handler.fallback(not_allowed),
        Access::Tokens => handler.fallback(async |_: Signed, method: Method| not_allowed(method).await),
    };
    handler.layer(map_response(move |mut response: Response| async move {
        let is_route = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != reply::PAGE);
        if is_route {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        response
    }))
}

async fn not_allowed(method: Method) -> Reply {
    Reply::MethodNotAllowed(method)
}

async fn unknown(request: Request) -> Reply {
    Reply::NoSuchPage(request.uri().path().to_owned())
}
