//! Receivers that are slow, gone, huge, elsewhere or expired, and an engine that is killed while it sends.

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use hookbelt_signature::{Secret, Signature};

use crate::crash::{much, sql};
use crate::deliveries::{belt, deliveries, deliveries_of, shown, target, until_sent};
use crate::support::inbox::{Inbox, header, reply};
use crate::support::tls::tls;
use crate::support::{Belt, wait_until};

/// Answers from the second request on; the first one is held.
fn holds_the_first() -> (Inbox, Arc<Mutex<Vec<TcpStream>>>) {
    let held = Arc::<Mutex<Vec<TcpStream>>>::default();
    let holder = held.clone();
    let inbox = Inbox::with(move |number, stream| match number {
        0 => holder.lock().unwrap().push(stream),
        _ => reply(stream, 200, "", ""),
    });
    (inbox, held)
}

#[test]
fn an_attempt_in_whose_middle_the_server_was_killed_is_made_again_by_the_next_one() {
    let (inbox, _held) = holds_the_first();
    let belt = belt("true", &[&inbox.url()], "");
    let server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    let first = inbox.next();
    server.signal("KILL");
    server.end();
    let mut server = belt.serve(&[]);
    until_sent(&mut server, &inbox);
    assert_eq!(inbox.rest(), [first]);
    assert_eq!(shown(&belt, 1)["receipts"].as_array().unwrap().len(), 1);
}

#[test]
fn an_attempt_in_whose_middle_a_redeploy_was_killed_is_made_again_by_whoever_comes_next() {
    let (inbox, _held) = holds_the_first();
    let belt = belt("true", &[&inbox.url()], "");
    let running = belt.start(["redeploy"]);
    let first = inbox.next();
    running.signal("KILL");
    running.end();
    assert_eq!(deliveries(&belt)[0]["state"], "waiting");
    belt.run(["redeploy"]).expect(0);
    let requests = inbox.rest();
    assert!(requests.len() == 2 && requests.contains(&first), "{requests:#?}");
}

#[test]
fn a_server_that_is_stopped_lets_an_attempt_end_and_a_second_signal_does_not() {
    let (inbox, held) = holds_the_first();
    let belt = belt("true", &[&inbox.url()], "");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    inbox.next();
    server.signal("TERM");
    server.until("stopping: what runs may end");
    reply(held.lock().unwrap().pop().unwrap(), 200, "", "");
    assert!(server.end().1.contains("Deploy hook sent"));

    let (inbox, _held) = holds_the_first();
    super::write(&belt, "true", &[&inbox.url()], "");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    inbox.next();
    server.signal("TERM");
    server.until("stopping: what runs may end");
    server.signal("TERM");
    assert_eq!(server.end().0, 0);
    assert_eq!(deliveries(&belt)[1]["attempts"], 0, "what was not recorded is sent again");
}

#[test]
fn a_server_that_is_stopped_begins_no_attempt_later_than_a_receiver_may_take() {
    let inbox = Inbox::with(|_, stream| std::mem::forget(stream));
    let urls: Vec<String> = (0..40).map(|path| format!("{}/{path}", inbox.url())).collect();
    let belt = belt("true", &urls.iter().map(String::as_str).collect::<Vec<_>>(), "");
    belt.limits("deploy_hook = \"300ms\"\ndeploy_hook_retries = [\"1h\"]");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    inbox.next();
    server.signal("TERM");
    server.until("stopping: what runs may end");
    assert_eq!(server.end().0, 0);
    let untried = deliveries_of(&belt, 100).iter().filter(|one| one["attempts"] == 0).count();
    assert!((1..40).contains(&untried), "{untried}");
    assert_eq!(sql(&belt, "SELECT COUNT(*) FROM deliveries WHERE engine_uid IS NOT NULL").trim(), "0");
}

#[test]
fn a_slow_receiver_delays_no_other_and_no_deployment() {
    let (slow, _held) = holds_the_first();
    let quick = Inbox::answering([200]);
    let belt = belt("true", &[&slow.url(), &quick.url()], "");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    slow.next();
    until_sent(&mut server, &quick);
    belt.run(["redeploy"]).expect(0);
    until_sent(&mut server, &slow);
    let all = deliveries(&belt);
    let slow_first = all.iter().find(|one| one["url"] == slow.url() && one["release"] == "v1").unwrap();
    assert_eq!((&slow_first["state"], &slow_first["attempts"]), (&"waiting".into(), &0.into()), "it is still held");
}

