//! `hooks catch-up`: what failed is sent again, and a real server takes of it what is new.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::git_hosts::{URL, belt, deliveries, hook, hooks_of, listed, run};
use crate::support::Belt;
use crate::support::http::post;
use crate::support::mock_api::{Expected, MockApi, on};

fn again(delivery: u64) -> Expected {
    let path = format!("{}/12/deliveries/{delivery}/attempts", hooks_of("github"));
    on("POST", &path).text(202, "content-type: application/json\r\n", "{}")
}

/// The deliveries that were asked for again, in their order.
fn asked(api: &MockApi) -> Vec<u64> {
    let came = api.came().into_iter().filter(|came| came.method == "POST");
    came.map(|came| came.target.split('/').rev().nth(1).unwrap().parse().unwrap()).collect()
}

#[test]
fn what_never_arrived_is_asked_for_again_oldest_first() {
    let rows = [
        (6, "e", 5, "push", 200),
        (5, "d", 10, "push", 502),
        (4, "c", 20, "deployment", 0),
        (3, "b", 29, "push", 200),
        (2, "b", 30, "push", 502),
        (1, "a", 90, "push", 502),
    ];
    let api = MockApi::start(vec![listed("github", &[hook("github", 12, URL)]), deliveries(&rows), again(4), again(5)]);
    let outcome = run(&belt(), &api, "catch-up github --since 1h").expect(0);
    assert_eq!(asked(&api), [4, 5]);
    assert_eq!(outcome.stdout.lines().count(), 2, "{outcome}");
    let api = MockApi::start(vec![listed("github", &[hook("github", 12, URL)]), deliveries(&rows)]);
    let outcome = run(&belt(), &api, "catch-up github --since 2h --dry-run --json").expect(0);
    let ids: Vec<_> = outcome.json().as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect();
    assert_eq!((ids, outcome.json()[0]["asked"].clone()), (vec![1, 4, 5], json!(false)));
}

#[test]
fn pages_are_read_as_far_as_they_are_asked_for() {
    let api = MockApi::start(vec![listed("github", &[hook("github", 12, URL)])]);
    let rows = |rows: &[(u64, &str, i64, &str, u64)]| {
        let now = jiff::Timestamp::now();
        let row = |(id, guid, minutes, event, code): &(u64, &str, i64, &str, u64)| {
            json!({
                "id": id, "guid": guid, "delivered_at": (now - jiff::SignedDuration::from_mins(*minutes)).to_string(),
                "status": "x", "status_code": code, "event": event,
            })
        };
        json!(rows.iter().map(row).collect::<Vec<_>>()).to_string()
    };
    let path = format!("{}/12/deliveries?per_page=100", hooks_of("github"));
    let link = |cursor: &str| format!("link: <{}/next?cursor={cursor}>; rel=\"next\"\r\n", api.url);
    api.expect(vec![
        on("GET", &path).text(200, &link("v1"), &rows(&[(9, "i", 1, "push", 502)])),
        // The page behind this one, which nobody asks for, would be older still.
        on("GET", "/next?cursor=v1").text(
            200,
            &link("v2"),
            &rows(&[(8, "h", 50, "push", 502), (7, "g", 70, "push", 502)]),
        ),
        again(8),
        again(9),
    ]);
    run(&belt(), &api, "catch-up github --since 1h").expect(0);
    assert_eq!(asked(&api), [8, 9]);
}

#[test]
fn hosts_that_cannot_are_not_asked() {
    let belt = belt();
    for host in ["bitbucket", "gitlab", "gitea"] {
        let outcome = run(&belt, &MockApi::start(vec![]), &format!("catch-up {host} --since 1h")).expect(2);
        assert!(outcome.stderr.contains("cannot be asked to send again"), "{outcome}");
    }
    let outcome = run(&belt, &MockApi::start(vec![]), "catch-up github --since 4d").expect(2);
    assert!(outcome.stderr.contains("--since 3d"), "{outcome}");
    let api = MockApi::start(vec![listed("github", &[])]);
    run(&belt, &api, "catch-up github --since 1h").expect(5);
}

/// A push of this commit to main, under the id of its delivery.
fn push(url: &str, id: &str, before: &str, after: &str) -> Value {
    let body = json!({
        "ref": "refs/heads/main", "before": before, "after": after, "created": false, "deleted": false, "forced": false,
        "repository": { "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git" },
        "pusher": { "name": "octocat" }, "commits": [{ "id": after }], "head_commit": { "id": after },
    });
    let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", id), ("Content-Type", "application/json")];
    post(url, &headers, body.to_string()).expect(200).json()
}

/// An app whose repository is on github.com, of which an `ssh` of the test's gives what is in the folder `acme/shop.git`.
fn shop() -> Belt {
    let mut belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"git@github.com:acme/shop.git\"\nbranch = \"main\"\n\
         [services.web]\ndeploy = \"cat page.html\"\n",
    );
    let ssh = belt.write(
        "bin/ssh",
        format!("#!/bin/sh\nfor command; do :; done\ncd {} && eval \"$command\"\n", belt.work().display()),
    );
    fs::set_permissions(&ssh, PermissionsExt::from_mode(0o755)).unwrap();
    belt.set("PATH", &format!("{}:{}", belt.work().join("bin").display(), env!("PATH")));
    belt.set("GH_ENTERPRISE_TOKEN", "hunter2");
    belt
}

/// Waits until a deployment has ended, and says how.
fn ended(belt: &Belt, number: u64) -> Value {
    let number = number.to_string();
    belt.run(["deployments", "watch", &number, "--json"]).json()
}

#[test]
fn a_server_that_was_down_catches_up_without_deploying_twice_or_backwards() {
    let belt = shop();
    let first = belt.repository("acme/shop.git");
    let second = belt.commit("acme/shop.git", "page.html", "two");
    let third = belt.commit("acme/shop.git", "page.html", "three");
    let (_server, address) = belt.serve_at(&["--public-url", "https://deploy.example.com"]);
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let here = url.replace("https://deploy.example.com", &format!("http://{address}"));
    // The first push came, and its answer did not; the second never came; the third did, when the server was back.
    push(&here, "guid-1", &"0".repeat(40), &first);
    assert_eq!(ended(&belt, 1)["state"], "succeeded");
    push(&here, "guid-3", &second, &third);
    assert_eq!(ended(&belt, 2)["state"], "succeeded");
    let rows = [(4, "guid-3", 10, "push", 200), (3, "guid-2", 20, "push", 502), (2, "guid-1", 30, "push", 0)];
    let api =
        MockApi::start(vec![listed("github", &[hook("github", 12, &url)]), deliveries(&rows), again(2), again(3)]);
    let at = ["--repo", "acme/shop", "--host-url", &api.url];
    belt.run([&["hooks", "catch-up", "github", "--since", "1h"], at.as_slice()].concat()).expect(0);
    assert_eq!(asked(&api), [2, 3]);
    // What GitHub sends then: the same deliveries under the same ids.
    let same = push(&here, "guid-1", &"0".repeat(40), &first);
    assert_eq!((&same["deployment"]["id"], &same["queued"]), (&json!(1), &json!(false)), "{same}");
    let late = push(&here, "guid-2", &first, &second);
    assert_eq!(late["deployment"]["id"], 3, "{late}");
    let late = ended(&belt, 3);
    assert_eq!((&late["state"], &late["reason"]), (&json!("superseded"), &json!("older than v2")), "{late}");
    let shown = belt.run(["apps", "show", "--json"]).expect(0).json();
    assert_eq!(shown["services"][0]["sha"], json!(third), "{shown}");
}
