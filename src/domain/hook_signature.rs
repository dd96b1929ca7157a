//! Whether whoever sent a request to a redeployment hook knows its secret.
//!
//! Each host signs in a way of its own; anybody else signs as GitHub does. What is verified are the bytes as they came, before
//! anything is decoded, but for a form of Gitea's kind, whose JSON is signed and not the form. Only the strongest signature that
//! is there counts, and nothing weaker when it does not fit. None of it says when something was sent, apart from GitLab's
//! signing token: a request that somebody has seen can be sent again.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use hookbelt_signature::Secret;
use jiff::Timestamp;
use sha1::Sha1;
use sha2::Sha256;

use crate::domain::payload::{Carried, Received, Sender, carried};

/// How far the time of a signing token's signature may be from now, in seconds.
pub const TOLERANCE: u64 = 300;

/// Why a request is refused. It is for a log alone: whoever sent it is not told. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing can be verified without a secret.
    #[error("there is no secret to verify with")]
    NoSecret,
    /// It is not signed.
    #[error("it is not signed: it has no header `{0}`, or an empty one")]
    Missing(&'static str),
    /// A signature that is none.
    #[error("its header `{header}` is not {wanted}")]
    Malformed {
        /// The header.
        header: &'static str,
        /// What it has to be.
        wanted: &'static str,
    },
    /// A signature under another secret, or of other bytes.
    #[error("its header `{0}` does not fit the body under any secret")]
    DoesNotFit(&'static str),
    /// A plain token, and not the one.
    #[error("its header `{0}` is none of the secrets")]
    OtherToken(&'static str),
    /// Signed too long ago, or by a clock that is wrong.
    #[error("it was signed at a time that is {0} s from now, and {TOLERANCE} s are the most")]
    OutOfTime(u64),
    /// A form of Gitea's kind that holds nothing that could be signed.
    #[error("it is a form without a field `payload`, which is what is signed")]
    NothingSigned,
}

const HUB: &str = "X-Hub-Signature";
const HUB_256: &str = "X-Hub-Signature-256";
const TOKEN: &str = "X-Gitlab-Token";
const SIGNED_AT: &str = "webhook-timestamp";
const SIGNATURES: &str = "webhook-signature";

/// Verifies a request with any of several secrets, as while they are being changed; says which one fits, from 0. `now` counts
/// for GitLab's signing token alone.
///
/// # Errors
/// When no secret fits, and why.
pub fn verify(received: &Received<'_>, secrets: &[Secret], now: Timestamp) -> Result<usize, Refused> {
    if secrets.is_empty() {
        return Err(Refused::NoSecret);
    }
    match Sender::by_headers(received).map_or(Sender::Other, |(sender, _)| sender) {
        Sender::Forgejo | Sender::Gitea | Sender::Gogs => of_gitea(received, secrets),
        Sender::Gitlab => of_gitlab(received, secrets, now),
        Sender::Bitbucket | Sender::BitbucketServer => prefixed(received, HUB, &SHA256_ALONE, received.body, secrets),
        Sender::Github => of_github(received, secrets),
        Sender::BitbucketPost | Sender::AzureDevops | Sender::Other => {
            prefixed(received, HUB_256, &SHA256_ALONE, received.body, secrets)
        }
    }
}

/// The header that signs a request, its name and its value, as its sender would: GitLab's is the secret itself.
///
/// # Errors
/// When there is nothing to sign, or the secret is a signing token of GitLab, which signs an id and a time too.
///
/// # Panics
/// Never: a key may have any length.
pub fn sign(received: &Received<'_>, secret: &Secret) -> Result<(&'static str, String), Unsigned> {
    let signed = |header, message: &[u8]| {
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(secret.expose()).expect("HMAC takes a key of any length");
        mac.update(message);
        (header, format!("{}{}", SHA256.prefix, hex::encode(mac.finalize().into_bytes())))
    };
    match Sender::by_headers(received).map_or(Sender::Other, |(sender, _)| sender) {
        Sender::Gitlab if signing_key(secret.expose()).is_some() => Err(Unsigned::SigningToken),
        Sender::Gitlab => {
            let token = String::from_utf8(without_line_breaks(secret.expose())).map_err(|_| Unsigned::NoText)?;
            Ok((TOKEN, token))
        }
        Sender::Forgejo | Sender::Gitea | Sender::Gogs => match carried(received) {
            Carried::Body(body) => Ok(signed(HUB_256, body)),
            Carried::Payload(text) => Ok(signed(HUB_256, &text)),
            Carried::Form => Err(Unsigned::NothingSigned),
        },
        Sender::Bitbucket | Sender::BitbucketServer => Ok(signed(HUB, received.body)),
        _ => Ok(signed(HUB_256, received.body)),
    }
}

/// The headers that a signature may stand in; one that is signed anew has none of the old.
pub const SIGNATURE_HEADERS: [&str; 9] = [
    HUB,
    HUB_256,
    TOKEN,
    SIGNATURES,
    SIGNED_AT,
    "webhook-id",
    "X-Forgejo-Signature",
    "X-Gitea-Signature",
    "X-Gogs-Signature",
];

/// Why a request cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// GitLab's newer kind of secret.
    #[error("a signing token of GitLab (whsec_…) signs an id and a time too: sign with a secret token")]
    SigningToken,
    /// A secret that cannot be sent as it is.
    #[error("GitLab sends the secret itself in a header, and this one is no text")]
    NoText,
    /// A form of Gitea's kind that holds nothing that could be signed.
    #[error("it is a form without a field `payload`, which is what is signed")]
    NothingSigned,
}

/// A way to sign: the word before the hex digits, how many they are, and whether a tag fits.
#[derive(Debug, Clone, Copy)]
struct Scheme {
    prefix: &'static str,
    digits: usize,
    fits: Fits,
}

/// Whether, under a key, these pieces one after the other have a code.
type Fits = fn(&[u8], &[&[u8]], &[u8]) -> bool;

const SHA256: Scheme = Scheme { prefix: "sha256=", digits: 64, fits: fits::<Hmac<Sha256>> };
const SHA1: Scheme = Scheme { prefix: "sha1=", digits: 40, fits: fits::<Hmac<Sha1>> };
const SHA256_ALONE: [Scheme; 1] = [SHA256];
const EITHER: [Scheme; 2] = [SHA256, SHA1];

/// See [`Fits`]; the comparison takes the same time wherever it fails.
fn fits<M: Mac + KeyInit>(key: &[u8], pieces: &[&[u8]], tag: &[u8]) -> bool {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    for piece in pieces {
        mac.update(piece);
    }
    mac.verify_slice(tag).is_ok()
}

/// The first secret that a test passes. All are tried, so that the time does not tell which one it is.
fn any_of(secrets: &[Secret], mut is_it: impl FnMut(&[u8]) -> bool) -> Option<usize> {
    let tried = secrets.iter().map(|secret| is_it(secret.expose()));
    let fits: Vec<bool> = tried.collect();
    fits.iter().position(|fits| *fits)
}

/// A header's value; one that says nothing counts as none, since Gitea sends it where there is no secret.
fn said<'a>(received: &Received<'a>, header: &str) -> Option<&'a str> {
    let value = received.header(header)?.trim();
    let is_something = !value.is_empty() && !EITHER.iter().any(|scheme| value.eq_ignore_ascii_case(scheme.prefix));
    is_something.then_some(value)
}

