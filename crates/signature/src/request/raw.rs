//! A request as it goes over a socket: request line, headers, an empty line, body.
//!
//! What hooks of either direction need of a captured request begins here.

use std::borrow::Cow;

use crate::request::{NotARequest, Request};

/// Whether the first line is a request line of HTTP/1.x.
#[must_use]
pub fn begins(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let mut words = line.trim_ascii_end().split(|byte| *byte == b' ');
    let is_method = words.next().is_some_and(|word| !word.is_empty() && word.iter().all(u8::is_ascii_uppercase));
    is_method
        && line
            .trim_ascii_end()
            .split(|byte| *byte == b' ')
            .next_back()
            .is_some_and(|word| word.starts_with(b"HTTP/1."))
}

/// A request's parts, byte for byte.
#[derive(Debug)]
pub struct Raw<'a> {
    /// Its method; empty if its first line is none of a request.
    pub method: &'a str,
    /// Its target; empty likewise.
    pub target: &'a str,
    /// Names, and values without blanks around them; lines without a colon are left out.
    pub headers: Vec<(&'a [u8], &'a [u8])>,
    /// What follows the empty line.
    pub body: &'a [u8],
}

impl<'a> Raw<'a> {
    /// Cuts a request that [`begins`].
    ///
    /// # Errors
    /// When its first line is no UTF-8.
    pub fn cut(bytes: &'a [u8]) -> Result<Self, NotARequest> {
        let (head, body) = split_head(bytes);
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
        let line = lines.next().unwrap_or_default();
        let line = std::str::from_utf8(line).map_err(|_| NotARequest::NotText("request line"))?;
        let (method, rest) = line.split_once(' ').unwrap_or_default();
        let target = rest.rsplit_once(' ').map_or("", |(target, _)| target);
        let headers = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((&line[..colon], line[colon + 1..].trim_ascii()))
        });
        Ok(Self { method, target, headers: headers.collect(), body })
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Request, NotARequest> {
    let raw = Raw::cut(bytes)?;
    let (mut host, mut authorization, mut is_chunked) = (None, None, false);
    for (name, value) in raw.headers {
        if name.eq_ignore_ascii_case(b"host") {
            set(&mut host, value, "Host")?;
        } else if name.eq_ignore_ascii_case(b"authorization") {
            set(&mut authorization, value, "Authorization")?;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            is_chunked = value.to_ascii_lowercase().ends_with(b"chunked");
        }
    }
    // What does not come in chunks was put together by who captured it.
    let whole = if is_chunked { put_together(raw.body).map(Cow::Owned) } else { None };
    Ok(Request::of_parts(raw.target, host, authorization, whole.unwrap_or(Cow::Borrowed(raw.body)).into_owned()))
}

/// The body that came in these chunks: each its length in hex digits, a line's end, so many bytes and a line's end; the last
/// has none.
fn put_together(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let newline = chunks.iter().position(|byte| *byte == b'\n')?;
        let length = chunks[..newline].split(|byte| *byte == b';').next()?.trim_ascii();
        let length = usize::from_str_radix(str::from_utf8(length).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        let (chunk, rest) = chunks[newline + 1..].split_at_checked(length)?;
        body.extend_from_slice(chunk);
        chunks = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"))?;
    }
}

fn set(header: &mut Option<String>, value: &[u8], name: &'static str) -> Result<(), NotARequest> {
    let value = std::str::from_utf8(value).map_err(|_| NotARequest::NotText("header"))?.to_owned();
    match header.replace(value) {
        None => Ok(()),
        Some(_) => Err(NotARequest::TwoHeaders(name)),
    }
}

/// The head and the body; a capture that was cut off may have no body, and no end of its head.
fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    let ends = [&b"\r\n\r\n"[..], b"\n\n"];
    let end =
        ends.iter().filter_map(|end| Some((bytes.windows(end.len()).position(|part| part == *end)?, end.len()))).min();
    end.map_or((bytes, &[]), |(at, length)| (&bytes[..at], &bytes[at + length..]))
}
