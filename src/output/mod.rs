//! The only door to the terminal: results on standard output, talk on standard error, as text or JSON.

mod ci;
mod colour;
mod job;
mod progress;
mod table;
mod times;

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::{Arc, OnceLock};

use indicatif::HumanCount;
use jiff::Timestamp;
use rustix::termios::{LocalModes, OptionalActions, QueueSelector, tcflush, tcgetattr, tcsetattr};
use serde::Serialize;

pub use crate::output::ci::Ci;
pub use crate::output::colour::{ColourChoice, TerminalVariables};
pub use crate::output::job::DeploymentLog;
pub use crate::output::progress::Progress;
pub use crate::output::table::Row;
pub use crate::output::times::{local_minute, local_time, next_attempt};

use crate::domain::log_line::LogLine;
use crate::domain::printable::{Colours, printable};
use crate::output::colour::{Paint, Painter};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, and tab-separated for pipes.
    Text,
    /// One JSON document, or lines of JSON for streams.
    Json,
}

/// How much is said on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors alone.
    Quiet,
    /// Notes and progress too.
    Normal,
    /// And what was decided on the way.
    Verbose,
    /// And all that was said to others.
    VeryVerbose,
}

/// One of the two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output: results.
    Results,
    /// Standard error: talk.
    Talk,
}

/// An error as it is shown.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What kind of error, in one word.
    pub kind: &'static str,
    /// What failed.
    pub message: String,
    /// Why, outermost first.
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
}

/// What somebody looks at piece by piece.
pub trait Details: Serialize {
    /// Labels and values, in the order in which they are shown.
    fn details(&self) -> Vec<(&'static str, String)>;
}

/// Where results and talk go.
#[derive(Debug, Clone)]
pub struct Output {
    format: Format,
    verbosity: Verbosity,
    results: Painter,
    talk: Painter,
    interactive: bool,
    ci: Ci,
    /// Where a deployment's log is shown, once one is.
    log_stream: Arc<OnceLock<Stream>>,
}

/// An event and when it happened.
#[derive(Serialize)]
struct Timed<'a, T> {
    time: Timestamp,
    #[serde(flatten)]
    event: &'a T,
}

impl Output {
    /// The process's two streams.
    #[must_use]
    pub fn new(format: Format, verbosity: Verbosity, colour: ColourChoice, variables: TerminalVariables) -> Self {
        let results = Painter::new(colour, variables, io::stdout().is_terminal());
        let talk = Painter::new(colour, variables, io::stderr().is_terminal());
        let log_stream = Arc::default();
        Self { format, verbosity, results, talk, interactive: !variables.ci, ci: Ci::Elsewhere, log_stream }
    }

    /// The same as part of a CI job.
    #[must_use]
    pub fn within(self, ci: Ci) -> Self {
        Self { ci, ..self }
    }

    /// How results are written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// How much is said.
    #[must_use]
    pub fn verbosity(&self) -> Verbosity {
        self.verbosity
    }

    /// Whether a person can be asked: both the question and the answer go through a terminal, and not a CI job's.
    #[must_use]
    pub fn can_ask(&self) -> bool {
        self.interactive && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Writes a list: a table on a terminal, tab-separated lines in a pipe, a JSON array on request.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn list<T: Serialize + Row<N>, const N: usize>(&self, items: &[T], when_empty: &str) -> io::Result<()> {
        match self.format {
            Format::Json => self.json(items),
            Format::Text if items.is_empty() => {
                self.note(when_empty);
                Ok(())
            }
            Format::Text => {
                let rows = items.iter().map(Row::cells);
                let text = if io::stdout().is_terminal() {
                    table::for_terminal(T::HEADERS, rows, width())
                } else {
                    table::for_pipe(rows)
                };
                self.write(Stream::Results, &text)
            }
        }
    }

    /// Writes one thing with its details.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn show<T: Details>(&self, item: &T) -> io::Result<()> {
        match self.format {
            Format::Json => self.json(item),
            Format::Text => {
                let details = item.details();
                let longest = details.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
                let line = |(label, value): &(&str, String)| {
                    let value = printable(value, Colours::Remove);
                    format!("{}  {value}\n", self.results.paint(Paint::Label, &format!("{label:longest$}")))
                };
                self.write(Stream::Results, &details.iter().map(line).collect::<String>())
            }
        }
    }

