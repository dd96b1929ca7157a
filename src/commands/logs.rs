//! `hookbelt logs`: an app's log, as it was and as it is written.

use std::time::Instant;

use jiff::Timestamp;

use crate::backends::{Backend, BackendError};
use crate::context::Context;
use crate::context::since::since;
use crate::domain::causes::with_causes;
use crate::domain::log_line::LogLine;
use crate::domain::service::ServiceName;
use crate::error::Error;
use crate::output::Stream;
use crate::store::log::LogFilter;

/// The most lines taken at a time.
const PAGE: u32 = 1_000;

/// Which lines.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without -n, --since or --deployment the last 100 lines are shown.

Examples:
  hookbelt logs -f
  hookbelt logs --since 2h --service web
  hookbelt logs --deployment 12 --json")]
pub struct Args {
    /// How many of the last lines to show
    #[arg(short = 'n', long, value_name = "N")]
    pub lines: Option<u32>,
    /// Go on showing lines as they are written; with --deployment until it ends
    #[arg(short, long)]
    pub follow: bool,
    /// Lines written since then: 2h, 2026-11-21 or 2026-11-21T15:07:29Z
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Timestamp>,
    /// Lines about this service
    #[arg(long, value_name = "NAME")]
    pub service: Option<ServiceName>,
    /// Lines of this deployment
    #[arg(long, value_name = "ID")]
    pub deployment: Option<u64>,
}

/// Shows the end of the log, then follows it if asked to.
///
/// # Errors
/// When the app or what is asked for cannot be found, or nobody reads any more.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let mut backend = context.backend().await?;
    check_names(&args, backend.as_ref()).await?;
    let filter = LogFilter { deployment: args.deployment, service: args.service.clone(), since: args.since };
    let all = args.lines.is_none() && (filter.since.is_some() || filter.deployment.is_some());
    let most = if all { u64::MAX } else { args.lines.unwrap_or(100).into() };
    let first = if all { 0 } else { backend.log_before_last(&filter, most).await? };
    let last = show_after(backend.as_ref(), &filter, first, most, context).await?;
    if args.follow {
        return follow(backend.as_mut(), &filter, last, context).await;
    }
    if last == first && args.lines != Some(0) {
        context.output().note("there are no such lines in the log");
    }
    Ok(())
}

/// Shows lines as they are written, until the one deployment that is followed has ended. A deploy API that is out of reach
/// for a while is asked again.
async fn follow(backend: &mut dyn Backend, filter: &LogFilter, mut last: u64, context: &Context) -> Result<(), Error> {
    let reconnect = context.limits()?.reconnect;
    let mut lost_since: Option<Instant> = None;
    loop {
        match look(backend, filter, last).await {
            Ok(Seen { lines, .. }) if !lines.is_empty() => {
                show(&lines, context)?;
                last = lines.last().map_or(last, |line| line.number);
                lost_since = None;
                continue;
            }
            Ok(Seen { over: true, .. }) => return Ok(()),
            Ok(Seen { end, .. }) => {
                last = last.max(end);
                lost_since = None;
            }
            Err(error) if error.may_pass() && lost_since.is_none_or(|since| since.elapsed() < reconnect) => {
                if lost_since.is_none() {
                    let why = with_causes(&error);
                    context.output().note(&format!("the log cannot be read now, and is asked for again: {why}"));
                }
                lost_since.get_or_insert_with(Instant::now);
            }
            Err(error) => return Err(error.into()),
        }
        backend.log_news().await;
    }
}

/// What a look at the log came to.
struct Seen {
    lines: Vec<LogLine>,
    /// The last line that was there, whether it matches or not, where that is cheaply known.
    end: u64,
    /// Whether nothing more can come: the one deployment that is followed has ended.
    over: bool,
}

async fn look(backend: &dyn Backend, filter: &LogFilter, last: u64) -> Result<Seen, BackendError> {
    // Looked at before its lines, so that none is missed.
    let over = match filter.deployment {
        Some(id) => backend.deployment(Some(id)).await?.state.is_over(),
        None => false,
    };
    let end = backend.log_end().await?;
    Ok(Seen { lines: backend.log_after(filter, last, PAGE).await?, end, over })
}

/// A service or deployment that is not there is an error, not silence.
async fn check_names(args: &Args, backend: &dyn Backend) -> Result<(), Error> {
    if let Some(id) = args.deployment {
        backend.deployment(Some(id)).await?;
    }
    if let Some(name) = &args.service {
        backend.check_service(name).await?;
    }
    Ok(())
}

/// Shows at most so many lines of those after line `last`, page by page; says which line was the last.
async fn show_after(
    backend: &dyn Backend,
    filter: &LogFilter,
    mut last: u64,
    mut most: u64,
    context: &Context,
) -> Result<u64, Error> {
    while most > 0 {
        let page = u32::try_from(most).map_or(PAGE, |most| most.min(PAGE));
        let lines = backend.log_after(filter, last, page).await?;
        if lines.is_empty() {
            break;
        }
        show(&lines, context)?;
        last = lines.last().map_or(last, |line| line.number);
        most -= lines.len() as u64;
    }
    Ok(last)
}

fn show(lines: &[LogLine], context: &Context) -> Result<(), Error> {
    lines.iter().try_for_each(|line| Ok(context.output().log_line(Stream::Results, line)?))
}