#[test]
fn a_redeploy_that_is_stopped_while_a_receiver_hangs_has_deployed_and_cancels_nothing() {
    let (inbox, _held) = holds_the_first();
    let belt = belt("true", &[&inbox.url()], "");
    let running = belt.start(["redeploy"]);
    inbox.next();
    running.signal("TERM");
    let (code, said) = running.end();
    assert_eq!(code, 0);
    for line in ["the deployment is over: nothing is canceled", "1 deploy hook is not sent yet: the next deployment"] {
        assert!(said.contains(line) && !said.contains("canceling"), "{said}");
    }
    assert_eq!(deliveries(&belt)[0]["state"], "waiting");
    assert_eq!(belt.run(["deployments", "show", "1", "--json"]).expect(0).json()["state"], "succeeded");
}

#[test]
fn a_secret_that_changes_signs_what_waited_behind_a_slow_receiver() {
    let held = Arc::<Mutex<Vec<TcpStream>>>::default();
    let holder = held.clone();
    let inbox = Inbox::with(move |_, stream| holder.lock().unwrap().push(stream));
    let belt = belt("true", &[&format!("{}/in", inbox.url())], "secret = { file = \"key\" }");
    belt.write("key", "old");
    let _server = belt.serve(&[]);
    for _ in 0..5 {
        belt.run(["redeploy"]).expect(0);
    }
    let is_signed_with = |secret: &str, request: &str| {
        let secret = Secret::new(secret.as_bytes().to_vec()).unwrap();
        let url = format!("{}{}", inbox.url(), target(request));
        header(request, "authorization").unwrap() == Signature::sign(&secret, &url).to_string()
    };
    assert!((0..4).all(|_| is_signed_with("old", &inbox.next())), "these are held");
    belt.write("key", "new");
    // Longer than what was read before is taken for new.
    belt.run(["apps", "show"]).expect(0);
    wait_until("four are held", || held.lock().unwrap().len() == 4);
    reply(held.lock().unwrap().remove(0), 200, "", "");
    assert!(is_signed_with("new", &inbox.next()));
}

#[test]
fn of_a_gigabyte_of_answer_only_the_beginning_is_read_and_kept() {
    let (sender, written) = channel();
    let inbox = Inbox::with(move |_, mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
        let some = vec![b'x'; 1 << 16];
        let count = (0..1 << 14).take_while(|_| stream.write_all(&some).is_ok()).count();
        let _ = sender.send(count);
    });
    let belt = belt("true", &[&inbox.url()], "");
    belt.run(["redeploy"]).expect(0);
    let delivery = shown(&belt, 1);
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(delivery["receipts"][0]["answer"].as_str().unwrap().len(), 4096);
    assert!(written.recv().unwrap() < 1 << 10, "less than 64 MB could be sent");
}

/// Has programs look names up in a file of the test's alone.
fn with_names(belt: &mut Belt) -> std::path::PathBuf {
    let names = belt.write("hosts", "");
    let switch = belt.write("nsswitch.conf", "hosts: files\n");
    let mount = format!(
        "mount --bind {} /etc/hosts && mount --bind {} /etc/nsswitch.conf && exec \"$@\"",
        names.display(),
        switch.display()
    );
    let is_root = rustix::process::geteuid().is_root();
    let user: &[&str] = if is_root { &[] } else { &["--user", "--map-root-user"] };
    let words = [&["unshare", "--mount"], user, &["sh", "-c", mount.as_str(), "sh"]].concat();
    belt.start_within(words.into_iter().map(str::to_owned).collect());
    names
}

#[test]
fn a_name_is_looked_up_anew_at_each_attempt() {
    let inbox = Inbox::answering([200]);
    let port = inbox.address().split(':').nth(1).unwrap().to_owned();
    let mut belt = belt("true", &[&format!("http://receiver.test:{port}")], "");
    let names = with_names(&mut belt);
    belt.run(["redeploy"]).expect(0);
    std::fs::write(&names, "127.0.0.9 receiver.test\n").unwrap();
    belt.run(["hooks", "redeliver", "1"]).expect(1);
    std::fs::write(&names, "127.0.0.1 receiver.test\n").unwrap();
    belt.run(["hooks", "redeliver", "1"]).expect(0);
    let delivery = shown(&belt, 1);
    let error = |attempt: usize| delivery["receipts"][attempt]["error"].as_str().unwrap_or_default().to_owned();
    assert!(error(0).contains("failed to lookup address"), "{}", error(0));
    assert!(error(1).contains("could not be reached") && error(1).contains("refused"), "{}", error(1));
    assert_eq!(delivery["state"], "delivered");
}

