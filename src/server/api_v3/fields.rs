//! The fields of a request's body, however the client sends them: as a JSON object, as a form, in the query, or not
//! at all.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::form_urlencoded;

use crate::config::user_file::Limits;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::Failure;
use crate::server::receive::{Unreadable, whole};

/// Fields and their values. A field that is null or an empty text is as good as absent.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a request's; what its body says goes before what its query says.
    pub(super) async fn read(request: Request, limits: &Limits) -> Result<Self, Failure> {
        let (head, body) = request.into_parts();
        let body = timeout(limits.request_body, whole(body)).await.map_err(|_| Failure::timed_out())?;
        let body = body.map_err(|why| match why {
            Unreadable::BodyTooLarge => Failure::too_large(),
            why => Failure::bad_request(why.to_string()),
        })?;
        let query = Query::of(head.uri.query().unwrap_or_default());
        let mut fields = Self::of_pairs(query.pairs());
        fields.0.extend(Self::of_body(&body, is_form(&head.headers))?.0);
        Ok(fields)
    }

    /// A body that begins like an object is JSON, whatever its type says: `curl -d` calls all it sends a form.
    fn of_body(body: &[u8], is_form: bool) -> Result<Self, Failure> {
        let body = body.trim_ascii();
        if body.is_empty() || body == b"null" {
            return Ok(Self::default());
        }
        if is_form && !body.starts_with(b"{") {
            return Ok(Self::of_pairs(form_urlencoded::parse(body)));
        }
        let fields = serde_json::from_slice(body).map(Self);
        fields.map_err(|error| Failure::bad_request(format!("the body must be a JSON object or a form: {error}")))
    }

    /// Several values of a field, or a field `name[]`, are a list.
    fn of_pairs(pairs: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Self {
        let mut fields = Map::new();
        for (key, value) in pairs {
            let (key, value) = (key.as_ref(), Value::from(value.as_ref()));
            let (key, begin) = match key.strip_suffix("[]") {
                Some(name) => (name, Some(Value::Array(Vec::new()))),
                None => (key, None),
            };
            let before = fields.remove(key).or(begin);
            let value = match before {
                Some(Value::Array(mut values)) => {
                    values.push(value);
                    Value::Array(values)
                }
                Some(before) => Value::Array(vec![before, value]),
                None => value,
            };
            fields.insert(key.to_owned(), value);
        }
        Self(fields)
    }

    /// What a field holds, if it holds anything.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// A field that is a text.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Failure> {
        let text = |value: &'_ Value| value.as_str().is_some();
        match self.get(name) {
            Some(value) if !text(value) => Err(Failure::bad_request(format!("`{name}` must be a text"))),
            value => Ok(value.and_then(Value::as_str)),
        }
    }

    /// A field that is a list of texts, or one text with commas between them. An empty list is as good as none.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, Failure> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(text.split(',').map(str::trim).collect()),
            Some(Value::Array(values)) if values.iter().all(Value::is_string) => {
                Ok(values.iter().filter_map(Value::as_str).collect())
            }
            Some(_) => Err(Failure::bad_request(format!("`{name}` must be a list of texts, or one with commas"))),
        }
    }

    /// A field that is a boolean; a form can only hold a word for it.
    pub(super) fn switch(&self, name: &str) -> Result<bool, Failure> {
        match self.get(name) {
            None | Some(Value::Bool(false)) => Ok(false),
            Some(Value::Bool(true)) => Ok(true),
            Some(Value::String(word)) if word == "true" || word == "1" => Ok(true),
            Some(Value::String(word)) if word == "false" || word == "0" => Ok(false),
            Some(_) => Err(Failure::bad_request(format!("`{name}` must be true or false"))),
        }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(body: &str, is_form: bool) -> Option<Value> {
        Fields::of_body(body.as_bytes(), is_form).ok().map(|fields| Value::Object(fields.0))
    }

    #[test]
    fn a_body_is_an_object_a_form_or_nothing() {
        for (body, is_form, expected) in [
            ("", false, Some(json!({}))),
            (" \n", true, Some(json!({}))),
            ("null", false, Some(json!({}))),
            (r#"{"git_ref":"v1","services":null}"#, false, Some(json!({"git_ref": "v1", "services": null}))),
            (r#"{"value":"true"}"#, true, Some(json!({"value": "true"}))),
            ("value=on&x=a+b", true, Some(json!({"value": "on", "x": "a b"}))),
            ("services[]=a", true, Some(json!({"services": ["a"]}))),
            ("services=a&services=b&services=c", true, Some(json!({"services": ["a", "b", "c"]}))),
            ("[1]", false, None),
            ("value=on", false, None),
            ("{", true, None),
        ] {
            assert_eq!(fields(body, is_form), expected, "{body}");
        }
    }

    #[test]
    fn a_field_has_the_type_that_it_should_have() {
        let body = json!({"a": "x", "b": ["x", "y"], "c": 1, "d": true, "e": "", "f": null, "g": "x, y", "h": "1"});
        let fields = Fields(body.as_object().unwrap().clone());
        assert_eq!(fields.text("a").ok(), Some(Some("x")));
        assert!(["e", "f", "z"].iter().all(|name| fields.text(name).ok() == Some(None)));
        assert!(["b", "c", "d"].iter().all(|name| fields.text(name).is_err()));
        assert_eq!((fields.texts("b").ok(), fields.texts("g").ok()), (Some(vec!["x", "y"]), Some(vec!["x", "y"])));
        assert!(["c", "d"].iter().all(|name| fields.texts(name).is_err()));
        assert_eq!(
            (fields.switch("d").ok(), fields.switch("h").ok(), fields.switch("e").ok()),
            (Some(true), Some(true), Some(false))
        );
        assert!(["a", "b", "c"].iter().all(|name| fields.switch(name).is_err()));
    }
}
