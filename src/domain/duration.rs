//! Lengths of time as people write them: `90s`, `15m`, `2h 30m`, `30d`.

use std::time::Duration;

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Why a text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a length of time: write it like `90s`, `15m` or `2h 30m`")]
pub struct InvalidDuration(String);

/// Reads a length of time of at least a millisecond; a day has 24 hours.
///
/// # Errors
/// When it is malformed, zero or negative.
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    let refused = || InvalidDuration(text.chars().take(80).collect());
    let length: Span = text.trim().parse().map_err(|_| refused())?;
    let length = length.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| refused())?;
    let length = Duration::try_from(length).map_err(|_| refused())?;
    if length.as_millis() == 0 { Err(refused()) } else { Ok(length) }
}

/// Writes a length of time in whole seconds, or in milliseconds below one second.
#[must_use]
pub fn show(length: Duration) -> String {
    let rounded = match length.as_secs() {
        0 => Duration::from_millis(u64::from(length.subsec_millis())),
        seconds => Duration::from_secs(seconds),
    };
    SignedDuration::try_from(rounded).map_or_else(|_| "ages".to_owned(), |length| format!("{length:#}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, show};

    #[test]
    fn lengths_of_time_are_read_and_written() {
        let cases = [
            ("90s", 90, "1m 30s"),
            ("15m", 900, "15m"),
            ("2h 30m", 9000, "2h 30m"),
            (" 1s ", 1, "1s"),
            ("2d", 172_800, "48h"),
        ];
        for (text, seconds, shown) in cases {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text:?}");
            assert_eq!(show(Duration::from_secs(seconds)), shown);
        }
        assert_eq!(show(Duration::from_millis(250)), "250ms");
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in ["", "0s", "-5m", "15", "soon", "1mo", "1y"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
