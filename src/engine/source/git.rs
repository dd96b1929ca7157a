//! Running the `git` program, with every guard: nothing from our environment or from a repository may make it
//! ask, run hooks, or speak a protocol that the manifest does not name.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::config::environment::Variables;
use crate::domain::duration;
use crate::domain::git_url::without_credentials;
use crate::engine::source::SourceError;
use crate::engine::supervisor::Supervision;

/// What Git needs of our environment: to find programs, keys, credentials, certificates and proxies.
const HANDED_ON: [&str; 17] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "TZ",
    "SSH_AUTH_SOCK",
    "XDG_CONFIG_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "TMPDIR",
];

/// The most bytes kept of what Git prints.
const MAX_OUTPUT: u64 = 8 * 1024 * 1024;

/// How Git is run.
#[derive(Debug)]
pub(super) struct Git<'a> {
    pub variables: &'a Variables,
    pub limit: Duration,
    pub cancel: &'a CancellationToken,
    pub supervision: Supervision,
}

impl Git<'_> {
    /// Runs `git` with these arguments for `repository`; its standard output as text.
    pub(super) async fn run<A: AsRef<OsStr>>(&self, repository: &str, arguments: &[A]) -> Result<String, SourceError> {
        let program = program(arguments);
        let started = self.supervision.start(program, |command| self.prepare(command, repository));
        let mut git = started.map_err(|source| SourceError::Start { source })?;
        let (out, err) = (git.child.stdout.take(), git.child.stderr.take());
        let running = async {
            let (out, err) = tokio::join!(read(out), read(err));
            (git.wait().await, out, err)
        };
        let ended = tokio::select! {
            ended = timeout(self.limit, running) => ended.ok(),
            () = self.cancel.cancelled() => {
                git.end().await;
                return Err(SourceError::Canceled);
            }
        };
        let Some((ended, out, err)) = ended else {
            git.end().await;
            return Err(SourceError::TimedOut { limit: duration::show(self.limit) });
        };
        let ended = ended.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SourceError::NoGit,
            _ => SourceError::Start { source },
        })?;
        if ended.status.success() { Ok(out) } else { Err(SourceError::Git { said: what_git_said(&err, repository) }) }
    }

    fn prepare(&self, command: &mut Command, repository: &str) {
        command.env_clear().envs(self.variables.select(HANDED_ON));
        command
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("GCM_INTERACTIVE", "never");
        command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes").env("GIT_ALLOW_PROTOCOL", protocols(repository));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
    }
}

/// `git` with the settings that no configuration may change.
fn program<A: AsRef<OsStr>>(arguments: &[A]) -> Vec<OsString> {
    let guards = [
        "core.hooksPath=/dev/null",
        "gc.autoDetach=false",
        "maintenance.autoDetach=false",
        "advice.detachedHead=false",
    ];
    let guards = guards.iter().flat_map(|guard| ["-c", guard]).map(OsString::from);
    [OsString::from("git")].into_iter().chain(guards).chain(arguments.iter().map(OsString::from)).collect()
}

/// https and ssh always; http, git and local paths only when the manifest literally names one.
fn protocols(repository: &str) -> OsString {
    let scheme = repository.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let also = match scheme.as_deref() {
        Some("http") => ":http",
        Some("git") => ":git",
        Some("file") => ":file",
        None if repository.starts_with('/') => ":file",
        _ => "",
    };
    format!("https:ssh{also}").into()
}

/// Whether the repository lies on this machine.
pub(super) fn is_local(repository: &str) -> bool {
    Path::new(repository).is_absolute() || repository.starts_with("file://")
}

async fn read(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = (&mut pipe).take(MAX_OUTPUT).read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The end of what Git printed, in one line and without the remote's credentials.
fn what_git_said(printed: &str, repository: &str) -> String {
    let hidden = printed.replace(repository, &without_credentials(repository));
    let lines: Vec<&str> = hidden.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.len().saturating_sub(4);
    lines[last..].join("; ")
}
