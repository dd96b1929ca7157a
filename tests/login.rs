//! Signing in: the token is checked where it is for, and kept for its owner alone.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;

use crate::support::api::Served;
use crate::support::mock_api::{Expected, MockApi, on};
use crate::support::{Belt, HOOKBELT, Outcome};
use crate::workflow_client::requests::assert_as_recorded;
use crate::workflow_client::{recorded, said};

/// A config file, or nothing.
fn config(belt: &Belt) -> String {
    fs::read_to_string(belt.home().join(".config/hookbelt/config.toml")).unwrap_or_default()
}

/// Runs a command that reads this from standard input.
fn fed(belt: &Belt, arguments: &[&str], input: &str) -> Outcome {
    let file = belt.write("input", input);
    let mut command = belt.command(arguments);
    command.stdin(fs::File::open(file).unwrap());
    Outcome::of(command, belt.path())
}

#[test]
fn a_token_of_hookbelt_serve_is_checked_and_kept_and_used() {
    let site = Belt::with_command("true");
    let served = Served::start(&site, &[]);
    let (url, token) = (format!("http://{}", served.public.address), &served.redeploy.token);
    let belt = Belt::new();
    let wrong = fed(&belt, &["login", &url, "--token-file", "-"], "hunter2\n").expect(4);
    assert!(wrong.stderr.contains("does not know the token"), "{wrong}");
    assert_eq!(config(&belt), "", "nothing is kept that is not known");
    let outcome = fed(&belt, &["login", &url, "--token-file", "-"], &format!("{token}\n")).expect(0);
    assert!(
        outcome.stdout.starts_with(&format!("signed in to {url} as redeploy-token: profile 127.0.0.1-")),
        "{outcome}"
    );
    assert!(!outcome.to_string().contains(token.as_str()), "{outcome}");
    let file = belt.home().join(".config/hookbelt/config.toml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(belt.run(["apps", "list", "--json"]).expect(0).json()[0]["name"], "shop");
    // Once more, by the profile alone.
    let document = fed(&belt, &["login", "--token-file", "-", "--json"], token).expect(0).json();
    assert_eq!((&document["backend"], &document["default"]), (&json!("server"), &json!(true)));
    assert_eq!(config(&belt).matches("[profiles.").count(), 1);
}

#[test]
fn a_second_profile_does_not_become_the_default_by_itself() {
    let site = Belt::with_command("true");
    let served = Served::start(&site, &[]);
    let (url, token) = (format!("http://{}", served.public.address), &served.redeploy.token);
    let belt = Belt::new();
    belt.profile("server", "https://deploy.example.com");
    let outcome = fed(&belt, &["login", &url, "--profile", "lab", "--token-file", "-"], token).expect(0);
    assert!(outcome.stdout.ends_with("profile lab, use it with --profile lab\n"), "{outcome}");
    assert!(config(&belt).contains("default_profile = \"there\""));
}

#[test]
fn the_kind_of_a_deploy_api_is_found_out_by_what_it_answers() {
    let workflow = MockApi::start(vec![
        on("GET", "/api/3/ping.json").text(404, "content-type: text/html\r\n", "<h1>Not Found</h1>"),
        on("GET", "/v2/").json(401, &json!({ "detail": "Authentication credentials were not provided." })),
        on("GET", "/v2/auth/whoami").json(200, &json!({ "username": "admin", "email": null })),
    ]);
    let belt = Belt::new();
    fed(&belt, &["login", &workflow.url, "--token-file", "-"], "hunter2").expect(0);
    assert!(config(&belt).contains("backend = \"workflow\""), "{}", config(&belt));
    let page = || Expected::text(on("GET", "/api/3/ping.json"), 200, "content-type: text/html\r\n", "<h1>Welcome</h1>");
    let other = MockApi::start(vec![page(), on("GET", "/v2/").text(404, "", "no")]);
    let outcome = fed(&belt, &["login", &other.url, "--token-file", "-"], "hunter2").expect(6);
    assert!(outcome.stderr.contains("neither /api/3/ping.json nor /v2/ is what a deploy API has there"), "{outcome}");
}

#[test]
fn cloud66_is_signed_in_to_with_a_token_and_an_account() {
    let api = MockApi::start(vec![
        on("GET", "/api/3/ping/auth.json").json(200, &json!({ "response": { "ok": true, "message": "pong" } })),
    ]);
    let belt = Belt::new();
    let arguments = ["login", &api.url, "--backend", "cloud66", "--account", "7", "--token-file", "-"];
    fed(&belt, &arguments, "hunter2").expect(0);
    assert_eq!(api.came()[0].header("authorization"), Some("Bearer hunter2"));
    assert_eq!(api.came()[0].header("x-account"), Some("7"));
    assert!(config(&belt).contains("account = 7") && config(&belt).contains("[profiles.cloud66]"), "{}", config(&belt));
}

fn with_password(belt: &Belt, api: &MockApi, password: &str) -> Outcome {
    let arguments = ["login", &api.url, "--backend", "workflow", "--user", "admin", "--password-file", "-"];
    fed(belt, &arguments, password)
}

#[test]
fn a_user_and_a_password_are_sent_as_by_deis_and_become_a_token() {
    let body = json!({ "username": "admin", "password": "pw" });
    let api = MockApi::start(vec![
        recorded("GET", "/v2/", "001"),
        recorded("POST", "/v2/auth/login/", "004").with(body),
        on("GET", "/v2/auth/whoami").json(200, &json!({ "username": "admin", "email": null })),
    ]);
    let belt = Belt::new();
    let outcome = with_password(&belt, &api, "pw\n").expect(0);
    assert!(outcome.stdout.contains(" as admin: "), "{outcome}");
    assert!(config(&belt).contains("token = \"fc80e937aeed1eab45669c0a16e6cf6cc8439f0f\""), "{}", config(&belt));
    assert!(!config(&belt).contains("pw"));
    assert_as_recorded(&api, "001");
    assert_as_recorded(&api, "004");
}

#[test]
fn who_is_not_let_in_is_told_in_the_controllers_words() {
    let belt = Belt::new();
    let body = json!({ "username": "admin", "password": "wrong" });
    let api =
        MockApi::start(vec![recorded("GET", "/v2/", "001"), recorded("POST", "/v2/auth/login/", "006").with(body)]);
    let outcome = with_password(&belt, &api, "wrong").expect(4);
    let words = "did not let you sign in: Unable to log in with provided credentials.";
    assert!(outcome.stderr.contains(words), "{outcome}");
    let login = on("POST", "/v2/auth/login/").with(json!({ "username": "admin", "password": "pw" }));
    let api = MockApi::start(vec![recorded("GET", "/v2/", "001"), said(login, 200, &json!({ "token": "" }))]);
    with_password(&belt, &api, "pw").expect(6);
    assert_eq!(config(&belt), "");
}

#[test]
fn a_password_goes_to_nothing_but_a_controller() {
    for answer in [
        on("GET", "/v2/").text(200, "content-type: text/html\r\n", "<h1>Welcome</h1>"),
        on("GET", "/v2/").text(404, "", "no"),
        on("GET", "/v2/").json(200, &json!({ "ok": true })),
        on("GET", "/v2/").text(301, "location: https://elsewhere.example.com/\r\n", ""),
    ] {
        let api = MockApi::start(vec![answer]);
        with_password(&Belt::new(), &api, "pw").expect(6);
    }
    Belt::new().run(["login", "http://127.0.0.1:1", "--backend", "server", "--user", "ann"]).expect(2);
}

#[test]
fn what_deis_and_hephy_keep_is_taken_over() {
    for (client, variable) in [("deis", "DEIS_PROFILE"), ("hephy", "HEPHY_PROFILE")] {
        let api = MockApi::start(vec![
            on("GET", "/v2/auth/whoami").json(200, &json!({ "username": "admin", "email": null })).for_ever(),
        ]);
        let kept = json!({
            "username": "admin", "ssl_verify": false, "controller": api.url, "token": "hunter2", "response_limit": 0,
        });
        let mut belt = Belt::new();
        let missing = belt.run(["login", "--from", client]).expect(5);
        assert!(missing.stderr.contains("client.json"), "{missing}");
        let folder = belt.home().join(format!(".{client}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("client.json"), kept.to_string()).unwrap();
        let outcome = belt.run(["login", "--from", client]).expect(0);
        assert!(outcome.stderr.contains("does not verify certificates, and hookbelt does"), "{outcome}");
        assert_eq!(api.came()[0].header("authorization"), Some("token hunter2"));
        fs::rename(folder.join("client.json"), folder.join("lab.json")).unwrap();
        belt.set(variable, "lab");
        belt.run(["login", "--from", client, "--profile", "lab"]).expect(0);
        fs::write(folder.join("lab.json"), "{}").unwrap();
        belt.run(["login", "--from", client]).expect(2);
    }
}

#[test]
fn what_cx_keeps_is_understood_and_goes_to_cloud66_alone() {
    let kept = r#"{"AccessToken":"hunter2","RefreshToken":"","Expiry":"0001-01-01T00:00:00Z","Extra":null}"#;
    let mut belt = Belt::new();
    belt.run(["login", "--from", "cx"]).expect(5);
    fs::create_dir(belt.home().join(".cloud66")).unwrap();
    fs::write(belt.home().join(".cloud66/cx.json"), kept).unwrap();
    // No way leads to the real one from here.
    belt.set("HTTPS_PROXY", "http://127.0.0.1:1");
    let outcome = belt.run(["login", "--from", "cx"]).expect(6);
    assert!(outcome.stderr.contains("app.cloud66.com"), "{outcome}");
    let mut belt = Belt::new();
    belt.set("HTTPS_PROXY", "http://127.0.0.1:1");
    belt.set("CLOUD66_TOKEN", &BASE64_STANDARD.encode(kept));
    let outcome = belt.run(["apps", "show", "-s", "shop"]).expect(6);
    assert!(outcome.stderr.contains("app.cloud66.com"), "{outcome}");
    belt.set("CLOUD66_TOKEN", "hunter2");
    let outcome = belt.run(["apps", "show", "-s", "shop"]).expect(4);
    assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
}

#[test]
fn without_a_terminal_the_flag_that_is_missing_is_named() {
    let belt = Belt::new();
    insta::assert_snapshot!(belt.run(["login", "https://deploy.example.com", "--backend", "server"]), @"
    --- stderr
    error: there is nobody to ask for the token
    hint: give it with `--token-file FILE`, or `--token-file -` for standard input
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["login"]), @"
    --- stderr
    error: it is not said where to sign in
    hint: write the address: `hookbelt login https://deploy.example.com`
    [exit 2]
    ");
    insta::assert_snapshot!(fed(&belt, &["login", "--backend", "cloud66", "--token-file", "-"], "\n"), @"
    --- stderr
    error: the token is empty
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["login", "https://u:hunter2@h"]), @"
    --- stderr
    error: this is no address of a deploy API: it holds a user or a password
    [exit 2]
    ");
}

#[test]
fn the_url_of_a_redeployment_hook_is_told_apart_and_not_shown() {
    let outcome =
        Belt::new().run(["login", "https://h/stacks/redeploy/hunter2/hunter3", "--token-file", "t"]).expect(2);
    assert!(outcome.stderr.contains("HOOKBELT_HOOK_URL") && !outcome.stderr.contains("hunter"), "{outcome}");
}

#[test]
fn what_is_no_deploy_api_is_said_to_be_none() {
    for (kind, target) in [("server", "/api/3/ping/auth.json"), ("cloud66", "/api/3/ping/auth.json")] {
        let page = || on("GET", target).text(404, "content-type: text/html\r\n", "<h1>Not Found</h1>");
        let other = MockApi::start(vec![page()]);
        let belt = Belt::new();
        let outcome = fed(&belt, &["login", &other.url, "--backend", kind, "--token-file", "-"], "hunter2").expect(6);
        assert!(outcome.stderr.contains("see whether the address and --backend are right"), "{outcome}");
    }
}

#[test]
fn a_token_that_is_typed_is_not_shown() {
    let site = Belt::with_command("true");
    let served = Served::start(&site, &[]);
    let belt = Belt::new();
    let mut command = Command::new("script");
    let line = format!("{HOOKBELT} login http://{}", served.public.address);
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(belt.work());
    command.env_clear().env("PATH", env!("PATH")).env("HOME", belt.home()).env("TERM", "xterm");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let (mut shown, mut byte) = (Vec::new(), [0]);
    while screen.read(&mut byte).unwrap() > 0 {
        shown.push(byte[0]);
        if shown.ends_with(b"Token (not shown): ") {
            writeln!(child.stdin.as_mut().unwrap(), "{}", served.redeploy.token).unwrap();
        }
    }
    let shown = String::from_utf8(shown).unwrap();
    assert!(child.wait().unwrap().success() && shown.contains("as redeploy-token"), "{shown}");
    assert!(!shown.contains(&served.redeploy.token), "{shown}");
}
