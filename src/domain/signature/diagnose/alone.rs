//! The same for each of many lines, where a thorough look would take too long: each mistake alone, and not every order of
//! many parameters, which is some thirty HMACs for a URL and a secret.

use crate::domain::signature::diagnose::{Cause, Digest, Refused, keys, texts};
use crate::domain::signature::key_state::KeyState;
use crate::domain::signature::{Secret, Signature};

/// The secrets and what may have been used in their place, each hashed once.
pub struct Keys(Vec<(KeyState, Option<Cause>)>);

impl Keys {
    /// Those of these secrets.
    #[must_use]
    pub fn of(secrets: &[Secret]) -> Self {
        Self(keys::of(secrets).into_iter().map(|key| (KeyState::of(&key.bytes), key.cause)).collect())
    }
}

impl Refused<'_> {
    /// The one mistake that explains it; `None` if there is none, or more than one was made.
    #[must_use]
    pub fn cause_alone(&self, keys: &Keys) -> Option<Cause> {
        match self.presented() {
            Err(cause) | Ok((_, Some(cause))) => Some(cause),
            Ok((Digest::Sha1(bytes), None)) => {
                let unknown = || self.may_have_another_path().then_some(Cause::PathRewritten);
                self.find(Signature(bytes), keys).or_else(unknown)
            }
            Ok((Digest::Sha256(_), None)) => Some(Cause::Sha256),
        }
    }

    fn find(&self, signature: Signature, keys: &Keys) -> Option<Cause> {
        let counting = self.hook.texts();
        let changed = texts::of_one_mistake(&counting);
        let counting: Vec<&[u8]> = counting.iter().map(|(_, text)| text.as_bytes()).collect();
        let messages: Vec<&[u8]> = changed.iter().map(|(text, _)| text.as_bytes()).collect();
        keys.0.iter().find_map(|(key, cause)| match cause {
            None => key.position_of(signature, &messages).map(|at| changed[at].1),
            Some(cause) => key.position_of(signature, &counting).map(|_| *cause),
        })
    }
}
