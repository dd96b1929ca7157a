//! `hookbelt hooks catch-up`: has the Git host send again what failed while the server was down.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::commands::hooks::at_host::{OneHook, app_if_any, chosen};
use crate::context::Context;
use crate::context::git_hosts::{HostFlags, UrlFlags};
use crate::domain::duration;
use crate::domain::git_host::HostKind;
use crate::domain::git_host::delivery::{Delivery, missed};
use crate::error::{Error, Kind};
use crate::output::Row;

/// How long GitHub keeps what it delivered.
const KEPT: Duration = Duration::from_hours(3 * 24);

/// Since when.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Pushes and deployments whose deliveries all failed are sent again, oldest first, once each. That is safe: what was deployed already \
is not deployed again, and a push that is older than what a service has does not replace it.

GitHub alone is asked: it never tries again by itself, and keeps what it delivered for 3 days. Bitbucket tries again by itself; at the \
others a delivery is sent again on the webhook's page.

Examples:
  hookbelt hooks catch-up --since 2h --dry-run
  hookbelt hooks catch-up github --repo acme/shop --since 1d")]
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
    /// How long ago the first of them was tried, at most 3 days
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub since: Duration,
    /// Show what would be sent again
    #[arg(long)]
    pub dry_run: bool,
}

/// A delivery that is sent again.
#[derive(Debug, Serialize)]
struct Again {
    #[serde(flatten)]
    delivery: Delivery,
    /// Whether it was asked for.
    asked: bool,
}

impl Row<4> for Again {
    const HEADERS: [&'static str; 4] = ["DELIVERY", "EVENT", "FAILED AT", "WITH"];
    fn cells(&self) -> [String; 4] {
        let Delivery { id, event, delivered_at, .. } = &self.delivery;
        [id.to_string(), event.clone(), delivered_at.to_string(), self.delivery.outcome()]
    }
}

/// Asks the host for each.
///
/// # Errors
/// When there is no such webhook, or the host has no such thing.
pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let app = app_if_any(context, &args.url).await?;
    let at = context.at_host(&args.at, app.as_ref())?;
    if at.host.kind() != HostKind::Github {
        let text = format!("{} cannot be asked to send again what failed", at.host.kind().called());
        let hint = "send it again on the webhook's page there, or deploy what was missed: `hookbelt redeploy`";
        return Err(Error::new(Kind::Usage, text).with_hint(hint));
    }
    if args.since > KEPT {
        let text = format!("GitHub keeps what it delivered for {}, and no longer", duration::show(KEPT));
        return Err(
            Error::new(Kind::Usage, text).with_hint("use --since 3d, and deploy what is older: `hookbelt redeploy`")
        );
    }
    let hooks = at.host.hooks(&at.repository).await?;
    let hook = chosen(&hooks, &args.one, app.as_ref(), &at)?;
    let since = Timestamp::now() - SignedDuration::try_from(args.since).unwrap_or(SignedDuration::MAX);
    let deliveries = at.host.deliveries(&at.repository, hook, since).await?;
    let mut again = Vec::new();
    for delivery in missed(&deliveries, since) {
        if !args.dry_run {
            at.host.deliver_again(&at.repository, hook, &delivery).await?;
        }
        again.push(Again { delivery, asked: !args.dry_run });
    }
    Ok(context.output().list(&again, "nothing failed that has not arrived since")?)
}
