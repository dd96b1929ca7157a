//! What a sender presents as a signature, and what it is if it is none.

use std::array::from_fn;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::domain::signature::Signature;

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

/// All digits are read alike, without a branch or a table, so that the compiler can read many at once.
#[inline]
fn read(text: &[u8; 40], bytes: &mut [u8; 20]) -> bool {
    let mut strangers = 0;
    let mut digits = [0; 40];
    for (digit, byte) in digits.iter_mut().zip(text) {
        let (number, letter) = (byte.wrapping_sub(b'0'), (byte | 0x20).wrapping_sub(b'a'));
        strangers |= u8::from(number > 9) & u8::from(letter > 5);
        *digit = if number > 9 { letter.wrapping_add(10) } else { number };
    }
    *bytes = from_fn(|at| digits[2 * at] << 4 | digits[2 * at + 1]);
    strangers == 0
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
