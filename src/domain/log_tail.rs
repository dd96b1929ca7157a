//! Following a log of which only the last lines can be had: which of those that came are new.
//!
//! The end of what was seen is sought in what came. Lines may repeat, so a short match, or one of several, proves nothing:
//! then more lines are asked for, until the match is long and the only one, or there are no more to be had.

/// How many of the last lines are remembered.
const MEMORY: usize = 2_000;

/// How many lines must be the same for a match to be believed while more could be asked for.
const ENOUGH: usize = 10;

/// The most lines that are asked for.
const MOST: usize = 10_000;

/// The end of a log, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogTail {
    lines: Vec<String>,
    /// Whether the log had no line before these.
    is_whole: bool,
}

/// What to make of the lines that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It cannot be told yet: ask for so many of the last lines.
    AskFor(usize),
    /// These are new.
    New {
        /// The lines, oldest first.
        lines: Vec<String>,
        /// Whether lines between these and those before may have been missed.
        missed: bool,
    },
}

impl LogTail {
    /// The last lines of a log, of which `asked` were asked for.
    #[must_use]
    pub fn of(came: Vec<String>, asked: usize) -> Self {
        let is_whole = came.len() < asked;
        let mut tail = Self { lines: came, is_whole };
        tail.forget();
        tail
    }

    /// What is new in the last lines of the same log, of which `asked` were asked for; it is remembered.
    #[must_use]
    pub fn step(&mut self, mut came: Vec<String>, asked: usize) -> Step {
        let more_may_be_had = came.len() >= asked && asked < MOST;
        let ends = self.ends_in(&came);
        let is_certain = match ends.as_slice() {
            _ if came.is_empty() => true,
            [end] => (*end).min(self.lines.len()) >= ENOUGH.min(self.lines.len()),
            _ => false,
        };
        if more_may_be_had && !is_certain {
            return Step::AskFor((asked * 2).min(MOST));
        }
        let missed = match ends.last() {
            Some(_) => false,
            None if self.lines.is_empty() => came.len() >= asked,
            None => !came.is_empty(),
        };
        let new = came.split_off(ends.last().copied().unwrap_or(0));
        self.is_whole &= !missed;
        self.lines.extend(new.iter().cloned());
        self.forget();
        Step::New { lines: new, missed }
    }

    /// Where in `came` the remembered lines may end: each position behind which everything would be new.
    fn ends_in(&self, came: &[String]) -> Vec<usize> {
        let known = &self.lines;
        // Nothing stood before a whole log.
        let most = if self.is_whole { came.len().min(known.len()) } else { came.len() };
        let may_end = |end: &usize| {
            let length = (*end).min(known.len());
            length > 0 && came[end - length..*end] == known[known.len() - length..]
        };
        (1..=most).filter(may_end).collect()
    }

