//! When a hook is sent again, and what is kept of each attempt.

use std::net::TcpListener;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::deliveries::{belt, deliveries, shown, target, told, until_sent, write};
use crate::support::inbox::{Inbox, header, reply};

/// Pauses that nobody has to wait for.
const AT_ONCE: &str = "deploy_hook_retries = [\"1ms\", \"1ms\"]";

/// Pauses after which nothing comes in the time of a test.
const LATER: &str = "deploy_hook_retries = [\"1h\", \"1h\"]";

#[test]
fn a_server_sends_a_hook_again_until_it_is_taken_and_keeps_a_receipt_of_each_attempt() {
    let inbox = Inbox::answering([500, 404, 200]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits(AT_ONCE);
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    until_sent(&mut server, &inbox);
    let requests = [inbox.next(), inbox.next(), inbox.next()];
    assert!(requests.iter().all(|request| target(request) == target(&requests[0])), "{requests:#?}");
    let delivery = shown(&belt, 1);
    assert_eq!(
        (&delivery["state"], &delivery["attempts"], &delivery["status"]),
        (&"delivered".into(), &3.into(), &200.into())
    );
    assert!(delivery["next_attempt_at"].is_null() && delivery["error"].is_null(), "{delivery}");
    let receipts: Vec<Value> = delivery["receipts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|receipt| {
            assert!(receipt["milliseconds"].is_u64() && receipt["started_at"].is_string(), "{receipt}");
            json!([receipt["attempt"], receipt["status"], receipt["error"], receipt["answer"]])
        })
        .collect();
    assert_eq!(
        receipts,
        [
            json!([1, 500, "it answered 500: said", "said\nmore\n"]),
            json!([2, 404, "it answered 404: said", "said\nmore\n"]),
            json!([3, 200, null, "said\nmore\n"]),
        ]
    );
    let url = inbox.url();
    assert_eq!(
        told(&belt),
        [
            format!(
                "An error occurred while sending the deploy hook to {url}: it answered 500: said (attempt 1; the next one is due in [TIME])"
            ),
            format!(
                "An error occurred while sending the deploy hook to {url}: it answered 404: said (attempt 2; the next one is due in [TIME])"
            ),
            format!("Deploy hook sent to {url}"),
        ]
    );
}

#[test]
fn after_the_last_pause_a_hook_is_given_up_and_seen_to_fail() {
    let inbox = Inbox::answering([503]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits(AT_ONCE);
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    server.until("(attempt 3, the last one)");
    let url = inbox.url();
    let said = belt.run(["hooks", "deliveries", "--failed"]).expect(0).stdout;
    assert_eq!(said, format!("1\tv1\tsucceeded\tfailed\t3\t{url}\tit answered 503: said\n"));
    let glance = belt.run(["apps", "show"]).expect(0).stdout;
    let line = format!("failing hook  {url}, delivery 1, given up: it answered 503: said\n");
    assert!(glance.contains(&line), "{glance}");
    assert_eq!(belt.run(["hooks", "deliveries", "--failed", "--release", "v2"]).expect(0).stdout, "");
    assert_eq!(belt.run(["hooks", "deliveries", "--release", "v1", "--json"]).expect(0).json()[0]["id"], 1);
}

#[test]
fn without_a_server_the_first_attempt_is_waited_for_and_the_next_redeploy_makes_the_second() {
    let inbox = Inbox::answering([500, 200]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits(AT_ONCE);
    belt.run(["redeploy"]).expect(0);
    assert_eq!(inbox.rest().len(), 1);
    let delivery = &deliveries(&belt)[0];
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&"waiting".into(), &1.into()));
    let listed = belt.run(["hooks", "deliveries"]).expect(0).stdout;
    assert!(listed.contains("\tit answered 500: said; due since [TIME]"), "nobody tries it again: {listed}");
    belt.run(["redeploy"]).expect(0);
    let mut releases: Vec<String> = inbox.rest().iter().map(|request| target(request)[..21].to_owned()).collect();
    releases.sort();
    assert_eq!(releases, ["/?app=shop&release=v1", "/?app=shop&release=v2"]);
    assert!(deliveries(&belt).iter().all(|delivery| delivery["state"] == "delivered"));
}

