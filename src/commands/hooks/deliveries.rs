//! `hookbelt hooks deliveries`: what became of the deploy hooks of an app.

use crate::context::Context;
use crate::domain::delivery::{Delivery, DeliveryDetails, DeliveryFilter, Receipt};
use crate::domain::duration;
use crate::domain::release::ReleaseNumber;
use crate::error::Error;
use crate::output::{Details, Row, local_time, next_attempt};

/// Which deliveries, and what of them.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
A delivery is one deploy hook's way to one receiver. Each attempt is kept: when it was, how long it took, what it was answered \
with, and why it failed.

Examples:
  hookbelt hooks deliveries --failed
  hookbelt hooks deliveries --release v4
  hookbelt hooks deliveries show 12")]
pub struct Args {
    /// One of them.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Which of them.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What can be done with one delivery.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Show a delivery and its attempts
    Show(ShowArgs),
}

/// Which and how many.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Those whose last attempt failed
    #[arg(long)]
    pub failed: bool,
    /// Those that tell of this release
    #[arg(long, value_name = "vN")]
    pub release: Option<ReleaseNumber>,
    /// The most deliveries to list
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Its number
    #[arg(value_name = "ID")]
    pub delivery: u64,
}

/// Shows them.
///
/// # Errors
/// When the app or the delivery cannot be found.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let backend = context.backend().await?;
    if let Some(Command::Show(ShowArgs { delivery })) = args.command {
        return Ok(context.output().show(&backend.delivery(delivery).await?)?);
    }
    let filter = DeliveryFilter { failed: args.list.failed, release: args.list.release };
    let deliveries = backend.deliveries(filter, args.list.limit).await?;
    let nothing = if filter == DeliveryFilter::default() {
        "this app has no deliveries yet: the `[[deploy_hooks]]` of its manifest are told of its releases"
    } else {
        "there are no such deliveries"
    };
    Ok(context.output().list(&deliveries, nothing)?)
}

impl Row<7> for Delivery {
    const HEADERS: [&'static str; 7] = ["ID", "RELEASE", "EVENT", "STATE", "ATTEMPTS", "URL", "ANSWER"];
    fn cells(&self) -> [String; 7] {
        [
            self.id.to_string(),
            self.release.to_string(),
            self.event.to_string(),
            self.state.to_string(),
            self.attempts.to_string(),
            self.url.clone(),
            answer(self),
        ]
    }
}

/// What the last attempt came to.
fn answer(delivery: &Delivery) -> String {
    let answer = delivery.error.clone().or_else(|| delivery.status.map(|status| status.to_string()));
    let next = delivery.next_attempt_at.filter(|_| delivery.attempts > 0);
    match (answer, next) {
        (Some(answer), Some(next)) => format!("{answer}; {}", next_attempt(next)),
        (answer, _) => answer.unwrap_or_default(),
    }
}

impl Details for DeliveryDetails {
    fn details(&self) -> Vec<(&'static str, String)> {
        let delivery = &self.delivery;
        let mut details = vec![
            ("delivery", delivery.id.to_string()),
            ("app", delivery.app.to_string()),
            ("release", delivery.release.to_string()),
            ("event", delivery.event.to_string()),
            ("deployment", delivery.deployment.to_string()),
            ("url", delivery.url.clone()),
            ("format", delivery.format.to_string()),
            ("state", delivery.state.to_string()),
            ("since", local_time(delivery.created_at)),
            ("next attempt", delivery.next_attempt_at.map(local_time).unwrap_or_default()),
            ("ended", delivery.ended_at.map(local_time).unwrap_or_default()),
        ];
        if self.receipts.last().and_then(|last| last.error.as_ref()) != delivery.error.as_ref() {
            details.push(("why", delivery.error.clone().unwrap_or_default()));
        }
        details.extend(self.receipts.iter().map(|receipt| ("attempt", line(receipt))));
        details.push(("answer", self.receipts.last().map(|last| last.answer.clone()).unwrap_or_default()));
        details.retain(|(_, value)| !value.is_empty());
        details
    }
}

fn line(receipt: &Receipt) -> String {
    let took = duration::show(std::time::Duration::from_millis(receipt.milliseconds));
    let status = receipt.status.map(|status| status.to_string());
    let came_to = receipt.error.clone().or(status).unwrap_or_default();
    format!("{} at {}, {took}: {came_to}", receipt.attempt, local_time(receipt.started_at))
}
