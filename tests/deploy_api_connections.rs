//! How a deploy API is reached: by a proxy, over TLS, within time limits; and what is shown of that.

use std::fs;
use std::net::TcpListener;

use serde_json::json;

use crate::support::Belt;
use crate::support::mock_api::{MockApi, on};
use crate::support::tls::tls;

/// The request of `login`, answered.
fn ping(target: &str) -> crate::support::mock_api::Expected {
    on("GET", target).json(200, &json!({ "response": { "ok": true, "message": "pong" } }))
}

fn login(belt: &Belt, url: &str, more: &[&str]) -> crate::support::Outcome {
    belt.write("token", "hunter2\n");
    belt.run([&["login", url, "--backend", "server", "--token-file", "token"], more].concat())
}

#[test]
fn the_proxies_of_the_environment_are_used_but_for_hosts_that_need_none() {
    let proxy = MockApi::start(vec![ping("http://deploy.example.com/api/3/ping/auth.json")]);
    let mut belt = Belt::new();
    belt.set("HTTP_PROXY", &proxy.url);
    belt.set("http_proxy", &proxy.url);
    belt.set("NO_PROXY", "127.0.0.1");
    let outcome = login(&belt, "http://deploy.example.com", &[]).expect(0);
    assert!(outcome.stderr.contains("the token goes to http://deploy.example.com without TLS"), "{outcome}");
    let direct = MockApi::start(vec![ping("/api/3/ping/auth.json")]);
    login(&belt, &direct.url, &[]).expect(0);
    let mut belt = Belt::new();
    belt.set("http_proxy", "http://127.0.0.1:1");
    login(&belt, "http://deploy.example.com", &[]).expect(6);
}

#[test]
fn requests_and_headers_are_shown_to_who_asks_and_the_token_never() {
    let api = MockApi::start(vec![ping("/api/3/ping/auth.json").for_ever()]);
    let belt = Belt::new();
    assert!(!login(&belt, &api.url, &[]).expect(0).stderr.contains("GET"));
    let line = format!("GET {}/api/3/ping/auth.json: 200 ", api.url);
    let once = login(&belt, &api.url, &["-v"]).expect(0);
    assert!(once.stderr.contains(&line) && !once.stderr.contains("> "), "{once}");
    let twice = login(&belt, &api.url, &["-vv"]).expect(0);
    for part in [line.as_str(), "> authorization: Bearer ***", "< content-type: application/json"] {
        assert!(twice.stderr.contains(part), "{part}: {twice}");
    }
    assert!(!once.to_string().contains("hunter2") && !twice.to_string().contains("hunter2"), "{twice}");
}

#[test]
fn an_api_that_does_not_answer_is_given_up_on_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let belt = Belt::new();
    belt.limits("request = \"200ms\"");
    let outcome = login(&belt, &format!("http://{}", listener.local_addr().unwrap()), &[]).expect(6);
    assert!(outcome.stderr.contains("did not answer within"), "{outcome}");
}

#[test]
fn a_certificate_of_an_authority_of_ones_own_is_trusted_if_its_file_is_named() {
    let belt = Belt::new();
    let (_server, url) = tls(&belt.work(), &[]);
    let outcome = login(&belt, &url, &[]).expect(6);
    assert!(outcome.stderr.contains("certificate"), "{outcome}");
    assert!(outcome.stderr.contains("--ca-file"), "{outcome}");
    login(&belt, &url, &["--ca-file", "ca.pem"]).expect(0);
    // The profile keeps where the file is, wherever the command is run.
    let config = fs::read_to_string(belt.home().join(".config/hookbelt/config.toml")).unwrap();
    let file = belt.work().canonicalize().unwrap().join("ca.pem");
    assert!(config.contains(&format!("ca_file = \"{}\"", file.display())), "{config}");
    login(&belt, &url, &["--ca-file", "token"]).expect(2);
    login(&belt, &url, &["--ca-file", "nothing.pem"]).expect(2);
    let mut belt = Belt::new();
    belt.set("SSL_CERT_FILE", file.to_str().unwrap());
    login(&belt, &url, &[]).expect(0);
}
