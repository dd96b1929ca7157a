//! Whether a Workflow controller speaks the API that we speak.

/// The version of the API that hookbelt speaks.
pub const OURS: &str = "2.3";

/// Whether a controller of this version understands us: the same major, and no smaller minor. One that does not say its
/// version may not. (The Go SDK compares minors as texts, by which 10 is smaller than 3.)
#[must_use]
pub fn understands_us(theirs: Option<&str>) -> bool {
    match (theirs.and_then(parts), parts(OURS)) {
        (Some((major, minor)), Some((our_major, our_minor))) => major == our_major && minor >= our_minor,
        _ => false,
    }
}

/// The first two of the numbers between the dots.
fn parts(version: &str) -> Option<(u64, u64)> {
    let mut numbers = version.trim().split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::understands_us;

    #[test]
    fn versions_are_compared_as_numbers() {
        for (theirs, understands) in [
            (Some("2.3"), true),
            (Some("2.3.1"), true),
            (Some("2.10"), true),
            (Some(" 2.4 "), true),
            (Some("2.2"), false),
            (Some("3.3"), false),
            (Some("1.9"), false),
            (Some("2"), false),
            (Some("two.three"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(understands_us(theirs), understands, "{theirs:?}");
        }
    }
}
