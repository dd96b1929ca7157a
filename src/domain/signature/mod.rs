//! Deploy-hook signatures: HMAC-SHA1 over the text of a URL whose parameters are in alphabetical order.
//!
//! The text that is signed is exact bytes. `http://h?app=a` and `http://h/?app=a` reach the same place and
//! have different signatures, so nothing here parses, decodes or normalises a URL.

pub mod batch;
pub mod deploy_hook;
pub mod diagnose;
mod key_state;
mod order;
mod presented;
pub mod request;
mod secret;
mod sha1_lanes;
mod verify;

use std::fmt;
use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

pub use crate::domain::signature::order::{alphabetised, question_marks};
pub use crate::domain::signature::presented::NotASignature;
pub use crate::domain::signature::secret::{EmptySecret, Secret};
pub use crate::domain::signature::verify::{Hook, SignedText, Verified, verify};

/// The signature of a text: 20 bytes, written as 40 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 20]);

impl Signature {
    /// HMAC-SHA1 of the UTF-8 bytes of `text` under `secret`.
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length.
    #[must_use]
    pub fn sign(secret: &Secret, text: &str) -> Self {
        let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose()).expect("HMAC takes a key of any length");
        mac.update(text.as_bytes());
        Self(mac.finalize().into_bytes().into())
    }

    /// Whether it is HMAC-SHA1 of `message` under `secret`; the comparison takes the same time wherever it fails.
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length.
    #[must_use]
    pub fn is_of(&self, secret: &Secret, message: &[u8]) -> bool {
        let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose()).expect("HMAC takes a key of any length");
        mac.update(message);
        mac.verify_slice(&self.0).is_ok()
    }

    /// Whether the two are the same; the comparison takes the same time wherever they differ.
    fn is_same_as(self, other: Self) -> bool {
        let difference = self.0.iter().zip(other.0).fold(0, |difference, (one, other)| difference | (one ^ other));
        black_box(difference) == 0
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

#[cfg(test)]
mod tests;
