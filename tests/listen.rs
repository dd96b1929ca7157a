//! `hookbelt hooks listen`: what it makes of requests, byte for byte.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::support::Belt;
use crate::support::listening::{Listening, belt_with_secret, request, rest, send, status};

const QUERY: &str = "app=shop&release=v4&release_summary=ann+deployed+35b3726&sha=35b3726&user=ann";

fn ids(entry: &Value) -> Vec<&str> {
    entry["causes"].as_array().unwrap().iter().map(|cause| cause["id"].as_str().unwrap()).collect()
}

#[test]
fn a_sender_that_is_configured_otherwise_is_understood_with_its_url() {
    let belt = belt_with_secret();
    for (base, came) in [
        ("http://elsewhere", "/?"),
        ("https://hooks.example.com/deis", "/deis?"),
        ("http://elsewhere/x?token=t", "/x?token=t?"),
        (" HTTP://Elsewhere", "/?"),
    ] {
        let mut listening = Listening::start(&belt, &["--json", "--base-url", base]);
        let target = format!("{came}{QUERY}");
        let answer = listening.tell(request(&target, &format!("{base}?{QUERY}")).as_bytes());
        assert_eq!(status(&answer), "200", "{base}: {answer}");
        let entry = listening.next();
        assert_eq!((&entry["app"], &entry["signed"]), (&"shop".into(), &"with_base_url".into()));
    }
    let listening = Listening::start(&belt, &["--scheme", "https"]);
    let answer = listening.tell(request(&format!("/x?{QUERY}"), &format!("https://h/x?{QUERY}")).as_bytes());
    assert_eq!(status(&answer), "200");
}

/// Every recorded request of a real controller, sent again byte for byte.
#[test]
fn recorded_hooks_get_the_verdict_that_they_have() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/deploy-hooks");
    let index: Vec<Value> = serde_json::from_str(&fs::read_to_string(folder.join("index.json")).unwrap()).unwrap();
    let belt = Belt::new();
    let mut count = 0;
    // One listener for each URL and secret that the controllers had.
    let configured = |hook: &Value| (hook["base_url"].to_string(), hook["secret"].to_string());
    let mut known: Vec<(String, String)> = index.iter().map(configured).collect();
    known.sort();
    known.dedup();
    for pair in known {
        let hooks: Vec<&Value> = index.iter().filter(|hook| configured(hook) == pair).collect();
        let key = belt.write("key", hooks[0]["secret"].as_str().unwrap_or_default()).display().to_string();
        let base = hooks[0]["base_url"].as_str().unwrap();
        let mut listening =
            Listening::start(&belt, &["--json", "--secret-file", &key, "--secret-raw", "--base-url", base]);
        for hook in hooks {
            let sent = fs::read_to_string(folder.join(hook["file"].as_str().unwrap())).unwrap();
            let answer = listening.tell(&sent);
            let entry = listening.next();
            assert_eq!(entry["valid"], hook["verifies_with_base_url"], "{hook}: {entry}");
            assert_eq!(status(&answer), if entry["valid"] == true { "200" } else { "401" });
            assert_eq!(entry["target"], sent.split(' ').nth(1).unwrap());
            if entry["valid"] == true {
                assert_eq!(entry["release_summary"], hook["params"]["release_summary"], "{hook}");
            }
            count += 1;
        }
    }
    assert_eq!(count, 60);
}

/// hyper cuts the first of these, and writes the scheme of the second small.
#[test]
fn targets_are_verified_byte_for_byte_as_they_came() {
    let belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &["--json"]);
    for (target, signed) in [
        ("/h#f?a=1", "http://h/h#f?a=1"),
        ("HTTP://H:80/x?a=1", "HTTP://H:80/x?a=1"),
        ("/a/../b//./c?a=1", "http://h/a/../b//./c?a=1"),
        ("/%7Eu/%41/%c3%a9?a=%2f", "http://h/%7Eu/%41/%c3%a9?a=%2f"),
        ("/é\"{}|\\^[]?a='`b", "http://h/é\"{}|\\^[]?a='`b"),
        ("/?", "http://h/?"),
        ("/x?t=1?a=1", "http://h/x?t=1?a=1"),
    ] {
        let answer = listening.tell(request(target, signed).as_bytes());
        let entry = listening.next();
        assert_eq!((status(&answer), &entry["target"]), ("200", &target.into()), "{entry}");
        assert_eq!(entry["signed"], "as_it_came");
    }
    // The Host header counts as it came.
    let with_host = request("/?a=1", "http://DEIS.rocks:08080/?a=1").replace("Host: h", "Host:   DEIS.rocks:08080 ");
    assert_eq!(status(&listening.tell(with_host)), "200");
    for (target, signed) in [("/x?a=1", "http://h/x/?a=1"), ("/?a=1&a=0", "http://h/?a=0&a=1")] {
        assert_eq!(status(&listening.tell(request(target, signed).as_bytes())), "401", "{target}");
    }
}

#[test]
fn what_leaves_a_choice_is_refused() {
    let belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &["--json"]);
    let good = request("/?a=1", "http://h/?a=1");
    for (from, to, reason) in [
        ("\r\n\r\n", "\r\nauthorization: x\r\n\r\n", "the request has two Authorization headers"),
        ("Host: h", "Host: h\r\nHost: h", "the request has two Host headers"),
        ("Host: h\r\n", "", "the request does not say its host, and the host is part of what is signed"),
    ] {
        assert_eq!(status(&listening.tell(good.replacen(from, to, 1).as_bytes())), "401", "{reason}");
        assert_eq!(listening.next()["reason"], reason);
    }
    assert_eq!(status(&listening.tell(good.replace("Authorization: ", "Authorization: sha1=").as_bytes())), "401");
    assert_eq!(ids(&listening.next()), ["prefix"]);
    assert_eq!(status(&listening.tell(good)), "200");
}

