//! Many messages under one key, side by side: the same digests as the crates give one by one.

use std::array::from_fn;

use proptest::option;
use sha1::block_api::compress;

use super::super::key_state::{KeyState, Search};
use super::super::sha1_lanes::{BLOCK, LANES, State, compress_each};
use super::*;

/// Messages on both sides of every length at which the number of blocks changes.
fn message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..4),
        vec(any::<u8>(), 53..58),
        vec(any::<u8>(), 62..66),
        vec(any::<u8>(), 117..131),
        vec(any::<u8>(), 0..700)
    ]
}

#[test]
fn every_length_is_signed_as_one_by_one() {
    let text = "0123456789".repeat(40);
    let secret = secret("key");
    let key = KeyState::of(b"key");
    for length in 0..=text.len() {
        let expected = Signature::sign(&secret, &text[..length]);
        for count in [1, 2, 3, LANES / 2, LANES] {
            let message = Some((&key, &text.as_bytes()[..length]));
            let signed = KeyState::sign_each(&from_fn(|lane| message.filter(|_| lane < count)));
            assert_eq!(signed, from_fn(|lane| (lane < count).then_some(expected)), "{length} bytes, {count} times");
        }
    }
}

#[test]
fn only_all_bytes_alike_are_the_same() {
    let one = Signature::sign(&secret("key"), "text");
    assert!(one.is_same_as(one));
    for bit in 0..160 {
        let mut other = one;
        other.0[bit / 8] ^= 1 << (bit % 8);
        assert!(!one.is_same_as(other), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn messages_of_different_lengths_are_signed_as_one_by_one(
        keyed in vec(option::weighted(0.9, (vec(any::<u8>(), 0..130), message())), LANES),
    ) {
        let keys: Vec<KeyState> =
            keyed.iter().map(|keyed| KeyState::of(keyed.as_ref().map_or(b"", |(key, _)| key))).collect();
        let messages = from_fn(|lane| keyed[lane].as_ref().map(|(_, message)| (&keys[lane], message.as_slice())));
        for (signature, keyed) in KeyState::sign_each(&messages).iter().zip(keyed) {
            prop_assert_eq!(signature.is_some(), keyed.is_some());
            if let (Some(signature), Some((key, message))) = (signature, keyed) {
                prop_assert!(signature.is_of(&Secret::of_all_bytes(key), &message));
            }
        }
    }

    #[test]
    fn all_messages_are_found_that_their_signatures_are_of(
        messages in vec((0..2_usize, "[ab]{0,2}", 0..2_usize, "[ab]{0,2}|x{150}"), 0..70),
    ) {
        let (texts, keys) = (["key", "other"], [KeyState::of(b"key"), KeyState::of(b"other")]);
        let mut found = Vec::new();
        let mut search = Search::new(|at: usize| found.push(at));
        for (at, (key, message, signer, signed)) in messages.iter().enumerate() {
            search.add(&keys[*key], message.as_bytes(), Signature::sign(&secret(texts[*signer]), signed), at);
        }
        search.finish();
        let fits = messages.iter().map(|(key, message, signer, signed)| (key, message) == (signer, signed));
        let expected: Vec<usize> = fits.enumerate().filter(|(_, fits)| *fits).map(|(at, _)| at).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn without_wide_registers_it_is_the_same(
        states in vec(any::<State>(), LANES),
        blocks in vec(vec(vec(any::<u8>(), BLOCK), 0..5), LANES),
    ) {
        let blocks: Vec<Vec<[u8; BLOCK]>> = blocks
            .into_iter()
            .map(|blocks| blocks.into_iter().map(|block| block.try_into().unwrap()).collect())
            .collect();
        let mut together: [State; LANES] = from_fn(|lane| states[lane]);
        let mut one_by_one = together;
        compress_each(&mut together, from_fn(|lane| blocks[lane].as_slice()));
        for (state, blocks) in one_by_one.iter_mut().zip(&blocks) {
            compress(state, blocks);
        }
        prop_assert_eq!(together, one_by_one);
    }
}
