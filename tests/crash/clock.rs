//! The clock on the wall is set.

use std::fs;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::crash::apps::{APPS, Apps, Code};
use crate::crash::load::under_load;
use crate::crash::much;
use crate::crash::proof::nothing_went_wrong;
use crate::crash::random::Random;
use crate::support::{Belt, wait_until};

/// By how many hours the clock is off, one after the other.
const HOURS: [i64; 7] = [1, 0, 24, -1, 1, -24, 0];

/// How far from what it should be a time may be, and yet be of the clock that was set.
const NEAR: SignedDuration = SignedDuration::from_mins(10);

#[test]
fn a_clock_that_jumps_ends_no_lease_and_holds_nothing_up() {
    let mut belt = Belt::new();
    set_clock(&belt, 0);
    let clock = belt.work().join("clock").display().to_string();
    belt.set("LD_PRELOAD", libfaketime().to_str().unwrap());
    belt.set("FAKETIME_TIMESTAMP_FILE", &clock);
    belt.set("FAKETIME_NO_CACHE", "1");
    belt.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    belt.limits("check_interval = \"10ms\"");
    let apps = Apps::new(belt, Code::Git);
    let mut random = Random::new();
    let servers = [apps.serve(), apps.serve()];
    apps.wait_for_servers(servers.len());
    let ((), asked) = under_load(&apps, &mut random, |random| {
        for hours in HOURS.into_iter().cycle().take(much(7, 70) as usize) {
            random.pass(300);
            set_clock(&apps.belt, hours);
            wait_until("the log has the time that was set", || logged_near(&apps, hours));
        }
    });
    apps.finish(servers);
    nothing_went_wrong(&apps, &asked.accepted);
    assert_eq!(asked.refused, Vec::<String>::new());
    for deployment in APPS.iter().flat_map(|app| apps.deployments(app)) {
        assert_eq!((&deployment["state"], &deployment["attempt"]), (&"succeeded".into(), &1.into()), "{deployment:#}");
    }
}

/// Sets the clock off by so many hours.
fn set_clock(belt: &Belt, hours: i64) {
    let new = belt.write("clock.new", format!("{hours:+}h\n"));
    fs::rename(new, belt.work().join("clock")).unwrap();
}

/// Whether what was logged last has the time of a clock that is off by so many hours.
fn logged_near(apps: &Apps, hours: i64) -> bool {
    let expected = Timestamp::now() + SignedDuration::from_hours(hours);
    APPS.iter().any(|app| {
        let log = apps.run(app, &["logs", "-n", "1", "--json"]).expect(0);
        let line: Option<Value> = serde_json::from_str(&log.stdout).ok();
        let time = line.map(|line| line["time"].as_str().unwrap().parse::<Timestamp>().unwrap());
        time.is_some_and(|time| expected.duration_since(time).abs() < NEAR)
    })
}

fn libfaketime() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let found = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    found.expect("libfaketime is not there; type: sudo apt-get install faketime")
}
