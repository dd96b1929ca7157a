//! Random numbers that can be had again.

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A row of random numbers; what it grew from is said when the test fails, and can be set as `BAD_DAYS_SEED`.
pub(super) struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    pub(super) fn new() -> Self {
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let seed = std::env::var("BAD_DAYS_SEED").map_or_else(|_| now(), |seed| seed.parse().unwrap());
        Self { seed, state: seed }
    }

    /// Another row, for another thread.
    pub(super) fn fork(&mut self) -> Self {
        Self { seed: self.seed, state: self.next() }
    }

    /// Splitmix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    /// Lets up to so many milliseconds pass. Nothing is waited for: what comes next is to befall whatever goes on.
    pub(super) fn pass(&mut self, most: u64) {
        sleep(Duration::from_millis(self.below(most)));
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "to have the same random numbers: BAD_DAYS_SEED={}", self.seed);
        }
    }
}