#[test]
fn a_name_that_means_a_private_address_is_refused_at_each_attempt_and_no_other_of_its_addresses_is_tried() {
    let inbox = Inbox::answering([200]);
    let port = inbox.address().split(':').nth(1).unwrap().to_owned();
    let mut belt = belt("true", &[&format!("http://receiver.test:{port}")], "");
    belt.limits("deploy_hook_retries = [\"1h\"]\ndeploy_hook = \"1s\"");
    let names = with_names(&mut belt);
    std::fs::write(&names, "127.0.0.1 receiver.test\n").unwrap();
    let mut server = belt.serve(&["--deny-private-targets"]);
    belt.run(["redeploy"]).expect(0);
    let line = server.until("An error occurred");
    let said = format!("receiver.test:{port} has no public address, and this server sends nothing to private ones");
    assert!(line.contains(&said), "{line}");
    // One public address among them, at which nobody is: the private one is not connected to all the same.
    std::fs::write(&names, "127.0.0.1 receiver.test\n192.52.193.1 receiver.test\n").unwrap();
    belt.run(["hooks", "redeliver", "1"]).expect(1);
    let error = shown(&belt, 1)["receipts"][1]["error"].to_string();
    assert!(!error.contains("public address") && error.contains("receiver.test"), "{error}");
    assert!(inbox.rest().is_empty());
}

#[test]
fn a_receiver_whose_certificate_has_expired_is_told_nothing() {
    let mut belt = Belt::new();
    let (_server, url) = tls(&belt.work(), &["faketime", "2020-01-01"]);
    super::write(&belt, "true", &[&url], "");
    let authority = belt.work().canonicalize().unwrap().join("ca.pem");
    belt.set("SSL_CERT_FILE", authority.to_str().unwrap());
    belt.run(["redeploy"]).expect(0);
    let error = shown(&belt, 1)["receipts"][0]["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("there is no secure connection to localhost:") && error.contains("expired"), "{error}");
}

/// A test of everyday length has a part of them.
#[test]
fn thousands_of_hosts_that_fail_delay_none_that_does_not() {
    let inbox = Inbox::answering([200]);
    let count = much(1_000, 10_000);
    let address = |number: u32| format!("127.{}.{}.{}", 1 + number / 62_500, number / 250 % 250, 1 + number % 250);
    let urls: Vec<String> =
        (0..count).map(|number| format!("http://{}:1", address(number))).chain([inbox.url()]).collect();
    let belt = belt("true", &urls.iter().map(String::as_str).collect::<Vec<_>>(), "");
    belt.limits("deploy_hook_retries = [\"1h\"]\nlog_retention = \"1h\"");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    until_sent(&mut server, &inbox);
    let tried = "SELECT COUNT(*) FROM deliveries WHERE attempts = 1 AND state = 'waiting'";
    wait_until("all were tried", || sql(&belt, tried).trim() == count.to_string());
    assert_eq!(sql(&belt, "SELECT COUNT(*) FROM receipts").trim(), (count + 1).to_string());
}

#[test]
fn a_receiver_that_is_down_for_an_hour_gets_everything_when_it_is_back() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let belt = belt("true", &[&url], "");
    let mut server = belt.serve(&[]);
    for _ in 0..3 {
        belt.run(["redeploy"]).expect(0);
        server.until("An error occurred");
    }
    // An hour goes by.
    sql(&belt, "UPDATE deliveries SET due_at = due_at - 3600000");
    let inbox = Inbox::on(port, |_, stream| reply(stream, 200, "", ""));
    let stopped = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(stopped.success());
    server.end();
    let mut server = belt.serve(&[]);
    for _ in 0..3 {
        until_sent(&mut server, &inbox);
    }
    let mut came: Vec<String> = inbox.rest().iter().map(|request| target(request)[..21].to_owned()).collect();
    came.sort();
    assert_eq!(came, ["/?app=shop&release=v1", "/?app=shop&release=v2", "/?app=shop&release=v3"]);
}
