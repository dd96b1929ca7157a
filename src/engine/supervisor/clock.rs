//! The machine's monotonic clock, which two processes can compare and nobody can set.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

/// The furthest that is waited for at a time: a month.
const FAR: u64 = 30 * 24 * 3_600 * 1_000;

/// A point on the monotonic clock, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct Monotonic(u64);

impl Monotonic {
    pub(in crate::engine) fn now() -> Self {
        let now = clock_gettime(ClockId::Monotonic);
        let milliseconds = now.tv_sec.saturating_mul(1_000).saturating_add(now.tv_nsec / 1_000_000);
        Self(u64::try_from(milliseconds).unwrap_or_default())
    }

    /// A point that is never reached.
    pub(super) fn never() -> Self {
        Self(u64::MAX)
    }

    pub(super) fn at(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    pub(super) fn milliseconds(self) -> u64 {
        self.0
    }

    /// The point `length` later.
    pub(in crate::engine) fn after(self, length: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(length.as_millis()).unwrap_or(u64::MAX)))
    }

    pub(in crate::engine) fn has_passed(self) -> bool {
        self <= Self::now()
    }

    /// The same point on this process's clock; now, if it has passed.
    pub(super) fn instant(self) -> Instant {
        let ahead = self.0.saturating_sub(Self::now().0).min(FAR);
        Instant::now() + Duration::from_millis(ahead)
    }
}
