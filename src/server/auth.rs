//! Who calls the API: the token of a request, and what it may do.

use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::domain::token::{Scopes, TokenHash};
use crate::server::site::Site;
use crate::store::StoreError;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's name: the user of what is asked for.
    pub name: String,
    /// What the token may do.
    pub scopes: Scopes,
    /// What is kept of it.
    pub token: TokenHash,
}

/// The word before a token, which a route may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// `Bearer`
    Bearer,
    /// `token`, as Workflow's clients send; `Bearer` is understood too.
    Token,
}

/// The token of a request, if it has one: keyword, blanks, token; the keyword in any case.
pub(super) fn presented(headers: &HeaderMap, keyword: Keyword) -> Option<&str> {
    let (word, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let is_known =
        word.eq_ignore_ascii_case("bearer") || keyword == Keyword::Token && word.eq_ignore_ascii_case("token");
    is_known.then(|| token.trim())
}

impl Site {
    /// Who sent a request; nobody if its token is missing or unknown. Tokens are found by their hash, so that the time this
    /// takes tells nothing of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn caller(self: &Arc<Self>, headers: &HeaderMap, keyword: Keyword) -> Result<Option<Caller>, StoreError> {
        let Some(text) = presented(headers, keyword) else {
            return Ok(None);
        };
        self.caller_of(text).await
    }

    /// Whose token this is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn caller_of(self: &Arc<Self>, token: &str) -> Result<Option<Caller>, StoreError> {
        let token = TokenHash::of(token);
        let record = self.store.token(token).await?;
        Ok(record.map(|record| Caller { name: record.name, scopes: record.scopes, token }))
    }
}
