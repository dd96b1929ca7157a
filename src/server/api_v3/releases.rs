//! The releases of a stack, which Cloud 66 has no word for; how one is gone back to is in `deploy`.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::domain::release::ReleaseNumber;
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Reply};
use crate::store::releases::Releases;

/// Those that succeeded, newest first; with `all` the others too.
pub(super) async fn list(stack: Stack, query: Query) -> Reply {
    let which = if query.get("all") == Some("true") { Releases::All } else { Releases::Succeeded };
    let page = query.page()?;
    let (releases, count) = stack.store().release_page(stack.uid(), which, page.slice()).await?;
    let shown: Vec<Value> = releases.iter().map(|release| json!(release)).collect();
    Ok(reply::page(&shown, page, count))
}

/// One, with what it left each service as.
pub(super) async fn show(stack: Stack, Path((_, version)): Path<(String, String)>) -> Reply {
    let number: Option<ReleaseNumber> =
        version.parse().ok().filter(|number: &ReleaseNumber| i64::try_from(number.0).is_ok());
    let found = match number {
        Some(number) => stack.store().release(stack.uid(), number).await?,
        None => None,
    };
    let release = found.ok_or_else(|| stack.lacks("release", &version))?;
    let services = stack.store().service_states(stack.uid(), release.release).await?;
    let mut document = json!(release);
    document["services"] = json!(services);
    Ok(reply::one(&document))
}
