//! Opening a store: its address, its permissions, its version.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::future::ready;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, Row, SqlSafeStr};

use crate::domain::git_url::without_credentials;
use crate::store::{Result, Store, StoreError, clock};

const MIGRATIONS: [(i64, &str, &str); 6] = [
    (1, "initial", include_str!("migrations/0001_initial.sql")),
    (2, "serve", include_str!("migrations/0002_serve.sql")),
    (3, "continuous_deploy", include_str!("migrations/0003_continuous_deploy.sql")),
    (4, "deliveries", include_str!("migrations/0004_deliveries.sql")),
    (6, "received_hooks_of_push", include_str!("migrations/0006_received_hooks_of_push.sql")),
    (7, "deliveries_due_at_host", include_str!("migrations/0007_deliveries_due_at_host.sql")),
];

/// Whether the folder of a store may be made: one that somebody mistyped should not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// It is the usual place.
    MayBeMade,
    /// Somebody named it.
    MustExist,
}

/// The most connections that read at the same time.
const READERS: u32 = 2;

/// How long a writer waits for another process's write.
const BUSY: Duration = Duration::from_secs(30);

/// How much of the database a connection that reads holds in memory: 512 kB.
const READ_CACHE: &str = "-512";

/// The same for the one that writes, which would else read a page again for every hook of a burst: 4 MB.
const WRITE_CACHE: &str = "-4096";

/// How many statements the connection that writes keeps prepared: those of many hooks are one for each number of them, and hold some
/// 60 kB each.
const STATEMENTS: usize = 80;

/// The file that an address like `sqlite:/path/to/hookbelt.db` names.
///
/// # Errors
/// When it is no such address.
pub fn file_of(address: &str) -> Result<PathBuf> {
    let path = address.strip_prefix("sqlite://").or_else(|| address.strip_prefix("sqlite:"));
    match path {
        Some(path) if !path.is_empty() && !path.starts_with(':') && !path.contains('\0') => Ok(PathBuf::from(path)),
        _ => Err(StoreError::Address(without_credentials(address))),
    }
}

impl Store {
    /// Opens the store in `path`, making it, and its folder if it may be made, for their owner alone.
    ///
    /// # Errors
    /// When it cannot be opened, or when a newer hookbelt wrote it; then it is left as it is.
    pub async fn open(path: &Path, folder: Folder) -> Result<Self> {
        let path = std::path::absolute(path).map_err(|source| open_error(path, source))?;
        make_private(&path, folder).map_err(|source| open_error(&path, source))?;
        // Two first commands at once: SQLite lets neither wait for the other while one of them makes the database.
        let _lock = lock(&path).map_err(|source| open_error(&path, source))?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        // SQLite itself rolls back what fails for want of disk, and sqlx then believes for ever to be in a transaction.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(ready(Ok(!connection.is_in_transaction()))));
        let writer = writer
            .connect_with(options.clone().pragma("cache_size", WRITE_CACHE).statement_cache_capacity(STATEMENTS))
            .await
            .map_err(|source| open_error(&path, source))?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("cache_size", READ_CACHE));
        let store = Self {
            reader,
            writer,
            boot: clock::boot().into(),
            path,
            precedence: Arc::default(),
            hooks: Arc::default(),
        };
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the tables up to date.
    async fn migrate(&self) -> Result<()> {
        let known = MIGRATIONS.last().map_or(0, |(version, ..)| *version);
        let found = self.version().await?;
        if found == known {
            return Ok(());
        }
        if found > known {
            return Err(StoreError::Newer { path: self.path.clone(), found, known });
        }
        let migrations = MIGRATIONS.map(|(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        });
        let migrated = Migrator::with_migrations(migrations.into()).run(&self.writer).await;
        migrated.map_err(|source| open_error(&self.path, source))
    }

    /// The newest migration that was applied; 0 for a new store.
    async fn version(&self) -> Result<i64> {
        let tables = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
        let newest = "SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations";
        let number = async |sql: &'static str| -> Result<i64> {
            let row =
                sqlx::query(sql).fetch_one(&self.writer).await.map_err(|source| open_error(&self.path, source))?;
            row.try_get(0).map_err(|error| self.failed(error))
        };
        if number(tables).await? == 0 { Ok(0) } else { number(newest).await }
    }
}

/// Opening a store is for one process at a time.
fn lock(path: &Path) -> std::io::Result<File> {
    let mut name = path.to_owned().into_os_string();
    name.push(".lock");
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(name)?;
    file.lock()?;
    Ok(file)
}

fn open_error(path: &Path, source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Open { path: path.to_owned(), source: Box::new(source) }
}

/// Makes the database file and its folder for their owner alone; SQLite gives its other files the same mode.
fn make_private(path: &Path, folder: Folder) -> std::io::Result<()> {
    if let (Some(parent), Folder::MayBeMade) = (path.parent(), folder) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::metadata(path).map(drop),
    }
}
