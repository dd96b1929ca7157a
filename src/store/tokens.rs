//! Tokens of the API. Their text is not in the store, only its SHA-256.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::token::{Scopes, TokenHash};
use crate::store::rows::{FromRow, parsed, time};
use crate::store::{Result, Store};

/// A token as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TokenRecord {
    /// What it is called; the user of what it asks for.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether a token was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It was.
    Yes,
    /// There is one of that name already.
    NameIsTaken,
}

impl Store {
    /// Adds a token.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_token(&self, hash: TokenHash, name: &str, scopes: Scopes, now: Timestamp) -> Result<Added> {
        let query = sqlx::query(
            "INSERT INTO tokens (hash, name, scopes, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
        );
        let query = query.bind(hash.to_string()).bind(name.to_owned());
        let query = query.bind(scopes.to_string()).bind(now.as_millisecond());
        Ok(if self.run(query, &self.writer).await? == 0 { Added::NameIsTaken } else { Added::Yes })
    }

    /// The token whose text has this hash, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn token(&self, hash: TokenHash) -> Result<Option<TokenRecord>> {
        let query = sqlx::query("SELECT name, scopes, created_at FROM tokens WHERE hash = $1").bind(hash.to_string());
        self.first(query, &self.reader).await
    }

    /// All tokens, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tokens(&self) -> Result<Vec<TokenRecord>> {
        self.all(sqlx::query("SELECT name, scopes, created_at FROM tokens ORDER BY name"), &self.reader).await
    }

    /// Removes the token of a name; says whether there was one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn revoke_token(&self, name: &str) -> Result<bool> {
        let query = sqlx::query("DELETE FROM tokens WHERE name = $1").bind(name.to_owned());
        Ok(self.run(query, &self.writer).await? > 0)
    }
}

impl FromRow for TokenRecord {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self { name: row.try_get("name")?, scopes: parsed(row, "scopes")?, created_at: time(row, "created_at")? })
    }
}
