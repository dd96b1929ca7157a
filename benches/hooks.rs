//! The redeployment hook of `hookbelt serve` beside Debian's `webhook`, which verifies the same signature and starts `/bin/true`.
//!
//! Run it as `cargo bench --bench hooks --profile dist`. `wrk` posts pushes of 3 kB with 64 connections, each with an id of its
//! own; five rounds alternate between the two, and the medians count. Ours answers once the hook is on disk; `webhook` keeps
//! nothing. Promised: twice as many good ones, a fifth of their 99th percentile, 30 MB; twice as many with a bad signature;
//! idle 10 MB, and an answer 30 ms after the start.
//!
//! Then 8 apps that run every hook: how many a second have run to their end. Nothing is promised of that: ours makes of each a
//! deployment with its release and log, one at a time an app, whose command has a supervisor of its own.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const SECONDS: &str = "4s";
const CONNECTIONS: &str = "64";
const SECRET: &str = "my_secret_key";

/// The apps that run every hook, and how many each gets in a round.
const APPS: usize = 8;
const HOOKS_EACH: usize = 50;

/// What a load of some seconds came to.
#[derive(Debug, Clone, Copy)]
struct Load {
    /// Answers with 200, a second.
    good: f64,
    /// Answers, a second.
    all: f64,
    /// The 99th percentile of their time, in milliseconds.
    p99: f64,
}

/// A server, ended with this.
struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// A value of its process in megabytes: `VmRSS` now, `VmHWM` at most.
    fn megabytes(&self, which: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(which)).unwrap();
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024.0
    }

    /// Waits until it, and what it started, no longer take processor time.
    fn until_idle(&self) {
        let mut before = self.ticks();
        loop {
            sleep(Duration::from_millis(500));
            let now = self.ticks();
            if now <= before + 1 {
                return;
            }
            before = now;
        }
    }

    /// The processor time of its process and of the children that it waited for, in hundredths of a second.
    fn ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields = stat.rsplit(") ").next().unwrap().split(' ');
        fields.skip(11).take(4).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
    }
}

fn push() -> String {
    let commit = |number: u32| {
        format!(
            r#"{{"id": "{number:040}", "message": "{}", "author": {{"name": "octocat"}}, "added": [], "modified": ["page.html"]}}"#,
            "a line of a message ".repeat(8)
        )
    };
    let commits: Vec<String> = (1..=10).map(commit).collect();
    let (before, after) = ("1".repeat(40), "2".repeat(40));
    format!(
        r#"{{"ref": "refs/heads/main", "before": "{before}", "after": "{after}", "created": false, "deleted": false,
        "forced": false, "repository": {{"full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git"}},
        "pusher": {{"name": "octocat"}}, "commits": [{}]}}"#,
        commits.join(", ")
    )
}

fn signature(body: &Path) -> String {
    let output = Command::new("openssl").args(["dgst", "-sha256", "-r", "-hmac", SECRET]).arg(body).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

fn manifest(app: &str, queue: &str) -> String {
    format!(
        "app = \"{app}\"\n[redeployment_hook]\nsecret = {{ file = \"key\" }}\nqueue = \"{queue}\"\n[services.web]\n\
         checkout = false\ngit = \"https://github.com/acme/shop.git\"\nbranch = \"main\"\ndeploy = \"/bin/true\"\n"
    )
}

fn write_app(folder: &Path, app: &str, queue: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("key"), SECRET).unwrap();
    fs::write(folder.join("hookbelt.toml"), manifest(app, queue)).unwrap();
}

/// A command of ours, with the store in `home`.
fn ours(home: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookbelt"));
    command.args(arguments).current_dir(folder).env_clear().env("PATH", env!("PATH")).env("HOME", home);
    command
}

