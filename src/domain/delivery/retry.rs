//! When a delivery is tried again, and when no more.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The longest that a receiver may ask to wait.
const LONGEST: Duration = Duration::from_hours(24);

/// The status of a receiver that wants nothing more.
const GONE: u16 = 410;

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// The receiver has taken it.
    Taken,
    /// The receiver says that it is gone for good.
    Gone,
    /// It has not taken it; it may say when to come again.
    Failed(Option<Duration>),
}

impl Came {
    /// What an answer means. `retry_after` is the text of that header.
    #[must_use]
    pub fn of(status: u16, retry_after: Option<&str>, now: Timestamp) -> Self {
        match status {
            200..=299 => Self::Taken,
            GONE => Self::Gone,
            _ => Self::Failed(retry_after.and_then(|text| wanted_pause(text, now))),
        }
    }
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It has arrived.
    Delivered,
    /// Its hook is switched off.
    SwitchedOff,
    /// It is tried again after this pause.
    Again(Duration),
    /// It has failed for good.
    GivenUp,
}

/// What becomes of a delivery after its `tries`-th attempt, by the pauses between attempts. `random` is any number: a pause is
/// up to a fifth longer, so that what failed together does not come again together.
#[must_use]
pub fn after(came: Came, tries: u64, pauses: &[Duration], random: u16) -> After {
    let wanted = match came {
        Came::Taken => return After::Delivered,
        Came::Gone => return After::SwitchedOff,
        Came::Failed(wanted) => wanted.unwrap_or_default(),
    };
    let pause = usize::try_from(tries.saturating_sub(1)).ok().and_then(|made| pauses.get(made));
    pause.map_or(After::GivenUp, |pause| {
        let jitter = *pause / 5 * u32::from(random) / u32::from(u16::MAX);
        After::Again(pause.saturating_add(jitter).max(wanted.min(LONGEST)))
    })
}

/// The header `Retry-After`: seconds, or a date.
fn wanted_pause(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTimeParser::new().parse_timestamp(text).ok()?;
    Duration::try_from(date.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAUSES: [Duration; 3] = [Duration::from_secs(5), Duration::from_mins(1), Duration::from_hours(8)];

    fn now() -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_failure_is_tried_again_after_each_pause_and_then_given_up() {
        let after = |tries| after(Came::Failed(None), tries, &PAUSES, 0);
        assert_eq!(after(1), After::Again(PAUSES[0]));
        assert_eq!(after(2), After::Again(PAUSES[1]));
        assert_eq!(after(3), After::Again(PAUSES[2]));
        assert_eq!(after(4), After::GivenUp);
    }

    #[test]
    fn what_is_taken_and_who_is_gone_is_not_tried_again() {
        assert_eq!(after(Came::of(204, None, now()), 1, &PAUSES, 0), After::Delivered);
        assert_eq!(after(Came::of(410, Some("60"), now()), 1, &PAUSES, 0), After::SwitchedOff);
        for status in [199, 302, 404, 429, 500] {
            assert_eq!(Came::of(status, None, now()), Came::Failed(None), "{status}");
        }
    }

    #[test]
    fn a_receiver_says_when_to_come_again_in_seconds_or_by_a_date() {
        let cases = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sat, 21 Nov 2026 12:10:00 GMT", Some(600)),
            ("Sat, 21 Nov 2026 11:00:00 GMT", None),
            ("-5", None),
            ("soon", None),
            ("", None),
        ];
        for (text, seconds) in cases {
            let expected = Came::Failed(seconds.map(Duration::from_secs));
            assert_eq!(Came::of(503, Some(text), now()), expected, "{text:?}");
        }
    }

    #[test]
    fn what_a_receiver_asks_for_lengthens_the_pause_up_to_a_day_and_never_shortens_it() {
        let again = |seconds| after(Came::Failed(Some(Duration::from_secs(seconds))), 1, &PAUSES, 0);
        assert_eq!(again(1), After::Again(PAUSES[0]));
        assert_eq!(again(90), After::Again(Duration::from_secs(90)));
        assert_eq!(again(u64::MAX), After::Again(LONGEST));
        assert_eq!(after(Came::Failed(Some(LONGEST)), 4, &PAUSES, 0), After::GivenUp);
    }

    proptest! {
        #[test]
        fn a_pause_is_never_shorter_than_planned_and_at_most_a_fifth_longer(
            tries in 1u64..=3, random: u16, wanted in proptest::option::of(0u64..1_000_000)
        ) {
            let planned = PAUSES[usize::try_from(tries).unwrap() - 1];
            let wanted = wanted.map(Duration::from_secs);
            let After::Again(pause) = after(Came::Failed(wanted), tries, &PAUSES, random) else {
                panic!("it is not tried again");
            };
            prop_assert!(pause >= planned);
            prop_assert!(pause <= (planned + planned / 5).max(wanted.unwrap_or_default().min(LONGEST)));
        }
    }
}
