//! The whole way with the real program and a GitHub Enterprise Server, whose API description judges every request.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::continuous_deploy::shop::{SHA, event, push_to};
use crate::support::api::Client;
use crate::support::http::post;
use crate::support::mock_api::{ANY, Expected, MockApi, on};
use crate::support::{Belt, Outcome, Running};

const HOOKS: &str = "/api/v3/repos/acme/shop/hooks";
const LIST: &str = "/api/v3/repos/acme/shop/hooks?per_page=100";
const DEPLOYMENTS: &str = "/api/v3/repos/acme/shop/deployments";
const LIKE: &str = "/api/v3/repos/acme/shop/deployments?sha=2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a&task=deploy\
                    &environment=staging&per_page=100";
const STATUSES: &str = "/api/v3/repos/acme/shop/deployments/7/statuses";

/// An app whose repository is at a GitHub Enterprise Server, and its `hookbelt serve`.
struct Shop {
    belt: Belt,
    github: MockApi,
    server: Running,
    /// Its redeployment hook, as GitHub knows it, and as the test reaches it.
    public: String,
    here: String,
}

/// The answer to a hook that was created or changed.
fn hook(url: &str, events: &[&str]) -> Value {
    let config = json!({ "url": url, "content_type": "json", "insecure_ssl": "0" });
    json!({ "type": "Repository", "id": 1, "name": "web", "active": true, "events": events, "config": config })
}

impl Shop {
    fn new() -> Self {
        Self::with("deploy = \"true\"\n", "")
    }

    fn with(lines: &str, tables: &str) -> Self {
        let github = MockApi::start(Vec::new());
        let mut belt = Belt::with_manifest(&format!(
            "app = \"shop\"\nenvironment = \"staging\"\n[services.web]\ncheckout = false\n\
             git = \"git@git.example.com:acme/shop.git\"\nbranch = \"main\"\n{lines}\
             [git_hosts.\"git.example.com\"]\nkind = \"github\"\nurl = \"{}\"\ntoken = {{ env = \"SHOP_TOKEN\" }}\n{tables}",
            github.url
        ));
        belt.set("SHOP_TOKEN", "hunter2");
        belt.set("SHOP_SECRET", "sesame");
        let (server, address) = belt.serve_at(&["--public-url", "https://deploy.example.com"]);
        let public = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
        let here = format!("http://{address}{}", public.strip_prefix("https://deploy.example.com").unwrap());
        Self { belt, github, server, public, here }
    }

    /// The same with `continuous.deploy` on.
    fn turned_on() -> Self {
        let shop = Self::new();
        shop.github
            .expect(vec![on("GET", LIST).json(200, &json!([hook(&shop.public, &["push", "deployment"])])).for_ever()]);
        shop.set("true").expect(0);
        shop
    }

    fn set(&self, value: &str) -> Outcome {
        self.belt.run(["settings", "set", "continuous.deploy", value])
    }

    /// What the program printed, without what is secret and different each time.
    fn said(&self, outcome: &Outcome) -> String {
        let port = self.github.url.rsplit(':').next().unwrap();
        outcome.to_string().replace(port, "[PORT]")
    }

    fn send(&self, event: &str, delivery: &str, body: &Value) -> Value {
        let headers = [("X-GitHub-Event", event), ("X-GitHub-Delivery", delivery)];
        post(&self.here, &headers, body.to_string()).expect(200).json()
    }

    fn push(&self, delivery: &str) -> Value {
        let mut push = push_to("main");
        push["repository"]["clone_url"] = json!("https://git.example.com/acme/shop.git");
        self.send("push", delivery, &push)
    }

    /// The event of the deployment that was asked for last.
    fn event(&self) -> Value {
        let created = self.github.came().into_iter().rfind(|came| came.method == "POST" && came.target == DEPLOYMENTS);
        let created: Value = serde_json::from_slice(&created.unwrap().body).unwrap();
        let mut event = event(&json!({ "id": 7, "sha": SHA, "payload": created["payload"] }));
        event["repository"]["clone_url"] = json!("https://git.example.com/acme/shop.git");
        self.send("deployment", "event", &event)
    }

    /// Waits for a line of the app's log.
    fn until_logged(&self, text: &str) {
        self.belt.start(["logs", "--follow"]).until(text);
    }

    fn log(&self) -> String {
        self.said(&self.belt.run(["logs"]))
    }
}

