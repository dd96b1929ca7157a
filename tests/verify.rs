//! `hookbelt hooks verify`: whether a signature fits, and if not, why.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Belt, Outcome};

/// The recorded requests, with what is known of each.
fn captures() -> Vec<serde_json::Value> {
    let index = fs::read_to_string(fixture("index.json")).unwrap();
    serde_json::from_str::<serde_json::Value>(&index).unwrap().as_array().unwrap().clone()
}

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/deploy-hooks").join(name).display().to_string()
}

fn verify(capture: &serde_json::Value, more: &[&str]) -> Outcome {
    let belt = Belt::new();
    let secret = capture["secret"].as_str().unwrap_or_default();
    let key = belt.write("key", secret).display().to_string();
    let request = fixture(capture["file"].as_str().unwrap());
    let arguments = ["hooks", "verify", "--secret-file", &key, "--secret-raw", "--request", &request, "--json"];
    belt.run([&arguments[..], more].concat())
}

fn ids(outcome: &Outcome) -> Vec<String> {
    let verdict = outcome.json();
    let causes = verdict["causes"].as_array().unwrap().iter();
    causes.map(|cause| cause["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_recorded_hook_gets_its_verdict_with_the_url_that_its_sender_had() {
    let captures = captures();
    assert_eq!(captures.len(), 60);
    for capture in captures {
        let base = capture["base_url"].as_str().unwrap();
        let outcome = verify(&capture, &["--base-url", base]);
        let is_valid = capture["verifies_with_base_url"].as_bool().unwrap();
        assert_eq!(outcome.code, i32::from(!is_valid), "{}: {outcome}", capture["file"]);
        if is_valid {
            assert_eq!(outcome.json()["text"], capture["signed_url"], "{}", capture["file"]);
        } else {
            assert!(
                matches!(ids(&outcome)[0].as_str(), "no_signature" | "no_query" | "basic_credentials"),
                "{outcome}"
            );
        }
    }
}

#[test]
fn without_that_url_28_recorded_hooks_verify_and_of_the_others_it_is_said_what_is_missing() {
    let mut valid = 0;
    for capture in captures() {
        let outcome = verify(&capture, &[]);
        let verifies = capture["verifies_with_host_and_target"].as_bool().unwrap();
        assert_eq!(outcome.code, i32::from(!verifies), "{}: {outcome}", capture["file"]);
        valid += u32::from(verifies);
        let verdict = outcome.json();
        let possible = verdict["possible"].as_array().is_some_and(|possible| !possible.is_empty());
        assert_eq!(!possible && ids(&outcome).is_empty(), verifies, "{}: {outcome}", capture["file"]);
    }
    assert_eq!(valid, 28);
}

/// A URL that was signed, and how it or its signature came.
fn refused(arguments: &[&str], secret: &str) -> Outcome {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", secret);
    belt.run([&["hooks", "verify"], arguments].concat())
}

const SHA: &str = "d3210b14443f66134a9fc43936a24ccfec7bf671";
const QUERY: &str = "app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv";

#[test]
fn a_url_is_valid_as_it_came_or_with_its_parameters_in_order() {
    let url = format!("http://deis.rocks?{QUERY}");
    insta::assert_snapshot!(refused(&[&url, "--signature", SHA], "my_secret_key"), @"
    valid: the URL as it came was signed
    [exit 0]
    ");
    let other = "http://deis.rocks?user=gabrtv&sha=35b3726&release_summary=gabrtv+deployed+35b3726&release=v4&app=secure-woodland";
    insta::assert_snapshot!(refused(&[other, "--signature", &SHA.to_uppercase(), "--json"], "my_secret_key"), @r#"
    {
      "valid": true,
      "signed": "alphabetised",
      "text": "http://deis.rocks?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv",
      "secret": 1,
      "causes": []
    }
    [exit 0]
    "#);
    insta::assert_snapshot!(refused(&["http://h/?b=1&a=2&a=1", "--signature", SHA], "my_secret_key"), @"
    --- stderr
    error: the signature is refused: for no reason that is known
    because verified were `http://h/?b=1&a=2&a=1`
    hint: compare both sides byte by byte: the secret, and the URL that the sender has configured (--base-url). Tried were other orders of the parameters, encodings, letter cases of the host, ports, schemes and digests, ends of the secret
    [exit 1]
    ");
    insta::assert_snapshot!(refused(&[&url.replace('?', "/?"), "--signature", SHA], "my_secret_key"), @"
    --- stderr
    error: the signature is refused: what was signed has no `/` after the host; HTTP adds it
    because signed was `http://deis.rocks?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv`
    hint: give the sender's URL as it is configured: --base-url, without the `/`
    [exit 1]
    ");
    let base = ["--base-url", "http://deis.rocks"];
    refused(&[&[&url.replace('?', "/?"), "--signature", SHA][..], &base].concat(), "my_secret_key").expect(0);
    insta::assert_snapshot!(refused(&[&url, "--signature", SHA], "another"), @"
    --- stderr
    error: the signature is refused: for no reason that is known
    because verified were `http://deis.rocks?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv`
    hint: compare both sides byte by byte: the secret, and the URL that the sender has configured (--base-url). Tried were other orders of the parameters, encodings, letter cases of the host, ports, schemes and digests, ends of the secret
    [exit 1]
    ");
}

#[test]
fn an_explanation_makes_nothing_valid() {
    let url = format!("http://deis.rocks/?{QUERY}");
    for (presented, cause) in [
        (format!("sha1={SHA}"), "prefix"),
        ("0yELFEQ/ZhNKn8Q5NqJMz+x79nE=".to_owned(), "base64"),
        (String::new(), "no_signature"),
        ("Basic dXNlcjpwYXNz".to_owned(), "basic_credentials"),
        ("beef".to_owned(), "malformed"),
    ] {
        let outcome =
            refused(&[&url.replace("/?", "?"), "--signature", &presented, "--json"], "my_secret_key").expect(1);
        assert_eq!(ids(&outcome), [cause], "{outcome}");
        assert_eq!(outcome.json()["valid"], false);
    }
}

#[test]
fn several_secrets_may_be_given_and_which_one_fitted_is_said_by_its_place() {
    let belt = Belt::new();
    belt.write("new", "new_secret");
    belt.write("old", "my_secret_key\n");
    let url = format!("http://deis.rocks?{QUERY}");
    let arguments = ["hooks", "verify", "--secret-file", "new", "--secret-file", "old", &url, "--signature", SHA];
    let outcome = belt.run(arguments);
    insta::assert_snapshot!(outcome, @"
    valid: the URL as it came was signed, with secret 2
    [exit 0]
    ");
    assert!(!format!("{outcome}").contains("my_secret_key"));
    let outcome = belt.run([&arguments[..], &["--secret-raw"]].concat()).expect(1);
    let said =
        "the secret was used with a newline at its end: secret 2 of those given here has it, the sender's has not";
    assert!(outcome.stderr.contains(said), "{outcome}");
}

#[test]
fn a_curl_command_line_and_a_line_of_an_access_log_are_read_too() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    belt.write("curl", format!("curl -X POST \\\n  -H 'Authorization: {SHA}' \\\n  'http://deis.rocks?{QUERY}'\n"));
    belt.run(["hooks", "verify", "--request", "curl"]).expect(0);
    let log = format!(
        "127.0.0.1 - - [21/Nov/2026:15:07:29 +0000] \"POST /?{QUERY} HTTP/1.1\" 200 2 \"-\" \"Deis Controller/2.3.0\" \"{SHA}\"\n"
    );
    belt.write("log", &log);
    insta::assert_snapshot!(belt.run(["hooks", "verify", "--request", "log"]), @"
    --- stderr
    error: the request does not say its host, and the host is part of what is signed
    hint: give the URL that the sender has configured: `--base-url URL`
    [exit 2]
    ");
    belt.run(["hooks", "verify", "--request", "log", "--base-url", "http://deis.rocks"]).expect(0);
    belt.write("log", format!("deis.rocks:80 {log}"));
    insta::assert_snapshot!(belt.run(["hooks", "verify", "--request", "log"]), @"
    --- stderr
    error: the signature is refused: what was signed has no `/` after the host; HTTP adds it; and another port was signed than came: a proxy changes it
    because signed was `http://deis.rocks?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv`
    hint: give the sender's URL as it is configured: --base-url, without the `/`; and give the sender's URL as it is configured: --base-url
    [exit 1]
    ");
    belt.write("none", "hello\n");
    insta::assert_snapshot!(belt.run(["hooks", "verify", "--request", "none"]), @"
    --- stderr
    error: the input is neither an HTTP/1.x request, nor a curl command line, nor a line of an access log
    [exit 2]
    ");
    belt.write("empty", "\n");
    belt.run(["hooks", "verify", "--request", "empty"]).expect(2);
    belt.run(["hooks", "verify"]).expect(2);
}

#[test]
fn a_wrong_secret_is_not_blamed_on_the_path() {
    let url = "http://h/a%20b?a=1";
    insta::assert_snapshot!(refused(&[url, "--signature", SHA], "my_secret_key"), @"
    --- stderr
    error: the signature is refused: for no reason that is known; perhaps the path is written otherwise in the sender's URL, which is what was signed: it has escapes, or characters that HTTP libraries escape; or the secret is another
    because verified were `http://h/a%20b?a=1`
    hint: compare both sides byte by byte: the secret, and the URL that the sender has configured (--base-url). Tried were other orders of the parameters, encodings, letter cases of the host, ports, schemes and digests, ends of the secret
    [exit 1]
    ");
    let verdict = refused(&[url, "--signature", SHA, "--json"], "my_secret_key").expect(1).json();
    assert_eq!((&verdict["causes"], &verdict["possible"][0]["id"]), (&serde_json::json!([]), &"path_rewritten".into()));
}

#[test]
fn a_form_whose_digits_fit_nothing_is_said_to_fit_nothing() {
    let (url, said) = (format!("http://deis.rocks?{QUERY}"), "and the digits fit nothing that was tried either\n");
    let prefixed = format!("sha1={SHA}");
    let outcome = refused(&[&url, "--signature", &prefixed], "another").expect(1);
    assert!(
        outcome.stderr.contains("there is a word before the digits, ") && outcome.stderr.contains(said),
        "{outcome}"
    );
    let outcome = refused(&[&url, "--signature", &prefixed], "my_secret_key").expect(1);
    assert!(!outcome.stderr.contains(said), "{outcome}");
    let outcome = refused(&[&url, "--signature", "beef"], "my_secret_key").expect(1);
    assert!(!outcome.stderr.contains(said), "{outcome}");
}

#[test]
fn an_order_that_cannot_be_mended_is_not_to_be_made_alphabetical() {
    // The signature of `http://h/hook?a=0&a=1&b=2`, which `hooks sign` makes of either.
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let url = "http://h/hook?b=2&a=1&a=0";
    let signature = belt.run(["hooks", "sign", "-q", url]).expect(0).stdout;
    insta::assert_snapshot!(belt.run(["hooks", "verify", url, "--signature", signature.trim()]), @"
    --- stderr
    error: the signature is refused: the parameters were signed in another order than they came in
    because signed was `http://h/hook?a=0&a=1&b=2`
    hint: a key repeats, so the parameters count only in the order in which they came: sign them as they are sent (`hookbelt hooks sign --as-is`)
    [exit 1]
    ");
}

#[test]
fn a_flag_without_effect_is_refused() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let url = format!("https://deis.rocks/hook?{QUERY}");
    let signature = belt.run(["hooks", "sign", &url]).expect(0).stdout;
    let signature = signature.trim();
    belt.run(["hooks", "verify", &url, "--signature", signature, "--scheme", "https"]).expect(2);
    belt.run(["hooks", "verify", "--scheme", "https"]).expect(2);
    belt.write("request", format!("POST /hook?{QUERY} HTTP/1.1\nAuthorization: {signature}\n\n"));
    let arguments = ["hooks", "verify", "--request", "request", "--base-url", "http://other", "--scheme", "https"];
    let outcome = belt.run(arguments).expect(2);
    assert!(outcome.stderr.contains("--scheme changes nothing"), "{outcome}");
    // With a host it does: the text as it came counts too.
    belt.write("request", format!("POST /hook?{QUERY} HTTP/1.1\nHost: deis.rocks\nAuthorization: {signature}\n\n"));
    belt.run(arguments).expect(0);
    belt.run(&arguments[..6]).expect(1);
}

#[test]
fn a_base_url_that_is_none_is_refused() {
    let url = format!("http://deis.rocks?{QUERY}");
    insta::assert_snapshot!(refused(&[&url, "--signature", SHA, "--base-url", "ann:hunter2@deis.rocks"], "my_secret_key"), @"
    --- stderr
    error: --base-url is no URL that begins with http:// or https:// and a host
    hint: it is signed byte for byte: write it as the sender has it configured
    [exit 2]
    ");
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    belt.write("hooks", format!("{url}\t{SHA}\n"));
    belt.run(["hooks", "verify", "--batch", "hooks", "--base-url", "deis.rocks"]).expect(2);
    belt.run(["hooks", "verify", "--batch", "hooks", "--base-url", " HTTP://deis.rocks"]).expect(0);
}

#[test]
fn a_body_is_said_to_be_tried_where_it_was() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let head = format!("POST /?{QUERY} HTTP/1.1\r\nHost: h\r\nAuthorization: {SHA}\r\n\r\n");
    belt.write("request", head.clone() + "body");
    let outcome = belt.run(["hooks", "verify", "--request", "request"]).expect(1);
    assert!(outcome.stderr.contains("ends of the secret, and the body\n"), "{outcome}");
    belt.write("request", head);
    let outcome = belt.run(["hooks", "verify", "--request", "request"]).expect(1);
    assert!(outcome.stderr.contains("ends of the secret\n"), "{outcome}");
}

#[test]
fn the_example_of_the_help_can_be_copied() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let help = belt.run(["hooks", "verify", "--help"]).expect(0).stdout;
    let (_, examples) = help.split_once("Examples:\n").unwrap();
    let line: String = examples.lines().take(2).collect::<Vec<_>>().join("\n");
    let line = line.replace("hookbelt ", &format!("{} ", crate::support::HOOKBELT));
    let line = line.replace("--secret-file key", "");
    let ran = Command::new("sh").args(["-c", &line]).env("HOOKBELT_SECRET", "my_secret_key").output().unwrap();
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), "valid: the URL as it came was signed\n", "{line}");
}

#[test]
fn a_refusal_that_nobody_reads_is_no_success() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let mut command = belt.command(["hooks", "verify", "http://h/?a=1", "--signature", SHA, "--json"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    assert_eq!(command.stdout(writer).stderr(std::process::Stdio::null()).status().unwrap().code(), Some(1));
}
