//! `redeploy` by a bare redeployment hook URL: against a real `hookbelt serve`, and against others by what they answer.

use serde_json::json;

use crate::support::mock_api::{MockApi, on};
use crate::support::{Belt, Outcome, Running};

const MANIFEST: &str = "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"https://github.com/acme/shop.git\"\n\
                        branch = \"main\"\n[services.web]\ncheckout = false\ndeploy = \"true\"\n[services.api]\nimage = \
                        \"api:latest\"\ndeploy = \"true\"\n[deployment_profiles.\"the assets\"]\nservices = [\"web\"]\n";

/// Somebody with nothing but the URL of an app's hook.
struct Stranger {
    belt: Belt,
    url: String,
    /// The server's own home, and the server.
    _server: (Belt, Running),
}

impl Stranger {
    fn of(more: &str) -> Self {
        let site = Belt::with_manifest(&format!("{MANIFEST}{more}"));
        site.write("hook.key", "hunter2\n");
        let server = site.serve(&[]);
        let url = site.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
        let mut belt = Belt::new();
        belt.set("HOOKBELT_HOOK_URL", &url);
        Self { belt, url, _server: (site, server) }
    }

    /// Runs `redeploy`; whatever it says, the URL's secrets are not in it.
    fn redeploy(&self, more: &[&str]) -> Outcome {
        let outcome = self.belt.run([&["redeploy", "-vv"], more].concat());
        let (_, secrets) = self.url.split_once("/stacks/redeploy/").unwrap();
        for secret in secrets.split('/') {
            assert!(!outcome.to_string().contains(secret), "{outcome}");
        }
        outcome
    }
}

#[test]
fn an_accepted_hook_says_its_deployment_and_that_it_cannot_be_waited_for() {
    let stranger = Stranger::of("");
    let outcome = stranger.redeploy(&[]).expect(0);
    assert_eq!(
        outcome.stdout,
        "127.0.0.1 accepted it: deployment 1 is queued; a redeployment hook cannot be waited for\n"
    );
    let document = stranger.redeploy(&["--service", "web", "--git-ref", "v1", "--json"]).expect(0).json();
    assert_eq!((&document["accepted"], &document["services"]), (&json!(true), &json!(["web"])));
    assert_eq!(document["skipped"], json!([{ "name": "api", "reason": "it was not asked for" }]));
    assert!(document["hook"].as_str().unwrap().ends_with("/stacks/redeploy/***?services=web&git_ref=v1"));
    let document = stranger.redeploy(&["--deployment-profile", "the assets", "--json"]).expect(0).json();
    assert_eq!(document["services"], json!(["web"]));
}

#[test]
fn a_url_can_come_from_a_file_or_from_standard_input() {
    let stranger = Stranger::of("");
    let belt = Belt::new();
    belt.write("url", format!("{}\n", stranger.url));
    belt.run(["redeploy", "--hook-url-file", "url"]).expect(0);
    let mut command = belt.command(["redeploy", "--hook-url-file", "-"]);
    command.stdin(std::fs::File::open(belt.work().join("url")).unwrap());
    assert!(command.status().unwrap().success());
}

