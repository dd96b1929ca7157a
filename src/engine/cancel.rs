//! Asking a deployment to stop, and why.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

/// A request to stop, shared by who may make it and who obeys it.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    token: CancellationToken,
    why: Arc<OnceLock<Why>>,
}

/// Why a run is to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nobody wants it any more.
    Canceled(String),
    /// Its engine ends; it is to be run again.
    Interrupted(String),
}

impl Why {
    /// Who asked, or what happened.
    #[must_use]
    pub fn reason(self) -> String {
        let (Self::Canceled(reason) | Self::Interrupted(reason)) = self;
        reason
    }
}

impl Cancel {
    /// Asks to stop for good; the first who asks counts.
    pub fn request(&self, reason: &str) {
        self.ask(Why::Canceled(reason.to_owned()));
    }

    /// Asks to stop, to be run again later.
    pub fn interrupt(&self, reason: &str) {
        self.ask(Why::Interrupted(reason.to_owned()));
    }

    fn ask(&self, why: Why) {
        let _ = self.why.set(why);
        self.token.cancel();
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        self.token.cancelled().await;
    }

    /// Why, once somebody has asked.
    #[must_use]
    pub fn why(&self) -> Option<Why> {
        self.why.get().cloned()
    }
}
