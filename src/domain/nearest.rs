//! "Did you mean …?"

/// The candidate whose text is most like `wanted`, if any is like it at all.
pub fn nearest<'a, T>(wanted: &str, candidates: &'a [T], text: impl Fn(&T) -> String) -> Option<&'a T> {
    let most = (wanted.chars().count() / 3).clamp(1, 3);
    candidates
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(wanted, &text(candidate)), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_a_different_word_is_not() {
        let keys = ["build", "branch", "deploy"];
        let of = |key: &&str| (*key).to_owned();
        assert_eq!(nearest("biuld", &keys, of), Some(&"build"));
        assert_eq!(nearest("brnch", &keys, of), Some(&"branch"));
        assert_eq!(nearest("secrets", &keys, of), None);
        assert_eq!(nearest("", &keys, of), None);
    }
}
