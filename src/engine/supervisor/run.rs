//! The hidden `hookbelt __run`: starts one program and answers for all that it starts.
//!
//! It is the subreaper of its descendants, so none can leave it by forking twice or by making a session of its own. Over
//! a socket, its standard input, the engine says until when its lease holds. When the socket closes (the engine was
//! killed), the lease runs out (the engine is frozen), or the engine says so, every descendant is ended. When the
//! program ends by itself, so does `__run`: what was left in the background on purpose lives on.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, set_child_subreaper, setsid, wait};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep, sleep_until};

use crate::engine::supervisor::descendants;
use crate::store::clock::Monotonic;
use crate::store::lock;

/// The exit code when the program could not be started; the reason goes over the socket.
const NOT_STARTED: u8 = 127;

/// What goes over the socket when there is no such program or folder.
pub(super) const MISSING: &str = "missing\n";

/// What goes over the socket when the lease has run out: what ends is not the program's fault.
pub(super) const LOST: &str = "lost\n";

/// What goes over the socket once the lock is held.
pub(super) const READY: &str = "ready\n";

/// What the engine answers when the program may start.
pub(super) const GO: &str = "go\n";

/// The pause between two tries to take a lock.
const LOCKED: Duration = Duration::from_millis(5);

/// The pause between two looks at who is still there, while descendants are killed.
const KILLING: Duration = Duration::from_millis(20);

/// What `__run` is told on its command line, in this order.
#[derive(Debug)]
pub(super) struct Orders {
    /// Held, shared, while any descendant may live; without a program held alone, for as long as the engine wants.
    pub lock: Option<PathBuf>,
    /// When the engine's lease runs out unless it is renewed.
    pub lease: Monotonic,
    /// Between TERM and KILL.
    pub kill_after: Duration,
    /// The program and its arguments.
    pub program: Vec<OsString>,
}

impl Orders {
    pub(super) fn into_arguments(self) -> Vec<OsString> {
        let numbers = [self.lease.milliseconds().to_string(), self.kill_after.as_millis().to_string()];
        let lock = self.lock.unwrap_or_default().into_os_string();
        [lock].into_iter().chain(numbers.map(OsString::from)).chain(self.program).collect()
    }

    fn from_arguments(mut arguments: impl Iterator<Item = OsString>) -> Option<Self> {
        let lock = Some(PathBuf::from(arguments.next()?)).filter(|path| !path.as_os_str().is_empty());
        let mut number = || arguments.next()?.to_str()?.parse().ok();
        let (lease, kill_after) = (Monotonic::at(number()?), Duration::from_millis(number()?));
        Some(Self { lock, lease, kill_after, program: arguments.collect() })
    }
}

