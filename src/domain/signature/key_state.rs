//! HMAC-SHA1 of many short messages under one key: the key's two blocks are hashed once, and several messages are hashed
//! side by side.

use std::array::from_fn;

use sha1::block_api::compress;
use sha1::{Digest, Sha1};

use crate::domain::signature::Signature;
use crate::domain::signature::sha1_lanes::{BLOCK, LANES, State, compress_each};

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

    /// HMAC-SHA1 of each message under its key. It is quickest when they are about equally long.
    pub(super) fn sign_each(keyed: [(&Self, &[u8]); LANES]) -> [Signature; LANES] {
        let mut states = keyed.map(|(key, _)| key.inner);
        let cut: [(&[[u8; BLOCK]], &[u8]); LANES] = keyed.map(|(_, message)| message.as_chunks());
        compress_all(&mut states, cut.map(|(whole, _)| whole));
        let mut last = [[[0; BLOCK]; 2]; LANES];
        let counts: [usize; LANES] = from_fn(|lane| end(&mut last[lane], cut[lane].1, keyed[lane].1.len()));
        compress_all(&mut states, from_fn(|lane| &last[lane][..counts[lane]]));
        let digests = states.map(bytes);
        states = keyed.map(|(key, _)| key.outer);
        let outer: [[[u8; BLOCK]; 1]; LANES] = from_fn(|lane| {
            let mut block = [[0; BLOCK]];
            end(&mut block, &digests[lane], digests[lane].len());
            block
        });
        compress_each(&mut states, outer.each_ref().map(|block| &block[..]));
        states.map(|state| Signature(bytes(state)))
    }

    /// The name of the first key and message that a signature is of.
    pub(super) fn find<'a, N>(signature: Signature, named: impl Iterator<Item = (&'a Self, &'a [u8], N)>) -> Option<N> {
        let mut named = named.fuse();
        loop {
            let group: [Option<(&Self, &[u8], N)>; LANES] = from_fn(|_| named.next());
            let (key, ..) = group[0].as_ref()?;
            let keyed =
                group.each_ref().map(|one| one.as_ref().map_or((*key, &[][..]), |(key, message, _)| (*key, *message)));
            let signatures = Self::sign_each(keyed);
            let mut signed = group.into_iter().flatten().zip(signatures);
            if let Some(((.., name), _)) = signed.find(|(_, other)| signature.is_same_as(*other)) {
                return Some(name);
            }
        }
    }
}

/// Writes the end of a message that follows a key's block into blocks of zeros: its last bytes, a bit, and its length in
/// bits. Says whether that takes one block or two.
fn end(blocks: &mut [[u8; BLOCK]], rest: &[u8], length: usize) -> usize {
    let count = if rest.len() + 1 + LENGTH <= BLOCK { 1 } else { 2 };
    let bytes = blocks.as_flattened_mut();
    bytes[..rest.len()].copy_from_slice(rest);
    bytes[rest.len()] = 0x80;
    let bits = 8 * (BLOCK as u64 + length as u64);
    bytes[count * BLOCK - LENGTH..count * BLOCK].copy_from_slice(&bits.to_be_bytes());
    count
}

/// Takes all blocks into their states: as many as all have side by side, the others one by one.
fn compress_all(states: &mut [State; LANES], blocks: [&[[u8; BLOCK]]; LANES]) {
    let common = compress_each(states, blocks);
    for (state, blocks) in states.iter_mut().zip(blocks) {
        if blocks.len() > common {
            compress(state, &blocks[common..]);
        }
    }
}

/// A state as it is written.
fn bytes(state: State) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes.as_chunks_mut().0.copy_from_slice(&state.map(u32::to_be_bytes));
    bytes
}
