//! Deploy hooks on their way: how many a second one server delivers with a receipt of each on disk, beside `wrk` at the same
//! receiver; and 100,000 of them that wait.
//!
//! Run it as `cargo bench --bench deliveries --profile dist`. The receiver is nginx, which answers everything with 200. Five
//! rounds alternate between the two, and the medians count. Promised: a tenth of what `wrk` reaches, which keeps nothing and
//! signs nothing. With 100,000 deliveries that wait, of which a thousand are retries at a receiver that never answers: at most
//! 60 MB, none late because of another's retry, and no CPU between due times.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const DELIVERED: u64 = 20_000;
const WAITING: u64 = 100_000;
const RETRIES: u64 = 1_000;

/// Those that are to be on time, one each so many milliseconds.
const TIMELY: u64 = 1_000;
const EACH: u64 = 10;
const IDLE: Duration = Duration::from_secs(20);

/// A process, ended with this.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    /// A value of its process in megabytes: `VmRSS` now, `VmHWM` at most.
    fn megabytes(&self, which: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(which)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// The CPU time that it has taken, in milliseconds.
    fn cpu(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |field: usize| fields[field].parse::<u64>().unwrap();
        (ticks(11) + ticks(12)) * 10
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// nginx, which answers everything with 200; and its URL.
fn nginx(folder: &Path) -> (Running, String) {
    let port = free_port();
    let path = folder.display();
    let configuration = format!(
        "daemon off; master_process off; pid {path}/nginx.pid; error_log {path}/nginx.log; worker_processes 1;
         events {{ worker_connections 1024; }}
         http {{ access_log off; client_body_temp_path {path}; keepalive_requests 1000000;
            server {{ listen 127.0.0.1:{port}; location / {{ return 200 \"taken\\n\"; }} }} }}"
    );
    fs::write(folder.join("nginx.conf"), configuration).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-c").arg(folder.join("nginx.conf")).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let running = Running(command.stderr(Stdio::null()).spawn().unwrap());
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        sleep(Duration::from_millis(10));
    }
    (running, format!("http://127.0.0.1:{port}/"))
}

/// What `wrk` reaches with posts without a body, a second.
fn wrk(url: &str, folder: &Path) -> f64 {
    let script = folder.join("post.lua");
    fs::write(&script, "wrk.method = \"POST\"").unwrap();
    let output =
        Command::new("wrk").args(["-t", "1", "-c", "64", "-d", "4s", "-s"]).arg(script).arg(url).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let line = said.lines().find(|line| line.starts_with("Requests/sec:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn hookbelt(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookbelt"));
    command.args(arguments).current_dir(folder).env("HOME", folder).env_remove("XDG_DATA_HOME");
    command
}

fn serve(folder: &Path) -> Running {
    let mut command = hookbelt(folder, &["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("ready")));
    std::thread::spawn(move || lines.for_each(drop));
    Running(child)
}

/// Asks the store, as one line.
fn sql(folder: &Path, statement: &str) -> String {
    let store = folder.join(".local/share/hookbelt/hookbelt.db");
    let mut child = Command::new("sqlite3")
        .args(["-cmd", ".timeout 30000"])
        .arg(store)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(statement.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{statement}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn number(folder: &Path, statement: &str) -> f64 {
    sql(folder, statement).parse().unwrap()
}

/// A store with an app that tells these receivers, deployed once.
fn app(folder: &Path, urls: &[&str]) {
    let hooks: Vec<String> =
        urls.iter().map(|url| format!("[[deploy_hooks]]\nurl = \"{url}\"\nsecret = {{ file = \"key\" }}\n")).collect();
    let manifest = "app = \"shop\"\n[services.web]\nimage = \"web:1\"\ndeploy = \"true\"\n";
    fs::write(folder.join("key"), "my_secret_key").unwrap();
    fs::write(folder.join("hookbelt.toml"), format!("{manifest}{}", hooks.concat())).unwrap();
    let deployed = hookbelt(folder, &["redeploy", "-y", "-q"]).output().unwrap();
    assert!(deployed.status.success(), "{}", String::from_utf8_lossy(&deployed.stderr));
    sql(folder, "DELETE FROM receipts; DELETE FROM deliveries;");
}

/// Puts deliveries for a receiver into the store, due by this expression of their number `n`, which begins after what is there.
/// As in life there are 100 deployments, or more, that they tell of.
fn put(folder: &Path, url: &str, count: u64, due: &str, tries: u64) {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let statement = format!(
        "PRAGMA synchronous = OFF; BEGIN;
         WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < 201)
         INSERT OR IGNORE INTO deployments (id, app_uid, place, state, run_by, user_name, strategy, attempt, resolved, release, created_at)
            SELECT n, (SELECT uid FROM apps), n, 'succeeded', 'command', 'ann', 'serial', 1, 1, 1, 0 FROM numbers;
         WITH RECURSIVE numbers (n) AS (SELECT 1 WHERE {count} > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})
         INSERT INTO deliveries (id, message, app_uid, deployment, event, format, url, host, release, summary, sha, user_name,
            state, attempts, tries, due_at, created_at)
         SELECT (SELECT COALESCE(MAX(id), 0) FROM deliveries) + n, 'msg_' || n, (SELECT uid FROM apps), 2 + n % 200, 'succeeded',
            'workflow', '{url}', '{host}', 1, 'ann deployed web:1', '', 'ann', 'waiting', {tries}, {tries}, {due}, 0
         FROM numbers; COMMIT;"
    );
    sql(folder, &statement);
}

/// Milliseconds since 1970, as SQLite says them.
const NOW: &str = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

/// How many are delivered a second; most of its memory.
fn delivered(url: &str) -> (f64, f64) {
    let folder = tempfile::tempdir().unwrap();
    app(folder.path(), &[url]);
    put(folder.path(), url, DELIVERED, NOW, 0);
    let server = serve(folder.path());
    // By an index first: to count them all would take what is measured.
    for waiting in ["AND engine_uid IS NULL LIMIT 1", ""] {
        let waiting = format!("SELECT COUNT(*) FROM (SELECT 1 FROM deliveries WHERE state = 'waiting' {waiting})");
        let begun = Instant::now();
        while number(folder.path(), &waiting) > 0.0 {
            assert!(begun.elapsed() < Duration::from_mins(2));
            sleep(Duration::from_millis(200));
        }
    }
    let took = number(folder.path(), "SELECT MAX(ended_at) - (SELECT MIN(started_at) FROM receipts) FROM deliveries");
    assert_eq!(sql(folder.path(), "SELECT COUNT(*) FROM receipts WHERE status = 200"), DELIVERED.to_string());
    let delivered = number(folder.path(), "SELECT COUNT(*) FROM receipts");
    (delivered / took * 1_000.0, server.megabytes("VmHWM"))
}

fn waiting(url: &str) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let slow = format!("http://{}/", silent.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // The one deployment of its own need not wait for a receiver that never answers.
    app(folder, &[url]);
    let manifest = fs::read_to_string(folder.join("hookbelt.toml")).unwrap();
    fs::write(folder.join("hookbelt.toml"), format!("{manifest}[[deploy_hooks]]\nurl = \"{slow}\"\n")).unwrap();
    put(folder, url, WAITING - RETRIES - 2 * TIMELY, &format!("{NOW} + 3600000 + n"), 1);
    let server = serve(folder);
    sleep(Duration::from_secs(1));
    let before = server.cpu();
    sleep(IDLE);
    println!(
        "{WAITING} waiting: {} ms of CPU in {IDLE:?} while none is due, {:.1} MB",
        server.cpu() - before,
        server.megabytes("VmRSS")
    );
    for retries in [0, RETRIES] {
        // At a receiver that never answers, all due now; and one for the other each 10 ms.
        put(folder, &slow, retries, NOW, 1);
        let late = lateness(folder, url);
        println!(
            "one due each {EACH} ms beside {retries} retries that hang: {} ms late, 99 of 100 at most {}, all at most {}",
            late[late.len() / 2],
            late[late.len() * 99 / 100],
            late[late.len() - 1]
        );
    }
    println!("{WAITING} waiting: most memory {:.1} MB (promised: at most 60)", server.megabytes("VmHWM"));
}

/// How many milliseconds after they were due some deliveries were begun, the least late first.
fn lateness(folder: &Path, url: &str) -> Vec<i64> {
    let last = number(folder, "SELECT MAX(id) FROM deliveries");
    let first = number(folder, &format!("SELECT {NOW}")) + 1_000.0;
    put(folder, url, TIMELY, &format!("{first} + n * {EACH}"), 1);
    fs::write(folder.join(".local/share/hookbelt/hookbelt.db.files/bells/queue"), "").unwrap();
    let receipts = format!("FROM receipts WHERE delivery > {last}");
    let begun = Instant::now();
    while sql(folder, &format!("SELECT COUNT(*) {receipts}")) != TIMELY.to_string() {
        assert!(begun.elapsed() < Duration::from_mins(2));
        sleep(Duration::from_millis(200));
    }
    let late = sql(
        folder,
        &format!("SELECT started_at - {first} - (delivery - {last}) * {EACH} AS late {receipts} ORDER BY late"),
    );
    late.lines().map(|late| late.trim_end_matches(".0").parse::<i64>().unwrap()).collect()
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let (_nginx, url) = nginx(folder.path());
    let (mut ours, mut theirs, mut memory) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..ROUNDS {
        theirs.push(wrk(&url, folder.path()));
        let (rate, most) = delivered(&url);
        ours.push(rate);
        memory = memory.max(most);
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    let (ours, theirs) = (ours[ROUNDS / 2], theirs[ROUNDS / 2]);
    println!(
        "delivered: {ours:.0} a second, wrk {theirs:.0}: ratio {:.2} (promised: at least 0.1); most memory {memory:.1} MB",
        ours / theirs
    );
    waiting(&url);
}
