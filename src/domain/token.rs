//! Tokens of the API: their text, what is kept of it, and what they may do.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::domain::printable::{Colours, printable};

/// What the text of a token begins with, so that people and scanners recognise it.
const PREFIX: &str = "hookbelt_";

/// The text of a new token: a prefix and 32 random hex digits, 128 bits. It is shown once and not kept.
#[must_use]
pub fn text(random: &str) -> String {
    format!("{PREFIX}{random}")
}

/// The most characters a token's name has.
const MAX_NAME: usize = 100;

/// Why a text cannot name a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be a token's name: use 1 to 100 characters that can be printed, without blanks at the ends")]
pub struct InvalidTokenName(String);

/// What a token is called, and so the user of what it asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenName(String);

text_newtype!(TokenName, InvalidTokenName, |text| {
    let is_short = (1..=MAX_NAME).contains(&text.chars().count());
    let is_printable = !text.contains('\t') && printable(text, Colours::Remove) == text;
    if is_short && is_printable && text.trim() == text {
        Ok(text.to_owned())
    } else {
        Err(InvalidTokenName(text.chars().take(MAX_NAME).collect()))
    }
});

/// What is kept of a token: the SHA-256 of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// That of a token's text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

/// One thing that a token may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// To read; every token may.
    Public,
    /// To deploy, roll back and cancel, and to see the redeployment hook.
    Redeploy,
    /// To change settings.
    Admin,
}

impl Scope {
    /// Every scope, from the least to the most.
    pub const ALL: [Self; 3] = [Self::Public, Self::Redeploy, Self::Admin];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Redeploy => "redeploy",
            Self::Admin => "admin",
        }
    }
}

/// What a token may do. `admin` includes `redeploy`, and both include `public`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(Scope);

/// A word that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope: they are public, redeploy and admin")]
pub struct UnknownScope(String);

impl Scopes {
    /// This scope and those that it includes.
    #[must_use]
    pub fn up_to(scope: Scope) -> Self {
        Self(scope)
    }

    /// Whether it is allowed.
    #[must_use]
    pub fn allow(self, scope: Scope) -> bool {
        scope <= self.0
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;

    /// Words with blanks or commas between them.
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let mut most = Scope::Public;
        for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
            let scope = Scope::ALL.into_iter().find(|scope| scope.word() == word);
            most = most.max(scope.ok_or_else(|| UnknownScope(word.to_owned()))?);
        }
        Ok(Self(most))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = Scope::ALL.into_iter().filter(|scope| self.allow(*scope)).map(Scope::word).collect();
        formatter.write_str(&words.join(" "))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(Scope::ALL.into_iter().filter(|scope| self.allow(*scope)).map(Scope::word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_those_below_it() {
        for (text, shown) in [
            ("", "public"),
            ("public", "public"),
            ("redeploy", "public redeploy"),
            ("public,redeploy", "public redeploy"),
            ("admin", "public redeploy admin"),
            ("admin public", "public redeploy admin"),
        ] {
            assert_eq!(text.parse::<Scopes>().unwrap().to_string(), shown, "{text}");
        }
        assert_eq!("root".parse::<Scopes>(), Err(UnknownScope("root".to_owned())));
        assert!(!Scopes::up_to(Scope::Redeploy).allow(Scope::Admin));
    }

    #[test]
    fn a_name_is_one_printable_line() {
        for name in ["ci", "Ann's laptop", "日本"] {
            assert_eq!(name.parse::<TokenName>().unwrap().as_str(), name);
        }
        for name in ["", " ci", "ci ", "a\nb", "a\tb", "\u{1b}[1m", &"x".repeat(101)] {
            assert!(name.parse::<TokenName>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn only_the_hash_of_a_token_is_kept() {
        let hash = TokenHash::of("hookbelt_abc").to_string();
        assert_eq!(hash.len(), 64);
        assert_eq!(TokenHash::of("hookbelt_abc").to_string(), hash);
        assert_ne!(TokenHash::of("hookbelt_abd").to_string(), hash);
        assert_eq!(text("00ff"), "hookbelt_00ff");
    }
}
