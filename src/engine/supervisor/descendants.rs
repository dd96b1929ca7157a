//! All processes below this one, as `/proc` shows them.

use std::fs;

use rustix::process::{Pid, Signal, getpid, kill_process};

/// A process as `/proc/<pid>/stat` tells it: `pid (name) state parent …`.
struct Process {
    id: i32,
    parent: i32,
    name: String,
}

/// The children of this process, their children, and so on; not those that have ended and only wait to be reaped.
fn descendants() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut others: Vec<Process> = entries.filter_map(|entry| process(entry.file_name().to_str()?)).collect();
    let mut family = vec![getpid().as_raw_nonzero().get()];
    let mut found = Vec::new();
    let mut at = 0;
    while at < family.len() {
        let (children, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|process| process.parent == family[at]);
        family.extend(children.iter().map(|child| child.id));
        found.extend(children);
        others = rest;
        at += 1;
    }
    found
}

fn process(pid: &str) -> Option<Process> {
    let id = pid.parse().ok()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (before, after) = stat.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let mut fields = after.split_whitespace();
    let (state, parent) = (fields.next()?, fields.next()?.parse().ok()?);
    (state != "Z").then_some(Process { id, parent, name })
}

/// Sends a signal to all of them.
pub(super) fn signal(signal: Signal) {
    for pid in descendants().iter().filter_map(|process| Pid::from_raw(process.id)) {
        let _ = kill_process(pid, signal);
    }
}

/// Each as `sleep (pid 123)`.
pub(super) fn names() -> Vec<String> {
    descendants().iter().map(|process| format!("{} (pid {})", process.name, process.id)).collect()
}
