//! That no body breaks the readers: not any bytes, and not a fixture of which a part is missing or of another type.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// The way to each value in a body, `/a/0/b`.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(number, value)| (number.to_string(), value)).collect(),
        _ => return,
    };
    for (name, value) in inner {
        let pointer = format!("{at}/{name}");
        pointers(value, &pointer, found);
        found.push(pointer);
    }
}

fn without(body: &Value, pointer: &str) -> Value {
    let mut body = body.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => unreachable!("only objects and lists have fields"),
    }
    body
}

#[test]
fn a_fixture_with_one_field_missing_null_or_of_another_type_means_something_or_is_unreadable() {
    let others =
        [json!(null), json!(7), json!(-1.5), json!(true), json!("text"), json!(""), json!([]), json!([1]), json!({})];
    let (mut readable, mut unreadable) = (0, 0);
    for [fixture, headers, _] in fixtures() {
        let body: Value = serde_json::from_str(&body_of(fixture)).unwrap();
        let mut found = Vec::new();
        pointers(&body, "", &mut found);
        for pointer in found {
            let replaced = others.iter().map(|other| {
                let mut body = body.clone();
                *body.pointer_mut(&pointer).unwrap() = other.clone();
                body
            });
            for damaged in replaced.chain([without(&body, &pointer)]) {
                match read(headers, damaged.to_string()) {
                    Ok(payload) => {
                        shown(&payload);
                        readable += 1;
                    }
                    Err(error) => {
                        assert!(!error.to_string().contains('\n'), "{error}");
                        unreadable += 1;
                    }
                }
            }
        }
    }
    assert!(readable > unreadable && unreadable > 100, "{readable} and {unreadable}");
}

#[test]
fn a_fixture_that_is_cut_off_is_unreadable_or_ignored() {
    for [fixture, headers, expected] in fixtures() {
        let body = body_of(fixture);
        let body = body.trim_end();
        for length in (1..body.len()).step_by(37).filter(|length| body.is_char_boundary(*length)) {
            let cut = read(headers, &body[..length]);
            assert!(cut.is_err() || expected.starts_with("ignored"), "{fixture} after {length}: {cut:?}");
        }
    }
}

/// Any JSON, of names that are asked for and others.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("repository".to_owned()),
        Just("push".to_owned()),
        Just("changes".to_owned()),
        Just("new".to_owned()),
        Just("commits".to_owned()),
        Just("ref".to_owned()),
        Just("canon_url".to_owned()),
        Just("resource".to_owned()),
        Just("deployment".to_owned()),
        Just("payload".to_owned()),
        "[a-z]{0,5}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("refs/heads/main")),
        Just(json!("git.push")),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let object =
            vec((name.clone(), inner.clone()), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect()));
        prop_oneof![vec(inner, 0..5).prop_map(Value::Array), object]
    })
}

fn any_headers() -> impl Strategy<Value = &'static str> {
    let mut all: Vec<&str> = fixtures().map(|[_, headers, _]| headers).collect();
    all.extend(["A: b", "Content-Type: application/x-www-form-urlencoded", "X-Gogs-Event: push"]);
    proptest::sample::select(all)
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(headers in any_headers(), body in vec(any::<u8>(), 0..200), form: bool) {
        let body = if form { [b"payload=", &body[..]].concat() } else { body };
        if let Ok(payload) = read(headers, &body) {
            shown(&payload);
        }
        if let Ok(captured) = Captured::parse(&body) {
            let _ = Payload::read(&captured.received());
        }
    }

    #[test]
    fn any_json_is_read_or_refused(headers in any_headers(), body in any_json()) {
        if let Ok(payload) = read(headers, body.to_string()) {
            shown(&payload);
        }
    }

    #[test]
    fn json_of_no_known_shape_has_no_git_information(body in any_json()) {
        prop_assume!(body.get("canon_url").is_none_or(Value::is_null) && body.get("eventType").is_none());
        prop_assert_eq!(read("A: b", body.to_string()).unwrap().meaning, Meaning::NoGitInformation);
    }

    #[test]
    fn a_user_is_one_short_line(name in any::<String>()) {
        let mut body: Value = serde_json::from_str(&body_of("github-push")).unwrap();
        body["pusher"]["name"] = name.into();
        let user = read("X-GitHub-Event: push", body.to_string()).unwrap().user;
        prop_assert!(user.is_none_or(|user| !user.is_empty() && user.chars().count() <= 100 && !user.contains(char::is_control)));
    }
}
