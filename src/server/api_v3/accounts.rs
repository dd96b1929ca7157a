//! The one account that there is, and whether the server lives.

use axum::extract::Path;
use axum::response::Response;
use serde_json::{Value, json};

use crate::server::api_v3::client::{Client, number};
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};

/// The number of the account.
pub(super) const ACCOUNT: u64 = 1;

/// Its name.
pub(super) const NAME: &str = "hookbelt";

pub(super) async fn ping() -> Response {
    reply::one(&json!({ "ok": true, "message": "pong" }))
}

pub(super) async fn ping_with_token(client: Client) -> Response {
    let message = format!("the token of {}: {}", client.caller.name, client.caller.scopes);
    reply::one(&json!({ "ok": true, "message": message, "user": client.caller.name }))
}

pub(super) async fn list(client: Client, query: Query) -> Reply {
    Ok(reply::page_of(&[account(&client)], query.page()?))
}

pub(super) async fn show(client: Client, Path(id): Path<String>) -> Reply {
    if number(&id) == Some(ACCOUNT) {
        return Ok(reply::one(&account(&client)));
    }
    Err(Failure::not_found(format!("there is no account `{id}`: the only one is {ACCOUNT}")))
}

fn account(client: &Client) -> Value {
    json!({
        "id": ACCOUNT,
        "owner": client.caller.name,
        "friendly_name": NAME,
        "stack_count": client.site.jobs().len(),
        "used_clouds": [],
        "current_account": true,
        "configstore_namespace": "",
    })
}
