//! Deploying, following and canceling.

use std::io::Write;
use std::process::Command;

use serde_json::{Value, json};

use crate::api_v3::MANIFEST;
use crate::support::Belt;
use crate::support::api::{Client, Served, go_body};
use crate::support::http::Reply;

/// What the Go client sends with every request.
const GO: [(&str, &str); 4] = [
    ("Accept", "application/json"),
    ("Request-Id", "6f1c2f0e-3c1b-4b0e-8b56-0d9b3c2f7a10"),
    ("X-Account", "1"),
    ("User-Agent", "cx/1.2.3 (linux; amd64)"),
];

/// Every item of a list, page by page, as the Go client reads it.
fn all(client: &Client, path: &str) -> Vec<Value> {
    let (mut items, mut page) = (Vec::new(), 1);
    loop {
        let document = client.send("GET", &format!("{path}?page={page}"), &GO, b"").json();
        let here = document["response"].as_array().unwrap();
        assert_eq!(document["count"], here.len());
        items.extend(here.iter().cloned());
        let pagination = &document["pagination"];
        assert_eq!((&pagination["current"], &pagination["per_page"]), (&json!(page), &json!(30)));
        match pagination["next"].as_u64() {
            Some(next) if next > page => page = next,
            _ => return items,
        }
    }
}

