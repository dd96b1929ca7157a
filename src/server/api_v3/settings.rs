//! The settings of a stack. A path names one by its key with dashes for dots.

use axum::extract::{Path, Request};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::setting::{self, CONTINUOUS_DEPLOY, Setting};
use crate::domain::token::Scope;
use crate::server::api_v3::actions;
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::fields::Fields;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::store::actions::SettingWish;
use crate::store::engines::Address;

pub(super) async fn list(stack: Stack, query: Query) -> Reply {
    let settings: Vec<Value> = settings(&stack).await?.iter().map(shown).collect();
    Ok(reply::page_of(&settings, query.page()?))
}

pub(super) async fn show(stack: Stack, Path((_, id)): Path<(String, String)>) -> Reply {
    let settings = settings(&stack).await?;
    let found = settings.iter().find(|setting| is_named(setting, &id));
    found.map(|setting| reply::one(&shown(setting))).ok_or_else(|| stack.lacks("setting", &id))
}

/// The change is an action that has ended already, for clients that poll it.
pub(super) async fn set(stack: Stack, Path((_, id)): Path<(String, String)>, request: Request) -> Reply {
    stack.client.must(Scope::Admin)?;
    let fields = Fields::read(request, &stack.client.site.limits).await?;
    let settings = settings(&stack).await?;
    let found = settings.iter().find(|setting| is_named(setting, &id));
    let key = found.map(|setting| setting.key.as_str()).ok_or_else(|| stack.lacks("setting", &id))?;
    let value = setting::checked(&settings, key, &value(&fields)?)?;
    if key == CONTINUOUS_DEPLOY && value == "true" && matches!(stack.client.site.address, Address::Listening(_)) {
        return Err(Failure::conflict(format!(
            "{key} needs a server that Git hosts reach: nobody gave this one a `--public-url`"
        )));
    }
    let wish = SettingWish {
        app_uid: stack.uid(),
        key,
        value,
        user: &stack.client.caller.name,
        message: &message(key, value),
        now: Timestamp::now(),
    };
    let action = stack.store().set_setting_by_action(wish).await?;
    Ok(reply::one(&actions::shown(&stack, &action).await?))
}

async fn settings(stack: &Stack) -> Result<Vec<Setting>, Failure> {
    let stored = stack.store().settings(stack.uid()).await?;
    Ok(setting::all(&stack.job.app, &stored))
}

fn is_named(setting: &Setting, id: &str) -> bool {
    setting.key == id || dashed(&setting.key) == id
}

fn dashed(key: &str) -> String {
    key.replace('.', "-")
}

/// The settings that can be changed are boolean; what the manifest holds is text.
fn shown(setting: &Setting) -> Value {
    let value = if setting.readonly { json!(setting.value) } else { json!(setting.value == "true") };
    json!({
        "id": dashed(&setting.key),
        "key": setting.key,
        "value": value,
        "readonly": setting.readonly,
        "hidden": false,
        "warning_text": "",
    })
}

/// The new value as a word, whatever type the client has for it.
fn value(fields: &Fields) -> Result<String, Failure> {
    match fields.get("value") {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => Ok(value.to_string()),
        _ => Err(Failure::bad_request("`value` must be given: a text, a boolean or a number")),
    }
}

fn message(key: &str, value: &str) -> String {
    let note = match (key, value) {
        (CONTINUOUS_DEPLOY, "true") => {
            "; no webhook was made: at the Git host, have pushes and deployments sent to the redeployment hook of this stack"
        }
        _ => "",
    };
    format!("{key} is now {value}{note}")
}
