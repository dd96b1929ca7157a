//! `hookbelt hooks sign`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::{Belt, Outcome, Receiver};

const URL: &str =
    "http://deis.rocks?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv";
const SIGNATURE: &str = "d3210b14443f66134a9fc43936a24ccfec7bf671";

#[test]
fn a_url_is_signed_with_the_secret_of_a_file_or_a_variable() {
    let mut belt = Belt::new();
    belt.write("key", "my_secret_key\n");
    assert_eq!(belt.run(["hooks", "sign", URL, "--secret-file", "key"]).expect(0).stdout, format!("{SIGNATURE}\n"));
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    assert_eq!(belt.run(["hook", "sign", URL]).expect(0).stdout, format!("{SIGNATURE}\n"));
    let json = belt.run(["hooks", "sign", URL, "--json"]).expect(0).json();
    assert_eq!((json["url"].as_str(), json["signature"].as_str()), (Some(URL), Some(SIGNATURE)));
}

#[test]
fn parameters_are_brought_into_order_unless_told_otherwise() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let shuffled = "http://deis.rocks?user=gabrtv&sha=35b3726&release_summary=gabrtv+deployed+35b3726&release=v4&app=secure-woodland";
    assert_eq!(belt.run(["hooks", "sign", shuffled]).expect(0).stdout, format!("{SIGNATURE}\n"));
    let as_is = belt.run(["hooks", "sign", "--as-is", shuffled]).expect(0);
    assert_eq!(as_is.stdout, "96b776fd89043ae28a51c3d7bf73a58e35c980b2\n");
}

#[test]
fn a_key_that_repeats_is_signed_with_a_note_that_the_order_counts() {
    let belt = belt();
    insta::assert_snapshot!(belt.run(["hooks", "sign", "http://x/hook?b=2&a=1&a=0"]), @"
    1c5544d8199dec640fa4b25f9cde68bcec38eec9
    --- stderr
    note: a key repeats, so it is verified only with its parameters in the order that is signed: send it so, as `http://x/hook?a=0&a=1&b=2`
    [exit 0]
    ");
    let in_order = belt.run(["hooks", "sign", "http://x/hook?a=0&a=1&b=2"]).expect(0);
    assert!(in_order.stderr.ends_with("in the order that is signed: send it so\n"), "{in_order}");
    assert_eq!(belt.run(["hooks", "sign", "--as-is", "http://x/hook?b=2&a=1&a=0"]).expect(0).stderr, "");
}

/// The device takes nothing, as a disk that is full.
#[test]
fn a_full_disk_is_not_a_refused_signature() {
    let belt = belt();
    let run = |arguments: &[&str]| {
        let mut command = belt.command(arguments);
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = run(&["hooks", "verify", URL, "--signature", SIGNATURE, "--json"]);
    assert!(code == Some(2) && said.contains("\"kind\":\"usage\""), "{said}");
    let failed = "error: could not write to standard output\nbecause No space left on device (os error 28)\n";
    for arguments in [
        &["hooks", "sign", URL][..],
        &["hooks", "verify", URL, "--signature", SIGNATURE],
        &["hooks", "sign", "--help"],
        &["--version"],
        &["help", "exit-codes"],
    ] {
        assert_eq!(run(arguments), (Some(2), failed.to_owned()), "{arguments:?}");
    }
}

#[test]
fn a_base_with_a_query_of_its_own_is_signed_as_the_controller_does() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let url = URL.replace("deis.rocks?", "deis.rocks/hook?token=abc?");
    insta::assert_snapshot!(belt.run(["hooks", "sign", &url]), @"
    537ec9f0ec1895e63e4d8724a3a37b39587df44a
    --- stderr
    note: the URL holds more than one `?`; only what follows the last was brought into order
    [exit 0]
    ");
}

#[test]
fn the_secret_comes_from_standard_input_byte_for_byte_but_for_one_newline() {
    let belt = Belt::new();
    let mut child: Command = belt.command(["hooks", "sign", URL, "--secret-file", "-"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"my_secret_key\r\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{SIGNATURE}\n"));
}

#[test]
fn without_a_secret_nothing_is_signed() {
    let mut belt = Belt::new();
    belt.write("empty", "\n");
    insta::assert_snapshot!(belt.run(["hooks", "sign", URL]), @"
    --- stderr
    error: there is no secret to sign or verify with
    hint: name its file with `--secret-file FILE` (- for standard input), or set HOOKBELT_SECRET
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["hooks", "sign", URL, "--secret-file", "empty"]), @"
    --- stderr
    error: the secret in empty is empty
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["hooks", "sign", URL, "--secret-file", "nowhere"]), @"
    --- stderr
    error: there is no file nowhere
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["hooks", "sign", URL, "--secret-file", "-"]), @"
    --- stderr
    error: the secret in standard input is empty
    [exit 2]
    ");
    belt.set("HOOKBELT_SECRET", "");
    belt.run(["hooks", "sign", URL]).expect(2);
    belt.run(["hooks", "sign"]).expect(2);
}

