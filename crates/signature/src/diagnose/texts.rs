//! The texts that a sender may have signed in place of the URL as it came.

use std::borrow::Cow;

use crate::diagnose::Cause;
use crate::diagnose::changes::{CHANGES, FAR, NEAR, PAIRED_CHANGES, Url, orders};
use crate::{Hook, SignedText};

/// A text, and the mistakes that make it one.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub text: String,
    pub causes: Vec<Cause>,
}

/// The URL as it came and each text that counts as signed, with every change, and with every two of them.
pub(super) fn of(hook: &Hook<'_>) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let mut add = |text: &str, causes: Vec<Cause>| {
        texts.push(Text { text: text.to_owned(), causes });
    };
    for (_, base) in hook.texts() {
        add(&base, Vec::new());
        let base = Url::cut(&base, &FAR);
        for (at, first) in PAIRED_CHANGES.iter().enumerate() {
            let mut once = Texts::default();
            first(&base, &mut once);
            for (once, cause) in once.iter() {
                let url = Url::cut(once, &FAR);
                let mut twice = Texts::default();
                for second in &PAIRED_CHANGES[at + 1..] {
                    second(&url, &mut twice);
                }
                orders(&url, &mut twice);
                for (twice, other) in twice.iter() {
                    add(twice, vec![cause, other]);
                }
                add(once, vec![cause]);
            }
        }
        let mut ordered = Texts::default();
        orders(&base, &mut ordered);
        for (ordered, cause) in ordered.iter() {
            add(ordered, vec![cause]);
        }
    }
    add("", vec![Cause::EmptyText]);
    texts
}

/// Many texts, one after the other in one piece of memory.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    all: String,
    /// Where each ends, and the mistake that makes it one.
    ends: Vec<(usize, Cause)>,
}

impl Texts {
    /// Replaces them by the texts that one mistake makes of those that count as signed. Of mistakes of which there are many,
    /// only those that are nearest are among them.
    pub(super) fn set_to_one_mistake(&mut self, counting: &[(SignedText, Cow<'_, str>)]) {
        self.all.clear();
        self.ends.clear();
        // A text makes about so many others.
        self.all.reserve(counting.iter().map(|(_, text)| 16 * text.len()).sum());
        self.ends.reserve(16 * counting.len());
        for (_, base) in counting {
            let base = Url::cut(base, &NEAR);
            for change in CHANGES {
                change(&base, self);
            }
            orders(&base, self);
        }
        self.add(&[], Cause::EmptyText);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Cause)> {
        let mut start = 0;
        self.ends.iter().map(move |(end, cause)| {
            let text = &self.all[start..*end];
            start = *end;
            (text, *cause)
        })
    }

    /// Adds a text in pieces.
    pub(super) fn add(&mut self, pieces: &[&str], cause: Cause) {
        for piece in pieces {
            self.push(piece);
        }
        self.end(cause);
    }

    /// Adds a piece to the text that is begun, and gives it to be changed in place.
    pub(super) fn push(&mut self, piece: &str) -> &mut str {
        let start = self.all.len();
        self.all.push_str(piece);
        &mut self.all[start..]
    }

    pub(super) fn push_joined<'p>(&mut self, mut pieces: impl Iterator<Item = &'p str>, separator: &str) {
        self.push(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.push(separator);
            self.push(piece);
        }
    }

    /// Ends the text that is begun.
    pub(super) fn end(&mut self, cause: Cause) {
        self.ends.push((self.all.len(), cause));
    }

    /// Ends the text that is begun, and takes it away if it is no other than that of the URL.
    pub(super) fn end_changed(&mut self, url: &Url<'_>, cause: Cause) {
        let start = self.ends.last().map_or(0, |(end, _)| *end);
        if self.all[start..] == *url.whole {
            self.all.truncate(start);
        } else {
            self.end(cause);
        }
    }
}
