//! An error with its causes in one line, for logs and lists.

use std::error::Error;

/// `outermost: cause: its cause`.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_causes(cause)),
        None => error.to_string(),
    }
}
