//! Waiting for what nobody tells of: a row in the store, a line in a log of another program.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longer than anything takes that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until something is so, looking again and again.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        sleep(Duration::from_millis(5));
    }
}
