//! What is installed around the program: the systemd unit, the proxies in front of it, and a backup of its store.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;

use crate::support::http::{post, request};
use crate::support::proxy::{HOST, Kind, Proxy, packaged};
use crate::support::{Belt, HOOKBELT, wait_until};

/// The unit with the path of the real binary, in a file of its name.
fn unit(belt: &Belt, parts: &[(&str, &str)]) -> String {
    let parts = [&[("/usr/bin/hookbelt", HOOKBELT)], parts].concat();
    let path = belt.write("hookbelt.service", packaged("hookbelt.service", &parts));
    path.display().to_string()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The arguments of `systemd-analyze` about the unit.
fn analyze(arguments: &[&str]) -> Output {
    Command::new("systemd-analyze").args(arguments).output().unwrap()
}

#[test]
fn systemd_understands_every_line_of_the_unit() {
    let belt = Belt::new();
    let verify =
        |parts: &[(&str, &str)]| said(&analyze(&["verify", "--man=no", "--recursive-errors=no", &unit(&belt, parts)]));
    assert_eq!(verify(&[]), "");
    // That it says nothing means something.
    let misspelled = verify(&[("PrivateTmp=", "PrivateTemp=")]);
    assert!(misspelled.contains("PrivateTemp"), "{misspelled}");
    let elsewhere = verify(&[(HOOKBELT, "/nowhere/hookbelt")]);
    assert!(elsewhere.contains("/nowhere/hookbelt is not executable"), "{elsewhere}");
    // Nor is there anything in the drop-in for `sudo` that it would pass over.
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md")).unwrap();
    let (drop_in, _) = page.split_once("```ini\n").and_then(|(_, rest)| rest.split_once("```")).unwrap();
    belt.write("hookbelt.service.d/sudo.conf", drop_in);
    assert_eq!(verify(&[]), "");
    belt.write("hookbelt.service.d/sudo.conf", drop_in.replace("ProtectClock", "ProtectClocks"));
    assert!(verify(&[]).contains("ProtectClocks"));
}

#[test]
fn the_unit_exposes_little() {
    let belt = Belt::new();
    // 1.6 of 10 with systemd 252; other versions weigh a little otherwise.
    let most = "--threshold=20";
    let exposure = analyze(&["security", "--offline=true", "--no-pager", most, &unit(&belt, &[])]);
    assert!(exposure.status.success(), "{}", said(&exposure));
    let loose = unit(&belt, &[("NoNewPrivileges=yes", "NoNewPrivileges=no"), ("SystemCallFilter=", "#")]);
    assert!(!analyze(&["security", "--offline=true", "--no-pager", most, &loose]).status.success());
}

#[test]
fn the_user_and_the_folder_of_manifests_can_be_made() {
    let belt = Belt::new();
    belt.write("etc/group", "root:x:0:\nhookbelt:x:999:\n");
    let root = format!("--root={}", belt.work().display());
    for (program, mode, file) in
        [("systemd-sysusers", "--dry-run", "hookbelt.sysusers"), ("systemd-tmpfiles", "--clean", "hookbelt.tmpfiles")]
    {
        let mut command = Command::new(program);
        command.args([mode, &root, "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(packaged(file, &[]).as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{program}: {}", said(&output));
    }
}

#[test]
fn the_command_line_of_the_unit_serves_is_reloaded_and_stops() {
    let belt = Belt::new();
    belt.write("etc/shop.toml", "app = \"shop\"\n[services.web]\nimage = \"a\"\ndeploy = \"true\"\n");
    fs::create_dir(belt.work().join("state")).unwrap();
    let text = packaged("hookbelt.service", &[("/etc/hookbelt ", "etc "), ("/var/lib/hookbelt/", "state/")]);
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    let mut words: Vec<&str> = value("ExecStart=").split(' ').collect();
    assert_eq!((words.remove(0), words.pop()), ("/usr/bin/hookbelt", Some("$HOOKBELT_SERVE_OPTIONS")));
    words.extend(["--listen", "127.0.0.1:0", "--public-url", "https://deploy.example.com"]);
    let mut server = belt.start(words);
    server.until("ready");
    let url =
        belt.run(["hooks", "url", "-m", "etc/shop.toml", "--database", "sqlite:state/hookbelt.db"]).expect(0).stdout;
    assert!(url.starts_with("https://deploy.example.com/stacks/redeploy/"), "{url}");
    assert_eq!(value("ExecReload="), "/bin/kill -HUP $MAINPID");
    server.signal("HUP");
    server.until("manifests were read again");
    server.signal("TERM");
    assert_eq!(server.end().0, 0);
    // It may take the grace, and 10 seconds between TERM and KILL.
    let help = belt.run(["serve", "--help"]).expect(0).stdout;
    assert!(help.contains("[default: 10m]") && value("TimeoutStopSec=") == "11min");
}

/// A hook, too large a body, and paths that are not for everybody, by way of a proxy whose logs hold nothing secret.
fn a_proxy_in_front(kind: Kind) {
    let belt = Belt::with_command("true");
    let public = format!("https://{HOST}");
    let (mut server, address) = belt.serve_at(&["--public-url", &public, "--trusted-proxy", "127.0.0.1"]);
    let proxy = Proxy::start(kind, &address, &belt.home());
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let answer = proxy.send(&url, &["--request", "POST", "--referer", &url]);
    assert_eq!(answer.status, "200", "{}", answer.body);
    server.until("deployment 1 succeeded");

    let body = belt.work().join("body");
    let sized = |length: u64| {
        fs::File::create(&body).unwrap().set_len(length).unwrap();
        let json = "Content-Type: application/json";
        proxy.send(&url, &["--header", json, "--data-binary", &format!("@{}", body.display())]).status
    };
    assert_eq!(sized(25 * 1024 * 1024 + 1), "413");
    // As large a body as there may be is read, and is no payload.
    assert_eq!(sized(25 * 1024 * 1024), "400");

    assert_eq!(proxy.send(&format!("{public}/healthz"), &[]).status, "200");
    for path in ["/metrics", "/%6detrics", "//metrics"] {
        let status = proxy.send(&format!("{public}{path}"), &["--path-as-is"]).status;
        assert!(["403", "404"].contains(&status.as_str()), "{path}: {status}");
    }
    let metrics = format!("http://{address}/metrics");
    request("GET", &metrics, &[("X-Forwarded-For", "203.0.113.9")], b"").expect(401);
    request("GET", &metrics, &[], b"").expect(200);

    // Other spellings of the path, and a server that does not answer.
    let (before, secret) = url.split_once("/stacks/redeploy/").unwrap();
    for path in ["//stacks//redeploy/", "/%73tacks/redeploy/", "/STACKS/redeploy/", "/x/../stacks/redeploy/"] {
        proxy.send(&format!("{before}{path}{secret}"), &["--request", "POST", "--path-as-is"]);
    }
    server.signal("TERM");
    assert_eq!(server.end().0, 0);
    assert_eq!(proxy.send(&url, &["--request", "POST"]).status, "502");
    // A proxy writes a line of its log after the answer.
    wait_until("the last request is in the log", || proxy.written().contains("502"));
    let written = proxy.written();
    assert!(written.contains("/healthz"), "{written}");
    assert!(secret.split('/').all(|half| half.len() == 32 && !written.contains(half)), "{written}");
}

/// An event comes through while its stream goes on; headers with `_` come through both ways; who the client is, is not
/// the client's to say.
fn a_proxy_passes_on(kind: Kind) {
    let belt = Belt::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = listener.local_addr().unwrap().to_string();
    let (seen, wait) = channel::<()>();
    let answering = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
        while !head.ends_with(b"\r\n\r\n") {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "the request ended in its head");
            head.extend_from_slice(&buffer[..count]);
        }
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nDEIS_API_VERSION: 2.3\r\n\r\ndata: one\n\n";
        stream.write_all(answer.as_bytes()).unwrap();
        // Until the test has seen it, or has failed.
        let _ = wait.recv();
        String::from_utf8(head).unwrap()
    });
    let proxy = Proxy::start(kind, &upstream, &belt.home());
    let claims = ["X-Forwarded-For: 127.0.0.1, 6.6.6.6", "Forwarded: for=6.6.6.6", "DEIS_API_VERSION: 2.2"];
    let claims = claims.map(|header| ["--header", header]).concat();
    let mut client = proxy.follow(&format!("https://{HOST}/api/3/stacks/x/logs/stream.json"), &claims);
    let version = client.until("2.3");
    assert!(version.to_uppercase().starts_with("DEIS_API_VERSION"), "{version}");
    client.until("data: one");
    drop(seen);
    let head = answering.join().unwrap().to_lowercase();
    assert!(head.contains("x-forwarded-for: 127.0.0.1\r\n") && head.contains("deis_api_version: 2.2\r\n"), "{head}");
    assert!(!head.contains("6.6.6.6") && head.contains(&format!("host: {HOST}\r\n")), "{head}");
}