/// Carries out the orders on the command line; says the exit code, if it does not end the way its program did.
pub fn main(arguments: impl Iterator<Item = OsString>) -> u8 {
    let Some(orders) = Orders::from_arguments(arguments) else {
        return 2;
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.and_then(|runtime| runtime.block_on(supervise(orders))).map_or(NOT_STARTED, end_as)
}

/// Ends this process the way its program ended.
fn end_as(status: WaitStatus) -> u8 {
    if let Some(signal) = status.terminating_signal().and_then(Signal::from_named_raw) {
        let _ = kill_process(getpid(), signal);
    }
    status.exit_status().and_then(|code| u8::try_from(code).ok()).unwrap_or(NOT_STARTED)
}

async fn supervise(orders: Orders) -> io::Result<WaitStatus> {
    // A session of its own: nothing below can ask on the terminal, or be stopped for trying.
    let _ = setsid();
    set_child_subreaper(Some(getpid()))?;
    let (engine, mut report) = control()?.into_split();
    let mut engine = BufReader::new(engine).lines();
    let mut children = signal(SignalKind::child())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut lease = orders.lease;
    let _lock = {
        let lock = lock(&orders);
        tokio::pin!(lock);
        loop {
            tokio::select! {
                lock = &mut lock => break lock?,
                line = engine.next_line() => lease = renewed(line?.as_deref())?,
            }
        }
    };
    report.write_all(READY.as_bytes()).await?;
    loop {
        tokio::select! {
            line = engine.next_line() => match line? {
                Some(line) if line == GO.trim_end() => break,
                line => lease = renewed(line.as_deref())?,
            },
            // A frozen engine says nothing, and who takes over waits for the lock.
            () = sleep_until(lease.instant()) => {
                report.write_all(LOST.as_bytes()).await?;
                return Err(io::ErrorKind::Interrupted.into());
            }
        }
    }
    let leader = match start(&orders.program) {
        Ok(started) => started,
        Err(error) => {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let text = if missing { MISSING.to_owned() } else { format!("error {error}\n") };
            report.write_all(text.as_bytes()).await?;
            return Err(error);
        }
    };
    let mut family = Family { leader, status: None, kill_after: orders.kill_after };
    let mut phase = Phase::Running { lease };
    loop {
        let anybody_left = family.reap()?;
        match (family.status, phase) {
            (Some(status), Phase::Running { .. }) => {
                for name in descendants::names() {
                    // An engine that has gone needs no report.
                    let _ = report.write_all(format!("left {name}\n").as_bytes()).await;
                }
                return Ok(status);
            }
            (Some(status), Phase::Ending { .. }) if !anybody_left => return Ok(status),
            _ => {}
        }
        tokio::select! {
            _ = children.recv() => {}
            line = engine.next_line(), if phase.is_running() => {
                let renewed = line.and_then(|line| renewed(line.as_deref()));
                phase = renewed.map_or_else(|_gone| family.terminate(), |lease| Phase::Running { lease });
            }
            _ = terminate.recv(), if phase.is_running() => phase = family.terminate(),
            () = sleep_until(phase.next()) => match phase {
                Phase::Running { .. } => {
                    let _ = report.write_all(LOST.as_bytes()).await;
                    phase = family.terminate();
                }
                Phase::Ending { .. } => phase = kill(),
            },
        }
    }
}

/// The lease that the engine says it has; without a word of it the engine has gone.
fn renewed(line: Option<&str>) -> io::Result<Monotonic> {
    line.and_then(Monotonic::parse).ok_or_else(|| io::ErrorKind::Interrupted.into())
}

/// What `__run` is about.
#[derive(Debug, Clone, Copy)]
enum Phase {
    /// The program runs, as long as the lease holds.
    Running { lease: Monotonic },
    /// Every descendant has been told to end; KILL comes next.
    Ending { kill_at: Instant },
}

impl Phase {
    fn is_running(self) -> bool {
        matches!(self, Self::Running { .. })
    }

    /// When something is to be done though nothing has happened.
    fn next(self) -> Instant {
        match self {
            Self::Running { lease } => lease.instant(),
            Self::Ending { kill_at } => kill_at,
        }
    }
}

/// The program that was started, and all that it started.
#[derive(Debug)]
struct Family {
    leader: Pid,
    status: Option<WaitStatus>,
    kill_after: Duration,
}

impl Family {
    /// Takes note of every child that has ended; says whether any is left.
    fn reap(&mut self) -> io::Result<bool> {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.leader => self.status = Some(status),
                Ok(Some(_orphan)) => {}
                Ok(None) => return Ok(true),
                Err(Errno::CHILD) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn terminate(&self) -> Phase {
        descendants::signal(Signal::TERM);
        Phase::Ending { kill_at: Instant::now() + self.kill_after }
    }
}

/// KILL to whoever is still there, again and again: what is killed may just have started something else.
fn kill() -> Phase {
    descendants::signal(Signal::KILL);
    Phase::Ending { kill_at: Instant::now() + KILLING }
}

/// The engine's socket, which is the standard input.
fn control() -> io::Result<UnixStream> {
    let socket = std::os::unix::net::UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}

async fn lock(orders: &Orders) -> io::Result<Option<File>> {
    let Some(path) = &orders.lock else {
        return Ok(None);
    };
    let file = lock::open(path)?;
    loop {
        let locked = if orders.program.is_empty() { file.try_lock() } else { file.try_lock_shared() };
        match locked {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => sleep(LOCKED).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Starts the program.
fn start(program: &[OsString]) -> io::Result<Pid> {
    let (name, arguments) = program.split_first().ok_or_else(|| io::Error::other("no program"))?;
    let child = Command::new(name).args(arguments).stdin(Stdio::null()).spawn()?;
    let leader = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    leader.ok_or_else(|| io::Error::other("no process id"))
}
