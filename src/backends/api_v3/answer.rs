//! What an answer of an API v3 means: the document in its envelope, or why there is none.

use serde_json::Value;
use url::Url;

use crate::backends::api_v3::lenient::{number, some_text};
use crate::backends::error::RemoteError;
use crate::http::Reply;
use crate::http::header::LOCATION;

/// The API that answers, as messages name it.
#[derive(Debug, Clone)]
pub(super) struct Who {
    /// Its profile's name and its host.
    pub(super) api: String,
    /// Its profile.
    pub(super) profile: String,
}

/// What came in the envelope.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Document {
    /// What was asked for.
    pub(super) response: Value,
    /// The page after this one, if there is one.
    pub(super) next: Option<u64>,
    /// How many pages there are, where that is told.
    pub(super) pages: Option<u64>,
    /// How many things there are on all pages, where that is told.
    pub(super) count: Option<u64>,
}

impl Who {
    /// The document of an answer.
    pub(super) fn understand(&self, reply: &Reply) -> Result<Document, RemoteError> {
        match reply.status {
            204 => Ok(Document::default()),
            200..300 => self.document(&reply.body),
            300..400 => Err(RemoteError::Redirected { api: self.api(), status: reply.status, to: leads_to(reply) }),
            status => Err(self.failure(status, &reply.body)),
        }
    }

    /// The things of a list; what is no list is not understood.
    pub(super) fn items(&self, document: Document) -> Result<Vec<Value>, RemoteError> {
        match document.response {
            Value::Array(items) => Ok(items),
            _ => Err(self.not_understood("it should be a list, and is none")),
        }
    }

    /// Why an answer cannot be used.
    pub(super) fn not_understood(&self, what: &str) -> RemoteError {
        RemoteError::NotUnderstood { api: self.api(), what: what.to_owned() }
    }

    fn api(&self) -> String {
        self.api.clone()
    }

    fn document(&self, body: &[u8]) -> Result<Document, RemoteError> {
        if body.trim_ascii().is_empty() {
            return Err(self.not_understood("it is empty"));
        }
        let mut whole: Value =
            serde_json::from_slice(body).map_err(|error| self.not_understood(&not_json(body, &error)))?;
        let pagination = whole.get_mut("pagination").map(Value::take).unwrap_or_default();
        let current = number(&pagination["current"]);
        let next = number(&pagination["next"]).filter(|next| current.is_some_and(|current| current < *next));
        let (pages, count) = (number(&pagination["pages"]), number(&pagination["count"]));
        // Some answers are documented without their envelope.
        let response = match whole.get_mut("response") {
            Some(response) => response.take(),
            None => whole,
        };
        Ok(Document { response, next, pages, count })
    }

    fn failure(&self, status: u16, body: &[u8]) -> RemoteError {
        let (api, profile) = (self.api(), self.profile.clone());
        let document: Value = serde_json::from_slice(body).unwrap_or_default();
        let of = |name: &str| some_text(&document[name]);
        let said = of("details").or_else(|| of("error_description")).or_else(|| of("error"));
        let said = said.or_else(|| document.as_str().map(str::to_owned)).unwrap_or_default();
        let words = format!("{} {said}", of("error").unwrap_or_default()).to_lowercase().replace([' ', '-'], "_");
        match status {
            401 => RemoteError::SignIn { api, profile, said },
            403 => RemoteError::Forbidden { api, said },
            404 => RemoteError::NotFound { api, said },
            429 => RemoteError::Throttled { api, said },
            // Cloud 66 says two different things with it; proxies and our own server a third.
            503 if words.contains("not_implemented") => RemoteError::NotImplemented { api, said },
            503 if words.contains("throttled") || words.contains("rate_limit") => RemoteError::Throttled { api, said },
            501 => RemoteError::NotImplemented { api, said },
            408 | 500.. => RemoteError::Failed { api, status, said },
            _ => RemoteError::Refused { api, status, said },
        }
    }
}

/// What came instead of JSON, without showing it.
fn not_json(body: &[u8], error: &serde_json::Error) -> String {
    let text = String::from_utf8_lossy(body);
    if text.trim_start().starts_with('<') {
        let lower = text.to_ascii_lowercase();
        let title = lower.find("<title>").and_then(|at| text[at + "<title>".len()..].split('<').next());
        let title = title.map(str::trim).filter(|title| !title.is_empty() && title.chars().count() <= 80);
        return title.map_or_else(|| "it is a web page".to_owned(), |title| format!("it is a web page, {title:?}"));
    }
    if error.is_eof() { "its JSON ends in the middle".to_owned() } else { "it is no JSON".to_owned() }
}

