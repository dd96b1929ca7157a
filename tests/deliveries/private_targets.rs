//! `serve --deny-private-targets`.

use crate::deliveries::{belt, shown};
use crate::support::inbox::Inbox;

const STANDARD: &str = "format = \"standard-webhooks\"\nsecret = { file = \"key\" }";

/// The ways to name this machine, a private network, and what knows a cloud machine's secrets.
fn private(port: &str) -> Vec<String> {
    let hosts = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "100.64.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ];
    hosts.iter().map(|host| format!("http://{host}:{port}/hook?x=1")).collect()
}

#[test]
fn nothing_is_sent_to_private_addresses_however_they_are_written() {
    let inbox = Inbox::answering([200]);
    let port = inbox.address().split(':').nth(1).unwrap().to_owned();
    let urls = private(&port);
    let belt = belt("true", &urls.iter().map(String::as_str).collect::<Vec<_>>(), STANDARD);
    belt.write("key", "whsec_bXlfc2VjcmV0X2tleQ==");
    belt.limits("deploy_hook_retries = [\"1h\"]");
    let mut server = belt.serve(&["--deny-private-targets"]);
    belt.run(["redeploy"]).expect(0);
    for _ in &urls {
        server.until("has no public address, and this server sends nothing to private ones");
    }
    for (id, url) in (1..).zip(&urls) {
        let delivery = shown(&belt, id);
        assert!(delivery["error"].as_str().unwrap().contains("has no public address"), "{url}: {delivery}");
    }
    assert!(inbox.rest().is_empty());
}

#[test]
fn without_the_flag_the_same_addresses_are_reached() {
    let inbox = Inbox::answering([200]);
    let port = inbox.address().split(':').nth(1).unwrap().to_owned();
    let urls = &private(&port)[..5];
    let belt = belt("true", &urls.iter().map(String::as_str).collect::<Vec<_>>(), STANDARD);
    belt.write("key", "whsec_bXlfc2VjcmV0X2tleQ==");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    for _ in urls {
        server.until("Deploy hook sent to");
    }
    assert_eq!(inbox.rest().len(), urls.len());
}

#[test]
fn no_proxy_is_asked_to_reach_them() {
    let inbox = Inbox::answering([200]);
    let mut belt = belt("true", &["http://receiver.test"], "");
    belt.set("http_proxy", &inbox.url());
    belt.limits("deploy_hook_retries = [\"1h\"]\ndeploy_hook = \"10s\"");
    let mut server = belt.serve(&["--deny-private-targets"]);
    belt.run(["redeploy"]).expect(0);
    server.until("An error occurred");
    assert!(inbox.rest().is_empty());
}
