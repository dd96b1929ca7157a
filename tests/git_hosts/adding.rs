//! `hooks add`: created, changed or left alone, with what its host would else forget.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::git_hosts::{HOOKS, URL, belt, hook, hooks_of, listed, run, with};
use crate::support::mock_api::{ANY, Expected, MockApi, on};
use crate::support::{Belt, PLAIN, Running};

/// The id of webhook 12 on a host.
fn id(host: &str) -> &'static str {
    if host == "bitbucket" { "{ab-12}" } else { "12" }
}

/// The path of webhook 12, and the method that changes it.
fn change(host: &str) -> Expected {
    match host {
        "bitbucket" => on("PUT", &format!("{}/%7Bab-12%7D", hooks_of(host))),
        "gitlab" => on("PUT", &format!("{}/12", hooks_of(host))),
        _ => on("PATCH", &format!("{}/12", hooks_of(host))),
    }
}

/// GitLab's events: these are on.
fn gitlab(on: &[&str], more: Value) -> Value {
    let names = "push tag_push pipeline deployment job releases merge_requests issues confidential_issues note \
                 confidential_note wiki_page feature_flag resource_access_token";
    let mut body = json!({ "url": URL, "enable_ssl_verification": true });
    for name in names.split(' ') {
        body[format!("{name}_events")] = json!(on.contains(&name));
    }
    with(body, more)
}

/// What creates the webhook.
fn created(host: &str) -> Value {
    match host {
        "github" => json!({
            "name": "web", "active": true, "events": ["push"],
            "config": { "url": URL, "content_type": "json", "insecure_ssl": "0" },
        }),
        "bitbucket" => json!({ "description": "hookbelt", "url": URL, "active": true, "events": ["repo:push"] }),
        "gitlab" => gitlab(&["push", "tag_push"], json!({})),
        _ => json!({
            "type": "gitea", "active": true, "events": ["push"], "config": { "url": URL, "content_type": "json" },
        }),
    }
}

