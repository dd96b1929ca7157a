//! `hookbelt hooks ping`: has the Git host post to the app.

use serde::Serialize;

use crate::commands::hooks::at_host::{OneHook, app_if_any, chosen};
use crate::context::Context;
use crate::context::git_hosts::{HostFlags, UrlFlags};
use crate::domain::git_host::HostKind;
use crate::error::{Error, Kind};

/// Which webhook.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
GitHub sends a ping, which deploys nothing. GitLab, Gitea and Forgejo have none: they send a push of the default branch's last \
commits, which deploys as any push does. Bitbucket has neither.")]
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
    /// Where there is no ping have a push sent, which deploys
    #[arg(long)]
    pub test_push: bool,
}

/// What is sent.
#[derive(Debug, Serialize)]
struct Pinged {
    host: String,
    repository: String,
    hook: String,
    sent: &'static str,
}

/// Asks the host for it.
///
/// # Errors
/// When there is no such webhook, or the host has no such thing.
pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let app = app_if_any(context, &args.url).await?;
    let at = context.at_host(&args.at, app.as_ref())?;
    let called = at.host.kind().called();
    let sent = match (at.host.kind(), args.test_push) {
        (HostKind::Github, _) => "ping",
        (HostKind::Bitbucket, _) => {
            let error = Error::new(Kind::Usage, "Bitbucket has no ping that can be asked for");
            return Err(error
                .with_hint("push a commit; the webhook's page at Bitbucket shows its requests and sends them again"));
        }
        (_, true) => "test_push",
        (_, false) => {
            let error =
                Error::new(Kind::Usage, format!("{called} has no ping: it can send a test push, which deploys"));
            return Err(error.with_hint("add --test-push"));
        }
    };
    let hooks = at.host.hooks(&at.repository).await?;
    let hook = chosen(&hooks, &args.one, app.as_ref(), &at)?;
    at.host.ping(&at.repository, hook).await?;
    let what = if sent == "ping" { "a ping" } else { "a test push" };
    let line = format!("{called} sends {what} by webhook {} of {}", hook.id, at.repository);
    let (host, repository, hook) = (at.host.place().host.clone(), at.repository.to_string(), hook.id.clone());
    context.output().say(&line, &Pinged { host, repository, hook, sent })?;
    Ok(())
}
