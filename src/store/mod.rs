//! The store: everything that outlives a command. All SQL of the program is in this module, in a text that
//! SQLite and PostgreSQL both understand.

pub mod apps;
pub mod claims;
pub mod deployments;
pub mod log;
mod open;
pub mod releases;
mod rows;
pub mod settings;

use std::path::{Path, PathBuf};

use sqlx::sqlite::{Sqlite, SqlitePool};
use sqlx::{Executor, Transaction};

pub use crate::store::open::{Folder, file_of};

/// The store of apps, settings, deployments, releases and logs.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    path: PathBuf,
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address is none that this version knows.
    #[error("{0:?} is no address of a store: write it like `sqlite:/var/lib/hookbelt/hookbelt.db`")]
    Address(String),
    /// Its file or folder cannot be made or opened.
    #[error("could not open the store {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system or the database said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A newer hookbelt wrote it.
    #[error("the store {path} was written by a newer hookbelt (its version is {found}, this one knows {known})")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of the store.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A read or write failed.
    #[error("the store {path} could not be read or written")]
    Query {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: sqlx::Error,
    },
    /// Another engine has taken over what this one was running.
    #[error("another engine has taken over: the lease of this one ran out")]
    LeaseLost,
}

type Result<T> = std::result::Result<T, StoreError>;
type Writing = Transaction<'static, Sqlite>;

impl Store {
    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder beside the database that holds mirrors and checkouts.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".files");
        name.into()
    }

    fn failed(&self, source: sqlx::Error) -> StoreError {
        StoreError::Query { path: self.path.clone(), source }
    }

    /// A transaction that may write from its first statement on, so that it never has to give up half-way.
    async fn write(&self) -> Result<Writing> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.failed(error))
    }

    async fn commit(&self, transaction: Writing) -> Result<()> {
        transaction.commit().await.map_err(|error| self.failed(error))
    }

    async fn all<'e, T: FromRow, E: Executor<'e, Database = Sqlite>>(&self, query: Query<'e>, on: E) -> Result<Vec<T>> {
        let rows = query.fetch_all(on).await.map_err(|error| self.failed(error))?;
        rows.iter().map(T::from_row).collect::<std::result::Result<_, _>>().map_err(|error| self.failed(error))
    }

    async fn first<'e, T: FromRow, E: Executor<'e, Database = Sqlite>>(
        &self,
        query: Query<'e>,
        on: E,
    ) -> Result<Option<T>> {
        let row = query.fetch_optional(on).await.map_err(|error| self.failed(error))?;
        row.as_ref().map(T::from_row).transpose().map_err(|error| self.failed(error))
    }

    /// Runs a statement; says how many rows it changed.
    async fn run<'e, E: Executor<'e, Database = Sqlite>>(&self, query: Query<'e>, on: E) -> Result<u64> {
        query.execute(on).await.map(|done| done.rows_affected()).map_err(|error| self.failed(error))
    }
}

use crate::store::rows::{FromRow, Query};