#[test]
fn a_payload_is_posted_as_its_host_would() {
    let stranger = Stranger::of("");
    let push = json!({
        "ref": "refs/heads/other", "after": "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a", "commits": [{}],
        "repository": { "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git" },
    });
    stranger.belt.write("push.json", push.to_string());
    let outcome = stranger.redeploy(&["--payload-from", "github", "--payload", "push.json"]).expect(3);
    assert!(outcome.stderr.contains("its branch is main, and the push was to other"), "{outcome}");
    let body = push.to_string().replace("/other", "/main");
    stranger.belt.write(
        "push.txt",
        format!(
            "POST /x HTTP/1.1\r\nHost: elsewhere\r\nX-GitHub-Event: push\r\nContent-Type: \
                                             application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ),
    );
    let document = stranger.redeploy(&["--payload", "push.txt", "--json"]).expect(0).json();
    assert_eq!(document["services"], json!(["web"]));
    stranger.redeploy(&["--payload-from", "github:ping", "--payload", "push.json"]).expect(3);
    stranger.redeploy(&["--payload-from", "github", "--payload", "push.txt"]).expect(2);
}

#[test]
fn a_hook_with_a_secret_takes_what_is_signed_with_it() {
    let stranger = Stranger::of("[redeployment_hook]\nsecret = { file = \"hook.key\" }\n");
    insta::assert_snapshot!(stranger.belt.run(["redeploy"]), @"
    --- stderr
    error: 127.0.0.1 did not accept the signature (401): the signature is missing or does not fit
    hint: give the hook's secret with `--secret-file FILE` or HOOKBELT_SECRET
    [exit 4]
    ");
    stranger.belt.write("key", "hunter2\n");
    stranger.redeploy(&["--secret-file", "key"]).expect(0);
    stranger.belt.write("push.json", "{}");
    for host in ["github", "gitlab", "bitbucket", "gitea", "forgejo", "gogs"] {
        let from = format!("{host}:other");
        stranger.redeploy(&["--secret-file", "key", "--payload-from", &from, "--payload", "push.json"]).expect(3);
        stranger.redeploy(&["--payload-from", &from, "--payload", "push.json"]).expect(4);
    }
}

#[test]
fn what_a_hook_cannot_do_is_refused_before_anything_is_sent() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_HOOK_URL", "http://127.0.0.1:1/stacks/redeploy/hunter2/hunter3");
    for (flags, code, said) in [
        (&["-s", "shop"][..], 2, "-s contradicts it"),
        (&["-m", "hookbelt.toml"], 2, "-m contradicts it"),
        (&["--profile", "prod"], 2, "--profile contradicts it"),
        (&["--service", "web:v1"], 2, "takes services by their names alone"),
        (&["--service", "web,api"], 2, "a service cannot be named"),
        (&["--service", ""], 2, "to deploy all services leave the flag out"),
        (&[], 6, "127.0.0.1:1 could not be reached"),
    ] {
        let outcome = belt.run([&["redeploy"], flags].concat()).expect(code);
        assert!(outcome.stderr.contains(said), "{outcome}");
        assert!(!outcome.to_string().contains("hunter"), "{outcome}");
    }
    insta::assert_snapshot!(belt.run(["redeploy", "--dry-run", "--service", "web"]), @"
    would post to http://127.0.0.1:1/stacks/redeploy/***?services=web, with a body of 0 bytes; nothing was sent
    [exit 0]
    ");
    belt.set("HOOKBELT_HOOK_URL", "https://example.com/hunter2");
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    --- stderr
    error: HOOKBELT_HOOK_URL holds no URL of a redeployment hook: its path is not …/stacks/redeploy/ and the secrets behind it
    [exit 2]
    ");
    let belt = Belt::new();
    belt.write("url", "http://127.0.0.1:1/stacks/redeploy/a/b");
    for flag in ["--force", "--cancel-on-interrupt", "--timeout=1s", "--deploy-strategy=serial"] {
        belt.run(["redeploy", "--hook-url-file", "url", flag]).expect(2);
    }
    belt.run(["redeploy", "--hook-url-file", "-", "--payload", "-"]).expect(2);
    belt.run(["redeploy", "--secret-file", "url"]).expect(2);
}

/// What `redeploy` makes of an answer to its POST.
fn answered(answer: &str) -> Outcome {
    let mock = MockApi::start(vec![on("POST", "/stacks/redeploy/hunter2/hunter3").raw(answer)]);
    let mut belt = Belt::new();
    belt.set("HOOKBELT_HOOK_URL", &format!("{}/stacks/redeploy/hunter2/hunter3", mock.url));
    let outcome = belt.run(["redeploy", "-vv"]);
    assert!(!outcome.to_string().contains("hunter"), "{outcome}");
    outcome
}

#[test]
fn each_answer_is_explained() {
    for (answer, code, said) in [
        ("HTTP/1.1 200 OK\r\n\r\n", 0, "127.0.0.1 accepted it; a redeployment hook cannot be waited for"),
        ("HTTP/1.1 200 OK\r\n\r\n<html>thanks", 0, "127.0.0.1 accepted it;"),
        ("HTTP/1.1 201 Created\r\n\r\n{\"ok\":true,\"message\":5}", 0, "127.0.0.1 accepted it;"),
        ("HTTP/1.1 401 No\r\n\r\nno", 4, "127.0.0.1 did not accept the signature (401): no"),
        ("HTTP/1.1 404 No\r\n\r\n<html>", 5, "127.0.0.1 has no such redeployment hook (404)"),
        ("HTTP/1.1 422 No\r\n\r\n{\"message\":\"no service x\"}", 5, "(422): no service x"),
        ("HTTP/1.1 413 No\r\n\r\n", 2, "cannot read what was sent (413)"),
        ("HTTP/1.1 302 Go\r\nLocation: https://elsewhere/hunter2\r\n\r\n", 6, "leads elsewhere"),
        ("HTTP/1.1 429 No\r\n\r\n", 6, "has too much waiting already (429)"),
        ("HTTP/1.1 500 No\r\n\r\n", 6, "failed (500)"),
        ("HTTP/1.1 418 No\r\n\r\n\u{1b}[31mtea", 1, "refused it (418): tea"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 6, "in the middle of its answer"),
        ("", 6, "it may have been accepted: look before you ask again"),
    ] {
        let outcome = answered(answer).expect(code);
        assert!(outcome.to_string().contains(said), "{said}: {outcome}");
    }
}
