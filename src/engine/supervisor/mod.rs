//! Programs that never outlive what asked for them: each runs under a `hookbelt __run` of its own.

mod descendants;
mod run;

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;

pub use crate::engine::supervisor::run::main;

use crate::engine::insist;
use crate::engine::supervisor::run::{GO, LOST, MISSING, Orders, READY};
use crate::store::claims::Holder;
use crate::store::clock::Monotonic;
use crate::store::{Store, StoreError};

/// The word on the command line that makes a `hookbelt` a `__run`.
pub const WORD: &str = "__run";

/// On whose behalf programs run: the engine's lease as it is renewed, and the app it has claimed, if any.
#[derive(Debug, Clone)]
pub(super) struct Supervision {
    pub claimed: Option<Claimed>,
    pub lease: watch::Receiver<Monotonic>,
    pub kill_after: Duration,
}

/// A claimed app.
#[derive(Debug, Clone)]
pub(super) struct Claimed {
    /// The app's lock.
    pub lock: PathBuf,
    pub store: Store,
    pub holder: Holder,
}

/// A program under its `__run`. Dropped before its end, it is ended with all that it started.
#[derive(Debug)]
pub(super) struct Supervised {
    pub child: Child,
    control: UnixStream,
    lease: watch::Receiver<Monotonic>,
}

/// How a supervised program ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub status: ExitStatus,
    /// What it left running in the background, as `sleep (pid 123)`.
    pub left: Vec<String>,
}

impl Supervision {
    /// For programs of a command that claims no app: they live as long as this process.
    pub(super) fn unclaimed(kill_after: Duration) -> Self {
        let (_, lease) = watch::channel(Monotonic::never());
        Self { claimed: None, lease, kill_after }
    }

    /// Starts a program; `prepare` sets its folder, environment and output. Its `__run` first takes the app's lock, and only
    /// then is it seen whether the claim still holds: who takes over holds that lock, so that nothing of two engines ever
    /// runs at the same time, whatever they believe of each other.
    pub(super) async fn start(
        &self,
        program: Vec<OsString>,
        prepare: impl FnOnce(&mut Command),
    ) -> io::Result<Supervised> {
        let lock = self.claimed.as_ref().map(|claimed| claimed.lock.clone());
        let mut supervised = self.spawn(lock, program, prepare)?;
        supervised.until_ready().await?;
        if let Some(claimed) = &self.claimed
            && !insist(|| claimed.store.holds(&claimed.holder)).await.map_err(io::Error::other)?
        {
            return Err(lease_lost());
        }
        // One that has not waited for the word was told of no renewal in time.
        supervised.control.write_all(GO.as_bytes()).await.map_err(|_gone| lease_lost())?;
        Ok(supervised)
    }

    /// Takes a lock alone, for as long as what is returned lives: a `__run` holds it, no longer than the lease, so that a
    /// frozen process keeps nobody waiting.
    pub(super) async fn hold(&self, lock: PathBuf) -> io::Result<Supervised> {
        let quiet = |command: &mut Command| {
            command.env_clear().stdout(Stdio::null()).stderr(Stdio::null());
        };
        let mut holder = self.spawn(Some(lock), Vec::new(), quiet)?;
        holder.until_ready().await?;
        Ok(holder)
    }

    fn spawn(
        &self,
        lock: Option<PathBuf>,
        program: Vec<OsString>,
        prepare: impl FnOnce(&mut Command),
    ) -> io::Result<Supervised> {
        let (control, theirs) = std::os::unix::net::UnixStream::pair()?;
        control.set_nonblocking(true)?;
        let orders = Orders { lock, lease: *self.lease.borrow(), kill_after: self.kill_after, program };
        // The file of this very program, also when another has been installed in its place meanwhile.
        let mut command = Command::new("/proc/self/exe");
        command.arg(WORD).args(orders.into_arguments());
        prepare(&mut command);
        let child = command.stdin(Stdio::from(OwnedFd::from(theirs))).spawn()?;
        Ok(Supervised { child, control: UnixStream::from_std(control)?, lease: self.lease.clone() })
    }
}

/// Tells a `__run` of a renewal; one that has just ended does not listen any more.
async fn renew(lease: &mut watch::Receiver<Monotonic>, control: &mut (impl AsyncWrite + Unpin)) {
    let lease = *lease.borrow_and_update();
    let _ = control.write_all(format!("{}\n", lease.milliseconds()).as_bytes()).await;
}

/// Not the program's fault: whoever asked for it has to stop.
fn lease_lost() -> io::Error {
    io::Error::other(StoreError::LeaseLost)
}

impl Supervised {
    /// Waits until the `__run` holds its lock, telling it of each renewal of the lease.
    async fn until_ready(&mut self) -> io::Result<()> {
        let mut ready = [0; READY.len()];
        let (mut said, mut control) = self.control.split();
        let read = {
            let reading = said.read_exact(&mut ready);
            tokio::pin!(reading);
            loop {
                tokio::select! {
                    read = &mut reading => break read,
                    Ok(()) = self.lease.changed() => renew(&mut self.lease, &mut control).await,
                }
            }
        };
        match read {
            Ok(_) if ready == READY.as_bytes() => Ok(()),
            _ if ready.starts_with(LOST.as_bytes()) => Err(lease_lost()),
            _ => Err(io::Error::other("a lock could not be taken")),
        }
    }

    /// Waits for the end of the program, telling its `__run` of each renewal of the lease.
    pub(super) async fn wait(&mut self) -> io::Result<Ended> {
        let status = loop {
            tokio::select! {
                status = self.child.wait() => break status?,
                Ok(()) = self.lease.changed() => renew(&mut self.lease, &mut self.control).await,
            }
        };
        // A `__run` that ended before it read the last renewal resets the socket; what it had said is read all the same.
        let mut report = Vec::new();
        let _ = self.control.read_to_end(&mut report).await;
        let report = String::from_utf8_lossy(&report);
        if report == LOST {
            return Err(lease_lost());
        }
        if report == MISSING {
            return Err(io::ErrorKind::NotFound.into());
        }
        if let Some(reason) = report.strip_prefix("error ") {
            return Err(io::Error::other(reason.trim().to_owned()));
        }
        let left = report.lines().filter_map(|line| line.strip_prefix("left ")).map(str::to_owned).collect();
        Ok(Ended { status, left })
    }

    /// Waits until a lock is held no more, for which nobody asked; says why.
    pub(super) async fn lost(&mut self) -> io::Error {
        self.wait().await.err().unwrap_or_else(lease_lost)
    }

    /// Ends the program and all that it started: TERM, and KILL to what is still there after a while.
    pub(super) async fn end(&mut self) {
        let _ = self.control.write_all(b"end\n").await;
        let _ = self.child.wait().await;
    }
}
