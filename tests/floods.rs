//! More, larger and slower requests than anybody means, at a real `hookbelt serve`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::crash::{much, sql};
use crate::support::http::{begin, connect, post, request};
use crate::support::{Belt, Running};

/// A server, and its app's hook.
fn site(belt: &Belt) -> (Running, String) {
    let server = belt.serve(&[]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    (server, url)
}

/// The status of the answer to what was written so far.
fn status(mut stream: &TcpStream) -> String {
    let mut answer = [0; 12];
    match stream.read_exact(&mut answer) {
        Ok(()) => String::from_utf8_lossy(&answer[9..]).into_owned(),
        Err(_) => "closed".to_owned(),
    }
}

#[test]
fn when_a_thousand_deployments_wait_a_hook_is_told_to_come_again() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let (mut server, url) = site(&belt);
    post(&url, &[], "").expect(200);
    server.until("deployment 1 begins");
    sql(
        &belt,
        "WITH RECURSIVE more (id) AS (SELECT 2 UNION ALL SELECT id + 1 FROM more WHERE id < 1001)
         INSERT INTO deployments (id, app_uid, place, state, run_by, user_name, strategy, attempt, resolved, created_at)
         SELECT more.id, app_uid, more.id, 'queued', run_by, user_name, strategy, 0, 0, created_at
         FROM deployments d, more WHERE d.id = 1",
    );
    let full = post(&url, &[], "").expect(429);
    assert!(full.head.to_lowercase().contains("retry-after: "), "{}", full.head);
    insta::assert_snapshot!(full.body, @r#"{"ok":false,"message":"1,000 deployments of this app wait already"}"#);
    sql(&belt, "UPDATE deployments SET state = 'canceled', ended_at = 0 WHERE id = 1001");
    post(&url, &[], "").expect(200);
    drop(gate);
}

#[test]
fn heads_and_bodies_that_take_too_long_are_broken_off() {
    let belt = Belt::with_command("true");
    belt.limits("request_head = \"300ms\"\nrequest_body = \"300ms\"");
    let (_server, url) = site(&belt);
    let mut slow_head = connect(&url).unwrap();
    slow_head.write_all(b"POST /").unwrap();
    let slow_body = begin("POST", &url, &[("Content-Length", "10")], b"");
    assert_eq!((status(&slow_head).as_str(), status(&slow_body).as_str()), ("closed", "408"));
    // One that breaks off in its body is no hook.
    let cut_off = begin("POST", &url, &[("Content-Length", "10")], b"");
    cut_off.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(["400", "closed"].contains(&status(&cut_off).as_str()));
    assert_eq!(belt.run(["deployments", "list", "--json"]).expect(0).json(), serde_json::json!([]));
    post(&url, &[], "").expect(200);
}

#[test]
fn floods_of_headers_are_refused() {
    let belt = Belt::with_command("true");
    let (_server, url) = site(&belt);
    let large = "x".repeat(1_000_000);
    for headers in [vec![("X-Many", "1"); 1_000], vec![("X-Large", &large)]] {
        assert_eq!(status(&begin("POST", &url, &headers, b"")), "431");
    }
    post(&url, &[], "").expect(200);
}

#[test]
fn bodies_that_fill_the_room_for_all_of_them_are_refused_until_there_is_some() {
    let belt = Belt::with_command("true");
    let (_server, url) = site(&belt);
    let begun: Vec<TcpStream> = (0..3)
        .map(|_| {
            let mut stream = begin("POST", &url, &[("Content-Length", "26214400")], b"");
            stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
            let _ = stream.write_all(&vec![b' '; 24 * 1024 * 1024]);
            stream
        })
        .collect();
    // The third did not find room.
    assert_eq!(status(&begun[2]), "503");
    drop(begun);
    let body = [vec![b' '; 20 * 1024 * 1024], b"{}".to_vec()].concat();
    let replies: Vec<u16> =
        (0..200).map(|_| post(&url, &[], &body).status).take_while(|status| *status != 200).collect();
    assert!(replies.iter().all(|status| *status == 503) && replies.len() < 200, "{replies:?}");
}

#[test]
fn thousands_of_idle_connections_keep_no_hook_away() {
    let belt = Belt::with_command("true");
    belt.limits("request_head = \"5s\"");
    let (server, url) = site(&belt);
    let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let (host, port) = address.split_once(':').unwrap();
    let count = much(1_000, 10_000);
    let script = format!(
        "import resource, socket, sys\n\
         resource.setrlimit(resource.RLIMIT_NOFILE, (10100, max(10100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))\n\
         idle = [socket.create_connection((\"{host}\", {port})) for _ in range({count})]\n\
         print(\"connected\", flush=True)\nsys.stdin.read()\n"
    );
    let mut python = Command::new("python3");
    let program = belt.write("idle.py", script);
    python.arg(program).stdin(std::process::Stdio::piped());
    let mut idle = Running::start(python);
    idle.until("connected");
    post(&url, &[], "").expect(200);
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().trim().to_owned();
    let kilobytes: u32 = memory.split(' ').next().unwrap().parse().unwrap();
    // An idle connection may hold so much.
    assert!(kilobytes < 30_000 + 24 * count, "{memory}");
}

#[test]
fn a_burst_of_connections_waits_to_be_taken() {
    let belt = Belt::with_command("true");
    let (server, url) = site(&belt);
    server.signal("STOP");
    let burst: Vec<TcpStream> = (0..400).map(|_| begin("POST", &url, &[("Content-Length", "0")], b"")).collect();
    server.signal("CONT");
    assert!(burst.iter().all(|stream| status(stream) == "200"));
}

#[test]
fn no_payload_can_write_into_the_log_or_onto_a_command_line() {
    let belt = Belt::new();
    belt.write(
        "hookbelt.toml",
        "app = \"shop\"\n[services.web]\ncheckout = false\ngit = \"https://github.com/acme/shop.git\"\n\
         deploy = \"printf '%s|' \\\"$HOOKBELT_BRANCH\\\" \\\"$HOOKBELT_USER\\\"\"\n",
    );
    let (mut server, url) = site(&belt);
    let evil = "x\\n2026-11-21T15:07:29Z hookbelt[api]: forged $(touch pwned) `touch pwned` \\u001b[2J";
    for (branch, default) in [(evil, evil), ("--upload-pack=touch pwned", "--upload-pack=touch pwned"), (evil, "main")]
    {
        let body = format!(
            "{{\"ref\": \"refs/heads/{branch}\", \"before\": \"{}\", \"after\": \"{}\", \"created\": false, \"deleted\": false,
             \"forced\": false, \"commits\": [{{}}], \"pusher\": {{\"name\": \"{evil}\"}},
             \"repository\": {{\"clone_url\": \"https://github.com/acme/shop.git\", \"default_branch\": \"{default}\"}}}}",
            "1".repeat(40),
            "2".repeat(40)
        );
        let reply = post(&url, &[("X-GitHub-Event", "push")], body);
        assert!([200, 400].contains(&reply.status), "{} {}", reply.status, reply.body);
    }
    post(&url, &[], "").expect(200);
    server.until("succeeded");
    server.signal("TERM");
    let (_, printed) = server.end();
    let log = belt.run(["logs"]).expect(0).stdout;
    for text in [&printed, &log] {
        assert!(text.lines().all(|line| !line.starts_with("2026-11-21T15:07:29Z")), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
    assert!(!belt.work().join("pwned").exists());
}

#[test]
fn many_at_once_are_all_accepted() {
    let belt = Belt::with_command("true");
    let (_server, url) = site(&belt);
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| (0..10).for_each(|_| drop(post(&url, &[], "").expect(200))));
        }
    });
    assert_eq!(sql(&belt, "SELECT COUNT(*) FROM deployments").trim(), "320");
}

#[test]
fn a_request_that_is_no_http_is_answered_so() {
    let belt = Belt::with_command("true");
    let (_server, url) = site(&belt);
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"hello\r\n\r\n", b"POST  HTTP/9\r\n\r\n"] {
        let mut stream = connect(&url).unwrap();
        stream.write_all(bytes).unwrap();
        assert_eq!(status(&stream), "400");
    }
    request("POST", &format!("{url}/more"), &[], b"").expect(404);
}
