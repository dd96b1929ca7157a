//! Lines between those who print them and the one task that stores them, as many as the log may still keep. Pure.

use std::collections::VecDeque;
use std::collections::vec_deque::Iter;
use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::log_line::Retention;
use crate::domain::service::ServiceName;
use crate::engine::journal::lines::Text;

/// Who writes lines.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) source: String,
    pub(super) service: Option<ServiceName>,
}

/// Lines of one origin that arrived together.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) origin: Arc<Origin>,
    pub(super) time: Timestamp,
    pub(super) text: Text,
}

impl Chunk {
    /// The memory it takes.
    fn size(&self) -> usize {
        size_of::<Self>() + self.text.size()
    }
}

/// Chunks in order, of which the oldest lines can be dropped.
#[derive(Debug, Default)]
pub(super) struct Queue {
    chunks: VecDeque<Chunk>,
    lines: u64,
    size: usize,
}

impl Queue {
    pub(super) fn push(&mut self, chunk: Chunk) {
        self.lines += chunk.text.count();
        self.size += chunk.size();
        self.chunks.push_back(chunk);
    }

    pub(super) fn pop(&mut self) -> Option<Chunk> {
        let chunk = self.chunks.pop_front()?;
        self.lines -= chunk.text.count();
        self.size -= chunk.size();
        Some(chunk)
    }

    /// Moves its oldest chunks to the end of another, until that has enough.
    fn move_to(&mut self, other: &mut Self, enough: Portion) {
        while other.lines < enough.lines
            && other.size < enough.size
            && let Some(chunk) = self.pop()
        {
            other.push(chunk);
        }
    }

    pub(super) fn chunks(&self) -> Iter<'_, Chunk> {
        self.chunks.iter()
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Drops those chunks that hold none of the last `most` lines; says how many lines that were.
    pub(super) fn drop_chunks_before(&mut self, most: u64) -> u64 {
        let lines = self.lines;
        while self.chunks.front().is_some_and(|chunk| self.lines - chunk.text.count() >= most) {
            self.pop();
        }
        lines - self.lines
    }

    /// Drops all but the last `most` lines; says how many that were.
    pub(super) fn drop_before(&mut self, most: u64) -> u64 {
        let dropped = self.drop_chunks_before(most);
        let rest = self.lines.saturating_sub(most);
        if rest > 0
            && let Some(chunk) = self.chunks.front_mut()
        {
            let first = chunk.text.take_first(rest);
            self.lines -= rest;
            self.size -= first.size();
        }
        dropped + rest
    }
}

/// How many lines or bytes are enough to be stored together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portion {
    pub(super) lines: u64,
    pub(super) size: usize,
}

/// What is stored together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// How many lines came before these and are dropped. If there are any, then so is all that is stored after the
    /// deployment's first lines.
    pub(super) dropped: u64,
    pub(super) lines: Queue,
}

impl Batch {
    /// Whether it stands for fewer lines than these.
    pub(super) fn is_few(&self, few: u64) -> bool {
        self.dropped + self.lines.lines < few
    }
}

/// Lines that wait to be stored. Of more than can be kept the oldest are dropped, but never a deployment's first.
#[derive(Debug)]
pub(super) struct Ring {
    retention: Retention,
    /// How many bytes may wait; more is only taken in when there are fewer.
    most: usize,
    /// How many lines the deployment has printed so far.
    printed: u64,
    first: Queue,
    /// How many lines between `first` and `last` are dropped.
    dropped: u64,
    last: Queue,
}

impl Ring {
    /// A ring for a deployment that has printed so many lines so far.
    pub(super) fn new(retention: Retention, most: usize, printed: u64) -> Self {
        Self { retention, most, printed, first: Queue::default(), dropped: 0, last: Queue::default() }
    }

    pub(super) fn push(&mut self, mut chunk: Chunk) {
        let first = self.retention.first.saturating_sub(self.printed);
        self.printed += chunk.text.count();
        if chunk.text.count() <= first {
            return self.first.push(chunk);
        }
        if first > 0 {
            let text = chunk.text.take_first(first);
            self.first.push(Chunk { origin: Arc::clone(&chunk.origin), time: chunk.time, text });
        }
        self.last.push(chunk);
        self.dropped += self.last.drop_chunks_before(self.retention.last);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.chunks.is_empty() && self.last.chunks.is_empty()
    }

    /// Whether more may come; if not, some must be taken first.
    pub(super) fn has_room(&self) -> bool {
        self.first.size + self.last.size < self.most
    }

