//! `hookbelt redeploy --dry-run --payload`: what a redeployment hook would make of a request.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::support::Belt;

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/payloads/{name}.json", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Two git services at GitHub, one that follows the remote's HEAD, one elsewhere, and an image service.
fn shop() -> Belt {
    let belt = Belt::with_manifest(
        r#"
app = "shop"
environment = "production"
[source]
git = "git@github.com:acme/shop.git"
branch = "main"
[services.web]
deploy = "true"
[services.cart]
branch = "feature/cart"
deploy = "true"
[services.worker]
git = "https://gitlab.example.com/acme/web/shop.git"
deploy = "true"
[services.api]
image = "registry.example.com/api:latest"
deploy = "true"
[deployment_profiles.assets]
services = ["web"]
"#,
    );
    for name in ["github-push", "github-ping", "github-tag", "github-deployment", "gitlab-push"] {
        belt.write(&format!("{name}.json"), fixture(name));
    }
    belt
}

#[test]
fn a_bare_body_says_what_it_would_deploy_and_why_the_rest_is_skipped() {
    let belt = shop();
    let dry_run = |arguments: &[&str]| belt.run([&["redeploy", "--dry-run"], arguments].concat());
    insta::assert_snapshot!(dry_run(&["--payload-from", "github", "--payload", "github-push.json"]), @"
    web	deploy	main
    cart	skip	its branch is feature/cart, and the push was to main
    worker	skip	the push was to another repository
    api	skip	it is an image service, and a push deploys git services only
    --- stderr
    from GitHub, by octocat, of https://github.com/acme/shop.git: main at 0d1a26e
    [exit 0]
    ");
    insta::assert_snapshot!(dry_run(&["--payload-from", "gitlab", "--payload", "gitlab-push.json"]), @"
    worker	deploy	main
    web	skip	the push was to another repository
    cart	skip	the push was to another repository
    api	skip	it is an image service, and a push deploys git services only
    --- stderr
    from GitLab, by ann, of https://gitlab.example.com/acme/web/shop.git: main at 0d1a26e
    [exit 0]
    ");
    insta::assert_snapshot!(dry_run(&["--payload-from", "github:deployment", "--payload", "github-deployment.json"]), @"
    web	deploy	main
    cart	skip	its branch is feature/cart, and the push was to main
    worker	skip	the push was to another repository
    api	skip	it is an image service, and a push deploys git services only
    --- stderr
    a deployment at GitHub counts only while the setting continuous.deploy is on
    from GitHub, by octocat, of https://github.com/acme/shop.git: main at 0d1a26e
    [exit 0]
    ");
    assert!(!belt.store_files().exists(), "something was fetched");
}

#[test]
fn what_would_deploy_nothing_is_exit_code_3_and_says_why() {
    let belt = shop();
    let dry_run = |arguments: &[&str]| belt.run([&["redeploy", "--dry-run"], arguments].concat());
    insta::assert_snapshot!(dry_run(&["--payload-from", "github:ping", "--payload", "github-ping.json"]), @"
    --- stderr
    error: ignored: a ping: the hook works, and waits for a push
    [exit 3]
    ");
    insta::assert_snapshot!(dry_run(&["--payload-from", "github", "--payload", "github-tag.json"]), @"
    web	skip	only a tag was pushed (v1.2), and a tag matches no branch
    cart	skip	only a tag was pushed (v1.2), and a tag matches no branch
    worker	skip	the push was to another repository
    api	skip	it is an image service, and a push deploys git services only
    --- stderr
    from GitHub, by octocat, of https://github.com/acme/shop.git: tag v1.2
    error: ignored: this payload selects no service
    [exit 3]
    ");
    let staging =
        fixture("github-deployment").replace("\"environment\": \"production\"", "\"environment\": \"staging\"");
    belt.write("staging.json", staging);
    insta::assert_snapshot!(dry_run(&["--payload-from", "github:deployment", "--payload", "staging.json"]), @r#"
    --- stderr
    error: ignored: the deployment at GitHub is for the environment "staging"
    [exit 3]
    "#);
}

#[test]
fn a_captured_request_brings_its_modifiers_and_headers() {
    let belt = shop();
    let captured = |head: &str, body: &str| {
        belt.write("captured.txt", format!("POST /stacks/redeploy/a/b{head}\r\nHost: h\r\n\r\n{body}"));
        belt.run(["redeploy", "--dry-run", "--payload", "captured.txt"])
    };
    let push = fixture("github-push");
    insta::assert_snapshot!(captured("?services=cart%2Capi HTTP/1.1\r\nX-GitHub-Event: push", &push), @"
    web	skip	it was not asked for
    cart	skip	its branch is feature/cart, and the push was to main
    worker	skip	it was not asked for
    api	skip	it is an image service, and a push deploys git services only
    --- stderr
    from GitHub, by octocat, of https://github.com/acme/shop.git: main at 0d1a26e
    error: ignored: this payload selects no service
    [exit 3]
    ");
    insta::assert_snapshot!(captured("?deployment_profile=assets&git_ref=v1 HTTP/1.1", ""), @"
    web	deploy	v1
    cart	skip	it was not asked for
    worker	skip	it was not asked for
    api	skip	it was not asked for
    --- stderr
    from no known Git host: it has no Git information
    [exit 0]
    ");
    insta::assert_snapshot!(captured("?services=web:v1 HTTP/1.1", ""), @r#"
    --- stderr
    error: `services` takes names alone, without `:` and a ref: "web:v1"
    [exit 2]
    "#);
    insta::assert_snapshot!(captured("?services=cron HTTP/1.1", ""), @"
    --- stderr
    error: this app has no service `cron`
    hint: services of this app: web, cart, worker, api
    [exit 5]
    ");
    insta::assert_snapshot!(captured(" HTTP/1.1\r\nX-GitHub-Event: push", "{}"), @"
    --- stderr
    error: this is no payload of GitHub: the field `ref` is missing
    [exit 2]
    ");
    insta::assert_snapshot!(captured(" HTTP/1.1", "hello"), @"
    --- stderr
    error: this payload is not understood: it cannot be read as JSON: expected value at line 1 column 1
    [exit 2]
    ");
}

#[test]
fn the_old_post_service_s_form_is_read_from_standard_input() {
    let belt = shop();
    let form: String = url::form_urlencoded::byte_serialize(fixture("bitbucket-post").as_bytes()).collect();
    let request = format!(
        "POST /stacks/redeploy/a/b HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\npayload={form}"
    );
    let mut command = belt.command(["redeploy", "--dry-run", "--json", "--payload", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["services"], serde_json::json!([]));
    assert_eq!(document["skipped"][0]["reason"], "the push was to another repository");
}

#[test]
fn what_is_no_payload_is_wrong_usage() {
    let belt = shop();
    let cases: [&[&str]; 9] = [
        &["--payload", "github-push.json"],
        &["--payload-from", "github", "--payload", "github-push.json", "--dry-run", "--service", "web"],
        &["--payload-from", "github", "--payload", "github-push.json", "--dry-run", "--git-ref", "main"],
        &["--payload-from", "github", "--payload", "github-push.json", "--dry-run", "--deployment-profile", "assets"],
        &["--payload-from", "hub", "--payload", "github-push.json", "--dry-run"],
        &["--payload-from", "github", "--dry-run"],
        &["--payload", "missing.json", "--dry-run"],
        &["--payload", "github-push.json", "--dry-run"],
        &["--payload-from", "bitbucket", "--payload", "github-push.json", "--dry-run"],
    ];
    for arguments in cases {
        let outcome = belt.run(["redeploy"].iter().chain(arguments)).expect(2);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
    insta::assert_snapshot!(belt.run(["redeploy", "--payload", "github-push.json"]), @"
    --- stderr
    error: --payload needs --dry-run: it shows what would be deployed, and deploys nothing
    hint: add --dry-run, or name the URL of a redeployment hook with --hook-url-file
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "--dry-run", "--payload", "github-push.json"]), @"
    --- stderr
    error: the payload does not begin with a request line such as `POST /stacks/redeploy/a/b HTTP/1.1`
    hint: if it is a bare body, say from whom: `--payload-from github`
    [exit 2]
    ");
    belt.write("captured.txt", "POST / HTTP/1.1\r\n\r\n");
    insta::assert_snapshot!(belt.run(["redeploy", "--dry-run", "--payload-from", "github", "--payload", "captured.txt"]), @"
    --- stderr
    error: this is a whole request, which says itself who it is from
    hint: leave out --payload-from
    [exit 2]
    ");
}
