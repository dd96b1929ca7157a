//! `hookbelt hooks list`: the webhooks of a repository.

use serde::Serialize;

use crate::commands::hooks::at_host::app_if_any;
use crate::context::Context;
use crate::context::git_hosts::{HostFlags, UrlFlags};
use crate::domain::git_host::hook::{HostHook, shown};
use crate::error::Error;
use crate::output::Row;

/// Of which repository.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where.
    #[command(flatten)]
    pub at: HostFlags,
    /// Whose are marked.
    #[command(flatten)]
    pub url: UrlFlags,
}

/// A webhook.
#[derive(Debug, Serialize)]
struct Listed {
    id: String,
    url: String,
    events: Vec<String>,
    active: bool,
    stopped: Option<String>,
    of_app: Option<bool>,
}

impl Row<5> for Listed {
    const HEADERS: [&'static str; 5] = ["ID", "POSTS TO", "EVENTS", "ACTIVE", "OF THIS APP"];
    fn cells(&self) -> [String; 5] {
        let active = match (self.active, &self.stopped) {
            (_, Some(stopped)) => stopped.clone(),
            (true, None) => "yes".to_owned(),
            (false, None) => "no".to_owned(),
        };
        let of_app = if self.of_app == Some(true) { "yes" } else { "" };
        [self.id.clone(), self.url.clone(), self.events.join(", "), active, of_app.to_owned()]
    }
}

/// Lists them; of their URLs nothing is shown that could be secret.
///
/// # Errors
/// When there is no such repository, or the host refuses.
pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let app = app_if_any(context, &args.url).await?;
    let at = context.at_host(&args.at, app.as_ref())?;
    let listed = |hook: HostHook| Listed {
        of_app: app.as_ref().map(|app| hook.is_of(&app.side.url)),
        url: shown(&hook.url),
        id: hook.id,
        events: hook.events,
        active: hook.active,
        stopped: hook.stopped,
    };
    let hooks: Vec<Listed> = at.host.hooks(&at.repository).await?.into_iter().map(listed).collect();
    let none = format!("{} at {} has no webhooks", at.repository, at.host.place().host);
    Ok(context.output().list(&hooks, &none)?)
}
