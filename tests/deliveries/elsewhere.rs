//! Deliveries at a `hookbelt serve` elsewhere, over its API.

use serde_json::{Value, json};

use crate::deliveries::belt;
use crate::support::api::Served;
use crate::support::inbox::Inbox;
use crate::support::{Belt, Outcome};

struct Elsewhere {
    _there: Belt,
    served: Served,
    here: Belt,
}

impl Elsewhere {
    fn new(inbox: &Inbox, limits: &str) -> Self {
        let there = belt("true", &[&inbox.url()], "");
        there.limits(limits);
        let served = Served::start(&there, &[]);
        let here = Belt::new();
        here.config(&format!(
            "default_profile = \"there\"\n[profiles.there]\nbackend = \"server\"\nurl = \"http://{}\"\ntoken = \"{}\"\n\
             [limits]\npoll = \"10ms\"\npoll_most = \"50ms\"\n",
            served.admin.address, served.admin.token
        ));
        Self { _there: there, served, here }
    }

    fn run(&self, line: &str) -> Outcome {
        self.here.run(line.split(' ').chain(["-s", "shop"]))
    }
}

#[test]
fn deliveries_are_listed_shown_and_sent_again_by_the_server() {
    let inbox = Inbox::answering([500, 500, 200]);
    let mut elsewhere = Elsewhere::new(&inbox, "deploy_hook_retries = [\"1h\"]");
    elsewhere.run("redeploy").expect(0);
    elsewhere.served.server.until("it answered 500");
    let url = inbox.url();
    let listed = elsewhere.run("hooks deliveries --failed --release v1").expect(0).stdout;
    assert!(
        listed.starts_with(&format!("1\tv1\tsucceeded\twaiting\t1\t{url}\tit answered 500: said; again at ")),
        "{listed}"
    );
    assert_eq!(elsewhere.run("hooks deliveries --release v2").expect(0).stdout, "");
    let glance = elsewhere.run("apps show").expect(0).stdout;
    assert!(glance.contains(&format!("failing hook  {url}, delivery 1, again at ")), "{glance}");
    elsewhere.run("hooks redeliver 1").expect(1);
    let sent = elsewhere.run("hooks redeliver --failed --since 1h --json").expect(0).json();
    assert_eq!((&sent[0]["state"], &sent[0]["attempts"]), (&"delivered".into(), &3.into()));
    let shown = elsewhere.run("hooks deliveries show 1 --json").expect(0).json();
    assert_eq!(shown["receipts"].as_array().unwrap().len(), 3);
    elsewhere.run("hooks redeliver --failed --since 1h").expect(3);
    for line in ["hooks redeliver 7", "hooks deliveries show 7"] {
        let unknown = elsewhere.run(line).expect(5);
        assert!(unknown.stderr.starts_with("error: shop (staging) has no delivery 7\n"), "{unknown}");
    }
}

#[test]
fn the_api_says_what_it_does_not_understand_and_sends_nothing_for_who_may_only_look() {
    let inbox = Inbox::answering([200]);
    let mut elsewhere = Elsewhere::new(&inbox, "");
    elsewhere.run("redeploy").expect(0);
    elsewhere.served.server.until("Deploy hook sent");
    let client = &elsewhere.served.public;
    let uid = client.uid("shop");
    let page = client.get(&format!("/stacks/{uid}/deliveries.json?per_page=1")).json();
    assert_eq!((&page["count"], &page["pagination"]["count"]), (&1.into(), &1.into()));
    assert_eq!(client.response(&format!("/stacks/{uid}/deliveries/1"))["state"], "delivered");
    assert_eq!(client.response(&format!("/stacks/{uid}"))["failing_hooks"], json!([]));
    let failure = |reply: crate::support::http::Reply| reply.failure();
    let path = |rest: &str| format!("/stacks/{uid}/deliveries{rest}");
    assert_eq!(
        failure(client.json("POST", &path("/1/redeliver"), &Value::Null)),
        "403 forbidden: this needs a token with the scope `redeploy`"
    );
    assert_eq!(failure(client.get(&path("/x"))), "404 not_found: shop (staging) has no delivery `x`");
    assert_eq!(
        failure(client.get(&path("?release=x"))),
        "400 bad_request: `release` must be one like `v4`, and not \"x\""
    );
    let redeploy = &elsewhere.served.redeploy;
    assert_eq!(
        failure(redeploy.json("POST", &path("/redeliver"), &json!({}))),
        "400 bad_request: `failed_since` is missing"
    );
    assert_eq!(
        failure(redeploy.json("POST", &path("/redeliver"), &json!({"failed_since": "soon"}))),
        "400 bad_request: `failed_since` must be a time like 2026-11-21T15:07:29Z"
    );
    let none = redeploy.json("POST", &path("/redeliver"), &json!({"failed_since": "2026-01-01T00:00:00Z"}));
    assert_eq!(none.response(), json!([]));
    assert_eq!(inbox.rest().len(), 1);
}
