//! The keys that a sender may have used in place of the secret.

use crate::Secret;
use crate::diagnose::{Cause, Found, Side, Used};

/// A key, and the mistake that makes it one.
pub(super) struct Key {
    pub bytes: Vec<u8>,
    pub mistake: Option<Mistake>,
    /// Which secret it comes from, from 1.
    pub secret: usize,
}

/// How a key differs from the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    /// In a newline at the end of what that side has.
    Newline(Side),
    /// In other white space around it.
    WhiteSpace,
}

impl Mistake {
    pub(super) fn cause(self) -> Cause {
        match self {
            Self::Newline(_) => Cause::SecretTrailingNewline,
            Self::WhiteSpace => Cause::SecretWhiteSpace,
        }
    }
}

impl Key {
    /// What was found with it.
    pub(super) fn found(&self, causes: &[Cause], signed: Option<String>) -> Found {
        let causes = causes.iter().copied().chain(self.mistake.map(Mistake::cause)).collect();
        let newline = match self.mistake {
            Some(Mistake::Newline(side)) => Some(side),
            _ => None,
        };
        Found { causes, signed, used: Used { secret: self.secret, newline } }
    }
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
            (with(b"\n"), Some(Mistake::Newline(Side::Sender))),
            (with(b"\r\n"), Some(Mistake::Newline(Side::Sender))),
            (bytes.strip_suffix(b"\n").unwrap_or(bytes).to_vec(), Some(Mistake::Newline(Side::Receiver))),
            (trimmed, Some(Mistake::WhiteSpace)),
            (with(b" "), Some(Mistake::WhiteSpace)),
            ([b" ", bytes].concat(), Some(Mistake::WhiteSpace)),
            (with(b"\r"), Some(Mistake::WhiteSpace)),
            (with(b"\n\n"), Some(Mistake::WhiteSpace)),
        ];
        for (bytes, mistake) in changed {
            if (mistake.is_none() || !bytes.is_empty()) && keys.iter().all(|known| known.bytes != bytes) {
                keys.push(Key { bytes, mistake, secret: position });
            }
        }
    }
    keys
}
