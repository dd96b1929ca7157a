//! Signs of life: a spinner or a bar on a terminal, elsewhere a plain line now and then.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the spinner turns.
const TURN: Duration = Duration::from_millis(120);

/// What is going on.
#[derive(Debug)]
pub struct Progress {
    spinner: Option<ProgressBar>,
    speaks: bool,
}

impl Progress {
    pub(super) fn new(speaks: bool, terminal: bool) -> Self {
        let spinner = (speaks && terminal).then(|| {
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner()).tick_chars("|/-\\ ");
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
            bar.enable_steady_tick(TURN);
            bar
        });
        Self { spinner, speaks }
    }

    /// How far the reading of something has come: a bar where it is known how many bytes there are.
    pub(super) fn of_reading(shown: bool, bytes: Option<u64>) -> Self {
        let spinner = shown.then(|| {
            let template = if bytes.is_some() {
                "{wide_bar} {percent:>3} %, {eta} left"
            } else {
                "{spinner} {decimal_bytes} read"
            };
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            let style = style.tick_chars("|/-\\ ").progress_chars("=> ");
            ProgressBar::with_draw_target(bytes, ProgressDrawTarget::stderr()).with_style(style)
        });
        Self { spinner, speaks: false }
    }

    /// So many bytes more are read.
    pub fn advance(&self, bytes: u64) {
        if let Some(spinner) = &self.spinner {
            spinner.inc(bytes);
        }
    }

    /// What is going on now; shown on a terminal alone.
    pub fn set(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(text.to_owned());
        }
    }

    /// A sign of life, where no spinner gives one.
    pub fn beat(&self, text: &str) {
        if self.speaks && self.spinner.is_none() {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    /// Takes the spinner off the screen until [`Progress::resume`].
    pub fn pause(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }

    /// Puts the spinner back.
    pub fn resume(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.reset();
            spinner.enable_steady_tick(TURN);
        }
    }

    /// Runs something that writes to the terminal, with the spinner out of its way.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}