/// GitHub sends both headers, an old Enterprise Server the SHA-1 one alone.
fn of_github(received: &Received<'_>, secrets: &[Secret]) -> Result<usize, Refused> {
    let header = if said(received, HUB_256).is_some() || said(received, HUB).is_none() { HUB_256 } else { HUB };
    prefixed(received, header, &EITHER, received.body, secrets)
}

/// A signature with the word for its algorithm before it; that word counts, not the header's name.
fn prefixed(
    received: &Received<'_>,
    header: &'static str,
    schemes: &'static [Scheme],
    message: &[u8],
    secrets: &[Secret],
) -> Result<usize, Refused> {
    let value = said(received, header).ok_or(Refused::Missing(header))?;
    let wanted = if schemes.len() > 1 {
        "`sha256=` and 64 hex digits, or `sha1=` and 40"
    } else {
        "`sha256=` and 64 hex digits"
    };
    let malformed = Refused::Malformed { header, wanted };
    let scheme = schemes.iter().find_map(|scheme| Some((scheme, value.strip_prefix(scheme.prefix)?)));
    let (scheme, digits) = scheme.ok_or_else(|| malformed.clone())?;
    hexadecimal(digits, scheme, header, &[message], secrets).unwrap_or(Err(malformed))
}

/// Verifies hex digits; none if they are not as many as they should be.
fn hexadecimal(
    digits: &str,
    scheme: &Scheme,
    header: &'static str,
    pieces: &[&[u8]],
    secrets: &[Secret],
) -> Option<Result<usize, Refused>> {
    let tag = hex::decode(digits).ok().filter(|_| digits.len() == scheme.digits)?;
    let fits = any_of(secrets, |key| (scheme.fits)(key, pieces, &tag));
    Some(fits.ok_or(Refused::DoesNotFit(header)))
}

