//! What is kept of a log: of each deployment its first 1,000 and its last 9,000 lines, and none for ever.

use std::process::Command;

use hookbelt::store::log::NewLine;
use hookbelt::store::{Folder, Store};

use crate::support::{Belt, PLAIN};

/// How many lines the engine itself writes before and after what the command of a deployment prints.
const BEFORE: usize = 2;
const AFTER: usize = 2;

const FIRST: usize = 1_000;
const LAST: usize = 9_000;

/// A deployment's log: the number and the text of each line.
fn log(belt: &Belt, deployment: u64) -> Vec<(u64, String)> {
    let outcome = belt.run(["logs", "--json", "--deployment", &deployment.to_string()]).expect(0);
    outcome.stdout.lines().map(line).collect()
}

fn line(json: &str) -> (u64, String) {
    let line: serde_json::Value = serde_json::from_str(json).unwrap();
    (line["number"].as_u64().unwrap(), line["text"].as_str().unwrap().to_owned())
}

fn texts(lines: &[(u64, String)]) -> Vec<&str> {
    lines.iter().map(|(_, text)| text.as_str()).collect()
}

fn marker(count: &str) -> String {
    format!("{count} dropped here: a deployment's log keeps its first 1,000 and its last 9,000 lines")
}

fn assert_in_order(lines: &[(u64, String)]) {
    assert!(lines.is_sorted_by(|one, next| one.0 < next.0), "numbers are not in order");
}

/// The numbers from `from` to `to` as texts.
fn seq(from: usize, to: usize) -> Vec<String> {
    (from..=to).map(|number| number.to_string()).collect()
}

/// Fails unless the log of deployment 1 is that of a command that printed the numbers up to `count`.
fn assert_keeps_first_and_last(belt: &Belt, count: usize, dropped: &str) {
    let lines = log(belt, 1);
    assert_in_order(&lines);
    let texts = texts(&lines);
    assert_eq!(texts.len(), FIRST + 1 + LAST);
    assert_eq!(texts[BEFORE..FIRST], seq(1, FIRST - BEFORE));
    assert_eq!(texts[FIRST], marker(dropped));
    let last = &texts[FIRST + 1..];
    assert_eq!(last[..LAST - AFTER], seq(count - LAST + AFTER + 1, count));
    assert!(last[LAST - 1].starts_with("Deployment 1 succeeded"), "{}", last[LAST - 1]);
}

#[test]
fn ten_thousand_lines_are_all_kept() {
    let belt = Belt::with_command("seq 9996");
    belt.run(["redeploy", "-q"]).expect(0);
    let lines = log(&belt, 1);
    assert_eq!(lines.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=10_000).collect::<Vec<_>>());
    assert_eq!(texts(&lines)[BEFORE..10_000 - AFTER], seq(1, 9_996));
}

#[test]
fn of_one_line_more_one_is_dropped() {
    let belt = Belt::with_command("seq 9997");
    belt.run(["redeploy", "-q"]).expect(0);
    assert_keeps_first_and_last(&belt, 9_997, "1 line");
}

#[test]
fn of_a_flood_the_first_and_the_last_lines_are_kept() {
    let belt = Belt::with_command("seq 250000");
    belt.run(["redeploy", "-q"]).expect(0);
    assert_keeps_first_and_last(&belt, 250_000, "240,004 lines");
}

#[test]
fn of_lines_that_come_one_by_one_the_first_and_the_last_are_kept() {
    // A shell writes each line by itself.
    let belt = Belt::with_command("i=0; while [ $i -lt 15000 ]; do i=$((i + 1)); echo $i; done");
    belt.run(["redeploy", "-q"]).expect(0);
    assert_keeps_first_and_last(&belt, 15_000, "5,004 lines");
}

#[test]
fn a_deployment_has_one_log_whatever_its_services() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"seq 6000\"\n[services.worker]\ncheckout = false\ndeploy = \"seq 6001 12000\"\n"
    ));
    belt.run(["redeploy", "-q"]).expect(0);
    let lines = log(&belt, 1);
    assert_in_order(&lines);
    let texts = texts(&lines);
    assert_eq!(texts.len(), FIRST + 1 + LAST);
    assert_eq!(texts[BEFORE..FIRST], seq(1, 998));
    assert_eq!(texts[FIRST], marker("2,006 lines"));
    let between = texts.iter().position(|text| *text == "6000").unwrap();
    assert_eq!(texts[FIRST + 1..=between], seq(3_005, 6_000));
    assert!(texts[between + 1].starts_with("web: deploy done"));
    assert_eq!(texts[between + 3..FIRST + 1 + LAST - AFTER], seq(6_001, 12_000));
}

