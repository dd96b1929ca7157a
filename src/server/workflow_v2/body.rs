//! A request's body: JSON or a form, bounded in size and time.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use tokio::time::timeout;
use url::form_urlencoded;

use crate::server::Site;
use crate::server::workflow_v2::reply::Reply;

/// The most bytes of a body: what is sent here is two words or a number.
const MAX_BODY: usize = 8 * 1024;

/// The fields of a body; an empty one has none.
#[derive(Debug)]
pub(super) struct Fields(pub(super) Map<String, Value>);

impl FromRequest<Arc<Site>> for Fields {
    type Rejection = Reply;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Reply> {
        let kind = media_type(request.headers());
        let body = timeout(site.limits.request_body, to_bytes(request.into_body(), MAX_BODY)).await;
        // A body that breaks off is told the same: nobody reads that answer.
        let body = body.map_err(|_| Reply::TooSlow)?.map_err(|_| Reply::TooLarge)?;
        fields(&kind, &body).map(Self)
    }
}

/// The type without its parameters, in small letters; without one it is taken for JSON.
fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
    let kind = kind.as_deref().and_then(|kind| kind.split(';').next()).unwrap_or_default().trim().to_owned();
    if kind.is_empty() { "application/json".to_owned() } else { kind }
}

fn fields(kind: &str, body: &[u8]) -> Result<Map<String, Value>, Reply> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match kind {
        "application/json" => match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(other) => {
                let text = format!("Invalid data. Expected a dictionary, but got {}.", python_type(&other));
                Err(Reply::InvalidFields(json!({ "non_field_errors": [text] })))
            }
            Err(error) => Err(Reply::Invalid(format!("JSON parse error - {error}"))),
        },
        "application/x-www-form-urlencoded" => {
            Ok(form_urlencoded::parse(body).map(|(key, value)| (key.into_owned(), value.into_owned().into())).collect())
        }
        other => Err(Reply::UnknownMediaType(other.to_owned())),
    }
}

/// What the controller's language calls the type of a value.
fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn json_and_forms_are_read_and_nothing_else() {
        let read = |kind: &str, body: &str| fields(kind, body.as_bytes()).map(Value::Object).ok();
        assert_eq!(read("application/json", ""), Some(json!({})));
        assert_eq!(read("application/json", "{\"version\": 2}"), Some(json!({ "version": 2 })));
        let form = "application/x-www-form-urlencoded";
        assert_eq!(read(form, "username=ci&password=a%20b"), Some(json!({ "username": "ci", "password": "a b" })));
        for (kind, body) in [("application/json", "[]"), ("application/json", "{"), ("text/xml", "<a/>")] {
            assert_eq!(read(kind, body), None, "{kind} {body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(kind in "application/(json|x-www-form-urlencoded)", body: Vec<u8>) {
            let _ = fields(&kind, &body);
        }
    }
}
