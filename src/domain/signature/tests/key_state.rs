//! Many messages under one key, side by side: the same digests as the crates give one by one.

use std::array::from_fn;

use sha1::block_api::compress;

use super::super::key_state::KeyState;
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
        let signed = KeyState::sign_each([(&key, &text.as_bytes()[..length]); LANES]);
        assert_eq!(signed, [Signature::sign(&secret, &text[..length]); LANES], "{length} bytes");
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
        keyed in vec((vec(any::<u8>(), 0..130), message()), LANES),
    ) {
        let keys: Vec<KeyState> = keyed.iter().map(|(key, _)| KeyState::of(key)).collect();
        let signed = KeyState::sign_each(from_fn(|lane| (&keys[lane], keyed[lane].1.as_slice())));
        for (signature, (key, message)) in signed.iter().zip(keyed) {
            prop_assert!(signature.is_of(&Secret::of_all_bytes(key), &message));
        }
    }

    #[test]
    fn a_signature_is_found_at_its_first_message(
        messages in vec((0..2_usize, "[ab]{0,2}"), 0..7),
        signed in (0..2_usize, "[ab]{0,2}"),
    ) {
        let (texts, keys) = (["key", "other"], [KeyState::of(b"key"), KeyState::of(b"other")]);
        let signature = Signature::sign(&secret(texts[signed.0]), &signed.1);
        let named = messages.iter().enumerate().map(|(at, (key, message))| (&keys[*key], message.as_bytes(), at));
        let expected = messages.iter().position(|message| *message == signed);
        prop_assert_eq!(KeyState::find(signature, named), expected);
    }

    #[test]
    fn blocks_side_by_side_change_states_as_one_by_one(
        states in vec(any::<State>(), LANES),
        blocks in vec(vec(vec(any::<u8>(), BLOCK), 0..5), LANES),
    ) {
        let blocks: Vec<Vec<[u8; BLOCK]>> = blocks
            .into_iter()
            .map(|blocks| blocks.into_iter().map(|block| block.try_into().unwrap()).collect())
            .collect();
        let mut side_by_side: [State; LANES] = from_fn(|lane| states[lane]);
        let mut one_by_one = side_by_side;
        let common = compress_each(&mut side_by_side, from_fn(|lane| blocks[lane].as_slice()));
        for (state, blocks) in one_by_one.iter_mut().zip(&blocks) {
            compress(state, &blocks[..common]);
        }
        prop_assert_eq!(Some(common), blocks.iter().map(Vec::len).min());
        prop_assert_eq!(side_by_side, one_by_one);
    }
}
