//! Bad input and bad days: a clear error, the documented exit code, nothing lost, nothing half-done.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::thread;

use crate::support::{Belt, HOOKBELT, PLAIN};

#[test]
fn without_a_manifest_the_error_says_how_to_go_on() {
    let belt = Belt::new();
    insta::assert_snapshot!(belt.run(["redeploy", "-y"]), @"
    --- stderr
    error: no app is named, and there is no hookbelt.toml here or above
    hint: write a manifest with `hookbelt init`, name one with `-m FILE`, or an app known here with `-s APP`; apps elsewhere need `hookbelt login`
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["logs", "-s", "shop"]), @"
    --- stderr
    error: there is no app `shop`
    hint: `hookbelt apps list` shows the apps known here; a new one is made by its manifest: `-m FILE`
    [exit 5]
    ");
}

#[test]
fn what_is_not_there_is_not_found() {
    let belt = Belt::with_command("true");
    insta::assert_snapshot!(belt.run(["settings", "get", "continuous.deplyo"]), @"
    --- stderr
    error: there is no setting `continuous.deplyo`
    hint: did you mean `continuous.deploy`?
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["releases", "show", "v7"]), @"
    --- stderr
    error: shop (staging) has no release v7
    hint: `hookbelt releases list --all` shows those there are
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["deployments", "show", "7"]), @"
    --- stderr
    error: shop (staging) has no deployment 7
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["logs", "--service", "wep"]), @"
    --- stderr
    error: this app has no service `wep`
    hint: services of this app: web
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["releases", "show"]), @"
    --- stderr
    error: shop (staging) has no release that succeeded yet
    hint: `hookbelt releases list --all` shows those there are
    [exit 5]
    ");
}

#[test]
fn manifests_that_are_no_manifests_are_named_as_what_they_are() {
    let belt = Belt::new();
    belt.write("latin.toml", b"app = \"shop\"\n# caf\xe9\n");
    File::create(belt.work().join("huge.toml")).unwrap().set_len(100 * 1024 * 1024).unwrap();
    insta::assert_snapshot!(belt.run(["redeploy", "-m", "latin.toml"]), @"
    --- stderr
    error: latin.toml is not UTF-8 text: see line 2
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "-m", "."]), @"
    --- stderr
    error: . is a folder
    hint: name the manifest itself: `-m ./hookbelt.toml`
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "-m", "huge.toml"]), @"
    --- stderr
    error: huge.toml is larger than 1048576 bytes
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "-m", "missing.toml"]), @"
    --- stderr
    error: there is no file missing.toml
    [exit 2]
    ");
}

#[test]
fn a_repository_that_is_not_there_fails_the_deployment() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"nowhere\"\n[services.web]\ndeploy = \"true\"\n",
    );
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(outcome.stderr.contains("project/nowhere' does not appear to be a git repository"), "{outcome}");
}

/// A server that asks for a password, whatever is requested.
fn asking_for_a_password() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer);
            let answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\n\
                          Connection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[test]
fn a_repository_that_asks_for_a_password_does_not_hang_on_the_prompt() {
    let port = asking_for_a_password();
    let belt = Belt::with_manifest(&format!(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"http://127.0.0.1:{port}/a/b.git\"\n[services.web]\ndeploy = \"true\"\n"
    ));
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(outcome.stderr.contains("could not read Username"), "{outcome}");
}

#[test]
fn credentials_in_a_remote_are_never_shown() {
    let port = asking_for_a_password();
    let belt = Belt::with_manifest(&format!(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"http://ann:hunter2@127.0.0.1:{port}/a/b.git\"\n[services.web]\ndeploy = \"true\"\n"
    ));
    let all = [
        belt.run(["redeploy", "-vv"]).expect(1),
        belt.run(["logs"]),
        belt.run(["deployments", "show", "--json"]),
        belt.run(["settings", "list"]),
        belt.run(["init", "--check"]),
    ];
    for outcome in all {
        assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
    }
}

#[test]
fn a_ref_that_no_source_has_fails_the_deployment() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\n[services.web]\ndeploy = \"echo never > ran\"\n",
    );
    belt.repository("repo");
    for reference in ["nowhere", "1234567", "0123456789012345678901234567890123456789", "refs/pull/1/head"] {
        let outcome = belt.run(["redeploy", "--git-ref", reference]).expect(1);
        assert!(outcome.stderr.contains("repo has no"), "{outcome}");
    }
    assert!(!belt.work().join("ran").exists());
}