/// Gitea and what came of it sign the JSON, wherever it stands, in a header of their own and in GitHub's.
fn of_gitea(received: &Received<'_>, secrets: &[Secret]) -> Result<usize, Refused> {
    let message: Cow<'_, [u8]> = match carried(received) {
        Carried::Body(body) => body.into(),
        Carried::Payload(text) => text.into(),
        Carried::Form => return Err(Refused::NothingSigned),
    };
    let bare = ["X-Forgejo-Signature", "X-Gitea-Signature", "X-Gogs-Signature"];
    let Some((header, digits)) = bare.iter().find_map(|header| Some((*header, said(received, header)?))) else {
        let signed = said(received, HUB_256).is_some();
        let missing = Refused::Missing("X-Gitea-Signature");
        return if signed { prefixed(received, HUB_256, &SHA256_ALONE, &message, secrets) } else { Err(missing) };
    };
    let verified = hexadecimal(digits, &SHA256, header, &[&message], secrets);
    verified.unwrap_or(Err(Refused::Malformed { header, wanted: "64 hex digits" }))
}

/// GitLab sends a signature if it has a signing token, and a plain token if it has one. A secret that is a signing token signs,
/// and is never sent.
fn of_gitlab(received: &Received<'_>, secrets: &[Secret], now: Timestamp) -> Result<usize, Refused> {
    let can_sign = secrets.iter().any(|secret| signing_key(secret.expose()).is_some());
    let can_be_sent = secrets.iter().any(|secret| signing_key(secret.expose()).is_none());
    if can_sign && (said(received, SIGNATURES).is_some() || !can_be_sent) {
        return signed_with_token(received, secrets, now);
    }
    let token = said(received, TOKEN).ok_or(Refused::Missing(TOKEN))?;
    let is_it =
        |secret: &[u8]| signing_key(secret).is_none() && is_same(&without_line_breaks(secret), token.as_bytes());
    any_of(secrets, is_it).ok_or(Refused::OtherToken(TOKEN))
}

/// Standard Webhooks: id, time and body are signed; any one of the signatures may fit, as while the token is being changed.
fn signed_with_token(received: &Received<'_>, secrets: &[Secret], now: Timestamp) -> Result<usize, Refused> {
    let signatures = said(received, SIGNATURES).ok_or(Refused::Missing(SIGNATURES))?;
    let id = received.header("webhook-id").ok_or(Refused::Missing("webhook-id"))?;
    let time = received.header(SIGNED_AT).ok_or(Refused::Missing(SIGNED_AT))?;
    let seconds: i64 =
        time.parse().map_err(|_| Refused::Malformed { header: SIGNED_AT, wanted: "a number of seconds" })?;
    let tags: Vec<Vec<u8>> = signatures
        .split(' ')
        .filter_map(|entry| STANDARD.decode(entry.strip_prefix("v1,")?).ok())
        .filter(|tag| tag.len() == 32)
        .collect();
    if tags.is_empty() {
        return Err(Refused::Malformed { header: SIGNATURES, wanted: "`v1,` and 32 bytes in base64" });
    }
    let pieces = [id.as_bytes(), b".", time.as_bytes(), b".", received.body];
    let is_it = |secret: &[u8]| {
        signing_key(secret).is_some_and(|key| tags.iter().any(|tag| fits::<Hmac<Sha256>>(&key, &pieces, tag)))
    };
    let verified = any_of(secrets, is_it).ok_or(Refused::DoesNotFit(SIGNATURES))?;
    match now.as_second().abs_diff(seconds) {
        ..=TOLERANCE => Ok(verified),
        apart => Err(Refused::OutOfTime(apart)),
    }
}

/// The key in a signing token: `whsec_` and 32 bytes in base64. Any other secret is a plain token.
fn signing_key(secret: &[u8]) -> Option<Vec<u8>> {
    let key = STANDARD.decode(secret.strip_prefix(b"whsec_")?).ok()?;
    (key.len() == 32).then_some(key)
}

/// As GitLab sends a token.
fn without_line_breaks(secret: &[u8]) -> Vec<u8> {
    secret.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect()
}

/// Whether two texts are the same. Compared are their codes, so that the time tells neither where they differ nor how long the
/// secret is.
fn is_same(secret: &[u8], presented: &[u8]) -> bool {
    let mut code = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("HMAC takes a key of any length");
    code.update(presented);
    fits::<Hmac<Sha256>>(secret, &[secret], &code.finalize().into_bytes())
}
