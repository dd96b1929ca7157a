//! The log of a deployment as the runner of a CI job shows it, folded by service, and what it learns beside the log.

use std::fs::OpenOptions;
use std::io::{self, Write};

use jiff::Timestamp;

use crate::domain::deployment::{Deployment, RunState, Strategy};
use crate::domain::log_line::{ENGINE_SOURCE, LogLine};
use crate::output::ci::{self, Ci, Level};
use crate::output::{Format, Output, Report, Stream, write};

/// The log of one deployment, line by line. Its last fold ends when it is dropped.
#[derive(Debug)]
pub struct DeploymentLog {
    output: Output,
    stream: Stream,
    open: Option<Fold>,
    folds: u32,
}

/// A fold that has begun.
#[derive(Debug)]
struct Fold {
    title: String,
    /// The token at GitHub, the section's name at GitLab.
    mark: String,
    /// When its last line was written.
    last: Timestamp,
}

impl DeploymentLog {
    /// Shows a line, in the fold of its service.
    ///
    /// # Errors
    /// When the stream cannot be written.
    pub fn line(&mut self, deployment: &Deployment, line: &LogLine) -> io::Result<()> {
        self.fold(deployment, line)?;
        let text = self.output.log_text(self.stream, line);
        // In a fold the runner obeys nothing, so the line is shown as it is.
        if self.open.is_some() { write(self.stream, &text) } else { self.output.write(self.stream, &text) }
    }

    /// A fold begins with what a service prints. What the engine says of the service is in it, but begins none.
    fn fold(&mut self, deployment: &Deployment, line: &LogLine) -> io::Result<()> {
        let title = title(deployment, line);
        if let Some(open) = self.open.as_mut().filter(|open| Some(&open.title) == title.as_ref()) {
            open.last = line.time;
            return Ok(());
        }
        self.end()?;
        match title {
            Some(title) if line.source != ENGINE_SOURCE => self.begin(title, deployment, line),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, title: String, deployment: &Deployment, line: &LogLine) -> io::Result<()> {
        let (mark, text) = match self.output.ci {
            Ci::Elsewhere => return Ok(()),
            Ci::GitHub { .. } => {
                // Without a token that nobody can foresee there is no fold, and lines are made harmless.
                let Some(token) = random() else {
                    return Ok(());
                };
                let text = ci::begin_group(&title, &token);
                (token, text)
            }
            Ci::GitLab => {
                self.folds += 1;
                let name = format!("hookbelt_{}_{}", deployment.id, self.folds);
                let text = ci::begin_section(&name, &title, line.time);
                (name, text)
            }
        };
        self.open = Some(Fold { title, mark, last: line.time });
        write(self.stream, &text)
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(Fold { mark, last, .. }) = self.open.take() else {
            return Ok(());
        };
        let text = if self.output.ci == Ci::GitLab { ci::end_section(&mark, last) } else { ci::end_group(&mark) };
        write(self.stream, &text)
    }
}

impl Drop for DeploymentLog {
    fn drop(&mut self) {
        // Nobody is left to tell when the stream is closed.
        let _ = self.end();
    }
}

/// The fold that a line is in: its service's, or the one of all services that are run side by side, whose lines mix.
fn title(deployment: &Deployment, line: &LogLine) -> Option<String> {
    let service = line.service.as_ref()?;
    if deployment.strategy == Strategy::Serial {
        return Some(service.to_string());
    }
    let parts = deployment.services.iter().filter(|part| part.state != RunState::Skipped);
    Some(parts.map(|part| part.service.to_string()).collect::<Vec<_>>().join(", "))
}

impl Output {
    /// The log of a deployment on the stream that is not for results, if results are a document.
    #[must_use]
    pub fn deployment_log(&self) -> DeploymentLog {
        let stream = if self.format == Format::Json { Stream::Talk } else { Stream::Results };
        let _ = self.log_stream.set(stream);
        DeploymentLog { output: self.clone(), stream, open: None, folds: 0 }
    }

    /// Tells the runner of the job what came of it; steps after this one can use it. That it cannot be told is no
    /// failure of what was done.
    pub fn tell_job(&self, values: &[(&str, String)]) {
        let Ci::GitHub { outputs: Some(path) } = &self.ci else {
            return;
        };
        let written =
            random().ok_or_else(|| io::Error::other("the system gives no random numbers")).and_then(|delimiter| {
                let mut file = OpenOptions::new().append(true).create(true).open(path)?;
                file.write_all(ci::outputs(values, &delimiter).as_bytes())
            });
        if let Err(error) = written {
            self.annotate(Level::Warning, &format!("the outputs of this step could not be written: {error}"));
        }
    }

    /// Has an error shown with the summary of the job.
    pub(super) fn annotate_error(&self, report: &Report) {
        self.annotate(Level::Error, &ci::message(report));
    }

    /// Shows an error of usage, which says itself how to go on.
    pub fn usage_error(&self, text: &str) {
        let first = text.lines().next().unwrap_or_default();
        self.annotate(Level::Error, first.trim_start_matches("error: "));
        let _ = self.write(Stream::Talk, text);
    }

    /// The runner reads the two streams side by side. On the other one than the log's it could come before the end of the
    /// last fold, and not be obeyed.
    fn annotate(&self, level: Level, message: &str) {
        if !matches!(self.ci, Ci::GitHub { .. }) {
            return;
        }
        let text = ci::annotation(level, message);
        let stream = self.log_stream.get().copied().unwrap_or(Stream::Talk);
        if write(stream, &text).is_err() && stream == Stream::Results {
            let _ = write(Stream::Talk, &text);
        }
    }
}

/// 32 digits that nobody can foresee.
fn random() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex::encode(bytes))
}
