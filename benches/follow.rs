//! How soon a line of a deployment is on the client that follows the log, and how long an app's log may be.
//!
//! Run it as `cargo bench --bench follow --profile dist`. A line carries the time at which it was printed; the client is
//! `hookbelt logs --follow`, and the stream of API v3. Promised: within 100 ms. Then the log is filled with 1,000,000 lines of 100
//! deployments, and its first page asked for. Promised: at most 50 ms, and memory that does not grow with the log.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const ROUNDS: usize = 21;
const TICKS: usize = 200;
const DEPLOYMENTS: u64 = 100;
const LINES_EACH: u64 = 10_000;

/// An app that prints the time every 20 ms, and one that prints as fast as it can for as long.
const MANIFEST: &str = "app = \"shop\"\n\
    [services.web]\nimage = \"web:1\"\ndeploy = '''for n in $(seq 200); do date +tick-%s%N; sleep 0.02; done'''\n\
    [services.cron]\nimage = \"cron:1\"\ndeploy = \"true\"\n";
const NOISE: &str = "app = \"noise\"\n[services.web]\nimage = \"web:1\"\ndeploy = \"timeout 8 yes noise || true\"\n";

/// A home, a project, and a server.
struct Bench {
    folder: PathBuf,
    server: Child,
    address: String,
    token: String,
    uid: String,
}

impl Bench {
    fn new(folder: &Path) -> Self {
        fs::write(folder.join("hookbelt.toml"), MANIFEST).unwrap();
        fs::write(folder.join("noise.toml"), NOISE).unwrap();
        let mut serve = hookbelt(folder, &["serve", "--listen", "127.0.0.1:0", "hookbelt.toml", "noise.toml"]);
        let mut server = serve.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines().map(Result::unwrap);
        let address = lines.find_map(|line| Some(line.split_once("listening on http://")?.1.to_owned())).unwrap();
        assert!(lines.any(|line| line == "ready"));
        std::thread::spawn(move || lines.for_each(drop));
        let token = printed(folder, &["tokens", "create", "bench"]).trim().to_owned();
        let mut bench = Self { folder: folder.to_owned(), server, address, token, uid: String::new() };
        let stacks = bench.get("/api/3/stacks.json?filter_name=shop");
        let (_, uid) = stacks.split_once("\"uid\":\"").unwrap();
        uid.split_once('"').unwrap().0.clone_into(&mut bench.uid);
        bench
    }

