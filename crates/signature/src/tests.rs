//! The published vectors, then what holds for any text and any secret.

mod key_state;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::Index;

use super::deploy_hook::Announcement;
use super::*;

/// Computed with Python's `hmac` and `urllib.parse.urlencode`, as the Workflow controller does it.
const VECTORS: &str = include_str!("../../../tests/fixtures/deploy-hook-vectors.json");

#[derive(serde::Deserialize)]
struct Vector {
    id: String,
    secret: String,
    url: String,
    hmac_sha1: String,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(VECTORS).unwrap()
}

fn vector(id: &str) -> Vector {
    vectors().into_iter().find(|vector| vector.id == id).unwrap()
}

fn secret(text: &str) -> Secret {
    // HMAC pads a short key with zeros, so this one signs as the empty key does.
    let bytes = if text.is_empty() { vec![0] } else { text.as_bytes().to_vec() };
    Secret::new(bytes).unwrap()
}

fn signature(key: &str, text: &str) -> String {
    Signature::sign(&secret(key), text).to_string()
}

#[test]
fn every_published_vector_is_signed_as_given() {
    assert_eq!(vectors().len(), 23);
    for Vector { id, secret, url, hmac_sha1 } in vectors() {
        assert_eq!(signature(&secret, &url), hmac_sha1, "{id}");
    }
}

#[test]
fn urls_are_built_as_the_controller_builds_them() {
    let deployed = "gabrtv deployed 35b3726";
    let example = ["secure-woodland", "v4", deployed, "35b3726", "gabrtv"];
    let full_sha = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";
    let reserved = "a*b (c)! 'd' e/f:g,h@i;j=k&l m_n.o-p";
    let cases = [
        ("real-plus", "http://deis.rocks", example),
        ("real-slash", "http://deis.rocks/", example),
        ("https-port-path", "https://hooks.example.com:8443/deis/hook", example),
        ("key-65-bytes", "http://deis.rocks", example),
        // Whatever the base is, it stands there byte for byte, and a `?` follows.
        ("base-with-query", "http://deis.rocks/hook?token=abc", example),
        ("leading-space", " http://deis.rocks", example),
        ("upper-case-host", "HTTP://Deis.Rocks", example),
        ("fragment", "http://deis.rocks/h#f", example),
        ("empty-secret", "http://deis.rocks", example),
        ("unicode-secret", "http://deis.rocks", example),
        ("controller-unit-test", "http://deis.com", ["foo", "v4", "autotest deployed 3456789", "3456789", "autotest"]),
        ("v1-empty-sha", "http://deis.rocks", ["foo", "v1", "autotest created initial release", "", "autotest"]),
        (
            "image-deploy",
            "http://deis.rocks",
            ["foo", "v2", "autotest deployed deis/example-go:latest", "", "autotest"],
        ),
        ("config-literal-plus", "http://deis.rocks", ["foo", "v3", "a+b added FOO, BAR", "", "a+b"]),
        ("unicode", "http://deis.rocks", ["foo", "v5", "zoë déployé 日本", "35b3726", "zoë@example.com"]),
        ("reserved-set", "http://deis.rocks", ["foo", "v9", reserved, "", "u"]),
        ("tilde-new", "http://deis.rocks", ["foo", "v6", "x~y", "", "u"]),
        ("full-sha", "http://deis.rocks", ["foo", "v10", "autotest deployed 2fd9226", full_sha, "autotest"]),
    ];
    for (id, base, [app, release, release_summary, sha, user]) in cases {
        let announcement = Announcement { app, event: None, release: release.to_owned(), release_summary, sha, user };
        let url = announcement.url(base);
        let expected = vector(id);
        assert_eq!(url, expected.url, "{id}");
        assert_eq!(signature(&expected.secret, &url), expected.hmac_sha1, "{id}");
    }
}

#[test]
fn published_urls_are_in_order_but_for_the_one_that_is_not() {
    for Vector { id, url, .. } in vectors() {
        let expected = if id == "wrong-order" { vector("real-plus").url } else { url.clone() };
        assert_eq!(alphabetised(&url), expected, "{id}");
    }
}

