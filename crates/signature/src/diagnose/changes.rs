//! The mistakes that a sender makes in a text: each makes other texts of it.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};
use memchr::{memchr, memchr_iter, memchr3, memrchr};

use crate::diagnose::Cause;
use crate::diagnose::texts::Texts;

/// How far to look for a mistake of which there are many.
#[derive(Debug)]
pub(super) struct Reach {
    /// The most parameters whose orders are all tried.
    ordered: usize,
    /// How far release numbers are tried to either side.
    releases: u64,
    /// The ports that are tried.
    ports: &'static [&'static str],
}

/// For one hook: 720 orders at most.
pub(super) const FAR: Reach = Reach { ordered: 6, releases: 3, ports: &["80", "443", "8080", "8443", "8000", "3000"] };

/// For each line of a batch.
pub(super) const NEAR: Reach = Reach { ordered: 3, releases: 1, ports: &["80", "443"] };

/// One way to write a URL differently; none where it makes no difference.
pub(super) type Change = fn(&Url<'_>, &mut Texts);

/// A URL, cut where mistakes are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Url<'a> {
    reach: &'static Reach,
    pub whole: &'a str,
    parts: Option<Parts<'a>>,
    /// What is before the query, with the last `?`, and the query.
    query: Option<(&'a str, &'a str)>,
    /// Whether there is a `%`.
    is_escaped: bool,
}

impl<'a> Url<'a> {
    pub(super) fn cut(whole: &'a str, reach: &'static Reach) -> Self {
        let query = memrchr(b'?', whole.as_bytes()).map(|at| whole.split_at(at + 1));
        let is_escaped = memchr(b'%', whole.as_bytes()).is_some();
        Self { reach, whole, parts: Parts::of(whole), query, is_escaped }
    }
}

/// The parts of a URL; together they are the whole.
#[derive(Debug, Clone, Copy)]
struct Parts<'a> {
    /// With `://`.
    scheme: &'a str,
    host: &'a str,
    rest: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Option<Self> {
        let colon = memchr(b':', url.as_bytes())?;
        let end = if url[colon..].starts_with("://") { colon } else { url.find("://")? } + "://".len();
        let (scheme, after) = url.split_at(end);
        let at = memchr3(b'/', b'?', b'#', after.as_bytes()).unwrap_or(after.len());
        let (host, rest) = after.split_at(at);
        Some(Self { scheme, host, rest })
    }
}

/// Each is tried alone and with each other; the orders of parameters, which are many, come last.
pub(super) const CHANGES: [Change; 10] =
    [spaces, tildes, asterisks, escapes, slash, scheme, host_case, port, question_marks, other_release];

/// The same for pairs: what is escaped after the other escapes were written small need not be small itself.
pub(super) const PAIRED_CHANGES: [Change; 11] =
    [escapes, spaces, tildes, asterisks, escapes, slash, scheme, host_case, port, question_marks, other_release];

/// The query changed by a replacement, if it changes at all.
fn replaced(url: &Url<'_>, from: &str, to: &str, cause: Cause, texts: &mut Texts) {
    let Some((before, query)) = url.query.filter(|_| url.is_escaped || !from.starts_with('%')) else {
        return;
    };
    let mut places = memmem::find_iter(query.as_bytes(), from).peekable();
    if places.peek().is_none() {
        return;
    }
    texts.push(before);
    let mut start = 0;
    for place in places {
        texts.push(&query[start..place]);
        texts.push(to);
        start = place + from.len();
    }
    texts.push(&query[start..]);
    texts.end(cause);
}

fn spaces(url: &Url<'_>, texts: &mut Texts) {
    replaced(url, "+", "%20", Cause::SpaceAsPercent20, texts);
    replaced(url, "%20", "+", Cause::SpaceAsPlus, texts);
}

fn tildes(url: &Url<'_>, texts: &mut Texts) {
    replaced(url, "~", "%7E", Cause::TildeEscaped, texts);
    replaced(url, "%7E", "~", Cause::TildePlain, texts);
    replaced(url, "%7e", "~", Cause::TildePlain, texts);
}

