//! What clients send, and what nobody should.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::api_v3::MANIFEST;
use crate::support::Belt;
use crate::support::api::Served;

type Headers = &'static [(&'static str, &'static str)];

const JSON: Headers = &[("Content-Type", "application/json")];
const FORM: Headers = &[("Content-Type", "application/x-www-form-urlencoded")];

/// Bodies, and what is deployed at which ref, in manifest order; `-` is a refusal.
const BODIES: &[(Headers, &str, &str)] = &[
    (&[], "", "web api"),
    (JSON, "", "web api"),
    (JSON, "null", "web api"),
    (JSON, "{}", "web api"),
    (JSON, r#"{"services":[],"git_ref":null}"#, "web api"),
    (JSON, r#"{"services":""}"#, "web api"),
    (JSON, r#"{"services":["api"]}"#, "api"),
    (JSON, r#"{"services":["api:v2","web:next"]}"#, "web:next api:v2"),
    (JSON, r#"{"services":"web:next, api:v2"}"#, "web:next api:v2"),
    (JSON, r#"{"git_ref":"v1"}"#, "web:v1 api"),
    (JSON, r#"{"deployment_profile":"front","unheard_of":[1]}"#, "web"),
    (JSON, r#"{"deploy_strategy":"parallel","rollout_strategy":"none"}"#, "web api"),
    (FORM, "services=web:next,api&user_reference=a+b", "web:next api"),
    (FORM, "services[]=web&services[]=api:v3", "web api:v3"),
    (FORM, r#"{"services":["web"]}"#, "web"),
    (JSON, "[]", "-"),
    (JSON, "{", "-"),
    (JSON, r#"{"services":1}"#, "-"),
    (JSON, r#"{"services":[""]}"#, "-"),
    (JSON, r#"{"services":["web",1]}"#, "-"),
    (JSON, r#"{"services":"web,"}"#, "-"),
    (JSON, r#"{"services":["cron"]}"#, "-"),
    (JSON, r#"{"services":["web:a","web:b"]}"#, "-"),
    (JSON, r#"{"services":["web"],"deployment_profile":"front"}"#, "-"),
    (JSON, r#"{"deployment_profile":"back"}"#, "-"),
    (JSON, r#"{"git_ref":"-x"}"#, "-"),
    (JSON, r#"{"git_ref":7}"#, "-"),
    (JSON, r#"{"git_ref":"v1","services":["api"]}"#, "-"),
    (JSON, r#"{"deploy_strategy":"rolling"}"#, "-"),
    (JSON, r#"{"rollout_strategy":"canary"}"#, "-"),
    (JSON, r#"{"canary_percentage":10}"#, "-"),
    (JSON, r#"{"force":"maybe"}"#, "-"),
    (&[("Content-Type", "text/plain")], "services=web", "-"),
];

#[test]
fn a_deployment_is_asked_for_in_every_way_that_clients_have() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.redeploy.uid("shop");
    let mut refusals = Vec::new();
    for (headers, body, expected) in BODIES {
        let path = format!("/stacks/{uid}/deployments.json");
        let answer = served.redeploy.send("POST", &path, headers, body.as_bytes());
        if *expected == "-" {
            refusals.push(format!("{body}\n  {}", answer.failure()));
            continue;
        }
        let id = answer.response()["deployment_id"].clone();
        let shown = served.redeploy.response(&format!("/stacks/{uid}/deployments/{id}"));
        let services = shown["services"].as_array().unwrap().iter();
        let services = services.filter(|part| part["state"] != "skipped").map(|part| {
            let reference = part["ref"].as_str().map(|text| format!(":{text}")).unwrap_or_default();
            format!("{}{reference}", part["service"].as_str().unwrap())
        });
        assert_eq!(services.collect::<Vec<_>>().join(" "), *expected, "{body}");
    }
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    []
      400 bad_request: the body must be a JSON object or a form: invalid type: sequence, expected a map at line 1 column 0
    {
      400 bad_request: the body must be a JSON object or a form: EOF while parsing an object at line 1 column 1
    {"services":1}
      400 bad_request: `services` must be a list of texts, or one with commas
    {"services":[""]}
      400 bad_request: `services` holds "", which is neither NAME nor NAME:REF
    {"services":["web",1]}
      400 bad_request: `services` must be a list of texts, or one with commas
    {"services":"web,"}
      400 bad_request: `services` holds "", which is neither NAME nor NAME:REF
    {"services":["cron"]}
      400 bad_request: this app has no service `cron`; services of this app: web, api
    {"services":["web:a","web:b"]}
      400 bad_request: service `web` is asked for at two different refs
    {"services":["web"],"deployment_profile":"front"}
      400 bad_request: `services` and `deployment_profile` exclude each other
    {"deployment_profile":"back"}
      400 bad_request: this app has no deployment profile `back`; deployment profiles of this app: front
    {"git_ref":"-x"}
      400 bad_request: `git_ref`: "-x" cannot be a Git ref: it begins with `-`
    {"git_ref":7}
      400 bad_request: `git_ref` must be a text
    {"git_ref":"v1","services":["api"]}
      400 bad_request: the Git ref `v1` would change nothing: no git service without a ref of its own is selected
    {"deploy_strategy":"rolling"}
      400 bad_request: `deploy_strategy` cannot be "rolling" here: it is `serial` or `parallel`
    {"rollout_strategy":"canary"}
      400 bad_request: `rollout_strategy` can only be `none` here
    {"canary_percentage":10}
      400 bad_request: `canary_percentage` cannot be given here: there are no canaries
    {"force":"maybe"}
      400 bad_request: `force` must be true or false
    services=web
      400 bad_request: the body must be a JSON object or a form: expected value at line 1 column 1
    "#);
    let long = format!(r#"{{"user_reference":"{}"}}"#, "x".repeat(256));
    let answer = served.redeploy.send("POST", &format!("/stacks/{uid}/deployments"), JSON, long.as_bytes());
    assert_eq!(answer.failure(), "400 bad_request: `user_reference` has more than 255 characters");
}

#[test]
fn a_body_that_is_too_large_is_refused_and_its_sender_reads_why() {
    let belt = Belt::with_command("true");
    let served = Served::start(&belt, &[]);
    let path = format!("/stacks/{}/deployments", served.redeploy.uid("shop"));
    for size in [1_000_001, 8_000_000] {
        let large = served.redeploy.send("POST", &path, JSON, &vec![b' '; size]);
        assert_eq!(large.failure(), "413 too_large: the body of the request is larger than 1 MB");
    }
    assert_eq!(served.redeploy.send("POST", &path, JSON, &vec![b' '; 1_000_000]).status, 200);
}

#[test]
fn a_body_that_is_too_slow_is_refused() {
    let belt = Belt::with_command("true");
    belt.limits("request_body = \"100ms\"");
    let served = Served::start(&belt, &[]);
    let path = format!("/stacks/{}/deployments", served.redeploy.uid("shop"));
    let slow = served.redeploy.send("POST", &path, &[("Content-Length", "10")], b"{");
    assert_eq!(slow.failure(), "408 time_out: the body of the request took too long to come");
}

/// Bytes that are often nearly what is understood.
fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..64),
        r#"\{"(value|services|git_ref|force)":(null|true|-?[0-9]{1,30}|"\PC{0,8}"|\[("\PC{0,4}",?){0,3}\])\}?"#
            .prop_map(String::into_bytes),
        r"(value|services|git_ref)(\[\])?=[a-z%&=:,0-9]{0,20}".prop_map(String::into_bytes),
    ]
}

#[test]
fn no_body_and_no_path_breaks_the_server() {
    let belt = Belt::with_command("true");
    belt.run(["settings", "set", "deploy.paused", "true"]).expect(0);
    let served = Served::start(&belt, &[]);
    let uid = served.admin.uid("shop");
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases: 200, ..Config::default() });
    let anything = (body(), any::<bool>(), "[!-\"$-~]{0,20}");
    let ran = runner.run(&anything, |(body, is_form, path)| {
        let headers = if is_form { FORM } else { JSON };
        let deploy = served.admin.send("POST", &format!("/stacks/{uid}/deployments"), headers, &body);
        prop_assert!([200, 400, 409].contains(&deploy.status), "{}", deploy.body);
        let setting = served.admin.send("PUT", &format!("/stacks/{uid}/settings/deploy-parallel"), headers, &body);
        prop_assert!(setting.status == 400 || setting.status == 200, "{}", setting.body);
        let read = served.admin.get(&format!("/stacks/{uid}/{path}"));
        prop_assert!(read.status < 500, "{path}: {}", read.body);
        Ok(())
    });
    ran.unwrap();
}
