//! A line of a batch: a URL and what was presented as its signature.

use std::borrow::Cow;

use memchr::memchr;
use serde::Deserialize;

use crate::Hook;
use crate::diagnose::Refused;

/// The most bytes of a line; a longer one is malformed.
pub const LONGEST_LINE: usize = 64 * 1024;

/// What is to be verified.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// What was presented as its signature.
    #[serde(borrow, rename = "signature")]
    pub presented: Cow<'a, str>,
}

impl<'a> Line<'a> {
    /// The URL up to the first tab, and the signature after it; or both from a JSON object. `None` if it is no such line.
    #[inline]
    pub(super) fn parse(line: &'a [u8]) -> Option<Self> {
        if line.len() > LONGEST_LINE {
            return None;
        }
        let text = str::from_utf8(line).ok()?;
        if line.trim_ascii_start().starts_with(b"{") {
            return serde_json::from_str(text).ok();
        }
        let (url, rest) = text.split_at_checked(memchr(b'\t', line)?)?;
        Some(Self { url: url.into(), presented: rest[1..].into() })
    }

    /// What is known of it if it is refused.
    pub(super) fn refused<'l>(&'l self, hook: &'l Hook<'l>) -> Refused<'l> {
        Refused { hook, presented: &self.presented, body: None }
    }
}
