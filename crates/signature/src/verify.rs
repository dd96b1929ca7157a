//! Whether a signature fits: the few texts that count as signed, and nothing else.

use std::borrow::Cow;

use crate::order::{alphabetised, is_in_order, repeats_a_key};
use crate::{Secret, Signature};

/// A deploy hook as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook<'a> {
    /// The URL: the text itself, or scheme, `://`, the `Host` header and the request target; or the target alone, if its host
    /// is not known.
    pub url: Cow<'a, str>,
    /// What the sender had configured, byte for byte, where that is known: what arrives may differ from what was signed.
    pub base_url: Option<&'a str>,
}

/// Which text was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedText {
    /// The URL as it came.
    AsItCame,
    /// The URL with its parameters in alphabetical order.
    Alphabetised,
    /// The sender's base URL, `?`, and the query as it came.
    WithBaseUrl,
    /// The same with `~` written `%7E`, as controllers on Python 3.6 and older sign.
    WithBaseUrlAndEscapedTilde,
}

/// What a signature was found to be of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Verified {
    /// The signed text.
    pub text: String,
    /// Which one that is.
    pub signed: SignedText,
    /// Which secret, by its position among those given, from 1.
    pub secret: usize,
}

/// Whether a URL says its host. Of a target whose host is not known nobody has signed the text as it came.
pub(super) fn says_its_host(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://") || url.contains("://")
}

impl Hook<'_> {
    /// The texts that count as signed, each once: the URL as it came; alphabetised, unless a key repeats, since then the
    /// order of equal keys may carry meaning; with the sender's base URL before what follows the last `?`; and that with
    /// `~` as `%7E`.
    #[must_use]
    pub fn texts(&self) -> Vec<(SignedText, Cow<'_, str>)> {
        let mut texts: Vec<(SignedText, Cow<'_, str>)> = Vec::with_capacity(4);
        if says_its_host(&self.url) {
            texts.push((SignedText::AsItCame, Cow::Borrowed(&self.url)));
            if !is_in_order(&self.url) && !repeats_a_key(&self.url) {
                texts.push((SignedText::Alphabetised, alphabetised(&self.url).into()));
            }
        }
        if let (Some(base), Some((_, query))) = (self.base_url, self.url.rsplit_once('?')) {
            texts.push((SignedText::WithBaseUrl, format!("{base}?{query}").into()));
            let escaped = query.replace('~', "%7E");
            texts.push((SignedText::WithBaseUrlAndEscapedTilde, format!("{base}?{escaped}").into()));
        }
        let mut each_once: Vec<(SignedText, Cow<'_, str>)> = Vec::with_capacity(texts.len());
        for text in texts {
            if each_once.iter().all(|(_, known)| *known != text.1) {
                each_once.push(text);
            }
        }
        each_once
    }
}

/// Finds the text and the secret that a signature fits. Every comparison takes the same time wherever it fails.
///
/// # Examples
/// ```
/// use hookbelt_signature::{Hook, Secret, Signature, SignedText, verify};
///
/// let secrets = [Secret::new(b"my_secret_key".to_vec())?];
/// let hook = Hook { url: "http://deis.rocks/?app=a&release=v1".into(), base_url: Some("http://deis.rocks") };
/// let signature = Signature::sign(&secrets[0], "http://deis.rocks?app=a&release=v1");
/// let verified = verify(&hook, &secrets, &signature).expect("the base URL is known");
/// assert_eq!(verified.signed, SignedText::WithBaseUrl);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn verify(hook: &Hook<'_>, secrets: &[Secret], signature: &Signature) -> Option<Verified> {
    hook.texts().into_iter().find_map(|(signed, text)| {
        let secret = secrets.iter().position(|secret| signature.is_of(secret, text.as_bytes()))?;
        Some(Verified { text: text.into_owned(), signed, secret: secret + 1 })
    })
}
