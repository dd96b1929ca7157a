//! A client of the server under test: what is sent is written byte for byte.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }

    /// Fails unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n\n{}", self.head, self.body);
        self
    }
}

/// Sends bytes to where a URL points and reads to the end; nothing if no whole answer came.
pub(crate) fn exchange(url: &str, request: &[u8]) -> Option<Reply> {
    let mut stream = TcpStream::connect(authority(url)).ok()?;
    // A server that refuses early may have closed already.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let is_whole = length.is_none_or(|length: usize| body.len() >= length);
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    is_whole.then(|| Reply { status, head: head.to_owned(), body: body.to_owned() })
}

/// One request on a connection of its own.
pub(crate) fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    try_request(method, url, headers, body).expect("no answer")
}

fn try_request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Reply> {
    let path = url.strip_prefix("http://").unwrap().split_once('/').map_or("", |(_, path)| path);
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    let (host, length) = (authority(url), body.len());
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    exchange(url, &[head.as_bytes(), body].concat())
}

/// A POST to a server that may be gone.
pub(crate) fn try_post(url: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Option<Reply> {
    try_request("POST", url, headers, body.as_ref())
}

pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    request("POST", url, headers, body.as_ref())
}

fn authority(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split('/').next().unwrap()
}
