//! Answers, and errors with the controller's words and shapes.

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};

use crate::store::StoreError;

/// The type of what is for people: the one page, which says that there is no such route.
pub(super) const PAGE: &str = "text/html";

/// An answer other than a handler's own.
#[derive(Debug)]
pub(super) enum Reply {
    /// What was sent cannot be used; the words are the controller's where it has some.
    Invalid(String),
    /// The same, by field.
    InvalidFields(Value),
    /// There is no token.
    NoToken,
    /// The token is nobody's.
    UnknownToken,
    /// The token may not do this.
    Forbidden,
    /// There is no such thing as is named: `App`, `Release`.
    NotFound(&'static str),
    /// There is no such route.
    NoSuchPage(String),
    /// The route has no such method.
    MethodNotAllowed(Method),
    /// A body took too long.
    TooSlow,
    /// It cannot be done as things are.
    Conflict(String),
    /// A body is too large.
    TooLarge,
    /// A body is of a kind that is not read.
    UnknownMediaType(String),
    /// It cannot be done now.
    Unavailable(String),
}

type Result<T> = std::result::Result<T, Reply>;

/// What a handler gives.
pub(super) type Answer = Result<Response>;

impl From<StoreError> for Reply {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Paused => Self::Conflict(error.to_string()),
            // Where the store is, is not for everybody.
            _ => Self::Unavailable("the store cannot be read or written now".to_owned()),
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(detail) => refused(StatusCode::BAD_REQUEST, &detail),
            Self::InvalidFields(fields) => json_reply(StatusCode::BAD_REQUEST, &fields),
            Self::NoToken => unauthorized("Authentication credentials were not provided."),
            Self::UnknownToken => unauthorized("Invalid token."),
            Self::Forbidden => refused(StatusCode::FORBIDDEN, "You do not have permission to perform this action."),
            Self::NotFound(what) => json_reply(StatusCode::NOT_FOUND, &format!("No {what} matches the given query.")),
            Self::NoSuchPage(path) => typed(StatusCode::NOT_FOUND, PAGE, no_such_page(&path)),
            Self::MethodNotAllowed(method) => {
                refused(StatusCode::METHOD_NOT_ALLOWED, &format!("Method \"{method}\" not allowed."))
            }
            Self::TooSlow => refused(StatusCode::REQUEST_TIMEOUT, "The request's body took too long."),
            Self::Conflict(detail) => refused(StatusCode::CONFLICT, &detail),
            Self::TooLarge => refused(StatusCode::PAYLOAD_TOO_LARGE, "The request's body is too large."),
            Self::UnknownMediaType(kind) => {
                let detail = format!("Unsupported media type \"{kind}\" in request.");
                refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, &detail)
            }
            Self::Unavailable(detail) => refused(StatusCode::SERVICE_UNAVAILABLE, &detail),
        }
    }
}

/// A value as an answer.
pub(super) fn json_reply(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => typed(status, "application/json", text),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "Server Error"),
    }
}

/// A text as an answer of this type: the controller names no character set.
pub(super) fn typed(status: StatusCode, kind: &'static str, body: impl IntoResponse) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}

fn refused(status: StatusCode, detail: &str) -> Response {
    typed(status, "application/json", json!({ "detail": detail }).to_string())
}

fn unauthorized(detail: &str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"))];
    (challenge, refused(StatusCode::UNAUTHORIZED, detail)).into_response()
}

/// The controller's web framework knows no such address, and says so to people.
fn no_such_page(path: &str) -> String {
    let path = path.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<h1>Not Found</h1><p>The requested URL {path} was not found on this server.</p>")
}

#[cfg(test)]
mod tests {
    use super::no_such_page;

    #[test]
    fn an_address_cannot_bring_markup_into_the_page_that_says_it_is_unknown() {
        let page = "<h1>Not Found</h1><p>The requested URL /v2/&lt;b&gt;&amp; was not found on this server.</p>";
        assert_eq!(no_such_page("/v2/<b>&"), page);
    }
}
