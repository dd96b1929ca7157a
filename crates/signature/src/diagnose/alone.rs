//! The same for each of many lines, where a thorough look would take too long: each mistake alone, and of orders,
//! releases and ports the nearest, which is some twenty HMACs for a URL and a secret.

use std::borrow::Cow;

pub(crate) use crate::diagnose::texts::Texts;

use crate::diagnose::{Cause, Digest, Refused, keys};
use crate::key_state::{KeyState, Search};
use crate::{Secret, Signature, SignedText};

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

/// A refused hook whose signature can be read.
pub struct Unfit<'a> {
    /// What is known of it.
    pub refused: Refused<'a>,
    /// Its signature.
    pub signature: Signature,
    /// The texts that count as signed, which the signature is not of.
    pub counting: Vec<(SignedText, Cow<'a, str>)>,
}

impl Refused<'_> {
    /// What is wrong before any text is tried: the signature cannot be read, or there is no query.
    pub(crate) fn cause_of_form(&self) -> Option<Cause> {
        match self.presented() {
            Err(cause) => Some(cause),
            Ok((Digest::Sha1(_), form)) => form.first().copied(),
            Ok((Digest::Sha256(_), form)) => form.first().copied().or(Some(Cause::Sha256)),
        }
    }
}

/// The one mistake that explains each; `None` if there is none, or more than one was made. The memory of `texts` is used
/// again.
pub(crate) fn causes(hooks: &[Unfit<'_>], keys: &Keys, texts: &mut Vec<Texts>) -> Vec<Option<Cause>> {
    let mut causes: Vec<Option<Cause>> = hooks.iter().map(|hook| hook.refused.cause_of_form()).collect();
    texts.resize_with(hooks.len().max(texts.len()), Texts::default);
    for (texts, hook) in texts.iter_mut().zip(hooks) {
        texts.set_to_one_mistake(&hook.counting);
    }
    let mut search = Search::new(|(at, cause): (usize, Cause)| {
        causes[at].get_or_insert(cause);
    });
    for (at, (hook, texts)) in hooks.iter().zip(&*texts).enumerate() {
        for key in &keys.given {
            for (text, cause) in texts.iter() {
                search.add(key, text.as_bytes(), hook.signature, (at, cause));
            }
        }
        for (key, cause) in &keys.mistaken {
            for (_, text) in &hook.counting {
                search.add(key, text.as_bytes(), hook.signature, (at, *cause));
            }
        }
    }
    search.finish();
    causes
}
