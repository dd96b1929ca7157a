//! The redeployment hook of a real `hookbelt serve`: each answer, and what comes of it.

use std::fs;
use std::io::Read;

use serde_json::{Value, json};

use crate::support::http::{Reply, begin, post, request};
use crate::support::{Belt, Running};

const SHA: &str = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";

/// An app with a git service that is not checked out and an image service, at a server of its own.
struct Site {
    belt: Belt,
    server: Running,
    url: String,
}

impl Site {
    fn with(deploy: &str, more: &str) -> Self {
        let belt = Belt::new();
        belt.write(
            "hookbelt.toml",
            format!(
                "app = \"shop\"\nenvironment = \"staging\"\n{more}\n[services.web]\ncheckout = false\n\
                 git = \"https://github.com/acme/shop.git\"\nbranch = \"main\"\ndeploy = '''{deploy}'''\n\
                 [services.api]\nimage = \"registry.example.com/api:latest\"\ndeploy = \"true\"\n\
                 [deployment_profiles.\"the assets\"]\nservices = [\"web\"]\n"
            ),
        );
        let server = belt.serve(&[]);
        let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
        Self { belt, server, url }
    }

    fn new() -> Self {
        Self::with("true", "")
    }

    fn push(&self, delivery: &str, push: &Value) -> Reply {
        let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", delivery)];
        post(&self.url, &headers, push.to_string())
    }
}

fn push_to(branch: &str, after: &str) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"), "before": "0".repeat(40), "after": after, "created": false,
        "deleted": false, "forced": false, "head_commit": { "id": after }, "commits": [{ "id": after }],
        "repository": { "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git" },
        "pusher": { "name": "octocat" },
    })
}

