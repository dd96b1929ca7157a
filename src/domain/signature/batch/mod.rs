//! Many deploy hooks, one a line, verified as quickly as the machine can.
//!
//! What is valid is what [`verify`](crate::domain::signature::verify()) says; the text as it came is checked first, several
//! lines at once, and the others are only built for the few that it does not fit.

mod line;

use std::array::from_fn;

use memchr::memchr_iter;

pub use crate::domain::signature::batch::line::LONGEST_LINE;

use crate::domain::signature::batch::line::Line;
use crate::domain::signature::diagnose::alone::{Keys, Texts};
use crate::domain::signature::diagnose::{Cause, Refused};
use crate::domain::signature::key_state::KeyState;
use crate::domain::signature::presented::read_digits;
use crate::domain::signature::sha1_lanes::LANES;
use crate::domain::signature::verify::says_its_host;
use crate::domain::signature::{Hook, Secret, Signature, SignedText};

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
    /// How many of them are neither empty nor blank.
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
        let mut texts = Texts::default();
        let mut suspects: Vec<Candidate<'_>> = Vec::new();
        let mut candidates: Vec<Candidate<'_>> = Vec::with_capacity(LANES);
        for line in split(lines) {
            let number = verified.lines;
            verified.lines += 1;
            if line.is_empty() {
                continue;
            }
            verified.verified += 1;
            let is_blank = || line.iter().all(|byte| matches!(byte, b' ' | b'\t'));
            let Some(parsed) = Line::parse(line) else {
                if is_blank() {
                    verified.verified -= 1;
                    continue;
                }
                verified.refused.push(RefusedLine { line: number, cause: Some(Cause::Malformed) });
                continue;
            };
            let candidate = candidates.push_mut(Candidate { number, line: parsed, signature: Signature([0; 20]) });
            if !read_digits(&candidate.line.presented, &mut candidate.signature.0) {
                if is_blank() {
                    verified.verified -= 1;
                } else {
                    verified.refused.push(RefusedLine { line: number, cause: self.cause(&candidate.line, &mut texts) });
                }
                candidates.pop();
            }
            if candidates.len() == LANES {
                self.keep_suspects(&mut candidates);
                suspects.append(&mut candidates);
            }
        }
        self.keep_suspects(&mut candidates);
        suspects.append(&mut candidates);
        suspects.retain(|suspect| !self.fits_another_text(suspect));
        let refused = suspects
            .iter()
            .map(|suspect| RefusedLine { line: suspect.number, cause: self.cause(&suspect.line, &mut texts) });
        verified.refused.extend(refused);
        verified.refused.sort_unstable_by_key(|refused| refused.line);
        verified
    }

    /// Keeps those of at most [`LANES`] lines whose signature is not of the URL as it came. They are looked at together
    /// later: code that is seldom run is slow each time.
    fn keep_suspects(&self, candidates: &mut Vec<Candidate<'_>>) {
        let messages = from_fn(|lane| candidates.get(lane).map_or(&[][..], |candidate| candidate.line.url.as_bytes()));
        let mut fits = [false; LANES];
        for secret in &self.secrets {
            let signatures = KeyState::sign_each(messages.map(|message| (secret, message)));
            for ((fits, candidate), signature) in fits.iter_mut().zip(&*candidates).zip(signatures) {
                *fits |= candidate.signature.is_same_as(signature);
            }
            if fits[..candidates.len()].iter().all(|fits| *fits) {
                break;
            }
        }
        let mut fits = fits.into_iter();
        candidates.retain(|candidate| fits.next() != Some(true) || !says_its_host(&candidate.line.url));
    }

    /// Whether the signature is of any of the texts that count as signed.
    fn fits_another_text(&self, candidate: &Candidate<'_>) -> bool {
        let hook = self.hook(&candidate.line);
        let texts = hook.texts();
        let others = || texts.iter().filter(|(signed, _)| *signed != SignedText::AsItCame);
        let named = self.secrets.iter().flat_map(|key| others().map(move |(_, text)| (key, text.as_bytes(), ())));
        KeyState::find(candidate.signature, named).is_some()
    }

    fn cause(&self, line: &Line<'_>, texts: &mut Texts) -> Option<Cause> {
        let hook = self.hook(line);
        Refused { hook: &hook, presented: &line.presented, body: None }.cause_alone(&self.keys, texts)
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
