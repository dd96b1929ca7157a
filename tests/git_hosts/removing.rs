//! `hooks list`, `hooks remove` and `hooks ping`.

use serde_json::json;

use crate::git_hosts::{HOOKS, URL, belt, hook, hooks_of, listed, run, with};
use crate::support::mock_api::{MockApi, on};

#[test]
fn webhooks_are_listed_without_what_is_secret_in_their_urls() {
    let hooks = [
        hook("github", 7, "https://hooks.chat.example.com/services/T1/hunter2"),
        with(
            hook("github", 9, &format!("{URL}?services=web")),
            json!({ "active": false, "events": ["push", "issues"] }),
        ),
        with(hook("github", 10, URL), json!({ "name": "email" })),
        hook("github", 12, URL),
    ];
    let api = MockApi::start(vec![listed("github", &hooks)]);
    insta::assert_snapshot!(run(&belt(), &api, "list github"), @"
    7	https://hooks.chat.example.com/***	push	yes	
    9	https://deploy.example.com/stacks/redeploy/***?services=web	push, issues	no	yes
    12	https://deploy.example.com/stacks/redeploy/***	push	yes	yes
    [exit 0]
    ");
    let paused = json!({ "alert_status": "disabled" });
    let api = MockApi::start(vec![listed("gitlab", &[with(hook("gitlab", 3, URL), paused)])]);
    insta::assert_snapshot!(run(&belt(), &api, "list gitlab"), @"
    3	https://deploy.example.com/stacks/redeploy/***	push_events, tag_push_events	disabled	yes
    [exit 0]
    ");
    let api = MockApi::start(vec![listed("gitea", &[])]);
    let none = run(&belt(), &api, "list gitea").expect(0);
    assert!(none.stderr.contains("has no webhooks"), "{none}");
}

#[test]
fn webhooks_are_listed_without_an_app_too() {
    let belt = belt();
    let api = MockApi::start(vec![listed("gitea", &[hook("gitea", 7, URL)])]);
    let words = ["hooks", "list", "gitea", "--repo", "acme/shop", "--host-url", &api.url, "--json"];
    assert_eq!(belt.run(words).expect(0).json()[0]["of_app"], json!(null));
    let api = MockApi::start(vec![listed("github", &[])]);
    let outcome = belt.run(["hooks", "ping", "github", "--repo", "acme/shop", "--host-url", &api.url]).expect(2);
    assert!(outcome.stderr.contains("--id ID"), "{outcome}");
}

#[test]
fn removing_is_asked_for_and_takes_every_webhook_of_the_app() {
    let belt = belt();
    for (host, path) in HOOKS {
        let hooks = [
            hook(host, 7, "https://ci.example.com"),
            hook(host, 12, URL),
            hook(host, 13, &format!("{URL}?services=web")),
        ];
        let api = MockApi::start(vec![listed(host, &hooks).for_ever()]);
        let outcome = run(&belt, &api, &format!("remove {host}")).expect(2);
        assert!(outcome.stderr.contains("add -y") && !outcome.stderr.contains("aaaa"), "{outcome}");
        let id = |id: u64| if host == "bitbucket" { format!("%7Bab-{id}%7D") } else { id.to_string() };
        api.expect(vec![
            on("DELETE", &format!("{path}/{}", id(12))).text(204, "", ""),
            on("DELETE", &format!("{path}/{}", id(13))).text(204, "", ""),
        ]);
        assert_eq!(run(&belt, &api, &format!("remove {host} -y --json")).expect(0).json().as_array().unwrap().len(), 2);
    }
}

#[test]
fn one_webhook_is_removed_by_its_id_and_one_that_is_not_there_is_not_found() {
    let belt = belt();
    let api = MockApi::start(vec![
        listed("github", &[hook("github", 7, "https://ci.example.com"), hook("github", 12, URL)]).for_ever(),
        on("DELETE", &format!("{}/7", hooks_of("github"))).text(204, "", ""),
    ]);
    let removed = run(&belt, &api, "remove github --id 7 -y").expect(0);
    assert_eq!(removed.stderr, "1 webhook removed\n");
    run(&belt, &api, "remove github --id 8 -y").expect(5);
    let api = MockApi::start(vec![listed("github", &[])]);
    run(&belt, &api, "remove github -y").expect(5);
}

#[test]
fn a_host_pings_where_it_can_and_nothing_is_pushed_unasked() {
    let belt = belt();
    let one = |host| listed(host, &[hook(host, 12, URL)]);
    let ping = on("POST", &format!("{}/12/pings", hooks_of("github"))).text(204, "", "");
    let api = MockApi::start(vec![one("github"), ping]);
    let outcome = run(&belt, &api, "ping github").expect(0);
    assert!(outcome.stdout.contains("GitHub sends a ping by webhook 12 of acme/shop"), "{outcome}");
    for (host, path) in [("gitlab", "test/push_events"), ("gitea", "tests")] {
        let api = MockApi::start(vec![]);
        let outcome = run(&belt, &api, &format!("ping {host}")).expect(2);
        assert!(outcome.stderr.contains("--test-push"), "{outcome}");
        let test = on("POST", &format!("{}/12/{path}", hooks_of(host))).json(201, &json!({ "message": "201 Created" }));
        let api = MockApi::start(vec![one(host), test]);
        run(&belt, &api, &format!("ping {host} --test-push")).expect(0);
    }
    let outcome = run(&belt, &MockApi::start(vec![]), "ping bitbucket").expect(2);
    assert!(outcome.stderr.contains("Bitbucket has no ping"), "{outcome}");
}
