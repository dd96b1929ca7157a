//! What is answered: the envelope of a result, of a list's page, and of an error.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::domain::causes::with_causes;
use crate::domain::plan::Refusal;
use crate::domain::setting::SettingError;
use crate::domain::token::Scope;
use crate::engine::EngineError;
use crate::server::api_v3::query::Page;
use crate::store::{Count, StoreError};

/// A result, or why there is none.
pub(super) type Reply = Result<Response, Failure>;

/// Why a request is not done: a status, its word, and what exactly is wrong.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    word: &'static str,
    details: String,
    trouble: Option<Trouble>,
}

/// What is wrong with the server itself: who runs it is told, and nobody else.
#[derive(Debug, Clone)]
pub(super) struct Trouble(pub(super) String);

impl Failure {
    fn new(status: StatusCode, word: &'static str, details: impl Into<String>) -> Self {
        Self { status, word, details: details.into(), trouble: None }
    }

    pub(super) fn bad_request(details: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", details)
    }

    pub(super) fn unauthenticated() -> Self {
        let details = "the header `Authorization: Bearer TOKEN` is missing, or its token is unknown or revoked";
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", details)
    }

    pub(super) fn forbidden(scope: Scope) -> Self {
        let details = format!("this needs a token with the scope `{}`", scope.word());
        Self::new(StatusCode::FORBIDDEN, "forbidden", details)
    }

    pub(super) fn not_found(details: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", details)
    }

    pub(super) fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this method is not offered here")
    }

    pub(super) fn timed_out() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "time_out", "the body of the request took too long to come")
    }

    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body of the request is larger than 1 MB")
    }

    pub(super) fn conflict(details: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", details)
    }

    pub(super) fn throttled(details: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "throttled", details)
    }

    pub(super) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the server is being stopped")
    }

    /// What failed stays here: it would tell of the machine.
    fn broken(error: &dyn std::error::Error) -> Self {
        let trouble = Some(Trouble(format!("the API could not answer: {}", with_causes(error))));
        let details = "the server could not do this now; try again later";
        Self { trouble, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", details) }
    }

    fn description(&self) -> &'static str {
        match self.word {
            "bad_request" => "The request is malformed, or asks for what cannot be",
            "unauthenticated" => "A token is needed",
            "forbidden" => "The token may not do this",
            "not_found" => "There is no such thing",
            "method_not_allowed" => "The method is not allowed",
            "time_out" => "The request took too long",
            "too_large" => "The request is too large",
            "conflict" => "The state of the stack is against it",
            "throttled" => "There is too much to do",
            _ => "The server cannot do this now",
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Paused => Self::conflict(
                "deployments of this stack are paused: set `deploy.paused` to false, or send `force` as true",
            ),
            error => Self::broken(&error),
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            error => Self::broken(&error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(error: Refusal) -> Self {
        let hint = error.hint().map(|hint| format!("; {hint}")).unwrap_or_default();
        Self::bad_request(with_causes(&error) + &hint)
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        match &error {
            SettingError::Unknown { .. } => Self::not_found(error.to_string()),
            SettingError::Readonly { .. } => Self::bad_request(format!("{error}: it is what the manifest says")),
            SettingError::NotBoolean { .. } => Self::bad_request(format!("{error}: it is `true` or `false`")),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let document = json!({
            "error": self.word,
            "error_description": self.description(),
            "details": self.details,
        });
        let mut response = (self.status, document_of(&document)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, axum::http::HeaderValue::from_static("Bearer"));
        }
        if let Some(trouble) = self.trouble {
            response.extensions_mut().insert(trouble);
        }
        response
    }
}

fn document_of(document: &Value) -> impl IntoResponse + use<> {
    ([(CONTENT_TYPE, "application/json; charset=utf-8")], document.to_string())
}

/// One thing.
pub(super) fn one(value: &Value) -> Response {
    document_of(&json!({ "response": value })).into_response()
}

/// A page of a list that has `all` in all.
pub(super) fn page(items: &[Value], page: Page, all: Count) -> Response {
    let pages = page.of(all);
    let document = json!({
        "response": items,
        "count": items.len(),
        "pagination": {
            "previous": (page.number > 1).then(|| (page.number - 1).min(pages)),
            "next": (page.number < pages).then_some(page.number + 1),
            "current": page.number,
            "per_page": page.size,
            "count": all,
            "pages": pages,
        },
    });
    document_of(&document).into_response()
}

/// A list without pages.
pub(super) fn list(items: &[Value]) -> Response {
    document_of(&json!({ "response": items, "count": items.len() })).into_response()
}

/// The page of a list that is all there.
pub(super) fn page_of(items: &[Value], page: Page) -> Response {
    let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(items.len());
    let slice = page.slice();
    let here = &items[at(slice.after)..at(slice.after.saturating_add(slice.most))];
    self::page(here, page, u64::try_from(items.len()).unwrap_or(u64::MAX))
}
