//! The log of an operation: of the deployment that it is.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::domain::log_line::{ENGINE_SOURCE, LogLine, failure_begins};
use crate::server::api_v3::client::{Client, number};
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::store::log::Weight;

/// Severities of Cloud 66's scale of operation logs: trace, debug, info, notice, warn, error.
const INFO: u8 = 2;
const NOTICE: u8 = 3;
const ERROR: u8 = 5;

/// What begins the name of an operation that is a deployment.
const DEPLOYMENT: &str = "deployment-";

/// The name of the operation that a deployment is.
pub(super) fn uid_of(deployment: u64) -> String {
    format!("{DEPLOYMENT}{deployment}")
}

pub(super) async fn log(client: Client, Path(uid): Path<String>, query: Query) -> Reply {
    let page = query.page()?;
    let weight = match query.number("min_severity", 0)? {
        None | Some(0..=2) => Weight::All,
        Some(3) => Weight::OfEngine,
        Some(4 | 5) => Weight::Failure,
        Some(_) => return Err(Failure::bad_request("`min_severity` must be a number from 0 to 5")),
    };
    let id = uid.strip_prefix(DEPLOYMENT).and_then(number);
    let found = match id {
        Some(id) => client.deployment(id).await?,
        None => None,
    };
    let Some((_, deployment)) = found else {
        return Err(Failure::not_found(format!("there is no operation `{uid}`")));
    };
    let (lines, all) = client.site.store.deployment_log(deployment.id, weight, page.slice()).await?;
    let entries: Vec<Value> = lines.iter().map(entry).collect();
    Ok(reply::page(&entries, page, all))
}

/// A line: the engine's own is the operation's, what a service wrote lies below it.
fn entry(line: &LogLine) -> Value {
    let is_of_engine = line.source == ENGINE_SOURCE;
    json!({
        "v": severity(line),
        "m": line.text,
        "t": line.time,
        "s": line.service.as_ref().filter(|_| !is_of_engine),
        "e": u8::from(!is_of_engine),
    })
}

fn severity(line: &LogLine) -> u8 {
    let is_of_engine = line.source == ENGINE_SOURCE;
    let is_failure = line.deployment.is_some_and(|deployment| line.text.starts_with(&failure_begins(deployment)));
    match (is_of_engine, is_failure) {
        (true, true) => ERROR,
        (true, false) => NOTICE,
        (false, _) => INFO,
    }
}
