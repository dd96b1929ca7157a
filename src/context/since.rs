//! A time in the past, as people type it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::duration;

/// A length of time before now, a time, or a day in the local time zone.
///
/// # Errors
/// When it is none of these.
pub fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(length) = duration::parse(text) {
        return Timestamp::now().checked_sub(length).map_err(|error| error.to_string());
    }
    let local = |at: DateTime| at.to_zoned(TimeZone::system()).map(|zoned| zoned.timestamp());
    let time = text.parse::<Timestamp>().or_else(|_| text.parse().and_then(local));
    time.map_err(|_| format!("{text:?} is neither a length of time like `2h` nor a time like `2026-11-21T15:07:29Z`"))
}
