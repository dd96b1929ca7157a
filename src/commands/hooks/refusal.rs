//! Why a signature is refused, for people and for programs.

use hookbelt_signature::diagnose::{Cause, Diagnosis, Refused, Side, Used};
use hookbelt_signature::{Secret, repeats_a_key};
use serde::Serialize;

/// What to do when nothing that is known explains a refusal.
const COMPARE: &str =
    "compare both sides byte by byte: the secret, and the URL that the sender has configured (--base-url)";

/// What was tried, but for the body.
const TRIED: &str = "other orders of the parameters, encodings, letter cases of the host, ports, schemes and digests, ends of the \
                     secret";

/// What to do about an order where a key repeats.
const KEEP_THE_ORDER: &str = "a key repeats, so the parameters count only in the order in which they came: sign them as they are \
                              sent (`hookbelt hooks sign --as-is`)";

/// A mistake, as `--json` shows it.
#[derive(Debug, Serialize)]
pub(super) struct Reason {
    id: &'static str,
    what: String,
    remedy: &'static str,
}

/// A refusal in words.
#[derive(Debug)]
pub(super) struct Refusal {
    /// The mistakes that explain it, if they are known.
    pub causes: Vec<Reason>,
    /// What may be the reason where none is known.
    pub possible: Vec<Reason>,
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

impl Reason {
    /// A mistake in words: of a secret whose it is, of an order whether there is an alphabetical one.
    fn of(cause: Cause, refused: &Refused<'_>, used: Option<Used>, secrets: usize) -> Self {
        let here = |used: Used| match secrets {
            1 => "the one given here".to_owned(),
            _ => format!("secret {} of those given here", used.secret),
        };
        let more = match (cause, used) {
            (Cause::SecretTrailingNewline, Some(used)) => match used.newline {
                Some(Side::Sender) => format!(": the sender's has it, {} has not", here(used)),
                Some(Side::Receiver) => format!(": {} has it, the sender's has not", here(used)),
                None => String::new(),
            },
            (Cause::SecretWhiteSpace, Some(used)) if secrets > 1 => format!(" ({})", here(used)),
            _ => String::new(),
        };
        let keeps_order = cause == Cause::ParameterOrder && repeats_a_key(&refused.hook.url);
        let remedy = if keeps_order { KEEP_THE_ORDER } else { cause.remedy() };
        Self { id: cause.id(), what: cause.what().to_owned() + &more, remedy }
    }
}

impl Refusal {
    /// Looks for the reason.
    pub(super) fn of(refused: &Refused<'_>, secrets: &[Secret]) -> Self {
        match refused.diagnose(secrets) {
            Diagnosis::Explained { causes, signed, used } => {
                let reason = |cause: &Cause| Reason::of(*cause, refused, used, secrets.len());
                let reasons: Vec<Reason> = causes.iter().map(reason).collect();
                let what: Vec<&str> = reasons.iter().map(|reason| reason.what.as_str()).collect();
                let mut hint: Vec<&str> = Vec::new();
                for reason in &reasons {
                    if !hint.contains(&reason.remedy) {
                        hint.push(reason.remedy);
                    }
                }
                let mut what = what.join("; and ");
                if used.is_none() && causes.iter().any(|cause| is_of_the_form(*cause)) {
                    what += ", and the digits fit nothing that was tried either";
                    hint.push(COMPARE);
                }
                Self {
                    what,
                    because: signed.as_ref().filter(|text| !text.is_empty()).map(|text| format!("signed was `{text}`")),
                    hint: hint.join("; and "),
                    causes: reasons,
                    possible: Vec::new(),
                    text: signed,
                    secret: used.map(|used| used.secret),
                }
            }
            Diagnosis::Unexplained { possible } => {
                let texts: Vec<String> =
                    refused.hook.texts().into_iter().map(|(_, text)| format!("`{text}`")).collect();
                let body = if refused.tries_the_body() { ", and the body" } else { "" };
                let perhaps = match possible {
                    Some(cause) => format!("; {}; or the secret is another", cause.what()),
                    None => String::new(),
                };
                Self {
                    causes: Vec::new(),
                    possible: possible.iter().map(|cause| Reason::of(*cause, refused, None, secrets.len())).collect(),
                    what: format!("for no reason that is known{perhaps}"),
                    because: Some(format!("verified were {}", texts.join(", "))),
                    hint: format!("{COMPARE}. Tried were {TRIED}{body}"),
                    text: None,
                    secret: None,
                }
            }
        }
    }
}

/// Whether it is about how digits are written, and not about what they are of.
fn is_of_the_form(cause: Cause) -> bool {
    matches!(cause, Cause::Prefix | Cause::Base64 | Cause::Sha256)
}