    /// A request; what comes of the answer is for the reader.
    fn ask(&self, path: &str, header: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (host, token) = (&self.address, &self.token);
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n{header}\r\n"
        )
        .unwrap();
        BufReader::new(stream)
    }

    fn get(&self, path: &str) -> String {
        let mut answer = String::new();
        self.ask(path, "").read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        answer
    }

    fn stream(&self) -> String {
        format!("/api/3/stacks/{}/logs/stream", self.uid)
    }

    fn database(&self) -> PathBuf {
        self.folder.join(".local/share/hookbelt/hookbelt.db")
    }

    /// The most memory that the server held so far, in megabytes.
    fn memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn hookbelt(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookbelt"));
    command.args(arguments).current_dir(folder).env("HOME", folder).env_remove("XDG_DATA_HOME");
    command
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = hookbelt(folder, arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// How long ago each tick among these lines was printed when it came, in milliseconds, sorted.
fn delays(lines: impl Iterator<Item = String>) -> Vec<f64> {
    let delay = |line: String| -> Option<f64> {
        let (_, tick) = line.split_once("tick-")?;
        // A command line is no tick.
        let tick = tick.get(..19)?.parse().ok()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Some(now.saturating_sub(Duration::from_nanos(tick)).as_secs_f64() * 1000.0)
    };
    let mut delays: Vec<f64> = lines.filter_map(delay).take(TICKS).collect();
    delays.sort_by(f64::total_cmp);
    delays
}

/// Follows a deployment with both clients.
fn follow(bench: &Bench, what: &str) {
    let mut logs = hookbelt(&bench.folder, &["logs", "--follow", "-n", "0", "--service", "web"]);
    let mut logs = logs.stdout(Stdio::piped()).spawn().unwrap();
    let shown = BufReader::new(logs.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut sent = bench.ask(&(bench.stream() + "?lines=0"), "");
    // Its head says that it follows.
    while sent.by_ref().lines().next().unwrap().unwrap() != "" {}
    let by_command = std::thread::spawn(|| delays(shown));
    let by_stream = std::thread::spawn(|| delays(sent.lines().map(Result::unwrap)));
    let deployed = hookbelt(&bench.folder, &["redeploy", "-y"]).output().unwrap();
    assert!(deployed.status.success(), "{}", String::from_utf8_lossy(&deployed.stderr));
    for (client, delays) in [("logs --follow", by_command), ("the stream", by_stream)] {
        let delays = delays.join().unwrap();
        let part = |of: usize| delays[(delays.len() - 1) * of / 100];
        println!(
            "{what}, {client}: median {:.1} ms, 99th percentile {:.1} ms, at most {:.1} ms of {} lines (promised: within 100 ms)",
            part(50),
            part(99),
            part(100),
            delays.len()
        );
    }
    logs.kill().unwrap();
    logs.wait().unwrap();
}

/// Fills the log as 100 deployments would: of the first one lines about `cron`, of the others about `web`.
fn fill(database: &Path) {
    let sql = format!(
        "BEGIN;
         WITH RECURSIVE more (id) AS (SELECT 1001 UNION ALL SELECT id + 1 FROM more LIMIT {DEPLOYMENTS})
         INSERT INTO deployments (id, app_uid, place, state, run_by, user_name, strategy, attempt, resolved, created_at, ended_at)
         SELECT more.id, app_uid, more.id, 'succeeded', run_by, user_name, strategy, 1, 1, created_at, created_at
         FROM more, deployments d WHERE d.id = 1;
         WITH RECURSIVE more (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM more LIMIT {lines}),
              last (number, app_uid, at) AS (SELECT MAX(number), app_uid, MAX(written_at) FROM log_lines
                WHERE app_uid = (SELECT app_uid FROM deployments WHERE id = 1))
         INSERT INTO log_lines (app_uid, number, written_at, source, deployment, service, line)
         SELECT app_uid, number + n + 1, at - 2000000 + 2 * n, 'shop[web.v4]', 1001 + n / {LINES_EACH},
                CASE WHEN n < {LINES_EACH} THEN 'cron' ELSE 'web' END, 'a line of a log that is as long as most are: ' || n
         FROM more, last;
         COMMIT;",
        lines = DEPLOYMENTS * LINES_EACH,
    );
    assert!(Command::new("sqlite3").arg(database).arg(sql).status().unwrap().success());
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How long it takes until the first line is there, and until the end.
fn timed(mut ask: impl FnMut() -> (Box<dyn BufRead>, Option<Child>)) -> (Duration, Duration) {
    let one = |_| {
        let began = Instant::now();
        let (mut lines, child) = ask();
        assert!(lines.read_line(&mut String::new()).unwrap() > 0);
        let first = began.elapsed();
        lines.read_to_end(&mut Vec::new()).unwrap();
        if let Some(mut child) = child {
            child.wait().unwrap();
        }
        (first, began.elapsed())
    };
    let (first, all): (Vec<_>, Vec<_>) = (0..ROUNDS).map(one).unzip();
    (median(first), median(all))
}

/// What each client's first page takes.
fn first_pages(bench: &Bench, what: &str, deployment: u64) {
    let of_one = deployment.to_string();
    let commands: [&[&str]; 6] = [
        &["logs"],
        &["logs", "-n", "1000"],
        &["logs", "--service", "cron"],
        &["logs", "--since", "1h", "-n", "100"],
        &["logs", "--since", "5m"],
        &["logs", "--deployment", &of_one],
    ];
    for arguments in commands {
        let (first, all) = timed(|| {
            let mut logs = hookbelt(&bench.folder, arguments).stdout(Stdio::piped()).spawn().unwrap();
            (Box::new(BufReader::new(logs.stdout.take().unwrap())), Some(logs))
        });
        println!("{what}, {}: first line {first:.1?}, end {all:.1?}", arguments.join(" "));
    }
    let operation = format!("/api/3/operations/deployment-{deployment}/logs.json");
    for path in [operation.clone(), operation + "?min_severity=5", "/v2/apps/shop/logs".to_owned()] {
        let (_, all) = timed(|| (Box::new(bench.ask(&path, "")), None));
        println!("{what}, {path}: {all:.1?}");
    }
}

/// How long it takes to read the whole log, and the most memory of a command that does.
fn whole(bench: &Bench, what: &str, arguments: &[&str]) {
    let memory = bench.folder.join("memory");
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M", "-o"]).arg(&memory).arg(env!("CARGO_BIN_EXE_hookbelt")).args(arguments);
    timed.current_dir(&bench.folder).env("HOME", &bench.folder).env_remove("XDG_DATA_HOME").stdout(Stdio::null());
    let began = Instant::now();
    assert!(timed.status().unwrap().success());
    let kilobytes: f64 = fs::read_to_string(memory).unwrap().trim().parse().unwrap();
    println!("{what}, {}: {:.1?}, at most {:.1} MB", arguments.join(" "), began.elapsed(), kilobytes / 1024.0);
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new(folder.path());
    follow(&bench, "a deployment");
    printed(folder.path(), &["redeploy", "-y", "-m", "noise.toml", "--no-wait"]);
    follow(&bench, "beside one that prints as fast as it can");
    printed(folder.path(), &["deployments", "watch", "-m", "noise.toml"]);
    for (what, deployment) in [("some 10,000 lines", 1), ("1,000,000 lines", 1050)] {
        if deployment > 1 {
            fill(&bench.database());
        }
        first_pages(&bench, what, deployment);
        for arguments in [&["logs", "--since", "30d"], &["logs", "-n", "1000000"]] {
            whole(&bench, what, arguments);
        }
        let before = bench.memory();
        let began = Instant::now();
        let (mut events, mut line) = (bench.ask(&bench.stream(), "Last-Event-ID: 1\r\n"), String::new());
        let last = printed(&bench.folder, &["logs", "-n", "1", "--json"]);
        let last = last.split_once("\"number\":").unwrap().1.split(',').next().unwrap().to_owned();
        while line.trim_end() != format!("id: {last}") {
            line.clear();
            assert!(events.read_line(&mut line).unwrap() > 0);
        }
        println!(
            "{what}, the stream: {:.1?}, the server at most {before:.1} then {:.1} MB",
            began.elapsed(),
            bench.memory()
        );
    }
}
