//! The same for each of many lines, where a thorough look would take too long: each mistake alone, and of orders,
//! releases and ports the nearest, which is some twenty HMACs for a URL and a secret.

pub(in crate::domain::signature) use crate::domain::signature::diagnose::texts::Texts;

use crate::domain::signature::diagnose::{Cause, Digest, Refused, keys};
use crate::domain::signature::key_state::KeyState;
use crate::domain::signature::{Secret, Signature};

/// The secrets and what may have been used in their place, each hashed once.
pub struct Keys {
    /// The secrets.
    given: Vec<KeyState>,
    /// What may have been used in their place, and the mistake that this is.
    mistaken: Vec<(KeyState, Cause)>,
}

impl Keys {
    /// Those of these secrets.
    #[must_use]
    pub fn of(secrets: &[Secret]) -> Self {
        let (mut given, mut mistaken) = (Vec::new(), Vec::new());
        for key in keys::of(secrets) {
            let state = KeyState::of(&key.bytes);
            match key.mistake {
                None => given.push(state),
                Some(mistake) => mistaken.push((state, mistake.cause())),
            }
        }
        Self { given, mistaken }
    }
}

impl Refused<'_> {
    /// The one mistake that explains it; `None` if there is none, or more than one was made. The
    /// memory of `texts` is used again for each line.
    pub(in crate::domain::signature) fn cause_alone(&self, keys: &Keys, texts: &mut Texts) -> Option<Cause> {
        match self.presented() {
            Err(cause) => Some(cause),
            Ok((digest, form)) => match (form.first(), digest) {
                (Some(cause), _) => Some(*cause),
                (None, Digest::Sha1(bytes)) => self.find(Signature(bytes), keys, texts),
                (None, Digest::Sha256(_)) => Some(Cause::Sha256),
            },
        }
    }

    fn find(&self, signature: Signature, keys: &Keys, changed: &mut Texts) -> Option<Cause> {
        let counting = self.hook.texts();
        changed.set_to_one_mistake(&counting);
        let changed = &*changed;
        let texts =
            keys.given.iter().flat_map(|key| changed.iter().map(move |(text, cause)| (key, text.as_bytes(), cause)));
        let mistaken = keys.mistaken.iter();
        let keys =
            mistaken.flat_map(|(key, cause)| counting.iter().map(move |(_, text)| (key, text.as_bytes(), *cause)));
        KeyState::find(signature, texts.chain(keys))
    }
}