/// The path of the redeployment hook of the app in a folder.
fn hook_path(home: &Path, folder: &Path) -> String {
    let url = String::from_utf8(ours(home, folder, &["hooks", "url"]).output().unwrap().stdout).unwrap();
    format!("/stacks/{}", url.trim().split_once("/stacks/").unwrap().1)
}

/// Ours, and how long it took to answer. Its store is migrated already.
fn serve(home: &Path, folder: &Path, path: &str) -> (Server, Duration) {
    let port = free_port();
    let start = Instant::now();
    let mut serve = ours(home, folder, &["serve", "-q", "--listen", &format!("127.0.0.1:{port}"), "."]);
    let child = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let took = until_it_answers(port, start);
    (Server { child, url: format!("http://127.0.0.1:{port}{path}") }, took)
}

fn webhook(folder: &Path) -> Server {
    let port = free_port();
    let hooks = format!(
        r#"[{{"id": "push", "execute-command": "/bin/true", "trigger-rule": {{"match": {{"type": "payload-hmac-sha256",
        "secret": "{SECRET}", "parameter": {{"source": "header", "name": "X-Hub-Signature-256"}}}}}},
        "trigger-rule-mismatch-http-response-code": 401}}]"#
    );
    fs::write(folder.join("hooks.json"), hooks).unwrap();
    let mut command = Command::new("webhook");
    command.args(["-hooks", "hooks.json", "-ip", "127.0.0.1", "-port", &port.to_string()]).current_dir(folder);
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until_it_answers(port, Instant::now());
    Server { child, url: format!("http://127.0.0.1:{port}/hooks/push") }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// How long it took until a request was answered.
fn until_it_answers(port: u16, start: Instant) -> Duration {
    while start.elapsed() < Duration::from_secs(10) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            let mut line = String::new();
            if BufReader::new(stream).read_line(&mut line).is_ok() && line.starts_with("HTTP/1.1 ") {
                return start.elapsed();
            }
        }
        sleep(Duration::from_micros(500));
    }
    panic!("no server answered");
}

fn load(server: &Server, body: &Path, signature: &str) -> Load {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/push.lua");
    let mut wrk = Command::new("wrk");
    wrk.args(["-t", "1", "-c", CONNECTIONS, "-d", SECONDS, "-s"]).arg(script).arg(&server.url).arg("--");
    let output = wrk.arg(body).arg(signature).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("RESULT ")).unwrap_or_else(|| panic!("{text}"));
    let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
    Load { good: numbers[0], all: numbers[1], p99: numbers[2] }
}

/// An address and a path.
fn parts(url: &str) -> (&str, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    (address, format!("/{path}"))
}

/// Posts pushes one after the other, each of which is taken.
fn post(address: &str, path: &str, body: &str, signature: &str, name: usize) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    for number in 0..HOOKS_EACH {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\n\
             X-GitHub-Delivery: {name}-{number}-{:?}\r\nX-Hub-Signature-256: sha256={signature}\r\nContent-Length: {}\r\n\r\n",
            Instant::now(),
            body.len()
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut lines = answers.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty());
        let status = lines.next().unwrap();
        assert!(status.contains(" 200 "), "{status}");
        let length = lines.filter_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()).last();
        answers.read_exact(&mut vec![0; length.unwrap()]).unwrap();
    }
}

/// How many deployments have succeeded.
fn succeeded(address: &str) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let count = |line: String| {
        line.strip_prefix("hookbelt_deployment_duration_seconds_count{state=\"succeeded\"} ")?.parse().ok()
    };
    lines.filter_map(count).last().unwrap_or(0)
}

/// Posts pushes to every path side by side; how many a second were taken, and, where that can be seen, had run to their end.
fn run_all(address: &str, paths: &[String], body: &str, signature: &str, has_ended: impl Fn() -> bool) -> f64 {
    let start = Instant::now();
    scope(|threads| {
        for (name, path) in paths.iter().enumerate() {
            threads.spawn(move || post(address, path, body, signature, name));
        }
    });
    while !has_ended() {
        sleep(Duration::from_millis(5));
    }
    let hooks = u32::try_from(APPS * HOOKS_EACH).unwrap();
    f64::from(hooks) / start.elapsed().as_secs_f64()
}

