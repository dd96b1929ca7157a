//! The alphabetical order of a URL's parameters.

use memchr::{memchr, memrchr};

/// The URL with its query's parameters sorted by raw key, then by raw value, as bytes; no byte inside a
/// parameter changes. The query is what follows the last `?`: a base that had a query of its own keeps it
/// in front, as the controller signs it. What follows a later `#` stays at the end.
#[must_use]
pub fn alphabetised(url: &str) -> String {
    let Some(question_mark) = url.rfind('?') else {
        return url.to_owned();
    };
    let (base, rest) = url.split_at(question_mark + 1);
    let (query, fragment) = rest.split_at(rest.find('#').unwrap_or(rest.len()));
    let mut parameters: Vec<&str> = query.split('&').collect();
    parameters.sort_by_key(|parameter| parameter.split_once('=').unwrap_or((parameter, "")));
    format!("{base}{}{fragment}", parameters.join("&"))
}

/// How many `?` the URL has: more than one means that it may have been put together by mistake.
#[must_use]
pub fn question_marks(url: &str) -> usize {
    url.matches('?').count()
}

/// Whether each parameter's raw key comes after the one before it: the URL is alphabetised, and no key repeats.
#[must_use]
pub(super) fn is_in_order(url: &str) -> bool {
    keys(url).is_sorted_by(|one, next| one < next)
}

/// Whether two parameters of the query have the same raw key.
#[must_use]
pub fn repeats_a_key(url: &str) -> bool {
    let mut keys: Vec<&str> = keys(url).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

fn keys(url: &str) -> impl Iterator<Item = &str> {
    let query = memrchr(b'?', url.as_bytes()).map_or("", |at| &url[at + 1..]);
    query.split('&').map(|parameter| &parameter[..memchr(b'=', parameter.as_bytes()).unwrap_or(parameter.len())])
}