    /// Takes what has waited longest: first lines, or if none wait, last ones.
    pub(super) fn take(&mut self, enough: Portion) -> Batch {
        let mut batch = Batch::default();
        if self.first.chunks.is_empty() {
            batch.dropped = std::mem::take(&mut self.dropped) + self.last.drop_before(self.retention.last);
            self.last.move_to(&mut batch.lines, enough);
        } else {
            self.first.move_to(&mut batch.lines, enough);
        }
        batch
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use proptest::collection::vec;
    use proptest::prelude::proptest;
    use proptest::prop_assert_eq;

    use super::{Batch, Chunk, Origin, Portion, Queue, Ring};
    use crate::domain::log_line::Retention;
    use crate::engine::journal::lines::Lines;

    /// What the store makes of batches.
    #[derive(Debug, Default)]
    struct Stored {
        first: Vec<String>,
        dropped: u64,
        last: Vec<String>,
    }

    fn lines(queue: &Queue) -> Vec<String> {
        let lines: Vec<String> = queue.chunks().flat_map(|chunk| chunk.text.lines()).map(String::from).collect();
        assert_eq!(lines.len() as u64, queue.lines);
        assert_eq!(queue.size(), queue.chunks().map(Chunk::size).sum::<usize>());
        lines
    }

    impl Stored {
        /// Whether lines are among the first is not said: it follows from their number.
        fn add(&mut self, batch: &Batch, first: u64) {
            if batch.dropped > 0 {
                self.dropped += batch.dropped + self.last.len() as u64;
                self.last.clear();
            }
            for line in lines(&batch.lines) {
                let lines = if (self.first.len() as u64) < first { &mut self.first } else { &mut self.last };
                lines.push(line);
            }
        }
    }

    fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk> {
        let mut lines = Lines::default();
        lines.room().extend_from_slice(bytes);
        let texts: Vec<_> = std::iter::from_fn(|| lines.complete()).collect();
        let origin = Arc::new(Origin { source: "shop[web.v1]".to_owned(), service: None });
        texts.into_iter().chain(lines.finish()).map(move |text| Chunk {
            origin: Arc::clone(&origin),
            time: Timestamp::UNIX_EPOCH,
            text,
        })
    }

    proptest! {
        #[test]
        fn whatever_the_chunks_the_first_and_the_last_lines_are_kept(
            pieces in vec((0_usize..30, 0_u8..4), 0..60),
            first in 0_u64..20,
            last in 1_u64..20,
            printed in 0_u64..30,
            enough in (1_u64..50, 1_usize..500),
        ) {
            let enough = Portion { lines: enough.0, size: enough.1 };
            let mut ring = Ring::new(Retention { first, last }, 0, printed);
            let first = first.saturating_sub(printed);
            let mut stored = Stored::default();
            let mut number = 0;
            for (count, then) in pieces {
                let text: Vec<String> = (number..number + count).map(|number| number.to_string()).collect();
                number += count;
                chunks(text.join("\n").as_bytes()).for_each(|chunk| ring.push(chunk));
                if then == 0 {
                    stored.add(&ring.take(enough), first);
                }
            }
            while !ring.is_empty() {
                stored.add(&ring.take(enough), first);
            }
            let all: Vec<String> = (0..number).map(|number| number.to_string()).collect();
            let rest = all.split_at(all.len().min(usize::try_from(first).unwrap()));
            prop_assert_eq!(stored.first, rest.0);
            prop_assert_eq!(stored.dropped + stored.last.len() as u64, rest.1.len() as u64);
            let kept = rest.1.len().min(usize::try_from(last).unwrap());
            prop_assert_eq!(&stored.last[stored.last.len() - kept..], &rest.1[rest.1.len() - kept..]);
        }

        #[test]
        fn a_flood_takes_no_more_than_the_last_lines_and_a_chunk(
            counts in vec(1_usize..50, 1..50),
            first in 0_u64..20,
            last in 1_u64..20,
        ) {
            let mut ring = Ring::new(Retention { first, last }, 1, 0);
            for count in counts {
                chunks("x\n".repeat(count).as_bytes()).for_each(|chunk| ring.push(chunk));
                assert!(ring.last.lines < last + 50);
                assert!(!ring.has_room());
            }
            while !ring.is_empty() {
                assert!(ring.take(Portion { lines: u64::MAX, size: usize::MAX }).lines.lines <= first.max(last));
            }
            assert!(ring.has_room());
        }
    }
}
