//! What came to `hooks listen`, as a line for people and a JSON object for programs.

use std::fmt;

use hookbelt_signature::{SignedText, Verified};
use jiff::Timestamp;
use serde::Serialize;
use url::form_urlencoded;

use crate::commands::hooks::refusal::{Reason, Refusal};
use crate::output::local_time;

/// A request, and what became of it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub time: Timestamp,
    pub valid: bool,
    /// What it was answered with.
    pub status: u16,
    /// What it was, if it could be read.
    #[serde(flatten)]
    pub head: Option<Head>,
    #[serde(flatten)]
    pub verdict: Verdict,
}

#[derive(Debug, Serialize)]
pub(super) struct Head {
    pub method: String,
    pub target: String,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Verdict {
    Valid(Valid),
    Refused(Refused),
}

/// A hook that verifies.
#[derive(Debug, Serialize)]
pub(super) struct Valid {
    app: Option<String>,
    release: Option<String>,
    release_summary: Option<String>,
    sha: Option<String>,
    user: Option<String>,
    /// Which text was signed, and with which secret, from 1.
    signed: SignedText,
    secret: usize,
    /// Whether there are others.
    #[serde(skip)]
    is_one_of_several: bool,
    /// How the one it was sent on to answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<u16>,
    /// Why that did not answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forward_error: Option<String>,
}

/// A request that is no hook of ours.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    pub reason: String,
    #[serde(skip)]
    pub because: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The text that was signed, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    causes: Vec<Reason>,
    /// What may be the reason where none is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    possible: Vec<Reason>,
}

impl Entry {
    pub(super) fn new(time: Timestamp, status: u16, head: Option<Head>, verdict: Verdict) -> Self {
        Self { time, valid: matches!(verdict, Verdict::Valid(_)), status, head, verdict }
    }
}

impl Valid {
    /// What a target tells of a release: its parameters are what follows the last `?`, since a sender's URL may have a query
    /// of its own.
    pub(super) fn of(target: &str, verified: &Verified, is_one_of_several: bool) -> Self {
        let query = target.rsplit_once('?').map_or("", |(_, query)| query);
        let value = |key: &str| {
            let mut parameters = form_urlencoded::parse(query.as_bytes());
            parameters.find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
        };
        Self {
            app: value("app"),
            release: value("release"),
            release_summary: value("release_summary"),
            sha: value("sha"),
            user: value("user"),
            signed: verified.signed,
            secret: verified.secret,
            is_one_of_several,
            forwarded: None,
            forward_error: None,
        }
    }

    /// One line: when, what, which, by whom, and where it went.
    pub(super) fn line(&self, time: Timestamp) -> String {
        let shown =
            |value: &Option<String>| value.clone().filter(|text| !text.is_empty()).unwrap_or_else(|| "-".to_owned());
        let (app, release, summary) = (shown(&self.app), shown(&self.release), shown(&self.release_summary));
        let (sha, user) = (shown(&self.sha), shown(&self.user));
        let with = if self.is_one_of_several { format!(", with secret {}", self.secret) } else { String::new() };
        let on = match (&self.forwarded, &self.forward_error) {
            (Some(_), Some(error)) => format!("; forwarded: {error}"),
            (Some(status), None) => format!("; forwarded: {status}"),
            (None, Some(error)) => format!("; not forwarded: {error}"),
            (None, None) => String::new(),
        };
        format!("{} {app} {release}: {summary} (sha {sha}, user {user}){with}{on}", local_time(time))
    }
}

impl Refused {
    /// Refused for something that is not about its signature.
    pub(super) fn because(reason: &impl fmt::Display, hint: Option<&str>) -> Self {
        let hint = hint.map(str::to_owned);
        Self { reason: reason.to_string(), because: None, hint, text: None, causes: Vec::new(), possible: Vec::new() }
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let Refusal { causes, possible, text, what, because, hint, .. } = refusal;
        Self { reason: what, because, hint: Some(hint), text, causes, possible }
    }
}
