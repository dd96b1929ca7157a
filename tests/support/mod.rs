//! A home of its own for each test, real Git repositories, and the real binary in an empty environment.

pub(crate) mod api;
pub(crate) mod http;
pub(crate) mod inbox;
pub(crate) mod judge;
pub(crate) mod listening;
pub(crate) mod mock_api;
mod outcome;
pub(crate) mod proxy;
mod receiver;
mod running;
pub(crate) mod tls;
mod waiting;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

pub(crate) use crate::support::outcome::Outcome;
pub(crate) use crate::support::receiver::Receiver;
pub(crate) use crate::support::running::Running;
pub(crate) use crate::support::waiting::wait_until;

/// The program under test.
pub(crate) const HOOKBELT: &str = env!("CARGO_BIN_EXE_hookbelt");

/// A manifest with one service that has no checkout: nothing but its `deploy` command, which follows.
pub(crate) const PLAIN: &str =
    "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \".\"\n[services.web]\ncheckout = false\n";

/// A home, a working folder, and what is in them.
pub(crate) struct Belt {
    folder: TempDir,
    variables: Vec<(String, String)>,
    within: Vec<String>,
}

impl Belt {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        fs::create_dir(folder.path().join("project")).unwrap();
        Self { folder, variables: Vec::new(), within: Vec::new() }
    }

    /// A belt whose working folder holds this manifest.
    pub(crate) fn with_manifest(text: &str) -> Self {
        let belt = Self::new();
        belt.write("hookbelt.toml", text);
        belt
    }

    /// A belt whose only service runs this command without a checkout.
    pub(crate) fn with_command(deploy: &str) -> Self {
        Self::with_manifest(&format!("{PLAIN}deploy = '''{deploy}'''\n"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.path().join("home")
    }

    pub(crate) fn work(&self) -> PathBuf {
        self.path().join("project")
    }

    /// Writes a file below the working folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.work().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Writes the user's config file: the default profile, of this kind, at this address, with the token `hunter2`, and limits
    /// that make waiting short.
    pub(crate) fn profile(&self, backend: &str, url: &str) {
        self.config(&format!(
            "default_profile = \"there\"\n[profiles.there]\nbackend = \"{backend}\"\nurl = \"{url}\"\ntoken = \
             \"hunter2\"\n[limits]\npoll = \"10ms\"\npoll_most = \"50ms\"\n"
        ));
    }

    /// Writes the user's config file.
    pub(crate) fn config(&self, text: &str) {
        let folder = self.home().join(".config/hookbelt");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
    }

    /// Sets limits in the user's config file, e.g. `lease = "1s"`.
    pub(crate) fn limits(&self, lines: &str) {
        self.config(&format!("[limits]\n{lines}\n"));
    }

    /// Sets a variable for every run.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Has every program started by these words, as `nsenter` and its arguments.
    pub(crate) fn start_within(&mut self, words: Vec<String>) {
        self.within = words;
    }

    /// A program, started by those words.
    pub(crate) fn program(&self, program: &str) -> Command {
        let mut words = self.within.iter().map(String::as_str).chain([program]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words);
        command
    }

    /// The store's folder of mirrors and checkouts.
    pub(crate) fn store_files(&self) -> PathBuf {
        self.home().join(".local/share/hookbelt/hookbelt.db.files")
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.home().join(".local/share/hookbelt/hookbelt.db")
    }

    /// The program with arguments, in an environment that holds nothing but a path, a home and a user.
    pub(crate) fn command<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(&self, arguments: I) -> Command {
        let mut command = self.program(HOOKBELT);
        command.args(arguments).current_dir(self.work()).stdin(Stdio::null());
        command.env_clear().env("PATH", env!("PATH")).env("HOME", self.home()).env("USER", "ann").env("TZ", "UTC");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(&self, arguments: I) -> Outcome {
        Outcome::of(self.command(arguments), self.path())
    }

    /// Starts the program, to be watched line by line.
    pub(crate) fn start<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(&self, arguments: I) -> Running {
        Running::start(self.command(arguments))
    }

    /// Starts a server on a free port, and waits until it is ready.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Running {
        self.serve_at(arguments).0
    }

    /// The same, with the address that it listens on.
    pub(crate) fn serve_at(&self, arguments: &[&str]) -> (Running, String) {
        let mut server = self.start([&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
        let line = server.until("listening on http://");
        server.until("ready");
        (server, line.rsplit('/').next().unwrap().to_owned())
    }

    /// Runs Git in a folder below the working folder, as a fixed person at a fixed time.
    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"]).args(arguments);
        command.current_dir(self.work().join(folder)).env("HOME", self.home());
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.com");
            command.env(format!("GIT_{who}_DATE"), "2026-11-21T12:00:00Z");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A repository below the working folder with one commit that holds `page.html`; says the commit's sha.
    pub(crate) fn repository(&self, folder: &str) -> String {
        fs::create_dir_all(self.work().join(folder)).unwrap();
        self.git(folder, &["init", "--quiet"]);
        self.commit(folder, "page.html", "one")
    }

    /// A commit that gives a file this content; says its sha.
    pub(crate) fn commit(&self, folder: &str, file: &str, content: &str) -> String {
        self.write(&format!("{folder}/{file}"), content);
        self.git(folder, &["add", "--", file]);
        self.git(folder, &["commit", "--quiet", "--message", content]);
        self.git(folder, &["rev-parse", "HEAD"])
    }

    /// A named pipe below the working folder, at which a command can wait until the test says so.
    pub(crate) fn gate(&self, name: &str) -> Gate {
        let path = self.work().join(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        Gate(path)
    }
}

/// A named pipe that a command reads: it goes on when the gate opens.
pub(crate) struct Gate(PathBuf);

impl Gate {
    /// Lets one reader through; waits until there is one.
    pub(crate) fn open(&self) {
        fs::write(&self.0, "go\n").unwrap();
    }

    /// Waits until a writer comes by.
    pub(crate) fn wait(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }
}
