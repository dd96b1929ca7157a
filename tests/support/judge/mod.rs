//! An independent judge of what goes to Git hosts: their own API descriptions, served by prism, and what those leave out.
//!
//! Every mock of a Git host asks it about every request that comes. `./test` installs it; one process of it serves all tests
//! that run at a time (`tests/judge/judge.mjs`).

mod unwritten;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use crate::support::http::{Reply, request};
use crate::support::mock_api::Came;

/// Longer than it takes to answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// A host whose requests are judged, by where its API is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Host {
    Github,
    Gitea,
    Bitbucket,
    Gitlab,
}

/// Each with the path that all its requests begin with, and how much of that is not in its description.
const PATHS: [(Host, &str, &str); 4] = [
    (Host::Github, "/api/v3/", "/api/v3"),
    (Host::Gitea, "/api/v1/", "/api/v1"),
    (Host::Bitbucket, "/2.0/", "/2.0"),
    (Host::Gitlab, "/api/v4/", "/api/v4"),
];

/// Whether a request is one to a Git host.
pub(crate) fn judges(came: &Came) -> bool {
    host(came).is_some()
}

fn host(came: &Came) -> Option<(Host, &str)> {
    let (host, _, base) = PATHS.into_iter().find(|(_, begins, _)| came.target.starts_with(begins))?;
    Some((host, &came.target[base.len()..]))
}

/// What is wrong with a request to a Git host; of others nothing is known.
pub(crate) fn faults(came: &Came) -> Vec<String> {
    let Some((host, target)) = host(came) else {
        return Vec::new();
    };
    let mut faults = unwritten::faults(host, came, target);
    let description = match host {
        Host::Github => "github",
        Host::Gitea => "gitea",
        Host::Bitbucket => "bitbucket",
        // No description of its API can be had.
        Host::Gitlab => return faults,
    };
    match judge() {
        Ok(judge) => faults.extend(against_description(came, &format!("{}{target}", judge.addresses[description]))),
        Err(trouble) => faults.push(trouble),
    }
    faults
}

/// What prism has to say about the same request: it serves a success of the description to whatever is as described.
fn against_description(came: &Came, url: &str) -> Option<String> {
    let pairs = came.headers.iter().filter_map(|line| line.split_once(": "));
    let own = ["host", "connection", "content-length", "accept-encoding"];
    let headers: Vec<(&str, &str)> =
        pairs.filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str())).collect();
    let reply = request(&came.method, url, &headers, &came.body);
    if (200..300).contains(&reply.status) && reply.header("sl-violations").is_none() {
        return None;
    }
    let Reply { status, body, .. } = &reply;
    let violations = reply.header("sl-violations").unwrap_or(body);
    Some(format!("{status} {violations}"))
}

/// A judge, whose life is its own.
struct Judge {
    /// Where it has each description.
    addresses: BTreeMap<String, String>,
    /// Says to it that somebody is still here.
    _connection: TcpStream,
}

fn judge() -> Result<&'static Judge, String> {
    static JUDGE: OnceLock<Result<Judge, String>> = OnceLock::new();
    let install = "install it: npm ci --ignore-scripts --prefix tests/judge";
    let missing =
        |error| format!("there is no judge of requests to Git hosts, so they were not judged: {error}; {install}");
    JUDGE.get_or_init(|| running().map_err(missing)).as_ref().map_err(Clone::clone)
}

/// The judge that all tests share, started if there is none.
fn running() -> io::Result<Judge> {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judge");
    fs::create_dir_all(&kept)?;
    let lock = File::create(kept.join("lock"))?;
    lock.lock()?;
    let port = kept.join(format!("port-{:x}", version()?));
    let there = fs::read_to_string(&port).and_then(|port| enter(&port));
    there.or_else(|_| {
        fs::write(&port, start(&kept.join("errors"))?)?;
        fs::read_to_string(&port).and_then(|port| enter(&port))
    })
}

/// The judge at a port.
fn enter(port: &str) -> io::Result<Judge> {
    let connection = TcpStream::connect(format!("127.0.0.1:{}", port.trim()))?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(&connection).read_line(&mut line)?;
    Ok(Judge { addresses: serde_json::from_str(&line)?, _connection: connection })
}

/// Starts a judge, which ends when nobody needs it; says its port.
fn start(errors: &Path) -> io::Result<String> {
    let mut command = Command::new("node");
    command.arg(folder().join("judge.mjs")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(File::create(errors)?);
    // What ends this test does not end it.
    let mut child = command.process_group(0).spawn()?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        BufReader::new(stdout).read_line(&mut line)?;
    }
    if line.is_empty() {
        return Err(io::Error::other(format!("node said {}", fs::read_to_string(errors)?.trim())));
    }
    Ok(line)
}

/// A number that changes when the judge or a description does.
fn version() -> io::Result<u64> {
    let descriptions = folder().join("../fixtures/git-hosts");
    let files = ["github.json", "gitea.json", "bitbucket.json"].map(|name| descriptions.join(name));
    let mut hasher = DefaultHasher::new();
    for path in files.into_iter().chain(["judge.mjs", "package-lock.json"].map(|name| folder().join(name))) {
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes)?;
        bytes.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judge")
}
