//! Deploy-hook signatures: HMAC-SHA1 over the text of a URL whose parameters are in alphabetical order.
//!
//! The text that is signed is exact bytes. `http://h?app=a` and `http://h/?app=a` reach the same place and
//! have different signatures, so nothing here parses, decodes or normalises a URL.
//!
//! The rule is that of the Deis and Hephy Workflow controller: the message is the UTF-8 bytes of the configured URL, `?`, and
//! `app`, `release`, `release_summary`, `sha` and `user` as a form in that order; the key is the bytes of the secret; the
//! header `Authorization` holds the 20 bytes as 40 lower-case hex digits and nothing else. Method, body, other headers and
//! time are not signed, so a request that somebody has seen can be sent again.
//!
//! # A receiver
//! Give it what came, undecoded, and what the sender has configured. Answer a refusal with a status alone, and keep the reason
//! for your log.
//! ```
//! use hookbelt_signature::diagnose::{Diagnosis, Refused};
//! use hookbelt_signature::request::Request;
//! use hookbelt_signature::{Secret, Signature, verify};
//!
//! let secrets = [Secret::from_file_content(b"my_secret_key\n".to_vec())?];
//! let receive = |target: &str, authorization: &str| {
//!     let request = Request::of_parts(target, Some("deis.rocks".to_owned()), Some(authorization.to_owned()), Vec::new());
//!     let hook = request.hook(None, Some("http://deis.rocks")).expect("the host is known");
//!     let verified = authorization.parse::<Signature>().ok().and_then(|signature| verify(&hook, &secrets, &signature));
//!     if verified.is_some() {
//!         return (200, None);
//!     }
//!     match (Refused { hook: &hook, presented: authorization, body: None }).diagnose(&secrets) {
//!         Diagnosis::Explained { causes, .. } => (401, Some(causes[0].id())),
//!         Diagnosis::Unexplained { .. } => (401, None),
//!     }
//! };
//! let target = "/?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv";
//! let signature = "d3210b14443f66134a9fc43936a24ccfec7bf671";
//! assert_eq!(receive(target, signature), (200, None));
//! assert_eq!(receive(target, &format!("sha1={signature}")), (401, Some("prefix")));
//! assert_eq!(receive(&target.replace('+', "%20"), signature), (401, Some("space_as_plus")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A sender
//! ```
//! use hookbelt_signature::deploy_hook::Announcement;
//! use hookbelt_signature::{Secret, Signature};
//!
//! let secret = Secret::new(b"my_secret_key".to_vec())?;
//! let announcement = Announcement {
//!     app: "secure-woodland",
//!     event: None,
//!     release: "v4".to_owned(),
//!     release_summary: "gabrtv deployed 35b3726",
//!     sha: "35b3726",
//!     user: "gabrtv",
//! };
//! let url = announcement.url("http://deis.rocks");
//! assert_eq!(Signature::sign(&secret, &url).to_string(), "d3210b14443f66134a9fc43936a24ccfec7bf671");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod batch;
pub mod deploy_hook;
pub mod diagnose;
mod key_state;
mod order;
mod presented;
pub mod request;
mod secret;
mod sha1_lanes;
pub mod standard_webhooks;
mod verify;

use std::fmt;
use std::hint::black_box;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

pub use crate::order::{alphabetised, question_marks, repeats_a_key};
pub use crate::presented::NotASignature;
pub use crate::secret::{EmptySecret, Secret};
pub use crate::verify::{Hook, SignedText, Verified, verify};

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
