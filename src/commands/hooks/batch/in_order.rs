//! Threads that share the work of one input, piece by piece, and whose results come out in the input's order.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::commands::hooks::batch::chunks::{Chunk, Chunks};

/// How many results a thread may be ahead of the one that is waited for. It bounds the memory.
const AHEAD: u64 = 2;

/// The input, and the number of its next piece.
struct Source<R> {
    chunks: Chunks<R>,
    next: u64,
}

/// Results on their way out.
struct Order<T, F> {
    /// Those that came before their turn.
    waiting: BTreeMap<u64, io::Result<T>>,
    next: u64,
    ended: bool,
    take: F,
}

/// Lets so many threads `work` on the input's whole lines, and `take` the results, until that says `false`. A read error is
/// the last result.
pub(super) fn in_order<T: Send>(
    reader: impl Read + Send,
    threads: NonZeroUsize,
    work: impl Fn(&[u8]) -> T + Sync,
    take: impl FnMut(io::Result<T>) -> bool + Send,
) {
    let source = Mutex::new(Source { chunks: Chunks::of(reader), next: 0 });
    let order = Mutex::new(Order { waiting: BTreeMap::new(), next: 0, ended: false, take });
    let moved = Condvar::new();
    let most = AHEAD * threads.get() as u64;
    let thread = || {
        let mut chunk = Chunk::new();
        while let Some((number, read)) = read(&source, &mut chunk) {
            let result = read.map(|()| work(chunk.lines()));
            if !give(&order, &moved, number, result, most) {
                break;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads.get() {
            // Where the system gives no more threads, fewer do the work.
            let _ = thread::Builder::new().spawn_scoped(scope, thread);
        }
        thread();
    });
}

/// The next piece and its number.
fn read<R: Read>(source: &Mutex<Source<R>>, chunk: &mut Chunk) -> Option<(u64, io::Result<()>)> {
    let mut source = lock(source);
    let read = source.chunks.next(chunk);
    if let Ok(false) = read {
        return None;
    }
    let number = source.next;
    source.next += 1;
    Some((number, read.map(|_| ())))
}

/// Gives a result out in its turn, with those that waited for it.
fn give<T, F: FnMut(io::Result<T>) -> bool>(
    order: &Mutex<Order<T, F>>,
    moved: &Condvar,
    number: u64,
    result: io::Result<T>,
    most: u64,
) -> bool {
    let mut order = lock(order);
    while number >= order.next + most && !order.ended {
        order = moved.wait(order).unwrap_or_else(PoisonError::into_inner);
    }
    order.waiting.insert(number, result);
    while !order.ended {
        let next = order.next;
        let Some(result) = order.waiting.remove(&next) else {
            break;
        };
        order.next += 1;
        order.ended = !(order.take)(result);
    }
    moved.notify_all();
    !order.ended
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Gives a line at a time, so that each is a piece of its own.
    struct Lines(Vec<&'static str>);

    impl Read for Lines {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some(line) = self.0.pop() else {
                return Ok(0);
            };
            if line == "error" {
                return Err(io::Error::other(line));
            }
            buffer[..line.len()].copy_from_slice(line.as_bytes());
            Ok(line.len())
        }
    }

    /// What comes out of these lines; a line `z` ends it.
    fn results(lines: &[&'static str], threads: usize) -> Vec<String> {
        let lines = Lines(lines.iter().rev().copied().collect());
        let work = |line: &[u8]| {
            // The first letters of the alphabet take long, so that the others come before their turn.
            thread::sleep(Duration::from_micros(u64::from(b'z' - line[0]) * 200));
            String::from_utf8_lossy(line).trim().to_owned()
        };
        let mut results = Vec::new();
        in_order(lines, NonZeroUsize::new(threads).unwrap(), work, |result| {
            results.push(result.unwrap_or_else(|error| error.to_string()));
            results.last().is_some_and(|last| last != "z" && last != "error")
        });
        results
    }

    #[test]
    fn results_come_in_the_order_of_the_lines_until_the_end() {
        let lines = ["b\n", "a\n", "y\n", "x\n", "a\n", "w\n", "y\n", "y\n", "y\n", "y\n", "c\n", "x\n"];
        let expected: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        for threads in [1, 2, 3, 16] {
            assert_eq!(results(&lines, threads), expected, "{threads} threads");
            assert_eq!(
                results(&[&lines[..], &["error", "y\n"]].concat(), threads),
                [&expected[..], &["error"]].concat()
            );
            assert_eq!(results(&[&["a\n", "z\n"], &lines[..]].concat(), threads), ["a", "z"]);
            assert!(results(&[], threads).is_empty());
        }
    }
}
