//! `hookbelt hooks remove`: takes the app's webhook away from a repository.

use serde::Serialize;

use crate::commands::hooks::at_host::{OneHook, app_if_any, no_hook, nothing_named};
use crate::context::Context;
use crate::context::git_hosts::{HostFlags, UrlFlags};
use crate::domain::git_host::hook::{HostHook, shown};
use crate::error::{Error, Kind};
use crate::output::Row;

/// Which webhook.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without --id every webhook is removed that posts to the app's redeployment hook, whatever its modifiers.")]
pub struct Args {
    /// Where.
    #[command(flatten)]
    pub at: HostFlags,
    /// Whose.
    #[command(flatten)]
    pub url: UrlFlags,
    /// Which.
    #[command(flatten)]
    pub one: OneHook,
}

/// A webhook that is there no more.
#[derive(Debug, Serialize)]
struct Removed {
    host: String,
    repository: String,
    hook: String,
    url: String,
}

impl Row<2> for Removed {
    const HEADERS: [&'static str; 2] = ["REMOVED", "POSTED TO"];
    fn cells(&self) -> [String; 2] {
        [self.hook.clone(), self.url.clone()]
    }
}

/// Removes it, once that is confirmed.
///
/// # Errors
/// When there is none, the answer is no, or the host refuses.
pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let app = app_if_any(context, &args.url).await?;
    if app.is_none() && args.one.id.is_none() {
        return Err(nothing_named());
    }
    let at = context.at_host(&args.at, app.as_ref())?;
    let is_meant = |hook: &HostHook| match (&args.one.id, &app) {
        (Some(id), _) => hook.id == *id,
        (None, app) => app.as_ref().is_some_and(|app| hook.is_of(&app.side.url)),
    };
    let mut hooks = at.host.hooks(&at.repository).await?;
    hooks.retain(is_meant);
    if hooks.is_empty() {
        return Err(no_hook(&args.one, &at));
    }
    let host = &at.host.place().host;
    let named: Vec<String> = hooks.iter().map(|hook| format!("{} (to {})", hook.id, shown(&hook.url))).collect();
    confirm(&format!("Remove webhook {} of {} at {host}?", named.join(", "), at.repository), context)?;
    let mut removed = Vec::new();
    for hook in &hooks {
        at.host.remove(&at.repository, hook).await?;
        let (host, repository, url) = (host.clone(), at.repository.to_string(), shown(&hook.url));
        removed.push(Removed { host, repository, hook: hook.id.clone(), url });
    }
    context.output().list(&removed, "")?;
    let what = if removed.len() == 1 { "webhook" } else { "webhooks" };
    context.output().note(&format!("{} {what} removed", removed.len()));
    Ok(())
}

fn confirm(question: &str, context: &Context) -> Result<(), Error> {
    if context.settings().yes {
        return Ok(());
    }
    if !context.output().can_ask() {
        return Err(Error::new(Kind::Usage, format!("there is nobody to ask: {question}")).with_hint("add -y"));
    }
    if context.output().confirm(question)? {
        Ok(())
    } else {
        Err(Error::new(Kind::Canceled, "declined: nothing was removed"))
    }
}
