//! SHA-1 of several messages side by side. One message leaves the SHA instructions of a processor idle most of the time,
//! since each waits for what the one before it gave; with a second message they are busy. Without such instructions the
//! messages are hashed one after the other.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "what is compiled for SHA instructions may only run where they are found to be")
)]

use sha1::block_api::compress;

/// The state of SHA-1 between two blocks.
pub(super) type State = [u32; 5];

/// The bytes of a block.
pub(super) const BLOCK: usize = 64;

/// How many messages are hashed side by side.
pub(super) const LANES: usize = 2;

/// Takes blocks into each state, as many as all of them have, and says how many.
pub(super) fn compress_each(states: &mut [State; LANES], blocks: [&[[u8; BLOCK]]; LANES]) -> usize {
    let common = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or(0);
    let blocks = blocks.map(|blocks| &blocks[..common]);
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("sha") && is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("sse4.1") {
        // SAFETY: the processor has the features that the function is compiled for.
        unsafe { x86::compress_each(states, blocks, common) };
        return common;
    }
    for (state, blocks) in states.iter_mut().zip(blocks) {
        compress(state, blocks);
    }
    common
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_extract_epi32, _mm_set_epi32, _mm_set_epi64x, _mm_setzero_si128,
        _mm_sha1msg1_epu32, _mm_sha1msg2_epu32, _mm_sha1nexte_epu32, _mm_sha1rnds4_epu32, _mm_shuffle_epi8,
        _mm_xor_si128,
    };
    use std::array::from_fn;
    use std::ops::Range;

    use super::{BLOCK, LANES, State};

    /// Where the rounds of a message have come to.
    #[derive(Clone, Copy)]
    struct Lane {
        /// `a` to `d`.
        now: __m128i,
        /// The same before the last four rounds, whose `a` becomes `e`; between two blocks `e` itself.
        before: __m128i,
        /// The last sixteen words of the schedule, at places that go round.
        words: [__m128i; 4],
    }

    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    pub(super) fn compress_each(states: &mut [State; LANES], blocks: [&[[u8; BLOCK]]; LANES], common: usize) {
        let mut lanes = states.map(|state| begin(state));
        for at in 0..common {
            let start = lanes;
            for (lane, blocks) in lanes.iter_mut().zip(blocks) {
                lane.words = from_fn(|fourth| four_words(&blocks[at], fourth));
            }
            twenty_rounds::<0>(&mut lanes, 0..5);
            twenty_rounds::<1>(&mut lanes, 5..10);
            twenty_rounds::<2>(&mut lanes, 10..15);
            twenty_rounds::<3>(&mut lanes, 15..20);
            for (lane, start) in lanes.iter_mut().zip(start) {
                lane.now = _mm_add_epi32(lane.now, start.now);
                lane.before = _mm_sha1nexte_epu32(lane.before, start.before);
            }
        }
        *states = lanes.map(|lane| end(lane));
    }
    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    #[inline]
    fn begin(state: State) -> Lane {
        let state = state.map(u32::cast_signed);
        let now = _mm_set_epi32(state[0], state[1], state[2], state[3]);
        Lane { now, before: _mm_set_epi32(state[4], 0, 0, 0), words: [_mm_setzero_si128(); 4] }
    }

    /// The words of a fourth of a block, the first one on top.
    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    #[inline]
    fn four_words(block: &[u8; BLOCK], fourth: usize) -> __m128i {
        let halves = block.as_chunks().0;
        let [low, high] = [0, 1].map(|half| i64::from_le_bytes(halves[2 * fourth + half]));
        _mm_shuffle_epi8(_mm_set_epi64x(high, low), _mm_set_epi64x(0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f))
    }

    /// The rounds that use one of the four functions, four at a time.
    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    #[inline]
    fn twenty_rounds<const FUNCTION: i32>(lanes: &mut [Lane; LANES], times: Range<usize>) {
        for time in times {
            let [at, next, third, last] = [time % 4, (time + 1) % 4, (time + 2) % 4, (time + 3) % 4];
            for Lane { now, before, words } in lanes.iter_mut() {
                if time >= 4 {
                    let mixed = _mm_xor_si128(_mm_sha1msg1_epu32(words[at], words[next]), words[third]);
                    words[at] = _mm_sha1msg2_epu32(mixed, words[last]);
                }
                let added =
                    if time == 0 { _mm_add_epi32(*before, words[at]) } else { _mm_sha1nexte_epu32(*before, words[at]) };
                (*now, *before) = (_mm_sha1rnds4_epu32::<FUNCTION>(*now, added), *now);
            }
        }
    }

    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    #[inline]
    fn end(lane: Lane) -> State {
        let state = [
            _mm_extract_epi32::<3>(lane.now),
            _mm_extract_epi32::<2>(lane.now),
            _mm_extract_epi32::<1>(lane.now),
            _mm_extract_epi32::<0>(lane.now),
            _mm_extract_epi32::<3>(lane.before),
        ];
        state.map(i32::cast_unsigned)
    }
}
