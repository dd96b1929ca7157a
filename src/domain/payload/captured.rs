//! A request to a redeployment hook as somebody has it in a file.

use hookbelt_signature::request::NotARequest;
use hookbelt_signature::request::raw::{Raw, begins};

use crate::domain::payload::Received;

/// A request as it went over a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured<'a> {
    headers: Vec<(&'a str, &'a str)>,
    query: &'a str,
    body: &'a [u8],
}

/// Why bytes are no request that a redeployment hook takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCaptured {
    /// They do not begin with a request line.
    #[error("the payload does not begin with a request line such as `POST /stacks/redeploy/a/b HTTP/1.1`")]
    NoRequestLine,
    /// A part cannot be read.
    #[error(transparent)]
    Malformed(#[from] NotARequest),
    /// Another method.
    #[error("the method of the payload is {0}, and a redeployment hook takes POST alone")]
    NotPost(String),
    /// A body in pieces, each with its length.
    #[error("the body of the payload is chunked, which is not taken apart here")]
    Chunked,
}

impl<'a> Captured<'a> {
    /// Whether the bytes begin as a request does; a bare body does not.
    #[must_use]
    pub fn is_begun_by(bytes: &[u8]) -> bool {
        begins(bytes.trim_ascii_start())
    }

    /// Reads a request: request line, headers, an empty line, body. The body is what follows, whatever length the headers say,
    /// so that a capture can be edited. A header that is no text is left out.
    ///
    /// # Errors
    /// When it is none, or not of a kind that a redeployment hook takes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotCaptured> {
        let bytes = bytes.trim_ascii_start();
        if !begins(bytes) {
            return Err(NotCaptured::NoRequestLine);
        }
        let raw = Raw::cut(bytes)?;
        if raw.method != "POST" {
            return Err(NotCaptured::NotPost(raw.method.to_owned()));
        }
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).ok();
        let headers = raw.headers.into_iter().filter_map(|(name, value)| Some((text(name)?, text(value)?)));
        let target = raw.target.split_once('#').map_or(raw.target, |(target, _)| target);
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let captured = Self { headers: headers.collect(), query, body: raw.body };
        let encoding = captured.received().header("Transfer-Encoding").unwrap_or_default();
        if encoding.to_ascii_lowercase().contains("chunked") { Err(NotCaptured::Chunked) } else { Ok(captured) }
    }

    /// The request.
    #[must_use]
    pub fn received(&self) -> Received<'_> {
        Received { headers: &self.headers, query: self.query, body: self.body }
    }
}
