//! What GitHub has delivered, and what it is asked to deliver again.

use jiff::Timestamp;
use serde_json::json;

use crate::domain::git_host::delivery::{Delivery, failing, missed};

/// Deliveries, newest first: id, event's id, minute, event, status.
fn deliveries(rows: &[(u64, &str, u8, &str, u64)]) -> Vec<Delivery> {
    let read = |(id, guid, minute, event, code): &(u64, &str, u8, &str, u64)| {
        let at = format!("2026-11-21T15:{minute:02}:00Z");
        let status = if *code == 200 { "OK" } else { "timed out" };
        Delivery::read(&json!({
            "id": id, "guid": guid, "delivered_at": at, "redelivery": false, "duration": 0.1, "status": status,
            "status_code": code, "event": event, "action": null, "throttled_at": null,
        }))
    };
    rows.iter().map(|row| read(row).unwrap()).collect()
}

fn at(minute: u8) -> Timestamp {
    format!("2026-11-21T15:{minute:02}:00Z").parse().unwrap()
}

#[test]
fn what_never_arrived_is_sent_again_oldest_first_and_once() {
    let all = deliveries(&[
        (9, "e", 50, "push", 200),
        (8, "b", 40, "push", 0),
        (7, "d", 30, "deployment", 502),
        (6, "c", 25, "push", 200),
        (5, "c", 20, "push", 500),
        (4, "b", 15, "push", 502),
        (3, "i", 12, "issues", 502),
        (2, "p", 11, "ping", 502),
        (1, "a", 5, "push", 503),
    ]);
    let ids = |since| missed(&all, at(since)).iter().map(|delivery| delivery.id).collect::<Vec<_>>();
    assert_eq!(ids(0), [1, 4, 7]);
    assert_eq!(ids(10), [4, 7]);
    assert_eq!(ids(35), [8]);
    assert_eq!(ids(45), [0; 0]);
}

#[test]
fn a_hook_fails_while_its_newest_deliveries_do() {
    let failing_of = |rows: &[(u64, &str, u8, &str, u64)]| {
        let all = deliveries(rows);
        failing(&all).map(|(count, newest)| (count, newest.id, newest.outcome()))
    };
    assert_eq!(failing_of(&[]), None);
    assert_eq!(failing_of(&[(2, "b", 2, "push", 200), (1, "a", 1, "push", 502)]), None);
    let two = [(3, "c", 3, "push", 502), (2, "b", 2, "push", 0), (1, "a", 1, "push", 200)];
    assert_eq!(failing_of(&two), Some((2, 3, "502".to_owned())));
    assert_eq!(failing_of(&two[1..]), Some((1, 2, "timed out".to_owned())));
    assert_eq!(Delivery::read(&json!({ "id": 1 })), None);
}