#[test]
fn a_push_to_the_branch_deploys_the_git_service_and_says_why_the_other_is_skipped() {
    let mut site = Site::with("echo by $HOOKBELT_USER at $HOOKBELT_SHA", "");
    let reply = site.push("one", &push_to("main", SHA)).expect(200);
    insta::assert_snapshot!(serde_json::to_string_pretty(&reply.json()).unwrap(), @r#"
    {
      "deployment": {
        "id": 1,
        "state": "queued"
      },
      "message": "deployment 1 is queued",
      "ok": true,
      "queued": true,
      "services": [
        "web"
      ],
      "skipped": [
        {
          "name": "api",
          "reason": "it is an image service, and a push deploys git services only"
        }
      ]
    }
    "#);
    site.server.until("redeployment hook by octocat: deployment 1 is queued");
    let log = site.belt.run(["deployments", "watch", "1"]).expect(0).stdout;
    assert!(log.contains(&format!("by octocat at {SHA}")), "{log}");
}

#[test]
fn the_payload_is_a_file_while_the_deployment_runs() {
    let site = Site::with("cat $HOOKBELT_PAYLOAD_FILE; stat -c %a $HOOKBELT_PAYLOAD_FILE", "");
    let push = push_to("main", SHA);
    site.push("one", &push).expect(200);
    let log = site.belt.run(["deployments", "watch", "1"]).expect(0).stdout;
    assert!(log.contains(&push.to_string()) && log.contains("600"), "{log}");
    let files = format!("{}.files/payloads", site.belt.store().display());
    assert_eq!(fs::read_dir(files).unwrap().count(), 0);
}

#[test]
fn a_bare_post_deploys_everything_and_modifiers_narrow_that() {
    let site = Site::new();
    let services = |query: &str| {
        let reply = post(&format!("{}{query}", site.url), &[], "").expect(200).json();
        assert_eq!((&reply["ok"], &reply["queued"]), (&json!(true), &json!(true)), "{reply}");
        reply["services"].clone()
    };
    assert_eq!(services(""), json!(["web", "api"]));
    assert_eq!(services("?services=api"), json!(["api"]));
    assert_eq!(services("?services=api,web"), json!(["web", "api"]));
    assert_eq!(services("?deployment_profile=the+assets"), json!(["web"]));
    assert_eq!(services("/?deployment_profile=the%20assets"), json!(["web"]));
    assert_eq!(services("?services=web&git_ref=v1"), json!(["web"]));
}

#[test]
fn what_asks_for_nothing_is_answered_with_200_and_the_reason() {
    let site = Site::new();
    let ping = post(&site.url, &[("X-GitHub-Event", "ping")], "{\"zen\": \"x\", \"hook_id\": 1}").expect(200).json();
    insta::assert_snapshot!(ping["ignored"], @r#""a ping: the hook works, and waits for a push""#);
    let other = site.push("a", &push_to("feature", SHA)).expect(200).json();
    insta::assert_snapshot!(other["ignored"], @r#""no service is selected; web: its branch is main, and the push was to feature""#);
    let mut elsewhere = push_to("main", SHA);
    elsewhere["repository"] = json!({ "full_name": "acme/blog", "clone_url": "https://github.com/acme/blog.git" });
    insta::assert_snapshot!(site.push("b", &elsewhere).expect(200).json()["ignored"], @r#""no service is selected; web: the push was to another repository""#);
    let issues = post(&site.url, &[("X-GitHub-Event", "issues")], "{}").expect(200).json();
    insta::assert_snapshot!(issues["ignored"], @r#""GitHub's event `issues` is neither a push nor a deployment""#);
    site.belt.run(["settings", "set", "deploy.paused", "true"]).expect(0);
    insta::assert_snapshot!(post(&site.url, &[], "").expect(200).json()["ignored"], @r#""deployments of this app are paused""#);
}

#[test]
fn what_is_wrong_is_refused_with_its_status() {
    let site = Site::new();
    let url = &site.url;
    let with = |query: &str| format!("{url}{query}");
    let (prefix, second) = url.rsplit_once('/').unwrap();
    let github = [("X-GitHub-Event", "push")];
    let cases: Vec<(Reply, u16)> = vec![
        (post(&format!("{prefix}/{}", second.replace(|_: char| true, "0")), &[], ""), 404),
        (post(&format!("{prefix}0/{second}"), &[], ""), 404),
        (request("GET", url, &[], b""), 405),
        (request("PUT", url, &[], b"{}"), 405),
        (post(url, &github, "{"), 400),
        (post(url, &github, "{}"), 400),
        (post(url, &github, ""), 400),
        (post(url, &[], "hello"), 400),
        (post(&with("?services=cron"), &[], ""), 422),
        (post(&with("?services="), &[], ""), 422),
        (post(&with("?services=web:v1"), &[], ""), 422),
        (post(&with("?services=web&deployment_profile=the+assets"), &[], ""), 422),
        (post(&with("?deployment_profile=none"), &[], ""), 422),
        (post(&with("?git_ref=-x"), &[], ""), 422),
    ];
    let shown: Vec<String> = cases
        .into_iter()
        .map(|(reply, status)| reply.expect(status).json())
        .map(|reply| {
            assert_eq!(reply["ok"], false);
            reply["message"].as_str().unwrap().to_owned()
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    there is no such redeployment hook
    there is no such redeployment hook
    it is no POST
    it is no POST
    this is no payload of GitHub: it cannot be read as JSON: EOF while parsing an object at line 1 column 1
    this is no payload of GitHub: the field `ref` is missing
    this is no payload of GitHub: the body is empty
    this payload is not understood: it cannot be read as JSON: expected value at line 1 column 1
    this app has no service `cron`; it has web, api
    `services` names no service; to deploy all, leave it out
    `services` takes names alone, without `:` and a ref: "web:v1"
    `services` and `deployment_profile` exclude each other
    this app has no deployment profile `none`; it has the assets
    `git_ref` is malformed: "-x" cannot be a Git ref: it begins with `-`
    "#);
    assert!(request("GET", url, &[], b"").head.to_lowercase().contains("allow: post"));
    assert_eq!(site.belt.run(["deployments", "list", "--json"]).expect(0).json(), json!([]));
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read_and_an_unknown_hook_before_any_body() {
    let site = Site::new();
    let status = |url: &str, length: &str| {
        let mut answer = [0; 12];
        begin("POST", url, &[("Content-Length", length)], b"").read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    assert_eq!(status(&site.url, "26214401"), "HTTP/1.1 413");
    assert_eq!(status(&format!("{}0", site.url), "1000"), "HTTP/1.1 404");
}

#[test]
fn with_a_secret_only_what_is_signed_is_taken_the_empty_request_too() {
    let belt = Belt::new();
    belt.write("old", "topsecret\n");
    belt.write("new", "another\n");
    let plain = "[services.web]\nimage = \"a\"\ndeploy = \"true\"\n";
    let secret = "[redeployment_hook]\nsecret = [{ file = \"new\" }, { file = \"old\" }]\n";
    belt.write("hookbelt.toml", format!("app = \"shop\"\n{secret}{plain}"));
    let _server = belt.serve(&[]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let signed = |body: &str, key: &str| {
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(format!("printf %s '{body}' | openssl dgst -sha256 -hmac {key} -r | cut -d' ' -f1"))
            .output();
        format!("sha256={}", String::from_utf8(output.unwrap().stdout).unwrap().trim())
    };
    for (body, key, status) in
        [("", "topsecret", 200), ("{}", "another", 200), ("", "wrong", 401), ("{}", "wrong", 401)]
    {
        let reply = post(&url, &[("X-Hub-Signature-256", &signed(body, key))], body).expect(status);
        assert_eq!(reply.json()["ok"], status == 200);
    }
    let refused = post(&url, &[], "").expect(401);
    assert_eq!(refused.json()["message"], "the signature is missing or does not fit");
}

#[test]
fn a_repeated_delivery_is_answered_with_the_first_ones_deployment() {
    let mut site = Site::with("read go < gate", "");
    let _gate = site.belt.gate("gate");
    let push = push_to("main", SHA);
    assert_eq!(site.push("one", &push).expect(200).json()["deployment"]["id"], 1);
    site.server.until("deployment 1 begins");
    let again = site.push("one", &push).expect(200).json();
    insta::assert_snapshot!(again["message"], @r#""this delivery was accepted before: deployment 1 is running""#);
    assert_eq!(site.push("two", &push).expect(200).json()["deployment"]["id"], 2);
    // Other modifiers are another wish.
    let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "one")];
    let narrowed = post(&format!("{}?services=web", site.url), &headers, push.to_string()).expect(200).json();
    assert_eq!(narrowed["deployment"]["id"], 3);
    // What was canceled may be sent again.
    site.belt.run(["deployments", "cancel", "1"]).expect(0);
    site.belt.run(["deployments", "watch", "1"]).expect(8);
    assert_eq!(site.push("one", &push).expect(200).json()["deployment"]["id"], 4);
}

#[test]
fn a_rotated_hook_ends_at_once_or_after_its_overlap() {
    let site = Site::new();
    let rotate = |more: &[&str]| site.belt.run([&["hooks", "url", "--rotate"], more].concat()).expect(0).stdout;
    let second = rotate(&[]).trim().to_owned();
    post(&site.url, &[], "").expect(404);
    let third = rotate(&["--overlap", "1h"]).trim().to_owned();
    post(&second, &[], "").expect(200);
    post(&third, &[], "").expect(200);
    assert_eq!(site.belt.run(["hooks", "url"]).expect(0).stdout.trim(), third);
}

#[test]
fn the_url_says_where_a_server_answers_or_that_none_does() {
    let belt = Belt::with_command("true");
    let hidden = |text: &str| {
        let word = |word: &str| if word.len() == 32 { "[HEX]".to_owned() } else { word.to_owned() };
        text.split('/').map(word).collect::<Vec<_>>().join("/")
    };
    let outcome = belt.run(["hooks", "url"]).expect(0);
    insta::assert_snapshot!(outcome.stderr, @"note: no `hookbelt serve` has shop (staging) now; this is its URL where one answers at its usual address");
    let url = outcome.stdout.trim();
    let (rest, second) = url.rsplit_once('/').unwrap();
    assert!(rest.starts_with("http://127.0.0.1:6660/stacks/redeploy/"), "{url}");
    assert_eq!((second.len(), hidden(rest).len() < rest.len()), (32, true));
    let _server = belt.serve(&["--public-url", "https://deploy.example.com/"]);
    let public = belt.run(["hooks", "url", "--json"]).expect(0).json();
    assert!(public["url"].as_str().unwrap().starts_with("https://deploy.example.com/stacks/redeploy/"), "{public}");
}
