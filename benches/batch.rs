//! `hookbelt hooks verify --batch` beside a C program on OpenSSL's SHA-1 (`benches/peers/batch.c`), which prepares the key
//! once as well, and says of a refused line its number alone.
//!
//! Run it as `cargo bench --bench batch --profile dist`. Both read the same file of 1,000,000 lines of 204 bytes, one in 100
//! of which is refused; five rounds alternate between the two, and the medians count. Promised: 1.5 times as much as the C
//! program in the CPU time of one thread, 1.8 times as much with two threads as with one, if no one else uses the cores,
//! and memory that does not depend on the number of lines.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::available_parallelism;

use hookbelt_signature::{Secret, Signature};

const ROUNDS: usize = 5;
const LINES: u32 = 1_000_000;
const SECRET: &str = "my_secret_key";
const BASE: &str = "https://hooks.example.com:8443/deis/hook";

/// The seconds that a run took.
#[derive(Debug, Clone, Copy)]
struct Seconds {
    cpu: f64,
    wall: f64,
}

/// A URL of 163 bytes, so that the line has 204 without its newline.
fn url(number: u32) -> String {
    let url = format!(
        "{BASE}?app=secure-woodland&release=v{number}&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user="
    );
    format!("{url:g<163}")
}

/// A line; the signature is wrong in its first digit if it is to be refused, which is no mistake that is known.
fn write_line(lines: &mut String, number: u32, secret: &Secret, refused: bool) {
    let url = url(number);
    let mut signature = Signature::sign(secret, &url).to_string();
    if refused {
        let other = if signature.starts_with('0') { "1" } else { "0" };
        signature.replace_range(..1, other);
    }
    writeln!(lines, "{url}\t{signature}").unwrap();
}

fn lines(count: u32, one_in: u32) -> String {
    let secret = Secret::new(SECRET.as_bytes().to_vec()).unwrap();
    let mut lines = String::new();
    for number in 1..=count {
        write_line(&mut lines, number, &secret, number % one_in == 0);
    }
    lines
}

/// Compiles the C program, with the interface of OpenSSL that is chosen by a flag.
fn compile(folder: &Path, interface: &str) -> PathBuf {
    let program = folder.join(interface);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/batch.c");
    let status =
        Command::new("cc").args(["-O2", interface, "-o"]).arg(&program).arg(source).arg("-lcrypto").status().unwrap();
    assert!(status.success(), "the C program was not compiled: it needs libssl-dev");
    program
}

/// Runs a program, whose results go to a file, and says what bash tells of its time.
fn time(program: &Path, arguments: &[&str], results: &Path) -> Seconds {
    let mut command = Command::new("bash");
    command.args(["-c", r#"TIMEFORMAT="%3U %3S %3R"; out=$1; shift; time "$@" >"$out" 2>/dev/null"#, "bash"]);
    command.arg(results).arg(program).args(arguments).env("HOOKBELT_SECRET", SECRET);
    let text = String::from_utf8(command.output().unwrap().stderr).unwrap();
    let times: Vec<f64> = text.split_whitespace().map(|time| time.parse().unwrap()).collect();
    Seconds { cpu: times[0] + times[1], wall: times[2] }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The most memory that a run over the file held, so many times in a row through a pipe, in megabytes.
fn peak_memory(file: &Path, times: usize) -> f64 {
    let script =
        r#"program=$1; shift; cat "$@" | /usr/bin/time -f %M "$program" hooks verify --batch - 2>&1 >/dev/null"#;
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash"]).arg(env!("CARGO_BIN_EXE_hookbelt"));
    command.args(vec![file; times]).env("HOOKBELT_SECRET", SECRET);
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let kilobytes: f64 = text.lines().last().unwrap().parse().unwrap();
    kilobytes / 1024.0
}

/// The numbers of the refused lines.
fn refused(results: &Path) -> Vec<u32> {
    let text = fs::read_to_string(results).unwrap();
    text.lines().map(|line| line.split('\t').next().unwrap().parse().unwrap()).collect()
}

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("batch");
    fs::create_dir_all(&folder).unwrap();
    let (file, bad, ours, theirs) =
        (folder.join("lines"), folder.join("bad"), folder.join("ours"), folder.join("theirs"));
    fs::write(&file, lines(LINES, 100)).unwrap();
    fs::write(&bad, lines(LINES / 10, 1)).unwrap();
    let (peer, deprecated) = (compile(&folder, "-DEVP"), compile(&folder, "-DDEPRECATED"));
    let hookbelt = |file: &Path, threads: &str| {
        let file = file.to_str().unwrap();
        let arguments = ["hooks", "verify", "--batch", file, "--threads", threads];
        time(Path::new(env!("CARGO_BIN_EXE_hookbelt")), &arguments, &ours)
    };

    println!("load before: {}", fs::read_to_string("/proc/loadavg").unwrap().trim());
    let c = |program: &Path| time(program, &[SECRET, file.to_str().unwrap()], &theirs);
    let rounds: Vec<[Seconds; 4]> =
        (0..ROUNDS).map(|_| [hookbelt(&file, "1"), c(&peer), c(&deprecated), hookbelt(&file, "2")]).collect();
    assert_eq!(refused(&ours), refused(&theirs));
    let cpu = |which: usize| median(rounds.iter().map(|round| round[which].cpu).collect());
    let [one, evp, deprecated] = [cpu(0), cpu(1), cpu(2)];
    let millions = |seconds: f64| f64::from(LINES) / seconds / 1e6;
    println!("one thread {one:.3} s of CPU ({:.2} M lines/s)", millions(one));
    println!("C {evp:.3} s ({:.2} M lines/s): ratio {:.2} (promised: at least 1.5)", millions(evp), evp / one);
    println!(
        "C on deprecated functions {deprecated:.3} s ({:.2} M lines/s): ratio {:.2}",
        millions(deprecated),
        deprecated / one
    );
    let (alone, both) = (rounds.iter().map(|round| round[0].wall), rounds.iter().map(|round| round[3].wall));
    let (alone, both) = (median(alone.collect()), median(both.collect()));
    println!("one thread {alone:.3} s, two {both:.3} s: {:.2} times as much (promised: at least 1.8)", alone / both);
    println!("cores: {}", available_parallelism().unwrap());
    let seconds = median((0..ROUNDS).map(|_| hookbelt(&bad, "1").cpu).collect());
    println!("only refused lines: {:.2} M lines/s", f64::from(LINES / 10) / seconds / 1e6);
    let (few, many) = (peak_memory(&file, 1), peak_memory(&file, 4));
    println!("memory: {few:.1} MB for 1,000,000 lines, {many:.1} MB for 4,000,000");
    println!("load after: {}", fs::read_to_string("/proc/loadavg").unwrap().trim());
    fs::remove_dir_all(&folder).unwrap();
}