#[test]
fn parameters_are_ordered_by_raw_key_then_by_raw_value() {
    let cases = [
        ("http://h", "http://h"),
        ("", ""),
        ("http://h?", "http://h?"),
        ("http://h?b&a", "http://h?a&b"),
        ("http://h?b=1&a=2&a=1", "http://h?a=1&a=2&b=1"),
        ("?b=1&a=2", "?a=2&b=1"),
        // A key ends at its first `=`, and a shorter key comes first: `-` sorts before `=`.
        ("http://h?a-b=1&a=2", "http://h?a=2&a-b=1"),
        ("http://h?release_summary=x&release=v1", "http://h?release=v1&release_summary=x"),
        ("http://h?a-=1&a=z=2", "http://h?a=z=2&a-=1"),
        // Raw bytes: neither decoded nor folded.
        ("http://h?b=1&%61=2&B=3&é=4&~=5", "http://h?%61=2&B=3&b=1&~=5&é=4"),
        ("http://h?a=+&a=%20&a=~&a=%7E", "http://h?a=%20&a=%7E&a=+&a=~"),
        // Nothing is dropped, the empty parameter neither.
        ("http://h?b&&a&", "http://h?&&a&b"),
        // A base with a query of its own keeps it in front.
        ("http://h?z=1&y=2?b=1&a=2", "http://h?z=1&y=2?a=2&b=1"),
        // A fragment stays behind; in the controller's own mistake the parameters are in it.
        ("http://h?b=1&a=2#z&y", "http://h?a=2&b=1#z&y"),
        ("http://h#f?b=1&a=2", "http://h#f?a=2&b=1"),
    ];
    for (url, expected) in cases {
        assert_eq!(alphabetised(url), expected, "{url}");
    }
}

#[test]
fn question_marks_are_counted_wherever_they_are() {
    for (url, count) in [("http://h", 0), ("http://h?a", 1), ("http://h?a?b#c?", 3), ("http://h?a=%3F", 1)] {
        assert_eq!(question_marks(url), count, "{url}");
    }
}

#[test]
fn one_trailing_newline_of_a_file_is_not_part_of_its_secret() {
    let cases: [(&str, &str); 12] = [
        ("key", "key"),
        ("key\n", "key"),
        ("key\r\n", "key"),
        ("key\n\n", "key\n"),
        ("key\r\n\r\n", "key\r\n"),
        ("key\r\n\n", "key\r\n"),
        ("key\r", "key\r"),
        ("key\n\r", "key\n\r"),
        (" key\t\n", " key\t"),
        ("\nkey\n", "\nkey"),
        ("\n\n", "\n"),
        ("\r", "\r"),
    ];
    for (content, expected) in cases {
        let secret = Secret::from_file_content(content.as_bytes().to_vec()).unwrap();
        assert_eq!(secret.expose(), expected.as_bytes(), "{content:?}");
    }
    for content in ["", "\n", "\r\n"] {
        assert_eq!(Secret::from_file_content(content.as_bytes().to_vec()).unwrap_err(), EmptySecret, "{content:?}");
    }
}

#[test]
fn a_secret_keeps_every_byte_and_has_at_least_one() {
    let every_byte: Vec<u8> = (0..=255).collect();
    assert_eq!(Secret::new(every_byte.clone()).unwrap().expose(), every_byte);
    assert_eq!(Secret::new(b"key\n".to_vec()).unwrap().expose(), b"key\n");
    assert_eq!(Secret::new(Vec::new()).unwrap_err().to_string(), "the secret is empty");
}

#[test]
fn debugging_shows_nothing_of_a_secret() {
    let secret = secret("hunter2");
    for shown in [format!("{secret:?}"), format!("{secret:#?}"), format!("{:?}", Some(&secret))] {
        let digits_of_hunter = ["hunter", "104", "68"];
        assert!(!digits_of_hunter.iter().any(|part| shown.contains(part)), "{shown}");
    }
}

/// A parameter as it stands in a URL: keys and values near to each other, and what must not be decoded.
fn parameter() -> impl Strategy<Value = String> {
    "[ab%+~_é-]{0,3}(=[ab%+~é=/-]{0,3})?"
}

fn base() -> impl Strategy<Value = String> {
    "http://h(/[a-z%]{0,4})?([?][a-z=&]{0,6})?"
}

fn key_and_value(parameter: &str) -> (&str, &str) {
    parameter.split_once('=').unwrap_or((parameter, ""))
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort_unstable();
    items
}

