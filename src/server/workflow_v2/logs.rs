//! The end of an app's log, as text.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use futures_util::stream::try_unfold;

use crate::domain::log_line::LogLine;
use crate::server::Site;
use crate::server::workflow_v2::page::number;
use crate::server::workflow_v2::reply::{Answer, typed};
use crate::server::workflow_v2::request::AboutApp;
use crate::store::log::LogFilter;
use crate::store::{Store, StoreError};

/// How many lines there are if nobody says.
const USUAL: u64 = 100;

/// The most lines taken at a time.
const AT_ONCE: u64 = 1_000;

/// `GET /v2/apps/{id}/logs`: the last lines. However many they are, few of them are in memory at a time.
pub(super) async fn end(State(site): State<Arc<Site>>, about: AboutApp, RawQuery(query): RawQuery) -> Answer {
    let most = number(query.as_deref().unwrap_or_default(), "log_lines").filter(|lines| *lines > 0).unwrap_or(USUAL);
    let app_uid = about.job.record.uid.clone();
    let after = site.store.log_before_last(&app_uid, &LogFilter::default(), most).await?;
    let mut tail = Tail { store: site.store.clone(), app_uid, after, left: most };
    let text = tail.next().await?;
    if text.is_empty() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let more = tail.next().await?;
    if more.is_empty() {
        return Ok(typed(StatusCode::OK, "text/plain", text));
    }
    let read = try_unfold((vec![more, text], tail), async |(mut read, mut tail)| {
        let text = match read.pop() {
            Some(text) => text,
            None => tail.next().await?,
        };
        Ok::<_, StoreError>((!text.is_empty()).then(|| (Bytes::from(text), (read, tail))))
    });
    Ok(typed(StatusCode::OK, "text/plain", Body::from_stream(read)))
}

/// The rest of what is to be shown of a log.
struct Tail {
    store: Store,
    app_uid: String,
    after: u64,
    left: u64,
}

impl Tail {
    /// The next lines; none when all were shown. What is written meanwhile is not waited for.
    async fn next(&mut self) -> Result<String, StoreError> {
        let most = u32::try_from(self.left.min(AT_ONCE)).unwrap_or(u32::MAX);
        if most == 0 {
            return Ok(String::new());
        }
        let lines = self.store.log_after(&self.app_uid, &LogFilter::default(), self.after, most).await?;
        self.left -= lines.len() as u64;
        self.after = lines.last().map_or(self.after, |line| line.number);
        Ok(lines.iter().map(shown).collect())
    }
}

/// A line as it is in a terminal, but with the time in UTC, which the controller writes `+00:00`, and raw.
fn shown(line: &LogLine) -> String {
    format!("{}+00:00 {}: {}\n", line.time.strftime("%Y-%m-%dT%H:%M:%S"), line.source, line.text)
}