fn asterisks(url: &Url<'_>, texts: &mut Texts) {
    replaced(url, "*", "%2A", Cause::AsteriskEscaped, texts);
    replaced(url, "%2A", "*", Cause::AsteriskPlain, texts);
    replaced(url, "%2a", "*", Cause::AsteriskPlain, texts);
}

/// All escapes in lower case, or in upper case.
fn escapes(url: &Url<'_>, texts: &mut Texts) {
    if !url.is_escaped {
        return;
    }
    for change_case in [str::make_ascii_lowercase, str::make_ascii_uppercase] {
        let mut parts = url.whole.split('%');
        texts.push(parts.next().unwrap_or_default());
        for part in parts {
            texts.push("%");
            let part = texts.push(part);
            if let Some((digits, _)) = part.split_at_mut_checked(2)
                && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            {
                change_case(digits);
            }
        }
        texts.end_changed(url, Cause::EscapeCase);
    }
}

/// Whether the path holds what senders' libraries write otherwise than it was configured.
pub(super) fn has_a_path_to_rewrite(url: &str) -> bool {
    let path = Parts::of(url).map_or("", |parts| parts.rest.split('?').next().unwrap_or_default());
    path.contains(|c: char| !c.is_ascii_alphanumeric() && !"/-._~".contains(c))
}

fn slash(url: &Url<'_>, texts: &mut Texts) {
    let Some(Parts { scheme, host, rest }) = url.parts else {
        return;
    };
    if let Some(rest) = rest.strip_prefix('/').filter(|rest| rest.starts_with('?')) {
        texts.add(&[scheme, host, rest], Cause::NoSlashAfterHost);
    } else if rest.starts_with('?') {
        texts.add(&[scheme, host, "/", rest], Cause::SlashAfterHost);
    }
}

fn scheme(url: &Url<'_>, texts: &mut Texts) {
    match url.parts {
        Some(Parts { scheme: "http://", host, rest }) => texts.add(&["https://", host, rest], Cause::Scheme),
        Some(Parts { scheme: "https://", host, rest }) => texts.add(&["http://", host, rest], Cause::Scheme),
        _ => {}
    }
}

fn host_case(url: &Url<'_>, texts: &mut Texts) {
    let Some(Parts { scheme, host, rest }) = url.parts else {
        return;
    };
    for change_case in [str::make_ascii_lowercase, str::make_ascii_uppercase, capitalise] {
        texts.push(scheme);
        change_case(texts.push(host));
        texts.push(rest);
        texts.end_changed(url, Cause::HostCase);
    }
    match scheme {
        "http://" => texts.add(&["HTTP://", host, rest], Cause::HostCase),
        "https://" => texts.add(&["HTTPS://", host, rest], Cause::HostCase),
        _ => {}
    }
}

/// Gives each word of a host a capital.
fn capitalise(host: &mut str) {
    let mut rest = host;
    while !rest.is_empty() {
        let end = memchr(b'.', rest.as_bytes()).map_or(rest.len(), |dot| dot + 1);
        let (word, after) = rest.split_at_mut(end);
        let first = word.chars().next().map_or(0, char::len_utf8);
        word[..first].make_ascii_uppercase();
        rest = after;
    }
}

fn port(url: &Url<'_>, texts: &mut Texts) {
    let Some(Parts { scheme, host, rest }) = url.parts else {
        return;
    };
    let (name, port) = match memrchr(b':', host.as_bytes()).map(|colon| (&host[..colon], &host[colon + 1..])) {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    };
    if port.is_some() {
        texts.add(&[scheme, name, rest], Cause::Port);
    }
    for usual in url.reach.ports.iter().copied() {
        if port != Some(usual) {
            texts.add(&[scheme, name, ":", usual, rest], Cause::Port);
        }
    }
}

