//! Why a signature does not fit: the mistakes that are made in practice, tried one by one and in pairs.
//!
//! An explanation never makes anything valid. Work is bounded: however long the URL, at most a few ten thousand short HMACs
//! are computed, and none over more than 64 kB.

pub mod alone;
mod cause;
mod keys;
mod texts;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

pub use crate::domain::signature::diagnose::cause::Cause;

use crate::domain::signature::diagnose::keys::Key;
use crate::domain::signature::diagnose::texts::Text;
use crate::domain::signature::{Hook, NotASignature, Secret, Signature};

/// The longest message that explanations are looked for in.
const LONGEST: usize = 64 * 1024;

/// Why a signature was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// These mistakes together explain it: one or two, rarely three.
    Explained {
        /// The mistakes.
        causes: Vec<Cause>,
        /// The text that was signed, where that is not the one that came.
        signed: Option<String>,
        /// Which secret was used, by its position, from 1; 0 if that is not known.
        secret: usize,
    },
    /// None that is known.
    Unexplained,
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
        let explained = |causes: &[Cause]| Diagnosis::Explained { causes: causes.to_vec(), signed: None, secret: 0 };
        let (digest, form) = match self.presented() {
            Ok(presented) => presented,
            Err(cause) => return explained(&[cause]),
        };
        match self.search(&digest, secrets) {
            Some((mut causes, signed, secret)) => {
                causes.extend(form);
                Diagnosis::Explained { causes, signed: Some(signed), secret }
            }
            None => match form {
                Some(form) => explained(&[form]),
                None if self.may_have_another_path() => explained(&[Cause::PathRewritten]),
                None => Diagnosis::Unexplained,
            },
        }
    }

    /// The digest that was presented, with what is wrong in how it is written; or else what is wrong already.
    fn presented(&self) -> Result<(Digest, Option<Cause>), Cause> {
        let presented = match self.presented.parse::<Signature>() {
            Ok(Signature(bytes)) => (Digest::Sha1(bytes), None),
            Err(NotASignature::Missing) => return Err(Cause::NoSignature),
            Err(NotASignature::Basic) => return Err(Cause::BasicCredentials),
            Err(NotASignature::Malformed { .. }) => return Err(Cause::Malformed),
            Err(NotASignature::Base64(bytes)) => (Digest::Sha1(bytes), Some(Cause::Base64)),
            Err(NotASignature::Sha256(bytes)) => (Digest::Sha256(bytes), Some(Cause::Sha256)),
            Err(NotASignature::Prefixed(prefix)) => match self.presented.trim()[prefix.len()..].parse::<Signature>() {
                Ok(Signature(bytes)) => (Digest::Sha1(bytes), Some(Cause::Prefix)),
                Err(NotASignature::Sha256(bytes)) => (Digest::Sha256(bytes), Some(Cause::Sha256)),
                Err(_) => return Err(Cause::Malformed),
            },
        };
        if self.hook.url.contains('?') { Ok(presented) } else { Err(Cause::NoQuery) }
    }

    fn may_have_another_path(&self) -> bool {
        self.hook.base_url.is_none() && texts::has_a_path_to_rewrite(&self.hook.url)
    }

    fn search(&self, digest: &Digest, secrets: &[Secret]) -> Option<(Vec<Cause>, String, usize)> {
        let texts: Vec<Text> =
            texts::of(self.hook, self.body).into_iter().filter(|text| text.text.len() <= LONGEST).collect();
        let keys: Vec<Key> = keys::of(secrets);
        let most = texts.iter().map(|text| text.causes.len()).max().unwrap_or(0) + 1;
        // The fewest mistakes first.
        for count in 0..=most {
            for key in &keys {
                let used = usize::from(key.cause.is_some());
                let fits =
                    |text: &&Text| text.causes.len() + used == count && digest.is_of(&key.bytes, text.text.as_bytes());
                if let Some(text) = texts.iter().find(fits) {
                    let causes = text.causes.iter().copied().chain(key.cause).collect();
                    return Some((causes, text.text.clone(), key.secret));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
