//! `hookbelt logs`: an app's log, as it was and as it is written.

use jiff::Timestamp;

use crate::backends::Backend;
use crate::context::Context;
use crate::domain::duration;
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

/// A length of time before now, a time, or a day in the local time zone.
fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(length) = duration::parse(text) {
        return Timestamp::now().checked_sub(length).map_err(|error| error.to_string());
    }
    let local = |at: jiff::civil::DateTime| at.to_zoned(jiff::tz::TimeZone::system()).map(|zoned| zoned.timestamp());
    let time = text.parse::<Timestamp>().or_else(|_| text.parse().and_then(local));
    time.map_err(|_| format!("{text:?} is neither a length of time like `2h` nor a time like `2026-11-21T15:07:29Z`"))
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
    let mut last = show_after(backend.as_ref(), &filter, first, most, context).await?;
    if !args.follow {
        if last == first && args.lines != Some(0) {
            context.output().note("there are no such lines in the log");
        }
        return Ok(());
    }
    loop {
        // Looked at before its lines, so that none is missed.
        let over = is_over(args.deployment, backend.as_ref()).await?;
        // What is there by now is looked at once, however few lines of it match.
        let end = backend.log_before_last(&LogFilter::default(), 0).await?;
        last = show_after(backend.as_ref(), &filter, last, u64::MAX, context).await?.max(end);
        if over {
            return Ok(());
        }
        backend.log_news().await;
    }
}

/// Whether nothing more can come: the one deployment that is followed has ended.
async fn is_over(deployment: Option<u64>, backend: &dyn Backend) -> Result<bool, Error> {
    match deployment {
        Some(id) => Ok(backend.deployment(Some(id)).await?.state.is_over()),
        None => Ok(false),
    }
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
        for line in &lines {
            context.output().log_line(Stream::Results, line)?;
            last = line.number;
        }
        most -= lines.len() as u64;
    }
    Ok(last)
}
