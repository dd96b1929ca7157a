//! Pages of a list, and times as the controller writes them.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::Serialize;
use url::form_urlencoded;

/// How many a page holds if nobody says.
const USUAL: u64 = 100;

/// The most that a page holds.
const MOST: u64 = 1_000;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// At most so many.
    pub(super) limit: u64,
    /// So many are left out before them.
    pub(super) offset: u64,
}

impl Window {
    /// What cannot be understood is as if it were not there.
    fn of(query: &str) -> Self {
        let limit = number(query, "limit").filter(|limit| *limit > 0).unwrap_or(USUAL);
        // The store counts in signed numbers.
        let offset = number(query, "offset").unwrap_or(0).min(u64::from(u32::MAX));
        Self { limit: limit.min(MOST), offset }
    }

    /// A list of `count` in all, of which these are in the window; `url` is that of the list.
    pub(super) fn page<T>(self, url: &str, count: u64, results: Vec<T>) -> Page<T> {
        let Self { limit, offset } = self;
        let after = offset + limit;
        let next = (after < count).then(|| format!("{url}?limit={limit}&offset={after}"));
        let previous = (offset > 0).then(|| match offset.saturating_sub(limit) {
            0 => format!("{url}?limit={limit}"),
            before => format!("{url}?limit={limit}&offset={before}"),
        });
        Page { count, next, previous, results }
    }
}

/// The number that a query says; the last one, if several.
pub(super) fn number(query: &str, name: &str) -> Option<u64> {
    let last = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name).last();
    last.and_then(|(_, value)| value.trim().parse().ok())
}

impl<S: Sync> FromRequestParts<S> for Window {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.query().unwrap_or_default()))
    }
}

/// A part of a list.
#[derive(Debug, Serialize)]
pub(super) struct Page<T> {
    count: u64,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<T>,
}

/// A time to the second, in UTC, with `Z`.
pub(super) fn shown(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_what_the_query_says_as_far_as_it_can_be_understood() {
        let cases = [
            ("", (100, 0)),
            ("limit=5&offset=10", (5, 10)),
            ("limit=0", (100, 0)),
            ("limit=-1&offset=-1", (100, 0)),
            ("limit=many&offset=%F0", (100, 0)),
            ("limit=99999999", (1_000, 0)),
            ("offset=99999999999999999999&limit=2", (2, 0)),
            ("offset=18446744073709551615", (100, u64::from(u32::MAX))),
        ];
        for (query, (limit, offset)) in cases {
            assert_eq!(Window::of(query), Window { limit, offset }, "{query}");
        }
    }

    #[test]
    fn a_page_says_where_the_ones_before_and_after_it_are() {
        let neighbours = |limit, offset| {
            let page: Page<u8> = Window { limit, offset }.page("u", 5, Vec::new());
            (page.next, page.previous)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(neighbours(100, 0), (None, None));
        assert_eq!(neighbours(2, 0), (some("u?limit=2&offset=2"), None));
        assert_eq!(neighbours(2, 2), (some("u?limit=2&offset=4"), some("u?limit=2")));
        assert_eq!(neighbours(2, 4), (None, some("u?limit=2&offset=2")));
        assert_eq!(neighbours(5, 0), (None, None));
        assert_eq!(neighbours(2, 9), (None, some("u?limit=2&offset=7")));
    }
}
