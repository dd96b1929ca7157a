//! No program outlives what asked for it: whatever happens to the engine, everything that its commands started ends.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use crate::support::{Belt, Running};

/// A command that starts what does its best to get away: a session of its own, two forks, deaf to TERM and HUP. Whatever
/// of it lives holds `held` open.
const RUNAWAY: &str = r#"
exec 9> held
setsid sh -c "trap '' TERM HUP INT; (sh -c \"trap '' TERM HUP INT; while :; do sleep 1000; done\" &); while :; do sleep 1000; done" > /dev/null 2>&1 &
echo away
read go < gate
"#;

/// A deployment that runs [`RUNAWAY`], and the pipe that its processes hold.
fn runaway() -> (Belt, Running, fs::File) {
    let belt = Belt::with_command(RUNAWAY);
    belt.limits("kill_after = \"200ms\"\nlease = \"1s\"");
    belt.gate("gate");
    belt.gate("held");
    let mut running = belt.start(["redeploy"]);
    let held = fs::File::open(belt.work().join("held")).unwrap();
    running.until("shop[web.v1]: away");
    (belt, running, held)
}

/// Waits until the last process that held the pipe has ended.
fn all_gone(mut held: fs::File) {
    assert_eq!(held.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn an_engine_that_is_killed_leaves_no_orphan() {
    let (_belt, running, held) = runaway();
    running.signal("KILL");
    all_gone(held);
}

#[test]
fn an_engine_that_is_frozen_loses_its_lease_and_its_processes_and_writes_nothing_more() {
    let (belt, running, held) = runaway();
    running.signal("STOP");
    all_gone(held);
    belt.write("hookbelt.toml", belt.read("hookbelt.toml").replace(RUNAWAY, "true"));
    belt.run(["redeploy"]).expect(0);
    let before = belt.run(["logs", "--json"]).stdout;
    running.signal("CONT");
    let (code, printed) = running.end();
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("the lease of this engine ran out"), "{printed}");
    assert_eq!(belt.run(["logs", "--json"]).stdout, before);
    let states = belt.run(["deployments", "list", "--json"]).json();
    assert_eq!((&states[0]["state"], &states[1]["state"]), (&"succeeded".into(), &"failed".into()));
}

#[test]
fn a_canceled_deployment_leaves_no_orphan() {
    for signal in ["INT", "TERM"] {
        let (_belt, running, held) = runaway();
        running.signal(signal);
        all_gone(held);
        assert_eq!(running.end().0, 130);
    }
}

#[test]
fn a_supervisor_that_is_told_to_end_takes_everything_with_it() {
    let (belt, running, held) = runaway();
    for process in supervisors(&belt) {
        let told = std::process::Command::new("sh").arg("-c").arg(format!("kill -TERM {process}")).status();
        assert!(told.unwrap().success());
    }
    all_gone(held);
    assert_eq!(running.end().0, 1);
}

/// The processes of `hookbelt __run` that hold this belt's lock.
fn supervisors(belt: &Belt) -> Vec<String> {
    let lock = belt.store_files().join("locks").display().to_string();
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let command_line =
        |pid: &String| fs::read_to_string(PathBuf::from("/proc").join(pid).join("cmdline")).unwrap_or_default();
    pids.filter(|pid| command_line(pid).contains("\0__run\0") && command_line(pid).contains(&lock)).collect()
}

#[test]
fn the_next_deployment_begins_only_after_the_processes_of_a_dead_one_are_gone() {
    let belt = Belt::with_command(
        "trap 'sh -c \"cat gate > /dev/null\"; echo ended >> order; exit 1' TERM; echo here; exec > /dev/null 2>&1; while :; do sleep 0.01; done",
    );
    belt.limits("lease = \"300ms\"\nkill_after = \"1m\"");
    let gate = belt.gate("gate");
    let mut first = belt.start(["redeploy"]);
    first.until("shop[web.v1]: here");
    first.signal("KILL");
    belt.write("hookbelt.toml", belt.read("hookbelt.toml").replace("echo here", "echo began >> order; exit 0"));
    let second = belt.start(["redeploy"]);
    gate.open();
    assert_eq!(second.end().0, 0);
    assert_eq!(belt.read("order"), "ended\nbegan\n");
}

#[test]
fn commands_have_no_terminal_to_ask_on() {
    let belt = Belt::with_command("if (: < /dev/tty) 2> /dev/null; then echo terminal; else echo none; fi");
    let line = format!("'{}' redeploy", crate::support::HOOKBELT);
    let mut command = std::process::Command::new("script");
    command.args(["--quiet", "--command", &line, "/dev/null"]).current_dir(belt.work());
    command.env("HOME", belt.home()).env("NO_COLOR", "1");
    let output = command.stdin(std::process::Stdio::null()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("shop[web.v1]: none"), "{text}");
}
