//! The settings of a stack. A path names one by its key with dashes for dots.

use std::error::Error;

use axum::extract::{Path, Request};
use jiff::Timestamp;
use serde_json::{Value, json};
use url::Url;

use crate::domain::causes::with_causes;
use crate::domain::setting::{self, CONTINUOUS_DEPLOY, Setting};
use crate::domain::token::Scope;
use crate::engine::signing_secret;
use crate::hosts;
use crate::server::api_v3::actions;
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::fields::Fields;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::server::api_v3::stacks::hook_url;
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
    let was_on = setting::find(&settings, key)?.value == "true";
    let webhooks = match (key, value) {
        (CONTINUOUS_DEPLOY, "true") => Some(webhooks_on(&stack).await?),
        (CONTINUOUS_DEPLOY, _) if was_on => webhooks_off(&stack).await?,
        _ => None,
    };
    let note = webhooks.map(|done| format!("; {done}")).unwrap_or_default();
    let message = format!("{key} is now {value}{note}");
    let wish = SettingWish {
        app_uid: stack.uid(),
        key,
        value,
        user: &stack.client.caller.name,
        message: &message,
        now: Timestamp::now(),
    };
    let action = stack.store().set_setting_by_action(wish).await?;
    Ok(reply::one(&actions::shown(&stack, &action).await?))
}

/// Has the app's repositories send pushes and deployments; says what was done. Else nothing is turned on.
async fn webhooks_on(stack: &Stack) -> Result<String, Failure> {
    let (site, app) = (&stack.client.site, &stack.job.app);
    let not_changed =
        |error: &dyn Error| Failure::conflict(format!("{CONTINUOUS_DEPLOY} was not changed: {}", with_causes(error)));
    let secret = signing_secret(app, &site.variables).map_err(|error| not_changed(&error))?;
    let url = Url::parse(&hook_url(stack).await?).map_err(|error| not_changed(&error))?;
    let webhooks = site.known_hosts.turn_on(app, &url, secret.as_ref()).await.map_err(|error| not_changed(&error))?;
    Ok(hosts::told(&webhooks))
}

/// Has them send pushes alone. What cannot be done is only said: what they send of deployments is ignored.
async fn webhooks_off(stack: &Stack) -> Result<Option<String>, Failure> {
    let (site, app) = (&stack.client.site, &stack.job.app);
    let Ok(url) = Url::parse(&hook_url(stack).await?) else {
        return Ok(None);
    };
    Ok(match site.known_hosts.turn_off(app, &url).await {
        Ok(webhooks) if webhooks.is_empty() => None,
        Ok(webhooks) => Some(hosts::told(&webhooks)),
        Err(error) => Some(with_causes(&error)),
    })
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
