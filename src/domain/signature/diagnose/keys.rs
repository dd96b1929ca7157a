//! The keys that a sender may have used in place of the secret.

use crate::domain::signature::Secret;
use crate::domain::signature::diagnose::Cause;

/// A key, and the mistake that makes it one.
pub(super) struct Key {
    pub bytes: Vec<u8>,
    pub cause: Option<Cause>,
    /// Which secret it comes from, from 1.
    pub secret: usize,
}

/// Every secret as it is, and as an editor, a shell or a form may have changed it.
pub(super) fn of(secrets: &[Secret]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for (secret, position) in secrets.iter().zip(1..) {
        let bytes = secret.expose();
        let with = |end: &[u8]| [bytes, end].concat();
        let trimmed = bytes.trim_ascii().to_vec();
        let changed = [
            (bytes.to_vec(), None),
            (with(b"\n"), Some(Cause::SecretTrailingNewline)),
            (with(b"\r\n"), Some(Cause::SecretTrailingNewline)),
            (bytes.strip_suffix(b"\n").unwrap_or(bytes).to_vec(), Some(Cause::SecretTrailingNewline)),
            (trimmed, Some(Cause::SecretWhiteSpace)),
            (with(b" "), Some(Cause::SecretWhiteSpace)),
            ([b" ", bytes].concat(), Some(Cause::SecretWhiteSpace)),
            (with(b"\r"), Some(Cause::SecretWhiteSpace)),
            (with(b"\n\n"), Some(Cause::SecretWhiteSpace)),
        ];
        for (bytes, cause) in changed {
            if (cause.is_none() || !bytes.is_empty()) && keys.iter().all(|known| known.bytes != bytes) {
                keys.push(Key { bytes, cause, secret: position });
            }
        }
    }
    keys
}
