//! An app's log: its end, and what is written while it is followed.

use serde_json::json;

use crate::support::Outcome;
use crate::support::mock_api::{Expected, on};
use crate::workflow_client::{APP, HEADERS, LOGS, controller, empty_log, fixture, recorded, said};

fn logs(flags: &[&str], expected: Vec<Expected>) -> Outcome {
    let (belt, _api) = controller([vec![recorded("GET", APP, "016")], expected].concat());
    belt.run([&["logs", "-s", "myapp"], flags].concat())
}

/// The last lines of a log of numbered lines.
fn numbered(from: usize, to: usize) -> String {
    let line = |number| format!("2026-11-21T16:40:{:02}+00:00 myapp[web.v4.a1b2c]: line {number}\n", number % 60);
    (from..to).map(line).collect()
}

/// A look at the last lines: as many as are usual, or so many.
fn look(lines: usize, text: &str) -> Expected {
    let target = if lines == 100 { LOGS.to_owned() } else { format!("{LOGS}?log_lines={lines}") };
    on("GET", &target).text(200, &format!("content-type: text/plain\r\n{HEADERS}"), text)
}

#[test]
fn its_last_lines_are_shown_with_time_and_source() {
    let all = logs(&[], vec![recorded("GET", LOGS, "024")]).expect(0);
    let of_controller = String::from_utf8(fixture("024.s2c")).unwrap();
    let texts = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.split_once("]: ")?.1.to_owned())).collect()
    };
    assert_eq!(texts(&all.stdout), texts(&of_controller));
    insta::assert_snapshot!(logs(&["-n", "3"], vec![recorded("GET", &format!("{LOGS}?log_lines=3"), "025")]), @"
    [TIME] myapp[web.1]: line 247 héllo
    [TIME] myapp[web.2]: line 248 héllo
    [TIME] myapp[web.0]: line 249 héllo
    [exit 0]
    ");
    insta::assert_snapshot!(logs(&["-n", "1", "--json"], vec![look(1, &numbered(7, 8))]), @r#"
    {"number":1,"time":"2026-11-21T16:40:07Z","source":"myapp[web.v4.a1b2c]","deployment":null,"service":"web","text":"line 7"}
    [exit 0]
    "#);
}

#[test]
fn there_may_be_none_yet_or_none_to_be_had() {
    insta::assert_snapshot!(logs(&[], vec![empty_log()]), @"
    --- stderr
    there are no such lines in the log
    [exit 0]
    ");
    insta::assert_snapshot!(logs(&["-n", "0"], vec![recorded("GET", LOGS, "024")]), @"[exit 0]");
    let broken = logs(&[], vec![recorded("GET", LOGS, "027")]).expect(6);
    assert!(broken.stderr.contains("failed (500): Error accessing logs for broken"), "{broken}");
    let gone = logs(&[], vec![recorded("GET", LOGS, "028")]).expect(5);
    assert!(gone.stderr.contains("has no such thing: No App matches the given query."), "{gone}");
    let page = on("GET", LOGS).text(200, "content-type: text/html\r\nconnection: close\r\n", "<h1>Hello</h1>");
    assert!(logs(&[], vec![page]).expect(6).stderr.contains("is a page of HTML, and no log"));
}

#[test]
fn lines_of_older_controllers_and_lines_of_no_form_are_shown_as_they_are() {
    let old = r"b'2016-10-18T20:29:38+00:00 myapp[web.v2.nzf60]: it\'s h\xc3\xa9llo\n2016-10-18T20:29:39+00:00 deis[controller]: INFO done\nTraceback (most recent call last):\n'";
    insta::assert_snapshot!(logs(&[], vec![look(100, old)]), @"
    [TIME] myapp[web.v2.nzf60]: it's héllo
    [TIME] deis[controller]: INFO done
    [TIME] myapp: Traceback (most recent call last):
    [exit 0]
    ");
}

#[test]
fn a_log_that_is_followed_repeats_no_line_and_loses_none() {
    let (belt, _api) = controller(vec![
        recorded("GET", APP, "016"),
        look(100, &numbered(0, 50)),
        // Nothing new, a few more, one that was there twice already, and more than are asked for.
        look(100, &numbered(0, 50)),
        look(100, &numbered(0, 55)),
        look(100, &format!("{}{}", numbered(0, 55), numbered(54, 55))),
        look(100, &numbered(250, 350)),
        look(200, &numbered(150, 350)),
        look(400, &format!("{}{}{}", numbered(0, 55), numbered(54, 55), numbered(55, 350))),
        look(100, &numbered(251, 351)).for_ever(),
    ]);
    let mut running = belt.start(["logs", "-s", "myapp", "-f"]);
    running.until("line 350");
    running.signal("INT");
    let (_, said) = running.end();
    let shown: Vec<usize> = said.lines().filter_map(|line| line.rsplit_once("line ")?.1.parse().ok()).collect();
    let expected: Vec<usize> = (0..55).chain([54]).chain(55..351).collect();
    assert_eq!(shown, expected, "{said}");
    assert!(!said.contains("missed"), "{said}");
}

#[test]
fn that_lines_were_missed_is_said() {
    let (belt, _api) = controller(vec![
        recorded("GET", APP, "016"),
        look(100, &numbered(0, 50)),
        look(100, &numbered(900, 1_000)),
        look(200, &numbered(900, 1_000)),
        look(100, &numbered(901, 1_001)).for_ever(),
    ]);
    let mut running = belt.start(["logs", "-s", "myapp", "-f"]);
    running.until("lines of the log were missed");
    running.until("line 1000");
    running.signal("INT");
    let (_, said) = running.end();
    assert_eq!(said.matches("were missed").count(), 1, "{said}");
}

#[test]
fn a_log_that_cannot_be_read_for_a_while_is_followed_on() {
    let failing = || said(on("GET", LOGS), 503, &json!({ "detail": "away" }));
    let (belt, api) = controller(vec![
        recorded("GET", APP, "016"),
        look(100, &numbered(0, 5)),
        failing(),
        failing(),
        look(100, &numbered(0, 6)),
        recorded("GET", LOGS, "031"),
    ]);
    let mut running = belt.start(["logs", "-s", "myapp", "-f"]);
    running.until("the log cannot be read now");
    running.until("line 5");
    // What does not pass by itself ends it.
    let (code, said) = running.end();
    assert_eq!(code, 4, "{said}");
    assert_eq!(said.matches("cannot be read now").count(), 1, "{said}");
    drop(api);
}