#[test]
fn nginx_in_front_takes_hooks_and_keeps_their_secret() {
    a_proxy_in_front(Kind::Nginx);
}

#[test]
fn nginx_passes_on_events_as_they_come_and_the_headers_of_workflow() {
    a_proxy_passes_on(Kind::Nginx);
}

#[test]
fn caddy_in_front_takes_hooks_and_keeps_their_secret() {
    a_proxy_in_front(Kind::Caddy);
}

#[test]
fn caddy_passes_on_events_as_they_come_and_the_headers_of_workflow() {
    a_proxy_passes_on(Kind::Caddy);
}

#[test]
fn a_proxy_that_is_not_trusted_makes_nobody_local() {
    let belt = Belt::with_command("true");
    let (_server, address) = belt.serve_at(&[]);
    let metrics = format!("http://{address}/metrics");
    request("GET", &metrics, &[("X-Forwarded-For", "127.0.0.1")], b"").expect(401);
    request("GET", &metrics, &[], b"").expect(200);
}

#[test]
fn a_backup_of_a_store_in_use_has_its_releases_and_goes_on() {
    let belt = Belt::with_command("echo deployed");
    let mut server = belt.serve(&[]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    for id in 1..=2 {
        post(&url, &[], "").expect(200);
        server.until(&format!("deployment {id} succeeded"));
    }
    let copy = belt.work().join("copy.db");
    let backup =
        Command::new("sqlite3").arg(belt.store()).arg(format!(".backup '{}'", copy.display())).output().unwrap();
    assert!(backup.status.success(), "{}", said(&backup));
    post(&url, &[], "").expect(200);
    server.until("deployment 3 succeeded");
    server.signal("TERM");
    assert_eq!(server.end().0, 0);

    // As the page about operations says: the database is replaced, and what SQLite has beside it goes.
    let store = belt.store();
    for more in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{more}", store.display()));
    }
    fs::rename(&copy, &store).unwrap();
    let releases = || {
        let releases = belt.run(["releases", "list", "--json"]).expect(0).json();
        releases.as_array().unwrap().iter().map(|release| release["release"].to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(releases().matches('v').count(), 2, "{}", releases());
    // The URL of the hook is as it was, but for where this server listens.
    let (mut server, address) = belt.serve_at(&[]);
    let (_, secret) = url.split_once("/stacks/").unwrap();
    post(&format!("http://{address}/stacks/{secret}"), &[], "").expect(200);
    server.until("deployment 3 succeeded");
    let log = belt.run(["deployments", "watch", "1"]).expect(0).stdout;
    assert!(log.contains("deployed"), "{log}");
}

#[test]
fn the_page_about_operations_names_every_metric_and_every_limit() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md")).unwrap();
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/metrics.rs")).unwrap();
    let registered = source.split("registry.register").skip(1);
    let metrics: Vec<&str> = registered.filter_map(|rest| rest.split('"').nth(1)).collect();
    assert!(metrics.contains(&"hooks"), "{metrics:?}");
    for metric in metrics {
        assert!(page.contains(&format!("`hookbelt_{metric}")), "docs/operations.md does not name the metric {metric}");
    }
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manifest.md")).unwrap();
    let (_, limits) = manifest.split_once("[limits]\n").unwrap();
    let limits = limits.lines().map_while(|line| Some(line.split_once(" = ")?.0));
    for limit in limits {
        assert!(page.contains(&format!("`{limit}`")), "docs/operations.md does not name the limit {limit}");
    }
}