#[test]
fn services_side_by_side_have_one_log_in_which_the_lines_of_each_are_in_order() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"seq 100001 130000\"\n[services.worker]\ncheckout = false\ndeploy = \"seq 200001 230000\"\n"
    ));
    belt.run(["redeploy", "-q", "--deploy-strategy", "parallel"]).expect(0);
    let lines = log(&belt, 1);
    assert_in_order(&lines);
    assert_eq!(lines.len(), FIRST + 1 + LAST);
    assert_eq!(lines[FIRST].1, marker("50,006 lines"));
    let numbers: Vec<u64> = lines.iter().filter_map(|(_, text)| text.parse().ok()).collect();
    let (web, worker): (Vec<u64>, Vec<u64>) = numbers.into_iter().partition(|number| *number < 200_000);
    assert!(web.is_sorted_by(|one, next| one < next) && worker.is_sorted_by(|one, next| one < next));
}

#[test]
fn a_deployment_that_runs_again_goes_on_with_its_log() {
    let belt = Belt::with_command("seq ${HOOKBELT_ATTEMPT}00001 ${HOOKBELT_ATTEMPT}12000; read go < gate");
    let gate = belt.gate("gate");
    let serve = || {
        let mut server = belt.start(["serve", "--listen", "127.0.0.1:0", "hookbelt.toml"]);
        server.until("ready");
        server
    };
    let server = serve();
    belt.run(["redeploy", "--no-wait"]).expect(0);
    let mut watcher = belt.start(["deployments", "watch", "1"]);
    watcher.until("shop[web.v1]: 112000");
    server.signal("KILL");
    let _server = serve();
    watcher.until("shop[web.v1]: 212000");
    gate.open();
    assert_eq!(watcher.end().0, 0);
    let lines = log(&belt, 1);
    assert_in_order(&lines);
    let texts = texts(&lines);
    assert_eq!(texts.len(), FIRST + 1 + LAST);
    assert_eq!(texts[BEFORE..FIRST], seq(100_001, 100_998));
    // Of the engine's own lines three are between the attempts: the interruption, the new start and its command.
    assert_eq!(texts[FIRST], marker("14,007 lines"));
    assert_eq!(texts[FIRST + 1..=FIRST + LAST - AFTER], seq(203_003, 212_000));
}

#[test]
fn a_last_line_is_kept_whether_it_is_ended_or_not() {
    for (end, last) in [("echo end", "end"), ("printf 'no newline'", "no newline")] {
        let belt = Belt::with_command(&format!("seq 50000; {end}"));
        belt.run(["redeploy", "-q"]).expect(0);
        let lines = log(&belt, 1);
        assert_eq!(lines[lines.len() - AFTER - 1].1, last);
    }
}

#[test]
fn long_lines_are_cut_and_none_is_lost_when_they_have_to_wait() {
    let belt = Belt::with_command(
        "long=$(head -c 150000 /dev/zero | tr '\\0' x); for i in $(seq 60); do echo \"$i $long\"; done",
    );
    belt.run(["redeploy", "-q"]).expect(0);
    let lines = log(&belt, 1);
    let printed: Vec<&str> = texts(&lines)[BEFORE..lines.len() - AFTER].to_vec();
    assert!(printed.iter().all(|line| line.len() <= 64 * 1024));
    let long = "x".repeat(150_000);
    let expected: Vec<String> = (1..=60).map(|number| format!("{number} {long}")).collect();
    assert!(printed.concat() == expected.concat(), "{} bytes are not as printed", printed.concat().len());
}

#[test]
fn a_follower_sees_no_line_twice_and_all_in_order() {
    let belt = Belt::with_command("echo 0; read go < gate; seq 200000; read go < gate; seq 200001 300000");
    let gate = belt.gate("gate");
    let mut deploying = belt.start(["redeploy"]);
    deploying.until("shop[web.v1]: 0");
    let mut following = belt.start(["logs", "-f", "--json", "--deployment", "1"]);
    following.until("\"text\":\"0\"");
    gate.open();
    following.until("\"text\":\"200000\"");
    gate.open();
    let (code, printed) = following.end();
    assert_eq!(code, 0);
    let seen: Vec<(u64, String)> = printed.lines().map(line).collect();
    assert_in_order(&seen);
    let numbers: Vec<u64> = seen.iter().filter_map(|(_, text)| text.parse().ok()).collect();
    assert!(numbers.is_sorted_by(|one, next| one < next), "lines are not in order");
    assert!(numbers.starts_with(&(0..=997).collect::<Vec<_>>()));
    assert!(seen.iter().any(|(_, text)| text.contains(" lines dropped here: ")), "no line says what was dropped");
    let lines = log(&belt, 1);
    assert_eq!(seen[seen.len() - LAST..], lines[lines.len() - LAST..]);
    assert_eq!(deploying.end().0, 0);
}