#[test]
fn a_webhook_is_created_and_a_second_time_nothing_is_sent() {
    let belt = belt();
    let mut said = String::new();
    for (host, path) in HOOKS {
        let new = hook(host, 12, URL);
        let api = MockApi::start(vec![
            listed(host, &[hook(host, 7, "https://ci.example.com/other")]),
            on("POST", path).with(created(host)).json(201, &new),
        ]);
        said += &run(&belt, &api, &format!("add {host}")).expect(0).stdout.replace(&api.url[7..], "HOST");
        let api = MockApi::start(vec![listed(host, &[new])]);
        said += &run(&belt, &api, &format!("add {host}")).expect(0).stdout.replace(&api.url[7..], "HOST");
    }
    insta::assert_snapshot!(said, @"
    created webhook 12 of acme/shop at HOST
    unchanged webhook 12 of acme/shop at HOST
    created webhook 12 of acme/shop at HOST
    unchanged webhook 12 of acme/shop at HOST
    created webhook {ab-12} of acme/shop at HOST
    unchanged webhook {ab-12} of acme/shop at HOST
    created webhook 12 of acme/shop at HOST
    unchanged webhook 12 of acme/shop at HOST
    ");
}

#[test]
fn every_request_carries_what_its_host_wants_of_a_client() {
    let belt = belt();
    for (host, authorization) in [
        ("github", "Bearer hunter2"),
        ("bitbucket", "Basic YW5uQGV4YW1wbGUuY29tOmh1bnRlcjI="),
        ("gitlab", "Bearer hunter2"),
        ("gitea", "token hunter2"),
    ] {
        let api = MockApi::start(vec![
            listed(host, &[]),
            on("POST", hooks_of(host)).with(created(host)).json(201, &hook(host, 12, URL)),
        ]);
        run(&belt, &api, &format!("add {host}")).expect(0);
        for came in api.came() {
            assert_eq!(came.header("authorization"), Some(authorization), "{host}");
            assert!(came.header("user-agent").unwrap().starts_with("hookbelt/"), "{host}");
            let is_github = host == "github";
            assert_eq!(came.header("x-github-api-version").is_some(), is_github, "{host}");
            assert_eq!((came.header("accept") == Some("application/vnd.github+json")), is_github, "{host}");
        }
    }
}

#[test]
fn a_webhook_made_by_hand_for_the_same_url_gets_what_it_lacks_and_keeps_the_rest() {
    let belt = belt();
    let mut said = String::new();
    for (host, _) in HOOKS {
        let upper = URL.replace("https://deploy", "HTTPS://Deploy").replace(".com/", ".com:443/");
        let by_hand = match host {
            "gitlab" => with(
                hook(host, 12, &upper),
                json!({ "push_events": false, "issues_events": true, "push_events_branch_filter": "main" }),
            ),
            "bitbucket" => with(hook(host, 12, &upper), json!({ "events": ["pullrequest:created"], "active": false })),
            _ => with(hook(host, 12, &upper), json!({ "events": ["release"], "active": false })),
        };
        let body = match host {
            "github" => json!({ "add_events": ["push"], "active": true }),
            "bitbucket" => json!({
                "description": "by hand", "url": URL, "active": true, "events": ["pullrequest:created", "repo:push"],
            }),
            "gitlab" => gitlab(
                &["push", "tag_push", "issues"],
                json!({ "push_events_branch_filter": "main", "branch_filter_strategy": "wildcard" }),
            ),
            _ => json!({
                "active": true, "events": ["release", "push"], "config": { "url": URL, "content_type": "json" },
                "branch_filter": "main", "authorization_header": "",
            }),
        };
        let api =
            MockApi::start(vec![listed(host, &[by_hand]), change(host).with(body).json(200, &hook(host, 12, URL))]);
        let outcome = run(&belt, &api, &format!("add {host}")).expect(0);
        assert!(outcome.stdout.contains(&format!("changed webhook {}", id(host))), "{outcome}");
        said += &outcome.stdout.replace(&api.url[7..], "HOST");
    }
    insta::assert_snapshot!(said, @"
    changed webhook 12 of acme/shop at HOST: the events push; made active
    changed webhook 12 of acme/shop at HOST: the events push; made active
    changed webhook {ab-12} of acme/shop at HOST: the events repo:push; made active
    changed webhook 12 of acme/shop at HOST: the events push_events
    ");
}

#[test]
fn github_is_sent_what_differs_and_its_secret_stays() {
    let form = json!({ "url": URL, "content_type": "form", "insecure_ssl": "1", "secret": "********" });
    let api = MockApi::start(vec![
        listed("github", &[with(hook("github", 12, URL), json!({ "config": form }))]),
        on("PATCH", "/api/v3/repos/acme/shop/hooks/12/config")
            .with(json!({ "content_type": "json", "insecure_ssl": "0" }))
            .json(200, &json!({ "url": URL, "content_type": "json", "insecure_ssl": "0" })),
    ]);
    let outcome = run(&belt(), &api, "add github").expect(0);
    assert!(outcome.stdout.contains("JSON instead of forms; TLS verification on"), "{outcome}");
}

#[test]
fn of_several_for_one_url_the_lowest_is_changed_and_the_others_are_named() {
    let off = |id| with(hook("github", id, URL), json!({ "active": false }));
    let narrowed = hook("github", 9, &format!("{URL}?services=web"));
    let api = MockApi::start(vec![
        listed("github", &[off(100), narrowed, off(12)]),
        on("PATCH", "/api/v3/repos/acme/shop/hooks/12")
            .with(json!({ "active": true }))
            .json(200, &hook("github", 12, URL)),
    ]);
    let outcome = run(&belt(), &api, "add github --json").expect(0);
    let said = outcome.json();
    assert_eq!(
        (&said["hook"], &said["others"], &said["changes"]),
        (&json!("12"), &json!(["100", "9"]), &json!(["active"]))
    );
    assert!(outcome.stderr.contains("a push deploys more than once"), "{outcome}");
}

#[test]
fn a_generated_secret_is_in_a_file_of_its_owner_and_nowhere_else() {
    let belt = belt();
    let body = json!({
        "name": "web", "active": true, "events": ["push"],
        "config": { "url": URL, "content_type": "json", "insecure_ssl": "0", "secret": ANY },
    });
    let api = MockApi::start(vec![
        listed("github", &[]),
        on("POST", hooks_of("github")).with(body).json(201, &hook("github", 12, URL)),
    ]);
    let outcome = run(&belt, &api, "add github --generate-secret --secret-out hook.key -vv").expect(0);
    let kept = belt.read("hook.key");
    let sent: Value = serde_json::from_slice(&api.came()[1].body).unwrap();
    assert_eq!(sent["config"]["secret"], json!(kept.trim()));
    assert!(kept.trim().len() == 64 && !outcome.to_string().contains(kept.trim()), "{outcome}");
    assert!(outcome.stderr.contains("secret = { file = \"hook.key\" }"), "{outcome}");
    assert_eq!(fs::metadata(belt.work().join("hook.key")).unwrap().permissions().mode() & 0o777, 0o600);
    // A secret is never written over.
    let api = MockApi::start(vec![]);
    run(&belt, &api, "add github --generate-secret --secret-out hook.key").expect(2);
    assert_eq!(belt.read("hook.key"), kept);
    // What the host did not take is not kept.
    let refusing = MockApi::start(vec![on("GET", &super::first_page("github")).json(500, &json!({}))]);
    run(&belt, &refusing, "add github --generate-secret --secret-out other.key").expect(6);
    assert!(!belt.work().join("other.key").exists());
}

#[test]
fn a_secret_that_is_given_replaces_the_hosts() {
    let belt = belt();
    belt.write("hook.key", "n3w\n");
    for (host, _) in HOOKS {
        let secret = json!({ "secret_set": true, "token_present": true });
        let mut expected = vec![listed(host, &[with(hook(host, 12, URL), secret)])];
        match host {
            "github" => expected.push(
                on("PATCH", "/api/v3/repos/acme/shop/hooks/12/config")
                    .with(json!({ "secret": "n3w" }))
                    .json(200, &json!({})),
            ),
            "bitbucket" => expected.push(
                change(host)
                    .with(with(created(host), json!({ "secret": "n3w", "description": "by hand" })))
                    .json(200, &hook(host, 12, URL)),
            ),
            "gitlab" => {
                let kept =
                    json!({ "push_events_branch_filter": "", "branch_filter_strategy": "wildcard", "token": "n3w" });
                expected.push(change(host).with(gitlab(&["push", "tag_push"], kept)).json(200, &hook(host, 12, URL)));
            }
            // Not every release takes a secret by a change.
            _ => {
                let kept = json!({ "branch_filter": "main", "authorization_header": "" });
                let mut body = with(created(host), kept);
                body["config"]["secret"] = json!("n3w");
                expected.push(on("POST", hooks_of(host)).with(body).json(201, &hook(host, 13, URL)));
                expected.push(on("DELETE", &format!("{}/12", hooks_of(host))).text(204, "", ""));
            }
        }
        let api = MockApi::start(expected);
        let outcome = run(&belt, &api, &format!("add {host} --secret-file hook.key")).expect(0);
        assert!(outcome.stdout.contains("changed") && outcome.stdout.contains("its secret"), "{outcome}");
        assert!(!outcome.to_string().contains("n3w"), "{outcome}");
    }
}

#[test]
fn a_gitlab_that_ignores_a_signing_token_is_found_out() {
    let belt = belt();
    belt.write("hook.key", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    let token = json!({ "signing_token": "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" });
    let create = || on("POST", hooks_of("gitlab")).with(gitlab(&["push", "tag_push"], token.clone()));
    let signs = with(hook("gitlab", 12, URL), json!({ "signing_token_present": true }));
    let api = MockApi::start(vec![listed("gitlab", &[]), create().json(201, &signs)]);
    run(&belt, &api, "add gitlab --secret-file hook.key").expect(0);
    let api = MockApi::start(vec![listed("gitlab", &[]), create().json(201, &hook("gitlab", 12, URL))]);
    let outcome = run(&belt, &api, "add gitlab --secret-file hook.key").expect(6);
    assert!(outcome.stderr.contains("does not sign"), "{outcome}");
}

#[test]
fn a_dry_run_shows_the_request_and_no_secret_of_it() {
    let belt = belt();
    belt.write("hook.key", "n3w\n");
    let api = MockApi::start(vec![listed("github", &[]).for_ever()]);
    let outcome = run(&belt, &api, "add github --secret-file hook.key --events push,workflow_run --dry-run").expect(0);
    insta::assert_snapshot!(outcome.to_string().replace(&api.url, "http://HOST"), @r#"
    POST	http://HOST/api/v3/repos/acme/shop/hooks	{"active":true,"config":{"content_type":"json","insecure_ssl":"0","secret":"***","url":"https://deploy.example.com/stacks/redeploy/***"},"events":["push","workflow_run"],"name":"web"}
    [exit 0]
    "#);
    run(&belt, &api, "add github --generate-secret --dry-run").expect(0);
    assert!(!belt.work().join("redeployment-hook.secret").exists());
    let api = MockApi::start(vec![listed("github", &[hook("github", 12, URL)])]);
    let outcome = run(&belt, &api, "add github --dry-run").expect(0);
    assert!(outcome.stderr.contains("nothing would be sent"), "{outcome}");
}

#[test]
fn events_are_those_that_the_host_has() {
    let belt = belt();
    let api = MockApi::start(vec![listed("gitlab", &[]).for_ever()]);
    let outcome = run(&belt, &api, "add gitlab --events push,pipeline --dry-run").expect(0);
    assert!(
        outcome.stdout.contains("\"pipeline_events\":true") && outcome.stdout.contains("\"tag_push_events\":false")
    );
    let outcome = run(&belt, &api, "add gitlab --events pushes").expect(2);
    assert!(outcome.stderr.contains("GitLab has no event \"pushes\""), "{outcome}");
}

/// An app whose source is at a mock of GitHub, and a server with a public address.
fn app(api: &MockApi, more: &str) -> Belt {
    let mut belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"true\"\n{more}[git_hosts.\"127.0.0.1\"]\nkind = \"github\"\nurl = \"{}\"\ntoken = {{ file = \"token\" }}\n",
        api.url
    ).replace("git = \".\"", "git = \"http://127.0.0.1/acme/shop.git\""));
    belt.write("token", "hunter2\n");
    belt.set("GIT_HOST_SECRET", "s3cret");
    belt
}

#[test]
fn an_app_needs_no_flags_its_repository_its_url_and_its_secret_are_known() {
    let api = MockApi::start(vec![listed("github", &[])]);
    let belt = app(&api, "[redeployment_hook]\nsecret = { env = \"GIT_HOST_SECRET\" }\n");
    // The address at which nobody serves the app is a guess, and no Git host is given one.
    let outcome = belt.run(["hooks", "add"]).expect(2);
    assert!(outcome.stderr.contains("--public-url"), "{outcome}");
    let _server = belt.serve(&["--public-url", "https://deploy.example.com"]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let config = json!({ "url": url, "content_type": "json", "insecure_ssl": "0", "secret": "s3cret" });
    let body = json!({ "name": "web", "active": true, "events": ["push"], "config": config });
    api.expect(vec![on("POST", hooks_of("github")).with(body).json(201, &hook("github", 12, &url))]);
    belt.run(["hooks", "add"]).expect(0);
    // With continuous.deploy deployments deploy too; that has them sent, until somebody changes the webhook.
    let sound = with(hook("github", 12, &url), json!({ "events": ["push", "deployment"] }));
    api.expect(vec![
        listed("github", std::slice::from_ref(&sound)),
        listed("github", &[sound]),
        on("PATCH", "/api/v3/repos/acme/shop/hooks/12/config")
            .with(json!({ "secret": "s3cret" }))
            .json(200, &json!({ "url": url })),
    ]);
    belt.run(["settings", "set", "continuous.deploy", "true"]).expect(0);
    let secret = json!({ "url": url, "content_type": "json", "insecure_ssl": "0", "secret": "********" });
    api.expect(vec![
        listed("github", &[with(hook("github", 12, &url), json!({ "config": secret }))]),
        on("PATCH", "/api/v3/repos/acme/shop/hooks/12")
            .with(json!({ "add_events": ["deployment"] }))
            .json(200, &hook("github", 12, &url)),
    ]);
    let outcome = belt.run(["hooks", "add"]).expect(0);
    assert!(outcome.stdout.contains("the events deployment"), "{outcome}");
}

#[test]
fn a_secret_that_is_only_where_the_server_is_can_be_given_by_hand() {
    let api = MockApi::start(vec![]);
    let belt = app(&api, "[redeployment_hook]\nsecret = { env = \"ON_THE_SERVER\" }\n");
    let mut command = belt.command(["serve", "--listen", "127.0.0.1:0", "--public-url", "https://deploy.example.com"]);
    command.env("ON_THE_SERVER", "s3cret");
    let mut server = Running::start(command);
    server.until("ready");
    let outcome = belt.run(["hooks", "add"]).expect(2);
    assert!(outcome.stderr.contains("ON_THE_SERVER") && outcome.stderr.contains("--secret-file"), "{outcome}");
    belt.write("hook.key", "s3cret\n");
    api.expect(vec![listed("github", &[])]);
    let outcome = belt.run(["hooks", "add", "--secret-file", "hook.key", "--dry-run"]).expect(0);
    assert!(outcome.stdout.contains("\"secret\":\"***\""), "{outcome}");
}

#[test]
fn a_host_out_there_is_given_no_address_of_this_machine() {
    let mut belt = Belt::new();
    belt.set("GH_TOKEN", "hunter2");
    belt.write("hook.url", "http://localhost:6660/stacks/redeploy/aaaa/bbbb");
    let outcome = belt.run(["hooks", "add", "github", "--repo", "acme/shop", "--url-file", "hook.url"]).expect(2);
    assert!(outcome.stderr.contains("github.com cannot reach http://localhost:6660/stacks/redeploy/***"), "{outcome}");
    belt.write("hook.url", "https://deploy.example.com/other");
    let outcome = belt.run(["hooks", "add", "github", "--repo", "acme/shop", "--url-file", "hook.url"]).expect(2);
    assert!(outcome.stderr.contains("holds no URL of a redeployment hook"), "{outcome}");
}

#[test]
fn any_other_host_is_told_by_hand() {
    let belt = belt();
    let outcome = belt.run(["hooks", "add", "generic", "--url-file", "hook.url"]).expect(0);
    insta::assert_snapshot!(outcome, @"
    url           https://deploy.example.com/stacks/redeploy/aaaa/bbbb
    method        POST
    content type  application/json
    try it        curl --request POST --data '' --url https://deploy.example.com/stacks/redeploy/aaaa/bbbb
    [exit 0]
    ");
    belt.run(["hooks", "list", "generic", "--url-file", "hook.url"]).expect(2);
}
