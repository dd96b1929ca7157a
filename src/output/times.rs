//! Times as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// RFC 3339 in the local time zone, to the second.
#[must_use]
pub fn local_time(time: Timestamp) -> String {
    let zoned = time.to_zoned(TimeZone::system());
    zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// When something is tried again. Where no engine lives, what is due has to wait for one.
#[must_use]
pub fn next_attempt(due: Timestamp) -> String {
    let words = if due > Timestamp::now() { "again at" } else { "due since" };
    format!("{words} {}", local_minute(due))
}

/// Date and time of day in the local time zone, for tables.
#[must_use]
pub fn local_minute(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}
