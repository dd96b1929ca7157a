//! An app's log as it is written: server-sent events, to be gone on with after the last one that came.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{Stream as Flow, unfold};
use tokio::sync::watch;

use crate::domain::log_line::LogLine;
use crate::domain::token::TokenHash;
use crate::engine::Stopping;
use crate::server::Site;
use crate::server::api_v3::client::{Client, Stack, number};
use crate::server::api_v3::logs::{LINES, MOST_LINES, of_deployment};
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::Failure;
use crate::store::log::LogFilter;
use crate::store::{Bell, News, StoreError};

/// The most lines taken at a time.
const PAGE: u32 = 100;

/// The longest that is waited for the bell; a revoked token is seen no later.
const MOST: Duration = Duration::from_secs(1);

/// Who follows an app's log, and how far.
struct Follower {
    site: Arc<Site>,
    token: TokenHash,
    app_uid: String,
    filter: LogFilter,
    /// The number of the last line that was taken.
    last: u64,
    /// Lines that were taken and not yet sent.
    lines: VecDeque<LogLine>,
    bell: Bell,
    stopping: watch::Receiver<Stopping>,
}

pub(super) async fn follow(stack: Stack, query: Query, headers: HeaderMap) -> Result<Response, Failure> {
    let filter = of_deployment(&stack, &query).await?;
    let lines = query.number("lines", 0)?.unwrap_or(LINES).min(MOST_LINES);
    let store = stack.store().clone();
    // Hung before the first look, so that nothing is missed between the two.
    let bell = store.bell(&[News::Queue, News::Log]);
    let app_uid = stack.uid().to_owned();
    let last = match resume_after(&headers)? {
        Some(last) => last,
        None => store.log_before_last(&app_uid, &filter, lines).await?,
    };
    let Client { site, caller } = stack.client;
    let (stopping, heartbeat) = (site.stopping.clone(), site.limits.heartbeat);
    let (token, lines) = (caller.token, VecDeque::new());
    let mut follower = Follower { site, token, app_uid, filter, last, lines, bell, stopping };
    if follower.is_at_end().await? {
        // Which tells an event source not to come again.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let alive = KeepAlive::new().interval(heartbeat).text("alive");
    Ok(Sse::new(events(follower)).keep_alive(alive).into_response())
}

/// The number of the last line that the client has.
fn resume_after(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(id) = headers.get("last-event-id").filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let last = id.to_str().ok().and_then(number);
    last.map(Some).ok_or_else(|| Failure::bad_request("`Last-Event-ID` must be the id of an event of this stream"))
}

/// An event a line. A stream that breaks off is asked for again by the client, from the last event that it got.
fn events(follower: Follower) -> impl Flow<Item = Result<Event, Infallible>> + Send {
    unfold(follower, async |mut follower| {
        let line = follower.next().await?;
        let event = Event::default().id(line.number.to_string()).data(serde_json::to_string(&line).ok()?);
        Some((Ok(event), follower))
    })
}

impl Follower {
    /// The next line; none once the deployment that is followed has ended, the client may not follow any more, the server
    /// stops, or the store fails.
    async fn next(&mut self) -> Option<LogLine> {
        loop {
            if let Some(line) = self.lines.pop_front() {
                self.last = line.number;
                return Some(line);
            }
            let is_stopping = *self.stopping.borrow_and_update() != Stopping::No;
            if is_stopping || !self.may_follow().await.ok()? || self.is_at_end().await.ok()? {
                return None;
            }
            if self.lines.is_empty() {
                tokio::select! {
                    () = self.bell.rung(MOST) => {}
                    _ = self.stopping.changed() => {}
                }
            }
        }
    }

    /// Whether the token was not revoked meanwhile, and the app is still served.
    async fn may_follow(&self) -> Result<bool, StoreError> {
        Ok(self.site.job(&self.app_uid).is_some() && self.site.store.token(self.token).await?.is_some())
    }

    /// Takes the next lines; says whether there are none and will be none.
    async fn is_at_end(&mut self) -> Result<bool, StoreError> {
        // Looked at before its lines, so that none is missed.
        let is_over = match self.filter.deployment {
            Some(id) => self.site.store.deployment(id).await?.is_none_or(|deployment| deployment.state.is_over()),
            None => false,
        };
        self.lines = self.site.store.log_after(&self.app_uid, &self.filter, self.last, PAGE).await?.into();
        Ok(is_over && self.lines.is_empty())
    }
}
