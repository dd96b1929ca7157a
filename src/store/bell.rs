//! How processes on a store tell each other that there is something new, so that nobody has to look again and again.
//!
//! To ring is to open and close an empty file; who listens has an inotify watch on it. A ring says only that looking is
//! worth while: what is true stands in the store.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use tokio::net::unix::pipe::Receiver;
use tokio::time::sleep;

use crate::store::Store;
use crate::store::lock;

/// What a bell is rung for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// A deployment was queued, begun, ended or asked to end.
    Queue,
    /// A log has new lines.
    Log,
}

impl News {
    fn file(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Log => "log",
        }
    }
}

/// The pause between two looks where the system gives no watch.
const WITHOUT_WATCH: Duration = Duration::from_millis(200);

/// The least pause between two looks of those for whom that is soon enough.
const REST: Duration = Duration::from_millis(50);

/// Somebody who listens.
#[derive(Debug)]
pub struct Bell(Option<Receiver>);

impl Store {
    /// Listens from now on. Look at the store first, then wait.
    #[must_use]
    pub fn bell(&self, news: &[News]) -> Bell {
        let watch = |descriptor: &OwnedFd, news: News| {
            let path = self.bell_of(news);
            lock::open(&path).ok()?;
            add_watch(descriptor, &path, WatchFlags::CLOSE_WRITE).ok()
        };
        let hung = || {
            let descriptor = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()?;
            news.iter().all(|news| watch(&descriptor, *news).is_some()).then_some(())?;
            // Read like a pipe: what it gives are its events.
            Receiver::from_owned_fd_unchecked(descriptor).ok()
        };
        Bell(hung())
    }

    /// Rings; that nobody can hear it is no error.
    pub(super) fn ring(&self, news: News) {
        let _ = lock::open(&self.bell_of(news));
    }

    fn bell_of(&self, news: News) -> PathBuf {
        self.files().join("bells").join(news.file())
    }
}

impl Bell {
    /// The same as [`Self::rung`] for who need not look at once: while it is rung without end, as in a burst of hooks, every
    /// look would cost what it is rung for.
    pub async fn rung_lately(&mut self, most: Duration) {
        sleep(REST.min(most)).await;
        self.rung(most).await;
    }

    /// Waits until it has been rung since the last time, but no longer than `most`.
    pub async fn rung(&mut self, most: Duration) {
        let Some(events) = &self.0 else {
            return sleep(most.min(WITHOUT_WATCH)).await;
        };
        tokio::select! {
            _ = events.readable() => {
                let mut buffer = [0; 4096];
                while events.try_read(&mut buffer).is_ok_and(|count| count > 0) {}
            }
            () = sleep(most) => {}
        }
    }
}
