//! Asking a deployment to stop, and why.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

/// A request to stop, shared by who may make it and who obeys it.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    token: CancellationToken,
    reason: Arc<OnceLock<String>>,
}

impl Cancel {
    /// Asks to stop; the first reason counts.
    pub fn request(&self, reason: &str) {
        let _ = self.reason.set(reason.to_owned());
        self.token.cancel();
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        self.token.cancelled().await;
    }

    /// Why, once somebody has asked.
    #[must_use]
    pub fn reason(&self) -> String {
        self.reason.get().cloned().unwrap_or_default()
    }
}
