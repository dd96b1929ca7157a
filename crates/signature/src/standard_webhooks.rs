//! Signatures as <https://www.standardwebhooks.com> describes them: HMAC-SHA256 over the message's id, the time of the attempt
//! and the body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::Secret;

/// The header of what a message is known again by.
pub const ID: &str = "webhook-id";

/// The header of an attempt's time, in seconds.
pub const TIMESTAMP: &str = "webhook-timestamp";

/// The header of the signature.
pub const SIGNATURE: &str = "webhook-signature";

/// What such a secret usually begins with.
const PREFIX: &[u8] = b"whsec_";

/// A secret that no receiver could make a key of. It is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret of Standard Webhooks is base64, usually after `whsec_`, and this is not")]
pub struct NotAKey;

/// Refuses a secret that no receiver could make a key of.
///
/// # Errors
/// When it is no base64, or of nothing.
pub fn check(secret: &Secret) -> Result<(), NotAKey> {
    key(secret).map(drop)
}

/// The value of the header `webhook-signature`.
///
/// # Errors
/// When the secret is no base64.
///
/// # Panics
/// Never: HMAC takes a key of any length.
pub fn sign(secret: &Secret, id: &str, seconds: i64, body: &str) -> Result<String, NotAKey> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).expect("HMAC takes a key of any length");
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

fn key(secret: &Secret) -> Result<Vec<u8>, NotAKey> {
    let text = secret.expose();
    let key = STANDARD.decode(text.strip_prefix(PREFIX).unwrap_or(text)).map_err(|_| NotAKey)?;
    if key.is_empty() { Err(NotAKey) } else { Ok(key) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes().to_vec()).unwrap()
    }

    /// The vector of the library's own tests, in all its languages.
    #[test]
    fn the_published_vector_is_signed_as_published() {
        for prefix in ["whsec_", ""] {
            let secret = secret(&format!("{prefix}MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
            let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
            let signature = sign(&secret, id, 1_614_265_330, "{\"test\": 2432232314}");
            assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        }
    }

    #[test]
    fn what_is_no_base64_or_of_nothing_is_no_key() {
        for text in ["my_secret_key", "whsec_", "whsec_a", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"] {
            assert_eq!(check(&secret(text)), Err(NotAKey), "{text:?}");
        }
    }
}
