//! Every cause alone, in pairs, and what must hold for any refused text.

use proptest::prelude::*;

use super::*;
use crate::verify;

const KEY: &[u8] = b"my_secret_key";
const QUERY: &str = "app=shop&release=v4&release_summary=ann+deployed+35b3726&sha=35b3726&user=ann";

fn secret(bytes: &[u8]) -> Secret {
    Secret::of_all_bytes(bytes.to_vec())
}

fn sha1(key: &[u8], text: &str) -> String {
    Signature::sign(&secret(key), text).to_string()
}

fn sha256(key: &[u8], text: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text);
    hex::encode(mac.finalize().into_bytes())
}

/// The causes that are found for a URL that came with this in its header.
fn causes(url: &str, presented: &str) -> Vec<Cause> {
    causes_with(&Hook { url: url.into(), base_url: None }, presented, None)
}

fn causes_with(hook: &Hook<'_>, presented: &str, body: Option<&[u8]>) -> Vec<Cause> {
    let secrets = [secret(KEY)];
    if let Ok(signature) = presented.parse() {
        assert_eq!(verify(hook, &secrets, &signature), None, "valid: nothing to explain");
    }
    match (Refused { hook, presented, body }).diagnose(&secrets) {
        Diagnosis::Explained { causes, .. } => causes,
        Diagnosis::Unexplained { .. } => Vec::new(),
    }
}

/// What was signed, and what came.
const TEXTS: [(Cause, &str, &str); 24] = [
    (Cause::ParameterOrder, "http://h/?user=u&app=a&sha=&release=v1", "http://h/?app=a&release=v1&sha=&user=u"),
    (Cause::ParameterOrder, "http://h/?g=7&f=6&e=5&d=4&c=3&b=2&a=1", "http://h/?a=1&b=2&c=3&d=4&e=5&f=6&g=7"),
    (Cause::SpaceAsPercent20, "http://h/?a=1%202&b=3%204", "http://h/?a=1+2&b=3+4"),
    (Cause::SpaceAsPlus, "http://h/?a=1+2&b=3+4", "http://h/?a=1%202&b=3%204"),
    (Cause::TildeEscaped, "http://h/?a=%7Ex", "http://h/?a=~x"),
    (Cause::TildePlain, "http://h/?a=~x", "http://h/?a=%7Ex"),
    (Cause::AsteriskEscaped, "http://h/?a=%2Ax", "http://h/?a=*x"),
    (Cause::AsteriskPlain, "http://h/?a=*x", "http://h/?a=%2Ax"),
    (Cause::EscapeCase, "http://h/?a=%2F%3a", "http://h/?a=%2F%3A"),
    (Cause::NoSlashAfterHost, "http://h?a=1", "http://h/?a=1"),
    (Cause::SlashAfterHost, "http://h/?a=1", "http://h?a=1"),
    (Cause::Scheme, "https://h/x?a=1", "http://h/x?a=1"),
    (Cause::Scheme, "http://h/x?a=1", "https://h/x?a=1"),
    (Cause::HostCase, "http://Deis.Rocks/x?a=1", "http://deis.rocks/x?a=1"),
    (Cause::HostCase, "HTTP://deis.rocks/x?a=1", "http://deis.rocks/x?a=1"),
    (Cause::Port, "http://h:8080/x?a=1", "http://h/x?a=1"),
    (Cause::Port, "http://h/x?a=1", "http://h:31234/x?a=1"),
    (Cause::SecondQuestionMark, "http://h/x?token=t?a=1", "http://h/x?token=t&a=1"),
    // What frameworks make of it when they decode it and encode it again; some sort it too.
    (Cause::SecondQuestionMark, "http://h/x?token=t?app=s&release=v4", "http://h/x?token=t%3Fapp=s&release=v4"),
    (Cause::SecondQuestionMark, "http://h/x?token=t?app=s&release=v4", "http://h/x?token=t%3Fapp%3Ds&release=v4"),
    (Cause::SecondQuestionMark, "http://h/x?token=t?app=s&release=v4", "http://h/x?token=t%3fapp%3ds&release=v4"),
    (
        Cause::SecondQuestionMark,
        "http://h/x?token=t?app=s&release=v4&sha=&user=u",
        "http://h/x?release=v4&sha=&token=t%3Fapp%3Ds&user=u",
    ),
    (Cause::SecondQuestionMark, "http://h/x?u=t?app=s&release=v4", "http://h/x?release=v4&u=t%3Fapp%3Ds"),
    (Cause::OtherRelease, "http://h/?a=1&release=v3&sha=", "http://h/?a=1&release=v4&sha="),
];

