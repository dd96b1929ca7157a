//! `/api/3` of `hookbelt serve`, as clients written for Cloud 66 use it.

mod beside;
mod bodies;
mod deployments;
mod log_stream;
mod settings;
mod stacks;

use serde_json::json;

use crate::support::Belt;
use crate::support::api::{Client, Served, go_body};

const MANIFEST: &str = "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"https://ann:hunter2@git.example.com/acme/shop.git\"\n\
    branch = \"main\"\n[services.web]\ncheckout = false\nbuild = \"true\"\ndeploy = \"echo hello\"\n\
    [services.api]\nimage = \"registry.example.com/api:v1\"\ndeploy = \"true\"\n\
    [deployment_profiles.front]\nservices = [\"web\"]\n";

/// Every route, as a method and a path in which `UID` stands for the app's key.
const ROUTES: [(&str, &str); 19] = [
    ("GET", "/ping/auth"),
    ("GET", "/accounts"),
    ("GET", "/accounts/1"),
    ("GET", "/stacks"),
    ("GET", "/stacks/UID"),
    ("GET", "/stacks/UID/deployments"),
    ("GET", "/stacks/UID/deployments/1"),
    ("GET", "/stacks/UID/actions"),
    ("GET", "/stacks/UID/actions/1"),
    ("GET", "/stacks/UID/settings"),
    ("GET", "/stacks/UID/settings/deploy-paused"),
    ("GET", "/stacks/UID/services"),
    ("GET", "/stacks/UID/services/web"),
    ("GET", "/operations/deployment-1/logs"),
    ("GET", "/stacks/UID/releases"),
    ("GET", "/stacks/UID/releases/v1"),
    ("GET", "/stacks/UID/logs"),
    ("POST", "/stacks/UID/releases/rollback?dry_run=true&version=v1"),
    ("POST", "/stacks/UID/deployments"),
];

#[test]
fn every_route_needs_a_token_and_means_the_same_with_and_without_its_suffix() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let asked = served.redeploy.json("POST", &format!("/stacks/{uid}/deployments"), &go_body()).response();
    served.public.wait(&uid, &asked["async_action_id"]);
    let nobody = Client { token: String::new(), ..served.public.clone() };
    let stranger = Client { token: "hookbelt_00000000000000000000000000000000".to_owned(), ..served.public.clone() };
    for (method, path) in ROUTES {
        let path = path.replace("UID", &uid);
        let (before, query) = path.split_once('?').unwrap_or((&path, ""));
        for path in [path.clone(), format!("{before}.json?{query}")] {
            for client in [&nobody, &stranger] {
                let answer = client.send(method, &path, &[], b"");
                assert_eq!(answer.json()["error"], "unauthenticated", "{path}");
                assert!(
                    answer.status == 401 && answer.head.contains("\r\nwww-authenticate: Bearer"),
                    "{}",
                    answer.head
                );
            }
            let answer = served.redeploy.send(method, &path, &[], b"");
            assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
            assert!(answer.head.contains("\r\ncontent-type: application/json"), "{}", answer.head);
        }
    }
    assert_eq!(nobody.response("/ping.json"), json!({"ok": true, "message": "pong"}));
    assert_eq!(nobody.send("GET", "/ping", &[("Authorization", "Basic x")], b"").status, 200);
    belt.run(["tokens", "revoke", "public-token"]).expect(0);
    assert_eq!(served.public.get("/ping/auth.json").status, 401);
}

