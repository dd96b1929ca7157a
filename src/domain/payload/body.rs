//! Where in a body the JSON stands: it is the body, or a field of a form.
//!
//! The signature of Gitea covers the JSON, wherever it stands, so that both who verifies and who reads must ask here: else
//! somebody could have one text verified and another one read.

use percent_encoding::percent_decode;

use crate::domain::payload::Received;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a body carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain) enum Carried<'a> {
    /// Itself.
    Body(&'a [u8]),
    /// The field `payload` of a form, decoded; the first if there are several.
    Payload(Vec<u8>),
    /// A form without that field.
    Form,
}

impl Carried<'_> {
    /// The text that is read, if there is one; it may be empty.
    pub(super) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Body(body) => Some(without_frame(body)),
            Self::Payload(text) => Some(without_frame(text)),
            Self::Form => None,
        }
    }
}

/// What the body of a request carries.
///
/// `curl --data` says of anything that it is a form, and some send a form without saying so: the body itself tells too.
pub(in crate::domain) fn carried<'a>(received: &Received<'a>) -> Carried<'a> {
    let text = without_frame(received.body);
    let is_json = text.is_empty() || text.starts_with(b"{") || text.starts_with(b"[");
    let is_form = says_form(received) || text.starts_with(b"payload=");
    if is_json || !is_form {
        return Carried::Body(received.body);
    }
    let mut fields = text.split(|byte| *byte == b'&');
    let payload = fields.find_map(|field| field.strip_prefix(b"payload="));
    payload.map_or(Carried::Form, |value| Carried::Payload(decoded(value)))
}

fn says_form(received: &Received<'_>) -> bool {
    let said = received.header("Content-Type").and_then(|value| value.split(';').next()).unwrap_or_default();
    said.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn decoded(value: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = value.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

/// The text without a byte order mark and blanks around it.
fn without_frame(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii()
}
