//! What a line is, and that many lines together get the verdicts that each gets alone.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::alphabetised;
use crate::diagnose::{Diagnosis, Refused};

const KEY: &str = "my_secret_key";
const URL: &str = "http://h/?app=a&release=v1&sha=";

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec()).unwrap()
}

fn signature(text: &str) -> String {
    Signature::sign(&secret(KEY), text).to_string()
}

fn verify(lines: &[u8]) -> Verified {
    Batch::new(&[secret(KEY)], None).verify(lines)
}

/// The verdict of the only line: `None` if it is valid, else the cause's id.
fn verdict(line: &[u8]) -> Option<&'static str> {
    let verified = verify(line);
    assert_eq!((verified.lines, verified.verified), (1, 1), "{}", line.escape_ascii());
    assert!(verified.refused.iter().all(|refused| refused.line == 0));
    verified.refused.first().map(|refused| refused.cause.map_or("unexplained", Cause::id))
}

#[test]
fn a_line_is_a_url_a_tab_and_a_signature_or_json() {
    let signed = signature(URL);
    let json = |text: &str| text.replace("URL", URL).replace("SIGNATURE", &signed);
    let valid = [
        format!("{URL}\t{signed}"),
        format!("{URL}\t{signed}\n"),
        format!("{URL}\t{signed}\r\n"),
        format!("{URL}\t {}\t \n", signed.to_uppercase()),
        format!("{URL}\t\t{signed}"),
        json(r#"{"url":"URL","signature":"SIGNATURE"}"#),
        json(" \t{ \"signature\": \"SIGNATURE\" , \"id\": {\"url\": [1, \"x\"]}, \"url\": \"URL\" } \r\n"),
        json(r#"{"url":"\u0068ttp:\/\/h\/?app=a&release=v1&sha=","signature":" SIGNATURE "}"#),
    ];
    for line in valid {
        assert_eq!(verdict(line.as_bytes()), None, "{line}");
    }
    let malformed = [
        "x".to_owned(),
        format!("{URL} {signed}"),
        format!("{URL},{signed}"),
        format!("\u{feff}{{\"url\":\"{URL}\",\"signature\":\"{signed}\"}}"),
        json(r#"{"url":"URL"}"#),
        json(r#"{"signature":"SIGNATURE"}"#),
        json(r#"{"url":"URL","signature":null}"#),
        json(r#"{"url":["URL"],"signature":"SIGNATURE"}"#),
        json(r#"{"url":"URL","signature":"SIGNATURE","url":"URL"}"#),
        json(r#"{"url":"URL","signature":"SIGNATURE"}{}"#),
        json(r#"{"url":"URL","signature":"SIGNATURE""#),
        json("{\tURL\tSIGNATURE"),
        "{".repeat(1000),
        r#"{"a":"#.repeat(1000),
        r#"{"url":"\ud800","signature":""}"#.to_owned(),
        // What is no signature at all has the same name.
        format!("{URL}\t{signed}0"),
        format!("{URL}\t{signed}\tmore"),
        format!("{URL}\t{}g", &signed[1..]),
    ];
    for line in malformed {
        assert_eq!(verdict(line.as_bytes()), Some("malformed"), "{line}");
    }
    let not_text = [b"http://h?\xff\t".as_slice(), signed.as_bytes()].concat();
    assert_eq!(verdict(&not_text), Some("malformed"));
    assert_eq!(verdict(format!("{URL}\t").as_bytes()), Some("no_signature"));
    assert_eq!(verdict(format!("{URL}\tsha1={signed}").as_bytes()), Some("prefix"));
}

#[test]
fn a_line_may_have_so_many_bytes_and_no_more() {
    let line = |length: usize| {
        let url = format!("{URL}{}", "x".repeat(length - URL.len() - 41));
        format!("{url}\t{}", signature(&url))
    };
    assert_eq!(verdict(line(LONGEST_LINE).as_bytes()), None);
    assert_eq!(verdict(format!("{}\r\n", line(LONGEST_LINE)).as_bytes()), None);
    assert_eq!(verdict(line(LONGEST_LINE + 1).as_bytes()), Some("malformed"));
}

#[test]
fn empty_and_blank_lines_are_counted_and_skipped() {
    assert_eq!(verify(b""), Verified::default());
    let lines = format!("\n\r\nx\n{URL}\t{}\n \t \r\nx\n  ", signature(URL));
    let refused = [2, 5].map(|line| RefusedLine { line, cause: Some(Cause::Malformed) });
    assert_eq!(verify(lines.as_bytes()), Verified { lines: 7, verified: 3, refused: refused.to_vec() });
}

#[test]
fn one_mistake_is_named_and_two_are_not() {
    let cases = [
        ("http://h/?a=1&b=2&c=3", "http://h/?b=2&a=1&c=3", Some("parameter_order")),
        ("http://h/?a=1&b=2&c=3&d=4", "http://h/?d=4&c=3&b=2&a=1", Some("parameter_order")),
        ("http://h/?a=1&b=2&c=3&d=4", "http://h/?b=2&a=1&c=3&d=4", Some("unexplained")),
        ("http://h/?a=1", "http://h?a=1", Some("no_slash_after_host")),
        ("http://h/?a=1+2", "http://h/?a=1%202", Some("space_as_percent_20")),
        ("http://h/?a=1+2", "http://h?a=1%202", Some("unexplained")),
        ("http://h/?a=1", "", Some("empty_text")),
        ("http://h/x%20?a=1", "another", Some("unexplained")),
        ("http://h/", "another", Some("no_query")),
        ("http://h/?", "another", Some("no_query")),
        // Of a target whose host is not known nobody has signed the text as it came.
        ("/?a=1", "/?a=1", Some("unexplained")),
        ("/?a=1", "http://h?a=1", Some("unexplained")),
    ];
    for (came, signed, expected) in cases {
        assert_eq!(verdict(format!("{came}\t{}", signature(signed)).as_bytes()), expected, "{signed} came as {came}");
    }
    let key = format!("{KEY}\n");
    let line = format!("{URL}\t{}", Signature::sign(&secret(&key), URL));
    assert_eq!(verdict(line.as_bytes()), Some("secret_trailing_newline"));
}

#[test]
fn each_secret_and_the_base_url_count_for_each_line() {
    let secrets = ["first", "second", "third"].map(secret);
    let batch = Batch::new(&secrets, Some("http://base"));
    let texts = ["http://h/?a=1", "http://base?a=1", "http://h/?a=~", "http://base?a=%7E", "http://other?a=1"];
    let came = ["http://h/?a=1", "http://h/?a=1", "http://h/?a=~", "/?a=~", "http://h/?a=1"];
    let mut lines = String::new();
    for secret in &secrets {
        for (text, came) in texts.iter().zip(came) {
            writeln!(lines, "{came}\t{}", Signature::sign(secret, text)).unwrap();
        }
    }
    let refused: Vec<usize> = batch.verify(lines.as_bytes()).refused.iter().map(|refused| refused.line).collect();
    assert_eq!(refused, [4, 9, 14]);
}

/// A URL, and what was presented as its signature: one that is right, or wrong in one of many ways.
fn hook() -> impl Strategy<Value = (String, String)> {
    let url = "(https?://[hH](:80)?/?x?|/)[?]([ab]=[+~*1]{0,2}|release=v[1-3]|%2f)?(&[abc]=[12]?){0,2}";
    let change = select(vec!["", "+>%20", "~>%7E", "http:>https:", "/?>?", "?>/?", "h>H", "&>?", "v1>v2", "a>z"]);
    let key = prop_oneof![6 => Just(KEY), 1 => Just("second"), 1 => Just("second\n"), 1 => Just("another")];
    let form = select(vec!["S", "S", "S", "S", " S ", "sha1=S", "Basic S", "S0", "", "x"]);
    let order = select(vec!["came", "came", "alphabetised", "reversed"]);
    (url, change, key, form, order).prop_map(|(url, change, key, form, order)| {
        let mut signed = change.split_once('>').map_or_else(|| url.clone(), |(from, to)| url.replacen(from, to, 1));
        if order == "alphabetised" {
            signed = alphabetised(&signed);
        } else if let ("reversed", Some((base, query))) = (order, signed.split_once('?')) {
            signed = format!("{base}?{}", query.split('&').rev().collect::<Vec<_>>().join("&"));
        }
        (url, form.replace('S', &Signature::sign(&secret(key), &signed).to_string()))
    })
}

/// The hook as a line.
fn line() -> impl Strategy<Value = (String, Option<(String, String)>)> {
    let written = (hook(), any::<bool>(), select(vec!["\n", "\r\n"])).prop_map(|((url, presented), json, end)| {
        let text = if json {
            serde_json::json!({ "url": url, "signature": presented }).to_string()
        } else {
            format!("{url}\t{presented}")
        };
        (text + end, Some((url, presented)))
    });
    let none = "[^\t\n\r {][^\t\n\r]{0,8}\n|\\{[^\n\r]{0,9}\n".prop_map(|text| (text, None));
    prop_oneof![9 => written, 1 => none]
}

/// Whether a quick look and a thorough one say the same, as far as the quick one goes.
fn is_part_of(cause: Option<Cause>, thorough: &Diagnosis) -> bool {
    let thorough = match thorough {
        Diagnosis::Explained { causes, .. } => causes.as_slice(),
        Diagnosis::Unexplained { .. } => &[],
    };
    match (cause, thorough) {
        (Some(cause), [alone]) => cause == *alone,
        (Some(cause), several) => several.contains(&cause),
        // All orders of three parameters are tried.
        (None, [_]) => false,
        (None, _) => true,
    }
}

proptest! {
    #[test]
    fn many_lines_get_the_verdicts_that_each_gets_alone(
        lines in vec(line(), 0..12),
        base_url in select(vec![None, Some("http://h"), Some("http://b?x")]),
    ) {
        let secrets = [secret(KEY), secret("second")];
        let batch = Batch::new(&secrets, base_url);
        let text: String = lines.iter().map(|(text, _)| text.as_str()).collect();
        let verified = batch.verify(text.as_bytes());
        prop_assert_eq!((verified.lines, verified.verified), (lines.len(), lines.len()));
        prop_assert!(verified.refused.is_sorted_by(|one, next| one.line < next.line));
        for (number, (_, hook)) in lines.iter().enumerate() {
            let refused = verified.refused.iter().find(|refused| refused.line == number);
            let Some((url, presented)) = hook else {
                prop_assert_eq!(refused.and_then(|refused| refused.cause), Some(Cause::Malformed));
                continue;
            };
            let hook = Hook { url: url.into(), base_url };
            let valid = presented.parse().is_ok_and(|it| crate::verify(&hook, &secrets, &it).is_some());
            prop_assert_eq!(refused.is_none(), valid, "{} {}", url, presented);
            if let Some(RefusedLine { cause, .. }) = refused {
                let refused = Refused { hook: &hook, presented, body: None };
                prop_assert!(is_part_of(*cause, &refused.diagnose(&secrets)), "{cause:?} {refused:?}");
            }
        }
    }

    #[test]
    fn no_bytes_break_it(lines in vec(any::<u8>(), 0..200), near in "[{}\"a-z:,\t\r\n ]{0,60}") {
        for lines in [lines, near.into_bytes()] {
            let newlines = memchr_iter(b'\n', &lines).count();
            let verified = verify(&lines);
            prop_assert_eq!(verified.lines, newlines + usize::from(!lines.is_empty() && !lines.ends_with(b"\n")));
            prop_assert!(verified.refused.len() == verified.verified && verified.verified <= verified.lines);
        }
    }
}
