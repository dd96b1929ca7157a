//! A client of the server under test: a request a connection, written byte for byte.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Longer than anything a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    /// The answer of these bytes; none if its head is not there.
    pub(crate) fn of(bytes: Vec<u8>) -> Option<Self> {
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Some(Self { status, head: head.to_owned(), body: body.to_owned() })
    }

    /// What comes until the connection ends.
    pub(crate) fn read(mut stream: TcpStream) -> Option<Self> {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Self::of(answer)
    }

    fn is_whole(&self) -> bool {
        let length = self.headers().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        length.is_none_or(|(_, length)| length.parse().is_ok_and(|length: usize| self.body.len() >= length))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Fails unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n\n{}", self.head, self.body);
        self
    }

    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()))
    }

    /// A header by its exact name.
    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.headers().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }
}

/// A connection to where a URL points, or to an address.
pub(crate) fn connect(url: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(authority(url))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Sends bytes and reads to the end; nothing if no whole answer came.
pub(crate) fn exchange(url: &str, request: &[u8]) -> Option<Reply> {
    let mut stream = connect(url).ok()?;
    // A server that refuses early may have closed already; its answer has come all the same.
    let _ = stream.write_all(request);
    Reply::read(stream).filter(|reply| request.starts_with(b"HEAD ") || reply.is_whole())
}

/// A request's head: these headers, and that the connection ends with the answer.
pub(crate) fn head(method: &str, url: &str, headers: &[(&str, &str)]) -> String {
    let path = url.strip_prefix("http://").unwrap().split_once('/').map_or("", |(_, path)| path);
    let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    format!("{method} /{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", authority(url))
}

/// Sends a request's head, and the beginning of its body.
pub(crate) fn begin(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> TcpStream {
    let mut stream = connect(url).unwrap();
    let _ = stream.write_all(&[head(method, url, headers).as_bytes(), body].concat());
    stream
}

/// One request.
pub(crate) fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    try_request(method, url, headers, body).expect("no answer")
}

/// A request with the length of its body, unless its headers say another one.
fn try_request(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<Reply> {
    let (mut headers, length) = (headers.to_vec(), body.len().to_string());
    if headers.iter().all(|(name, _)| *name != "Content-Length") {
        headers.push(("Content-Length", &length));
    }
    exchange(url, &[head(method, url, &headers).as_bytes(), body].concat())
}

/// A POST to a server that may be gone.
pub(crate) fn try_post(url: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Option<Reply> {
    try_request("POST", url, headers, body.as_ref())
}

pub(crate) fn post(url: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    request("POST", url, headers, body.as_ref())
}

fn authority(url: &str) -> &str {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    rest.split('/').next().unwrap()
}
