//! HMAC-SHA1 of many short messages under one key: the key's two blocks are hashed once, and several messages are hashed
//! side by side.

use std::array::from_fn;

use sha1::block_api::compress;
use sha1::{Digest, Sha1};

use crate::Signature;
use crate::sha1_lanes::{BLOCK, Keyed, LANES, State, hmac_each};

/// What SHA-1 begins with.
const START: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The bytes after the message: a bit that ends it, and its length in bits at the end of the block.
const LENGTH: usize = 8;

/// A key whose blocks are hashed. Who has this can sign, so it is never shown.
pub(super) struct KeyState {
    inner: State,
    outer: State,
}

impl KeyState {
    pub(super) fn of(key: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        if key.len() > BLOCK {
            let digest = Sha1::digest(key);
            block[..digest.len()].copy_from_slice(&digest);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let after = |pad: u8| {
            let mut state = START;
            compress(&mut state, &[block.map(|byte| byte ^ pad)]);
            state
        };
        Self { inner: after(0x36), outer: after(0x5c) }
    }

    /// HMAC-SHA1 of each message, where there is one, under its key. It is quickest when they are many and about equally
    /// long.
    pub(super) fn sign_each(keyed: &[Option<(&Self, &[u8])>; LANES]) -> [Option<Signature>; LANES] {
        let mut ends = [[[0; BLOCK]; 2]; LANES];
        let mut ends = ends.iter_mut();
        let messages = keyed.map(|keyed| {
            let ((key, message), end) = (keyed?, ends.next()?);
            let (whole, rest) = message.as_chunks();
            let count = write_end(end, rest, message.len());
            Some(Keyed { inner: key.inner, outer: key.outer, blocks: [whole, &end[..count]] })
        });
        let states = hmac_each(&messages);
        from_fn(|lane| messages[lane].map(|_| Signature(bytes(states[lane]))))
    }
}

/// Looks which messages their signatures are of, many at once.
pub(super) struct Search<'a, N, F> {
    waiting: Vec<Signed<'a, N>>,
    found: F,
}

/// A message and what may be its signature under a key.
struct Signed<'a, N> {
    key: &'a KeyState,
    message: &'a [u8],
    signature: Signature,
    name: N,
}

impl<'a, N, F: FnMut(N)> Search<'a, N, F> {
    /// It gives the names of those that are, in their order.
    pub(super) fn new(found: F) -> Self {
        Self { waiting: Vec::with_capacity(LANES), found }
    }

    pub(super) fn add(&mut self, key: &'a KeyState, message: &'a [u8], signature: Signature, name: N) {
        self.waiting.push(Signed { key, message, signature, name });
        if self.waiting.len() == LANES {
            self.finish();
        }
    }

    /// Looks at those that wait for others.
    pub(super) fn finish(&mut self) {
        let signed = KeyState::sign_each(&from_fn(|lane| self.waiting.get(lane).map(|it| (it.key, it.message))));
        for (Signed { signature, name, .. }, signed) in self.waiting.drain(..).zip(signed) {
            if signed.is_some_and(|signed| signature.is_same_as(signed)) {
                (self.found)(name);
            }
        }
    }
}

/// Writes the end of a message that follows a key's block into blocks of zeros: its last bytes, a bit, and its length in
/// bits. Says whether that takes one block or two.
fn write_end(blocks: &mut [[u8; BLOCK]], rest: &[u8], length: usize) -> usize {
    let count = if rest.len() + 1 + LENGTH <= BLOCK { 1 } else { 2 };
    let bytes = blocks.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let bits = 8 * (BLOCK as u64 + length as u64);
    bytes[count * BLOCK - LENGTH..count * BLOCK].copy_from_slice(&bits.to_be_bytes());
    count
}

/// A state as it is written.
fn bytes(state: State) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes.as_chunks_mut().0.copy_from_slice(&state.map(u32::to_be_bytes));
    bytes
}
