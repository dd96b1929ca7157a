//! Running the `git` program, with every guard: nothing from our environment or from a repository may make it
//! ask, run hooks, or speak a protocol that the manifest does not name.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;
use url::Url;

use crate::config::environment::Variables;
use crate::domain::duration;
use crate::domain::git_url::without_credentials;
use crate::engine::cancel::Cancel;
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
    pub cancel: &'a Cancel,
    pub supervision: Supervision,
}

impl Git<'_> {
    /// Runs `git` with these arguments for `repository`; its standard output as text.
    pub(super) async fn run<A: AsRef<OsStr>>(&self, repository: &str, arguments: &[A]) -> Result<String, SourceError> {
        let program = program(arguments);
        let started = self.supervision.start(program, |command| self.prepare(command, repository)).await;
        let mut git = started.map_err(|source| SourceError::Start { source })?;
        let (out, err) = (git.child.stdout.take(), git.child.stderr.take());
        // Waited for from the beginning: that is also what keeps its lease renewed.
        let running = async { tokio::join!(git.wait(), read(out), read(err)) };
        let ended = tokio::select! {
            ended = timeout(self.limit, running) => ended.ok(),
            () = self.cancel.requested() => {
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
        if let Some(url) = with_password(repository) {
            command.envs(credentials(&url));
        }
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

/// A credential helper that answers from the environment, which other users cannot read.
const HELPER: &str = r#"!f() { echo "username=$HOOKBELT_GIT_USER"; echo "password=$HOOKBELT_GIT_PASSWORD"; }; f"#;

/// The variables that hand Git the user and password of a URL: for its host alone, and asking no other helper, so that
/// none stores them.
fn credentials(url: &Url) -> [(&'static str, String); 7] {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let key = format!("credential.{}.helper", url.origin().ascii_serialization());
    [
        ("HOOKBELT_GIT_USER", decoded(url.username())),
        ("HOOKBELT_GIT_PASSWORD", decoded(url.password().unwrap_or_default())),
        ("GIT_CONFIG_COUNT", "2".to_owned()),
        ("GIT_CONFIG_KEY_0", key.clone()),
        ("GIT_CONFIG_VALUE_0", String::new()),
        ("GIT_CONFIG_KEY_1", key),
        ("GIT_CONFIG_VALUE_1", HELPER.to_owned()),
    ]
}

/// The web URL of a repository, if it holds a password.
fn with_password(repository: &str) -> Option<Url> {
    let url = Url::parse(repository).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.password().is_some()).then_some(url)
}

/// The repository as it may stand on a command line: without user and password, if it holds a password. A user alone
/// stays, for the credential helpers.
pub(super) fn without_password(repository: &str) -> String {
    let Some(mut url) = with_password(repository) else {
        return repository.to_owned();
    };
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    if cleared.is_ok() { url.into() } else { without_credentials(repository) }
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

/// What Git printed, in one line: without its advice, the middle of a long text, and what may be secret in the remote.
fn what_git_said(printed: &str, repository: &str) -> String {
    let hidden = printed.replace(repository, &without_credentials(repository));
    let hidden = hidden.replace(&without_password(repository), &without_credentials(repository));
    let advice = ["hint:", "Please make sure you have the correct access rights", "and the repository exists."];
    let said = |line: &&str| !line.is_empty() && !advice.iter().any(|advice| line.starts_with(advice));
    let lines: Vec<&str> = hidden.lines().map(str::trim).filter(said).collect();
    match lines.len() {
        0..=8 => lines.join("; "),
        many => format!("{}; ...; {}", lines[..4].join("; "), lines[many - 3..].join("; ")),
    }
}
