//! Text that others wrote, made safe to show: it may not move the cursor, retitle the terminal, or forge a
//! line.

use std::borrow::Cow;

/// Whether SGR sequences (colours, bold) in foreign text are kept or taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// Keep them, and reset them at the end.
    Keep,
    /// Take them out.
    Remove,
}

/// Shows control characters as escapes (`\u{7}`, `\n`), tabs and SGR colours apart.
#[must_use]
pub fn printable(text: &str, colours: Colours) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut coloured = false;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some(sequence) = sgr(rest) {
            if colours == Colours::Keep {
                shown.push_str(sequence);
                coloured = true;
            }
            rest = &rest[sequence.len()..];
            continue;
        }
        if is_unsafe(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
        rest = &rest[character.len_utf8()..];
    }
    if coloured {
        shown.push_str("\u{1b}[0m");
    }
    Cow::Owned(shown)
}

/// Control characters of both sets, and what reorders the line on the screen.
fn is_unsafe(character: char) -> bool {
    let reorders = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    (character.is_control() && character != '\t') || reorders
}

/// The SGR sequence (`ESC [ digits and ; m`) at the front of `text`.
fn sgr(text: &str) -> Option<&str> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let length = parameters.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':')?;
    parameters[length..].starts_with('m').then(|| &text[..length + 3])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use proptest::{prop_assert, prop_assert_eq};

    use super::{Colours, printable};

    #[test]
    fn control_characters_are_shown_and_colours_obey() {
        let cases = [
            ("plain\ttext", "plain\ttext", "plain\ttext"),
            ("a\rb\u{7}", "a\\rb\\u{7}", "a\\rb\\u{7}"),
            ("\u{1b}[31mred", "\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("\u{202e}reversed", "\\u{202e}reversed", "\\u{202e}reversed"),
        ];
        for (text, kept, removed) in cases {
            assert_eq!(printable(text, Colours::Keep), kept);
            assert_eq!(printable(text, Colours::Remove), removed);
        }
    }

    proptest! {
        #[test]
        fn nothing_that_moves_a_cursor_survives(text in any::<String>()) {
            let shown = printable(&text, Colours::Remove);
            prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\t'));
            prop_assert_eq!(printable(&shown, Colours::Remove), shown.clone());
        }
    }
}
