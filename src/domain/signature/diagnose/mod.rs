//! Why a signature does not fit: the mistakes that are made in practice, tried one by one and in pairs.
//!
//! An explanation never makes anything valid. Work is bounded: however long the URL, at most a few ten thousand short HMACs
//! are computed, and none over more than [`LONGEST`] bytes.

mod keys;
mod texts;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use crate::domain::signature::diagnose::keys::Key;
use crate::domain::signature::diagnose::texts::Text;
use crate::domain::signature::{Hook, NotASignature, Secret, Signature};

/// The longest message that explanations are looked for in.
const LONGEST: usize = 64 * 1024;

/// A mistake that makes a signature not fit. Each has a stable name, [`id`](Self::id).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// There is no `Authorization` header.
    NoSignature,
    /// `Authorization` holds a user and a password.
    BasicCredentials,
    /// The request has no query at all.
    NoQuery,
    /// What was presented is no signature of any kind.
    Malformed,
    /// A word such as `sha1=` before the digits.
    Prefix,
    /// Base64 in place of hex digits.
    Base64,
    /// SHA-256 in place of SHA-1.
    Sha256,
    /// The parameters are signed in another order.
    ParameterOrder,
    /// Spaces are signed as `%20` and came as `+`.
    SpaceAsPercent20,
    /// Spaces are signed as `+` and came as `%20`.
    SpaceAsPlus,
    /// `~` is signed as `%7E`.
    TildeEscaped,
    /// `%7E` is signed as `~`.
    TildePlain,
    /// `*` is signed as `%2A`.
    AsteriskEscaped,
    /// `%2A` is signed as `*`.
    AsteriskPlain,
    /// The digits of escapes are signed in the other case.
    EscapeCase,
    /// No `/` after the host in what was signed.
    NoSlashAfterHost,
    /// A `/` after the host in what was signed.
    SlashAfterHost,
    /// Another scheme was signed.
    Scheme,
    /// The host is signed in another letter case.
    HostCase,
    /// Another port was signed, or none.
    Port,
    /// A second `?` was signed where `&` came, or the other way round.
    SecondQuestionMark,
    /// The secret was used with a newline at its end.
    SecretTrailingNewline,
    /// The secret was used with, or without, white space around it.
    SecretWhiteSpace,
    /// The body was signed in place of the URL.
    BodySigned,
    /// Nothing was signed: the empty text.
    EmptyText,
    /// The signature is of another release's URL.
    OtherRelease,
    /// The path arrived otherwise than the sender has it configured, which is not known.
    PathRewritten,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 27] = [
        Self::NoSignature,
        Self::BasicCredentials,
        Self::NoQuery,
        Self::Malformed,
        Self::Prefix,
        Self::Base64,
        Self::Sha256,
        Self::ParameterOrder,
        Self::SpaceAsPercent20,
        Self::SpaceAsPlus,
        Self::TildeEscaped,
        Self::TildePlain,
        Self::AsteriskEscaped,
        Self::AsteriskPlain,
        Self::EscapeCase,
        Self::NoSlashAfterHost,
        Self::SlashAfterHost,
        Self::Scheme,
        Self::HostCase,
        Self::Port,
        Self::SecondQuestionMark,
        Self::SecretTrailingNewline,
        Self::SecretWhiteSpace,
        Self::BodySigned,
        Self::EmptyText,
        Self::OtherRelease,
        Self::PathRewritten,
    ];

    /// Its stable name, as in `--json`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.words()[0]
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn what(self) -> &'static str {
        self.words()[1]
    }

    /// What to change.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        self.words()[2]
    }

    fn words(self) -> [&'static str; 3] {
        match self {
            Self::NoSignature => [
                "no_signature",
                "the request has no Authorization header",
                "give the sender a secret; if it has one, take user info out of its URL, and a netrc entry for this host away",
            ],
            Self::BasicCredentials => [
                "basic_credentials",
                "the Authorization header holds a user and a password, so the signature was lost on the way",
                "take `user:password@` out of the URL that the sender has configured, or the netrc entry for this host away",
            ],
            Self::NoQuery => [
                "no_query",
                "the request has no query, so no parameter arrived",
                "take the `#` and what follows it out of the URL that the sender has configured",
            ],
            Self::Malformed => [
                "malformed",
                "what was presented is no signature",
                "compare what the sender wrote with what came; a signature is 40 hex digits",
            ],
            Self::Prefix => [
                "prefix",
                "there is a word before the hex digits",
                "send the 40 hex digits alone, without `sha1=` or a scheme word",
            ],
            Self::Base64 => ["base64", "the signature is written in base64", "write the 20 bytes as 40 hex digits"],
            Self::Sha256 => ["sha256", "it was made with SHA-256", "use HMAC-SHA1"],
            Self::ParameterOrder => [
                "parameter_order",
                "the parameters were signed in another order than they came in",
                "sign them in alphabetical order: app, release, release_summary, sha, user",
            ],
            Self::SpaceAsPercent20 => [
                "space_as_percent_20",
                "spaces were signed as `%20`, and came as `+`",
                "verify the raw query, without decoding and encoding it again; a sender writes a space as `+`",
            ],
            Self::SpaceAsPlus => [
                "space_as_plus",
                "spaces were signed as `+`, and came as `%20`",
                "verify the raw query as it came in: something on the way, or the receiver's framework, has rewritten it",
            ],
            Self::TildeEscaped => [
                "tilde_escaped",
                "`~` was signed as `%7E`, as controllers on Python 3.6 and older do",
                "verify with the sender's URL (--base-url), which allows for that",
            ],
            Self::TildePlain => [
                "tilde_plain",
                "`%7E` came where `~` was signed",
                "verify the raw query: an encoder on the way escapes `~`, which the sender does not",
            ],
            Self::AsteriskEscaped => [
                "asterisk_escaped",
                "`*` came where `%2A` was signed",
                "verify the raw query: an encoder on the way (the WHATWG form encoding) keeps `*`, which the sender escapes",
            ],
            Self::AsteriskPlain => [
                "asterisk_plain",
                "`%2A` came where `*` was signed",
                "sign with `*` escaped as `%2A`: the sender uses the WHATWG form encoding, the controller does not",
            ],
            Self::EscapeCase => [
                "escape_case",
                "the hex digits of escapes were signed in the other letter case",
                "escape with upper-case digits, as `%2F`",
            ],
            Self::NoSlashAfterHost => [
                "no_slash_after_host",
                "what was signed has no `/` after the host; HTTP adds it",
                "give the sender's URL as it is configured: --base-url, without the `/`",
            ],
            Self::SlashAfterHost => [
                "slash_after_host",
                "what was signed has a `/` after the host",
                "give the sender's URL as it is configured: --base-url, with the `/`",
            ],
            Self::Scheme => [
                "scheme",
                "another scheme was signed than came: a proxy ends TLS",
                "name the sender's scheme (--scheme), or its URL as it is configured (--base-url)",
            ],
            Self::HostCase => [
                "host_case",
                "the host was signed in another letter case",
                "give the sender's URL as it is configured: --base-url",
            ],
            Self::Port => [
                "port",
                "another port was signed than came: a proxy changes it",
                "give the sender's URL as it is configured: --base-url",
            ],
            Self::SecondQuestionMark => [
                "second_question_mark",
                "the sender's URL has a query of its own, so that a second `?` was signed",
                "take the query out of the URL that the sender has configured; what came must not be parsed and put together anew",
            ],
            Self::SecretTrailingNewline => [
                "secret_trailing_newline",
                "the secret was used with a newline at its end",
                "write the secret on one side without it (`printf %s` in place of `echo`), or give it as it is: --secret-raw",
            ],
            Self::SecretWhiteSpace => [
                "secret_white_space",
                "the secrets of the two sides differ in white space around them",
                "compare both sides byte by byte, as with `od -c`",
            ],
            Self::BodySigned => [
                "body_signed",
                "the body was signed, as Git hosts do, in place of the URL",
                "sign the whole URL; the body of a deploy hook is empty and not signed",
            ],
            Self::EmptyText => {
                ["empty_text", "the empty text was signed, as if it were the body", "sign the whole URL"]
            }
            Self::OtherRelease => [
                "other_release",
                "the signature is of another release's URL",
                "compare the two requests: the signature of one was sent with the URL of the other",
            ],
            Self::PathRewritten => [
                "path_rewritten",
                "the path has escapes, or characters that HTTP libraries escape, so it may be written otherwise in the sender's URL, \
                 which is what was signed",
                "give the sender's URL as it is configured: --base-url",
            ],
        }
    }
}

