//! Who sent a request, and what tells one delivery from another.

use super::*;

#[test]
fn the_most_particular_header_says_who_sent_it() {
    let all = [
        ("X-GitHub-Event", Sender::Github),
        ("X-Event-Key", Sender::Bitbucket),
        ("X-Gitlab-Event", Sender::Gitlab),
        ("X-Gogs-Event", Sender::Gogs),
        ("X-Gitea-Event", Sender::Gitea),
        ("X-Forgejo-Event", Sender::Forgejo),
    ];
    let sender = |headers: &[(&str, &str)]| {
        Sender::by_headers(&Received { headers, ..Received::default() }).map(|(sender, _)| sender)
    };
    assert_eq!(sender(&[("X-Request-Id", "1"), ("User-Agent", "GitHub-Hookshot/1")]), None);
    for (at, (_, expected)) in all.iter().enumerate() {
        let mut headers: Vec<(&str, &str)> = all[..=at].iter().map(|(header, _)| (*header, "push")).collect();
        assert_eq!(sender(&headers), Some(*expected));
        headers.reverse();
        assert_eq!(sender(&headers), Some(*expected), "the order of the headers counted");
    }
    assert_eq!(sender(&[("x-github-EVENT", "push")]), Some(Sender::Github));
}

#[test]
fn bitbucket_is_the_cloud_unless_only_a_server_s_header_is_there() {
    let cases = [
        ("X-Event-Key: repo:push", Sender::Bitbucket),
        ("X-Event-Key: repo:push, X-Hook-UUID: 1, X-Request-Id: 1", Sender::Bitbucket),
        ("X-Event-Key: repo:push, X-Request-UUID: 1, X-Request-Id: 1", Sender::Bitbucket),
        ("X-Event-Key: repo:push, X-Request-Id: 1", Sender::BitbucketServer),
    ];
    for (lines, expected) in cases {
        let received = Received { headers: &headers(lines), ..Received::default() };
        assert_eq!(Sender::by_headers(&received).unwrap().0, expected, "{lines}");
    }
}

#[test]
fn each_host_names_its_deliveries_in_its_own_header() {
    let long = format!("X-GitHub-Event: ping, X-GitHub-Delivery: {}", "x".repeat(201));
    let cases = [
        ("X-GitHub-Event: ping, X-GitHub-Delivery: a", Some(("a", 1))),
        ("X-GitHub-Event: ping, X-GitHub-Delivery:  ", None),
        (&long, None),
        ("X-GitHub-Event: ping, X-Request-UUID: a", None),
        ("X-Event-Key: other, X-Request-UUID: a, X-Attempt-Number: 1", Some(("a", 1))),
        ("X-Event-Key: other, X-Request-UUID: a, X-Attempt-Number: 3", Some(("a", 3))),
        ("X-Event-Key: other, X-Request-UUID: a, X-Attempt-Number: many", Some(("a", 1))),
        ("X-Event-Key: other, X-Request-Id: a, X-Attempt-Number: 2", Some(("a", 1))),
        ("X-Gitlab-Event: other, X-Gitlab-Event-UUID: b, Idempotency-Key: a", Some(("a", 1))),
        ("X-Gitlab-Event: other, X-Gitlab-Event-UUID: b, webhook-id: a", Some(("a", 1))),
        ("X-Gitlab-Event: other, X-Gitlab-Event-UUID: b, X-Gitlab-Webhook-UUID: c", Some(("b", 1))),
        ("X-Gitea-Event: other, X-GitHub-Delivery: b, X-Gitea-Delivery: a", Some(("a", 1))),
        ("X-Forgejo-Event: other, X-Gitea-Delivery: b, X-Forgejo-Delivery: a", Some(("a", 1))),
        ("X-Gogs-Event: other, X-Gogs-Delivery: a", Some(("a", 1))),
        ("Idempotency-Key: a, X-GitHub-Delivery: a", None),
    ];
    for (lines, expected) in cases {
        let delivery = read(lines, "").unwrap().delivery;
        let delivery = delivery.as_ref().map(|delivery| (delivery.id.as_str(), delivery.attempt));
        assert_eq!(delivery, expected, "{lines}");
    }
}

#[test]
fn a_bare_body_is_from_whom_somebody_says() {
    let cases = [
        ("github", "X-GitHub-Event: push"),
        ("GitHub:ping", "X-GitHub-Event: ping"),
        ("gitlab", "X-Gitlab-Event: Push Hook"),
        ("gitlab:push", "X-Gitlab-Event: Push Hook"),
        ("gitlab:Tag Push Hook", "X-Gitlab-Event: Tag Push Hook"),
        ("bitbucket", "X-Event-Key: repo:push"),
        ("bitbucket:repo:fork", "X-Event-Key: repo:fork"),
        ("gitea", "X-Gitea-Event: push"),
        ("forgejo:delete", "X-Forgejo-Event: delete"),
        ("gogs", "X-Gogs-Event: push"),
    ];
    for (word, header) in cases {
        let from: PayloadFrom = word.parse().unwrap();
        assert_eq!(vec![from.header()], headers(header), "{word}");
    }
    for word in ["", ":", "github:", "github: ", "hub", "push"] {
        assert!(word.parse::<PayloadFrom>().is_err(), "{word:?}");
    }
}

#[test]
fn a_captured_request_is_read_as_it_came() {
    let text = "POST /stacks/redeploy/a/b?services=web%2Capi#f HTTP/1.1\r\nhost: h\r\nX-GitHub-Event:  ping \r\nbroken\r\n\r\n{\r\n\r\n}";
    let captured = Captured::parse(text.as_bytes()).unwrap();
    let received = captured.received();
    assert_eq!((received.query, received.body), ("services=web%2Capi", &b"{\r\n\r\n}"[..]));
    assert_eq!(received.header("x-github-event"), Some("ping"));
    let cases = [
        ("{}", "the payload does not begin with a request line such as `POST /stacks/redeploy/a/b HTTP/1.1`"),
        ("", "the payload does not begin with a request line such as `POST /stacks/redeploy/a/b HTTP/1.1`"),
        ("GET / HTTP/1.1\r\n\r\n", "the method of the payload is GET, and a redeployment hook takes POST alone"),
        (
            "POST / HTTP/1.1\nTransfer-Encoding: Chunked\n\n0",
            "the body of the payload is chunked, which is not taken apart here",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(Captured::parse(text.as_bytes()).unwrap_err().to_string(), expected, "{text}");
    }
}