#[test]
fn what_is_no_url_is_not_signed() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    for text in ["", "foo", "deis.rocks?sha=1", "http://deis rocks?a=1", "ftp://deis.rocks?a=1"] {
        belt.run(["hooks", "sign", text]).expect(2);
    }
}

#[test]
fn signing_reads_no_configuration() {
    let mut belt = Belt::new();
    belt.limits("nonsense = true");
    belt.write("hookbelt.toml", "nonsense");
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    belt.run(["hooks", "sign", URL]).expect(0);
}

/// The flags of the documentation's release, with a secret in the environment.
fn release<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let release = ["hooks", "sign", "-a", "secure-woodland", "--release", "v4", "--sha", "35b3726", "--user", "gabrtv"];
    [&release[..], more].concat()
}

fn belt() -> Belt {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    belt
}

#[test]
fn the_url_of_a_release_is_built_as_the_controller_builds_it() {
    let belt = belt();
    let outcome = belt.run(release(&["http://deis.rocks", "--json"])).expect(0);
    assert_eq!(outcome.json(), serde_json::json!({ "url": URL, "signature": SIGNATURE }));
    assert_eq!(outcome.stderr, "");
    let outcome = belt.run(release(&["--summary", "zoë: a*b ~c", "http://deis.rocks/", "--json"])).expect(0);
    let url = "http://deis.rocks/?app=secure-woodland&release=v4&release_summary=zo%C3%AB%3A+a%2Ab+~c&sha=35b3726&user=gabrtv";
    assert_eq!(outcome.json()["url"], url);
}