#[test]
fn without_git_the_error_says_so() {
    let mut belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\n[services.web]\ndeploy = \"true\"\n",
    );
    belt.repository("repo");
    fs::create_dir(belt.path().join("bin")).unwrap();
    let bin = belt.path().join("bin");
    belt.set("PATH", bin.to_str().unwrap());
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(outcome.stderr.contains("the program `git` is not installed"), "{outcome}");
    let outcome = belt.run(["init", "-m", "new.toml"]).expect(2);
    assert!(outcome.stderr.contains("the program `git` is not installed"), "{outcome}");
}

#[test]
fn a_store_that_cannot_be_written_is_named() {
    let belt = Belt::with_command("true");
    insta::assert_snapshot!(belt.run(["redeploy", "--database", "sqlite:hookbelt.toml/x.db"]), @"
    --- stderr
    error: could not open the store [TMP]/project/hookbelt.toml/x.db
    because Not a directory (os error 20)
    hint: name a file that you can write, of hookbelt or new, with `--database sqlite:PATH`
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "--database", "sqlite:hookbelt.toml"]), @"
    --- stderr
    error: could not open the store [TMP]/project/hookbelt.toml
    because error returned from database: (code: 26) file is not a database
    hint: name a file that you can write, of hookbelt or new, with `--database sqlite:PATH`
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "--database", "postgres://db/x"]), @r#"
    --- stderr
    error: "postgres://db/x" is no address of a store: write it like `sqlite:/var/lib/hookbelt/hookbelt.db`
    [exit 2]
    "#);
    assert_eq!(belt.read("hookbelt.toml"), format!("{PLAIN}deploy = '''true'''\n"), "the file was written to");
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_as_it_is() {
    let belt = Belt::with_command("true");
    belt.run(["redeploy"]).expect(0);
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (999, 'x', 1, x'00', 0)";
    assert!(Command::new("sqlite3").arg(belt.store()).arg(newer).status().unwrap().success());
    let before = fs::read(belt.store()).unwrap();
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    --- stderr
    error: the store [TMP]/home/.local/share/hookbelt/hookbelt.db was written by a newer hookbelt (its version is 999, this one knows 7)
    hint: use the newer hookbelt, or name another store with `--database sqlite:PATH`
    [exit 2]
    ");
    assert_eq!(fs::read(belt.store()).unwrap(), before);
}

#[test]
fn the_store_and_its_files_are_for_their_owner_alone() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\n[services.web]\ndeploy = \"true\"\n",
    );
    belt.repository("repo");
    belt.run(["redeploy"]).expect(0);
    let mode = |path: std::path::PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(belt.store()), 0o600);
    assert_eq!(mode(belt.store().parent().unwrap().to_owned()), 0o700);
    for folder in ["", "mirrors", "checkouts"] {
        assert_eq!(mode(belt.store_files().join(folder)), 0o700, "{folder}");
    }
}

#[test]
fn a_second_redeploy_waits_its_turn_and_says_so() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut first = belt.start(["redeploy"]);
    first.until("web: deploy:");
    let mut second = belt.start(["redeploy"]);
    second.until("deployment 2 waits for deployment 1 of this app");
    let shown = belt.run(["apps", "show"]).expect(0);
    assert!(shown.stdout.contains("running   deployment 1 by ann"), "{shown}");
    assert!(shown.stdout.contains("waiting   deployment 2 by ann"), "{shown}");
    gate.open();
    assert_eq!(first.end().0, 0);
    second.until("web: deploy:");
    gate.open();
    assert_eq!(second.end().0, 0);
}

#[test]
fn what_a_dead_command_left_is_ended_by_the_next_one_without_waiting_for_its_lease() {
    let belt = Belt::with_command("test -e again || read go < gate");
    belt.limits("lease = \"1h\"");
    belt.gate("gate");
    let mut first = belt.start(["redeploy"]);
    first.until("web: deploy:");
    let mut second = belt.start(["redeploy"]);
    second.until("waits for deployment 1");
    second.signal("KILL");
    first.signal("KILL");
    belt.write("again", "");
    belt.run(["redeploy"]).expect(0);
    let states = belt.run(["deployments", "list", "--json"]).expect(0).json();
    let of = |at: usize| {
        (states[at]["state"].as_str().unwrap().to_owned(), states[at]["reason"].as_str().map(str::to_owned))
    };
    let died = Some("its command died".to_owned());
    assert_eq!(of(0), ("succeeded".to_owned(), None));
    assert_eq!(of(1), ("canceled".to_owned(), died.clone()));
    assert_eq!(of(2), ("failed".to_owned(), died));
    let log = belt.run(["logs"]).expect(0);
    assert!(log.stdout.contains("hookbelt[api]: Deployment 1 failed: its command died"), "{log}");
}