#[test]
fn every_change_of_the_text_is_named() {
    for (cause, signed, came) in TEXTS {
        let signed = if cause == Cause::EscapeCase { signed.replace("%2F%3a", "%2f%3a") } else { signed.to_owned() };
        assert_eq!(causes(came, &sha1(KEY, &signed)), [cause], "{signed} came as {came}");
    }
}

#[test]
fn every_change_of_the_key_is_named() {
    let url = format!("http://h?{QUERY}");
    let keys: [(Cause, &[u8]); 5] = [
        (Cause::SecretTrailingNewline, b"my_secret_key\n"),
        (Cause::SecretTrailingNewline, b"my_secret_key\r\n"),
        (Cause::SecretWhiteSpace, b"my_secret_key "),
        (Cause::SecretWhiteSpace, b" my_secret_key"),
        (Cause::SecretWhiteSpace, b"my_secret_key\n\n"),
    ];
    for (cause, key) in keys {
        assert_eq!(causes(&url, &sha1(key, &url)), [cause], "{key:?}");
    }
    let found = |ours: &[u8]| {
        let hook = Hook { url: url.as_str().into(), base_url: None };
        match (Refused { hook: &hook, presented: &sha1(KEY, &url), body: None }).diagnose(&[secret(ours)]) {
            Diagnosis::Explained { causes, .. } => causes,
            Diagnosis::Unexplained { .. } => Vec::new(),
        }
    };
    assert_eq!(found(b"my_secret_key\n"), [Cause::SecretTrailingNewline]);
    assert_eq!(found(b"\tmy_secret_key "), [Cause::SecretWhiteSpace]);
}

#[test]
fn every_other_form_of_a_signature_is_named() {
    use base64::Engine as _;
    let url = format!("http://h?{QUERY}");
    let digest = hex::decode(sha1(KEY, &url)).unwrap();
    let cases = [
        (Cause::NoSignature, String::new()),
        (Cause::NoSignature, "  ".to_owned()),
        (Cause::BasicCredentials, "Basic dXNlcjpwYXNz".to_owned()),
        (Cause::Malformed, "beef".to_owned()),
        (Cause::Malformed, "x".repeat(40)),
        (Cause::Prefix, format!("sha1={}", sha1(KEY, &url))),
        (Cause::Prefix, format!("Bearer {}", sha1(KEY, &url))),
        (Cause::Base64, base64::engine::general_purpose::STANDARD.encode(digest)),
        (Cause::Sha256, sha256(KEY, &url)),
        (Cause::Sha256, format!("sha256={}", sha256(KEY, &url))),
        (Cause::Sha256, sha256(b"another", &url)),
    ];
    for (cause, presented) in cases {
        assert_eq!(causes(&url, &presented), [cause], "{presented}");
    }
}

#[test]
fn what_was_signed_in_place_of_a_url_is_named() {
    let url = format!("http://h?{QUERY}");
    let hook = Hook { url: url.as_str().into(), base_url: None };
    let body = br#"{"ref":"refs/heads/main"}"#;
    let signed = sha1(KEY, std::str::from_utf8(body).unwrap());
    assert_eq!(causes_with(&hook, &signed, Some(body)), [Cause::BodySigned]);
    assert_eq!(causes_with(&hook, &signed, None), []);
    assert_eq!(causes_with(&hook, &sha1(KEY, ""), None), [Cause::EmptyText]);
    assert_eq!(causes("http://h/x", &sha1(KEY, "http://h/x#f?a=1")), [Cause::NoQuery]);
    for url in ["http://h/x?", "http://h/x??"] {
        assert_eq!(causes(url, &sha1(KEY, "http://h/x#f?a=1")), [Cause::NoQuery], "{url}");
    }
    assert_eq!(causes("http://h/x?t=1?", &sha1(KEY, "http://h/x#f?a=1")), []);
}