/// Why a signature was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// These mistakes together explain it: one or two, rarely three.
    Explained {
        /// The mistakes.
        causes: Vec<Cause>,
        /// The text that was signed, where that is not the one that came.
        signed: Option<String>,
        /// Which secret was used, by its position, from 1; 0 if that is not known.
        secret: usize,
    },
    /// None that is known.
    Unexplained,
}

/// What is known of a refused hook.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The hook.
    pub hook: &'a Hook<'a>,
    /// What was presented as its signature.
    pub presented: &'a str,
    /// Its body, where it is known.
    pub body: Option<&'a [u8]>,
}

/// A digest of either length.
enum Digest {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Digest {
    fn is_of(&self, key: &[u8], message: &[u8]) -> bool {
        match self {
            Self::Sha1(bytes) => {
                Hmac::<Sha1>::new_from_slice(key).is_ok_and(|mac| mac.chain_update(message).verify_slice(bytes).is_ok())
            }
            Self::Sha256(bytes) => Hmac::<Sha256>::new_from_slice(key)
                .is_ok_and(|mac| mac.chain_update(message).verify_slice(bytes).is_ok()),
        }
    }
}

impl Refused<'_> {
    /// Looks for the mistake that was made: what fits with the fewest is named.
    #[must_use]
    pub fn diagnose(&self, secrets: &[Secret]) -> Diagnosis {
        let explained = |causes: &[Cause]| Diagnosis::Explained { causes: causes.to_vec(), signed: None, secret: 0 };
        let (digest, form) = match self.presented.parse::<Signature>() {
            Ok(Signature(bytes)) => (Digest::Sha1(bytes), None),
            Err(NotASignature::Missing) => return explained(&[Cause::NoSignature]),
            Err(NotASignature::Basic) => return explained(&[Cause::BasicCredentials]),
            Err(NotASignature::Malformed { .. }) => return explained(&[Cause::Malformed]),
            Err(NotASignature::Base64(bytes)) => (Digest::Sha1(bytes), Some(Cause::Base64)),
            Err(NotASignature::Sha256(bytes)) => (Digest::Sha256(bytes), Some(Cause::Sha256)),
            Err(NotASignature::Prefixed(prefix)) => match self.presented.trim()[prefix.len()..].parse::<Signature>() {
                Ok(Signature(bytes)) => (Digest::Sha1(bytes), Some(Cause::Prefix)),
                Err(NotASignature::Sha256(bytes)) => (Digest::Sha256(bytes), Some(Cause::Sha256)),
                Err(_) => return explained(&[Cause::Malformed]),
            },
        };
        if !self.hook.url.contains('?') {
            return explained(&[Cause::NoQuery]);
        }
        match self.search(&digest, secrets) {
            Some((mut causes, signed, secret)) => {
                causes.extend(form);
                Diagnosis::Explained { causes, signed: Some(signed), secret }
            }
            None => match form {
                Some(form) => explained(&[form]),
                None if self.hook.base_url.is_none() && texts::has_a_path_to_rewrite(&self.hook.url) => {
                    explained(&[Cause::PathRewritten])
                }
                None => Diagnosis::Unexplained,
            },
        }
    }

    fn search(&self, digest: &Digest, secrets: &[Secret]) -> Option<(Vec<Cause>, String, usize)> {
        let texts: Vec<Text> =
            texts::of(self.hook, self.body).into_iter().filter(|text| text.text.len() <= LONGEST).collect();
        let keys: Vec<Key> = keys::of(secrets);
        let most = texts.iter().map(|text| text.causes.len()).max().unwrap_or(0) + 1;
        // The fewest mistakes first.
        for count in 0..=most {
            for key in &keys {
                let used = usize::from(key.cause.is_some());
                let fits =
                    |text: &&Text| text.causes.len() + used == count && digest.is_of(&key.bytes, text.text.as_bytes());
                if let Some(text) = texts.iter().find(fits) {
                    let causes = text.causes.iter().copied().chain(key.cause).collect();
                    return Some((causes, text.text.clone(), key.secret));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
