//! The machine's monotonic clock, which its processes can compare and nobody can set. Leases are given in it.

use std::fs;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

/// The furthest that is waited for at a time: a month.
const FAR: u64 = 30 * 24 * 3_600 * 1_000;

/// A point on the monotonic clock, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Monotonic(u64);

impl Monotonic {
    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        let now = clock_gettime(ClockId::Monotonic);
        let milliseconds = now.tv_sec.saturating_mul(1_000).saturating_add(now.tv_nsec / 1_000_000);
        Self(u64::try_from(milliseconds).unwrap_or_default())
    }

    /// A point that is never reached.
    #[must_use]
    pub fn never() -> Self {
        Self(u64::MAX)
    }

    /// So many milliseconds after the clock began.
    #[must_use]
    pub fn at(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    /// What [`milliseconds`](Self::milliseconds) was written as.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// Since the clock began.
    #[must_use]
    pub fn milliseconds(self) -> u64 {
        self.0
    }

    /// The point `length` later.
    #[must_use]
    pub fn after(self, length: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(length.as_millis()).unwrap_or(u64::MAX)))
    }

    /// Whether it lies behind.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self <= Self::now()
    }

    /// The same point on this process's clock; now, if it has passed.
    #[must_use]
    pub fn instant(self) -> Instant {
        let ahead = self.0.saturating_sub(Self::now().0).min(FAR);
        Instant::now() + Duration::from_millis(ahead)
    }
}

/// What the system calls its time since it was started: the clock of one cannot be compared with another's.
#[must_use]
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}