/// Where a redirect leads; a query may hold what nobody should see.
fn leads_to(reply: &Reply) -> String {
    let location = reply.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
    match Url::parse(location) {
        Ok(url) => format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path()),
        Err(_) => location.split(['?', '#']).next().filter(|path| !path.is_empty()).unwrap_or("nowhere").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Document, Who};
    use crate::http::Reply;
    use crate::http::header::{HeaderMap, HeaderValue, LOCATION};

    fn who() -> Who {
        Who { api: "profile prod (h)".to_owned(), profile: "prod".to_owned() }
    }

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn failure(status: u16, body: &str) -> String {
        let error = who().understand(&reply(status, body)).unwrap_err();
        format!("{error} [{}]", if error.may_pass() { "may pass" } else { "stays" })
    }

    #[test]
    fn what_is_in_the_envelope_is_the_document_and_a_page_is_followed_while_it_is_not_the_last() {
        let document = |body: &str| who().understand(&reply(200, body)).unwrap();
        let alone = |response| Document { response, next: None, pages: None, count: None };
        assert_eq!(document(r#"{"response":[1],"count":5}"#), alone(json!([1])));
        assert_eq!(document(r#"{"response":null}"#), alone(json!(null)));
        assert_eq!(document(r#"{"id":7}"#), alone(json!({"id": 7})));
        for (pagination, next) in [
            (json!({"current": 1, "next": 2}), Some(2)),
            (json!({"current": 2, "next": null}), None),
            (json!({"current": 2, "next": 2}), None),
            (json!({"current": 2, "next": 1}), None),
            (json!({"next": 2}), None),
            (json!(null), None),
            (json!("x"), None),
        ] {
            let body = json!({"response": [], "pagination": pagination}).to_string();
            assert_eq!(document(&body).next, next, "{pagination}");
        }
    }

    #[test]
    fn each_failure_is_told_by_its_status_and_its_words() {
        let envelope = |error: &str, details: &str| {
            json!({"error": error, "error_description": "described", "details": details}).to_string()
        };
        let cases = [
            failure(401, &envelope("unauthenticated", "")),
            failure(403, "<html></html>"),
            failure(404, "\"Not found\""),
            failure(404, "<html>nothing</html>"),
            failure(422, &envelope("x", "the value is odd")),
            failure(402, &envelope("trial_expired", "")),
            failure(409, "{"),
            failure(500, ""),
            failure(503, &envelope("throttled", "try later")),
            failure(503, &envelope("not_implemented", "")),
            failure(503, r#"{"error":"x","details":"Not implemented"}"#),
            failure(503, &envelope("unavailable", "the server is being stopped")),
            failure(503, "<html>"),
            failure(200, "<html><head><title> Sign in </title>"),
            failure(200, "<!doctype html>"),
            failure(200, r#"{"response":[{"#),
            failure(200, "OK"),
            failure(200, ""),
        ];
        insta::assert_snapshot!(cases.join("\n"), @r#"
        profile prod (h) does not know the token: described [stays]
        the token may not do that at profile prod (h) [stays]
        profile prod (h) has no such thing: Not found [stays]
        profile prod (h) has no such thing [stays]
        profile prod (h) refused it (422): the value is odd [stays]
        profile prod (h) refused it (402): described [stays]
        profile prod (h) refused it (409) [stays]
        profile prod (h) failed (500) [may pass]
        profile prod (h) is asked too often and takes no more for now: try later [may pass]
        profile prod (h) does not have that: described [stays]
        profile prod (h) does not have that: Not implemented [stays]
        profile prod (h) failed (503): the server is being stopped [may pass]
        profile prod (h) failed (503) [may pass]
        the answer of profile prod (h) is not understood: it is a web page, "Sign in" [stays]
        the answer of profile prod (h) is not understood: it is a web page [stays]
        the answer of profile prod (h) is not understood: its JSON ends in the middle [stays]
        the answer of profile prod (h) is not understood: it is no JSON [stays]
        the answer of profile prod (h) is not understood: it is empty [stays]
        "#);
    }

    #[test]
    fn a_redirect_is_said_without_its_query() {
        let mut came = reply(302, "");
        let mut leads = |to: &'static str| {
            came.headers.insert(LOCATION, HeaderValue::from_static(to));
            who().understand(&came).unwrap_err().to_string()
        };
        assert_eq!(
            leads("https://login.example.com/in?token=hunter2"),
            "profile prod (h) leads elsewhere (302), to https://login.example.com/in"
        );
        assert_eq!(leads("/login?next=x"), "profile prod (h) leads elsewhere (302), to /login");
    }
}
