//! The deliveries of a stack's deploy hooks, which Cloud 66 has no word for.

use axum::extract::{Path, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::delivery::{Again, Delivery, DeliveryDetails, DeliveryFilter, FailingHook};
use crate::domain::release::ReleaseNumber;
use crate::domain::token::Scope;
use crate::server::api_v3::client::{Stack, number};
use crate::server::api_v3::fields::Fields;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};

/// Newest first; with `failed` those whose last attempt failed, with `release` those that tell of it.
pub(super) async fn list(stack: Stack, query: Query) -> Reply {
    let release = query.get("release").map(|text| release_of(text).ok_or_else(|| not_a_release(text))).transpose()?;
    let filter = DeliveryFilter { failed: query.get("failed") == Some("true"), release };
    let page = query.page()?;
    let (deliveries, count) = stack.store().deliveries(stack.uid(), filter, page.slice()).await?;
    Ok(reply::page(&shown(&deliveries), page, count))
}

/// One, with its attempts.
pub(super) async fn show(stack: Stack, Path((_, id)): Path<(String, String)>) -> Reply {
    let delivery = found(&stack, &id).await?;
    let receipts = stack.store().receipts(delivery.id).await?;
    Ok(reply::one(&json!(DeliveryDetails { delivery, receipts })))
}

/// Has one sent again; says how it stood before.
pub(super) async fn redeliver(stack: Stack, Path((_, id)): Path<(String, String)>) -> Reply {
    may_send(&stack)?;
    let delivery = found(&stack, &id).await?;
    let asked = stack.store().deliver_again(stack.uid(), Again::One(delivery.id), Timestamp::now()).await?;
    let asked = asked.first().ok_or_else(|| stack.lacks("delivery", &id))?;
    Ok(reply::one(&json!(asked)))
}

/// Has those sent again that failed; says how they stood before.
pub(super) async fn redeliver_failed(stack: Stack, request: Request) -> Reply {
    may_send(&stack)?;
    let fields = Fields::read(request, &stack.client.site.limits).await?;
    let since = fields.text("failed_since")?.ok_or_else(|| Failure::bad_request("`failed_since` is missing"))?;
    let since: Timestamp =
        since.parse().map_err(|_| Failure::bad_request("`failed_since` must be a time like 2026-11-21T15:07:29Z"))?;
    let asked = stack.store().deliver_again(stack.uid(), Again::FailedSince(since), Timestamp::now()).await?;
    Ok(reply::list(&shown(&asked)))
}

/// The deploy hooks of the manifest that do not arrive.
pub(super) async fn failing(stack: &Stack) -> Result<Vec<FailingHook>, Failure> {
    let failing = stack.store().failing_hooks(stack.uid()).await?;
    let known = failing.into_iter().filter(|(receiver, _)| stack.job.app.tells(receiver));
    Ok(known.map(|(_, hook)| hook).collect())
}

fn may_send(stack: &Stack) -> Result<(), Failure> {
    stack.client.must(Scope::Redeploy)?;
    stack.client.takes_work()
}

async fn found(stack: &Stack, id: &str) -> Result<Delivery, Failure> {
    let found = match number(id) {
        Some(id) => stack.store().delivery(stack.uid(), id).await?,
        None => None,
    };
    found.ok_or_else(|| stack.lacks("delivery", id))
}

fn release_of(text: &str) -> Option<ReleaseNumber> {
    text.parse().ok().filter(|release: &ReleaseNumber| i64::try_from(release.0).is_ok())
}

fn not_a_release(text: &str) -> Failure {
    Failure::bad_request(format!("`release` must be one like `v4`, and not {text:?}"))
}

fn shown(deliveries: &[Delivery]) -> Vec<Value> {
    deliveries.iter().map(|delivery| json!(delivery)).collect()
}
