//! What hosts say when they do not do what they were asked.

use serde_json::{Value, json};

use crate::git_hosts::{HOOKS, URL, belt, first_page, hook, hooks_of, listed, run, with};
use crate::support::Outcome;
use crate::support::mock_api::{Expected, MockApi, on};

/// Lists the hooks of a host that answers so.
fn answered(host: &str, answer: impl FnOnce(Expected) -> Expected) -> Outcome {
    let api = MockApi::start(vec![answer(on("GET", &first_page(host)))]);
    let mut outcome = run(&belt(), &api, &format!("list {host}"));
    outcome.stderr = outcome.stderr.replace(&api.url[7..], "HOST");
    outcome
}

/// Adds the hook at a GitHub that answers so.
fn add_answered(status: u16, headers: &str, body: &Value) -> Outcome {
    let api = MockApi::start(vec![
        listed("github", &[]),
        on("POST", hooks_of("github"))
            .with(json!({
                "name": "web", "active": true, "events": ["push"],
                "config": { "url": URL, "content_type": "json", "insecure_ssl": "0" },
            }))
            .text(status, headers, &body.to_string()),
    ]);
    let mut outcome = run(&belt(), &api, "add github");
    outcome.stderr = outcome.stderr.replace(&api.url[7..], "HOST");
    outcome
}

/// A failure in each host's own shape.
fn failure(host: &str, text: &str) -> Value {
    match host {
        "bitbucket" => json!({ "type": "error", "error": { "message": text } }),
        _ => json!({ "message": text }),
    }
}

#[test]
fn a_token_that_is_not_known_is_said_with_the_variable_that_holds_it() {
    for (host, variable) in [
        ("github", "GH_ENTERPRISE_TOKEN"),
        ("bitbucket", "BITBUCKET_API_TOKEN"),
        ("gitlab", "GITLAB_TOKEN"),
        ("gitea", "GITEA_TOKEN"),
    ] {
        let outcome = answered(host, |on| on.json(401, &failure(host, "Bad credentials"))).expect(4);
        assert!(outcome.stderr.contains("HOST refused the token: Bad credentials"), "{outcome}");
        assert!(outcome.stderr.contains(variable), "{outcome}");
    }
    // Bitbucket may say nothing at all.
    let basic = "www-authenticate: Basic realm=\"Bitbucket.org HTTP\"\r\n";
    answered("bitbucket", |on| on.text(401, basic, "")).expect(4);
}

