//! The store: everything that outlives a command. All SQL of the program is in this module, in a text that
//! SQLite and PostgreSQL both understand. A limit is written `LIMIT CAST($1 AS BIGINT)`: SQLite would compile a statement with
//! `LIMIT $1` anew each time that a number is bound to it.

pub mod accept;
pub mod actions;
pub mod apps;
mod bell;
pub mod claims;
pub mod clock;
pub mod deliveries;
pub mod deployments;
pub mod engines;
pub mod enqueue;
pub mod host_deployments;
pub mod lock;
pub mod log;
mod open;
mod precedence;
pub mod pushes;
pub mod redeployment_hooks;
pub mod releases;
mod rows;
pub mod settings;
pub mod settle;
pub mod tokens;
mod writes;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use sqlx::sqlite::{Sqlite, SqlitePool};
use sqlx::{Executor, Transaction};

pub use crate::store::bell::{Bell, News};
pub use crate::store::open::{Folder, file_of};

use crate::store::precedence::Precedence;
use crate::store::redeployment_hooks::KnownHooks;

/// The store of apps, settings, deployments, releases and logs.
#[derive(Debug, Clone)]
pub struct Store {
    reader: SqlitePool,
    /// One connection: this process's writers wait for each other here, in order, and not in the database.
    writer: SqlitePool,
    boot: Arc<str>,
    path: PathBuf,
    precedence: Arc<Precedence>,
    /// The redeployment hooks that were asked for lately.
    hooks: Arc<Mutex<KnownHooks>>,
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
    /// A file for locks cannot be made.
    #[error("could not lock {path}")]
    Lock {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine can no longer write about what it was running.
    #[error("the lease of this engine ran out, so another may have taken over")]
    LeaseLost,
    /// Deployments of the app are paused, and nobody insists.
    #[error("deployments of this app are paused")]
    Paused,
}

/// Which part of a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    /// How many come before it.
    pub after: u64,
    /// The most that it holds.
    pub most: u64,
}

/// How many a whole list holds.
pub type Count = u64;

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
        self.precedence.of_hooks().await;
        self.write_now().await
    }

    async fn write_now(&self) -> Result<Writing> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.failed(error))
    }

    /// Ends a transaction, and tells who listens.
    async fn commit(&self, transaction: Writing, news: News) -> Result<()> {
        transaction.commit().await.map_err(|error| self.failed(error))?;
        self.ring(news);
        Ok(())
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
