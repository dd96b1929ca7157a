//! Logs as a Workflow controller gives them: text, of which each line says when and from where.

use jiff::Timestamp;

/// A line that says when it was written, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken<'a> {
    /// When.
    pub time: Timestamp,
    /// By whom: `shop[web.v4.x1y2z]`, or `deis[controller]`.
    pub source: &'a str,
    /// What was written.
    pub text: &'a str,
}

impl<'a> Spoken<'a> {
    /// `TIME SOURCE[PART]: TEXT`; none if it is not of that form.
    #[must_use]
    pub fn of(line: &'a str) -> Option<Self> {
        let (time, rest) = line.split_once(' ')?;
        let time = time.parse().ok()?;
        let end = rest.find("]:")?;
        let (source, text) = (&rest[..=end], &rest[end + 2..]);
        let is_source = source.contains('[') && !source.contains(char::is_whitespace);
        is_source.then(|| Self { time, source, text: text.strip_prefix(' ').unwrap_or(text) })
    }

    /// The process type that wrote it, of this app.
    #[must_use]
    pub fn process_type(&self, app: &str) -> Option<&'a str> {
        let inside = self.source.strip_prefix(app)?.strip_prefix('[')?.strip_suffix(']')?;
        inside.split('.').next()
    }
}

/// The lines of an answer. Controllers before API 2.3 write the text as Python does: `b'one\ntwo\n'`.
#[must_use]
pub fn lines_of(body: &[u8]) -> Vec<String> {
    let unescaped = python_literal(body);
    let text = String::from_utf8_lossy(unescaped.as_deref().unwrap_or(body)).into_owned();
    text.lines().map(str::to_owned).collect()
}

/// The bytes that a Python literal of bytes stands for; none if it is no such literal.
fn python_literal(body: &[u8]) -> Option<Vec<u8>> {
    let body = body.trim_ascii_end();
    let [b'b', quote @ (b'\'' | b'"'), inside @ .., last] = body else {
        return None;
    };
    if quote != last {
        return None;
    }
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let [first, more @ ..] = rest {
        let (byte, length) = if *first == b'\\' { escaped(more) } else { (*first, 0) };
        bytes.push(byte);
        rest = &more[length..];
    }
    Some(bytes)
}

/// The byte that stands behind a backslash, and how many bytes say so; a backslash that escapes nothing is itself.
fn escaped(rest: &[u8]) -> (u8, usize) {
    let hex = |digits: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    match rest {
        [b'n', ..] => (b'\n', 1),
        [b'r', ..] => (b'\r', 1),
        [b't', ..] => (b'\t', 1),
        [same @ (b'\\' | b'\'' | b'"'), ..] => (*same, 1),
        [b'x', high, low, ..] => hex(&[*high, *low]).map_or((b'\\', 0), |byte| (byte, 3)),
        _ => (b'\\', 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Spoken, lines_of};

    #[test]
    fn a_line_says_when_by_whom_and_what() {
        for (line, source, process_type, text) in [
            (
                "2016-10-18T20:29:38+00:00 foo[web.v2.nzf60]: test message",
                "foo[web.v2.nzf60]",
                Some("web"),
                "test message",
            ),
            ("2018-03-01T12:00:09Z foo[web.0]: line 249 héllo", "foo[web.0]", Some("web"), "line 249 héllo"),
            (
                "2016-10-18T20:29:38+00:00 deis[controller]: INFO admin deployed 2fd9226",
                "deis[controller]",
                None,
                "INFO admin deployed 2fd9226",
            ),
            ("2016-10-18T20:29:38+00:00 foo[web.v2]: a [b]: c", "foo[web.v2]", Some("web"), "a [b]: c"),
            ("2016-10-18T20:29:38+00:00 foo[web.v2]:", "foo[web.v2]", Some("web"), ""),
        ] {
            let spoken = Spoken::of(line).unwrap();
            assert_eq!(
                (spoken.source, spoken.process_type("foo"), spoken.text),
                (source, process_type, text),
                "{line}"
            );
        }
        for line in [
            "",
            "hello",
            "hello there",
            "2016-10-18T20:29:38+00:00 no source",
            "yesterday foo[web]: x",
            "2016-10-18T20:29:38+00:00 a b[c]: d",
            "2016-10-18T20:29:38+00:00 a]: d",
        ] {
            assert_eq!(Spoken::of(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_log_is_text_or_what_python_makes_of_it() {
        for (body, lines) in [
            ("one\ntwo\n", vec!["one", "two"]),
            ("one\n\ntwo", vec!["one", "", "two"]),
            ("", vec![]),
            (r"b'one\ntwo\n'", vec!["one", "two"]),
            ("b'one\\ntwo\\n'\n", vec!["one", "two"]),
            (r#"b"it's\ttwo\\n""#, vec!["it's\ttwo\\n"]),
            (r"b'h\xc3\xa9llo\q\x'", vec!["héllo\\q\\x"]),
            // Neither is one.
            ("b'one", vec!["b'one"]),
            ("b'one\"", vec!["b'one\""]),
            ("b'", vec!["b'"]),
        ] {
            assert_eq!(lines_of(body.as_bytes()), lines, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(body in proptest::collection::vec(any::<u8>(), 0..60), quoted: bool) {
            let body = if quoted { [b"b'".as_slice(), &body, b"'"].concat() } else { body };
            for line in lines_of(&body) {
                let _ = Spoken::of(&line).map(|spoken| spoken.process_type("foo").map(str::len));
            }
        }
    }
}