/// The request for a deployment of the push.
fn new_deployment() -> Expected {
    on("POST", DEPLOYMENTS).with(json!({
        "ref": SHA, "task": "deploy", "auto_merge": false, "required_contexts": [], "environment": "staging",
        "payload": { "app": "shop", "services": ["web"], "nonce": ANY }, "description": "shop: web",
    }))
}

fn created() -> Expected {
    new_deployment().json(201, &json!({ "id": 7, "sha": SHA, "statuses_url": "https://git.example.com/statuses" }))
}

/// A status of that deployment, with the log of ours.
fn status(state: &str, description: &str) -> Expected {
    let body = json!({ "state": state, "description": description, "log_url": ANY });
    on("POST", STATUSES).with(body).json(201, &json!({ "id": 1 }))
}

#[test]
fn from_the_setting_to_the_last_status() {
    let shop = Shop::new();
    let config = json!({ "url": shop.public, "content_type": "json", "insecure_ssl": "0" });
    let new = json!({ "name": "web", "active": true, "events": ["push", "deployment"], "config": config });
    shop.github.expect(vec![
        on("GET", LIST).json(200, &json!([])).for_ever(),
        on("POST", HOOKS).with(new).json(201, &hook(&shop.public, &["push", "deployment"])),
    ]);
    insta::assert_snapshot!(shop.set("true"), @"
    continuous.deploy is now true
    --- stderr
    note: a webhook was created at git.example.com/acme/shop
    [exit 0]
    ");
    assert!(shop.github.came().iter().all(|came| came.header("authorization") == Some("Bearer hunter2")));
    shop.github.expect(vec![created()]);
    insta::assert_snapshot!(shop.push("one")["message"], @r#""the push waits for its deployment at the Git host""#);
    shop.until_logged("waits for deployment 7");
    shop.github.expect(vec![
        status("queued", "deployment 1 waits for its turn"),
        status("in_progress", "deployment 1 runs"),
        status("success", "deployment 1 succeeded"),
    ]);
    assert_eq!(shop.event()["deployment"]["id"], 1);
    shop.github.until(STATUSES, 3);
    let came = shop.github.came();
    let told: Value = serde_json::from_slice(&came.last().unwrap().body).unwrap();
    let log_url = told["log_url"].as_str().unwrap();
    assert!(log_url.starts_with("https://deploy.example.com/api/3/stacks/"), "{log_url}");
    assert!(log_url.ends_with("/logs?deployment=1"), "{log_url}");
    // Turned off, the webhook is sent for pushes alone.
    shop.github.instead(on("GET", LIST).json(200, &json!([hook(&shop.public, &["push", "deployment"])])).for_ever());
    let without = on("PATCH", "/api/v3/repos/acme/shop/hooks/1").with(json!({ "remove_events": ["deployment"] }));
    shop.github.expect(vec![without.json(200, &hook(&shop.public, &["push"]))]);
    insta::assert_snapshot!(shop.set("false"), @"
    continuous.deploy is now false
    --- stderr
    note: the webhook at git.example.com/acme/shop is not sent for deployments any more
    [exit 0]
    ");
    // Said again, it asks nobody.
    let asked = shop.github.came().len();
    insta::assert_snapshot!(shop.set("false"), @"
    continuous.deploy is already false
    [exit 0]
    ");
    assert_eq!(shop.github.came().len(), asked);
    assert_eq!(shop.push("two")["queued"], true);
    drop(shop.server);
}

#[test]
fn a_run_that_fails_or_is_canceled_is_told_so() {
    let shop = Shop::with("deploy = '''echo \"the disk is full\"; exit 3'''\n", "");
    shop.github
        .expect(vec![on("GET", LIST).json(200, &json!([hook(&shop.public, &["push", "deployment"])])).for_ever()]);
    insta::assert_snapshot!(shop.set("true"), @"
    continuous.deploy is now true
    --- stderr
    note: the webhook at git.example.com/acme/shop is as it should be
    [exit 0]
    ");
    shop.github.expect(vec![
        created(),
        status("queued", "deployment 1 waits for its turn"),
        status("in_progress", "deployment 1 runs"),
        status("failure", "deployment 1 failed: web: deploy exited with 3"),
    ]);
    shop.push("one");
    shop.until_logged("waits for deployment 7");
    shop.event();
    shop.github.until(STATUSES, 3);
    // Paused, its event is ignored.
    shop.github.expect(vec![created(), status("queued", "deployment 2 waits for its turn"), status("inactive", ANY)]);
    shop.push("two");
    shop.github.until(DEPLOYMENTS, 2);
    shop.belt.run(["settings", "set", "deploy.paused", "true"]).expect(0);
    shop.event();
    shop.github.until(STATUSES, 5);
}

#[test]
fn the_hook_that_somebody_made_by_hand_is_made_right_and_not_doubled() {
    let shop = Shop::with("deploy = \"true\"\n", "[redeployment_hook]\nsecret = { env = \"SHOP_SECRET\" }\n");
    let with_modifiers = format!("{}?services=web", shop.public);
    let mut by_hand = hook(&with_modifiers, &["push"]);
    by_hand["active"] = json!(false);
    by_hand["config"]["content_type"] = json!("form");
    let elsewhere = hook("https://ci.example.com/hook", &["push", "deployment"]);
    shop.github.expect(vec![
        on("GET", LIST).json(200, &json!([elsewhere, by_hand])).for_ever(),
        on("PATCH", "/api/v3/repos/acme/shop/hooks/1/config")
            .with(json!({ "content_type": "json", "secret": "sesame" }))
            .json(200, &json!({ "url": with_modifiers, "content_type": "json" })),
        on("PATCH", "/api/v3/repos/acme/shop/hooks/1")
            .with(json!({ "add_events": ["deployment"], "active": true }))
            .json(200, &hook(&with_modifiers, &["push", "deployment"])),
    ]);
    insta::assert_snapshot!(shop.set("true"), @"
    continuous.deploy is now true
    --- stderr
    note: the webhook at git.example.com/acme/shop was changed: the events deployment, made active, JSON instead of forms, its secret
    [exit 0]
    ");
    assert!(shop.belt.run(["settings", "get", "continuous.deploy"]).stdout.contains("true"));
}

#[test]
fn what_the_host_refuses_is_not_turned_on() {
    let shop = Shop::new();
    let refusals = [
        (401, "", json!({ "message": "Bad credentials", "status": "401" })),
        (
            403,
            "x-accepted-github-permissions: repository_hooks=write\r\n",
            json!({ "message": "Resource not accessible by personal access token" }),
        ),
        (
            404,
            "x-oauth-scopes: gist\r\nx-accepted-oauth-scopes: admin:repo_hook\r\n",
            json!({ "message": "Not Found" }),
        ),
    ];
    let mut said = Vec::new();
    for (status, headers, body) in refusals {
        shop.github.expect(vec![on("GET", LIST).text(status, headers, &body.to_string())]);
        said.push(shop.said(&shop.set("true")));
    }
    shop.github.expect(vec![
        on("GET", LIST).json(200, &json!([])).for_ever(),
        on("POST", HOOKS).with(json!({
            "name": "web", "active": true, "events": ["push", "deployment"],
            "config": { "url": ANY, "content_type": "json", "insecure_ssl": "0" },
        })).json(422, &json!({ "message": "Validation Failed", "errors": [
            { "resource": "Hook", "code": "custom", "message": "The \"push\" event cannot have more than 20 hooks" },
        ]})),
    ]);
    said.push(shop.said(&shop.set("true")));
    insta::assert_snapshot!(said.join("\n"), @r#"
    --- stderr
    error: the webhook at git.example.com/acme/shop could not be changed: 127.0.0.1:[PORT] refused the token: Bad credentials
    hint: set GH_ENTERPRISE_TOKEN to a token that is valid there, or name its file in `git_hosts` of the manifest
    [exit 4]
    --- stderr
    error: the webhook at git.example.com/acme/shop could not be changed: the token may not do that at 127.0.0.1:[PORT]: Resource not accessible by personal access token
    hint: it needs the permission repository_hooks=write
    [exit 4]
    --- stderr
    error: the webhook at git.example.com/acme/shop could not be changed: 127.0.0.1:[PORT] has no repository acme/shop, or does not show it to this token: Not Found
    hint: look at its spelling; if it is there, the token lacks a right: it needs the scope admin:repo_hook; the token has gist
    [exit 5]
    --- stderr
    error: the webhook at git.example.com/acme/shop could not be changed: 127.0.0.1:[PORT] refused it with 422: Validation Failed; The "push" event cannot have more than 20 hooks
    hint: `hookbelt hooks list` shows them; `hookbelt hooks remove --id ID` makes room
    [exit 1]
    "#);
    assert_eq!(shop.belt.run(["settings", "get", "continuous.deploy"]).stdout, "false\n");
}

#[test]
fn a_deployment_that_a_lost_answer_created_is_found_and_not_created_twice() {
    let shop = Shop::turned_on();
    let (answer, release) = new_deployment().raw("").held();
    shop.github.expect(vec![answer]);
    shop.push("one");
    shop.github.until(DEPLOYMENTS, 1);
    let made: Value = serde_json::from_slice(&shop.github.came().last().unwrap().body).unwrap();
    let foreign = json!({ "id": 6, "payload": { "nonce": "0".repeat(32) } });
    let own = json!({ "id": 7, "payload": made["payload"].to_string() });
    shop.github.expect(vec![on("GET", LIKE).json(200, &json!([foreign, own]))]);
    release.now();
    shop.until_logged("waits for deployment 7");
    let asked = shop.github.came().iter().filter(|came| came.target == DEPLOYMENTS).count();
    assert_eq!(asked, 1);
    insta::assert_snapshot!(shop.log(), @"
    [TIME] hookbelt[api]: The push of 2fd9226 has no deployment at git.example.com/acme/shop yet, and it is tried again: 127.0.0.1:[PORT] closed the connection without an answer: connection closed before message completed
    [TIME] hookbelt[api]: The push of 2fd9226 waits for deployment 7 at git.example.com/acme/shop
    [exit 0]
    ");
}

#[test]
fn a_merge_instead_of_a_deployment_is_tried_again() {
    let shop = Shop::turned_on();
    let merged = json!({ "message": "Auto-merged master into topic-branch on deployment." });
    let (answer, release) = new_deployment().json(202, &merged).held();
    shop.github.expect(vec![answer, on("GET", LIKE).json(200, &json!([])), created()]);
    shop.push("one");
    release.now();
    shop.until_logged("waits for deployment 7");
    insta::assert_snapshot!(shop.log(), @"
    [TIME] hookbelt[api]: The push of 2fd9226 has no deployment at git.example.com/acme/shop yet, and it is tried again: 127.0.0.1:[PORT] has created no deployment: Auto-merged master into topic-branch on deployment.
    [TIME] hookbelt[api]: The push of 2fd9226 waits for deployment 7 at git.example.com/acme/shop
    [exit 0]
    ");
}

#[test]
fn a_deployment_that_is_refused_lets_the_push_be_deployed_at_once() {
    let shop = Shop::turned_on();
    let refusals = [
        (
            409,
            json!({
                "message": format!("Conflict: Commit status checks failed for {SHA}."),
                "errors": [{ "resource": "Deployment", "field": "required_contexts", "code": "invalid", "contexts": [] }],
            }),
        ),
        (422, json!({ "message": format!("No ref found for: {SHA}"), "status": "422" })),
        (403, json!({ "message": "Resource not accessible by personal access token" })),
    ];
    for (at, (status, body)) in refusals.into_iter().enumerate() {
        shop.github.expect(vec![new_deployment().json(status, &body)]);
        shop.push(&status.to_string());
        shop.until_logged(&format!("Deployment {} deploys the push", at + 1));
    }
    let log = shop.log();
    let said: Vec<&str> = log.lines().filter(|line| line.contains("directly")).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    [TIME] hookbelt[api]: Deployment 1 deploys the push of 2fd9226 directly: no deployment could be created at the Git host: 127.0.0.1:[PORT] refused it with 409: Conflict: Commit status checks failed for 2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a.; required_contexts invalid
    [TIME] hookbelt[api]: Deployment 2 deploys the push of 2fd9226 directly: no deployment could be created at the Git host: 127.0.0.1:[PORT] refused it with 422: No ref found for: 2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a
    [TIME] hookbelt[api]: Deployment 3 deploys the push of 2fd9226 directly: no deployment could be created at the Git host: the token may not do that at 127.0.0.1:[PORT]: Resource not accessible by personal access token
    ");
}

#[test]
fn a_host_that_is_asked_too_often_is_left_alone_as_long_as_it_says() {
    let shop = Shop::turned_on();
    let limit = json!({ "message": "You have exceeded a secondary rate limit." });
    let (answer, release) = new_deployment().text(403, "retry-after: 2\r\n", &limit.to_string()).held();
    shop.github.expect(vec![answer]);
    shop.push("one");
    shop.github.until(DEPLOYMENTS, 1);
    // Another push comes meanwhile: it is not asked for that either.
    shop.push("two");
    shop.github.expect(vec![on("GET", LIKE).json(200, &json!([])).for_ever(), created(), created()]);
    let throttled = Instant::now();
    release.now();
    shop.github.until(DEPLOYMENTS, 2);
    assert!(throttled.elapsed() >= Duration::from_secs(2), "{:?}", throttled.elapsed());
    shop.github.until(DEPLOYMENTS, 3);
    let log = shop.log();
    assert_eq!(log.matches("and it is tried again: 127.0.0.1:[PORT] wants to be left alone for").count(), 2, "{log}");
}

#[test]
fn a_server_elsewhere_makes_the_webhook_or_says_why_not() {
    let shop = Shop::new();
    let token = shop.belt.run(["tokens", "create", "ann", "--scope", "admin"]).expect(0).stdout.trim().to_owned();
    let address = shop.here.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    let client = Client { address, token };
    let path = format!("/stacks/{}/settings/continuous-deploy", client.uid("shop"));
    let set = |value: bool| client.json("PUT", &path, &json!({ "value": value }));
    shop.github.expect(vec![on("GET", LIST).json(403, &json!({ "message": "Resource not accessible" }))]);
    let refused = set(true).expect(409).json();
    let details = refused["details"].as_str().unwrap();
    assert!(
        details.starts_with("continuous.deploy was not changed: the webhook at git.example.com/acme/shop"),
        "{details}"
    );
    assert!(details.ends_with("Resource not accessible"), "{details}");
    assert_eq!(client.response(&path)["value"], false);
    shop.github.expect(vec![
        on("GET", LIST).json(200, &json!([hook(&shop.public, &["push"])])),
        on("GET", LIST).json(200, &json!([hook(&shop.public, &["push"])])),
        on("PATCH", "/api/v3/repos/acme/shop/hooks/1")
            .with(json!({ "add_events": ["deployment"] }))
            .json(200, &hook(&shop.public, &["push", "deployment"])),
    ]);
    let action = set(true).expect(200).response();
    insta::assert_snapshot!(action["finished_message"], @r#""continuous.deploy is now true; the webhook at git.example.com/acme/shop was changed: the events deployment""#);
    // Off it is, whether the webhook can be changed or not: what is sent of deployments is ignored.
    shop.github.expect(vec![on("GET", LIST).json(503, &json!({}))]);
    let action = set(false).expect(200).response();
    let said = action["finished_message"].to_string().replace(&shop.github.url["http://".len()..], "[ADDRESS]");
    insta::assert_snapshot!(said, @r#""continuous.deploy is now false; the webhook at git.example.com/acme/shop could not be changed: [ADDRESS] answered with 503""#);
    assert_eq!(client.response(&path)["value"], false);
}

#[test]
fn a_token_goes_to_its_own_host_alone() {
    let github = MockApi::start(Vec::new());
    let mut belt = Belt::with_manifest(&format!(
        "app = \"shop\"\n[services.web]\ncheckout = false\ngit = \"git@git.example.com:acme/shop.git\"\ndeploy = \"true\"\n\
         [services.api]\ncheckout = false\ngit = \"git@elsewhere.example.com:acme/api.git\"\ndeploy = \"true\"\n\
         [git_hosts.\"git.example.com\"]\nkind = \"github\"\nurl = \"{}\"\n",
        github.url
    ));
    // One is github.com's; the other is for no host that a manifest alone, or a remote alone, names.
    belt.set("GITHUB_TOKEN", "hunter2");
    belt.set("GH_ENTERPRISE_TOKEN", "hunter3");
    let _server = belt.serve(&["--public-url", "https://deploy.example.com"]);
    insta::assert_snapshot!(belt.run(["settings", "set", "continuous.deploy", "true"]), @"
    continuous.deploy is now true
    --- stderr
    note: no webhook was made at git.example.com/acme/shop, for which there is no token: there, have pushes and deployments sent to the URL that `hookbelt hooks url` prints
    [exit 0]
    ");
    assert!(github.came().is_empty());
    // The user's own config file may name it.
    let table = "[git_hosts.\"git.example.com\"]\nkind = \"github\"\n";
    belt.config(&format!("{table}url = \"{}\"\n", github.url));
    belt.write("hookbelt.toml", belt.read("hookbelt.toml").split(table).next().unwrap());
    github.expect(vec![on("GET", LIST).json(401, &json!({ "message": "Bad credentials" }))]);
    belt.run(["settings", "set", "continuous.deploy", "true"]).expect(4);
    assert_eq!(github.came()[0].header("authorization"), Some("Bearer hunter3"));
}
