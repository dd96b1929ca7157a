//! An app's log in pieces: its end, and what follows a line.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::service::ServiceName;
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::store::log::LogFilter;

/// How many lines there are, unless the client says otherwise.
pub(super) const LINES: u64 = 100;

/// The most that there are.
pub(super) const MOST_LINES: u64 = 10_000;

/// The lines after `after`, else the first of the `last` ones; oldest first. There are fewer than `lines` if they are long, but
/// none only if there is none: who wants all goes on after the last that came.
pub(super) async fn list(stack: Stack, query: Query) -> Reply {
    let filter = LogFilter { service: service(&query)?, since: since(&query)?, ..of_deployment(&stack, &query).await? };
    let lines = query.number("lines", 0)?.unwrap_or(LINES).min(MOST_LINES);
    let after = if let Some(after) = query.number("after", 0)? {
        after
    } else {
        let last = query.number("last", 0)?.unwrap_or(lines);
        stack.store().log_before_last(stack.uid(), &filter, last).await?
    };
    let most = u32::try_from(lines).unwrap_or(u32::MAX);
    let lines = if most == 0 { Vec::new() } else { stack.store().log_after(stack.uid(), &filter, after, most).await? };
    let lines: Vec<Value> = lines.iter().map(|line| json!(line)).collect();
    Ok(reply::list(&lines))
}

/// The lines of the deployment that is named; of all if none is.
pub(super) async fn of_deployment(stack: &Stack, query: &Query) -> Result<LogFilter, Failure> {
    let deployment = match query.get("deployment") {
        Some(id) => Some(stack.deployment(id).await?.id),
        None => None,
    };
    Ok(LogFilter { deployment, ..LogFilter::default() })
}

fn service(query: &Query) -> Result<Option<ServiceName>, Failure> {
    let name = query.get("service").map(str::parse).transpose();
    name.map_err(|error| Failure::bad_request(format!("`service`: {error}")))
}

fn since(query: &Query) -> Result<Option<Timestamp>, Failure> {
    let time = query.get("since").map(str::parse).transpose();
    time.map_err(|error| Failure::bad_request(format!("`since` must be a time like `2026-11-21T15:07:29Z`: {error}")))
}
