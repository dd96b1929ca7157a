//! The URL of a deploy hook, byte for byte as the Workflow controller builds and signs it.

use std::fmt::{self, Write as _};

/// What a deploy hook tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement<'a> {
    /// The app's name.
    pub app: &'a str,
    /// What happened, if it is not that the release has succeeded: Workflow knows no other event.
    pub event: Option<&'a str>,
    /// The release's number, `v4`.
    pub release: String,
    /// Its summary.
    pub release_summary: &'a str,
    /// Its full sha; empty without one.
    pub sha: &'a str,
    /// Who deployed.
    pub user: &'a str,
}

impl Announcement<'_> {
    /// The URL that is signed and sent: the base byte for byte, whatever it is, then `?`, then the parameters in alphabetical
    /// order.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        let parameters = [
            ("app", Some(self.app)),
            ("event", self.event),
            ("release", Some(self.release.as_str())),
            ("release_summary", Some(self.release_summary)),
            ("sha", Some(self.sha)),
            ("user", Some(self.user)),
        ];
        let given = parameters.into_iter().filter_map(|(key, value)| Some((key, value?)));
        let encoded: Vec<String> = given.map(|(key, value)| format!("{key}={}", FormEncoded(value))).collect();
        format!("{base}?{}", encoded.join("&"))
    }
}

/// A value as Python's `urlencode` writes it: letters, digits and `_.-~` stay, a space becomes `+`, every other
/// byte `%XX` in upper case. The WHATWG form encoding keeps `*` and escapes `~`, so it would not verify.
struct FormEncoded<'a>(&'a str);

impl fmt::Display for FormEncoded<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                _ if is_unreserved(byte) => formatter.write_char(byte.into())?,
                b' ' => formatter.write_char('+')?,
                _ => write!(formatter, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

/// Whether it is an unreserved character of RFC 3986, which needs no escape.
#[must_use]
pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte)
}
