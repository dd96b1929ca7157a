//! From the bytes that a command prints to lines. They stay together as they came, since most lines of a flood are
//! dropped unread.

use std::borrow::Cow;

use memchr::{memchr_iter, memrchr};

use crate::domain::log_line::MAX_LINE;

/// How much is read at a time.
const PIECE: usize = 64 * 1024;

/// Some complete lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct Text {
    /// Each line ends with a newline. The only line of a text may have others in it.
    bytes: Vec<u8>,
    count: u64,
}

impl Text {
    fn new(lines: &[u8]) -> Self {
        Self { bytes: lines.to_vec(), count: memchr_iter(b'\n', lines).count() as u64 }
    }

    pub(super) fn one_line(line: &[u8]) -> Self {
        Self { bytes: [line, b"\n"].concat(), count: 1 }
    }

    /// How many lines it has.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Takes its first `count` lines off; it has more than that.
    pub(super) fn take_first(&mut self, count: u64) -> Self {
        let newlines = memchr_iter(b'\n', &self.bytes).map(|at| at + 1);
        let end = newlines.take(index(count)).last().unwrap_or(0);
        let rest = self.bytes.split_off(end);
        self.count -= count;
        Self { bytes: std::mem::replace(&mut self.bytes, rest), count }
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let bytes = without(&self.bytes, b'\n');
        let lines = bytes.splitn(index(self.count), |byte| *byte == b'\n');
        lines.map(|line| String::from_utf8_lossy(without(line, b'\r')))
    }
}

fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn without(line: &[u8], end: u8) -> &[u8] {
    line.strip_suffix(&[end]).unwrap_or(line)
}

/// Cuts what is read into lines of at most [`MAX_LINE`] bytes.
#[derive(Debug)]
pub(in crate::engine) struct Lines {
    longest: usize,
    read: Vec<u8>,
    /// How much of what was read is taken.
    taken: usize,
    /// How much of the rest is known to have no newline.
    searched: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self::of_at_most(MAX_LINE)
    }
}

impl Lines {
    fn of_at_most(longest: usize) -> Self {
        Self { longest, read: Vec::new(), taken: 0, searched: 0 }
    }

    /// Where to read to; before anything more is read, all that is complete must have been taken.
    pub(in crate::engine) fn room(&mut self) -> &mut Vec<u8> {
        self.read.reserve(PIECE);
        &mut self.read
    }

    /// Takes some of the lines that are complete.
    pub(in crate::engine) fn complete(&mut self) -> Option<Text> {
        let rest = &self.read[self.taken..];
        let window = &rest[..rest.len().min(self.longest + 1)];
        let text = if let Some(at) = memrchr(b'\n', &window[self.searched..]) {
            let text = Text::new(&window[..=self.searched + at]);
            self.taken += text.size();
            text
        } else if rest.len() > self.longest {
            let piece = &rest[..boundary(rest, self.longest)];
            self.taken += piece.len();
            Text::one_line(piece)
        } else {
            self.searched = rest.len();
            self.read.drain(..self.taken);
            self.taken = 0;
            return None;
        };
        self.searched = 0;
        Some(text)
    }

    /// The last line, if it was not ended.
    pub(in crate::engine) fn finish(self) -> Option<Text> {
        let rest = &self.read[self.taken..];
        (!rest.is_empty()).then(|| Text::one_line(rest))
    }
}

/// Where to cut an overlong line: at the longest allowed, or up to three bytes before it so as not to cut a character.
fn boundary(bytes: &[u8], longest: usize) -> usize {
    let begins_character = |at: &usize| bytes[*at] & 0b1100_0000 != 0b1000_0000;
    (longest.saturating_sub(3).max(1)..=longest).rev().find(begins_character).unwrap_or(longest)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, prop_oneof, proptest};
    use proptest::prop_assert_eq;
    use proptest::strategy::Just;

    use super::{Lines, MAX_LINE, Text};

    fn texts(longest: usize, pieces: &[&[u8]]) -> Vec<Text> {
        let mut lines = Lines::of_at_most(longest);
        let mut texts = Vec::new();
        for piece in pieces {
            lines.room().extend_from_slice(piece);
            texts.extend(std::iter::from_fn(|| lines.complete()));
        }
        texts.extend(lines.finish());
        texts
    }

    fn cut(longest: usize, pieces: &[&[u8]]) -> Vec<String> {
        let texts = texts(longest, pieces);
        for text in &texts {
            assert_eq!(text.lines().count() as u64, text.count());
        }
        texts.iter().flat_map(Text::lines).map(String::from).collect()
    }

    #[test]
    fn lines_are_cut_at_newlines_wherever_the_pieces_end() {
        assert_eq!(cut(MAX_LINE, &[b"a\nb", b"c\r\n", b"\n", b"end"]), ["a", "bc", "", "end"]);
        assert_eq!(cut(MAX_LINE, &[b"\xff\xfe\n"]), ["\u{fffd}\u{fffd}"]);
        assert!(cut(MAX_LINE, &[b"", b""]).is_empty());
    }

    #[test]
    fn an_overlong_line_is_cut_between_characters() {
        let long = "é".repeat(MAX_LINE);
        let lines = cut(MAX_LINE, &[long.as_bytes()]);
        assert!(lines.iter().all(|line| line.len() <= MAX_LINE && !line.contains('\u{fffd}')));
        assert_eq!(lines.concat(), long);
        let longest = "x".repeat(MAX_LINE);
        assert_eq!(cut(MAX_LINE, &[format!("{longest}\n{longest}y\n").as_bytes()]), [&longest, &longest, "y"]);
    }

    #[test]
    fn first_lines_are_taken_off() {
        let mut text = texts(MAX_LINE, &[b"a\nb\nc\n"]).remove(0);
        let first = text.take_first(2);
        assert_eq!(first.lines().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((text.lines().collect::<Vec<_>>(), text.count()), (vec!["c".into()], 1));
    }

    #[test]
    fn the_only_line_of_a_text_may_have_newlines_in_it() {
        assert_eq!(Text::one_line(b"a\nb").lines().collect::<Vec<_>>(), ["a\nb"]);
    }

    /// What the lines are, said as simply as can be.
    fn reference(longest: usize, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let pieces: Vec<&[u8]> = if line.is_empty() { vec![line] } else { line.chunks(longest).collect() };
            lines.extend(
                pieces
                    .iter()
                    .map(|piece| String::from_utf8_lossy(piece.strip_suffix(b"\r").unwrap_or(piece)).into_owned()),
            );
        }
        lines
    }

    proptest! {
        #[test]
        fn the_lines_do_not_depend_on_how_the_bytes_arrive(
            bytes in vec(prop_oneof![3 => b'a'..=b'z', 1 => Just(b'\n'), 1 => Just(b'\r')], 0..400),
            longest in 1_usize..40,
            mut ends in vec(0_usize..400, 0..20),
        ) {
            ends.retain(|end| *end < bytes.len());
            ends.extend([0, bytes.len()]);
            ends.sort_unstable();
            let pieces: Vec<&[u8]> = ends.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
            prop_assert_eq!(cut(longest, &pieces), reference(longest, &bytes));
        }

        #[test]
        fn any_bytes_are_cut_alike(bytes in vec(any::<u8>(), 0..400), at in 0_usize..400, longest in 4_usize..40) {
            let at = at.min(bytes.len());
            prop_assert_eq!(cut(longest, &[&bytes]), cut(longest, &[&bytes[..at], &bytes[at..]]));
        }
    }
}