    fn forget(&mut self) {
        if self.lines.len() > MEMORY {
            self.lines.drain(..self.lines.len() - MEMORY);
            self.is_whole = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LogTail, MOST, Step};

    fn lines(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// Whoever keeps the log: of its lines the last `kept`.
    struct Keeper {
        log: Vec<String>,
        kept: usize,
    }

    impl Keeper {
        fn last(&self, asked: usize) -> Vec<String> {
            self.log[self.log.len() - self.log.len().min(asked).min(self.kept)..].to_vec()
        }

        /// What is new, by as many questions as it takes.
        fn new_to(&self, tail: &mut LogTail) -> (Vec<String>, bool) {
            let mut asked = 100;
            loop {
                match tail.step(self.last(asked), asked) {
                    Step::AskFor(more) => {
                        assert!(asked < more && more <= MOST);
                        asked = more;
                    }
                    Step::New { lines, missed } => return (lines, missed),
                }
            }
        }
    }

    /// What is new in `came` after `seen`, both the whole log.
    fn new_in_whole(seen: &str, came: &str) -> (String, bool) {
        let mut tail = LogTail::of(lines(seen), 100);
        match tail.step(lines(came), 100) {
            Step::New { lines, missed } => (lines.join(" "), missed),
            Step::AskFor(more) => panic!("asks for {more}"),
        }
    }

    #[test]
    fn what_stands_behind_the_lines_that_were_seen_is_new() {
        for (seen, came, new, missed) in [
            ("", "", "", false),
            ("", "a b", "a b", false),
            ("a b", "a b", "", false),
            ("a b", "a b c", "c", false),
            ("a a", "a a a", "a", false),
            ("a b a", "a b a b a", "b a", false),
            // The first ones are kept no longer.
            ("a b c", "b c d", "d", false),
            ("a b c", "d e", "d e", true),
            ("a b c", "", "", false),
        ] {
            assert_eq!(new_in_whole(seen, came), (new.to_owned(), missed), "{seen:?} {came:?}");
        }
    }

    #[test]
    fn while_a_match_is_short_or_not_the_only_one_more_is_asked_for() {
        let numbered: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        let mut tail = LogTail::of(numbered[..20].to_vec(), 20);
        assert_eq!(tail.step(numbered[30..].to_vec(), 20), Step::AskFor(40), "no match");
        assert_eq!(tail.step(numbered[15..].to_vec(), 35), Step::AskFor(70), "a short one");
        let new = Step::New { lines: numbered[20..].to_vec(), missed: false };
        assert_eq!(tail.step(numbered.clone(), 70), new);
        let mut tail = LogTail::of(lines("a a a a a a a a a a a a"), 12);
        assert_eq!(tail.step(lines("a a a a a a a a a a a a"), 12), Step::AskFor(24));
    }

    #[test]
    fn when_more_was_written_than_can_be_had_that_is_said() {
        let log = (0..50_000).map(|number| number.to_string()).collect();
        let mut keeper = Keeper { log, kept: usize::MAX };
        let mut tail = LogTail::of(keeper.last(100)[..50].to_vec(), 50);
        assert_eq!(keeper.new_to(&mut tail).0.len(), 50);
        keeper.log.extend((0..20_000).map(|number| format!("more {number}")));
        let (new, missed) = keeper.new_to(&mut tail);
        assert_eq!((new.len(), missed), (MOST, true));
        assert_eq!(keeper.new_to(&mut tail), (Vec::new(), false));
    }

    /// Lines of which most repeat, and every seventh is the only one of its kind, as its time tells.
    fn log_of(repeated: &[u8]) -> Vec<String> {
        let line = |(at, letter): (usize, &u8)| {
            if at % 7 == 0 { format!("only {at}") } else { format!("line {letter}") }
        };
        repeated.iter().enumerate().map(line).collect()
    }

    proptest! {
        #[test]
        fn every_line_is_shown_once_however_many_are_written_between_two_looks(
            repeated in proptest::collection::vec(0_u8..3, 0..3_000),
            looks in proptest::collection::vec(0_usize..1_500, 1..8),
        ) {
            let all = log_of(&repeated);
            let first = looks[0].min(all.len());
            let mut keeper = Keeper { log: all[..first].to_vec(), kept: usize::MAX };
            let seen = keeper.last(100);
            let mut shown = all[..first - seen.len()].to_vec();
            shown.extend(seen.iter().cloned());
            let mut tail = LogTail::of(seen, 100);
            for more in &looks[1..] {
                let end = (keeper.log.len() + more).min(all.len());
                keeper.log = all[..end].to_vec();
                let (new, missed) = keeper.new_to(&mut tail);
                prop_assert!(!missed);
                shown.extend(new);
                prop_assert_eq!(&shown[..], &all[..end]);
            }
        }

        #[test]
        fn nothing_is_shown_twice_and_what_is_missed_is_said_where_few_lines_are_kept(
            looks in proptest::collection::vec(0_usize..400, 1..8),
            kept in 1_usize..300,
        ) {
            let mut keeper = Keeper { log: vec!["first".to_owned()], kept };
            let mut tail = LogTail::of(keeper.last(100), 100);
            for more in looks {
                let before = keeper.log.len();
                keeper.log.extend((0..more).map(|number| format!("{before} {number}")));
                let (new, missed) = keeper.new_to(&mut tail);
                let all_new = &keeper.log[before..];
                prop_assert!(all_new.ends_with(&new));
                prop_assert_eq!(new.len(), more.min(kept));
                // As many as are kept may be all that were written, or not.
                prop_assert_eq!(missed, more >= kept);
            }
        }

        #[test]
        fn a_whole_log_is_followed_line_by_line_even_if_all_are_the_same(looks in proptest::collection::vec(0_usize..9, 1..20)) {
            let mut keeper = Keeper { log: Vec::new(), kept: usize::MAX };
            let mut tail = LogTail::of(Vec::new(), 100);
            for more in looks {
                keeper.log.extend((0..more).map(|_| "again".to_owned()));
                prop_assert_eq!(keeper.new_to(&mut tail).0.len(), more);
            }
        }
    }
}
