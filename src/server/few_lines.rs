//! Lines that anybody on the network can cause: few a minute, so that they push no other out of a log.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The most lines of a minute.
const MOST: u32 = 10;

/// How many lines were written, and since when.
#[derive(Debug, Default)]
pub struct FewLines(Mutex<Option<Minute>>);

#[derive(Debug)]
struct Minute {
    began: Instant,
    lines: u32,
}

/// Whether a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It is.
    Written,
    /// It is, and is the last one of this minute.
    Last,
    /// It is not.
    LeftOut,
}

impl FewLines {
    /// What becomes of another line.
    pub(super) fn another(&self, now: Instant) -> Line {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = kept.take().filter(|minute| now - minute.began < Duration::from_mins(1));
        let minute = kept.insert(minute.unwrap_or(Minute { began: now, lines: 0 }));
        minute.lines = minute.lines.saturating_add(1);
        match minute.lines {
            ..MOST => Line::Written,
            MOST => Line::Last,
            _ => Line::LeftOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_ten_lines_there_are_none_until_a_minute_is_over() {
        let (lines, now) = (FewLines::default(), Instant::now());
        let another = |seconds: u64| lines.another(now + Duration::from_secs(seconds));
        assert!((0..9).all(|second| another(second) == Line::Written));
        assert_eq!((another(9), another(10), another(59)), (Line::Last, Line::LeftOut, Line::LeftOut));
        assert!((60..69).all(|second| another(second) == Line::Written));
        assert_eq!((another(118), another(119)), (Line::Last, Line::LeftOut));
    }
}
