//! `hookbelt hooks redeliver`: deploy hooks that did not arrive are sent again, now.

use jiff::Timestamp;

use crate::context::Context;
use crate::context::since::since;
use crate::domain::delivery::{Again, Delivery, DeliveryState};
use crate::error::{Error, Kind};

/// Which deliveries.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The receiver gets what it would have got, with the same message id; the pauses between attempts begin anew. It is waited for \
until each was tried once: 0 if all of them were taken, 1 if not, 3 if none has failed. A deploy hook that was switched off, \
since its receiver answered 410, is on again when one of its deliveries is taken.

Examples:
  hookbelt hooks redeliver 12
  hookbelt hooks redeliver --failed --since 2h")]
#[command(group = clap::ArgGroup::new("which").required(true).args(["delivery", "failed"]))]
pub struct Args {
    /// The number of a delivery
    #[arg(value_name = "ID")]
    pub delivery: Option<u64>,
    /// All whose last attempt failed, of those that --since says
    #[arg(long, requires = "since")]
    pub failed: bool,
    /// Those alone that came to be since then: 2h, 2026-11-21 or 2026-11-21T15:07:29Z
    #[arg(long, value_name = "WHEN", value_parser = since, requires = "failed", conflicts_with = "delivery")]
    pub since: Option<Timestamp>,
}

/// Sends them, and shows what came of it.
///
/// # Errors
/// When there is none, or one was not taken.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let again = match args.delivery {
        Some(id) => Again::One(id),
        None => Again::FailedSince(args.since.unwrap_or(Timestamp::MIN)),
    };
    let deliveries = context.backend().await?.redeliver(again).await?;
    if deliveries.is_empty() {
        return Err(Error::new(Kind::NothingToDo, "no delivery has failed since then"));
    }
    context.output().list(&deliveries, "")?;
    let untaken = deliveries.iter().filter(|delivery| delivery.state != DeliveryState::Delivered);
    match untaken.collect::<Vec<&Delivery>>().as_slice() {
        [] => Ok(()),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(", nor were {} others", rest.len()) };
            let error = Error::new(Kind::Failed, format!("delivery {} was not taken{more}", first.id));
            Err(error.with_hint(format!("`hookbelt hooks deliveries show {}` shows its attempts", first.id)))
        }
    }
}
