//! The texts that a sender may have signed in place of the URL as it came.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memmem, memrchr};

use crate::domain::signature::diagnose::Cause;
use crate::domain::signature::{Hook, SignedText};

/// How far to look for a mistake of which there are many.
#[derive(Debug)]
struct Reach {
    /// The most parameters whose orders are all tried.
    ordered: usize,
    /// How far release numbers are tried to either side.
    releases: u64,
    /// The ports that are tried.
    ports: &'static [&'static str],
}

/// For one hook: 720 orders at most.
const FAR: Reach = Reach { ordered: 6, releases: 3, ports: &["80", "443", "8080", "8443", "8000", "3000"] };

/// For each line of a batch.
const NEAR: Reach = Reach { ordered: 3, releases: 1, ports: &["80", "443"] };

/// A text, and the mistakes that make it one.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub text: String,
    pub causes: Vec<Cause>,
}

/// One way to write a URL differently; none where it makes no difference.
type Change = fn(&Url<'_>, &mut Add<'_>);

/// A URL, cut where mistakes are made.
#[derive(Debug, Clone, Copy)]
struct Url<'a> {
    reach: &'static Reach,
    whole: &'a str,
    /// The scheme, the authority and the rest.
    parts: Option<(&'a str, &'a str, &'a str)>,
    /// What is before the query, with the last `?`, and the query.
    query: Option<(&'a str, &'a str)>,
}

impl<'a> Url<'a> {
    fn cut(whole: &'a str, reach: &'static Reach) -> Self {
        let query = memrchr(b'?', whole.as_bytes()).map(|at| whole.split_at(at + 1));
        Self { reach, whole, parts: parts(whole), query }
    }
}

/// Takes a text in pieces, and the mistake that makes it one.
type Add<'a> = dyn FnMut(&[&str], Cause) + 'a;

/// Each is tried alone and with each other; the orders of parameters, which are many, come last.
const CHANGES: [Change; 10] =
    [spaces, tildes, asterisks, escapes, slash, scheme, host_case, port, question_marks, other_release];

/// The same for pairs: what is escaped after the other escapes were written small need not be small itself.
const PAIRED_CHANGES: [Change; 11] =
    [escapes, spaces, tildes, asterisks, escapes, slash, scheme, host_case, port, question_marks, other_release];

/// The URL as it came and each text that counts as signed, with every change, and with every two of them.
pub(super) fn of(hook: &Hook<'_>) -> Vec<Text> {
    let mut texts: Vec<Text> = Vec::new();
    let mut add = |text: String, causes: Vec<Cause>| {
        texts.push(Text { text, causes });
    };
    for (_, base) in hook.texts() {
        add(base.clone().into_owned(), Vec::new());
        let base = Url::cut(&base, &FAR);
        for (at, first) in PAIRED_CHANGES.iter().enumerate() {
            for (once, cause) in changed(&base, *first) {
                let url = Url::cut(&once, &FAR);
                for second in &PAIRED_CHANGES[at + 1..] {
                    second(&url, &mut |twice, other| add(twice.concat(), vec![cause, other]));
                }
                orders(&url, &mut |ordered, order| add(ordered.concat(), vec![cause, order]));
                add(once, vec![cause]);
            }
        }
        orders(&base, &mut |ordered, cause| add(ordered.concat(), vec![cause]));
    }
    add(String::new(), vec![Cause::EmptyText]);
    texts
}

fn changed(url: &Url<'_>, change: Change) -> Vec<(String, Cause)> {
    let mut texts = Vec::new();
    change(url, &mut |pieces, cause| texts.push((pieces.concat(), cause)));
    texts
}

/// Many texts, one after the other in one piece of memory.
#[derive(Debug, Default)]
pub(in crate::domain::signature) struct Texts {
    all: String,
    /// Where each ends, and the mistake that makes it one.
    ends: Vec<(usize, Cause)>,
}