#[test]
fn a_hook_is_sent_again_when_somebody_asks_and_the_exit_code_says_whether_it_was_taken() {
    let inbox = Inbox::answering([500, 500, 200]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits(LATER);
    belt.run(["redeploy"]).expect(0);
    let refused = belt.run(["hooks", "redeliver", "1"]).expect(1);
    assert!(refused.stdout.starts_with("1\tv1\tsucceeded\twaiting\t2\t"), "{refused}");
    assert_eq!(
        refused.stderr,
        "error: delivery 1 was not taken\nhint: `hookbelt hooks deliveries show 1` shows its attempts\n"
    );
    let taken = belt.run(["hooks", "redeliver", "--failed", "--since", "1h"]).expect(0);
    assert!(taken.stdout.starts_with("1\tv1\tsucceeded\tdelivered\t3\t"), "{taken}");
    let nothing = belt.run(["hooks", "redeliver", "--failed", "--since", "1h"]).expect(3);
    assert_eq!(nothing.stderr, "error: no delivery has failed since then\n");
    let unknown = belt.run(["hooks", "redeliver", "7"]).expect(5);
    assert_eq!(
        unknown.stderr,
        "error: shop (staging) has no delivery 7\nhint: `hookbelt hooks deliveries` shows those there are\n"
    );
    for wrong in [
        &["hooks", "redeliver"][..],
        &["hooks", "redeliver", "1", "--failed", "--since", "1h"],
        &["hooks", "redeliver", "1", "--since", "1h"],
        &["hooks", "redeliver", "--failed"],
    ] {
        belt.run(wrong).expect(2);
    }
    belt.run(["hooks", "redeliver", "1"]).expect(0);
    assert_eq!(inbox.rest().len(), 4, "what was delivered is sent again too, if somebody asks for it");
}

#[test]
fn what_is_asked_for_is_sent_by_the_server_that_has_the_app() {
    let inbox = Inbox::answering([500, 200]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits(LATER);
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    server.until("it answered 500");
    belt.run(["hooks", "redeliver", "1"]).expect(0);
    until_sent(&mut server, &inbox);
    assert_eq!(shown(&belt, 1)["attempts"], 2);
}

#[test]
fn a_receiver_that_says_when_to_come_again_is_given_that_time() {
    let inbox = Inbox::with(|number, stream| match number {
        0 => reply(stream, 503, "Retry-After: 7200\r\n", ""),
        _ => reply(stream, 200, "", ""),
    });
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits(AT_ONCE);
    let before = Timestamp::now();
    belt.run(["redeploy"]).expect(0);
    let next: Timestamp = deliveries(&belt)[0]["next_attempt_at"].as_str().unwrap().parse().unwrap();
    assert!(next.duration_since(before).as_secs() >= 7200, "{next}");
    belt.run(["redeploy"]).expect(0);
    assert_eq!(deliveries(&belt)[0]["attempts"], 1, "it is not due yet");
}

#[test]
fn a_receiver_that_is_gone_is_switched_off_until_something_that_is_asked_for_reaches_it() {
    let inbox = Inbox::answering([500, 410, 200]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits(LATER);
    belt.run(["redeploy"]).expect(0);
    belt.run(["redeploy"]).expect(0);
    let url = inbox.url();
    let line = format!(
        "An error occurred while sending the deploy hook to {url}: it answered 410: said (this deploy hook is switched off)"
    );
    assert_eq!(told(&belt).last(), Some(&line));
    let states: Vec<Value> = deliveries(&belt).iter().map(|one| json!([one["state"], one["error"]])).collect();
    assert_eq!(
        states,
        [
            json!(["dropped", "the receiver said of delivery 2 that it is gone"]),
            json!(["failed", "it answered 410: said"])
        ]
    );
    belt.run(["redeploy"]).expect(0);
    assert_eq!((deliveries(&belt).len(), inbox.rest().len()), (2, 2), "nothing more is sent");
    let glance = belt.run(["apps", "show"]).expect(0).stdout;
    assert!(
        glance.contains(&format!("failing hook  {url}, delivery 2, switched off: it answered 410: said\n")),
        "{glance}"
    );
    belt.run(["hooks", "redeliver", "2"]).expect(0);
    belt.run(["redeploy"]).expect(0);
    assert_eq!(deliveries(&belt)[2]["release"], "v4");
    assert!(!belt.run(["apps", "show"]).expect(0).stdout.contains("failing"));
}

#[test]
fn a_hook_that_was_switched_off_is_on_again_when_the_manifest_was_without_it() {
    let inbox = Inbox::answering([410, 200]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.run(["redeploy"]).expect(0);
    write(&belt, "true", &[], "");
    belt.run(["redeploy"]).expect(0);
    write(&belt, "true", &[&inbox.url()], "");
    belt.run(["redeploy"]).expect(0);
    assert_eq!(deliveries(&belt)[1]["state"], "delivered");
}

#[test]
fn each_attempt_is_signed_with_the_secret_as_it_is_then() {
    let inbox = Inbox::answering([500, 200]);
    let belt = belt("true", &[&inbox.url()], "secret = { file = \"key\" }");
    belt.limits(AT_ONCE);
    belt.write("key", "old");
    belt.run(["redeploy"]).expect(0);
    belt.write("key", "new");
    belt.run(["hooks", "redeliver", "1"]).expect(0);
    let signed = |request: &str, key: &str| {
        let url = format!("{}{}", inbox.url(), target(request).replacen('/', "", 1));
        let secret = hookbelt_signature::Secret::new(key.into()).unwrap();
        let signature = hookbelt_signature::Signature::sign(&secret, &url).to_string();
        header(request, "authorization") == Some(signature.as_str())
    };
    let (first, second) = (inbox.next(), inbox.next());
    assert!(signed(&first, "old") && signed(&second, "new"), "{first}{second}");
}

#[test]
fn a_secret_that_cannot_be_read_is_a_failed_attempt() {
    let inbox = Inbox::answering([500, 200]);
    let belt = belt("true", &[&inbox.url()], "secret = { file = \"key\" }");
    let key = belt.write("key", "secret");
    belt.run(["redeploy"]).expect(0);
    std::fs::remove_file(&key).unwrap();
    belt.run(["hooks", "redeliver", "1"]).expect(1);
    let receipt = &shown(&belt, 1)["receipts"][1];
    assert!(receipt["error"].as_str().unwrap().starts_with("its secret cannot be read: "), "{receipt}");
    std::fs::write(&key, "secret").unwrap();
    belt.run(["hooks", "redeliver", "1"]).expect(0);
}

#[test]
fn what_waits_for_a_hook_that_is_not_in_the_manifest_any_more_is_dropped_and_the_log_says_so() {
    let gone = Inbox::answering([500]);
    let belt = belt("true", &[&gone.url()], "");
    belt.limits(AT_ONCE);
    belt.run(["redeploy"]).expect(0);
    write(&belt, "true", &[], "");
    belt.run(["redeploy"]).expect(0);
    let dropped = &deliveries(&belt)[0];
    assert_eq!((&dropped["state"], &dropped["attempts"]), (&"dropped".into(), &1.into()));
    assert_eq!(
        told(&belt)[1],
        format!("The deploy hook to {} is not sent: the manifest does not have this deploy hook any more", gone.url())
    );
    assert!(!belt.run(["apps", "show"]).expect(0).stdout.contains("failing"));
    assert_eq!(gone.rest().len(), 1);
}

#[test]
fn what_is_over_is_forgotten_after_its_time() {
    let inbox = Inbox::answering([200, 500, 200]);
    let belt = belt("true", &[&inbox.url()], "");
    belt.limits("delivery_retention = \"1ms\"\ndeploy_hook_retries = [\"1h\"]");
    for _ in 0..4 {
        belt.run(["redeploy"]).expect(0);
    }
    let ids: Vec<Value> = deliveries(&belt).iter().map(|delivery| delivery["id"].clone()).collect();
    assert_eq!(ids, [2, 4].map(Value::from), "what waits stays, and the newest");
}

#[test]
fn a_receiver_that_takes_longer_than_it_may_has_not_taken_it() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let belt = belt("true", &[&format!("http://{address}")], "");
    belt.limits(&format!("deploy_hook = \"300ms\"\n{LATER}"));
    belt.run(["redeploy"]).expect(0);
    let receipt = &shown(&belt, 1)["receipts"][0];
    assert_eq!(receipt["error"], format!("{address} did not answer within 300ms"));
    assert!(receipt["status"].is_null() && receipt["milliseconds"].as_u64().unwrap() >= 300, "{receipt}");
}
