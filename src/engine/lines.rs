//! From the bytes that a command prints to lines.

use crate::domain::log_line::MAX_LINE;

/// Cuts bytes into lines of at most [`MAX_LINE`] bytes.
#[derive(Debug, Default)]
pub(super) struct Lines {
    unfinished: Vec<u8>,
}

impl Lines {
    /// The lines that `bytes` complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.unfinished.extend_from_slice(piece);
            while self.unfinished.len() > MAX_LINE {
                let rest = self.unfinished.split_off(boundary(&self.unfinished));
                lines.push(text(&std::mem::replace(&mut self.unfinished, rest)));
            }
            if self.unfinished.last() == Some(&b'\n') {
                lines.extend(self.finish());
            }
        }
        lines
    }

    /// The last line, if it was not ended.
    pub(super) fn finish(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.unfinished);
        (!line.is_empty()).then(|| text(&line))
    }
}

/// Where to cut an overlong line: at [`MAX_LINE`], or up to three bytes before it so as not to cut a character.
fn boundary(bytes: &[u8]) -> usize {
    let begins_character = |at: &usize| bytes[*at] & 0b1100_0000 != 0b1000_0000;
    (MAX_LINE - 3..=MAX_LINE).rev().find(begins_character).unwrap_or(MAX_LINE)
}

fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, proptest};
    use proptest::prop_assert_eq;

    use super::{Lines, MAX_LINE};

    fn cut(pieces: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut all: Vec<String> = pieces.iter().flat_map(|piece| lines.push(piece)).collect();
        all.extend(lines.finish());
        all
    }

    #[test]
    fn lines_are_cut_at_newlines_wherever_the_pieces_end() {
        assert_eq!(cut(&[b"a\nb", b"c\r\n", b"\n", b"end"]), ["a", "bc", "", "end"]);
        assert_eq!(cut(&[b"\xff\xfe\n"]), ["\u{fffd}\u{fffd}"]);
    }

    #[test]
    fn an_overlong_line_is_cut_between_characters() {
        let long = "é".repeat(MAX_LINE);
        let lines = cut(&[long.as_bytes()]);
        assert!(lines.iter().all(|line| line.len() <= MAX_LINE && !line.contains('\u{fffd}')));
        assert_eq!(lines.concat(), long);
    }

    proptest! {
        #[test]
        fn the_lines_do_not_depend_on_how_the_bytes_arrive(bytes in vec(any::<u8>(), 0..400), at in 0_usize..400) {
            let at = at.min(bytes.len());
            prop_assert_eq!(cut(&[&bytes]), cut(&[&bytes[..at], &bytes[at..]]));
        }
    }
}
