//! `hookbelt hooks verify --batch`: many signatures at once.

use std::fmt::Write as _;
use std::process::Command;

use hookbelt_signature::{Hook, Secret, Signature, alphabetised, verify};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{Belt, HOOKBELT, Outcome};

const KEY: &str = "my_secret_key";
const URL: &str = "http://deis.rocks?app=shop&release=v4&sha=35b3726";

fn signature(key: &str, text: &str) -> String {
    Signature::sign(&Secret::new(key.as_bytes().to_vec()).unwrap(), text).to_string()
}

fn line(url: &str) -> String {
    format!("{url}\t{}\n", signature(KEY, url))
}

fn belt() -> Belt {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", KEY);
    belt
}

/// A run over a file that holds this.
fn batch(content: impl AsRef<[u8]>, more: &[&str]) -> Outcome {
    let belt = belt();
    belt.write("hooks", content);
    belt.run([&["hooks", "verify", "--batch", "hooks"], more].concat())
}

/// A run in a shell, in which `$HOOKBELT` is the program.
fn shell(script: &str) -> Outcome {
    let belt = belt();
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(belt.work()).env("HOOKBELT", HOOKBELT).env("HOOKBELT_SECRET", KEY);
    Outcome::of(command, belt.path())
}

#[test]
fn a_batch_of_valid_lines_is_silent_but_for_its_count() {
    insta::assert_snapshot!(batch(line(URL).repeat(1234), &[]), @"
    --- stderr
    1,234 verified: 1,234 valid, 0 refused
    [exit 0]
    ");
    insta::assert_snapshot!(batch(line(URL), &["--quiet"]), @"[exit 0]");
    // An editor's byte-order mark is no part of the first line.
    batch(format!("\u{feff}{}", line(URL)), &[]).expect(0);
}

#[test]
fn each_refused_line_is_printed_with_its_number_and_its_cause() {
    let signed = signature(KEY, URL);
    let mut lines = line(URL);
    // The second line is empty, with a carriage return or without.
    writeln!(lines, "\r").unwrap();
    writeln!(lines, "{URL}\tsha1={signed}").unwrap();
    writeln!(lines, "{URL}\t{}\r", signed.to_uppercase()).unwrap();
    writeln!(lines, "hello").unwrap();
    writeln!(lines, "  {{ \"signature\": \"{signed}\", \"url\": \"{URL}\", \"id\": 7 }}").unwrap();
    writeln!(lines, "{{\"url\": \"{URL}\"}}").unwrap();
    writeln!(lines, "{}\t{signed}", URL.replace("app=shop&release=v4", "release=v4&app=shop")).unwrap();
    writeln!(lines, "{}\t{signed}", URL.replace('?', "/?")).unwrap();
    writeln!(lines).unwrap();
    write!(lines, "{URL}x\t{signed}").unwrap();
    insta::assert_snapshot!(batch(&lines, &[]), @"
    3	prefix
    5	malformed
    7	malformed
    9	no_slash_after_host
    11	unexplained
    --- stderr
    9 verified: 4 valid, 5 refused
    error: 5 lines are refused
    hint: `hookbelt hooks verify URL --signature HEX` looks at one more closely
    [exit 1]
    ");
    insta::assert_snapshot!(batch(&lines, &["--json"]), @r#"
    {"line":3,"cause":"prefix"}
    {"line":5,"cause":"malformed"}
    {"line":7,"cause":"malformed"}
    {"line":9,"cause":"no_slash_after_host"}
    {"line":11,"cause":"unexplained"}
    --- stderr
    9 verified: 4 valid, 5 refused
    {"error":{"causes":[],"hint":"`hookbelt hooks verify URL --signature HEX` looks at one more closely","kind":"failed","message":"5 lines are refused"}}
    [exit 1]
    "#);
    let not_text = [b"http://h?\xff\t".as_slice(), signed.as_bytes()].concat();
    insta::assert_snapshot!(batch(not_text, &[]), @"
    1	malformed
    --- stderr
    1 verified: 0 valid, 1 refused
    error: 1 line is refused
    hint: `hookbelt hooks verify URL --signature HEX` looks at one more closely
    [exit 1]
    ");
}

#[test]
fn without_a_line_nothing_is_verified() {
    insta::assert_snapshot!(batch("", &[]), @"
    --- stderr
    error: there is no line in hooks
    hint: a line is `url`, a tab and `signature`, or a JSON object with these two
    [exit 2]
    ");
    insta::assert_snapshot!(batch("\u{feff}\n\r\n \t\n", &[]), @"
    --- stderr
    error: there is no line in hooks
    hint: a line is `url`, a tab and `signature`, or a JSON object with these two
    [exit 2]
    ");
    let belt = belt();
    insta::assert_snapshot!(belt.run(["hooks", "verify", "--batch", "nowhere"]), @"
    --- stderr
    error: there is no file nowhere
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["hooks", "verify", "--batch", "."]), @"
    --- stderr
    error: . is a folder
    [exit 2]
    ");
    // Its standard input is empty.
    belt.run(["hooks", "verify", "--batch", "-"]).expect(2);
}

#[test]
fn flags_that_mean_nothing_for_a_batch_are_refused() {
    let belt = belt();
    belt.write("hooks", line(URL));
    for more in [&[URL][..], &["--signature", "x"], &["--request", "hooks"], &["--scheme", "http"], &["--threads", "0"]]
    {
        belt.run([&["hooks", "verify", "--batch", "hooks"], more].concat()).expect(2);
    }
    belt.run(["hooks", "verify", URL, "--signature", "x", "--threads", "2"]).expect(2);
    insta::assert_snapshot!(belt.run(["hooks", "verify", "--batch", "-", "--secret-file", "-"]), @"
    --- stderr
    error: standard input can only be read once, and two flags name it
    [exit 2]
    ");
}

#[test]
fn standard_input_is_read_to_its_end() {
    let belt = belt();
    belt.write("hooks", line(URL) + "x\n");
    let script = format!(
        "cd {}; $HOOKBELT hooks verify --batch - < hooks; cat hooks hooks | $HOOKBELT hooks verify --batch -",
        belt.work().display()
    );
    insta::assert_snapshot!(shell(&script), @"
    2	malformed
    2	malformed
    4	malformed
    --- stderr
    2 verified: 1 valid, 1 refused
    error: 1 line is refused
    hint: `hookbelt hooks verify URL --signature HEX` looks at one more closely
    4 verified: 2 valid, 2 refused
    error: 2 lines are refused
    hint: `hookbelt hooks verify URL --signature HEX` looks at one more closely
    [exit 1]
    ");
}

#[test]
fn a_line_is_verified_as_soon_as_it_is_there() {
    // The second line is written once the first one's verdict has been read.
    let script = "mkfifo go; { echo one; read < go; echo two; } | $HOOKBELT hooks verify --batch - --threads 2 |
        { read first; echo \"$first\"; echo > go; cat; }";
    insta::assert_snapshot!(shell(script), @"
    1	malformed
    2	malformed
    --- stderr
    2 verified: 0 valid, 2 refused
    error: 2 lines are refused
    hint: `hookbelt hooks verify URL --signature HEX` looks at one more closely
    [exit 0]
    ");
}

#[test]
fn every_secret_and_the_base_url_count_for_every_line() {
    let belt = Belt::new();
    belt.write("new", "new_key\n");
    belt.write("old", "my_secret_key\n");
    let arrived = URL.replace('?', "/?");
    let lines: Vec<String> =
        ["new_key", KEY, "another"].iter().map(|key| format!("{arrived}\t{}\n", signature(key, URL))).collect();
    belt.write("hooks", lines.concat());
    let arguments = ["hooks", "verify", "--batch", "hooks", "--secret-file", "new", "--secret-file", "old"];
    let with_base = [&arguments[..], &["--base-url", "http://deis.rocks"]].concat();
    assert_eq!(belt.run(with_base).expect(1).stdout, "3\tunexplained\n");
    let causes = "1\tno_slash_after_host\n2\tno_slash_after_host\n3\tunexplained\n";
    assert_eq!(belt.run(arguments).expect(1).stdout, causes);
}

#[test]
fn a_line_of_any_length_takes_constant_memory_and_is_refused() {
    let script = "ulimit -v 60000; head -c 200000000 /dev/zero | $HOOKBELT hooks verify --batch - --threads 1";
    insta::assert_snapshot!(shell(script), @"
    1	malformed
    --- stderr
    1 verified: 0 valid, 1 refused
    error: 1 line is refused
    hint: `hookbelt hooks verify URL --signature HEX` looks at one more closely
    [exit 1]
    ");
}

#[test]
fn a_read_error_is_no_refusal_and_says_at_which_line() {
    insta::assert_snapshot!(read_error(&line(URL)), @"
    --- stderr
    1 verified: 1 valid, 0 refused
    error: could not read line 2 of standard input
    because Input/output error (os error 5)
    [exit 2]
    ");
    // A line that was refused before it is.
    insta::assert_snapshot!(read_error(&(line(URL) + "x\n")), @"
    2	malformed
    --- stderr
    2 verified: 1 valid, 1 refused
    error: could not read line 3 of standard input
    because Input/output error (os error 5)
    [exit 1]
    ");
}

/// A batch of these lines whose reading fails in the next one.
fn read_error(lines: &str) -> Outcome {
    // The terminal's other side is closed after them: Linux then says that reading failed.
    let script = format!(
        "
import os, subprocess, sys, tty
terminal, other = os.openpty()
tty.setraw(other)
os.write(other, b'{}unfinished')
program = subprocess.Popen(['{HOOKBELT}', 'hooks', 'verify', '--batch', '-'], stdin=terminal)
os.close(other)
sys.exit(program.wait())",
        lines.replace('\t', "\\t").replace('\n', "\\n"),
    );
    let belt = belt();
    let path = belt.write("read.py", script);
    shell(&format!("python3 {}", path.display()))
}

#[test]
fn lines_that_nobody_reads_are_no_success() {
    let script = "yes | head -n 300000 | $HOOKBELT hooks verify --batch - | head -n 1; exit ${PIPESTATUS[2]}";
    let outcome = shell(script).expect(1);
    assert_eq!(outcome.stdout, "1\tmalformed\n");
    assert!(outcome.stderr.contains("error: lines were refused, and nobody reads which"), "{outcome}");
}

#[test]
fn on_a_terminal_a_bar_shows_how_much_is_read() {
    let belt = belt();
    belt.write("hooks", line(URL).repeat(20_000));
    let mut command = Command::new("script");
    let inner = format!("{HOOKBELT} hooks verify --batch hooks --threads 1 > results");
    command
        .args(["-q", "-e", "-c", &inner, "/dev/null"])
        .current_dir(belt.work())
        .env_remove("CI")
        .env("HOOKBELT_SECRET", KEY);
    let output = command.output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains(" %, "), "{shown:?}");
    assert!(shown.contains("20,000 verified: 20,000 valid, 0 refused"), "{shown:?}");
    assert_eq!(belt.read("results"), "");
}

/// A URL and a signature that may fit, and the line that they are.
fn hook() -> impl Strategy<Value = (String, String)> {
    let url = "https?://h(:80)?/?[?]([ab]=[+~%7E]{0,2})(&[abc]=[12]?){0,2}";
    let key = select(vec![KEY, KEY, KEY, "my_secret_key\n", "another"]);
    let change = select(vec!["=>=", "=>=", "+>%20", "http:>https:", "/?>?", "&>?", "a>z"]);
    let form = select(vec!["S", "S", "S", " S ", "sha1=S", "S0", ""]);
    (url, key, change, form, any::<bool>()).prop_map(|(url, key, change, form, order)| {
        let (from, to) = change.split_once('>').unwrap();
        let signed = url.replacen(from, to, 1);
        let signed = if order { alphabetised(&signed) } else { signed };
        (url, form.replace('S', &signature(key, &signed)))
    })
}

/// A line, and whether it is valid.
fn any_line() -> impl Strategy<Value = (String, bool)> {
    let written = (hook(), any::<bool>(), select(vec!["\n", "\r\n"])).prop_map(|((url, presented), json, end)| {
        let text = if json {
            serde_json::json!({ "url": url, "signature": presented }).to_string()
        } else {
            format!("{url}\t{presented}")
        };
        let hook = Hook { url: url.into(), base_url: Some("http://h") };
        let secrets = [Secret::new(KEY.as_bytes().to_vec()).unwrap()];
        let valid = presented.parse().is_ok_and(|signature| verify(&hook, &secrets, &signature).is_some());
        (text + end, valid)
    });
    let malformed = "[^\t\n\r {][^\t\n\r]{0,19}\n|\\{[^\n\r]{0,20}\n".prop_map(|text| (text, false));
    prop_oneof![7 => written, 1 => malformed]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_batch_refuses_what_is_refused_alone_whatever_the_number_of_threads(lines in vec(any_line(), 1..80)) {
        // After them stands a line so long that few of them are read at once.
        let (count, times) = (lines.len() + 1, 30);
        let long = serde_json::json!({ "url": URL, "signature": signature(KEY, URL), "more": "x".repeat(60_000) });
        let text = lines.iter().map(|(text, _)| text.as_str()).collect::<String>() + &format!("{long}\n");
        let invalid: Vec<usize> = (1..).zip(&lines).filter(|(_, (_, valid))| !valid).map(|(number, _)| number).collect();
        let belt = belt();
        belt.write("hooks", text.repeat(times));
        let run = |threads: &str| {
            belt.run(["hooks", "verify", "--batch", "hooks", "--base-url", "http://h", "--threads", threads])
        };
        let one = run("1").expect(i32::from(!invalid.is_empty()));
        let printed: Vec<usize> = one.stdout.lines().map(|line| line.split('\t').next().unwrap().parse().unwrap()).collect();
        let expected = (0..times).flat_map(|time| invalid.iter().map(move |number| time * count + number));
        prop_assert_eq!(printed, expected.collect::<Vec<usize>>());
        for threads in ["2", "7"] {
            let many = run(threads);
            prop_assert_eq!((&many.stdout, &many.stderr), (&one.stdout, &one.stderr));
        }
    }

    #[test]
    fn one_line_gets_the_same_from_both_commands((url, presented) in hook()) {
        let belt = belt();
        belt.write("hooks", format!("{url}\t{presented}"));
        let batch = belt.run(["hooks", "verify", "--batch", "hooks"]);
        let alone = belt.run(["hooks", "verify", &url, "--signature", &presented, "--json"]);
        prop_assert_eq!(batch.code, alone.code);
        let causes = alone.json()["causes"].clone();
        if let [cause] = causes.as_array().unwrap().as_slice() {
            prop_assert_eq!(batch.stdout, format!("1\t{}\n", cause["id"].as_str().unwrap()));
        }
    }
}
