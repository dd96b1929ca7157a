//! Whole-process time of a redeploy whose command prints 100 MB beside the same command printing to a file, and the
//! redeploy's peak memory.
//!
//! Run it as `cargo bench --profile dist`. Rounds alternate between the two, so that whatever else the machine does
//! falls on both; the ratio of their medians is what counts. Promised: at most 2 for lines of 80 bytes, and at most
//! 20 MB.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;
const BYTES: usize = 100_000_000;

/// A shell command that prints lines of so many bytes, newline included.
fn lines_of(length: usize) -> String {
    format!("yes {} | head -c {BYTES}", "x".repeat(length - 1))
}

/// A project whose only service runs this command, and a home without a store.
fn prepare(folder: &Path, command: &str) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    let manifest = format!(
        "app = \"shop\"\nenvironment = \"bench\"\n[source]\ngit = \".\"\n[services.web]\ncheckout = false\n\
         deploy = '''{command}'''\n"
    );
    fs::write(folder.join("hookbelt.toml"), manifest).unwrap();
}

fn time(command: &mut Command) -> Duration {
    let began = Instant::now();
    assert!(command.status().unwrap().success());
    began.elapsed()
}

fn to_a_file(folder: &Path, command: &str) -> Duration {
    let path = folder.join("printed");
    let time = time(Command::new("sh").args(["-c", command]).stdout(File::create(&path).unwrap()));
    fs::remove_file(path).unwrap();
    time
}

/// The time of a redeploy, and the most memory that it held, in megabytes, as GNU time tells it.
fn redeploy(folder: &Path) -> (Duration, f64) {
    let memory = folder.join("memory");
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M", "-o"]).arg(&memory).args([env!("CARGO_BIN_EXE_hookbelt"), "redeploy"]);
    timed.current_dir(folder).env("HOME", folder).env_remove("XDG_DATA_HOME").stdout(Stdio::null());
    let time = time(&mut timed);
    let kilobytes: f64 = fs::read_to_string(memory).unwrap().trim().parse().unwrap();
    (time, kilobytes / 1024.0)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let folder = std::env::temp_dir().join(format!("hookbelt-bench-log-{}", std::process::id()));
    let endless = format!("head -c {BYTES} /dev/zero | tr '\\0' x");
    let commands = [
        ("lines of 80 bytes (promised: a ratio of at most 2.00 and at most 20 MB)", lines_of(80)),
        ("lines of 2 bytes", lines_of(2)),
        ("lines of 8 kB", lines_of(8192)),
        ("a line without end", endless),
    ];
    for (what, command) in commands {
        prepare(&folder, &command);
        let rounds = (0..ROUNDS).map(|_| (to_a_file(&folder, &command), redeploy(&folder)));
        let (theirs, ours): (Vec<_>, Vec<_>) = rounds.unzip();
        let (ours, memory): (Vec<_>, Vec<_>) = ours.into_iter().unzip();
        let (ours, theirs) = (median(ours), median(theirs));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        let memory = memory.into_iter().fold(0.0, f64::max);
        println!("{what}: redeploy {ours:.2?}, to a file {theirs:.2?}, ratio {ratio:.2}, at most {memory:.1} MB");
    }
    fs::remove_dir_all(folder).unwrap();
}
