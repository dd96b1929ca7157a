//! Many deploy hooks, one a line, verified as quickly as the machine can.
//!
//! What is valid is what [`verify`](crate::domain::signature::verify()) says; the text as it came is checked first, several
//! lines at once, and the others are only built for the few that it does not fit.

mod line;

use std::array::from_fn;

use memchr::memchr_iter;

pub use crate::domain::signature::batch::line::LONGEST_LINE;

use crate::domain::signature::batch::line::Line;
use crate::domain::signature::diagnose::alone::Keys;
use crate::domain::signature::diagnose::{Cause, Refused};
use crate::domain::signature::key_state::KeyState;
use crate::domain::signature::sha1_lanes::LANES;
use crate::domain::signature::verify::says_its_host;
use crate::domain::signature::{Hook, Secret, Signature};

/// What the lines are verified with.
pub struct Batch<'a> {
    base_url: Option<&'a str>,
    secrets: Vec<KeyState>,
    keys: Keys,
}

/// What came of some lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many lines there are, with the empty ones.
    pub lines: usize,
    /// How many of them are not empty.
    pub verified: usize,
    /// Those that are not valid, in order.
    pub refused: Vec<RefusedLine>,
}

/// A line that is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedLine {
    /// Which of the lines, from 0.
    pub line: usize,
    /// Why, if that is known.
    pub cause: Option<Cause>,
}

/// A line whose signature can be checked.
struct Candidate<'a> {
    number: usize,
    line: Line<'a>,
    signature: Signature,
}

impl<'a> Batch<'a> {
    /// Prepares the secrets.
    #[must_use]
    pub fn new(secrets: &[Secret], base_url: Option<&'a str>) -> Self {
        let states = secrets.iter().map(|secret| KeyState::of(secret.expose())).collect();
        Self { base_url, secrets: states, keys: Keys::of(secrets) }
    }

    /// Verifies whole lines. The last one may lack its newline; a line may end in CRLF.
    #[must_use]
    pub fn verify(&self, lines: &[u8]) -> Verified {
        let mut verified = Verified::default();
        let mut candidates: Vec<Candidate<'_>> = Vec::with_capacity(LANES);
        for line in split(lines) {
            let number = verified.lines;
            verified.lines += 1;
            if line.is_empty() {
                continue;
            }
            verified.verified += 1;
            let Some(line) = Line::parse(line) else {
                verified.refused.push(RefusedLine { line: number, cause: Some(Cause::Malformed) });
                continue;
            };
            let Ok(signature) = line.presented.parse() else {
                verified.refused.push(RefusedLine { line: number, cause: self.cause(&line) });
                continue;
            };
            candidates.push(Candidate { number, line, signature });
            if candidates.len() == LANES {
                verified.refused.extend(self.refused(&candidates));
                candidates.clear();
            }
        }
        verified.refused.extend(self.refused(&candidates));
        verified.refused.sort_unstable_by_key(|refused| refused.line);
        verified
    }

    /// Those of at most [`LANES`] lines that are not valid.
    fn refused(&self, candidates: &[Candidate<'_>]) -> impl Iterator<Item = RefusedLine> {
        let messages = from_fn(|lane| candidates.get(lane).map_or(&[][..], |candidate| candidate.line.url.as_bytes()));
        let mut fits = [false; LANES];
        for secret in &self.secrets {
            let signatures = secret.sign_each(messages);
            for ((fits, candidate), signature) in fits.iter_mut().zip(candidates).zip(signatures) {
                *fits |= candidate.signature.is_same_as(signature);
            }
            if fits[..candidates.len()].iter().all(|fits| *fits) {
                break;
            }
        }
        let is_valid = move |candidate: &Candidate<'_>, fits| {
            fits && says_its_host(&candidate.line.url) || self.fits_another_text(candidate)
        };
        let refused = candidates.iter().zip(fits).filter(move |(candidate, fits)| !is_valid(candidate, *fits));
        refused.map(|(candidate, _)| RefusedLine { line: candidate.number, cause: self.cause(&candidate.line) })
    }

    /// Whether the signature is of any of the texts that count as signed.
    fn fits_another_text(&self, candidate: &Candidate<'_>) -> bool {
        let hook = self.hook(&candidate.line);
        let texts = hook.texts();
        let messages: Vec<&[u8]> = texts.iter().map(|(_, text)| text.as_bytes()).collect();
        self.secrets.iter().any(|secret| secret.position_of(candidate.signature, &messages).is_some())
    }

    fn cause(&self, line: &Line<'_>) -> Option<Cause> {
        let hook = self.hook(line);
        Refused { hook: &hook, presented: &line.presented, body: None }.cause_alone(&self.keys)
    }

    fn hook<'l>(&'l self, line: &'l Line<'_>) -> Hook<'l> {
        Hook { url: line.url.as_ref().into(), base_url: self.base_url }
    }
}

/// The lines, without their ends.
fn split(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    let unfinished = (lines.last().is_some_and(|byte| *byte != b'\n')).then_some(lines.len());
    let mut start = 0;
    memchr_iter(b'\n', lines).chain(unfinished).map(move |end| {
        let line = &lines[start..end];
        start = end + 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

#[cfg(test)]
mod tests;
