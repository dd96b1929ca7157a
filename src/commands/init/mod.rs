//! `hookbelt init`: write a manifest, or check one.

mod check;
mod write;

use crate::context::Context;
use crate::error::Error;

/// Write or check.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The repository and the branch are those of the working folder. -s names the app, else it is named as the \
repository; -e gives its environment, -m the file.

With --check the manifest is read, and then its secrets, its sources and the programs of its commands are looked \
for; nothing is deployed and no store is touched. Exit code 1 means that problems were found.")]
pub struct Args {
    /// Check the manifest that is there instead of writing one
    #[arg(long)]
    pub check: bool,
}

/// Writes or checks.
///
/// # Errors
/// When there is nothing to write from, something in the way, or a problem was found.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    if args.check { check::run(context).await } else { write::run(context) }
}
