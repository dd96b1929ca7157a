//! A child process in a process group of its own, so that it ends with everything it started.

use std::fs;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// The pause between two looks at whether a group is gone.
const GONE: Duration = Duration::from_millis(20);

/// The leader of a process group. Dropped before its end, the whole group is killed.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) child: Child,
    leader: Option<Pid>,
    ended: bool,
}

impl Group {
    pub(super) fn spawn(mut command: Command) -> io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Ok(Self { child, leader, ended: false })
    }

    /// Waits for the leader alone: what it left in the background lives on.
    pub(super) async fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.ended = true;
        Ok(status)
    }

    /// Ends the whole group: TERM, and KILL to what is still there after `kill_after`.
    pub(super) async fn end(&mut self, kill_after: Duration) {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + kill_after;
        while self.is_there() && Instant::now() < deadline {
            sleep(GONE).await;
        }
        self.signal(Signal::KILL);
        let _ = self.child.wait().await;
        self.ended = true;
    }

    /// Whether any process of the group lives; a leader that has exited is reaped on the way.
    fn is_there(&mut self) -> bool {
        let _ = self.child.try_wait();
        self.leader.is_some_and(|leader| test_kill_process_group(leader).is_ok())
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.leader {
            let _ = kill_process_group(leader, signal);
        }
    }

    /// What still runs in the group, as `sleep (pid 123)`; empty where there is no `/proc`.
    pub(super) fn members(&self) -> Vec<String> {
        let Some(leader) = self.leader else {
            return Vec::new();
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.filter_map(|pid| member(pid, leader)).collect()
    }
}

/// The process's name if it lives in the group: `/proc/<pid>/stat` is `pid (name) state parent group …`.
fn member(pid: u32, leader: Pid) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (before, after) = stat.rsplit_once(')')?;
    let name = before.split_once('(')?.1;
    let mut fields = after.split_whitespace();
    let (state, group) = (fields.next()?, fields.nth(1)?);
    let lives = state != "Z" && group == leader.as_raw_nonzero().to_string();
    lives.then(|| format!("{name} (pid {pid})"))
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.ended {
            self.signal(Signal::KILL);
        }
    }
}
