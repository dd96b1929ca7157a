//! Hooks go first: whoever sent one waits for the answer, and nobody for what else is written, unless that waits for long.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::store::Store;

/// The longest that anything waits for hooks.
const PATIENCE: Duration = Duration::from_millis(50);

/// Whether hooks wait to be written.
#[derive(Debug, Default)]
pub(super) struct Precedence(watch::Sender<bool>);

impl Precedence {
    fn set(&self, waiting: bool) {
        self.0.send_if_modified(|before| std::mem::replace(before, waiting) != waiting);
    }

    /// Waits until no hook does, though not for long.
    pub(super) async fn of_hooks(&self) {
        let mut waiting = self.0.subscribe();
        if *waiting.borrow() {
            let _ = timeout(PATIENCE, waiting.wait_for(|waiting| !waiting)).await;
        }
    }
}

impl Store {
    /// Says whether hooks wait to be written: what else this process writes lets them go first.
    pub fn set_hooks_waiting(&self, waiting: bool) {
        self.precedence.set(waiting);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::runtime::Builder;

    use super::*;

    #[test]
    fn others_wait_for_hooks_and_never_for_ever() {
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let precedence = Precedence::default();
            assert!(precedence.of_hooks().now_or_never().is_some(), "there are none");
            precedence.set(true);
            precedence.of_hooks().await;
            let mut other = Box::pin(precedence.of_hooks());
            assert!(other.as_mut().now_or_never().is_none());
            precedence.set(false);
            assert!(other.now_or_never().is_some());
        });
    }
}
