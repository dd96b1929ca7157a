//! The stream of an app's log.

use crate::support::Belt;
use crate::support::api::Served;

#[test]
fn a_log_is_followed_and_gone_on_with_after_the_last_line_that_came() {
    let belt = Belt::with_command("echo hello; read go < gate; echo bye");
    let gate = belt.gate("gate");
    belt.limits("heartbeat = \"50ms\"");
    let served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    let path = format!("/stacks/{uid}/logs/stream");
    let mut events = served.public.stream(&path, "");
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
    let mut events = served.public.stream(&path, &format!("Last-Event-ID: {last}\r\n"));
    let (next, line) = events.next().unwrap();
    assert_eq!((next, &line["text"]), (last + 1, &"bye".into()));
    while !events.next().unwrap().1["text"].as_str().unwrap().starts_with("Deployment 1 succeeded") {}
    let of_one = format!("{path}?lines=1&deployment=1");
    let mut one = served.public.stream(&of_one, "");
    let (last, line) = one.next().unwrap();
    assert!(line["text"].as_str().unwrap().starts_with("Deployment 1 succeeded"));
    assert_eq!(one.next(), None, "the stream ends with its deployment");
    assert_eq!(served.public.send("GET", &of_one, &[&format!("Last-Event-ID: {last}")], b"").status, 204);
    assert_eq!(served.public.get(&format!("{path}?deployment=2")).status, 404);
    assert_eq!(served.public.send("GET", &path, &["Last-Event-ID: x"], b"").status, 400);
    served.server.signal("TERM");
    assert_eq!(events.next(), None, "the stream ends with the server");
    assert_eq!(served.server.end().0, 0);
}
