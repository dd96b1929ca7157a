//! Lines read in large pieces: whole lines together, and never more of them at once than a buffer holds, however long a line
//! is.

use std::io::{self, ErrorKind, Read};

use hookbelt_signature::batch::LONGEST_LINE;
use memchr::{memchr, memrchr};

/// The bytes of a buffer: little enough to stay in a core's cache, and more than any line.
const CAPACITY: usize = 4 * LONGEST_LINE;

/// What is kept of a longer line, which is refused for its length: a byte more than one with its carriage return may have.
const KEPT: usize = LONGEST_LINE + 2;

/// What some editors put before UTF-8 text.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Whole lines.
pub(super) struct Chunk {
    buffer: Box<[u8]>,
    /// Where the lines begin: after the input's byte-order mark, else at the beginning.
    start: usize,
    length: usize,
}

impl Chunk {
    pub(super) fn new() -> Self {
        Self { buffer: vec![0; CAPACITY].into(), start: 0, length: 0 }
    }

    /// The lines; the input's last one may lack its newline.
    pub(super) fn lines(&self) -> &[u8] {
        &self.buffer[self.start..self.length]
    }
}

/// A reader and what it gave of a line that is not whole yet.
pub(super) struct Chunks<R> {
    reader: R,
    begun: Vec<u8>,
    has_given: bool,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    pub(super) fn of(reader: R) -> Self {
        Self { reader, begun: Vec::new(), has_given: false, ended: false }
    }

    /// Reads on until there is a whole line, or the end; says whether there is anything. Nothing is read after the end or an
    /// error. A byte-order mark before the first line is left out.
    pub(super) fn next(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        let is_there = self.fill(chunk)?;
        let has_mark = !self.has_given && chunk.buffer[..chunk.length].starts_with(MARK);
        chunk.start = if has_mark { MARK.len() } else { 0 };
        self.has_given = true;
        Ok(is_there)
    }

    fn fill(&mut self, chunk: &mut Chunk) -> io::Result<bool> {
        let buffer = &mut chunk.buffer;
        let mut filled = self.begun.len();
        buffer[..filled].copy_from_slice(&self.begun);
        self.begun.clear();
        while !self.ended {
            filled = filled.min(KEPT);
            let count = match self.reader.read(&mut buffer[filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                outcome => outcome.inspect_err(|_| self.ended = true)?,
            };
            self.ended = count == 0;
            let mut end = filled + count;
            if filled == KEPT {
                let rest = memchr(b'\n', &buffer[filled..end]).unwrap_or(count);
                buffer.copy_within(filled + rest..end, filled);
                end -= rest;
            }
            if let Some(newline) = memrchr(b'\n', &buffer[filled..end]) {
                let whole = filled + newline + 1;
                self.begun.extend_from_slice(&buffer[whole..end]);
                chunk.length = whole;
                return Ok(true);
            }
            filled = end;
        }
        chunk.length = filled;
        Ok(filled > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// A reader that gives these pieces, one at a time, and then an error or the end.
    struct Pieces {
        pieces: VecDeque<Vec<u8>>,
        last: Option<ErrorKind>,
    }

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(mut piece) = self.pieces.pop_front() else {
                return self.last.take().map_or(Ok(0), |kind| Err(kind.into()));
            };
            if piece.is_empty() {
                return Err(ErrorKind::Interrupted.into());
            }
            let count = piece.len().min(buffer.len());
            buffer[..count].copy_from_slice(&piece[..count]);
            if count < piece.len() {
                self.pieces.push_front(piece.split_off(count));
            }
            Ok(count)
        }
    }

    /// Everything that is read, chunk by chunk, and the error at the end.
    fn read(pieces: Vec<Vec<u8>>, last: Option<ErrorKind>) -> (Vec<Vec<u8>>, Option<ErrorKind>) {
        let mut chunks = Chunks::of(Pieces { pieces: pieces.into(), last });
        let mut chunk = Chunk::new();
        let mut all = Vec::new();
        loop {
            match chunks.next(&mut chunk) {
                Ok(true) => all.push(chunk.lines().to_vec()),
                Ok(false) => return (all, None),
                Err(error) => {
                    assert!(!chunks.next(&mut chunk).unwrap(), "something was read after an error");
                    return (all, Some(error.kind()));
                }
            }
        }
    }

    #[test]
    fn a_line_is_given_as_soon_as_it_is_whole() {
        let pieces = ["a\nb", "c", "\n", "d\ne\nf"].map(|piece| piece.as_bytes().to_vec());
        let (chunks, _) = read(pieces.to_vec(), None);
        assert_eq!(chunks, [b"a\n".to_vec(), b"bc\n".to_vec(), b"d\ne\n".to_vec(), b"f".to_vec()]);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        let mark = "\u{feff}";
        let cases: [(&[String], &[&str]); 4] = [
            (&[format!("{mark}a\n"), format!("{mark}b\n")], &["a\n", "\u{feff}b\n"]),
            (&[format!("{mark}a")], &["a"]),
            (&["\n".to_owned(), format!("{mark}a\n")], &["\n", "\u{feff}a\n"]),
            (&[mark.to_owned()], &[""]),
        ];
        for (pieces, expected) in cases {
            let bytes: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.clone().into_bytes()).collect();
            assert_eq!(read(bytes, None).0, expected.iter().map(|chunk| chunk.as_bytes()).collect::<Vec<_>>());
        }
        // Its bytes may come one by one.
        let bytes = format!("{mark}a\n").into_bytes();
        assert_eq!(read(bytes.iter().map(|byte| vec![*byte]).collect(), None).0, [b"a\n"]);
    }

