//! How a run of the program ended: what it printed, and its exit code.

use std::fmt;
use std::path::Path;
use std::process::Command;

/// A run that has ended. Displayed, it is one snapshot: output, errors and exit code, with times, lengths of time
/// and temporary folders replaced.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    raw_stdout: String,
}

impl Outcome {
    pub(crate) fn of(mut command: Command, folder: &Path) -> Self {
        let output = command.output().unwrap();
        let raw_stdout = String::from_utf8(output.stdout).unwrap();
        let stdout = steady(&raw_stdout, folder);
        let stderr = steady(&String::from_utf8(output.stderr).unwrap(), folder);
        Self { code: output.status.code().unwrap_or(-1), stdout, stderr, raw_stdout }
    }

    /// The standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.raw_stdout).unwrap_or_else(|error| panic!("{error} in {self}"))
    }

    /// Fails the test unless the run ended with this code.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.stdout)?;
        if !self.stderr.is_empty() {
            write!(formatter, "--- stderr\n{}", self.stderr)?;
        }
        write!(formatter, "[exit {}]", self.code)
    }
}

/// The text with what differs from run to run replaced.
fn steady(text: &str, folder: &Path) -> String {
    let real = folder.canonicalize().unwrap();
    let text = text.replace(real.to_str().unwrap(), "[TMP]").replace(folder.to_str().unwrap(), "[TMP]");
    let mut steady = String::new();
    for line in text.split_inclusive('\n') {
        let words: Vec<String> = line.split(' ').map(without_times).collect();
        steady.push_str(&words.join(" "));
    }
    steady
}

/// A word with the times and lengths of time in it replaced.
fn without_times(word: &str) -> String {
    let text = word.trim_end_matches(['\n', '\t', ',', ')', '"', ':']);
    let rest = &word[text.len()..];
    let parts: Vec<&str> = text.split('\t').collect();
    let replaced: Vec<&str> = parts.into_iter().map(|part| if is_time(part) { "[TIME]" } else { part }).collect();
    format!("{}{rest}", replaced.join("\t"))
}

fn is_time(text: &str) -> bool {
    let text = text.trim_start_matches(['(', '"']);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let length = text.strip_suffix("ms").or_else(|| text.strip_suffix('s')).is_some_and(digits);
    let date = text.len() >= 10 && digits(&text[..4]) && text[4..].starts_with('-') && text[10..].starts_with('T');
    let day = text.len() == 10 && digits(&text[..4]) && text[4..].starts_with('-') && digits(&text[8..]);
    let minute = text.len() == 5 && digits(&text[..2]) && text[2..].starts_with(':') && digits(&text[3..]);
    length || date || day || minute
}
