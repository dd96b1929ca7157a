//! The stream of an app's log.

use std::fs;

use crate::support::api::{Client, Served};
use crate::support::{Belt, PLAIN};

#[test]
fn a_log_is_followed_and_gone_on_with_after_the_last_line_that_came() {
    let belt = Belt::with_command("echo hello; read go < gate; echo bye");
    let gate = belt.gate("gate");
    belt.limits("heartbeat = \"50ms\"");
    let served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    let path = format!("/stacks/{uid}/logs/stream");
    let mut events = served.public.stream(&path, &[]);
    assert_eq!(events.line("content-type: ").unwrap(), "text/event-stream");
    events.line(": alive").unwrap();
    served.redeploy.send("POST", &format!("/stacks/{uid}/deployments"), &[], b"").response();
    let (mut last, mut line) = events.next().unwrap();
    assert_eq!((last, &line["number"]), (1, &1.into()));
    while line["text"] != "hello" {
        (last, line) = events.next().unwrap();
    }
    assert_eq!(line["source"], "shop[web.v1]");
    drop(events);
    gate.open();
    let mut events = served.public.stream(&path, &[("Last-Event-ID", &last.to_string())]);
    let (next, line) = events.next().unwrap();
    assert_eq!((next, &line["text"]), (last + 1, &"bye".into()));
    while !events.next().unwrap().1["text"].as_str().unwrap().starts_with("Deployment 1 succeeded") {}
    let of_one = format!("{path}?lines=1&deployment=1");
    let mut one = served.public.stream(&of_one, &[]);
    let (last, line) = one.next().unwrap();
    assert!(line["text"].as_str().unwrap().starts_with("Deployment 1 succeeded"));
    assert_eq!(one.next(), None, "the stream ends with its deployment");
    assert_eq!(served.public.send("GET", &of_one, &[("Last-Event-ID", &last.to_string())], b"").status, 204);
    assert_eq!(served.public.get(&format!("{path}?deployment=2")).status, 404);
    assert_eq!(served.public.send("GET", &path, &[("Last-Event-ID", "x")], b"").status, 400);
    served.server.signal("TERM");
    assert_eq!(events.next(), None, "the stream ends with the server");
    assert_eq!(served.server.end().0, 0);
}

#[test]
fn a_stream_ends_when_its_token_is_revoked_or_its_app_is_served_no_more() {
    let belt = Belt::new();
    for app in ["shop", "blog"] {
        belt.write(&format!("apps/{app}.toml"), format!("{PLAIN}deploy = \"true\"\n").replace("shop", app));
    }
    let mut served = Served::start(&belt, &["apps"]);
    let stream = |client: &Client, app: &str| {
        let mut events = client.stream(&format!("/stacks/{}/logs/stream", client.uid(app)), &[]);
        events.line("content-type: ").unwrap();
        events
    };
    let (mut revoked, mut gone) = (stream(&served.public, "shop"), stream(&served.redeploy, "blog"));
    let mut stays = stream(&served.redeploy, "shop");
    belt.run(["tokens", "revoke", "public-token"]).expect(0);
    assert_eq!(revoked.next(), None, "the token is worth nothing any more");
    // A token of the same name is another one.
    belt.run(["tokens", "create", "public-token"]).expect(0);
    fs::remove_file(belt.work().join("apps/blog.toml")).unwrap();
    served.server.signal("HUP");
    assert_eq!(gone.next(), None, "the app is not there any more");
    belt.run(["redeploy", "-s", "shop"]).expect(0);
    assert_eq!(stays.next().unwrap().0, 1);
    served.server.until("deployment 1 succeeded");
}