#[test]
fn a_deployment_whose_command_died_is_shown_as_that_before_anything_else_runs() {
    let belt = Belt::with_command("read go < gate");
    belt.limits("lease = \"300ms\"");
    belt.gate("gate");
    let mut running = belt.start(["redeploy"]);
    running.until("web: deploy:");
    running.signal("KILL");
    let shown = loop {
        let shown = belt.run(["deployments", "show", "--json"]).expect(0).json();
        if shown["state"] != "running" {
            break shown;
        }
    };
    assert_eq!((&shown["state"], &shown["reason"]), (&"failed".into(), &"its command died".into()));
    assert_eq!(belt.run(["apps", "show", "--json"]).json()["deployments"], serde_json::json!([]));
    assert_eq!(belt.run(["releases", "show", "v1", "--json"]).json()["state"], "failed");
}

#[test]
fn a_lease_from_before_the_machine_was_started_anew_does_not_count() {
    let belt = Belt::with_command("true");
    belt.run(["redeploy"]).expect(0);
    let before = "INSERT INTO engines (uid, boot, lease_until) VALUES ('x', 'an earlier one', 9000000000000);
        UPDATE deployments SET state = 'running', engine_uid = 'x';
        INSERT INTO claims SELECT app_uid, id, 'x' FROM deployments;";
    assert!(Command::new("sqlite3").arg(belt.store()).arg(before).status().unwrap().success());
    belt.run(["redeploy", "--timeout", "20s"]).expect(0);
}

#[test]
fn a_file_that_would_keep_its_reader_waiting_is_refused() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"true\"\n[[deploy_hooks]]\nurl = \"http://127.0.0.1:1\"\nsecret = {{ file = \"pipe\" }}\n"
    ));
    belt.gate("pipe");
    let outcome = belt.run(["redeploy"]).expect(2);
    assert!(outcome.stderr.contains("pipe is no regular file"), "{outcome}");
    belt.run(["redeploy", "-m", "pipe"]).expect(2);
    belt.run(["redeploy", "-m", "/dev/zero"]).expect(2);
}

#[test]
fn several_first_commands_at_once_all_find_the_store() {
    let belt = Belt::with_command("true");
    for _ in 0..5 {
        let _ = fs::remove_dir_all(belt.home().join(".local"));
        let commands: Vec<_> = (0..8).map(|_| belt.start(["deployments", "list"])).collect();
        for command in commands {
            let (code, printed) = command.end();
            assert_eq!(code, 0, "{printed}");
        }
    }
}

#[test]
fn a_store_in_a_folder_that_is_not_there_is_not_made() {
    let belt = Belt::with_command("true");
    belt.run(["apps", "list", "--database", "sqlite:nowhere/x.db"]).expect(2);
    assert!(!belt.work().join("nowhere").exists());
    let outcome = belt.run(["apps", "list", "--database", "postgres://ann:hunter2@db/x"]).expect(2);
    assert!(!outcome.stderr.contains("hunter2"), "{outcome}");
}

#[test]
fn a_closed_pipe_is_a_quiet_end_for_listings() {
    let belt = Belt::with_command("seq 1 20000");
    belt.run(["redeploy", "-q"]).expect(0);
    let line = format!("'{HOOKBELT}' logs -n 30000 | head -n 1; exit ${{PIPESTATUS[0]}}");
    let mut command = Command::new("bash");
    command.args(["-c", &line]).current_dir(belt.work()).env("HOME", belt.home()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_redeploy_whose_reader_has_gone_watches_to_the_end_and_keeps_its_code() {
    let belt = Belt::with_command("seq 1 20000; exit 3");
    let line = format!("'{HOOKBELT}' redeploy | head -n 1; exit ${{PIPESTATUS[0]}}");
    let mut command = Command::new("bash");
    command.args(["-c", &line]).current_dir(belt.work()).env("HOME", belt.home()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(belt.run(["deployments", "list", "--json"]).json()[0]["state"], "failed");
}

#[test]
fn a_locale_without_unicode_changes_nothing() {
    let mut belt = Belt::with_command("echo grüße");
    belt.set("LANG", "C");
    belt.set("LC_ALL", "C");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v1]: grüße"), "{outcome}");
}

#[test]
fn variables_that_say_nothing_sensible_are_refused() {
    for (name, value) in
        [("HOOKBELT_YES", "perhaps"), ("HOOKBELT_JSON", "2"), ("HOOKBELT_COLOR", "blue"), ("HOOKBELT_TIMEOUT", "soon")]
    {
        let mut belt = Belt::with_command("true");
        belt.set(name, value);
        let outcome = belt.run(["redeploy"]).expect(2);
        assert!(outcome.stderr.contains(name) && outcome.stderr.contains(value), "{outcome}");
    }
}