#[test]
fn a_client_written_for_cloud_66_deploys_and_waits() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let client = &served.redeploy;
    let stacks = all(client, "/stacks.json");
    let stack = stacks.iter().find(|stack| stack["name"] == "shop" && stack["environment"] == "staging").unwrap();
    assert_eq!((&stack["status"], &stack["health"], &stack["framework"]), (&json!(4), &json!(0), &json!("docker")));
    let uid = stack["uid"].as_str().unwrap();
    let headers = [&GO[..], &[("Content-Type", "application/json")]].concat();
    let body = go_body().to_string();
    let asked = client.send("POST", &format!("/stacks/{uid}/deployments.json"), &headers, body.as_bytes()).response();
    assert_eq!((&asked["ok"], &asked["queued"]), (&json!(true), &json!(false)));
    let mut action = client.wait(uid, &asked["async_action_id"]);
    for time in ["started_at", "finished_at"] {
        assert!(action[time].take().as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(action["resource_id"].take(), json!(uid));
    insta::assert_snapshot!(format!("{action:#}"), @r#"
    {
      "action": "application_deployment",
      "deployment_id": 1,
      "finished_at": null,
      "finished_message": "Deployment 1 succeeded (v1)",
      "finished_result": null,
      "finished_success": true,
      "id": 1,
      "metadata": {},
      "operation_uid": "deployment-1",
      "resource_id": null,
      "resource_type": "stack",
      "started_at": null,
      "started_via": "api",
      "user": "redeploy-token"
    }
    "#);
    let stack = client.response(&format!("/stacks/{uid}.json"));
    assert_eq!((&stack["status"], &stack["health"], &stack["version"]), (&json!(1), &json!(3), &json!("v1")));
    let entries = all(client, "/operations/deployment-1/logs.json");
    let lines: Vec<String> =
        entries.iter().map(|entry| format!("{} {} {}", entry["v"], entry["e"], entry["m"])).collect();
    assert!(lines.contains(&"2 1 \"hello\"".to_owned()), "{lines:#?}");
    assert!(lines[0].starts_with("3 0 \"Deployment 1 started by redeploy-token: web, api"), "{lines:#?}");
    let own = client.response("/operations/deployment-1/logs.json?min_severity=3&include_children=true");
    assert!(own.as_array().unwrap().len() < entries.len() && own[0]["s"].is_null());
    assert_eq!(client.response("/operations/deployment-1/logs.json?min_severity=5"), json!([]));
    assert_eq!(client.get("/operations/deployment-1/logs.json?min_severity=6").status, 400);
}

#[test]
fn a_deployment_is_shown_in_full() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    let body =
        json!({"services": ["web:8c7f3d3b9a0e6d5c4b3a2918f7e6d5c4b3a29180", "api:v2"], "user_reference": "build 7"});
    let asked = served.redeploy.json("POST", &format!("/stacks/{uid}/deployments.json"), &body).response();
    served.redeploy.wait(&uid, &asked["async_action_id"]);
    let mut shown = served.public.response(&format!("/stacks/{uid}/deployments/1.json"));
    for time in ["started_at", "finished_at", "created_at"] {
        shown[time] = "[TIME]".into();
    }
    insta::assert_snapshot!(format!("{shown:#}"), @r#"
    {
      "attempt": 1,
      "commit_url": null,
      "created_at": "[TIME]",
      "deploy_session": "deployment-1",
      "deploy_type": {
        "code": 1,
        "meaning": "redeploy"
      },
      "finished_at": "[TIME]",
      "first_in_queue": null,
      "git_hash": "8c7f3d3b9a0e6d5c4b3a2918f7e6d5c4b3a29180",
      "git_ref": "8c7f3d3b9a0e6d5c4b3a2918f7e6d5c4b3a29180",
      "id": 1,
      "is_deploying": false,
      "is_head": true,
      "is_live": true,
      "operation_uid": "deployment-1",
      "outcome": {
        "code": 1,
        "meaning": "success"
      },
      "place": null,
      "reason": null,
      "release": "v1",
      "reverted": null,
      "reverted_at": null,
      "reverted_by": null,
      "rollback_to": null,
      "services": [
        {
          "branch": null,
          "image": null,
          "reason": null,
          "ref": "8c7f3d3b9a0e6d5c4b3a2918f7e6d5c4b3a29180",
          "service": "web",
          "sha": "8c7f3d3b9a0e6d5c4b3a2918f7e6d5c4b3a29180",
          "state": "succeeded"
        },
        {
          "branch": null,
          "image": "registry.example.com/api:v2",
          "reason": null,
          "ref": "v2",
          "service": "api",
          "sha": null,
          "state": "succeeded"
        }
      ],
      "started_at": "[TIME]",
      "state": "succeeded",
      "strategy": "serial",
      "triggered_by": "redeploy-token",
      "triggered_via": {
        "code": 1,
        "meaning": "api"
      }
    }
    "#);
    let path = format!("/stacks/{uid}/actions.json?user_reference=build+7");
    assert_eq!(served.public.response(&path)[0]["metadata"], json!({"user_reference": "build 7"}));
    let path = format!("/stacks/{uid}/actions.json?user_reference=build+8");
    assert_eq!(served.public.response(&path), json!([]));
    let services = served.public.response(&format!("/stacks/{uid}/services.json"));
    assert_eq!(
        (&services[1]["image_tag"], &services[1]["image_name"]),
        (&json!("v2"), &json!("registry.example.com/api"))
    );
    assert_eq!((&services[0]["source_type"], &services[0]["build_command"]), (&json!("git"), &json!("true")));
    assert_eq!(services[0], served.public.response(&format!("/stacks/{uid}/services/web.json")));
}

#[test]
fn what_fails_is_an_action_without_success() {
    let belt = Belt::with_command("exit 3");
    let served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    let asked = served.redeploy.send("POST", &format!("/stacks/{uid}/deployments.json"), &[], b"").response();
    let action = served.redeploy.wait(&uid, &asked["async_action_id"]);
    assert_eq!(action["finished_success"], json!(false));
    assert_eq!(action["finished_message"], "Deployment 1 failed (v1): web: deploy exited with 3");
    let stack = served.redeploy.response(&format!("/stacks/{uid}.json"));
    assert_eq!((&stack["status"], &stack["health"]), (&json!(2), &json!(4)));
    let deployment = served.redeploy.response(&format!("/stacks/{uid}/deployments/1.json"));
    assert_eq!(deployment["outcome"], json!({"code": 2, "meaning": "failed"}));
    let errors = served.redeploy.response("/operations/deployment-1/logs.json?min_severity=4");
    assert_eq!((errors.as_array().unwrap().len(), &errors[0]["v"]), (1, &json!(5)), "{errors}");
}

#[test]
fn what_waits_and_what_runs_is_canceled_and_lists_have_pages() {
    let belt = Belt::with_command("read go < gate");
    belt.gate("gate");
    let mut served = Served::start(&belt, &[]);
    let client = served.redeploy.clone();
    let uid = client.uid("shop");
    let deployments = format!("/stacks/{uid}/deployments.json");
    let mut waits = Vec::new();
    for _ in 0..32 {
        waits.push(client.send("POST", &deployments, &[], b"").response()["queued"].as_bool().unwrap());
    }
    assert!(!waits[0] && waits[1..].iter().all(|waits| *waits));
    served.server.until("deployment 1 begins");
    assert_eq!(all(&client, &deployments).len(), 32);
    assert_eq!(all(&client, &format!("/stacks/{uid}/actions.json")).len(), 32);
    let second = client.get(&format!("{deployments}?page=2")).json();
    assert_eq!(
        second["pagination"],
        json!({"previous": 1, "next": null, "current": 2, "per_page": 30, "count": 32, "pages": 2})
    );
    assert_eq!(client.get(&format!("{deployments}?page=9")).json()["response"], json!([]));
    assert_eq!(client.get(&format!("{deployments}?per_page=5&page=2")).json()["response"][0]["id"], 27);
    let running: Vec<_> = all(&client, &deployments).into_iter().filter(|one| one["is_deploying"] == true).collect();
    assert_eq!(running.len(), 1);
    for id in (2..=32).chain([1]) {
        let answer = client.send("DELETE", &format!("/stacks/{uid}/deployments/{id}.json"), &[], b"").response();
        assert_eq!(answer, json!({"ok": true, "message": "Cancelling deployment"}));
    }
    let action = client.wait(&uid, &json!(1));
    assert_eq!(action["finished_message"], "Deployment 1 canceled (v1): canceled by redeploy-token");
    let again = client.send("DELETE", &format!("/stacks/{uid}/deployments/1.json"), &[], b"");
    assert_eq!(again.failure(), "409 conflict: deployment 1 is over: there is nothing to cancel");
}

#[test]
fn a_paused_stack_is_deployed_by_force_alone() {
    let belt = Belt::with_command("true");
    belt.run(["settings", "set", "deploy.paused", "true"]).expect(0);
    let served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    let path = format!("/stacks/{uid}/deployments.json");
    insta::assert_snapshot!(
        served.redeploy.json("POST", &path, &go_body()).failure(),
        @"409 conflict: deployments of this stack are paused: set `deploy.paused` to false, or send `force` as true"
    );
    assert_eq!(served.redeploy.response(&format!("/stacks/{uid}/actions")), json!([]));
    assert_eq!(served.redeploy.json("POST", &path, &json!({"force": true})).status, 200);
    assert_eq!(served.redeploy.form("POST", &path, "force=true").status, 200);
}

#[test]
fn a_service_that_is_new_in_the_manifest_is_deployed_at_once() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    belt.write("hookbelt.toml", format!("{MANIFEST}[services.cron]\ncheckout = false\ndeploy = \"true\"\n"));
    let asked = served.redeploy.send("POST", &format!("/stacks/{uid}/deployments.json"), &[], b"").response();
    served.redeploy.wait(&uid, &asked["async_action_id"]);
    let shown = served.redeploy.response(&format!("/stacks/{uid}/deployments/1.json"));
    assert_eq!(
        (&shown["services"][2]["service"], &shown["services"][2]["state"]),
        (&json!("cron"), &json!("succeeded"))
    );
}

#[test]
fn a_server_that_stops_takes_nothing_new() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    served.redeploy.send("POST", &format!("/stacks/{uid}/deployments"), &[], b"").response();
    served.server.until("deployment 1 begins");
    let path = format!("/stacks/{uid}/deployments");
    let mut late = served.redeploy.begin("POST", &path, &[("Content-Length", "2")], b"{");
    // Answered once the server has read what came before it.
    assert_eq!(served.redeploy.get("/ping").status, 200);
    served.server.signal("TERM");
    served.server.until("stopping: what runs may end");
    late.write_all(b"}").unwrap();
    let answer = Reply::read(late).unwrap().expect(503);
    assert!(answer.body.contains("the server is being stopped"), "{answer:?}");
    gate.open();
    assert_eq!(served.server.end().0, 0);
}

#[test]
fn a_store_that_fails_is_told_to_who_runs_the_server() {
    let belt = Belt::with_command("true");
    let mut served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    let broken = Command::new("sqlite3").arg(belt.store()).arg("DROP TABLE actions").status().unwrap();
    assert!(broken.success());
    for (method, path) in [("GET", "actions"), ("POST", "deployments")] {
        let answer = served.redeploy.send(method, &format!("/stacks/{uid}/{path}"), &[], b"");
        assert_eq!(answer.failure(), "503 unavailable: the server could not do this now; try again later");
        let told = served.server.until("the API could not answer: ");
        assert!(told.contains("no such table: actions"), "{told}");
    }
    assert_eq!(served.redeploy.response(&format!("/stacks/{uid}/deployments")), json!([]));
}