#[test]
fn what_the_request_holds_cannot_write_on_the_terminal() {
    let belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &[]);
    send(&belt, &listening.url(), &["--summary", "\u{1b}]0;owned\u{7}\nforged v1: line", "--user", "\u{202e}x"])
        .expect(0);
    let line = listening.running.until("shop");
    assert!(line.contains("shop v4: \\u{1b}]0;owned\\u{7}\\nforged v1: line (sha 35b3726, user \\u{202e}x)"), "{line}");
    let hostile =
        format!("POST /\u{1b}?a=\u{9b} HTTP/1.1\r\nHost: \u{9b}\r\nAuthorization: {}\r\n\r\n", "0".repeat(40));
    listening.tell(hostile);
    listening.running.signal("TERM");
    let (_, printed) = listening.running.end();
    assert!(printed.contains("refused: "), "{printed}");
    assert!(!printed.contains(|c: char| c.is_control() && c != '\n'), "{printed}");
}

#[test]
fn what_is_too_large_or_no_request_is_answered_so_and_shown() {
    let belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &["--json"]);
    let head = request("/?a=1", "http://h/?a=1");
    let with_body = |length: usize| {
        let head = head.replace("\r\n\r\n", &format!("\r\nContent-Length: {length}\r\n\r\n"));
        [head.as_bytes(), &vec![b'x'; length]].concat()
    };
    assert_eq!(status(&listening.tell(with_body(1_000_000))), "200");
    listening.next();
    assert_eq!(status(&listening.tell(with_body(1_000_001))), "413");
    assert_eq!(listening.next()["reason"], "its body is larger than 1 MB");
    let chunk = format!("{:x}\r\n{}\r\n", 600_000, "x".repeat(600_000));
    let chunked = head.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n") + &chunk + &chunk + "0\r\n\r\n";
    assert_eq!(status(&listening.tell(chunked)), "413");
    listening.next();

    for (bytes, expected) in [
        ("\x16\x03\x01\x02\r\n\r\n".to_owned(), "400"),
        (format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(20_000)), "431"),
        ("POST ?a=1 HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), "400"),
        ("POST /<script> HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(), "400"),
    ] {
        assert_eq!(status(&listening.tell(&bytes)), expected, "{bytes:.40}");
        let entry = listening.next();
        assert!(entry["reason"].as_str().unwrap().starts_with("it is no whole HTTP request: "), "{entry}");
    }
    assert_eq!(status(&listening.tell(head)), "200");
}

#[test]
fn what_is_too_slow_is_broken_off() {
    let belt = belt_with_secret();
    // Each holds its connection open, and says no more.
    let hold = |listening: &Listening, bytes: &str| {
        let mut stream = TcpStream::connect(&listening.address).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        rest(&mut stream)
    };
    let head = request("/?a=1", "http://h/?a=1");
    belt.limits("request_body = \"200ms\"");
    let mut listening = Listening::start(&belt, &["--json"]);
    assert_eq!(status(&hold(&listening, &head.replace("\r\n\r\n", "\r\nContent-Length: 9\r\n\r\n123"))), "408");
    assert_eq!(listening.next()["reason"], "its body took longer than 200ms");
    belt.limits("request_head = \"200ms\"");
    let mut listening = Listening::start(&belt, &["--json"]);
    assert_eq!(hold(&listening, ""), "");
    assert_eq!(hold(&listening, &head[..30]), "");
    assert_eq!(listening.next()["reason"], "its head took longer than 200ms");
}

#[test]
fn no_more_than_64_connections_are_served_at_a_time() {
    let belt = belt_with_secret();
    let listening = Listening::start(&belt, &[]);
    let mut idle: Vec<TcpStream> = (0..64).map(|_| TcpStream::connect(&listening.address).unwrap()).collect();
    let mut stream = TcpStream::connect(&listening.address).unwrap();
    stream.write_all(request("/?a=1", "http://h/?a=1").as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "the 65th is served");
    idle.pop();
    stream.set_read_timeout(None).unwrap();
    assert_eq!(status(&rest(&mut stream)), "200");
}

#[test]
fn what_cannot_be_done_is_said_at_once() {
    let belt = belt_with_secret();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let outcome = belt.run(["hooks", "listen", "--port", &port]).expect(2);
    assert!(outcome.stderr.starts_with(&format!("error: could not listen on 127.0.0.1:{port}: ")), "{outcome}");
    assert!(outcome.stderr.contains("hint: another `hookbelt hooks listen` may be there"), "{outcome}");
    for forward in ["", "localhost:3000", "ftp://h", "http://h/path", "http://h?a", "http://h/#f"] {
        belt.run(["hooks", "listen", "--port", "0", "--forward", forward]).expect(2);
    }
    let outcome = belt.run(["hooks", "listen", "--port", "0", "--forward", "http://ann:hunter2@h"]).expect(2);
    assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
    for base_url in ["", "deis.rocks", "/hook", "http:///x", "ftp://h"] {
        belt.run(["hooks", "listen", "--port", "0", "--base-url", base_url]).expect(2);
    }
    Belt::new().run(["hooks", "listen", "--port", "0"]).expect(2);
}