/// A base with a query of its own: the sender adds a second `?`, which a framework on the way may have made an `&`.
fn question_marks(url: &Url<'_>, texts: &mut Texts) {
    let Some(start) = memchr(b'?', url.whole.as_bytes()) else {
        return;
    };
    let (base, query) = url.whole.split_at(start + 1);
    for (from, to) in [(b'?', "&"), (b'&', "?")] {
        if let Some(at) = memchr(from, query.as_bytes()) {
            texts.add(&[base, &query[..at], to, &query[at + 1..]], Cause::SecondQuestionMark);
        }
    }
    if url.is_escaped {
        escaped_question_mark(base, query, texts);
    }
}

/// A framework takes what follows the second `?` as part of a value, and writes it with escapes: `token=t%3Fapp%3Da`. It may
/// have sorted the parameters too. The base is with the first `?`.
fn escaped_question_mark(base: &str, query: &str, texts: &mut Texts) {
    let Some(at) = escape_of(query, b'F') else {
        return;
    };
    let start = memrchr(b'&', &query.as_bytes()[..at]).map_or(0, |at| at + 1);
    let end = memchr(b'&', &query.as_bytes()[at..]).map_or(query.len(), |length| at + length);
    let (earlier, own, rest) = (&query[..start], &query[start..at], &query[end..]);
    let first = &query[at + ESCAPE..end];
    texts.add(&[base, earlier, own, "?", first, rest], Cause::SecondQuestionMark);
    let equals = escape_of(first, b'D');
    let (key, equals, value) = equals.map_or((first, "", ""), |at| (&first[..at], "=", &first[at + ESCAPE..]));
    if !equals.is_empty() {
        texts.add(&[base, earlier, own, "?", key, equals, value, rest], Cause::SecondQuestionMark);
    }
    if let Some(earlier) = earlier.strip_suffix('&') {
        texts.add(&[base, own, "?", key, equals, value, "&", earlier, rest], Cause::SecondQuestionMark);
    }
}

/// The length of an escape.
const ESCAPE: usize = "%3F".len();

/// Where the first escape `%3` with this second digit is, in either letter case.
fn escape_of(text: &str, digit: u8) -> Option<usize> {
    let is_it =
        |at: &usize| matches!(&text.as_bytes()[at + 1..], [b'3', found, ..] if found.eq_ignore_ascii_case(&digit));
    memchr_iter(b'%', text.as_bytes()).find(is_it)
}

/// The same URL for the releases before and after; of the other parameters nothing is known.
fn other_release(url: &Url<'_>, texts: &mut Texts) {
    const KEY: &str = "release=v";
    static FINDER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(KEY));
    let Some(at) = FINDER.find(url.whole.as_bytes()) else {
        return;
    };
    let (before, rest) = url.whole.split_at(at + KEY.len());
    let (digits, after) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
    let Ok(number) = digits.parse::<u64>() else {
        return;
    };
    let reach = url.reach.releases;
    for other in number.saturating_sub(reach).max(1)..=number.saturating_add(reach) {
        if other != number {
            texts.add(&[before, &other.to_string(), after], Cause::OtherRelease);
        }
    }
}

/// Every other order of the parameters, if they are few; else the reverse and the alphabetical one.
pub(super) fn orders(url: &Url<'_>, texts: &mut Texts) {
    let Some((before, query)) = url.query else {
        return;
    };
    let mut parameters: Vec<&str> = query.split('&').collect();
    let mut add = |order: &mut dyn Iterator<Item = &str>| {
        texts.push(before);
        texts.push_joined(order, "&");
        texts.end_changed(url, Cause::ParameterOrder);
    };
    if parameters.len() <= url.reach.ordered {
        permute(&mut parameters, 0, &mut |order| add(&mut order.iter().copied()));
    } else {
        add(&mut parameters.iter().copied().rev());
        parameters.sort_unstable();
        add(&mut parameters.iter().copied());
    }
}

fn permute<'a>(parameters: &mut [&'a str], from: usize, add: &mut dyn FnMut(&[&'a str])) {
    if from + 1 >= parameters.len() {
        add(parameters);
        return;
    }
    for at in from..parameters.len() {
        parameters.swap(from, at);
        permute(parameters, from + 1, add);
        parameters.swap(from, at);
    }
}
