//! The one place where hooks are written: those that come while the disk is busy are written together.
//!
//! A thread of its own does it: in the one that answers, every step of the transaction that some requests wait for would wait
//! for other requests.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use crate::server::metrics::Metrics;
use crate::store::accept::{NewHook, Outcome};
use crate::store::{Store, StoreError};

/// The most hooks that share a transaction.
const MOST_TOGETHER: usize = 256;

/// A write that takes so long is worth gathering for: whoever it answers may send the next hook at once.
const SLOW: Duration = Duration::from_millis(4);

/// What came of a hook; when the store could not be written, of all that were written with it.
pub(super) type Accepted = Result<Outcome, Arc<StoreError>>;

struct Waiting {
    hook: NewHook,
    answer: oneshot::Sender<Accepted>,
}

/// Accepts hooks.
pub struct Acceptor(mpsc::Sender<Waiting>);

impl Acceptor {
    /// Starts accepting. Deliveries are remembered so long.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(store: Store, remember: Duration, metrics: Arc<Metrics>) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(MOST_TOGETHER);
        let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
        let accept = move || runtime.block_on(accept(store, remember, metrics, receiver));
        thread::Builder::new().name("acceptor".to_owned()).spawn(accept)?;
        Ok(Self(sender))
    }

    /// Accepts a hook. It is on disk when this returns.
    pub(super) async fn accept(&self, hook: NewHook) -> Option<Accepted> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Waiting { hook, answer }).await.ok()?;
        answered.await.ok()
    }
}

/// The write before.
#[derive(Debug, Default)]
struct Write {
    took: Duration,
    hooks: usize,
}

impl Write {
    /// On a slow disk, waits a quarter of what a write takes for as many more as the one before answered.
    async fn gather(&self, receiver: &mut mpsc::Receiver<Waiting>, together: &mut Vec<Waiting>) {
        if self.took < SLOW {
            return;
        }
        let wanted = (together.len() + self.hooks).min(MOST_TOGETHER);
        let more = async {
            while together.len() < wanted && receiver.recv_many(together, wanted - together.len()).await > 0 {}
        };
        // Those that came so far are kept.
        let _ = timeout(self.took / 4, more).await;
    }
}

async fn accept(store: Store, remember: Duration, metrics: Arc<Metrics>, mut receiver: mpsc::Receiver<Waiting>) {
    let mut together = Vec::with_capacity(MOST_TOGETHER);
    let mut last = Write::default();
    loop {
        store.set_hooks_waiting(!receiver.is_empty());
        if receiver.recv_many(&mut together, MOST_TOGETHER).await == 0 {
            return;
        }
        store.set_hooks_waiting(true);
        last.gather(&mut receiver, &mut together).await;
        let (hooks, answers): (Vec<NewHook>, Vec<oneshot::Sender<Accepted>>) =
            together.drain(..).map(|waiting| (waiting.hook, waiting.answer)).unzip();
        let began = Instant::now();
        let accepted = store.accept_hooks(&hooks, remember).await;
        last = Write { took: began.elapsed(), hooks: answers.len() };
        metrics.wrote(last.took);
        match accepted {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // Whoever broke off is not told, but the hook counts.
                    let _ = answer.send(Ok(outcome));
                }
                store.ring_for_hooks();
            }
            Err(error) => {
                let error = Arc::new(error);
                for answer in answers {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }
}
