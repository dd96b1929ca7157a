//! `hookbelt hooks send`: a deploy hook as the controller sends it.

use std::net::TcpListener;

use crate::support::{Belt, Outcome, Receiver};

/// The documentation's release.
const RELEASE: [&str; 8] = ["-a", "secure-woodland", "--release", "v4", "--sha", "35b3726", "--user", "gabrtv"];
const QUERY: &str = "app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv";

/// A belt whose secret is the documentation's.
fn belt() -> Belt {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    belt
}

fn send(belt: &Belt, more: &[&str]) -> Outcome {
    belt.run([&["hooks", "send"], &RELEASE[..], more].concat())
}

#[test]
fn the_request_is_the_controllers_and_the_answer_is_shown() {
    let receiver =
        Receiver::answering("HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\nConnection: close\r\n\r\nso be it\n");
    let base = format!("{}/hook", receiver.url());
    let belt = belt();
    let outcome = send(&belt, &[&base]);
    insta::assert_snapshot!(outcome, @"
    202: so be it
    [exit 0]
    ");
    let request = receiver.request();
    assert!(request.starts_with(&format!("POST /hook?{QUERY} HTTP/1.1\r\n")), "{request}");
    belt.write("captured", &request);
    let verified = belt.run(["hooks", "verify", "--request", "captured"]).expect(0);
    assert_eq!(verified.stdout, "valid: the URL as it came was signed\n");
}

#[test]
fn another_status_is_a_no_and_no_answer_a_failure_of_the_remote() {
    let belt = belt();
    let answers = [
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nno\n", "401: no", "compare the secrets of both sides"),
        ("HTTP/1.1 500 Oops\r\nContent-Length: 8\r\n\r\n\x1b[2Joops", "500: \\u{1b}[2Joops", ""),
        ("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "302", "redirects are not followed"),
    ];
    for (answer, shown, hint) in answers {
        let receiver = Receiver::answering(answer);
        let outcome = send(&belt, &[&receiver.url()]).expect(1);
        assert_eq!(outcome.stdout, format!("{shown}\n"));
        let error = format!("error: {} did not take the deploy hook: it answered {}\n", receiver.url(), &shown[..3]);
        let hint = if hint.is_empty() { String::new() } else { format!("hint: {hint}") };
        assert!(outcome.stderr.starts_with(&format!("{error}{hint}")), "{outcome}");
    }
    let receiver = Receiver::answering("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let outcome = send(&belt, &["--json", &receiver.url()]).expect(1);
    let sent = outcome.json();
    assert_eq!((&sent["status"], &sent["answer"]), (&404.into(), &"".into()));
    assert_eq!(sent["url"], format!("{}?{QUERY}", receiver.url()));

    let outcome = send(&belt, &["http://127.0.0.1:1"]).expect(6);
    assert!(outcome.stderr.starts_with("error: 127.0.0.1:1 could not be reached\nbecause "), "{outcome}");
    assert!(!outcome.to_string().contains("secure-woodland"), "{outcome}");
    let outcome = send(&belt, &["http://127.0.0.1:1", "--json"]).expect(6);
    assert!(outcome.stderr.contains("\"kind\":\"remote\""), "{outcome}");
}

#[test]
fn a_receiver_that_does_not_answer_is_waited_for_as_long_as_the_config_file_says() {
    let belt = belt();
    belt.limits("deploy_hook = \"200ms\"");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let outcome = send(&belt, &[&format!("http://{address}")]).expect(6);
    assert_eq!(outcome.stderr, format!("error: {address} did not answer within [TIME]\n"));
}

#[test]
fn a_receiver_that_was_reached_is_not_said_to_be_out_of_reach() {
    let belt = belt();
    for (answer, said) in
        [("", "closed the connection without an answer"), ("nonsense\r\n\r\n", "answered what is no HTTP")]
    {
        let receiver = Receiver::answering(answer);
        let host = receiver.url().replace("http://", "");
        let outcome = send(&belt, &[&receiver.url()]).expect(6);
        assert!(outcome.stderr.starts_with(&format!("error: {host} {said}\nbecause ")), "{outcome}");
    }
}

#[test]
fn a_dry_run_shows_a_request_that_verifies() {
    let belt = belt();
    let outcome = send(&belt, &["--dry-run", "http://deis.rocks"]).expect(0);
    insta::assert_snapshot!(outcome, @"
    POST /?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv HTTP/1.1
    Host: deis.rocks
    Authorization: d3210b14443f66134a9fc43936a24ccfec7bf671
    Content-Length: 0

    [exit 0]
    ");
    belt.write("request", &outcome.stdout);
    belt.run(["hooks", "verify", "--request", "request", "--base-url", "http://deis.rocks"]).expect(0);
    let json = send(&belt, &["--dry-run", "--json", "https://h:8443/x"]).expect(0).json();
    assert_eq!(json["url"], format!("https://h:8443/x?{QUERY}"));
    assert_eq!(json.get("status"), None);
}

#[test]
fn without_a_secret_it_is_sent_only_if_told_so() {
    let belt = Belt::new();
    insta::assert_snapshot!(send(&belt, &["http://127.0.0.1:1"]), @"
    --- stderr
    error: there is no secret to sign with
    hint: name its file with `--secret-file FILE` (- for standard input), set HOOKBELT_SECRET, or send it without a signature: `--unsigned`
    [exit 2]
    ");
    let receiver = Receiver::answering("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(send(&belt, &["--unsigned", &receiver.url()]).expect(0).stdout, "204\n");
    let request = receiver.request().to_lowercase();
    assert!(!request.contains("authorization"), "{request}");
    belt.write("key", "my_secret_key");
    send(&belt, &["--unsigned", "--secret-file", "key", "http://127.0.0.1:1"]).expect(2);
    let outcome = belt.run(["hooks", "send", "--unsigned", "http://127.0.0.1:1"]).expect(2);
    assert!(outcome.stderr.starts_with("error: a deploy hook names an app\n"), "{outcome}");
}

#[test]
fn a_base_that_a_manifest_may_not_have_is_refused() {
    let belt = belt();
    for base in ["", "h", "ftp://h", "http://h/?token=x", "http://h#f", "http://ann:hunter2@h", "http://H", " http://h"]
    {
        let outcome = send(&belt, &["--dry-run", base]).expect(2);
        assert!(outcome.stderr.contains("cannot be a deploy hook's URL"), "{outcome}");
        assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
    }
}
