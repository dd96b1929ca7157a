//! Deploy hooks out: signed as the Workflow controller signs, and what came of them in the app log.

use std::fs;

use crate::support::{Belt, Outcome, PLAIN, Receiver};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

fn belt(base: &str, secret: &str) -> Belt {
    Belt::with_manifest(&format!("{PLAIN}deploy = \"true\"\n[[deploy_hooks]]\nurl = \"{base}\"\n{secret}"))
}

/// The signature of a text as OpenSSL computes it.
fn openssl(belt: &Belt, key: &str, text: &str) -> String {
    let file = belt.write("signed.txt", text);
    let output =
        std::process::Command::new("openssl").args(["dgst", "-sha1", "-hmac", key, "-r"]).arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split(' ').next().unwrap().to_owned()
}

fn about_the_hook(outcome: &Outcome) -> String {
    let line = outcome.stdout.lines().find(|line| line.contains("eploy hook")).unwrap_or_else(|| panic!("{outcome}"));
    line.split_once("hookbelt[api]: ").unwrap().1.to_owned()
}

#[test]
fn the_request_is_signed_over_the_configured_url() {
    let receiver = Receiver::answering(OK);
    let base = receiver.url();
    let belt = belt(&base, "secret = { file = \"hook.key\" }\n");
    belt.write("hook.key", "my_secret_key\n");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert_eq!(about_the_hook(&outcome), format!("Deploy hook sent to {base}"));
    let request = receiver.request();
    let query = "app=shop&release=v1&release_summary=ann+deployed+web&sha=&user=ann";
    let signature = openssl(&belt, "my_secret_key", &format!("{base}?{query}"));
    let mut lines = request.lines();
    assert_eq!(lines.next(), Some(format!("POST /?{query} HTTP/1.1").as_str()));
    let header = |name: &str| {
        let line = request.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}: ")));
        line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.to_owned())
    };
    assert_eq!(header("authorization"), Some(signature));
    assert_eq!(header("content-length"), Some("0".to_owned()));
    assert!(header("user-agent").unwrap().starts_with("hookbelt/"));
}

#[test]
fn without_a_secret_there_is_no_signature() {
    let receiver = Receiver::answering(OK);
    let belt = belt(&format!("{}/hook/path", receiver.url()), "");
    belt.run(["redeploy"]).expect(0);
    let request = receiver.request();
    assert!(request.starts_with("POST /hook/path?app=shop&"), "{request}");
    assert!(!request.to_lowercase().contains("authorization"), "{request}");
}

#[test]
fn a_receiver_that_refuses_is_a_failure_with_its_first_line() {
    let receiver = Receiver::answering(
        "HTTP/1.1 500 Oops\r\nContent-Length: 21\r\nConnection: close\r\n\r\nout of \x1b[2Jorder\nmore\n",
    );
    let base = receiver.url();
    let belt = belt(&base, "");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert_eq!(
        about_the_hook(&outcome),
        format!(
            "An error occurred while sending the deploy hook to {base}: it answered 500: out of \\u{{1b}}[2Jorder (attempt 1; the next one is due in [TIME])"
        )
    );
}

#[test]
fn a_receiver_that_redirects_is_a_failure() {
    let receiver = Receiver::answering(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let outcome = belt(&receiver.url(), "").run(["redeploy"]).expect(0);
    assert!(about_the_hook(&outcome).contains(": it answered 302 (attempt 1; "), "{outcome}");
}

#[test]
fn a_receiver_that_closes_or_is_not_there_is_a_failure_that_shows_no_query() {
    let receiver = Receiver::answering("");
    for (base, said) in [
        (receiver.url(), "closed the connection without an answer"),
        ("http://127.0.0.1:1".to_owned(), "could not be reached"),
    ] {
        let host = base.replace("http://", "");
        let outcome = belt(&base, "").run(["redeploy"]).expect(0);
        let line = about_the_hook(&outcome);
        assert!(
            line.starts_with(&format!("An error occurred while sending the deploy hook to {base}: {host} {said}: ")),
            "{line}"
        );
        assert!(!line.contains("app=shop"), "{line}");
    }
}

#[test]
fn a_failed_deployment_tells_nobody() {
    let belt =
        Belt::with_manifest(&format!("{PLAIN}deploy = \"false\"\n[[deploy_hooks]]\nurl = \"http://127.0.0.1:1\"\n"));
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(!outcome.stdout.contains("eploy hook"), "{outcome}");
}

#[test]
fn a_secret_that_is_not_there_or_empty_stops_the_deployment_before_it_begins() {
    for secret in ["{ file = \"nowhere.key\" }", "{ file = \"empty.key\" }", "{ env = \"NOT_SET\" }"] {
        let belt = Belt::with_manifest(&format!(
            "{PLAIN}deploy = \"touch ran\"\n[[deploy_hooks]]\nurl = \"http://127.0.0.1:1\"\nsecret = {secret}\n"
        ));
        belt.write("empty.key", "\n");
        let outcome = belt.run(["redeploy"]).expect(2);
        assert!(
            outcome.stderr.starts_with("error: the secret of the deploy hook to http://127.0.0.1:1 cannot be read\n"),
            "{outcome}"
        );
        assert!(!belt.work().join("ran").exists());
        assert!(!fs::exists(belt.store_files()).unwrap());
    }
}

#[test]
fn a_secret_in_a_variable_is_used_and_never_shown() {
    let receiver = Receiver::answering(OK);
    let base = receiver.url();
    let mut belt = belt(&base, "secret = { env = \"HOOK_KEY\" }\n");
    belt.set("HOOK_KEY", "hunter2 hunter2");
    let outcome = belt.run(["redeploy", "-vv"]).expect(0);
    let request = receiver.request();
    let query = "app=shop&release=v1&release_summary=ann+deployed+web&sha=&user=ann";
    assert!(request.contains(&openssl(&belt, "hunter2 hunter2", &format!("{base}?{query}"))), "{request}");
    assert!(!outcome.to_string().contains("hunter2"));
}
