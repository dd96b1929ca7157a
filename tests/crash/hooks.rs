//! Hooks that were answered while a bad day lasted.

use std::collections::HashMap;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, sleep};
use std::time::Duration;

use crate::crash::apps::sql;
use crate::crash::full_disk::{Disk, FILL, beside_the_store, empty_the_write_ahead_log};
use crate::crash::load::Stop;
use crate::crash::much;
use crate::crash::random::Random;
use crate::support::http::try_post;
use crate::support::{Belt, Running, wait_until};

/// An app each of whose deployments notes its number; every hook is deployed.
fn belt() -> Belt {
    let belt = Belt::new();
    write_manifest(&belt);
    belt
}

fn write_manifest(belt: &Belt) {
    let deploy = format!("echo $HOOKBELT_DEPLOYMENT >> {}/ran", belt.work().display());
    belt.write(
        "hookbelt.toml",
        format!(
            "app = \"shop\"\n[redeployment_hook]\nqueue = \"all\"\n[services.web]\ncheckout = false\n\
             git = \"https://github.com/acme/shop.git\"\nbranch = \"main\"\ndeploy = \"{deploy}\"\n"
        ),
    );
}

/// A server at the address that the first one had.
fn serve(belt: &Belt, address: &str) -> Running {
    let mut server = belt.start(["serve", "--listen", address]);
    server.until("listening on http://");
    server.until("ready");
    server
}

const PUSH: &str = r#"{"ref": "refs/heads/main", "before": "1111111111111111111111111111111111111111",
    "after": "2222222222222222222222222222222222222222", "created": false, "deleted": false, "forced": false,
    "commits": [{"id": "x"}], "repository": {"clone_url": "https://github.com/acme/shop.git"}, "pusher": {"name": "ann"}}"#;

/// Posts pushes, each with an id of its own, until it is over; keeps the deployments that were answered with 200.
fn keep_posting(path: &str, next: &AtomicU64, over: &AtomicBool, answered: &Mutex<HashMap<u64, String>>) {
    while !over.load(Ordering::Relaxed) {
        let delivery = format!("delivery-{}", next.fetch_add(1, Ordering::Relaxed));
        let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", delivery.as_str())];
        match try_post(path, &headers, PUSH) {
            Some(reply) if reply.status == 200 => {
                let id = reply.json()["deployment"]["id"].as_u64().unwrap();
                assert_eq!(answered.lock().unwrap().insert(id, delivery), None, "two deliveries have one deployment");
            }
            Some(reply) => assert!([429, 503].contains(&reply.status), "{} {}", reply.status, reply.body),
            None => {}
        }
        // All of it has to be deployed in the end, one after the other.
        sleep(Duration::from_millis(much(40, 300).into()));
    }
}

/// What was answered while a bad day lasted.
fn while_posting(url: &str, bad_day: impl FnOnce()) -> HashMap<u64, String> {
    let (over, next, answered) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::default());
    thread::scope(|scope| {
        let _stop = Stop(&over);
        for _ in 0..3 {
            scope.spawn(|| keep_posting(url, &next, &over, &answered));
        }
        bad_day();
    });
    answered.into_inner().unwrap()
}

/// Each has its deployment, which ran to its end; what ran more often than once was begun more often.
fn nothing_was_lost_or_run_twice(belt: &Belt, answered: &HashMap<u64, String>) {
    assert!(!answered.is_empty());
    wait_until("everything is deployed", || {
        sql(belt, "SELECT COUNT(*) FROM deployments WHERE state IN ('queued', 'running')").trim() == "0"
    });
    let rows = sql(belt, "SELECT id, state, attempt FROM deployments");
    let rows: HashMap<u64, (String, u64)> = rows
        .lines()
        .map(|row| {
            let mut words = row.split('|');
            let id = words.next().unwrap().parse().unwrap();
            (id, (words.next().unwrap().to_owned(), words.next().unwrap().parse().unwrap()))
        })
        .collect();
    let mut ran: HashMap<u64, u64> = HashMap::new();
    for id in belt.read("ran").lines() {
        *ran.entry(id.parse().unwrap()).or_default() += 1;
    }
    for id in answered.keys() {
        let (state, attempts) = rows.get(id).unwrap_or_else(|| panic!("deployment {id} was answered and is lost"));
        let times = ran.get(id).copied().unwrap_or(0);
        let is_right = state == "succeeded" && (1..=*attempts).contains(&times) || state == "failed" && *attempts == 3;
        assert!(is_right, "deployment {id} {state} in attempt {attempts}, and ran {times} times");
    }
    // A number that nobody heard is of a hook whose answer was lost.
    assert!(ran.keys().all(|id| rows.contains_key(id)));
}

#[test]
fn a_server_that_is_killed_again_and_again_loses_no_hook_that_it_answered() {
    let belt = belt();
    belt.limits("kill_after = \"200ms\"");
    let (mut server, address) = belt.serve_at(&[]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let mut random = Random::new();
    let answered = while_posting(&url, || {
        for _ in 0..much(6, 60) {
            random.pass(400);
            server.kill();
            server = serve(&belt, &address);
        }
        random.pass(400);
    });
    nothing_was_lost_or_run_twice(&belt, &answered);
}

#[test]
fn a_full_disk_answers_hooks_with_503_and_goes_on_when_there_is_room() {
    let mut belt = Belt::new();
    let _disk = Disk::mount(&mut belt);
    write_manifest(&belt);
    belt.limits("lease = \"1s\"\nkill_after = \"200ms\"");
    let (_server, _) = belt.serve_at(&[]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let status = |delivery: &str| {
        let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", delivery)];
        try_post(&url, &headers, PUSH).map_or(0, |reply| reply.status)
    };
    let answered = while_posting(&url, || {
        wait_until("hooks are deployed", || belt.work().join("ran").exists());
        empty_the_write_ahead_log(&belt);
        beside_the_store(&belt, FILL);
        wait_until("a hook is refused", || status("refused") == 503);
        beside_the_store(&belt, "rm fill*");
        wait_until("a hook is accepted again", || status("refused") == 200);
    });
    nothing_was_lost_or_run_twice(&belt, &answered);
}

#[test]
fn a_hook_is_on_the_disk_before_it_is_answered() {
    let mut belt = belt();
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let trace = belt.work().join("trace");
    let calls = "trace=read,recvfrom,write,writev,sendto,fsync,fdatasync";
    let strace = ["strace", "-f", "-s", "40", "-e", calls, "-o", trace.to_str().unwrap()];
    belt.start_within(strace.map(str::to_owned).to_vec());
    let (mut server, address) = belt.serve_at(&[]);
    let (_, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let url = format!("http://{address}/{path}");
    let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "one")];
    assert_eq!(try_post(&url, &headers, PUSH).unwrap().status, 200);
    server.until("deployment 1 succeeded");
    let child = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", server.id())).unwrap();
    Command::new("kill").arg(child.trim()).status().unwrap();
    server.end();
    let trace = std::fs::read_to_string(&trace).unwrap();
    let calls: Vec<&str> = trace.lines().collect();
    let position = |text: &str| calls.iter().position(|call| call.contains(text)).unwrap_or_else(|| panic!("{trace}"));
    let (asked, answered) = (position("POST /stacks/redeploy/"), position("HTTP/1.1 200"));
    let is_sync =
        |call: &&&str| call.contains("fdatasync(") || call.contains("fsync(") || call.contains("sync resumed");
    let synced = calls[asked..answered].iter().filter(is_sync).filter(|call| call.ends_with("= 0")).count();
    assert!(synced > 0, "{}", calls[asked..=answered].join("\n"));
}
