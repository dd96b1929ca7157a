//! What can be wrong with a TOML file, and where.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::config::files::FileError;
use crate::domain::causes::with_causes;
use crate::domain::nearest::nearest;
use crate::domain::printable::{Colours, printable};

/// A place in a file, counted from 1; columns are characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    line_and_column: Option<(usize, usize)>,
}

impl Place {
    fn of(path: &Path, text: &str, span: Option<Range<usize>>) -> Self {
        let line_and_column = span.and_then(|span| text.get(..span.start)).map(|before| {
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
            (line, column)
        });
        Self { path: path.to_owned(), line_and_column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.path.display())?;
        if let Some((line, column)) = self.line_and_column {
            write!(formatter, ":{line}:{column}")?;
        }
        Ok(())
    }
}

/// What is wrong in a TOML file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct TomlError {
    place: Place,
    message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl TomlError {
    /// What the TOML reader found in `text`.
    #[must_use]
    pub fn new(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let message = error.message();
        let place = Place::of(path, text, error.span());
        let (message, hint) = unknown_key(message).unwrap_or_else(|| {
            let missing_key = message.strip_prefix("missing field ").map(|key| format!("missing key {key}"));
            (missing_key.or_else(|| wrong_type(message)).unwrap_or_else(|| message.to_owned()), None)
        });
        Self { place, message: printable(&message, Colours::Remove).replace("\\n", "; "), hint }
    }
}

/// serde's sentence about an unknown field, in our words and with the nearest of the keys it lists.
fn unknown_key(message: &str) -> Option<(String, Option<String>)> {
    let rest = message.strip_prefix("unknown field `")?;
    let (key, expected) = rest.split_once("`, ")?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let hint = match nearest(key, &known, |known| (*known).to_owned()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("keys that can stand here: {}", known.join(", ")),
    };
    Some((format!("unknown key `{key}`"), Some(hint)))
}

/// serde's sentence about a value of the wrong type, in the words of TOML and without the value: it may be a
/// secret that was written where the place of one is expected.
fn wrong_type(message: &str) -> Option<String> {
    let (found, expected) = message.strip_prefix("invalid type: ")?.rsplit_once(", expected ")?;
    let found = match found.split(' ').next()? {
        "string" => "a string",
        "integer" => "an integer",
        "floating" => "a float",
        "boolean" => "a boolean",
        "sequence" => "an array",
        "map" => "a table",
        _ => "this",
    };
    let expected = match expected {
        "a sequence" => "an array",
        "a map" => "a table",
        expected => expected,
    };
    Some(format!("expected {expected}, not {found}"))
}

/// A fault whose place is not yet a line.
#[derive(Debug)]
pub(in crate::config) struct Fault {
    span: Option<Range<usize>>,
    message: String,
    hint: Option<String>,
}

impl Fault {
    pub(in crate::config) fn new(span: Range<usize>, message: String) -> Self {
        Self { span: Some(span), message, hint: None }
    }

    /// A fault of the file as a whole.
    pub(in crate::config) fn nowhere(message: &str) -> Self {
        Self { span: None, message: message.to_owned(), hint: None }
    }

    pub(in crate::config) fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(in crate::config) fn at(self, path: &Path, text: &str) -> TomlError {
        TomlError { place: Place::of(path, text, self.span), message: self.message, hint: self.hint }
    }
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It does not say what it should.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// There is no working folder to begin from.
    #[error("the working folder cannot be found")]
    NoFolder {
        /// What the system said.
        source: io::Error,
    },
}

impl ManifestError {
    /// All of it on one line, as for a log: why, and what to do about it.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        let hint = if let Self::Toml(error) = self { error.hint.as_deref() } else { None };
        with_causes(self) + &hint.map(|hint| format!(" ({hint})")).unwrap_or_default()
    }
}
