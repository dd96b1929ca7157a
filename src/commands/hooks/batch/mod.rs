//! `hookbelt hooks verify --batch`: the signatures of many deploy hooks, as quickly as the machine can.

mod chunks;
mod in_order;

use std::fs::Metadata;
use std::io::{self, ErrorKind, Seek};
use std::num::NonZeroUsize;
use std::path::Path;
use std::thread::available_parallelism;

use hookbelt_signature::batch::{Batch, RefusedLine, Verified};
use hookbelt_signature::diagnose::Cause;

use crate::commands::hooks::batch::in_order::in_order;
use crate::config::files::open_named;
use crate::error::{Error, Kind};
use crate::output::{Format, Output, Progress, grouped};

/// Verifies every line; says which ones are refused, and how many.
///
/// # Errors
/// When a line is refused, when there is none, or when not all could be read.
pub(super) fn run(path: &Path, threads: Option<NonZeroUsize>, batch: &Batch<'_>, output: &Output) -> Result<(), Error> {
    let mut file = open_named(path)?;
    let size = file.metadata().ok().filter(Metadata::is_file).map(|metadata| metadata.len());
    let left = size.map(|size| size.saturating_sub(file.stream_position().unwrap_or(0)));
    let threads = threads.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let mut tally = Tally::new(output, output.progress_of_reading(left));
    let work = |lines: &[u8]| (batch.verify(lines), lines.len());
    in_order(file, threads, work, |result| match tally.add(result) {
        Ok(()) => true,
        Err(end) => {
            tally.end = Some(end);
            false
        }
    });
    tally.sum_up(path)
}

/// What has come of the lines so far.
struct Tally<'a> {
    output: &'a Output,
    progress: Progress,
    lines: u64,
    verified: u64,
    refused: u64,
    end: Option<End>,
}

/// What ended it before the end.
enum End {
    Read(io::Error),
    Write(io::Error),
}

impl<'a> Tally<'a> {
    fn new(output: &'a Output, progress: Progress) -> Self {
        Self { output, progress, lines: 0, verified: 0, refused: 0, end: None }
    }

    /// Counts the next lines of so many bytes, and prints those that are refused.
    fn add(&mut self, result: io::Result<(Verified, usize)>) -> Result<(), End> {
        let (verified, bytes) = result.map_err(End::Read)?;
        let text: String = verified.refused.iter().map(|refused| self.shown(refused)).collect();
        self.lines += verified.lines as u64;
        self.verified += verified.verified as u64;
        self.refused += verified.refused.len() as u64;
        self.progress.advance(bytes as u64);
        if text.is_empty() {
            return Ok(());
        }
        self.output.raw_beside(&self.progress, text.as_bytes()).map_err(End::Write)
    }

    fn shown(&self, refused: &RefusedLine) -> String {
        let line = self.lines + refused.line as u64 + 1;
        let cause = refused.cause.map_or("unexplained", Cause::id);
        match self.output.format() {
            Format::Text => format!("{line}\t{cause}\n"),
            Format::Json => format!("{{\"line\":{line},\"cause\":\"{cause}\"}}\n"),
        }
    }

    /// Says how many there were, and whether all of them are valid.
    fn sum_up(self, path: &Path) -> Result<(), Error> {
        let Self { output, progress, lines, verified, refused, end } = self;
        drop(progress);
        if verified > 0 {
            let [verified, valid, refused] = [verified, verified - refused, refused].map(grouped);
            output.note(&format!("{verified} verified: {valid} valid, {refused} refused"));
        }
        match end {
            Some(End::Read(source)) => {
                // 1 says that a line is refused, which nobody knows of those that could not be read.
                let kind = if refused == 0 { Kind::Usage } else { Kind::Failed };
                Err(Error::new(kind, Unread { line: lines + 1, input: name(path), source }))
            }
            // Not the quiet end that it is elsewhere: something was refused.
            Some(End::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {
                Err(Error::new(Kind::Failed, "lines were refused, and nobody reads which; the rest was not verified"))
            }
            Some(End::Write(error)) => Err(error.into()),
            None if verified == 0 => {
                let error = Error::new(Kind::Usage, format!("there is no line in {}", name(path)));
                Err(error.with_hint("a line is `url`, a tab and `signature`, or a JSON object with these two"))
            }
            None if refused == 0 => Ok(()),
            None => {
                let lines = if refused == 1 { "line is" } else { "lines are" };
                let error = Error::new(Kind::Failed, format!("{} {lines} refused", grouped(refused)));
                Err(error.with_hint("`hookbelt hooks verify URL --signature HEX` looks at one more closely"))
            }
        }
    }
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// An input that could not be read to its end.
#[derive(Debug, thiserror::Error)]
#[error("could not read line {line} of {input}")]
struct Unread {
    line: u64,
    input: String,
    source: io::Error,
}
