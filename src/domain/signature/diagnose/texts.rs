//! The texts that a sender may have signed in place of the URL as it came.

use std::borrow::Cow;

use crate::domain::signature::diagnose::Cause;
use crate::domain::signature::{Hook, SignedText};

/// The most parameters whose orders are all tried: 720 of them.
const MOST_ORDERED: usize = 6;

/// The same for a line of a batch.
const MOST_ORDERED_IN_A_BATCH: usize = 3;

/// How far release numbers are tried to either side.
const RELEASES: u64 = 3;

/// A text, and the mistakes that make it one.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub text: String,
    pub causes: Vec<Cause>,
}

/// One way to write a URL differently; none where it makes no difference.
type Change = fn(&str) -> Vec<(String, Cause)>;

/// Each is tried alone and with each other; the orders of parameters, which are many, come last.
const CHANGES: [Change; 10] =
    [spaces, tildes, asterisks, escapes, slash, scheme, host_case, port, question_marks, other_release];

/// The URL as it came and each text that counts as signed, with every change, and with every two of them.
pub(super) fn of(hook: &Hook<'_>, body: Option<&[u8]>) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let mut add = |text: String, causes: Vec<Cause>| {
        texts.push(Text { text, causes });
    };
    for (_, base) in hook.texts() {
        add(base.clone().into_owned(), Vec::new());
        for (at, first) in CHANGES.iter().enumerate() {
            for (once, cause) in first(&base) {
                for second in &CHANGES[at + 1..] {
                    for (twice, other) in second(&once) {
                        add(twice, vec![cause, other]);
                    }
                }
                for (ordered, order) in orders(&once, MOST_ORDERED) {
                    add(ordered, vec![cause, order]);
                }
                add(once, vec![cause]);
            }
        }
        for (ordered, cause) in orders(&base, MOST_ORDERED) {
            add(ordered, vec![cause]);
        }
    }
    if let Some(body) = body.and_then(|body| std::str::from_utf8(body).ok()).filter(|body| !body.is_empty()) {
        add(body.to_owned(), vec![Cause::BodySigned]);
    }
    add(String::new(), vec![Cause::EmptyText]);
    texts
}

/// The texts that one mistake makes of those that count as signed. Of many parameters not all orders are among them.
pub(super) fn of_one_mistake(counting: &[(SignedText, Cow<'_, str>)]) -> Vec<(String, Cause)> {
    let changed = counting.iter().flat_map(|(_, base)| {
        let changed = CHANGES.iter().flat_map(|change| change(base));
        changed.chain(orders(base, MOST_ORDERED_IN_A_BATCH))
    });
    changed.chain([(String::new(), Cause::EmptyText)]).collect()
}

fn query_at(url: &str) -> Option<usize> {
    url.rfind('?').map(|at| at + 1)
}

/// The query changed by a replacement, if it changes at all.
fn replaced(url: &str, from: &str, to: &str, cause: Cause) -> Option<(String, Cause)> {
    let (before, query) = url.split_at(query_at(url)?);
    query.contains(from).then(|| (format!("{before}{}", query.replace(from, to)), cause))
}

fn spaces(url: &str) -> Vec<(String, Cause)> {
    let escaped = replaced(url, "+", "%20", Cause::SpaceAsPercent20);
    escaped.into_iter().chain(replaced(url, "%20", "+", Cause::SpaceAsPlus)).collect()
}

fn tildes(url: &str) -> Vec<(String, Cause)> {
    let plain = ["%7E", "%7e"].into_iter().filter_map(|from| replaced(url, from, "~", Cause::TildePlain));
    replaced(url, "~", "%7E", Cause::TildeEscaped).into_iter().chain(plain).collect()
}

fn asterisks(url: &str) -> Vec<(String, Cause)> {
    let plain = ["%2A", "%2a"].into_iter().filter_map(|from| replaced(url, from, "*", Cause::AsteriskPlain));
    replaced(url, "*", "%2A", Cause::AsteriskEscaped).into_iter().chain(plain).collect()
}

/// All escapes in lower case, or in upper case.
fn escapes(url: &str) -> Vec<(String, Cause)> {
    let cased = |case: fn(&u8) -> u8| {
        let mut bytes = url.as_bytes().to_vec();
        let mut at = 0;
        while at + 2 < bytes.len() {
            if bytes[at] == b'%' && bytes[at + 1].is_ascii_hexdigit() && bytes[at + 2].is_ascii_hexdigit() {
                bytes[at + 1] = case(&bytes[at + 1]);
                bytes[at + 2] = case(&bytes[at + 2]);
                at += 2;
            }
            at += 1;
        }
        String::from_utf8(bytes).ok().filter(|cased| cased != url).map(|cased| (cased, Cause::EscapeCase))
    };
    cased(u8::to_ascii_lowercase).into_iter().chain(cased(u8::to_ascii_uppercase)).collect()
}

/// The scheme, the authority and the rest of a URL.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    Some((scheme, &rest[..at], &rest[at..]))
}

/// Whether the path holds what senders' libraries write otherwise than it was configured.
pub(super) fn has_a_path_to_rewrite(url: &str) -> bool {
    let path = parts(url).map_or("", |(_, _, rest)| rest.split('?').next().unwrap_or_default());
    path.contains(|c: char| !c.is_ascii_alphanumeric() && !"/-._~".contains(c))
}

fn slash(url: &str) -> Vec<(String, Cause)> {
    let Some((scheme, host, rest)) = parts(url) else {
        return Vec::new();
    };
    if let Some(rest) = rest.strip_prefix('/').filter(|rest| rest.starts_with('?')) {
        return vec![(format!("{scheme}://{host}{rest}"), Cause::NoSlashAfterHost)];
    }
    let slash = rest.starts_with('?').then(|| (format!("{scheme}://{host}/{rest}"), Cause::SlashAfterHost));
    slash.into_iter().collect()
}

fn scheme(url: &str) -> Vec<(String, Cause)> {
    let other = match parts(url) {
        Some(("http", ..)) => "https",
        Some(("https", ..)) => "http",
        _ => return Vec::new(),
    };
    parts(url).map(|(_, host, rest)| (format!("{other}://{host}{rest}"), Cause::Scheme)).into_iter().collect()
}

fn host_case(url: &str) -> Vec<(String, Cause)> {
    let Some((scheme, host, rest)) = parts(url) else {
        return Vec::new();
    };
    let capitals = host.split('.').map(|word| {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        first.to_uppercase() + rest
    });
    let cased = [host.to_lowercase(), host.to_uppercase(), capitals.collect::<Vec<_>>().join(".")];
    let cased = cased.into_iter().filter(|cased| cased != host);
    let mut all: Vec<(String, Cause)> =
        cased.map(|host| (format!("{scheme}://{host}{rest}"), Cause::HostCase)).collect();
    let upper = scheme.to_uppercase();
    if upper != scheme {
        all.push((format!("{upper}://{host}{rest}"), Cause::HostCase));
    }
    all
}

fn port(url: &str) -> Vec<(String, Cause)> {
    let Some((scheme, host, rest)) = parts(url) else {
        return Vec::new();
    };
    let (name, has_port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, true),
        _ => (host, false),
    };
    let usual = ["80", "443", "8080", "8443", "8000", "3000"].map(|port| format!("{name}:{port}"));
    let without = has_port.then(|| name.to_owned());
    let hosts = without.into_iter().chain(usual).filter(|other| other != host);
    hosts.map(|host| (format!("{scheme}://{host}{rest}"), Cause::Port)).collect()
}

