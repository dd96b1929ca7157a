//! Names of Git branches, tags and commits as people and payloads give them.

/// Why a text cannot be a ref.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot be a Git ref: {reason}")]
pub struct InvalidRef {
    text: String,
    reason: &'static str,
}

/// A branch, a tag, a full ref or a (possibly shortened) sha that `git check-ref-format --allow-onelevel`
/// accepts and that does not begin with `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GitRef(String);

text_newtype!(GitRef, InvalidRef, |text| match fault(text) {
    None => Ok(text.to_owned()),
    Some(reason) => Err(InvalidRef { text: text.chars().take(200).collect(), reason }),
});

/// The rules of git-check-ref-format(1), in the words of an explanation.
fn fault(text: &str) -> Option<&'static str> {
    let forbidden = |c: char| c.is_ascii_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let bad_part = |part: &str| part.is_empty() || part.starts_with('.') || part.strip_suffix(".lock").is_some();
    if text.is_empty() {
        Some("it is empty")
    } else if text.starts_with('-') {
        Some("it begins with `-`")
    } else if text.contains(forbidden) {
        Some("it holds a blank, a control character or one of ~ ^ : ? * [ \\")
    } else if text.contains("..") {
        Some("it holds `..`")
    } else if text.contains("@{") || text == "@" {
        Some("it is `@` or holds `@{`")
    } else if text.ends_with('.') {
        Some("it ends with `.`")
    } else if text.split('/').any(bad_part) {
        Some("a part of it between `/` is empty, begins with `.` or ends with `.lock`")
    } else {
        None
    }
}

impl GitRef {
    /// The ref as a full sha: 40 or 64 hex digits, not all zeros.
    #[must_use]
    pub fn as_full_sha(&self) -> Option<&str> {
        is_full_sha(&self.0).then_some(self.0.as_str())
    }
}

/// Whether `text` is a commit's full name: 40 or 64 hex digits, not all zeros.
#[must_use]
pub fn is_full_sha(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit()) && text.bytes().any(|b| b != b'0')
}

/// The first seven digits of a sha, as people write it.
#[must_use]
pub fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}

#[cfg(test)]
mod tests {
    use super::GitRef;

    #[test]
    fn refs_that_people_use_are_accepted() {
        for text in ["main", "v1", "release/2.0", "refs/heads/main", "8c7f3d3", "a@b", "föö", "HEAD", "a-b", "x.y"] {
            assert!(text.parse::<GitRef>().is_ok(), "{text:?}");
        }
    }

    #[test]
    fn refs_that_git_or_a_shell_would_misread_are_refused() {
        let cases = [
            "",
            "-f",
            "--upload-pack=x",
            "a b",
            "a..b",
            "a\nb",
            "a~1",
            "a^",
            "a:b",
            "a?b",
            "a*",
            "a[b",
            "a\\b",
            "@",
            "a@{1}",
            "a.",
            "a.lock",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "x.lock/y",
            "a\tb",
            "a\u{7f}",
        ];
        for text in cases {
            assert!(text.parse::<GitRef>().is_err(), "{text:?}");
        }
    }
}
