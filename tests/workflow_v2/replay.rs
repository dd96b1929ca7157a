//! Conversations of `deis` and of curl with a real controller: their requests, byte for byte, sent to ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hookbelt::domain::token::Scope;
use serde_json::{Map, Value};

use crate::support::Belt;
use crate::support::http::Reply;
use crate::workflow_v2::{Site, add_token, in_production};

/// The token in the recorded requests.
const RECORDED: &str = "fc80e937aeed1eab45669c0a16e6cf6cc8439f0f";

/// What only the controller's web server and framework say.
const NOT_OURS: [&str; 3] = ["Server", "X-Frame-Options", "x-xss-protection"];

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workflow-api");
    fs::read(folder.join(name)).unwrap()
}

/// A value with each text, number and so on replaced by its type, and each list by the types in it.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "string".into(),
        Value::Array(values) => values.first().map(shape).into_iter().collect(),
        Value::Object(fields) => {
            // Hephy's releases have the one and ours the other, the recorded controller's have neither; an app may have a state.
            let fields = fields.iter().filter(|(key, _)| !["exception", "state"].contains(&key.as_str()));
            Value::Object(fields.map(|(key, value)| (key.clone(), shape(value))).collect::<Map<_, _>>())
        }
    }
}

/// Sends a recorded request; the answer has the status, the headers and the shape of the recorded one.
fn replay(site: &Site, number: &str) -> Reply {
    let recorded = Reply::of(fixture(&format!("{number}.s2c"))).unwrap();
    let ours = site.tell(fixture(&format!("{number}.c2s")));
    assert_eq!(ours.status, recorded.status, "{number}: {ours:?}");
    let names = |answer: &Reply| -> BTreeSet<String> { answer.headers().map(|(name, _)| name.to_owned()).collect() };
    let mut expected = names(&recorded);
    expected.retain(|name| !NOT_OURS.contains(&name.as_str()));
    if recorded.status == 204 {
        // There is nothing that could have a type or a length.
        expected.retain(|name| !name.starts_with("Content-"));
    }
    // What says that the connection ends is hyper's, and in small letters.
    let found = names(&ours);
    let found: BTreeSet<String> =
        found.iter().map(|name| if name == "connection" { "Connection" } else { name }.to_owned()).collect();
    assert_eq!(found, expected, "{number}");
    for name in ["DEIS_API_VERSION", "DEIS_PLATFORM_VERSION", "WWW-Authenticate"] {
        assert_eq!(ours.header(name), recorded.header(name), "{number}: {name}");
    }
    if recorded.status != 204 {
        assert_eq!(ours.header("Content-Type"), recorded.header("Content-Type"), "{number}");
    }
    if recorded.header("Content-Type") == Some("application/json") {
        assert_eq!(shape(&ours.json()), shape(&recorded.json()), "{number}: {ours:?}");
    }
    if (400..500).contains(&recorded.status) && number != "022" {
        assert_eq!(ours.body, recorded.body, "{number}");
    }
    ours
}

/// `myapp` with three releases, of which the second failed; `broken` and `empty` with none, as when it was recorded.
fn recorded_site() -> Site {
    let belt = Belt::new();
    for app in ["broken", "empty"] {
        belt.write(&format!("apps/{app}.toml"), in_production(app, "cmd", "true"));
    }
    let command = "for n in 1 2 3; do echo line $n héllo; done; test $HOOKBELT_REF != bad";
    belt.write("apps/myapp.toml", in_production("myapp", "cmd", command));
    let site = Site::of(belt, &["apps"]);
    for (reference, code) in [("one", 0), ("bad", 1), ("three", 0)] {
        site.belt.run(["redeploy", "-y", "-s", "myapp", "--git-ref", reference]).expect(code);
    }
    site
}

#[test]
fn signing_in_is_answered_as_by_the_controller() {
    let site = Site::with_command("true");
    replay(&site, "001");
    replay(&site, "006");
    add_token(&site.belt, "pw", "admin", Scope::Redeploy);
    assert_eq!(replay(&site, "004").json()["token"], "pw");
    replay(&site, "006");
}

#[test]
fn apps_releases_and_logs_are_answered_as_by_the_controller() {
    let site = recorded_site();
    add_token(&site.belt, RECORDED, "admin", Scope::Redeploy);
    let apps = replay(&site, "015").json();
    let ids: Vec<&str> = apps["results"].as_array().unwrap().iter().map(|app| app["id"].as_str().unwrap()).collect();
    assert_eq!((ids, &apps["count"]), (vec!["broken", "empty", "myapp"], &3.into()));
    assert_eq!(replay(&site, "016").json()["structure"]["cmd"], 1);
    let releases = replay(&site, "021").json();
    let versions: Vec<&Value> = releases["results"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
    assert_eq!(versions, [3, 2, 1]);
    assert_eq!(replay(&site, "022").detail(), "Cannot roll back to failed release.");
    assert!(replay(&site, "024").body.contains("myapp[cmd.v3]: line 3 héllo\n"));
    for (number, lines) in [("025", 3), ("033", 2), ("034", 2)] {
        assert_eq!(replay(&site, number).body.lines().count(), lines, "{number}");
    }
    for number in ["026", "028", "030", "031", "036", "037", "039"] {
        replay(&site, number);
    }
    assert_eq!(replay(&site, "038").body, "");
}