#[test]
fn of_a_release_only_the_app_must_be_said() {
    let mut belt = belt();
    let url = |outcome: Outcome| outcome.expect(0).json()["url"].as_str().unwrap().to_owned();
    let least = "http://h/?app=shop&release=v1&release_summary=ann+deployed&sha=&user=ann";
    assert_eq!(url(belt.run(["hooks", "sign", "-s", "shop", "http://h/", "--json"])), least);
    let sha = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";
    let outcome = belt.run(["hooks", "sign", "--app", "shop", "--sha", sha, "http://h/", "--json"]);
    let expected = format!("http://h/?app=shop&release=v1&release_summary=ann+deployed+2fd9226&sha={sha}&user=ann");
    assert_eq!(url(outcome), expected);
    insta::assert_snapshot!(belt.run(["hooks", "sign", "--release", "v4", "http://h/"]), @"
    --- stderr
    error: a deploy hook names an app
    hint: say which with `-a APP`; nothing is looked up
    [exit 2]
    ");
    belt.run(["hooks", "sign", "-a", "", "http://h/"]).expect(2);
    belt.run(["hooks", "sign", "-a", "shop", "--release", "four", "http://h/"]).expect(2);
    // The variable alone does not make a URL a base.
    belt.set("HOOKBELT_APP", "blog");
    assert_eq!(belt.run(["hooks", "sign", URL]).expect(0).stdout, format!("{SIGNATURE}\n"));
    let outcome = belt.run(["hooks", "sign", "--release", "v1", "http://h/", "--json"]);
    assert_eq!(url(outcome), least.replace("shop", "blog"));
}

#[test]
fn a_base_is_used_byte_for_byte_and_what_breaks_it_is_said() {
    let belt = belt();
    // The published vectors.
    let cases = [
        ("http://deis.rocks/hook?token=abc", "537ec9f0ec1895e63e4d8724a3a37b39587df44a", "it holds a query"),
        (" http://deis.rocks", "58d0a5dc297fbb0782a694a025dd1058c8e0a0df", "it holds a blank"),
        ("HTTP://Deis.Rocks", "45c60451a4577f3ac28e77533d4f8dd2fdb990bc", "it would arrive as `http://deis.rocks/`"),
        ("http://deis.rocks/h#f", "f552a85bd0ae6424c4355f78e025f40e577aa9b8", "it holds a fragment"),
    ];
    for (base, signature, reason) in cases {
        let outcome = belt.run(release(&[base])).expect(0);
        assert_eq!(outcome.stdout, format!("{signature}\n"), "{base}");
        assert!(
            outcome.stderr.starts_with(&format!("note: this URL breaks as a deploy hook's: {reason}")),
            "{outcome}"
        );
    }
    for base in ["", "no URL", "http://ann:hunter2@h/x", "http://h/%7Eu", "http://h/50%"] {
        let outcome = belt.run(release(&[base])).expect(0);
        assert!(outcome.stderr.starts_with("note: "), "{outcome}");
        assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
    }
}

#[test]
fn a_header_or_a_command_line_is_printed_on_request() {
    let belt = belt();
    assert_eq!(belt.run(["hooks", "sign", "--header", URL]).expect(0).stdout, format!("Authorization: {SIGNATURE}\n"));
    let outcome = belt.run(["hooks", "sign", "--curl", URL]).expect(0);
    let line = format!(
        "curl --globoff --path-as-is --header 'Authorization: {SIGNATURE}' --header 'Content-Type:' --data '' --url '{URL}'\n"
    );
    assert_eq!(outcome.stdout, line);
    assert_eq!(belt.run(["hooks", "sign", "--curl", URL, "--json"]).expect(0).json()["curl"], line.trim_end());
    belt.run(["hooks", "sign", "--curl", "--header", URL]).expect(2);
    insta::assert_snapshot!(belt.run(["hooks", "sign", "-q", "-a", "shop", "--curl", "http://h/\u{1b}[31m"]), @"
    --- stderr
    error: the URL holds control characters, which curl does not send
    [exit 2]
    ");
}

/// A shell would make something of most of these characters, curl of braces, brackets and dots.
#[test]
fn the_command_line_posts_the_url_exactly_as_it_was_signed() {
    let belt = belt();
    for path in ["", "/", "/a/../b/./c", "/$HOME/`id`/'x'/\"y\"/!!/[1-3]/{a,b};v=1&w|x<y>*~\\z", "/?token=it's"] {
        let receiver = Receiver::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        let base = format!("{}{path}", receiver.url());
        let line = belt.run(release(&["-q", "--curl", &base])).expect(0).stdout;
        let ran = Command::new("sh").args(["-c", &line]).env("HOME", belt.home()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "ok", "{line}{}", String::from_utf8_lossy(&ran.stderr));
        let request = receiver.request();
        let slash = if path.is_empty() { "/" } else { "" };
        assert!(request.starts_with(&format!("POST {slash}{path}?app=secure-woodland&")), "{request}");
        assert!(request.contains("Content-Length: 0\r\n") && !request.contains("Content-Type"), "{request}");
        belt.write("captured", &request);
        let verified = belt.run(["hooks", "verify", "--request", "captured", "--base-url", &base]).expect(0);
        let said = if path.is_empty() { "the sender's URL with the query as it came" } else { "the URL as it came" };
        assert_eq!(verified.stdout, format!("valid: {said} was signed\n"));
        belt.write("line", &line);
        belt.run(["hooks", "verify", "--request", "line"]).expect(0);
    }
}
