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

/// Hooks that were written, and what came of them.
type Written = Vec<(Waiting, Accepted)>;

/// Accepts hooks.
pub struct Acceptor(mpsc::Sender<Waiting>);

impl Acceptor {
    /// Starts accepting. Deliveries are remembered so long.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub fn start(store: Store, remember: Duration, metrics: Arc<Metrics>) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(MOST_TOGETHER);
        let (tell, written) = mpsc::unbounded_channel();
        tokio::spawn(answer(written));
        let runtime = runtime::Builder::new_current_thread().enable_time().build()?;
        let accept = move || runtime.block_on(accept(store, remember, metrics, receiver, tell));
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

/// Answers in the thread where hooks come from: each would be woken from another one by a call of the system, and the memory of
/// each is given back under a lock that this one would wait for.
async fn answer(mut written: mpsc::UnboundedReceiver<Written>) {
    while let Some(written) = written.recv().await {
        for (Waiting { answer, .. }, accepted) in written {
            // Whoever broke off is not told, but the hook counts.
            let _ = answer.send(accepted);
        }
    }
}

async fn accept(
    store: Store,
    remember: Duration,
    metrics: Arc<Metrics>,
    mut receiver: mpsc::Receiver<Waiting>,
    tell: mpsc::UnboundedSender<Written>,
) {
    let mut together = Vec::with_capacity(MOST_TOGETHER);
    let mut last = Write::default();
    loop {
        store.set_hooks_waiting(!receiver.is_empty());
        if receiver.recv_many(&mut together, MOST_TOGETHER).await == 0 {
            return;
        }
        store.set_hooks_waiting(true);
        last.gather(&mut receiver, &mut together).await;
        let hooks: Vec<&NewHook> = together.iter().map(|waiting| &waiting.hook).collect();
        let began = Instant::now();
        let outcomes = store.accept_hooks(&hooks, remember).await;
        last = Write { took: began.elapsed(), hooks: hooks.len() };
        metrics.wrote(last.took);
        let accepted: Vec<Accepted> = match outcomes {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(Arc::new(error)); together.len()],
        };
        if tell.send(together.drain(..).zip(accepted).collect()).is_err() {
            return;
        }
        store.ring_for_hooks();
    }
}
