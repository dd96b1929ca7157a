//! Reading bodies: each bounded in size and time, and all together in memory.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::server::redeploy_hook::answer::Refused;

/// The most bytes of a body; no Git host sends more.
pub(super) const MAX_BODY: usize = 25 * 1024 * 1024;

/// The most bytes of all bodies that are held at a time.
const MAX_TOGETHER: usize = 64 * 1024 * 1024;

/// How long nothing may come of a body that is not kept.
const SILENCE: Duration = Duration::from_millis(500);

/// The room for bodies.
pub struct Bodies(Arc<Semaphore>);

/// A body, and the room that it takes.
pub(super) struct Held {
    pub bytes: Arc<Vec<u8>>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Default for Bodies {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_TOGETHER)))
    }
}

impl Bodies {
    /// Reads a body to its end.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body, limit: Duration) -> Result<Held, Refused> {
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if length.is_some_and(|length| length > MAX_BODY) {
            let _ = timeout(limit, discard(body)).await;
            return Err(Refused::TooLarge);
        }
        timeout(limit, self.read_to_end(body)).await.unwrap_or(Err(Refused::TooSlow))
    }

    async fn read_to_end(&self, body: Body) -> Result<Held, Refused> {
        let mut chunks = body.into_data_stream();
        let (mut whole, mut room) = (Vec::new(), None::<OwnedSemaphorePermit>);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Refused::CutOff)?;
            if whole.len() + chunk.len() > MAX_BODY {
                return Err(Refused::TooLarge);
            }
            let bytes = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            let more = self.0.clone().try_acquire_many_owned(bytes).map_err(|_| Refused::NoRoom)?;
            match &mut room {
                Some(room) => room.merge(more),
                None => room = Some(more),
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(Held { bytes: Arc::new(whole), _room: room })
    }
}

/// Takes what a sender has begun to send, and keeps none of it. A connection that is closed before that loses the answer, and a
/// proxy then says that there is no server.
async fn discard(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut taken = 0;
    while let Ok(Some(Ok(chunk))) = timeout(SILENCE, chunks.next()).await {
        taken += chunk.len();
        if taken > MAX_TOGETHER {
            return;
        }
    }
}