    /// Writes a result that is one line for people and a document for programs.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn say<T: Serialize + ?Sized>(&self, line: &str, document: &T) -> io::Result<()> {
        match self.format {
            Format::Json => self.json(document),
            Format::Text => self.write(Stream::Results, &format!("{}\n", printable(line, Colours::Remove))),
        }
    }

    /// Writes one of many results that come one after the other: a line for people, a line of JSON for programs.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn item<T: Serialize>(&self, line: &str, document: &T) -> io::Result<()> {
        match self.format {
            Format::Json => self.json_line(Stream::Results, document),
            Format::Text => self.write(Stream::Results, &format!("{}\n", printable(line, Colours::Remove))),
        }
    }

    /// Tells what has happened, on standard error: a line for people, with its time a JSON object for programs.
    pub fn event<T: Serialize>(&self, line: &str, event: &T) {
        match self.format {
            Format::Text => self.note(line),
            Format::Json => {
                // Nobody is left to tell when standard error is closed.
                let _ = self.json_line(Stream::Talk, &Timed { time: Timestamp::now(), event });
            }
        }
    }

    /// Writes text that is the result itself, as it is.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn raw(&self, bytes: &[u8]) -> io::Result<()> {
        write_results(bytes)
    }

    /// Writes a line of an app's log: local time for people, a line of JSON for programs.
    ///
    /// # Errors
    /// When the stream cannot be written.
    pub fn log_line(&self, stream: Stream, line: &LogLine) -> io::Result<()> {
        if self.format == Format::Json && stream == Stream::Results {
            return self.json_line(stream, line);
        }
        self.write(stream, &self.log_text(stream, line))
    }

    fn log_text(&self, stream: Stream, line: &LogLine) -> String {
        let painter = if stream == Stream::Results { self.results } else { self.talk };
        let time = painter.paint(Paint::Dim, &local_time(line.time));
        let source = painter.paint(Paint::Label, &printable(&line.source, Colours::Remove));
        let text = printable(&line.text, painter.colours());
        format!("{time} {source}: {text}\n")
    }

    /// Says something on standard error, unless told to be quiet.
    pub fn note(&self, text: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.talk_line(&printable(text, Colours::Remove));
        }
    }

    /// Says something on standard error that only those want to know who asked for more.
    pub fn detail(&self, text: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.talk_line(&self.talk.paint(Paint::Dim, &printable(text, Colours::Remove)));
        }
    }

    /// Shows an error, to the runner of a CI job too.
    pub fn error(&self, report: &Report) {
        self.annotate_error(report);
        if self.format == Format::Json {
            let _ = self.json_line(Stream::Talk, &serde_json::json!({ "error": report }));
            return;
        }
        let clean = |text: &str| printable(text, Colours::Remove).into_owned();
        self.talk_line(&format!("{}: {}", self.talk.paint(Paint::Error, "error"), clean(&report.message)));
        for cause in &report.causes {
            self.talk_line(&format!("{} {}", self.talk.paint(Paint::Dim, "because"), clean(cause)));
        }
        if let Some(hint) = &report.hint {
            self.talk_line(&format!("{}: {}", self.talk.paint(Paint::Hint, "hint"), clean(hint)));
        }
    }

    /// Asks a question; a line that says `y` or `yes` is a yes, anything else a no. What was typed before the question
    /// does not count.
    ///
    /// # Errors
    /// When there is no answer to be had.
    pub fn confirm(&self, question: &str) -> io::Result<bool> {
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        self.write(Stream::Talk, &format!("{} [y/N] ", printable(question, Colours::Remove)))?;
        let mut answer = String::new();
        if io::stdin().lock().read_line(&mut answer)? == 0 {
            self.talk_line("");
        }
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for a secret, which is not shown while it is typed.
    ///
    /// # Errors
    /// When there is no answer to be had.
    pub fn ask_secret(&self, what: &str) -> io::Result<String> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &hidden)?;
        let mut typed = String::new();
        let read = write(Stream::Talk, &format!("{what} (not shown): "))
            .and_then(|()| io::stdin().lock().read_line(&mut typed));
        tcsetattr(io::stdin(), OptionalActions::Now, &before)?;
        self.talk_line("");
        read?;
        Ok(typed.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// A sign of life on standard error for something that takes its time.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let terminal = io::stdout().is_terminal() && io::stderr().is_terminal();
        Progress::new(self.verbosity >= Verbosity::Normal, terminal && self.interactive && self.format == Format::Text)
    }

    /// A sign of life on standard error for reading to the end: a bar where it is known how many bytes there are. Results may
    /// go elsewhere meanwhile, or be written with [`Output::raw_beside`].
    #[must_use]
    pub fn progress_of_reading(&self, bytes: Option<u64>) -> Progress {
        let shown = self.verbosity >= Verbosity::Normal && self.interactive && io::stderr().is_terminal();
        Progress::of_reading(shown, bytes)
    }

    /// Writes results while something is in progress.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn raw_beside(&self, progress: &Progress, bytes: &[u8]) -> io::Result<()> {
        if io::stdout().is_terminal() { progress.aside(|| self.raw(bytes)) } else { self.raw(bytes) }
    }

    fn json<T: Serialize + ?Sized>(&self, document: &T) -> io::Result<()> {
        let text = serde_json::to_string_pretty(document)?;
        write(Stream::Results, &(self.ci.harmless_json(text) + "\n"))
    }

    fn json_line<T: Serialize>(&self, stream: Stream, document: &T) -> io::Result<()> {
        let text = serde_json::to_string(document)?;
        write(stream, &(self.ci.harmless_json(text) + "\n"))
    }

    fn talk_line(&self, text: &str) {
        // Nobody is left to tell when standard error is closed.
        let _ = self.write(Stream::Talk, &format!("{text}\n"));
    }

    /// Text that may hold what others wrote.
    fn write(&self, stream: Stream, text: &str) -> io::Result<()> {
        write(stream, &self.ci.harmless(text))
    }
}

/// Writes all of it at once, so that lines of two processes do not mix.
fn write(stream: Stream, text: &str) -> io::Result<()> {
    match stream {
        Stream::Results => write_results(text.as_bytes()),
        Stream::Talk => io::stderr().lock().write_all(text.as_bytes()),
    }
}

fn write_results(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(unwritten)
}

/// Standard output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("could not write to standard output")]
struct Unwritten(#[source] io::Error);

/// An error of standard output, which says so.
#[must_use]
pub fn unwritten(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), Unwritten(error))
}

/// Whether an error is one of standard output.
#[must_use]
pub fn is_of_the_results(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Unwritten>()).is_some()
}

/// The width of the terminal in columns.
fn width() -> u16 {
    console::Term::stdout().size_checked().map_or(80, |(_, columns)| columns)
}

/// A number for people: `1,000,000`.
#[must_use]
pub fn grouped(number: u64) -> String {
    HumanCount(number).to_string()
}
