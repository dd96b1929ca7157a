//! `continuous.deploy` in the real server, from the push to the last status; the test is Git host and engine.

mod github;
mod shop;
mod store;

use std::sync::Arc;
use std::time::Duration;

use hookbelt::domain::continuous::NewHostDeployment;
use hookbelt::domain::deployment::{DeploymentState, RunState};
use hookbelt::engine::{HostError, NoGitHost};
use serde_json::{Value, json};

use crate::continuous_deploy::shop::{MANIFEST, Recording, SHA, Shop, deployed, event, not_now, push_to};
use crate::support::http::post;
use crate::support::{Belt, wait_until};

#[test]
fn a_push_waits_and_the_event_of_its_deployment_deploys_exactly_it_once() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    let answer = shop.push(&server, "one");
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer).unwrap(), @r#"
    {
      "deployment": null,
      "message": "the push waits for its deployment at the Git host",
      "ok": true,
      "queued": false,
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
    let nonce = host.nonce(1);
    assert!(nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit()), "{nonce}");
    let created = host.created();
    assert_eq!(
        created,
        [NewHostDeployment {
            repository: "github.com/acme/shop".to_owned(),
            sha: SHA.to_owned(),
            environment: "staging".to_owned(),
            payload: json!({ "app": "shop", "services": ["web"], "nonce": nonce }),
            description: "shop: web".to_owned(),
            may_be_there: false,
        }]
    );
    insta::assert_snapshot!(shop.push(&server, "one")["message"], @r#""this delivery was accepted before: it waits for its deployment at the Git host""#);
    assert_eq!((shop.deployments(), shop.waiting()), (Vec::new(), 1));
    // Of its event only the nonce counts: the plan is the stored one, at the pushed commit.
    let payload = json!({ "nonce": nonce });
    let other = shop.event(&server, &json!({ "payload": payload, "environment": "production" }));
    insta::assert_snapshot!(other["ignored"], @r#""the deployment at GitHub is for the environment \"production\"""#);
    let event = json!({ "id": 101, "ref": "feature", "payload": payload });
    let answer = shop.event(&server, &event);
    assert_eq!((&answer["deployment"]["id"], &answer["services"]), (&json!(1), &json!(["web"])));
    insta::assert_snapshot!(deployed(&shop.deployments()[0]), @"queued by octocat: web@2fd9226");
    assert_eq!(shop.runtime.block_on(shop.store.payload(1)).unwrap(), Some(push_to("main").to_string().into_bytes()));
    insta::assert_snapshot!(shop.event(&server, &event)["ignored"], @r#""its push was deployed before, as deployment 1""#);
    insta::assert_snapshot!(shop.push(&server, "one")["message"], @r#""this delivery was accepted before: deployment 1 is queued""#);
    let foreign = shop.event(&server, &json!({ "payload": { "nonce": "0".repeat(32) } }));
    insta::assert_snapshot!(foreign["ignored"], @r#""its nonce is that of no push to this app""#);
    assert_eq!((shop.deployments().len(), host.created().len(), shop.waiting()), (1, 1, 0));
}

#[test]
fn an_event_of_somebody_elses_deployment_deploys_where_environment_task_and_branch_fit() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    let ignored = [json!({ "environment": "qa" }), json!({ "task": "migrate" }), json!({ "ref": "feature" })]
        .map(|fields| shop.event(&server, &fields)["ignored"].as_str().unwrap().to_owned());
    insta::assert_snapshot!(ignored.join("\n"), @r#"
    the deployment at GitHub is for the environment "qa"
    the task of the deployment at GitHub is "migrate", not deploy
    no service is selected; web: its branch is main, and the push was to feature
    "#);
    let answer = shop.event(&server, &json!({ "payload": { "from": "a robot" } }));
    assert_eq!(answer["message"], "deployment 2 is queued", "{answer}");
    insta::assert_snapshot!(deployed(&shop.deployments()[0]), @"queued by hubot: web@0d1a26e");
    wait_until("its host was told", || !host.told().is_empty());
    assert_eq!(host.told(), [(145, "queued", "deployment 2 waits for its turn".to_owned())]);
    assert_eq!(host.created(), []);
    shop.set("continuous.deploy", "false");
    insta::assert_snapshot!(shop.event(&server, &json!({ "id": 146 }))["ignored"], @r#""continuous.deploy is off, so deployments at GitHub do not count""#);
}

#[test]
fn the_host_is_told_how_the_run_stands_and_need_not_listen() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    shop.event(&server, &json!({}));
    let told = |count| {
        wait_until("its host was told", || host.told().len() >= count);
        let told: Vec<String> = host.told().iter().map(|(id, status, text)| format!("{id} {status}: {text}")).collect();
        told.join("\n")
    };
    told(1);
    let holder = shop.begin();
    told(2);
    shop.end(&holder, DeploymentState::Succeeded, RunState::Succeeded, None);
    told(3);
    // A status that is not taken is said in the log, and is all that comes of it.
    host.asked.lock().unwrap().takes_no_status = true;
    shop.event(&server, &json!({ "id": 146 }));
    wait_until("it is logged", || shop.log().contains("could not be told"));
    let holder = shop.begin();
    shop.end(&holder, DeploymentState::Failed, RunState::Failed, Some(&format!("web: {}", "x".repeat(200))));
    let told = told(6);
    insta::assert_snapshot!(told, @"
    145 queued: deployment 1 waits for its turn
    145 in_progress: deployment 1 runs
    145 success: deployment 1 succeeded
    146 queued: deployment 2 waits for its turn
    146 in_progress: deployment 2 runs
    146 failure: deployment 2 failed: web: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    ");
    wait_until("the last is logged", || shop.log().contains("the status failure"));
    insta::assert_snapshot!(shop.log(), @"
    github.com/acme/shop could not be told the status queued of its deployment 146: it is not ours
    github.com/acme/shop could not be told the status in_progress of its deployment 146: it is not ours
    github.com/acme/shop could not be told the status failure of its deployment 146: it is not ours
    ");
    assert!(host.told().iter().all(|(_, _, text)| text.chars().count() <= 140));
    assert_eq!(shop.deployments()[0].state, DeploymentState::Failed);
}

#[test]
fn a_status_that_a_host_cannot_take_now_is_told_again_before_those_after_it() {
    let (shop, host) = (Shop::new(), Recording::new());
    host.asked.lock().unwrap().status_troubles.extend(["it is down", "it is still down"].map(not_now));
    let server = shop.serve(&host);
    shop.event(&server, &json!({}));
    wait_until("the first try has failed", || shop.log().contains("could not be told"));
    let holder = shop.begin();
    shop.end(&holder, DeploymentState::Succeeded, RunState::Succeeded, None);
    wait_until("all is told", || host.told().len() == 5);
    let told: Vec<&str> = host.told().iter().map(|(_, status, _)| *status).collect();
    assert_eq!(told, ["queued", "queued", "queued", "in_progress", "success"]);
    insta::assert_snapshot!(shop.log(), @"github.com/acme/shop could not be told the status queued of its deployment 145 yet, and it is tried again: it is down");
}

#[test]
fn without_the_event_a_push_is_deployed_in_the_end() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve_for(host.clone(), Duration::from_millis(400));
    shop.push(&server, "one");
    wait_until("it is deployed", || !shop.deployments().is_empty());
    insta::assert_snapshot!(deployed(&shop.deployments()[0]), @"queued by octocat: web@2fd9226");
    insta::assert_snapshot!(shop.log(), @"
    The push of 2fd9226 waits for deployment 101 at github.com/acme/shop
    Deployment 1 deploys the push of 2fd9226 directly: no event came for its deployment at the Git host within 400ms
    ");
    let late = shop.event(&server, &json!({ "id": 101, "payload": { "nonce": host.nonce(1) } }));
    insta::assert_snapshot!(late["ignored"], @r#""its push was deployed before, as deployment 1""#);
    // The deployment at the host is there all the same, and is told.
    wait_until("its host was told", || !host.told().is_empty());
    assert_eq!((host.told()[0].0, shop.deployments().len()), (101, 1));
}

#[test]
fn a_deployment_that_could_not_be_created_is_tried_again_also_by_the_next_server() {
    let shop = Shop::new();
    let host = Recording::failing(["it is down", "202: merged, nothing created"].map(not_now));
    let server = shop.serve(&host);
    shop.push(&server, "one");
    let first = host.nonce(1);
    wait_until("it is logged", || shop.log().contains("tried again"));
    drop(server);
    let server = shop.serve(&host);
    // The same push, and so the same nonce: whatever was created by mistake deploys it once.
    assert_eq!((host.nonce(2), host.nonce(3)), (first.clone(), first.clone()));
    // It may have been created by a try of which no answer came: the host looks, but for the first time.
    assert_eq!(host.created().iter().map(|new| new.may_be_there).collect::<Vec<_>>(), [false, true, true]);
    wait_until("it is created", || shop.log().contains("waits for deployment 103"));
    insta::assert_snapshot!(shop.log(), @"
    The push of 2fd9226 has no deployment at github.com/acme/shop yet, and it is tried again: it is down
    The push of 2fd9226 has no deployment at github.com/acme/shop yet, and it is tried again: 202: merged, nothing created
    The push of 2fd9226 waits for deployment 103 at github.com/acme/shop
    ");
    drop(server);
    let server = shop.serve(&host);
    assert_eq!(shop.event(&server, &json!({ "id": 103, "payload": { "nonce": first } }))["deployment"]["id"], 1);
    assert_eq!(host.created().len(), 3);
}

#[test]
fn a_push_is_deployed_at_once_when_its_host_refuses_or_is_gone_or_the_setting_is_turned_off() {
    let shop = Shop::new();
    let conflict = "409: conflict merging main into 2fd9226".to_owned();
    let server = shop.serve(&Recording::failing([HostError::Refused(conflict)]));
    shop.push(&server, "one");
    wait_until("the first is deployed", || shop.deployments().len() == 1);
    drop(server);
    let host = Recording::failing([not_now("it is down")]);
    let server = shop.serve(&host);
    shop.push(&server, "two");
    host.nonce(1);
    drop(server);
    let server = shop.serve_for(Arc::new(NoGitHost), Duration::from_mins(10));
    wait_until("the second is deployed", || shop.deployments().len() == 2);
    // Without a host, pushes are deployed as they come.
    assert_eq!(shop.push(&server, "three")["queued"], true);
    drop(server);
    let host = Recording::new();
    let server = shop.serve(&host);
    shop.push(&server, "four");
    host.nonce(1);
    assert_eq!(shop.deployments().len(), 3);
    shop.set("continuous.deploy", "false");
    wait_until("the fourth is deployed", || shop.deployments().len() == 4);
    assert_eq!(shop.push(&server, "five")["queued"], true);
    let reasons = shop.log();
    let reasons: Vec<&str> = reasons.lines().filter(|line| line.contains("deploys the push")).collect();
    insta::assert_snapshot!(reasons.join("\n"), @"
    Deployment 1 deploys the push of 2fd9226 directly: no deployment could be created at the Git host: 409: conflict merging main into 2fd9226
    Deployment 2 deploys the push of 2fd9226 directly: no deployment could be created at the Git host: no Git host is configured for it
    Deployment 4 deploys the push of 2fd9226 directly: continuous.deploy was turned off
    ");
}

#[test]
fn an_event_that_is_faster_than_the_answer_counts() {
    let (shop, host) = (Shop::new(), Recording::new());
    host.gate.forget_permits(1_000);
    let server = shop.serve_for(host.clone(), Duration::from_millis(300));
    shop.push(&server, "one");
    let event = json!({ "id": 101, "payload": { "nonce": host.nonce(1) } });
    assert_eq!(shop.event(&server, &event)["deployment"]["id"], 1);
    host.gate.add_permits(1);
    wait_until("its host was told", || !host.told().is_empty());
    // A later push has waited for its event as long as it may: so has the first one.
    host.gate.add_permits(1);
    shop.push(&server, "two");
    wait_until("the later push is deployed directly", || shop.deployments().len() == 2);
    assert_eq!((shop.waiting(), shop.deployments().len(), host.created().len()), (0, 2, 2));
}

#[test]
fn what_a_deployment_at_the_host_cannot_stand_for_does_not_wait() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    assert!(shop.send(&server, "push", "one", &push_to("feature"))["ignored"].is_string());
    let bare = post(&format!("http://{}{}", server.authority, shop.path), &[], "").expect(200).json();
    assert_eq!(bare["services"], json!(["web", "api"]));
    shop.set("deploy.paused", "true");
    insta::assert_snapshot!(shop.push(&server, "two")["ignored"], @r#""deployments of this app are paused""#);
    shop.set("deploy.paused", "false");
    // What was ignored may be sent again.
    insta::assert_snapshot!(shop.push(&server, "two")["message"], @r#""the push waits for its deployment at the Git host""#);
    // While it waits a pause begins: it is asked for, and ignored like any hook.
    let nonce = host.nonce(1);
    shop.set("deploy.paused", "true");
    let event = json!({ "id": 101, "payload": { "nonce": nonce } });
    insta::assert_snapshot!(shop.event(&server, &event)["ignored"], @r#""deployments of this app are paused""#);
    wait_until("its host was told", || host.told().len() == 2);
    assert_eq!(host.told()[1].1, "inactive");
}

#[test]
fn the_program_has_no_git_host_and_deploys_pushes_as_they_come() {
    let belt = Belt::with_manifest(MANIFEST);
    let (_server, address) = belt.serve_at(&["--public-url", "https://deploy.example.com/"]);
    belt.run(["settings", "set", "continuous.deploy", "true"]).expect(0);
    let public = belt.run(["hooks", "url"]).expect(0).stdout;
    let url = format!("http://{address}{}", public.trim().strip_prefix("https://deploy.example.com").unwrap());
    let send =
        |event: &str, body: &Value| post(&url, &[("X-GitHub-Event", event)], body.to_string()).expect(200).json();
    let answers = [
        send("push", &push_to("main")),
        send("deployment", &event(&json!({}))),
        send("deployment", &event(&json!({ "ref": "feature" }))),
        send("deployment", &event(&json!({ "payload": { "nonce": "0".repeat(32) } }))),
    ];
    let said: Vec<&str> = answers.iter().map(|answer| answer["message"].as_str().unwrap()).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    deployment 1 is queued
    deployment 2 is queued
    ignored: no service is selected; web: its branch is main, and the push was to feature
    ignored: its nonce is that of no push to this app
    ");
    belt.run(["deployments", "watch", "2"]).expect(0);
}
