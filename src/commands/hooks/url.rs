//! `hookbelt hooks url`: where an app is told to deploy.

use std::time::Duration;

use crate::backends::Overlap;
use crate::context::Context;
use crate::domain::duration;
use crate::error::Error;

/// Whether a new one is made.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Whoever has the URL can deploy: it is a secret, and printed here alone. A Git host posts to it on each push; a POST without a \
body deploys every service.

Examples:
  curl -X POST \"$(hookbelt hooks url)\"
  curl -X POST \"$(hookbelt hooks url)?services=web,api\"
  hookbelt hooks url --rotate --overlap 24h")]
pub struct Args {
    /// Make a new one; the one before ends, at once or after the overlap
    #[arg(long)]
    pub rotate: bool,
    /// How long the one before stays valid beside the new one
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, requires = "rotate")]
    pub overlap: Option<Duration>,
}

/// Prints it.
///
/// # Errors
/// When there is no such app, or the store fails.
pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let rotate = args.rotate.then(|| Overlap(args.overlap.unwrap_or_default()));
    let hook = context.backend().await?.redeployment_hook(rotate).await?;
    let output = context.output();
    if let Some(note) = &hook.note {
        output.note(&format!("note: {note}"));
    }
    Ok(output.say(&hook.url, &hook)?)
}
