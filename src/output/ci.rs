//! What the runner of a CI job understands in the job's output: GitHub's workflow commands and outputs, GitLab's
//! sections. Texts alone; `job.rs` writes them.
//!
//! GitHub's runner looks for commands in every line of both streams: `::name::` at its beginning, and `##[name]`
//! anywhere in it. So text of others must not look like either, wherever the runner listens.

use std::borrow::Cow;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::domain::printable::{Colours, printable};
use crate::output::Report;

/// Whose job this process is part of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Ci {
    /// Nobody's that writes differently than a terminal.
    #[default]
    Elsewhere,
    /// GitHub Actions', or of something that understands the same.
    GitHub {
        /// The file that takes the step's outputs.
        outputs: Option<PathBuf>,
    },
    /// GitLab's.
    GitLab,
}

/// How GitHub shows something beside the log.
#[derive(Debug, Clone, Copy)]
pub(super) enum Level {
    Error,
    Warning,
}

impl Ci {
    /// Text that is no command to the runner: the same, but for a `\` in what would be one.
    pub(super) fn harmless<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if !matches!(self, Self::GitHub { .. }) || !(text.contains("::") || text.contains("##[")) {
            return Cow::Borrowed(text);
        }
        let harmless = |line: &str| {
            let (blanks, words) = line.split_at(line.len() - line.trim_start().len());
            let guard = if words.starts_with("::") { "\\" } else { "" };
            format!("{blanks}{guard}{}", words.replace("##[", "##\\["))
        };
        Cow::Owned(text.split_inclusive(['\n', '\r']).map(harmless).collect())
    }

    /// JSON that is no command to the runner, and means the same. Its lines begin with quotes and brackets.
    pub(super) fn harmless_json(&self, json: String) -> String {
        if matches!(self, Self::GitHub { .. }) { json.replace("##[", "##\\u005b") } else { json }
    }
}

/// An annotation: GitHub shows it with the job's summary.
pub(super) fn annotation(level: Level, message: &str) -> String {
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    format!("::{level} title=hookbelt::{}\n", escaped(message))
}

/// An error and its causes, a line each; what others wrote in them makes no lines.
pub(super) fn message(report: &Report) -> String {
    let because = report.causes.iter().map(|cause| format!("because {cause}"));
    let lines = [report.message.clone()].into_iter().chain(because);
    lines.map(|line| printable(&line, Colours::Remove).into_owned()).collect::<Vec<_>>().join("\n")
}

/// The text behind a workflow command.
fn escaped(data: &str) -> String {
    data.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Outputs of a step, as its file takes them; no value holds the delimiter, since nobody can foresee it.
pub(super) fn outputs(values: &[(&str, String)], delimiter: &str) -> String {
    let lines = values.iter().map(|(name, value)| [name, "<<", delimiter, "\n", value, "\n", delimiter, "\n"].concat());
    lines.collect()
}

/// What begins a fold of GitHub's log in which no command is obeyed until `token` is said.
pub(super) fn begin_group(title: &str, token: &str) -> String {
    format!("::group::{}\n::stop-commands::{token}\n", escaped(title))
}

/// What ends it.
pub(super) fn end_group(token: &str) -> String {
    format!("::{token}::\n::endgroup::\n")
}

/// What begins a fold of GitLab's log. It needs nothing against text of others, whose control characters are never
/// shown.
pub(super) fn begin_section(name: &str, title: &str, at: Timestamp) -> String {
    format!("\u{1b}[0Ksection_start:{}:{name}\r\u{1b}[0K{title}\n", at.as_second())
}

/// What ends it.
pub(super) fn end_section(name: &str, at: Timestamp) -> String {
    format!("\u{1b}[0Ksection_end:{}:{name}\r\u{1b}[0K\n", at.as_second())
}

#[cfg(test)]
mod tests;