#[test]
fn other_processes_add_to_the_log_of_a_deployment_by_the_same_rule() {
    let belt = Belt::with_command("seq 12000");
    belt.run(["redeploy", "-q"]).expect(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let add = |texts: &[&str]| {
        runtime.block_on(async {
            let store = Store::open(&belt.store(), Folder::MustExist).await.unwrap();
            let app = store.apps().await.unwrap().remove(0);
            let lines: Vec<_> = texts.iter().map(|text| NewLine::of_engine(Some(1), (*text).to_owned())).collect();
            store.append_log(&app.uid, &lines).await.unwrap();
        });
    };
    add(&["one"]);
    add(&["two", "three"]);
    let lines = log(&belt, 1);
    assert_in_order(&lines);
    let texts = texts(&lines);
    assert_eq!(texts.len(), FIRST + 1 + LAST);
    assert_eq!(texts[FIRST], marker("2,007 lines"));
    assert_eq!(texts[FIRST + 1], "3006");
    assert_eq!(texts[texts.len() - 3..], ["one", "two", "three"]);
    add(&vec!["flood"; 20_000]);
    let lines = log(&belt, 1);
    assert_eq!(lines[FIRST].1, marker("22,007 lines"));
    assert!(lines[FIRST + 1..].iter().all(|(_, text)| text == "flood"));
    assert_eq!(lines.len(), FIRST + 1 + LAST);
}

fn sql(belt: &Belt, statements: &str) {
    let mut sqlite = Command::new("sqlite3");
    sqlite.args(["-cmd", ".timeout 30000"]).arg(belt.store()).arg(statements);
    assert!(sqlite.status().unwrap().success());
}

#[test]
fn a_store_that_cannot_be_written_for_a_while_costs_no_line() {
    let belt = Belt::with_command("echo 0 > up; read go < gate; seq 20000; echo 0 > up");
    let (up, gate) = (belt.gate("up"), belt.gate("gate"));
    let deploying = belt.start(["redeploy", "-q"]);
    up.wait();
    sql(&belt, "CREATE TRIGGER full BEFORE INSERT ON log_lines BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    gate.open();
    up.wait();
    sql(&belt, "DROP TRIGGER full");
    assert_eq!(deploying.end().0, 0);
    assert_keeps_first_and_last(&belt, 20_000, "10,004 lines");
}

#[test]
fn who_lost_its_claim_writes_no_line_and_does_not_hang() {
    let belt = Belt::with_command("echo 0 > up; read go < gate; seq 100000; yes | head -c 10000000");
    let (up, gate) = (belt.gate("up"), belt.gate("gate"));
    let mut deploying = belt.start(["redeploy"]);
    deploying.until("web: deploy:");
    up.wait();
    sql(&belt, "DELETE FROM claims");
    gate.open();
    let (code, printed) = deploying.end();
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("lease of this"), "{printed}");
    assert_eq!(log(&belt, 1).len(), BEFORE);
}

#[test]
fn a_check_is_logged_with_the_last_lines_of_a_try() {
    let belt = Belt::with_manifest(&format!("{PLAIN}deploy = \"true\"\ncheck = \"seq 5000; printf end\"\n"));
    belt.run(["redeploy", "-q"]).expect(0);
    let lines = log(&belt, 1);
    let printed: Vec<&str> = texts(&lines).into_iter().filter(|text| text.parse::<u64>().is_ok()).collect();
    assert_eq!(printed, seq(4_902, 5_000));
    assert!(texts(&lines).contains(&"end"));
}

#[test]
fn of_a_check_that_prints_long_lines_fewer_are_logged() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"true\"\ncheck = '''
long=$(head -c 50000 /dev/zero | tr '\\0' x); for i in $(seq 200); do echo $i $long; done'''\n"
    ));
    belt.run(["redeploy", "-q"]).expect(0);
    let lines = log(&belt, 1);
    let printed: Vec<&str> = texts(&lines).into_iter().filter(|text| text.len() > 50_000).collect();
    let numbers: Vec<String> = printed.iter().map(|text| text.replace([' ', 'x'], "")).collect();
    assert!((10..=21).contains(&numbers.len()), "{numbers:?}");
    assert_eq!(numbers, seq(201 - numbers.len(), 200));
}

#[test]
fn old_lines_are_deleted_when_a_deployment_ends_and_numbers_go_on() {
    let belt = Belt::with_command("seq 6000");
    belt.run(["redeploy", "-q"]).expect(0);
    let newest = log(&belt, 1).pop().unwrap().0;
    belt.limits("log_retention = \"1d\"");
    belt.run(["redeploy", "-q"]).expect(0);
    assert_eq!(log(&belt, 1).pop().unwrap().0, newest);
    belt.limits("log_retention = \"1ms\"");
    belt.run(["redeploy", "-q"]).expect(0);
    assert_eq!((log(&belt, 1).len(), log(&belt, 2).len()), (0, 0));
    let newest = log(&belt, 3).pop().unwrap().0;
    assert_eq!(newest, 3 * 6_004);
    belt.limits("log_retention = \"30d\"");
    belt.run(["redeploy", "-q"]).expect(0);
    assert_eq!(log(&belt, 4)[0].0, newest + 1);
}
