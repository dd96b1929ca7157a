//! What people see in terminals of several widths, in pipes, in colour and without, and as JSON.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::support::{Belt, HOOKBELT, PLAIN};

/// What a command shows on a terminal of this many columns; its question, if it has one, gets this answer.
fn on_a_terminal(belt: &Belt, columns: u16, arguments: &str, answer: &str) -> String {
    let line = format!("stty cols {columns} rows 24 -echo; '{HOOKBELT}' {arguments}; echo \"[exit $?]\"");
    let mut command = Command::new("script");
    command.args(["--quiet", "--command", &line, "/dev/null"]).current_dir(belt.work());
    command.env_clear().env("PATH", env!("PATH")).env("HOME", belt.home()).env("USER", "ann").env("TZ", "UTC");
    let mut child = command.env("TERM", "xterm").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    let mut byte = [0];
    while screen.read(&mut byte).unwrap() > 0 {
        shown.push(byte[0]);
        if shown.ends_with(b"[y/N] ") {
            writeln!(child.stdin.as_mut().unwrap(), "{answer}").unwrap();
        }
    }
    child.wait().unwrap();
    let text = String::from_utf8(shown).unwrap().replace("\r\n", "\n");
    text.replace(belt.path().canonicalize().unwrap().to_str().unwrap(), "[TMP]")
}

fn belt() -> Belt {
    let belt = Belt::with_command("echo hello");
    belt.run(["redeploy"]).expect(0);
    belt.run(["redeploy"]).expect(0);
    belt
}

#[test]
fn a_table_has_a_header_on_a_terminal() {
    let shown = on_a_terminal(&belt(), 100, "releases list --color never", "");
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["RELEASE", "STATE", "SUMMARY", "SHA", "BY", "STARTED"], "{shown}");
    assert_eq!(lines[1][..5], ["v2", "succeeded", "ann", "deployed", "web"], "{shown}");
    assert!(shown.lines().all(|line| line.len() <= 100), "{shown}");
}

#[test]
fn a_narrow_terminal_gets_a_block_a_row() {
    let shown = on_a_terminal(&belt(), 40, "releases list", "");
    assert!(
        shown.starts_with("RELEASE  v2\nSTATE    succeeded\nSUMMARY  ann deployed web\nBY       ann\nSTARTED  20"),
        "{shown}"
    );
    assert!(shown.contains("\n\nRELEASE  v1\n"), "{shown}");
}

#[test]
fn a_question_is_answered_on_a_terminal() {
    let belt = Belt::with_manifest(&format!("{PLAIN}deploy = \"echo hello\"\n").replace("staging", "production"));
    for no in ["n", "", "maybe", "yess"] {
        let shown = on_a_terminal(&belt, 80, "redeploy", no);
        assert!(shown.contains("Redeploy shop (production): web? [y/N]"), "{shown}");
        assert!(shown.contains("declined: nothing was deployed") && shown.contains("[exit 8]"), "{no}: {shown}");
    }
    for yes in ["y", "YES"] {
        let shown = on_a_terminal(&belt, 80, "redeploy", yes);
        assert!(shown.contains("deployed shop (production) v") && shown.contains("[exit 0]"), "{yes}: {shown}");
    }
}

#[test]
fn colour_obeys_the_flag_the_environment_and_the_terminal() {
    let belt = belt();
    let coloured = |text: &str| text.contains("\u{1b}[");
    assert!(coloured(&on_a_terminal(&belt, 80, "apps show", "")));
    assert!(!coloured(&on_a_terminal(&belt, 80, "apps show --color never", "")));
    assert!(!coloured(&belt.run(["apps", "show"]).stdout));
    assert!(coloured(&belt.run(["apps", "show", "--color", "always"]).stdout));
    let with = |name: &str, value: &str| {
        let output = belt.command(["apps", "show"]).env(name, value).output().unwrap();
        coloured(&String::from_utf8(output.stdout).unwrap())
    };
    assert!(with("CLICOLOR_FORCE", "1"));
    assert!(with("HOOKBELT_COLOR", "always"));
    assert!(!with("CLICOLOR_FORCE", "0"));
}

#[test]
fn errors_are_a_document_when_json_is_asked_for() {
    let belt = Belt::with_command("true");
    insta::assert_snapshot!(belt.run(["redeploy", "--json", "--service", "wep"]), @r#"
    --- stderr
    {"error":{"causes":[],"hint":"services of this app: web","kind":"not_found","message":"this app has no service `wep`"}}
    [exit 5]
    "#);
    insta::assert_snapshot!(belt.run(["redeploy", "--json", "--srvice", "web"]), @r#"
    --- stderr
    {"error":{"causes":[],"hint":null,"kind":"usage","message":"unexpected argument '--srvice' found\n\n  tip: a similar argument exists: '--service'\n\nUsage: hookbelt redeploy --json --service <NAME[:REF]>\n\nFor more information, try '--help'."}}
    [exit 2]
    "#);
    let output = belt.command(["apps", "nothing"]).env("HOOKBELT_JSON", "1").output().unwrap();
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "usage");
    let failing = Belt::with_command("false").run(["redeploy", "--json"]).expect(1);
    assert_eq!(failing.json()["state"], "failed");
    assert!(failing.stderr.lines().last().unwrap().starts_with("{\"error\":{"), "{failing}");
}

#[test]
fn quiet_prints_results_and_errors_only() {
    insta::assert_snapshot!(Belt::with_command("echo hello").run(["redeploy", "-q"]), @"
    deployed shop (staging) v1: web
    [exit 0]
    ");
    insta::assert_snapshot!(Belt::with_command("false").run(["redeploy", "-q"]), @"
    --- stderr
    error: deployment 1 of shop (staging) failed: web: deploy exited with 1
    hint: `hookbelt logs --deployment 1` shows its log again
    [exit 1]
    ");
}

#[test]
fn where_there_is_no_spinner_a_line_now_and_then_is_a_sign_of_life() {
    let belt = Belt::with_command("read go < gate");
    belt.limits("heartbeat = \"50ms\"");
    let gate = belt.gate("gate");
    let mut running = belt.start(["redeploy"]);
    running.until("deploying web (");
    running.until("deploying web (");
    gate.open();
    assert_eq!(running.end().0, 0);
}

#[test]
fn a_name_cannot_forge_a_line_or_move_the_cursor() {
    let mut belt = Belt::with_command("true");
    belt.set("USER", "ann\nhookbelt[api]: forged\u{1b}[2J");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert!(!outcome.stdout.contains("\nhookbelt[api]: forged"), "{outcome}");
    for arguments in [&["apps", "show"][..], &["deployments", "list"], &["releases", "show"], &["logs"]] {
        let shown = belt.run(arguments).expect(0);
        assert!(!shown.stdout.contains('\u{1b}') && !shown.stdout.contains("\nhookbelt[api]: forged"), "{shown}");
    }
}