#[test]
fn a_wrong_secret_is_not_blamed_on_the_path() {
    let found = |url: &str, base_url: Option<&str>| {
        let presented = sha1(b"another", url);
        let hook = Hook { url: url.into(), base_url };
        (Refused { hook: &hook, presented: &presented, body: None }).diagnose(&[secret(KEY)])
    };
    for url in ["http://h/a%20b?a=1", "http://h/a(b)?a=1"] {
        assert_eq!(found(url, None), Diagnosis::Unexplained { possible: Some(Cause::PathRewritten) }, "{url}");
    }
    assert_eq!(found("http://h/a%20b?a=1", Some("http://h/a b")), Diagnosis::Unexplained { possible: None });
    assert_eq!(found("http://h/a-b?a=1", None), Diagnosis::Unexplained { possible: None });
}

#[test]
fn a_large_body_or_one_that_is_no_text_is_tried_too() {
    let hook = Hook { url: "http://h/x?a=1".into(), base_url: None };
    let of_body = |key: &[u8], body: &[u8]| {
        let mac = Hmac::<Sha1>::new_from_slice(key).unwrap().chain_update(body);
        causes_with(&hook, &hex::encode(mac.finalize().into_bytes()), Some(body))
    };
    let large = vec![b'x'; LONGEST_BODY];
    for body in [&b"\xff\xfe\x00"[..], &large[..=LONGEST], &large] {
        assert_eq!(of_body(KEY, body), [Cause::BodySigned]);
    }
    assert_eq!(of_body(b"my_secret_key\n", b"{}"), [Cause::BodySigned, Cause::SecretTrailingNewline]);
    assert_eq!(of_body(KEY, &[&large[..], b"x"].concat()), []);
    for (body, tried) in [(None, false), (Some(&b""[..]), false), (Some(b"x"), true)] {
        assert_eq!(Refused { hook: &hook, presented: "", body }.tries_the_body(), tried);
    }
}

#[test]
fn it_is_said_which_secret_has_the_newline() {
    let url = "http://h?a=1";
    let used = |signed: &[u8], ours: &[&[u8]]| {
        let ours: Vec<Secret> = ours.iter().map(|bytes| secret(bytes)).collect();
        let presented = sha1(signed, url);
        match (Refused { hook: &Hook { url: url.into(), base_url: None }, presented: &presented, body: None })
            .diagnose(&ours)
        {
            Diagnosis::Explained { used, .. } => used,
            Diagnosis::Unexplained { .. } => None,
        }
    };
    let (sender, receiver) = (Some(Side::Sender), Some(Side::Receiver));
    assert_eq!(used(b"key\n", &[b"key"]), Some(Used { secret: 1, newline: sender }));
    assert_eq!(used(b"key\r\n", &[b"other", b"key"]), Some(Used { secret: 2, newline: sender }));
    assert_eq!(used(b"key", &[b"other", b"key\n"]), Some(Used { secret: 2, newline: receiver }));
    assert_eq!(used(b" key", &[b"key"]), Some(Used { secret: 1, newline: None }));
}

#[test]
fn digits_that_fit_nothing_are_not_said_to_fit() {
    let url = "http://h?a=1";
    for presented in [format!("sha1={}", sha1(b"another", url)), sha256(b"another", url)] {
        let refused = Refused { hook: &Hook { url: url.into(), base_url: None }, presented: &presented, body: None };
        assert!(matches!(refused.diagnose(&[secret(KEY)]), Diagnosis::Explained { used: None, .. }), "{presented}");
    }
}

