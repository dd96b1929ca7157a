//! SHA-1 of several messages side by side. One message leaves the SHA instructions of a processor idle most of the time,
//! since each waits for what the one before it gave; with a second message they are busy. Where AVX-512 is, sixteen messages
//! in the sixteen lanes of its registers take less than half of that again. Without such instructions the messages are
//! hashed one after the other.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "what is compiled for some instructions may only run where they are found to be")
)]

use std::array::from_fn;

use sha1::block_api::compress;

/// The state of SHA-1 between two blocks.
pub(super) type State = [u32; 5];

/// The bytes of a block.
pub(super) const BLOCK: usize = 64;

/// How many messages are hashed side by side at most.
pub(super) const LANES: usize = 16;

/// A message whose HMAC is computed: the states after its key's two blocks, and its blocks with what SHA-1 puts
/// after it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keyed<'a> {
    pub inner: State,
    pub outer: State,
    /// In two pieces, one after the other.
    pub blocks: [&'a [[u8; BLOCK]]; 2],
}

/// The bits of what the second hash of an HMAC is of: the key's block and a digest.
const OUTER_BITS: u32 = 8 * (64 + 20);

/// The state after the HMAC of each message. A lane may have none, and then has some state.
pub(super) fn hmac_each(messages: &[Option<Keyed<'_>>; LANES]) -> [State; LANES] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
        let counts =
            messages.map(|message| message.map_or(0, |Keyed { blocks: [one, other], .. }| one.len() + other.len()));
        let most = counts.into_iter().max().unwrap_or(0);
        // Where half of the lanes are empty, pairs are as quick.
        if most > 0 && counts.into_iter().sum::<usize>() >= LANES / 2 * most {
            // SAFETY: the processor has the features that the function is compiled for.
            return unsafe { sixteen::hmac_each(messages, most) };
        }
    }
    let mut states = messages.map(|message| message.map_or([0; 5], |message| message.inner));
    for piece in [0, 1] {
        compress_each(&mut states, messages.map(|message| message.map_or(&[][..], |message| message.blocks[piece])));
    }
    let last = states.map(|digest| {
        let mut words = [0; 16];
        words[..5].copy_from_slice(&digest);
        (words[5], words[15]) = (1 << 31, OUTER_BITS);
        let mut block = [[0; BLOCK]];
        block.as_flattened_mut().as_chunks_mut().0.copy_from_slice(&words.map(u32::to_be_bytes));
        block
    });
    states = messages.map(|message| message.map_or([0; 5], |message| message.outer));
    compress_each(&mut states, from_fn(|lane| messages[lane].map_or(&[][..], |_| &last[lane])));
    states
}

/// Takes blocks into each state: neighbours as many as both have side by side, the others one by one.
pub(super) fn compress_each(states: &mut [State; LANES], mut blocks: [&[[u8; BLOCK]]; LANES]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("sha") && is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("sse4.1") {
        for (states, blocks) in states.as_chunks_mut().0.iter_mut().zip(blocks.as_chunks_mut::<2>().0) {
            let common = blocks[0].len().min(blocks[1].len());
            if common > 0 {
                // SAFETY: the processor has the features that the function is compiled for.
                unsafe { two::compress_both(states, blocks.map(|blocks| &blocks[..common])) };
                *blocks = blocks.map(|blocks| &blocks[common..]);
            }
        }
    }
    for (state, blocks) in states.iter_mut().zip(blocks) {
        if !blocks.is_empty() {
            compress(state, blocks);
        }
    }
}