/// A base with a query of its own: the sender adds a second `?`, which a framework on the way may have made an `&`.
fn question_marks(url: &str) -> Vec<(String, Cause)> {
    let Some((base, query)) = url.split_once('?') else {
        return Vec::new();
    };
    let first = |from: char, to: &str| {
        let at = query.find(from)?;
        Some((format!("{base}?{}{to}{}", &query[..at], &query[at + 1..]), Cause::SecondQuestionMark))
    };
    let escaped = query
        .find("%3F")
        .map(|at| (format!("{base}?{}?{}", &query[..at], &query[at + 3..]), Cause::SecondQuestionMark));
    first('?', "&").into_iter().chain(first('&', "?")).chain(escaped).collect()
}

/// The same URL for the releases before and after; of the other parameters nothing is known.
fn other_release(url: &str) -> Vec<(String, Cause)> {
    let Some((before, rest)) = url.split_once("release=v") else {
        return Vec::new();
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let Ok(number) = rest[..digits].parse::<u64>() else {
        return Vec::new();
    };
    let others =
        (number.saturating_sub(RELEASES).max(1)..=number.saturating_add(RELEASES)).filter(|other| *other != number);
    others.map(|other| (format!("{before}release=v{other}{}", &rest[digits..]), Cause::OtherRelease)).collect()
}

/// Every other order of the parameters, if they are few; else the reverse and the alphabetical one.
fn orders(url: &str, most_ordered: usize) -> Vec<(String, Cause)> {
    let Some(at) = query_at(url) else {
        return Vec::new();
    };
    let (before, query) = url.split_at(at);
    let parameters: Vec<&str> = query.split('&').collect();
    let mut orders: Vec<Vec<&str>> = Vec::new();
    if parameters.len() <= most_ordered {
        permute(&mut parameters.clone(), 0, &mut orders);
    } else {
        let (mut reversed, mut sorted) = (parameters.clone(), parameters.clone());
        reversed.reverse();
        sorted.sort_unstable();
        orders.extend([reversed, sorted]);
    }
    orders.retain(|order| *order != parameters);
    orders.into_iter().map(|order| (format!("{before}{}", order.join("&")), Cause::ParameterOrder)).collect()
}

fn permute<'a>(parameters: &mut Vec<&'a str>, from: usize, orders: &mut Vec<Vec<&'a str>>) {
    if from + 1 >= parameters.len() {
        orders.push(parameters.clone());
        return;
    }
    for at in from..parameters.len() {
        parameters.swap(from, at);
        permute(parameters, from + 1, orders);
        parameters.swap(from, at);
    }
}