#[test]
fn a_form_with_two_mistakes_is_not_called_malformed() {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
    let url = format!("http://h?{QUERY}");
    let (sha1, sha256) = (sha1(KEY, &url), sha256(KEY, &url));
    let (short, long) = (hex::decode(&sha1).unwrap(), hex::decode(&sha256).unwrap());
    for (presented, expected) in [
        (STANDARD_NO_PAD.encode(&short), &[Cause::Base64][..]),
        (URL_SAFE.encode(&short), &[Cause::Base64]),
        (format!("sha1={}", STANDARD.encode(&short)), &[Cause::Prefix, Cause::Base64]),
        (format!("sha1={}", STANDARD_NO_PAD.encode(&short)), &[Cause::Prefix, Cause::Base64]),
        (STANDARD.encode(&long), &[Cause::Sha256, Cause::Base64]),
        (format!("sha256={}", STANDARD.encode(&long)), &[Cause::Sha256, Cause::Base64]),
        (format!("Bearer {sha256}"), &[Cause::Prefix, Cause::Sha256]),
        (format!("sha1={sha256}"), &[Cause::Prefix, Cause::Sha256]),
        // Digits that are cut off are no base64.
        (sha1[..27].to_owned(), &[Cause::Malformed]),
        (sha256[..43].to_owned(), &[Cause::Malformed]),
        ("=".repeat(40), &[Cause::Malformed]),
        ("sha1=".to_owned(), &[Cause::Malformed]),
    ] {
        assert_eq!(causes(&url, &presented), expected, "{presented}");
    }
}

#[test]
fn other_escapes_together_with_other_letter_cases_are_found() {
    let came = "http://h/?a=~*&b=%2F";
    for (signed, expected) in [
        ("http://h/?a=%7e*&b=%2f", [Cause::TildeEscaped, Cause::EscapeCase]),
        ("http://h/?a=%7E*&b=%2f", [Cause::EscapeCase, Cause::TildeEscaped]),
        ("http://h/?a=~%2a&b=%2f", [Cause::AsteriskEscaped, Cause::EscapeCase]),
    ] {
        assert_eq!(causes(came, &sha1(KEY, signed)), expected, "{signed}");
    }
}

#[test]
fn two_mistakes_are_named_together() {
    let url = format!("http://h/?{QUERY}");
    let reversed = url.split_once('?').unwrap().1.split('&').rev().collect::<Vec<_>>().join("&");
    let cases: [(&[Cause], String); 6] = [
        (&[Cause::SpaceAsPercent20, Cause::NoSlashAfterHost], sha1(KEY, &url.replace('+', "%20").replace("/?", "?"))),
        (&[Cause::NoSlashAfterHost, Cause::Scheme], sha1(KEY, &url.replace("/?", "?").replace("http:", "https:"))),
        (&[Cause::NoSlashAfterHost, Cause::ParameterOrder], sha1(KEY, &format!("http://h?{reversed}"))),
        (&[Cause::NoSlashAfterHost, Cause::SecretTrailingNewline], sha1(b"my_secret_key\n", &url.replace("/?", "?"))),
        (&[Cause::ParameterOrder, Cause::Prefix], format!("sha1={}", sha1(KEY, &format!("http://h/?{reversed}")))),
        (&[Cause::Scheme, Cause::Sha256], sha256(KEY, &url.replace("http:", "https:"))),
    ];
    for (expected, presented) in cases {
        assert_eq!(causes(&url, &presented), expected);
    }
}

#[test]
fn every_cause_has_its_own_name_and_words_and_a_test() {
    let ids: std::collections::BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.id()).collect();
    assert_eq!(ids.len(), Cause::ALL.len());
    let text = include_str!("tests.rs");
    for cause in Cause::ALL.iter().copied() {
        assert!(text.contains(&format!("Cause::{cause:?}")), "{cause:?}");
        assert!(!cause.what().is_empty() && !cause.remedy().is_empty());
    }
}

proptest! {
    #[test]
    fn nothing_is_explained_by_a_key_that_nobody_has(url in "http://[a-z]{1,9}/?\\?[a-z=&+%~*?]{0,40}x", digest in any::<[u8; 20]>()) {
        let hook = Hook { url: url.as_str().into(), base_url: None };
        let found = (Refused { hook: &hook, presented: &hex::encode(digest), body: None }).diagnose(&[secret(KEY)]);
        let is_known = matches!(found, Diagnosis::Explained { used: Some(_), .. });
        prop_assert!(!is_known, "{found:?}");
    }

    #[test]
    fn no_text_and_no_header_breaks_it(url in any::<String>(), presented in any::<String>(), base in any::<Option<String>>()) {
        let hook = Hook { url: url.as_str().into(), base_url: base.as_deref() };
        let _ = (Refused { hook: &hook, presented: &presented, body: Some(url.as_bytes()) }).diagnose(&[secret(KEY)]);
    }
}
