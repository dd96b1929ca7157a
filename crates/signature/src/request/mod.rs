//! A deploy hook as somebody has it at hand: a request captured from a socket, a `curl` command line, or a line of an
//! access log.

mod access_log;
mod ansi_c;
mod curl;
pub mod raw;

use std::borrow::Cow;

use crate::Hook;

/// What is known of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The scheme, where the request says it.
    pub scheme: Option<String>,
    /// The host, with its port if that was written.
    pub host: Option<String>,
    /// The request target, from its first `/` or `?`, byte for byte.
    pub target: String,
    /// What stands in `Authorization`; `None` if there is no such header.
    pub authorization: Option<String>,
    /// The body, where it is known.
    pub body: Option<Vec<u8>>,
}

/// Why bytes are no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotARequest {
    /// There is nothing.
    #[error("there is no request: the input is empty")]
    Empty,
    /// It is none of the three.
    #[error("the input is neither an HTTP/1.x request, nor a curl command line, nor a line of an access log")]
    Unknown,
    /// A part that must be text is not.
    #[error("the {0} is not UTF-8 text")]
    NotText(&'static str),
    /// A command line that a shell would not take, or with an argument that is no text.
    #[error("the curl command line has a quote that is not closed, or holds no text")]
    OpenQuote,
    /// A command line without a URL.
    #[error("the curl command line holds no http or https URL")]
    NoUrl,
    /// A header twice, so that it is not known which one counts.
    #[error("the request has two {0} headers")]
    TwoHeaders(&'static str),
}

impl Request {
    /// Reads any of the three.
    ///
    /// # Errors
    /// When it is none of them.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotARequest> {
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).ok_or(NotARequest::Empty)?;
        let bytes = &bytes[start..];
        if raw::begins(bytes) {
            return raw::parse(bytes);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| NotARequest::NotText("input"))?;
        if let Some(words) = curl::words_of(text) {
            return curl::parse(words);
        }
        access_log::parse(text.trim_end()).ok_or(NotARequest::Unknown)
    }

    /// A request of which these parts are known. A proxy is sent the whole URL as the target, which then says scheme and host.
    #[must_use]
    pub fn of_parts(target: &str, host: Option<String>, authorization: Option<String>, body: Vec<u8>) -> Self {
        let body = Some(body);
        match cut(target) {
            Some((scheme, host, target)) => Self {
                scheme: Some(scheme.to_owned()),
                host: Some(host.to_owned()),
                target: target.to_owned(),
                authorization,
                body,
            },
            None => Self { scheme: None, host, target: target.to_owned(), authorization, body },
        }
    }

    /// The hook that it is, with what the sender had configured where that is known. Without a host and without a base URL
    /// nobody knows what was signed.
    #[must_use]
    pub fn hook<'a>(&'a self, scheme: Option<&str>, base_url: Option<&'a str>) -> Option<Hook<'a>> {
        let scheme = scheme.or(self.scheme.as_deref()).unwrap_or("http");
        let url: Cow<'a, str> = match (&self.host, base_url) {
            (Some(host), _) => format!("{scheme}://{host}{}", self.target).into(),
            (None, Some(_)) => Cow::Borrowed(&self.target),
            (None, None) => return None,
        };
        Some(Hook { url, base_url })
    }
}

/// A URL cut into scheme, host and target, if it is of the web.
fn cut(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, &rest[..at], &rest[at..]))
}

#[cfg(test)]
mod tests;
