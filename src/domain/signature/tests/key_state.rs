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
        let signed = key.sign_each([&text.as_bytes()[..length]; LANES]);
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
        key in vec(any::<u8>(), 0..130),
        messages in vec(message(), LANES),
    ) {
        let secret = Secret::of_all_bytes(key.clone());
        let signed = KeyState::of(&key).sign_each(from_fn(|lane| messages[lane].as_slice()));
        for (signature, message) in signed.iter().zip(&messages) {
            prop_assert!(signature.is_of(&secret, message));
        }
    }

    #[test]
    fn a_signature_is_found_at_its_first_message(
        messages in vec("[ab]{0,2}", 0..7),
        signed in "[ab]{0,2}",
    ) {
        let signature = Signature::sign(&secret("key"), &signed);
        let bytes: Vec<&[u8]> = messages.iter().map(String::as_bytes).collect();
        let expected = messages.iter().position(|message| *message == signed);
        prop_assert_eq!(KeyState::of(b"key").position_of(signature, &bytes), expected);
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
