//! Bodies as they come: JSON, forms, nothing, and nonsense.

use url::form_urlencoded;

use super::*;

const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
const NOTHING: &str = "no Git information";

/// The body as a form with it in the field `payload`.
fn as_form(body: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("before", "{}").append_pair("payload", body).append_pair("after", "payload=1").finish()
}

#[test]
fn a_form_means_the_same_as_its_json() {
    for [fixture, headers, expected] in fixtures() {
        let body = body_of(fixture);
        for content_type in [FORM, "content-type: Application/X-WWW-Form-URLencoded ; charset=utf-8"] {
            let headers = format!("{content_type}, {}", headers.replace("Content-Type: application/json", "A: b"));
            assert_eq!(meaning(&headers, as_form(&body)), expected, "{fixture} as a form");
        }
        assert_eq!(meaning(headers, format!("\u{feff}{body}")), expected, "{fixture} with a BOM");
        let headers = format!("{headers}, Content-Type: application/json; charset=utf-8");
        assert_eq!(meaning(&headers, &body), expected, "{fixture} with parameters");
        // A form that does not say so, and JSON that says it is a form, as `curl --data` sends it.
        let bare = as_form(&body).split_once('&').unwrap().1.to_owned();
        assert_eq!(meaning(&headers, bare), expected, "{fixture} as an unannounced form");
        assert_eq!(meaning(&format!("{FORM}, {headers}"), &body), expected, "{fixture} as an untrue form");
    }
}

#[test]
fn what_nobody_announces_has_no_git_information_if_it_can_be_read() {
    let cases: [(&str, &str, &str); 16] = [
        ("A: b", "", NOTHING),
        ("A: b", "\u{feff} \r\n", NOTHING),
        ("A: b", "{}", NOTHING),
        ("A: b", "null", NOTHING),
        ("A: b", "[1, {}]", NOTHING),
        ("A: b", "\"text\"", NOTHING),
        ("A: b", "{\"ref\": \"refs/heads/main\", \"repository\": {}}", NOTHING),
        (FORM, "reason=because&payloads=x", NOTHING),
        (FORM, "anything", NOTHING),
        (FORM, "payload=", NOTHING),
        (FORM, "payload=%7B%7D&payload=x", NOTHING),
        (FORM, "{\"a\": \"&payload=x\"}", NOTHING),
        (
            "A: b",
            "deploy!",
            "this payload is not understood: it cannot be read as JSON: expected value at line 1 column 1",
        ),
        (
            "A: b",
            "{} {}",
            "this payload is not understood: it cannot be read as JSON: trailing characters at line 1 column 4",
        ),
        (
            FORM,
            "payload=x",
            "this payload is not understood: it cannot be read as JSON: expected value at line 1 column 1",
        ),
        (FORM, "payload=%FF", "this payload is not understood: it is not UTF-8 text"),
    ];
    for (headers, body, expected) in cases {
        assert_eq!(meaning(headers, body), expected, "{headers} {body:?}");
    }
    assert_eq!(meaning("A: b", b"\xff\xfe{}"), "this payload is not understood: it is not UTF-8 text");
}

#[test]
fn what_a_host_announces_has_its_shape() {
    let push = "X-GitHub-Event: push";
    let cases = [
        (push, "", "the body is empty"),
        (push, "null", "it is not a JSON object"),
        (push, "[]", "it is not a JSON object"),
        (push, "{}", "the field `ref` is missing"),
        (push, "{\"zen\": \"ping\"}", "the field `ref` is missing"),
        (push, "{\"ref\": \"refs/heads/x\", \"after\": 1}", "the field `after` is not a text"),
        (push, "payload=", "the body is empty"),
        (&format!("{push}, {FORM}"), "ref=main", "the form has no field `payload`"),
        (push, "{\"ref\": \"\\ud800\"}", "it cannot be read as JSON: unexpected end of hex escape at line 1 column 16"),
    ];
    for (headers, body, expected) in cases {
        assert_eq!(meaning(headers, body), format!("this is no payload of GitHub: {expected}"), "{body}");
    }
}

#[test]
fn of_a_field_that_stands_twice_the_last_counts() {
    let body = body_of("github-push");
    let twice = format!("{{\"ref\": 7, {}", body.trim_start().trim_start_matches('{'));
    assert_eq!(meaning("X-GitHub-Event: push", twice), "octocat: main 6113728..0d1a26e");
}

#[test]
fn what_is_not_needed_may_be_anything_and_what_is_kept_is_bounded() {
    let body = body_of("github-push");
    let with = |field: &str| format!("{{{field}, {}", body.trim_start().trim_start_matches('{'));
    let read = |field: &str| meaning("X-GitHub-Event: push", with(field));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let fine = "octocat: main 6113728..0d1a26e";
    assert_eq!(read(&format!("\"unknown\": {deep}")), fine);
    assert_eq!(read("\"unknown\": 1e999"), fine);
    assert_eq!(read(&format!("\"unknown\": [{}1]", "{\"ref\": 1},".repeat(100_000))), fine);
    let refused = read(&format!("\"commits\": {deep}"));
    assert!(refused.contains("recursion limit exceeded"), "{refused}");
    let refused = read(&format!("\"commits\": [{}1]", "{\"id\": 1},".repeat(100_000)));
    assert!(refused.contains("too many values"), "{refused}");
}
