//! Many deploy hooks, one a line, verified as quickly as the machine can.
//!
//! What is valid is what [`verify`](crate::verify()) says; the text as it came is checked first, several
//! lines at once, and the others are only built for the few that it does not fit.

mod line;

use std::array::from_fn;

use memchr::memchr_iter;

pub use crate::batch::line::LONGEST_LINE;

use crate::batch::line::Line;
use crate::diagnose::Cause;
use crate::diagnose::alone::{self, Keys, Texts, Unfit};
use crate::key_state::{KeyState, Search};
use crate::presented::read_digits;
use crate::sha1_lanes::LANES;
use crate::verify::says_its_host;
use crate::{Hook, Secret, Signature, SignedText};

/// How many refused lines are explained together: many enough to be looked at side by side, and few enough that all texts
/// that are tried stay in the cache.
const TOGETHER: usize = 8;

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
                    let hook = self.hook(&candidate.line);
                    let cause = candidate.line.refused(&hook).cause_of_form();
                    verified.refused.push(RefusedLine { line: number, cause });
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
        let mut texts = Vec::new();
        for suspects in suspects.chunks(TOGETHER) {
            verified.refused.extend(self.refused(suspects, &mut texts));
        }
        verified.refused.sort_unstable_by_key(|refused| refused.line);
        verified
    }

    /// Keeps those of at most [`LANES`] lines whose signature is not of the URL as it came. They are looked at together
    /// later: code that is seldom run is slow each time.
    fn keep_suspects(&self, candidates: &mut Vec<Candidate<'_>>) {
        let messages: [Option<&[u8]>; LANES] =
            from_fn(|lane| candidates.get(lane).map(|candidate| candidate.line.url.as_bytes()));
        let mut fits = [false; LANES];
        for secret in &self.secrets {
            let signatures = KeyState::sign_each(&messages.map(|message| Some((secret, message?))));
            for ((fits, candidate), signature) in fits.iter_mut().zip(&*candidates).zip(signatures) {
                *fits |= signature.is_some_and(|signature| candidate.signature.is_same_as(signature));
            }
            if fits[..candidates.len()].iter().all(|fits| *fits) {
                break;
            }
        }
        let mut fits = fits.into_iter();
        candidates.retain(|candidate| fits.next() != Some(true) || !says_its_host(&candidate.line.url));
    }

    /// Those whose signature is not of another text that counts either, and why.
    fn refused(&self, suspects: &[Candidate<'_>], texts: &mut Vec<Texts>) -> Vec<RefusedLine> {
        let hooks: Vec<Hook<'_>> = suspects.iter().map(|suspect| self.hook(&suspect.line)).collect();
        let hooks = suspects.iter().zip(&hooks).map(|(Candidate { number, line, signature }, hook)| {
            (*number, Unfit { refused: line.refused(hook), signature: *signature, counting: hook.texts() })
        });
        let hooks: Vec<(usize, Unfit<'_>)> = hooks.collect();
        let mut fits = vec![false; hooks.len()];
        let mut search = Search::new(|at: usize| fits[at] = true);
        for (at, (_, hook)) in hooks.iter().enumerate() {
            for (_, text) in hook.counting.iter().filter(|(signed, _)| *signed != SignedText::AsItCame) {
                for key in &self.secrets {
                    search.add(key, text.as_bytes(), hook.signature, at);
                }
            }
        }
        search.finish();
        let unfit = hooks.into_iter().zip(fits).filter(|(_, fits)| !fits).map(|(hook, _)| hook);
        let (numbers, unfit): (Vec<usize>, Vec<Unfit<'_>>) = unfit.unzip();
        let causes = alone::causes(&unfit, &self.keys, texts);
        numbers.into_iter().zip(causes).map(|(line, cause)| RefusedLine { line, cause }).collect()
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