impl Texts {
    /// Replaces them by the texts that one mistake makes of those that count as signed. Of mistakes of which there are many,
    /// only those that are nearest are among them.
    pub(super) fn set_to_one_mistake(&mut self, counting: &[(SignedText, Cow<'_, str>)]) {
        self.all.clear();
        self.ends.clear();
        let mut add = |pieces: &[&str], cause| {
            for piece in pieces {
                self.all.push_str(piece);
            }
            self.ends.push((self.all.len(), cause));
        };
        for (_, base) in counting {
            let base = Url::cut(base, &NEAR);
            for change in CHANGES {
                change(&base, &mut add);
            }
            orders(&base, &mut add);
        }
        add(&[], Cause::EmptyText);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, Cause)> {
        let mut start = 0;
        self.ends.iter().map(move |(end, cause)| {
            let text = &self.all[start..*end];
            start = *end;
            (text, *cause)
        })
    }
}

/// The query changed by a replacement, if it changes at all.
fn replaced(url: &Url<'_>, from: &str, to: &str, cause: Cause, add: &mut Add<'_>) {
    if let Some((before, query)) = url.query
        && contains(query, from)
    {
        add(&[before, &query.replace(from, to)], cause);
    }
}

/// Most texts hold not even the first byte, and a search for one byte is quicker.
fn contains(text: &str, part: &str) -> bool {
    part.bytes().next().is_some_and(|first| memchr(first, text.as_bytes()).is_some()) && text.contains(part)
}

fn spaces(url: &Url<'_>, add: &mut Add<'_>) {
    replaced(url, "+", "%20", Cause::SpaceAsPercent20, add);
    replaced(url, "%20", "+", Cause::SpaceAsPlus, add);
}

fn tildes(url: &Url<'_>, add: &mut Add<'_>) {
    replaced(url, "~", "%7E", Cause::TildeEscaped, add);
    replaced(url, "%7E", "~", Cause::TildePlain, add);
    replaced(url, "%7e", "~", Cause::TildePlain, add);
}

fn asterisks(url: &Url<'_>, add: &mut Add<'_>) {
    replaced(url, "*", "%2A", Cause::AsteriskEscaped, add);
    replaced(url, "%2A", "*", Cause::AsteriskPlain, add);
    replaced(url, "%2a", "*", Cause::AsteriskPlain, add);
}

/// All escapes in lower case, or in upper case.
fn escapes(url: &Url<'_>, add: &mut Add<'_>) {
    let url = url.whole;
    if memchr(b'%', url.as_bytes()).is_none() {
        return;
    }
    for case in [str::to_ascii_lowercase, str::to_ascii_uppercase] {
        let mut parts = url.split('%');
        let mut cased = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.split_at_checked(2).filter(|(two, _)| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
            match digits {
                Some((digits, rest)) => cased.extend(["%", &case(digits), rest]),
                None => cased.extend(["%", part]),
            }
        }
        if cased != url {
            add(&[&cased], Cause::EscapeCase);
        }
    }
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

fn slash(url: &Url<'_>, add: &mut Add<'_>) {
    let Some((scheme, host, rest)) = url.parts else {
        return;
    };
    if let Some(rest) = rest.strip_prefix('/').filter(|rest| rest.starts_with('?')) {
        add(&[scheme, "://", host, rest], Cause::NoSlashAfterHost);
    } else if rest.starts_with('?') {
        add(&[scheme, "://", host, "/", rest], Cause::SlashAfterHost);
    }
}

fn scheme(url: &Url<'_>, add: &mut Add<'_>) {
    match url.parts {
        Some(("http", host, rest)) => add(&["https://", host, rest], Cause::Scheme),
        Some(("https", host, rest)) => add(&["http://", host, rest], Cause::Scheme),
        _ => {}
    }
}

fn host_case(url: &Url<'_>, add: &mut Add<'_>) {
    let Some((scheme, host, rest)) = url.parts else {
        return;
    };
    for cased in [str::to_ascii_lowercase, str::to_ascii_uppercase, with_capitals] {
        let cased = cased(host);
        if cased != host {
            add(&[scheme, "://", &cased, rest], Cause::HostCase);
        }
    }
    match scheme {
        "http" => add(&["HTTP://", host, rest], Cause::HostCase),
        "https" => add(&["HTTPS://", host, rest], Cause::HostCase),
        _ => {}
    }
}

/// Each word of a host with a capital.
fn with_capitals(host: &str) -> String {
    let mut text = String::with_capacity(host.len());
    for word in host.split_inclusive('.') {
        let (first, rest) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        text.extend([&first.to_ascii_uppercase(), rest]);
    }
    text
}

fn port(url: &Url<'_>, add: &mut Add<'_>) {
    let Some((scheme, host, rest)) = url.parts else {
        return;
    };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host, None),
    };
    if port.is_some() {
        add(&[scheme, "://", name, rest], Cause::Port);
    }
    for usual in url.reach.ports.iter().copied() {
        if port != Some(usual) {
            add(&[scheme, "://", name, ":", usual, rest], Cause::Port);
        }
    }
}

/// A base with a query of its own: the sender adds a second `?`, which a framework on the way may have made an `&`.
fn question_marks(url: &Url<'_>, add: &mut Add<'_>) {
    let Some((base, query)) = url.whole.split_once('?') else {
        return;
    };
    for (from, to) in [("?", "&"), ("&", "?")] {
        if contains(query, from)
            && let Some((before, after)) = query.split_once(from)
        {
            add(&[base, "?", before, to, after], Cause::SecondQuestionMark);
        }
    }
    escaped_question_mark(base, query, add);
}

/// A framework takes what follows the second `?` as part of a value, and writes it with escapes: `token=t%3Fapp%3Da`. It may
/// have sorted the parameters too.
fn escaped_question_mark(base: &str, query: &str, add: &mut Add<'_>) {
    let Some(at) = escape_of(query, b'F') else {
        return;
    };
    let start = memrchr(b'&', &query.as_bytes()[..at]).map_or(0, |at| at + 1);
    let end = memchr(b'&', &query.as_bytes()[at..]).map_or(query.len(), |length| at + length);
    let (earlier, own, rest) = (&query[..start], &query[start..at], &query[end..]);
    let first = &query[at + ESCAPE..end];
    add(&[base, "?", earlier, own, "?", first, rest], Cause::SecondQuestionMark);
    let equals = escape_of(first, b'D');
    let (key, equals, value) = equals.map_or((first, "", ""), |at| (&first[..at], "=", &first[at + ESCAPE..]));
    if !equals.is_empty() {
        add(&[base, "?", earlier, own, "?", key, equals, value, rest], Cause::SecondQuestionMark);
    }
    if let Some(earlier) = earlier.strip_suffix('&') {
        add(&[base, "?", own, "?", key, equals, value, "&", earlier, rest], Cause::SecondQuestionMark);
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
fn other_release(url: &Url<'_>, add: &mut Add<'_>) {
    const KEY: &str = "release=v";
    let Some(at) = memmem::find(url.whole.as_bytes(), KEY.as_bytes()) else {
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
            add(&[before, &other.to_string(), after], Cause::OtherRelease);
        }
    }
}

/// Every other order of the parameters, if they are few; else the reverse and the alphabetical one.
fn orders(url: &Url<'_>, add: &mut Add<'_>) {
    let Some((before, query)) = url.query else {
        return;
    };
    let parameters: Vec<&str> = query.split('&').collect();
    let mut add = |order: &[&str]| {
        if order != parameters {
            add(&[before, &order.join("&")], Cause::ParameterOrder);
        }
    };
    let mut order = parameters.clone();
    if parameters.len() <= url.reach.ordered {
        permute(&mut order, 0, &mut add);
    } else {
        order.reverse();
        add(&order);
        order.sort_unstable();
        add(&order);
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
