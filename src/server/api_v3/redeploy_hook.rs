//! Another redeployment hook for a stack.

use axum::extract::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::domain::duration;
use crate::domain::token::Scope;
use crate::engine;
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::fields::Fields;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::server::api_v3::stacks::redeploy_hook_url;
use crate::store::redeployment_hooks::HookKey;

/// Makes one; those before end at once, or after an `overlap`.
pub(super) async fn rotate(stack: Stack, request: Request) -> Reply {
    stack.client.must(Scope::Admin)?;
    let fields = Fields::read(request, &stack.client.site.limits).await?;
    let overlap = fields.text("overlap")?.map(duration::parse).transpose();
    let overlap = overlap.map_err(|error| Failure::bad_request(format!("`overlap`: {error}")))?.unwrap_or_default();
    let now = Timestamp::now();
    let until = now.checked_add(SignedDuration::try_from(overlap).unwrap_or(SignedDuration::MAX));
    let new = HookKey { first: engine::new_uid()?, second: engine::new_uid()? };
    stack.store().rotate_redeployment_hook(stack.uid(), &new, until.unwrap_or(Timestamp::MAX), now).await?;
    Ok(reply::one(&json!({ "redeploy_hook": redeploy_hook_url(&stack, &new) })))
}
