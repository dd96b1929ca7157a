//! One command of a service, through `sh -c`.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};

use crate::engine::cancel::Cancel;
use crate::engine::journal::{Lines, Printed};
use crate::engine::supervisor::{Supervised, Supervision};

/// How long what a command printed last may take to arrive after it has exited.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// The most bytes that can still be in the pipe when a command exits.
const PIPE: usize = 1024 * 1024;

/// What is run, and where.
#[derive(Debug)]
pub(super) struct Invocation<'a> {
    pub command: &'a str,
    pub folder: &'a Path,
    pub environment: &'a [(OsString, OsString)],
    pub deadline: Instant,
    pub supervision: &'a Supervision,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// By itself; what it left running in the background is named.
    Exited(ExitStatus, Vec<String>),
    /// At its time limit, with everything it had started.
    TimedOut,
    /// Because the deployment was canceled, with everything it had started.
    Canceled,
}

impl Invocation<'_> {
    /// Runs the command to its end, or to the deadline, or to the cancel. It is done when its `sh` exits:
    /// what it left in the background lives on, and what that prints later is dropped.
    pub(super) async fn run(&self, cancel: &Cancel, printed: Printed) -> io::Result<(Outcome, Printed)> {
        let (reader, mut shell) = self.start().await?;
        let (done, is_done) = oneshot::channel();
        let reading = tokio::spawn(read(Receiver::from_owned_fd(reader.into())?, printed, is_done));
        let outcome = tokio::select! {
            ended = shell.wait() => ended.map(|ended| Outcome::Exited(ended.status, ended.left)),
            () = sleep_until(self.deadline) => Ok(Outcome::TimedOut),
            () = cancel.requested() => Ok(Outcome::Canceled),
        };
        if !matches!(outcome, Ok(Outcome::Exited(..)) | Err(_)) {
            shell.end().await;
        }
        let _ = done.send(());
        let (still_open, printed) = reading.await.map_err(io::Error::other)?;
        if let Some(reader) = still_open {
            drop_what_comes(reader);
        }
        Ok((outcome?, printed))
    }

    async fn start(&self) -> io::Result<(io::PipeReader, Supervised)> {
        let (reader, writer) = io::pipe()?;
        let also = writer.try_clone()?;
        let program = ["/bin/sh", "-c", "--", self.command].map(OsString::from).into();
        let shell = self.supervision.start(program, |command| {
            command.current_dir(self.folder).env_clear();
            command.envs(self.environment.iter().map(|(name, value)| (name, value))).stdout(also).stderr(writer);
        });
        Ok((reader, shell.await?))
    }
}

/// Hands on lines until nobody can print any more, or until the command is done and what it printed has
/// arrived; then the pipe is handed back for what lives on.
async fn read(
    mut reader: Receiver,
    mut printed: Printed,
    mut is_done: oneshot::Receiver<()>,
) -> (Option<Receiver>, Printed) {
    let mut lines = Lines::default();
    let mut left_in_pipe = None;
    let still_open = loop {
        let count = match &mut left_in_pipe {
            None => tokio::select! {
                // Whoever prints without end from the background does not keep the command from its end.
                biased;
                _ = &mut is_done => {
                    left_in_pipe = Some(PIPE);
                    continue;
                }
                count = reader.read_buf(lines.room()) => count,
            },
            Some(0) => break true,
            Some(left) => match timeout(LAST_WORDS, reader.read_buf(lines.room())).await {
                Err(_quiet) => break true,
                Ok(count) => {
                    *left = left.saturating_sub(*count.as_ref().unwrap_or(&0));
                    count
                }
            },
        };
        match count {
            Ok(0) | Err(_) => break false,
            Ok(_) => {
                while let Some(text) = lines.complete() {
                    printed.print(text).await;
                }
            }
        }
    };
    if let Some(text) = lines.finish() {
        printed.print(text).await;
    }
    (still_open.then_some(reader), printed)
}

/// Leaves a reader behind for what lives on in the background, so that printing neither blocks nor ends it.
fn drop_what_comes(reader: Receiver) {
    let Ok(reader) = reader.into_blocking_fd() else {
        return;
    };
    let mut drain = std::process::Command::new("cat");
    drain.stdin(reader).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let _ = drain.spawn();
}