fn run_to_their_end(folder: &Path, theirs: &Server, signature: &str) {
    let apps: Vec<PathBuf> = (0..APPS).map(|number| folder.join("apps").join(number.to_string())).collect();
    let app = |(number, app): (usize, &PathBuf)| {
        write_app(app, &format!("app{number}"), "all");
        hook_path(folder, app)
    };
    let paths: Vec<String> = apps.iter().enumerate().map(app).collect();
    let (ours, _) = serve(folder, &folder.join("apps"), &paths[0]);
    let (our_address, (their_address, their_path)) = (parts(&ours.url).0, parts(&theirs.url));
    let their_paths = vec![their_path; APPS];
    let (body, mut us, mut them) = (push(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let wanted = round * APPS * HOOKS_EACH;
        us.push(run_all(our_address, &paths, &body, signature, || succeeded(our_address) >= wanted));
        them.push(run_all(their_address, &their_paths, &body, signature, || true));
    }
    let (us, them) = (median(us), median(them));
    println!("run to their end, {APPS} apps: {us:.0} a second, webhook {them:.0} begun: ratio {:.2}", us / them);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hooks");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let body = folder.join("push.json");
    fs::write(&body, push()).unwrap();
    let shop = folder.join("shop");
    write_app(&shop, "shop", "latest");
    let (good, bad) = (signature(&body), "0".repeat(64));
    println!("load before: {}, {} bytes a push", fs::read_to_string("/proc/loadavg").unwrap().trim(), push().len());
    let path = hook_path(&folder, &shop);
    let (first, _) = serve(&folder, &shop, &path);
    drop(first);
    let (ours, start) = serve(&folder, &shop, &path);
    let theirs = webhook(&folder);
    sleep(Duration::from_secs(1));
    println!(
        "idle: {:.1} MB, webhook {:.1} MB (promised: at most 10)",
        ours.megabytes("VmRSS"),
        theirs.megabytes("VmRSS")
    );
    println!("answers {:.0} ms after the start (promised: 30)", start.as_secs_f64() * 1e3);
    // What either has begun goes on after its last answer, and would be in the way of the next.
    let alone = |server: &Server, signature: &str| {
        let came = load(server, &body, signature);
        server.until_idle();
        came
    };
    let round = || [alone(&ours, &good), alone(&theirs, &good), alone(&ours, &bad), alone(&theirs, &bad)];
    let rounds: Vec<[Load; 4]> = (0..ROUNDS).map(|_| round()).collect();
    let of = |which: usize, what: fn(&Load) -> f64| median(rounds.iter().map(|round| what(&round[which])).collect());
    let (us, them) = (of(0, |load| load.good), of(1, |load| load.good));
    println!("good: {us:.0} a second, webhook {them:.0}: ratio {:.2} (promised: at least 2)", us / them);
    let (us, them) = (of(0, |load| load.p99), of(1, |load| load.p99));
    println!("p99: {us:.1} ms, webhook {them:.1} ms: ratio {:.2} (promised: at most 0.2)", us / them);
    let (us, them) = (of(2, |load| load.all), of(3, |load| load.all));
    println!("bad signature: {us:.0} a second, webhook {them:.0}: ratio {:.2} (promised: at least 2)", us / them);
    println!(
        "most memory: {:.1} MB, webhook {:.1} MB (promised: at most 30)",
        ours.megabytes("VmHWM"),
        theirs.megabytes("VmHWM")
    );
    drop(ours);
    run_to_their_end(&folder, &theirs, &good);
    println!("load after: {}", fs::read_to_string("/proc/loadavg").unwrap().trim());
    drop(theirs);
    fs::remove_dir_all(&folder).unwrap();
}
