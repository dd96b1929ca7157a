//! `hooks check`: each thing that can be wrong, and what `--fix` mends of it.

use serde_json::{Value, json};

use crate::git_hosts::{URL, belt, deliveries, hook, hooks_of, listed, repository, run, with};
use crate::support::mock_api::{Expected, MockApi, on};
use crate::support::{Belt, Outcome};

/// What is asked of GitHub, in one look.
fn look(hooks: &[Value], delivered: &[(u64, &str, i64, &str, u64)]) -> Vec<Expected> {
    let mut expected = vec![repository(json!({})), listed("github", hooks)];
    if hooks.iter().any(|hook| hook["id"] == 12) {
        expected.push(deliveries(delivered));
    }
    expected
}

/// What is asked in a second look, once something was mended.
fn again(hooks: &[Value], delivered: &[(u64, &str, i64, &str, u64)]) -> Vec<Expected> {
    look(hooks, delivered).split_off(1)
}

/// The words for what is wrong, in order.
fn wrong(outcome: &Outcome) -> Vec<String> {
    let found = outcome.json()["findings"].clone();
    found.as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_sound_webhook_is_said_to_be_one() {
    let api = MockApi::start(look(&[hook("github", 12, URL)], &[(1, "a", 5, "push", 200)]));
    let outcome = run(&belt(), &api, "check github").expect(0);
    assert!(outcome.stdout.contains("webhook 12 of acme/shop at 127.0.0.1"), "{outcome}");
    assert!(outcome.stdout.contains("is as it should be"), "{outcome}");
    for host in ["bitbucket", "gitlab", "gitea"] {
        let api = MockApi::start(vec![listed(host, &[hook(host, 12, URL)])]);
        run(&belt(), &api, &format!("check {host}")).expect(0);
    }
}

#[test]
fn everything_that_can_be_wrong_with_a_webhook_is_found_with_its_remedy() {
    let config = json!({ "url": URL, "content_type": "form", "insecure_ssl": "1", "secret": "********" });
    let bad = with(hook("github", 12, URL), json!({ "active": false, "events": ["issues"], "config": config }));
    let api = MockApi::start(look(
        &[bad, hook("github", 15, URL), hook("github", 16, &format!("{URL}?services="))],
        &[(3, "c", 5, "push", 502), (2, "b", 9, "push", 0), (1, "a", 20, "push", 200)],
    ));
    let mut outcome = run(&belt(), &api, "check github").expect(1);
    let time = outcome.stdout.split(" at ").nth(1).unwrap().split(": ").next().unwrap().to_owned();
    outcome.stdout = outcome.stdout.replace(&time, "[TIME]");
    insta::assert_snapshot!(outcome.to_string().replace(&api.url[7..], "HOST"), @"
    inactive	12	it is not active	`hookbelt hooks check --fix` mends it
    events	12	it is not sent for push	`hookbelt hooks check --fix` mends it
    form	12	it sends forms instead of JSON	`hookbelt hooks check --fix` mends it
    tls	12	the host does not verify the server's certificate	`hookbelt hooks check --fix` mends it
    deliveries	12	the last 2 deliveries failed, the newest (push) at [TIME]: 502	see that the host reaches the server, and the server's log; then `hookbelt hooks catch-up --since 2h`
    twice	15	it posts to the same redeployment hook as webhook 12: a push deploys twice	`hookbelt hooks check --fix` mends it
    twice	16	it posts to the same redeployment hook as webhook 12: a push deploys twice	remove one of them, as with `hookbelt hooks remove --id 16`
    modifiers	16	`services` names no service; to deploy all, leave it out	change its URL at the host
    --- stderr
    error: 8 things are wrong with the webhook of acme/shop at HOST
    hint: `hookbelt hooks check --fix` mends what it can
    [exit 1]
    ");
}

#[test]
fn a_webhook_that_the_host_stopped_is_found() {
    let stopped = json!({ "alert_status": "temporarily_disabled", "disabled_until": "2026-11-21T16:00:00Z" });
    let api = MockApi::start(vec![listed("gitlab", &[with(hook("gitlab", 12, URL), stopped)])]);
    let outcome = run(&belt(), &api, "check gitlab --json").expect(1);
    assert_eq!(wrong(&outcome), ["stopped"]);
    let detail = &outcome.json()["findings"][0]["detail"];
    assert!(detail.as_str().unwrap().contains("temporarily disabled until 2026-11-21T16:00:00Z"), "{detail}");
}

#[test]
fn a_repository_that_was_renamed_or_archived_is_found() {
    let store = "/api/v3/repos/acme/store/hooks";
    let about = json!({ "id": 1, "full_name": "acme/store", "archived": true });
    let of_store = || {
        vec![
            on("GET", &format!("{store}?per_page=100")).json(200, &json!([hook("github", 12, URL)])),
            on("GET", &format!("{store}/12/deliveries?per_page=100")).json(200, &json!([])),
        ]
    };
    let api = MockApi::start([vec![on("GET", "/api/v3/repos/acme/shop").json(200, &about)], of_store()].concat());
    let outcome = run(&belt(), &api, "check github --json").expect(1);
    assert_eq!(wrong(&outcome), ["renamed", "archived"]);
    // GitHub may answer with a redirect to itself; elsewhere no token follows.
    let api = MockApi::start(of_store());
    let to = format!("location: {}/by-number/1\r\n", api.url);
    api.expect(vec![
        on("GET", "/api/v3/repos/acme/shop").text(301, &to, "{}"),
        on("GET", "/by-number/1").json(200, &about),
    ]);
    assert_eq!(wrong(&run(&belt(), &api, "check github --json").expect(1)), ["renamed", "archived"]);
    let to = "location: https://git.example.com/api/v3/repositories/1\r\n";
    let api = MockApi::start(vec![on("GET", "/api/v3/repos/acme/shop").text(301, to, "{}")]);
    let outcome = run(&belt(), &api, "check github").expect(6);
    assert!(outcome.stderr.contains("leads to another host"), "{outcome}");
}

#[test]
fn a_missing_webhook_is_made_and_what_differs_is_mended() {
    let create = json!({
        "name": "web", "active": true, "events": ["push"],
        "config": { "url": URL, "content_type": "json", "insecure_ssl": "0" },
    });
    let other = hook("github", 7, "https://deploy.example.com/stacks/redeploy/cccc/dddd");
    let api = MockApi::start(look(std::slice::from_ref(&other), &[]));
    let outcome = run(&belt(), &api, "check github --json").expect(1);
    assert_eq!(wrong(&outcome), ["no_hook"]);
    let said = outcome.to_string();
    assert!(
        said.contains("webhook 7 posts to another redeployment hook of that server") && !said.contains("cccc"),
        "{said}"
    );
    let mut expected = look(std::slice::from_ref(&other), &[]);
    expected.push(listed("github", std::slice::from_ref(&other)));
    expected.push(on("POST", hooks_of("github")).with(create).json(201, &hook("github", 12, URL)));
    expected.extend(again(&[other, hook("github", 12, URL)], &[]));
    let outcome = run(&belt(), &MockApi::start(expected), "check github --fix").expect(0);
    assert!(outcome.stderr.contains("mended: no webhook of acme/shop posts to"), "{outcome}");

    let off = with(hook("github", 12, URL), json!({ "active": false, "events": [] }));
    let mut expected = look(&[off, hook("github", 15, URL)], &[]);
    let path = format!("{}/12", hooks_of("github"));
    expected.push(
        on("PATCH", &path).with(json!({ "active": true, "add_events": ["push"] })).json(200, &hook("github", 12, URL)),
    );
    expected.push(on("DELETE", &format!("{}/15", hooks_of("github"))).text(204, "", ""));
    expected.extend(again(&[hook("github", 12, URL)], &[]));
    let outcome = run(&belt(), &MockApi::start(expected), "check github --fix --json").expect(0);
    assert_eq!(outcome.json()["mended"].as_array().unwrap().len(), 3, "{outcome}");
}

#[test]
fn a_webhook_with_the_right_secrets_and_another_address_is_led_to_the_app_with_its_modifiers() {
    let old = "http://old.example.com/stacks/redeploy/aaaa/bbbb?services=web";
    let mut expected = look(&[hook("github", 12, old)], &[]);
    let path = format!("{}/12/config", hooks_of("github"));
    let now = format!("{URL}?services=web");
    expected.push(on("PATCH", &path).with(json!({ "url": now })).json(200, &json!({ "url": now })));
    expected.extend(again(&[hook("github", 12, &now)], &[]));
    let outcome = run(&belt(), &MockApi::start(expected), "check github --fix").expect(0);
    assert!(
        outcome.stderr.contains("it posts to http://old.example.com/stacks/redeploy/***?services=web"),
        "{outcome}"
    );
    // GitLab would forget the token, which nobody here knows.
    let api = MockApi::start(vec![
        listed("gitlab", &[with(hook("gitlab", 12, old), json!({ "token_present": true }))]).for_ever(),
    ]);
    let outcome = run(&belt(), &api, "check gitlab --fix").expect(1);
    assert!(outcome.stderr.contains("GitLab would forget the secret"), "{outcome}");
}

/// An app of these services and a table, whose repository is at this GitHub; its webhook's URL is `hooks url`.
fn app(api: &MockApi, text: &str) -> Belt {
    let mut belt = Belt::with_manifest(&format!(
        "app = \"shop\"\nenvironment = \"staging\"\n\
         [source]\ngit = \"http://127.0.0.1/acme/shop.git\"\n\
         [services.web]\ncheckout = false\ndeploy = \"true\"\n{text}\
         [git_hosts.\"127.0.0.1\"]\nkind = \"github\"\nurl = {:?}\ntoken = {{ env = \"DEPLOY_TOKEN\" }}\n",
        api.url
    ));
    belt.set("DEPLOY_TOKEN", "hunter2");
    belt.set("GIT_HOST_SECRET", "s3cret");
    belt
}

fn secret_hook(url: &str, secret: &str) -> Value {
    let config = json!({ "url": url, "content_type": "json", "insecure_ssl": "0", "secret": secret });
    with(hook("github", 12, url), json!({ "config": config }))
}

#[test]
fn what_only_the_app_knows_is_compared_too() {
    let api = MockApi::start(vec![]);
    let belt = app(&api, "[redeployment_hook]\nsecret = { env = \"GIT_HOST_SECRET\" }\n");
    let _server = belt.serve(&["--public-url", "https://deploy.example.com"]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    // No secret, and a service that the app does not have.
    let narrowed = format!("{url}?services=web,api");
    api.expect(look(&[hook("github", 12, &narrowed)], &[]));
    let outcome = belt.run(["hooks", "check", "--json"]).expect(1);
    assert_eq!(wrong(&outcome), ["secret", "modifiers"]);
    assert!(outcome.json()["findings"][1]["detail"].as_str().unwrap().ends_with("does not have: api"), "{outcome}");
    // The manifest's secret is given to the host, which then has one.
    api.expect(look(&[hook("github", 12, &url)], &[]));
    let path = format!("{}/12/config", hooks_of("github"));
    api.expect(vec![on("PATCH", &path).with(json!({ "secret": "s3cret" })).json(200, &json!({}))]);
    api.expect(again(&[secret_hook(&url, "********")], &[]));
    belt.run(["hooks", "check", "--fix"]).expect(0);
    // With continuous.deploy on, deployments have to be sent too; that has them sent, until somebody changes the webhook.
    let sound = with(secret_hook(&url, "********"), json!({ "events": ["push", "deployment"] }));
    let list = || on("GET", &format!("{}?per_page=100", hooks_of("github"))).json(200, &json!([sound]));
    api.expect(vec![list(), list()]);
    belt.run(["settings", "set", "continuous.deploy", "true"]).expect(0);
    api.expect(look(&[secret_hook(&url, "********")], &[]));
    let outcome = belt.run(["hooks", "check", "--json"]).expect(1);
    assert_eq!(wrong(&outcome), ["events"]);
    // Another repository is none of the app's.
    api.expect(vec![
        on("GET", "/api/v3/repos/acme/other").json(200, &json!({ "full_name": "acme/other" })),
        on("GET", "/api/v3/repos/acme/other/hooks?per_page=100").json(200, &json!([])),
    ]);
    let outcome = belt.run(["hooks", "check", "--repo", "acme/other", "--json"]).expect(1);
    assert_eq!(wrong(&outcome), ["source", "no_hook"]);
}

#[test]
fn a_secret_that_only_the_host_has_is_found_and_an_address_that_nobody_knows_is_not_a_wrong_one() {
    let api = MockApi::start(vec![]);
    let belt = app(&api, "");
    // Nobody serves the app now, so that its address is a guess; the secrets in the URL are known all the same.
    let guessed = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let real = guessed.replace("http://127.0.0.1:6660", "https://deploy.example.com");
    api.expect(look(&[secret_hook(&real, "********")], &[]));
    let outcome = belt.run(["hooks", "check", "--json"]).expect(1);
    assert_eq!(wrong(&outcome), ["secret"]);
    assert!(outcome.json()["findings"][0]["remedy"].as_str().unwrap().contains("[redeployment_hook]"), "{outcome}");
    api.expect(look(&[], &[]));
    let outcome = belt.run(["hooks", "check", "--fix", "--json"]).expect(1);
    assert_eq!(wrong(&outcome), ["no_hook"]);
}
