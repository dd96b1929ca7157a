//! The quotes `$'…'` of bash, which browsers write when they copy a request as a curl command line, written as a POSIX shell
//! understands them.

/// Replaces them; `None` if one is not closed, or holds what is no text.
pub(super) fn without_ansi_c_quotes(line: &str) -> Option<String> {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.chars();
    let mut quote = None;
    while let Some(c) = rest.next() {
        match (quote, c) {
            (None, '$') if rest.as_str().starts_with('\'') => {
                let (text, after) = unquoted(&rest.as_str()[1..])?;
                plain += &shlex::try_quote(&text).ok()?;
                rest = after.chars();
                continue;
            }
            (None | Some('"'), '\\') => {
                plain.push(c);
                plain.extend(rest.next());
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        plain.push(c);
    }
    Some(plain)
}

/// What such a quote holds, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut rest = text;
    loop {
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        if c == '\'' {
            return Some((String::from_utf8(bytes).ok()?, rest));
        }
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escaped = rest.chars().next()?;
        let (digits, most, radix) = match escaped {
            'x' => (&rest[1..], 2, 16),
            'u' => (&rest[1..], 4, 16),
            'U' => (&rest[1..], 8, 16),
            '0'..='7' => (rest, 3, 8),
            _ => {
                rest = &rest[escaped.len_utf8()..];
                match one(escaped) {
                    Some(meant) => bytes.extend_from_slice(meant.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => bytes.extend_from_slice(format!("\\{escaped}").as_bytes()),
                }
                continue;
            }
        };
        let length = digits.chars().take(most).take_while(|digit| digit.is_digit(radix)).count();
        let number = u32::from_str_radix(&digits[..length], radix).ok()?;
        rest = &digits[length..];
        match escaped {
            'u' | 'U' => bytes.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => bytes.push(u8::try_from(number).ok()?),
        }
    }
}

/// What a backslash and this stand for.
fn one(escaped: char) -> Option<char> {
    Some(match escaped {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'e' | 'E' => '\u{1b}',
        '\\' | '\'' | '"' | '?' => escaped,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::without_ansi_c_quotes;

    #[test]
    fn quotes_of_bash_are_read_as_bash_reads_them() {
        for (line, words) in [
            (r"curl $'http://h/?a=1'", &["curl", "http://h/?a=1"][..]),
            (r"curl $'it\'s \u00e9 \x41\101\n'x '$'y", &["curl", "it's \u{e9} AA\nx", "$y"]),
            (r"curl $'\xc3\xa9' \$'a' '\'", &["curl", "\u{e9}", "$a", "\\"]),
            (r#"curl "a\"$'b'" "$'c'""#, &["curl", "a\"$'b'", "$'c'"]),
            (r"curl $'\q\?'", &["curl", r"\q?"]),
            (r#"curl "it's" $'b'"#, &["curl", "it's", "b"]),
        ] {
            let plain = without_ansi_c_quotes(line).unwrap();
            assert_eq!(shlex::split(&plain).unwrap(), words, "{line} as {plain}");
        }
        for line in ["$'", r"$'\'", r"$'a\", r"$'\xff'", r"$'\ud800'", r"$'\u'", r"$'\0'"] {
            assert_eq!(without_ansi_c_quotes(line), None, "{line}");
        }
    }
}