#[test]
fn what_is_not_there_is_said_in_the_envelope_of_errors() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let mut answers = Vec::new();
    for (method, path) in [
        ("GET", "/stacks/nowhere.json"),
        ("GET", "/stacks/UID/deployments/7.json"),
        ("GET", "/stacks/UID/deployments/x"),
        ("DELETE", "/stacks/UID/deployments/7.json"),
        ("GET", "/stacks/UID/actions/99999999999999999999.json"),
        ("GET", "/stacks/UID/settings/git-brunch.json"),
        ("GET", "/stacks/UID/services/cron.json"),
        ("GET", "/operations/deployment-7/logs.json"),
        ("GET", "/operations/c4dc7c9f53d44856adba9c/logs.json"),
        ("GET", "/accounts/2.json"),
        ("GET", "/stacks/UID/servers.json"),
        ("DELETE", "/stacks.json"),
        ("GET", "/stacks.json?page=0"),
        ("GET", "/stacks/%FF.json"),
    ] {
        let failure = served.redeploy.send(method, &path.replace("UID", &uid), &[], b"").failure();
        answers.push(format!("{method} {path} {failure}"));
    }
    insta::assert_snapshot!(answers.join("\n"), @"
    GET /stacks/nowhere.json 404 not_found: there is no stack `nowhere`
    GET /stacks/UID/deployments/7.json 404 not_found: shop (staging) has no deployment `7`
    GET /stacks/UID/deployments/x 404 not_found: shop (staging) has no deployment `x`
    DELETE /stacks/UID/deployments/7.json 404 not_found: shop (staging) has no deployment `7`
    GET /stacks/UID/actions/99999999999999999999.json 404 not_found: shop (staging) has no action `99999999999999999999`
    GET /stacks/UID/settings/git-brunch.json 404 not_found: shop (staging) has no setting `git-brunch`
    GET /stacks/UID/services/cron.json 404 not_found: shop (staging) has no service `cron`
    GET /operations/deployment-7/logs.json 404 not_found: there is no operation `deployment-7`
    GET /operations/c4dc7c9f53d44856adba9c/logs.json 404 not_found: there is no operation `c4dc7c9f53d44856adba9c`
    GET /accounts/2.json 404 not_found: there is no account `2`: the only one is 1
    GET /stacks/UID/servers.json 404 not_found: the API has no such path
    DELETE /stacks.json 405 method_not_allowed: this method is not offered here
    GET /stacks.json?page=0 400 bad_request: `page` must be a whole number that is at least 1
    GET /stacks/%FF.json 404 not_found: there is no stack ``
    ");
}

#[test]
fn a_token_does_what_its_scope_allows() {
    let belt = Belt::with_command("true");
    let served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let mut answers = Vec::new();
    for client in [&served.public, &served.redeploy, &served.admin] {
        let setting = client.json("PUT", &format!("/stacks/{uid}/settings/deploy-parallel"), &json!({"value": "true"}));
        let deploy = client.send("POST", &format!("/stacks/{uid}/deployments"), &[], b"");
        let cancel = client.send("DELETE", &format!("/stacks/{uid}/deployments/1"), &[], b"");
        for answer in [setting, deploy] {
            answers.push(if answer.status == 200 { "200".to_owned() } else { answer.failure() });
        }
        answers.push(format!("cancel {}", cancel.status != 403));
        let hook = client.response(&format!("/stacks/{uid}"))["redeploy_hook"].clone();
        answers.push(format!("hook {}", hook.is_string()));
    }
    insta::assert_snapshot!(answers.join("\n"), @"
    403 forbidden: this needs a token with the scope `admin`
    403 forbidden: this needs a token with the scope `redeploy`
    cancel false
    hook false
    403 forbidden: this needs a token with the scope `admin`
    200
    cancel true
    hook true
    200
    200
    cancel true
    hook true
    ");
}

#[test]
fn there_is_one_account() {
    let belt = Belt::with_command("true");
    let served = Served::start(&belt, &[]);
    let accounts = served.public.response("/accounts.json");
    assert_eq!((accounts.as_array().unwrap().len(), &accounts[0]["id"]), (1, &json!(1)));
    assert_eq!((&accounts[0]["owner"], &accounts[0]["stack_count"]), (&json!("public-token"), &json!(1)));
    assert_eq!(served.public.response("/accounts/1.json?include_servers=true"), accounts[0]);
}
