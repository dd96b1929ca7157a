//! Why a signature is refused, for people and for programs.

use serde::Serialize;

use crate::domain::signature::Secret;
use crate::domain::signature::diagnose::{Cause, Diagnosis, Refused};

/// What to do when nothing that is known explains a refusal.
const UNEXPLAINED: &str = "compare both sides byte by byte: the secret, and the URL that the sender has configured (--base-url). \
                           Tried were other orders of the parameters, encodings, hosts, ports, schemes and digests, ends of the \
                           secret, and the body";

/// A mistake, as `--json` shows it.
#[derive(Debug, Serialize)]
pub(super) struct Reason {
    id: &'static str,
    what: &'static str,
    remedy: &'static str,
}

/// A refusal in words.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The mistakes that explain it, if they are known.
    pub causes: Vec<Reason>,
    /// The text that was signed, if that is known.
    pub text: Option<String>,
    /// Which secret it was signed with, from 1, if that is known.
    pub secret: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What shows it.
    pub because: Option<String>,
    /// What to do.
    pub hint: String,
}

impl From<&Cause> for Reason {
    fn from(cause: &Cause) -> Self {
        Self { id: cause.id(), what: cause.what(), remedy: cause.remedy() }
    }
}

impl Refusal {
    /// Looks for the reason.
    pub(super) fn of(refused: &Refused<'_>, secrets: &[Secret]) -> Self {
        match refused.diagnose(secrets) {
            Diagnosis::Explained { causes, signed, secret } => {
                let joined = |words: fn(Cause) -> &'static str| {
                    causes.iter().copied().map(words).collect::<Vec<_>>().join("; and ")
                };
                Self {
                    causes: causes.iter().map(Reason::from).collect(),
                    what: joined(Cause::what),
                    because: signed.as_ref().filter(|text| !text.is_empty()).map(|text| format!("signed was `{text}`")),
                    hint: joined(Cause::remedy),
                    text: signed,
                    secret: Some(secret).filter(|secret| *secret > 0),
                }
            }
            Diagnosis::Unexplained => {
                let texts: Vec<String> =
                    refused.hook.texts().into_iter().map(|(_, text)| format!("`{text}`")).collect();
                Self {
                    causes: Vec::new(),
                    what: "for no reason that is known".to_owned(),
                    because: Some(format!("verified were {}", texts.join(", "))),
                    hint: UNEXPLAINED.to_owned(),
                    text: None,
                    secret: None,
                }
            }
        }
    }
}
