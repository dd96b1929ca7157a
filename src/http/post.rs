//! Posting a deploy hook: the status counts, and of what follows it no more than a beginning is read.

use reqwest::header::RETRY_AFTER;
use url::Url;

use crate::http::{Client, HttpError, Reach, guard};

/// The most bytes read of an answer.
const MAX_ANSWER: usize = 4 * 1024;

/// A deploy hook.
#[derive(Debug)]
pub struct Post<'a> {
    /// Its URL.
    pub url: &'a str,
    /// Its headers.
    pub headers: &'a [(&'static str, String)],
    /// Its body; empty if there is nothing in it.
    pub body: String,
    /// What becomes of the connection after it.
    pub connection: Connection,
}

/// What becomes of a connection after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Another request may use it.
    Kept,
    /// It is closed.
    Closed,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status, e.g. 200.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The first 4 kB of the body.
    pub text: String,
}

impl Answer {
    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first line of the body.
    #[must_use]
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default().trim()
    }
}

impl Client {
    /// Posts a deploy hook.
    ///
    /// # Errors
    /// When no answer came; any status is an answer.
    pub async fn post(&self, post: Post<'_>) -> Result<Answer, HttpError> {
        let url = Url::parse(post.url).map_err(|_| HttpError::NotAsItCame)?;
        if self.reach == Reach::PublicOnly {
            guard::check(&url)?;
        }
        let mut request = self.inner.post(url.clone()).header("content-length", post.body.len().to_string());
        for (name, value) in post.headers {
            request = request.header(*name, value);
        }
        if post.connection == Connection::Closed {
            request = request.header("connection", "close");
        }
        if !post.body.is_empty() {
            request = request.body(post.body);
        }
        let sent = request.send().await;
        let mut response = sent.map_err(|error| self.failed(&url, error, self.limit))?;
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while body.len() < MAX_ANSWER {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                // The status has come, and it is what counts.
                Ok(None) | Err(_) => break,
            }
        }
        body.truncate(MAX_ANSWER);
        let text = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status: response.status().as_u16(), retry_after, text })
    }
}