#[test]
fn a_right_that_the_token_lacks_is_named() {
    let fine = "x-accepted-github-permissions: repository_hooks=write\r\n";
    let no = json!({ "message": "Resource not accessible by personal access token" }).to_string();
    insta::assert_snapshot!(answered("github", |on| on.text(403, fine, &no)), @"
    --- stderr
    error: the token may not do that at HOST: Resource not accessible by personal access token
    hint: it needs the permission repository_hooks=write
    [exit 4]
    ");
    let gitlab = json!({ "error": "insufficient_scope", "error_description": "The request requires higher privileges", "scope": "api" });
    insta::assert_snapshot!(answered("gitlab", |on| on.json(403, &gitlab)), @"
    --- stderr
    error: the token may not do that at HOST: insufficient_scope; The request requires higher privileges
    hint: it needs the scope api, of a maintainer or owner of the project
    [exit 4]
    ");
    insta::assert_snapshot!(answered("bitbucket", |on| on.json(403, &failure("bitbucket", "No access"))), @"
    --- stderr
    error: the token may not do that at HOST: No access
    hint: it needs the scopes read:webhook:bitbucket, write:webhook:bitbucket and read:repository:bitbucket, of an administrator of the repository
    [exit 4]
    ");
    insta::assert_snapshot!(answered("gitea", |on| on.json(403, &failure("gitea", "token does not have scope"))), @"
    --- stderr
    error: the token may not do that at HOST: token does not have scope
    hint: it needs the scope write:repository, of an administrator of the repository
    [exit 4]
    ");
}

#[test]
fn not_found_may_mean_that_the_token_lacks_a_right() {
    let classic = "x-oauth-scopes: repo:status\r\nx-accepted-oauth-scopes: admin:repo_hook, public_repo, repo\r\n";
    let no =
        json!({ "message": "Not Found", "documentation_url": "https://docs.example.com", "status": "404" }).to_string();
    insta::assert_snapshot!(answered("github", |on| on.text(404, classic, &no)), @"
    --- stderr
    error: HOST has no repository acme/shop, or does not show it to this token: Not Found
    hint: look at its spelling; if it is there, the token lacks a right: it needs the scope admin:repo_hook, public_repo, repo; the token has repo:status
    [exit 5]
    ");
    insta::assert_snapshot!(answered("gitlab", |on| on.json(404, &failure("gitlab", "404 Project Not Found"))), @"
    --- stderr
    error: HOST has no repository acme/shop, or does not show it to this token: 404 Project Not Found
    hint: look at its spelling; if it is there, the token lacks a right: it needs the scope api, of a maintainer or owner of the project
    [exit 5]
    ");
    // Gitea may say nothing.
    answered("gitea", |on| on.text(404, "", "")).expect(5);
}

#[test]
fn who_may_write_may_not_delete_and_is_told_so() {
    let api = MockApi::start(vec![
        listed("github", &[hook("github", 12, URL)]),
        on("DELETE", &format!("{}/12", hooks_of("github"))).json(404, &failure("github", "Not Found")),
    ]);
    let outcome = run(&belt(), &api, "remove github -y").expect(5);
    assert!(outcome.stderr.contains("write:repo_hook cannot delete"), "{outcome}");
}

#[test]
fn a_host_says_why_it_refuses() {
    let reasons = json!({ "message": "Validation Failed", "errors": [
        { "resource": "Hook", "code": "custom", "field": "url", "message": "url is not supported because it isn't reachable" },
        { "resource": "Hook", "field": "events", "code": "invalid" },
    ] });
    insta::assert_snapshot!(add_answered(422, "", &reasons), @"
    --- stderr
    error: HOST refused it with 422: Validation Failed; url is not supported because it isn't reachable; events invalid
    hint: nothing was changed by this request
    [exit 1]
    ");
    let simple = json!({ "message": "Validation Failed", "errors": ["no such event"] });
    assert!(add_answered(422, "", &simple).expect(1).stderr.contains("Validation Failed; no such event"));
    assert!(
        add_answered(409, "", &failure("github", "Conflict"))
            .expect(1)
            .stderr
            .contains("refused it with 409: Conflict")
    );
    let full = json!({ "message": "Validation Failed", "errors": [
        { "resource": "Hook", "code": "custom", "message": "The \"push\" event cannot have more than 20 hooks" },
    ] });
    insta::assert_snapshot!(add_answered(422, "", &full), @r#"
    --- stderr
    error: HOST refused it with 422: Validation Failed; The "push" event cannot have more than 20 hooks
    hint: `hookbelt hooks list` shows them; `hookbelt hooks remove --id ID` makes room
    [exit 1]
    "#);
    let archived = json!({ "message": "Repository was archived so is read-only." });
    assert!(add_answered(403, "", &archived).expect(1).stderr.contains("archived"));
}

#[test]
fn a_webhook_that_somebody_made_meanwhile_is_taken() {
    let exists = json!({ "message": "Validation Failed", "errors": [
        { "resource": "Hook", "code": "custom", "message": "Hook already exists on this repository" },
    ] });
    let create = || {
        on("POST", hooks_of("github"))
            .with(json!({
                "name": "web", "active": true, "events": ["push"],
                "config": { "url": URL, "content_type": "json", "insecure_ssl": "0" },
            }))
            .json(422, &exists)
    };
    let api = MockApi::start(vec![listed("github", &[]), create(), listed("github", &[hook("github", 12, URL)])]);
    let outcome = run(&belt(), &api, "add github").expect(0);
    assert!(outcome.stdout.contains("unchanged webhook 12"), "{outcome}");
    // Where it is not seen the second time either, that is said.
    let api = MockApi::start(vec![listed("github", &[]), create(), listed("github", &[])]);
    let outcome = run(&belt(), &api, "add github").expect(1);
    assert!(outcome.stderr.contains("already exists"), "{outcome}");
}

#[test]
fn a_host_that_is_asked_too_often_is_asked_again_when_it_says() {
    let limited = json!({ "message": "You have exceeded a secondary rate limit" }).to_string();
    for (host, _) in HOOKS {
        let api = MockApi::start(vec![
            on("GET", &first_page(host)).text(429, "retry-after: 0\r\n", &limited),
            listed(host, &[hook(host, 12, URL)]),
        ]);
        run(&belt(), &api, &format!("list {host}")).expect(0);
    }
    let at = jiff::Timestamp::now().as_second();
    let used_up = format!("x-ratelimit-remaining: 0\r\nx-ratelimit-reset: {at}\r\n");
    let api = MockApi::start(vec![
        on("GET", &first_page("github")).text(403, &used_up, &limited),
        listed("github", &[hook("github", 12, URL)]),
    ]);
    run(&belt(), &api, "list github").expect(0);
}

#[test]
fn a_host_is_not_waited_for_longer_than_the_limit() {
    let outcome = answered("github", |on| on.text(403, "retry-after: 3600\r\n", "{}")).expect(6);
    assert!(outcome.stderr.contains("wants to be left alone for 1h"), "{outcome}");
    let belt = belt();
    belt.limits("git_host_wait = \"250ms\"");
    let endless = on("GET", &first_page("github")).text(429, "retry-after: 0\r\n", "{}").for_ever();
    let api = MockApi::start(vec![endless]);
    run(&belt, &api, "list github").expect(6);
    assert!((2..=4).contains(&api.came().len()), "{}", api.came().len());
    // Without a word how long, nobody waits.
    answered("gitlab", |on| on.json(429, &json!({}))).expect(6);
}

#[test]
fn a_page_for_browsers_is_no_answer() {
    let html = "<html><body>Sign in</body></html>";
    for (host, _) in HOOKS {
        let outcome = answered(host, |on| on.text(200, "content-type: text/html; charset=utf-8\r\n", html)).expect(6);
        assert!(outcome.stderr.contains("it is text/html and no JSON"), "{outcome}");
        let outcome = answered(host, |on| on.text(500, "content-type: text/html\r\n", html)).expect(6);
        assert!(outcome.stderr.contains("answered with 500") && !outcome.stderr.contains("html"), "{outcome}");
        answered(host, |on| on.json(200, &json!({ "message": "hello" }))).expect(6);
    }
}

#[test]
fn a_host_that_is_down_is_the_networks_failure() {
    let belt = belt();
    belt.limits("connect = \"2s\"");
    let words = [
        "hooks",
        "list",
        "github",
        "--repo",
        "acme/shop",
        "--host-url",
        "http://127.0.0.1:1",
        "--url-file",
        "hook.url",
    ];
    belt.run(words).expect(6);
}

#[test]
fn every_spelling_of_the_repository_is_the_same_repository() {
    let belt = belt();
    for spelled in [
        "acme/shop",
        "acme/shop.git",
        "https://127.0.0.1/acme/shop",
        "https://user:pass@127.0.0.1/acme/shop.git/",
        "git@127.0.0.1:acme/shop.git",
        "ssh://git@127.0.0.1:2222/acme/shop.git",
    ] {
        let api = MockApi::start(vec![listed("github", &[hook("github", 12, URL)])]);
        let words = ["hooks", "list", "github", "--repo", spelled, "--host-url", &api.url, "--url-file", "hook.url"];
        belt.run(words).expect(0);
    }
    let words =
        ["hooks", "list", "github", "--repo", "shop", "--host-url", "http://127.0.0.1:1", "--url-file", "hook.url"];
    let outcome = belt.run(words).expect(2);
    assert!(outcome.stderr.contains("write OWNER/NAME"), "{outcome}");
}

#[test]
fn a_deleted_secret_is_not_lost_by_a_change_that_keeps_it() {
    // Gitea tells nothing of secrets: without one that is given, nothing of its secret is sent.
    let off = with(hook("gitea", 12, URL), json!({ "active": false }));
    let body = json!({
        "active": true, "events": ["push"], "config": { "url": URL, "content_type": "json" },
        "branch_filter": "main", "authorization_header": "",
    });
    let change = on("PATCH", &format!("{}/12", hooks_of("gitea"))).with(body).json(200, &hook("gitea", 12, URL));
    let api = MockApi::start(vec![listed("gitea", &[off]), change]);
    run(&belt(), &api, "add gitea").expect(0);
}
