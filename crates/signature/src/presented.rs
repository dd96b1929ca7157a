//! What a sender presents as a signature, and what it is if it is none.

use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::Signature;

/// Why a text is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotASignature {
    /// There is none.
    #[error("there is no signature")]
    Missing,
    /// A user and password in its place.
    #[error("the header holds Basic credentials instead of a signature")]
    Basic,
    /// A word before the digits, as Git hosts write it.
    #[error("the signature has `{0}` before it")]
    Prefixed(String),
    /// 20 bytes in base64.
    #[error("the signature is written in base64, not in hex digits")]
    Base64([u8; 20]),
    /// 64 hex digits.
    #[error("the signature has 64 hex digits, as SHA-256 gives; SHA-1 gives 40")]
    Sha256([u8; 32]),
    /// 32 bytes in base64.
    #[error("the signature is written in base64, and has 32 bytes, as SHA-256 gives")]
    Base64OfSha256([u8; 32]),
    /// Anything else.
    #[error("the signature is not 40 hex digits: it has {length} characters{}", if *.is_hex { "" } else { ", not all of them hex digits" })]
    Malformed {
        /// How many characters it has, without blanks around it.
        length: usize,
        /// Whether all of them are hex digits.
        is_hex: bool,
    },
}

impl FromStr for Signature {
    type Err = NotASignature;

    /// 40 hex digits of either case, blanks around them trimmed.
    fn from_str(text: &str) -> Result<Self, NotASignature> {
        let mut bytes = [0; 20];
        if read_digits(text, &mut bytes) { Ok(Self(bytes)) } else { Err(what_it_is(text.trim())) }
    }
}

/// Reads 40 hex digits of either case, blanks around them trimmed; says whether the text is that.
#[inline]
pub(super) fn read_digits(text: &str, bytes: &mut [u8; 20]) -> bool {
    // Trimming takes longer than reading the digits, and there is seldom anything to trim.
    let mut read = |text: &str| text.as_bytes().try_into().is_ok_and(|digits| read(digits, bytes));
    read(text) || read(text.trim())
}

/// Eight digits at a time, by hand: a compiler that is asked for a small program reads one.
#[inline]
fn read(text: &[u8; 40], bytes: &mut [u8; 20]) -> bool {
    let eights = text.as_chunks().0.iter().map(|eight| u64::from_le_bytes(*eight));
    let read = eights.zip(bytes.as_chunks_mut().0).map(|(eight, four)| {
        *four = fold(values(eight));
        has_stranger(eight)
    });
    // Each is read, so that the time says nothing of where a digit is none.
    !read.fold(false, |one, other| one | other)
}

/// A byte in each of the eight of a word.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The highest bit of each byte that is `from` or more and `to` or less; all are below 128.
const fn within(word: u64, from: u8, to: u8) -> u64 {
    (word + each(0x80 - from)) & !(word + each(0x7f - to)) & each(0x80)
}

/// The highest bit of each byte that is a letter of either case; all are below 128.
const fn letters(word: u64) -> u64 {
    within(word | each(0x20), b'a', b'f')
}

/// Whether one of eight bytes is no hex digit.
const fn has_stranger(word: u64) -> bool {
    let ascii = word & each(0x7f);
    word & each(0x80) != 0 || within(ascii, b'0', b'9') | letters(ascii) != each(0x80)
}

/// What each of eight hex digits counts.
const fn values(word: u64) -> u64 {
    (word & each(0x0f)) + 9 * (letters(word & each(0x7f)) >> 7)
}

/// Four bytes of what eight digits count.
const fn fold(values: u64) -> [u8; 4] {
    let pairs = (values << 4 | values >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    let [one, two, _, _, three, four, _, _] = fours.to_le_bytes();
    [one, two, three, four]
}

fn what_it_is(text: &str) -> NotASignature {
    if text.is_empty() {
        return NotASignature::Missing;
    }
    if text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("basic ")) {
        return NotASignature::Basic;
    }
    let mut sha256 = [0; 32];
    if hex::decode_to_slice(text, &mut sha256).is_ok() {
        return NotASignature::Sha256(sha256);
    }
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let in_base64 = |text: &str| if is_hex(text) { None } else { of_base64(text) };
    if let Some(form) = in_base64(text) {
        return form;
    }
    // The `=` that ends base64 is no end of a prefix.
    if let Some(at) = text.trim_end_matches('=').rfind(['=', ' ', ':']).map(|at| at + 1)
        && let (prefix, rest) = text.split_at(at)
        && (matches!(rest.len(), 40 | 64) && is_hex(rest) || in_base64(rest).is_some())
    {
        return NotASignature::Prefixed(prefix.to_owned());
    }
    NotASignature::Malformed { length: text.chars().count(), is_hex: is_hex(text) }
}

/// A digest in base64, in either of its alphabets, with its padding or without.
fn of_base64(text: &str) -> Option<NotASignature> {
    const INDIFFERENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    if !(27..=44).contains(&text.len()) {
        return None;
    }
    let bytes = GeneralPurpose::new(&STANDARD, INDIFFERENT).decode(text.replace('-', "+").replace('_', "/")).ok()?;
    match bytes.len() {
        20 => bytes.try_into().ok().map(NotASignature::Base64),
        32 => bytes.try_into().ok().map(NotASignature::Base64OfSha256),
        _ => None,
    }
}
