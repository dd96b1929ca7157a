//! Whole-process time of `hookbelt hooks sign` beside `openssl dgst -sha1 -hmac`, and its peak memory.
//!
//! Run it as `cargo bench --profile dist`: what people install is what is promised. Five rounds alternate between the two, so that whatever else the machine does falls on both; the ratio of their
//! medians is what counts. Promised: at most 0.5, and at most 6 MB.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const RUNS: u32 = 200;
const URL: &str =
    "http://deis.rocks?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv";

fn hookbelt() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookbelt"));
    command.args(["hooks", "sign", URL]).env("HOOKBELT_SECRET", "my_secret_key");
    command
}

fn openssl(text: &str) -> Command {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha1", "-hmac", "my_secret_key", text]);
    command
}

/// The time of one run, on average over [`RUNS`].
fn time(make: impl Fn() -> Command) -> Duration {
    let began = Instant::now();
    for _ in 0..RUNS {
        assert!(make().stdout(Stdio::null()).status().unwrap().success());
    }
    began.elapsed() / RUNS
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The most memory that a run held, in megabytes, as GNU time tells it.
fn peak_memory() -> f64 {
    let hookbelt = hookbelt();
    let mut timed = Command::new("/usr/bin/time");
    timed
        .args(["-f", "%M"])
        .arg(hookbelt.get_program())
        .args(hookbelt.get_args())
        .env("HOOKBELT_SECRET", "my_secret_key");
    let output = timed.output().unwrap();
    let kilobytes: f64 = String::from_utf8(output.stderr).unwrap().trim().parse().unwrap();
    kilobytes / 1024.0
}

fn main() {
    let text = std::env::temp_dir().join(format!("hookbelt-bench-{}.txt", std::process::id()));
    fs::write(&text, URL).unwrap();
    let path = text.to_str().unwrap();
    let rounds: Vec<(Duration, Duration)> = (0..ROUNDS).map(|_| (time(hookbelt), time(|| openssl(path)))).collect();
    fs::remove_file(&text).unwrap();
    let (ours, theirs): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("hooks sign {ours:.2?}, openssl dgst {theirs:.2?}: ratio {ratio:.2} (promised: at most 0.50)");
    println!("hooks sign holds at most {:.1} MB (promised: at most 6)", peak_memory());
}
