//! The key of a signature.

use secrecy::{ExposeSecret, SecretBox};

/// A key; never shown.
#[derive(Debug)]
pub struct Secret(SecretBox<[u8]>);

/// An empty secret signs nothing that anybody could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret is empty")]
pub struct EmptySecret;

impl Secret {
    /// Exactly these bytes.
    ///
    /// # Errors
    /// When there are none.
    pub fn new(bytes: Vec<u8>) -> Result<Self, EmptySecret> {
        if bytes.is_empty() { Err(EmptySecret) } else { Ok(Self(bytes.into())) }
    }

    /// Exactly these bytes, and none at all if there are none: Workflow signs with an empty secret too.
    #[must_use]
    pub fn of_all_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// The content of a secret file: one trailing newline is not part of the secret.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn from_file_content(mut bytes: Vec<u8>) -> Result<Self, EmptySecret> {
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        Self::new(bytes)
    }

    /// The bytes, for the one who computes with them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}
