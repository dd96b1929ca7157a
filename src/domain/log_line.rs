//! One line of an app's log.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::app::AppName;
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;

/// The most bytes a line keeps; what is longer is cut into several lines.
pub const MAX_LINE: usize = 64 * 1024;

/// Which lines of its log a deployment keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How many of its first.
    pub first: u64,
    /// How many of its last.
    pub last: u64,
}

/// What every deployment keeps.
pub const RETENTION: Retention = Retention { first: 1_000, last: 9_000 };

/// The line that stands where `count` lines were dropped.
#[must_use]
pub fn dropped_here(count: u64) -> String {
    let (noun, Retention { first, last }) = (if count == 1 { "line" } else { "lines" }, RETENTION);
    let (count, first, last) = (in_thousands(count), in_thousands(first), in_thousands(last));
    format!("{count} {noun} dropped here: a deployment's log keeps its first {first} and its last {last} lines")
}

/// A number with a comma before each three digits.
fn in_thousands(number: u64) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", in_thousands(thousands), number % 1_000),
    }
}

/// A line of an app's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Its place in the app's log, from 1.
    pub number: u64,
    /// When it was written.
    pub time: Timestamp,
    /// Who wrote it: `shop[web.v4]` for a service's output, `hookbelt[api]` for the engine's own lines.
    pub source: String,
    /// The deployment it belongs to.
    pub deployment: Option<u64>,
    /// The service it belongs to.
    pub service: Option<ServiceName>,
    /// What was written, unescaped.
    pub text: String,
}

/// The source of the engine's own lines.
pub const ENGINE_SOURCE: &str = "hookbelt[api]";

/// How the engine's line begins that says that a deployment failed.
#[must_use]
pub fn failure_begins(deployment: u64) -> String {
    format!("Deployment {deployment} failed")
}

/// The source of a service's output.
#[must_use]
pub fn service_source(app: &AppName, service: &ServiceName, release: ReleaseNumber) -> String {
    format!("{app}[{service}.{release}]")
}

#[cfg(test)]
mod tests {
    use super::dropped_here;

    #[test]
    fn the_line_for_what_was_dropped_has_a_readable_number() {
        let rule = "dropped here: a deployment's log keeps its first 1,000 and its last 9,000 lines";
        for (count, shown) in
            [(1, "1 line"), (999, "999 lines"), (84_000, "84,000 lines"), (1_000_001, "1,000,001 lines")]
        {
            assert_eq!(dropped_here(count), format!("{shown} {rule}"));
        }
    }
}
