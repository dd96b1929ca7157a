//! Why a signature does not fit: the mistakes that are made in practice, tried one by one and in pairs.
//!
//! An explanation never makes anything valid. Work is bounded: however long the URL, at most a few ten thousand short HMACs
//! are computed, and none over more than 64 kB, but for one a secret over a body of up to 25 MB.

pub mod alone;
mod cause;
mod changes;
mod keys;
mod texts;

use hmac::{Hmac, KeyInit, Mac};
use memchr::memchr;
use sha1::Sha1;
use sha2::Sha256;

pub use crate::diagnose::cause::Cause;

use crate::diagnose::keys::Key;
use crate::diagnose::texts::Text;
use crate::{Hook, NotASignature, Secret, Signature};

/// The longest message that explanations are looked for in.
const LONGEST: usize = 64 * 1024;

/// The longest body that is tried, once a secret.
const LONGEST_BODY: usize = 25 * 1024 * 1024;

/// Why a signature was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// These mistakes together explain it: one or two, rarely three.
    Explained {
        /// The mistakes.
        causes: Vec<Cause>,
        /// The text that was signed, if that is known and short enough to be shown.
        signed: Option<String>,
        /// Which secret was used; `None` if what was presented has the wrong form, and fits nothing that was tried either.
        used: Option<Used>,
    },
    /// None that is known.
    Unexplained {
        /// What may be the reason, and cannot be found out.
        possible: Option<Cause>,
    },
}

/// The secret that a refused signature was made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Which of those given it is, from 1.
    pub secret: usize,
    /// Whose secret ends in a newline that the other's has not, if that is the mistake.
    pub newline: Option<Side>,
}

/// One of the two that have the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who signed.
    Sender,
    /// Who verifies.
    Receiver,
}

/// What is known of a refused hook.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The hook.
    pub hook: &'a Hook<'a>,
    /// What was presented as its signature.
    pub presented: &'a str,
    /// Its body, where it is known.
    pub body: Option<&'a [u8]>,
}

/// A digest of either length.
enum Digest {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Digest {
    fn is_of(&self, key: &[u8], message: &[u8]) -> bool {
        match self {
            Self::Sha1(bytes) => {
                Hmac::<Sha1>::new_from_slice(key).is_ok_and(|mac| mac.chain_update(message).verify_slice(bytes).is_ok())
            }
            Self::Sha256(bytes) => Hmac::<Sha256>::new_from_slice(key)
                .is_ok_and(|mac| mac.chain_update(message).verify_slice(bytes).is_ok()),
        }
    }
}

impl Refused<'_> {
    /// Looks for the mistake that was made: what fits with the fewest is named.
    #[must_use]
    pub fn diagnose(&self, secrets: &[Secret]) -> Diagnosis {
        let (digest, form) = match self.presented() {
            Ok(presented) => presented,
            Err(cause) => return Diagnosis::Explained { causes: vec![cause], signed: None, used: None },
        };
        match self.search(&digest, secrets) {
            Some(Found { mut causes, signed, used }) => {
                causes.extend(form);
                Diagnosis::Explained { causes, signed, used: Some(used) }
            }
            None if form.is_empty() => {
                let another_path = self.hook.base_url.is_none() && changes::has_a_path_to_rewrite(&self.hook.url);
                Diagnosis::Unexplained { possible: another_path.then_some(Cause::PathRewritten) }
            }
            None => Diagnosis::Explained { causes: form, signed: None, used: None },
        }
    }

    /// Whether there is a body, and it is among what is tried.
    #[must_use]
    pub fn tries_the_body(&self) -> bool {
        self.body.is_some_and(|body| (1..=LONGEST_BODY).contains(&body.len()))
    }

    /// The digest that was presented, with what is wrong in how it is written; or else what is wrong already.
    fn presented(&self) -> Result<(Digest, Vec<Cause>), Cause> {
        let presented = digest_of(self.presented)?;
        let url = &self.hook.url;
        let query = memchr(b'?', url.as_bytes()).map_or("", |at| url[at..].trim_start_matches('?'));
        if query.is_empty() { Err(Cause::NoQuery) } else { Ok(presented) }
    }

    fn search(&self, digest: &Digest, secrets: &[Secret]) -> Option<Found> {
        let texts: Vec<Text> = texts::of(self.hook).into_iter().filter(|text| text.text.len() <= LONGEST).collect();
        let body = self.body.filter(|_| self.tries_the_body());
        let keys: Vec<Key> = keys::of(secrets);
        let most = texts.iter().map(|text| text.causes.len()).max().unwrap_or(0) + 1;
        // The fewest mistakes first.
        for count in 0..=most {
            for key in &keys {
                let used = usize::from(key.mistake.is_some());
                let fits =
                    |text: &&Text| text.causes.len() + used == count && digest.is_of(&key.bytes, text.text.as_bytes());
                if let Some(text) = texts.iter().find(fits) {
                    return Some(key.found(&text.causes, Some(text.text.clone())));
                }
                // It is no text, and may be long: that is tried with the secrets as they are.
                let of_body = |body: &&[u8]| body.len() <= LONGEST || used == 0;
                if used + 1 == count
                    && let Some(body) = body.filter(of_body)
                    && digest.is_of(&key.bytes, body)
                {
                    let shown = str::from_utf8(body).ok().filter(|body| body.len() <= LONGEST);
                    return Some(key.found(&[Cause::BodySigned], shown.map(str::to_owned)));
                }
            }
        }
        None
    }
}

/// What a signature was found to be of.
struct Found {
    causes: Vec<Cause>,
    signed: Option<String>,
    used: Used,
}

/// The digest that was presented, with what is wrong in how it is written; or else why there is none.
fn digest_of(presented: &str) -> Result<(Digest, Vec<Cause>), Cause> {
    Ok(match presented.parse::<Signature>() {
        Ok(Signature(bytes)) => (Digest::Sha1(bytes), Vec::new()),
        Err(NotASignature::Missing) => return Err(Cause::NoSignature),
        Err(NotASignature::Basic) => return Err(Cause::BasicCredentials),
        Err(NotASignature::Malformed { .. }) => return Err(Cause::Malformed),
        Err(NotASignature::Base64(bytes)) => (Digest::Sha1(bytes), vec![Cause::Base64]),
        Err(NotASignature::Sha256(bytes)) => (Digest::Sha256(bytes), vec![Cause::Sha256]),
        Err(NotASignature::Base64OfSha256(bytes)) => (Digest::Sha256(bytes), vec![Cause::Sha256, Cause::Base64]),
        Err(NotASignature::Prefixed(prefix)) => {
            let (digest, mut form) = digest_of(&presented.trim()[prefix.len()..])?;
            // `sha256=` belongs to SHA-256, and is no mistake of its own.
            if !matches!(digest, Digest::Sha256(_)) || !prefix.eq_ignore_ascii_case("sha256=") {
                form.insert(0, Cause::Prefix);
            }
            (digest, form)
        }
    })
}

#[cfg(test)]
mod tests;