    #[test]
    fn an_error_takes_the_unfinished_line_with_it_and_is_the_last() {
        let pieces = vec![b"a\nb".to_vec()];
        let (chunks, error) = read(pieces, Some(ErrorKind::InvalidData));
        assert_eq!((chunks, error), (vec![b"a\n".to_vec()], Some(ErrorKind::InvalidData)));
    }

    #[test]
    fn of_a_line_that_is_too_long_a_beginning_is_kept_that_is_too_long() {
        for length in [KEPT - 1, KEPT, KEPT + 1, CAPACITY, CAPACITY + 1, 9 * CAPACITY] {
            for (before, after) in [("", ""), ("a\n", "\nb\n"), ("a\n", "\n"), ("", "\nb")] {
                let input = [before.as_bytes(), &vec![b'x'; length], after.as_bytes()].concat();
                let (chunks, _) = read(vec![input], None);
                assert!(chunks.iter().all(|chunk| chunk.len() <= CAPACITY));
                let cut = |line: &[u8]| line.iter().copied().take(KEPT).collect::<Vec<u8>>();
                let lines: Vec<Vec<u8>> = chunks.concat().split(|byte| *byte == b'\n').map(cut).collect();
                let expected = [before, &"x".repeat(length.min(KEPT)), after].concat();
                let expected: Vec<Vec<u8>> = expected.split('\n').map(Into::into).collect();
                assert!(lines == expected, "{length} bytes between {before:?} and {after:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn whole_lines_and_all_of_them_are_given(pieces in vec("[a\n]{0,5}", 0..20)) {
            let pieces: Vec<Vec<u8>> = pieces.into_iter().map(String::into_bytes).collect();
            let (chunks, error) = read(pieces.clone(), None);
            prop_assert_eq!(error, None);
            prop_assert_eq!(chunks.concat(), pieces.concat());
            let unfinished = chunks.iter().rposition(|chunk| !chunk.ends_with(b"\n"));
            prop_assert!(unfinished.is_none_or(|at| at + 1 == chunks.len()), "{:?}", chunks);
            prop_assert!(chunks.iter().all(|chunk| !chunk.is_empty()));
        }
    }
}