#[test]
fn each_byte_at_each_place_of_forty_digits_is_read_as_hex_reads_it() {
    for byte in u8::MIN..=u8::MAX {
        for place in 0..40 {
            let mut digits = *b"0123456789abcdefABCDEF9876543210fedcbaFE";
            digits[place] = byte;
            let Ok(text) = str::from_utf8(&digits) else { continue };
            let read = text.parse::<Signature>().ok().map(|signature| signature.0.to_vec());
            assert_eq!(read, hex::decode(text).ok(), "{text:?}");
        }
    }
}

proptest! {
    #[test]
    fn order_is_reached_once_and_for_all(url in any::<String>(), near in "[a-b?&=#%]{0,20}") {
        for url in [url, near] {
            let once = alphabetised(&url);
            prop_assert_eq!(alphabetised(&once), once);
        }
    }

    #[test]
    fn ordering_keeps_every_byte_of_any_text(url in any::<String>(), near in "[a-bé?&=#%]{0,20}") {
        for url in [url, near] {
            prop_assert_eq!(sorted(alphabetised(&url).bytes()), sorted(url.bytes()));
        }
    }

    #[test]
    fn ordering_moves_whole_parameters_and_nothing_else(
        base in base(),
        parameters in vec(parameter(), 1..8),
        fragment in "(#[a-z&=]{0,4})?",
    ) {
        let ordered = alphabetised(&format!("{base}?{}{fragment}", parameters.join("&")));
        let query = ordered.strip_prefix(&format!("{base}?")).and_then(|rest| rest.strip_suffix(&fragment));
        let after: Vec<&str> = query.unwrap().split('&').collect();
        prop_assert_eq!(sorted(after.iter().copied()), sorted(parameters.iter().map(String::as_str)));
        prop_assert!(after.is_sorted_by_key(|parameter| key_and_value(parameter)), "{}", ordered);
    }

    #[test]
    fn without_a_repeated_key_the_first_order_does_not_matter(
        (one, other) in btree_map("[ab%+~_é-]{1,3}", "(=[ab%+~é=/-]{0,3})?", 1..8).prop_flat_map(|parameters| {
            let parameters: Vec<String> = parameters.iter().map(|(key, value)| format!("{key}{value}")).collect();
            (Just(parameters.clone()).prop_shuffle(), Just(parameters).prop_shuffle())
        }),
        base in base(),
    ) {
        let ordered = |parameters: &[String]| alphabetised(&format!("{base}?{}", parameters.join("&")));
        prop_assert_eq!(ordered(&one), ordered(&other));
    }

    #[test]
    fn a_url_of_our_own_is_in_order_whatever_its_values(values in vec(any::<String>(), 5)) {
        let [app, release, release_summary, sha, user] = &values[..] else { unreachable!() };
        let announcement = Announcement { app, event: None, release: release.clone(), release_summary, sha, user };
        let url = announcement.url("http://h/hook");
        prop_assert_eq!(alphabetised(&url), url.as_str());
        prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()));
        let decoded: Vec<(String, String)> = url::Url::parse(&url).unwrap().query_pairs().into_owned().collect();
        let keys = ["app", "release", "release_summary", "sha", "user"].map(str::to_owned);
        prop_assert_eq!(decoded, keys.into_iter().zip(values).collect::<Vec<_>>());
    }

    #[test]
    fn any_flipped_bit_of_the_text_changes_its_signature(text in "[ -~]{1,80}", place: Index, bit in 0..7) {
        let mut flipped = text.clone().into_bytes();
        flipped[place.index(text.len())] ^= 1_u8 << bit;
        let flipped = String::from_utf8(flipped).unwrap();
        prop_assert_ne!(signature("key", &text), signature("key", &flipped));
    }

    #[test]
    fn any_flipped_bit_of_the_secret_changes_the_signature(
        key in vec(any::<u8>(), 1..130),
        place: Index,
        bit in 0..8,
    ) {
        let mut other = key.clone();
        other[place.index(key.len())] ^= 1_u8 << bit;
        let sign = |key: Vec<u8>| Signature::sign(&Secret::new(key).unwrap(), "http://h?app=a");
        prop_assert_ne!(sign(key), sign(other));
    }

    #[test]
    fn a_signature_is_forty_lower_case_hex_digits(key in vec(any::<u8>(), 1..80), text in any::<String>()) {
        let shown = Signature::sign(&Secret::new(key).unwrap(), &text).to_string();
        prop_assert_eq!(shown.len(), 40);
        prop_assert!(shown.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
    }
}
