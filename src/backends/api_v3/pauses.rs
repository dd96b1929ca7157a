//! How often something elsewhere is looked at: at once, then after pauses that grow.

use std::time::Duration;

use crate::config::user_file::Limits;

/// The pauses between looks.
#[derive(Debug, Default)]
pub(super) struct Pauses(Option<Duration>);

impl Pauses {
    /// The pause before the next look: none before the first, then each half as long again, up to the longest.
    pub(super) fn next(&mut self, limits: &Limits) -> Duration {
        let next = match self.0 {
            None => Duration::ZERO,
            Some(Duration::ZERO) => limits.poll.min(limits.poll_most),
            Some(before) => (before * 3 / 2).min(limits.poll_most),
        };
        self.0 = Some(next);
        next
    }

    /// Something has happened: the next pause is a short one.
    pub(super) fn begin_again(&mut self) {
        self.0 = Some(Duration::ZERO);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pauses;
    use crate::config::user_file::Limits;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let limits = Limits { poll: Duration::from_secs(2), poll_most: Duration::from_secs(5), ..Limits::default() };
        let mut pauses = Pauses::default();
        let taken: Vec<u128> = (0..5).map(|_| pauses.next(&limits).as_millis()).collect();
        assert_eq!(taken, [0, 2_000, 3_000, 4_500, 5_000]);
        pauses.begin_again();
        assert_eq!(pauses.next(&limits), limits.poll);
        let limits = Limits { poll: Duration::from_mins(1), ..limits };
        pauses.begin_again();
        assert_eq!(pauses.next(&limits), limits.poll_most);
    }
}
