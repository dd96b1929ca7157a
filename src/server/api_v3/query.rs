//! What a request's URL asks for.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::server::api_v3::reply::Failure;
use crate::store::{Count, Slice};

/// How many of a list a page holds, unless the client says otherwise.
const PAGE: u64 = 30;

/// The most that it may hold.
const LARGEST_PAGE: u64 = 100;

/// The parameters of a URL. One without a value is as good as absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query(Vec<(String, String)>);

/// A page of a list, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) number: u64,
    pub(super) size: u64,
}

impl Query {
    pub(super) fn of(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// A whole number that is at least `least`.
    pub(super) fn number(&self, name: &str, least: u64) -> Result<Option<u64>, Failure> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| *number >= least && i64::try_from(*number).is_ok());
        let wrong = || Failure::bad_request(format!("`{name}` must be a whole number that is at least {least}"));
        number.map(Some).ok_or_else(wrong)
    }

    pub(super) fn page(&self) -> Result<Page, Failure> {
        let number = self.number("page", 1)?.unwrap_or(1);
        let size = self.number("per_page", 1)?.unwrap_or(PAGE).min(LARGEST_PAGE);
        Ok(Page { number, size })
    }
}

impl Page {
    /// How many pages there are; an empty list has one.
    pub(super) fn of(self, all: Count) -> u64 {
        all.div_ceil(self.size).max(1)
    }

    pub(super) fn slice(self) -> Slice {
        Slice { after: (self.number - 1).saturating_mul(self.size), most: self.size }
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts.uri.query().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_slice_of_the_list() {
        let page = |text: &str| Query::of(text).page().ok();
        assert_eq!(page(""), Some(Page { number: 1, size: 30 }));
        assert_eq!(page("page=&per_page="), page("page=1"));
        assert_eq!(page("page=3&per_page=10").map(Page::slice), Some(Slice { after: 20, most: 10 }));
        assert_eq!(page("per_page=1000"), page("per_page=100"));
        for text in ["page=0", "page=-1", "page=x", "page=1.5", "per_page=0", "page=99999999999999999999"] {
            assert_eq!(page(text), None, "{text}");
        }
        let pages = |all| page("").map(|page| page.of(all));
        assert_eq!((pages(0), pages(30), pages(31)), (Some(1), Some(1), Some(2)));
    }

    #[test]
    fn the_values_of_a_form_are_decoded() {
        let query = Query::of("a=x+y&b=%F0%9F%9A%80&c=&a=z&d");
        assert_eq!((query.get("a"), query.get("b")), (Some("x y"), Some("\u{1f680}")));
        assert_eq!((query.get("c"), query.get("d"), query.get("e")), (None, None, None));
    }
}