/// Two messages with the SHA instructions.
#[cfg(target_arch = "x86_64")]
mod two {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_extract_epi32, _mm_set_epi32, _mm_set_epi64x, _mm_setzero_si128,
        _mm_sha1msg1_epu32, _mm_sha1msg2_epu32, _mm_sha1nexte_epu32, _mm_sha1rnds4_epu32, _mm_shuffle_epi8,
        _mm_xor_si128,
    };
    use std::array::from_fn;
    use std::ops::Range;

    use super::{BLOCK, State};

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
    pub(super) fn compress_both(states: &mut [State; 2], blocks: [&[[u8; BLOCK]]; 2]) {
        let mut lanes = states.map(|state| begin(state));
        for (one, other) in blocks[0].iter().zip(blocks[1]) {
            let start = lanes;
            for (lane, block) in lanes.iter_mut().zip([one, other]) {
                lane.words = from_fn(|fourth| four_words(block, fourth));
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
    fn twenty_rounds<const FUNCTION: i32>(lanes: &mut [Lane; 2], times: Range<usize>) {
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

/// Sixteen messages, each in a lane of the registers of AVX-512.
#[cfg(target_arch = "x86_64")]
mod sixteen {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi32, _mm512_mask_mov_epi32, _mm512_permutex2var_epi32, _mm512_rol_epi32,
        _mm512_set1_epi32, _mm512_ternarylogic_epi32, _mm512_xor_si512,
    };
    use std::array::from_fn;
    use std::mem::transmute;

    use super::{BLOCK, Keyed, LANES, OUTER_BITS, State};

    /// What is added in each round, by the function that the round uses.
    const ADDED: [u32; 4] = [0x5a82_7999, 0x6ed9_eba1, 0x8f1b_bcdc, 0xca62_c1d6];

    /// The functions of three values, as the results for each of the eight ways that three bits can be.
    const CHOOSE: i32 = 0b1100_1010;
    const PARITY: i32 = 0b1001_0110;
    const MAJORITY: i32 = 0b1110_1000;

    /// The state after the HMAC of each message; none has more than so many blocks.
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn hmac_each(messages: &[Option<Keyed<'_>>; LANES], most: usize) -> [State; LANES] {
        let zero = _mm512_set1_epi32(0);
        let keys = messages.map(|message| message.map_or([[0; 5]; 2], |Keyed { inner, outer, .. }| [inner, outer]));
        let [mut state, outer]: [[__m512i; 5]; 2] =
            from_fn(|which| from_fn(|word| vector(keys.map(|states| states[which][word]))));
        for at in 0..most {
            let mut has_one = 0;
            let mut block: [__m512i; LANES] = from_fn(|lane| {
                let [whole, last] = messages[lane].as_ref().map_or([&[][..]; 2], |message| message.blocks);
                let Some(block) = whole.get(at).or_else(|| last.get(at - whole.len())) else {
                    return zero;
                };
                has_one |= 1 << lane;
                words(block)
            });
            transpose(&mut block);
            let next = compress(&state, block);
            state = from_fn(|word| _mm512_mask_mov_epi32(state[word], has_one, next[word]));
        }
        let mut block = [zero; LANES];
        block[..5].copy_from_slice(&state);
        block[5] = _mm512_set1_epi32(i32::MIN);
        block[15] = _mm512_set1_epi32(OUTER_BITS.cast_signed());
        let digests = compress(&outer, block).map(|word| lanes(word));
        from_fn(|lane| digests.map(|word| word[lane]))
    }

    /// Takes a block into each state; of both it is given all lanes of each word.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn compress(start: &[__m512i; 5], mut words: [__m512i; LANES]) -> [__m512i; 5] {
        let mut state = *start;
        twenty_rounds::<0, CHOOSE>(&mut state, &mut words);
        twenty_rounds::<1, PARITY>(&mut state, &mut words);
        twenty_rounds::<2, MAJORITY>(&mut state, &mut words);
        twenty_rounds::<3, PARITY>(&mut state, &mut words);
        from_fn(|word| _mm512_add_epi32(start[word], state[word]))
    }

    /// Makes sixteen lanes of one word each of sixteen words of one lane each: it swaps the quarters of the square that are not
    /// on its diagonal, then those of each quarter, and so on.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn transpose(rows: &mut [__m512i; LANES]) {
        swap_quarters::<8>(rows);
        swap_quarters::<4>(rows);
        swap_quarters::<2>(rows);
        swap_quarters::<1>(rows);
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn swap_quarters<const SIDE: u32>(rows: &mut [__m512i; LANES]) {
        // The lanes of one row are numbered from 0, those of the other from 16.
        const NUMBERS: [u32; LANES] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let upper = vector(NUMBERS.map(|at| if at & SIDE == 0 { at } else { 16 + at - SIDE }));
        let lower = vector(NUMBERS.map(|at| if at & SIDE == 0 { at + SIDE } else { 16 + at }));
        let side = SIDE as usize;
        for row in (0..LANES).filter(|row| row & side == 0) {
            let (one, other) = (rows[row], rows[row + side]);
            rows[row] = _mm512_permutex2var_epi32(one, upper, other);
            rows[row + side] = _mm512_permutex2var_epi32(one, lower, other);
        }
    }

    /// The rounds that use one of the functions, five at a time, after which each value is in its place again.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn twenty_rounds<const TIME: usize, const FUNCTION: i32>(state: &mut [__m512i; 5], words: &mut [__m512i; LANES]) {
        let added = _mm512_set1_epi32(ADDED[TIME].cast_signed());
        for five in 0..4 {
            for one in 0..5 {
                let round = 20 * TIME + 5 * five + one;
                let at = round % 16;
                if round >= 16 {
                    let mixed =
                        _mm512_ternarylogic_epi32::<PARITY>(words[at], words[(at + 2) % 16], words[(at + 8) % 16]);
                    words[at] = _mm512_rol_epi32::<1>(_mm512_xor_si512(mixed, words[(at + 13) % 16]));
                }
                let [a, b, c, d, last] = *state;
                let function = _mm512_ternarylogic_epi32::<FUNCTION>(b, c, d);
                let sum = _mm512_add_epi32(function, _mm512_add_epi32(last, _mm512_add_epi32(words[at], added)));
                *state = [_mm512_add_epi32(_mm512_rol_epi32::<5>(a), sum), a, _mm512_rol_epi32::<30>(b), c, d];
            }
        }
    }

    /// The words of a block.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn words(block: &[u8; BLOCK]) -> __m512i {
        let fours = block.as_chunks().0;
        vector(from_fn(|at| u32::from_be_bytes(fours[at])))
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn vector(lanes: [u32; LANES]) -> __m512i {
        // SAFETY: both are the same sixteen numbers.
        unsafe { transmute(lanes) }
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    fn lanes(vector: __m512i) -> [u32; LANES] {
        // SAFETY: both are the same sixteen numbers.
        unsafe { transmute(vector) }
    }
}
