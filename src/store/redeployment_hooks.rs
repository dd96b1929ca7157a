//! The secret URLs by which apps are deployed from outside.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};
use std::time::SystemTime;

use jiff::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Executor, Row};

use crate::store::lock;
use crate::store::rows::{FromRow, maybe_time};
use crate::store::{Result, Store, StoreError};

/// The two secret parts of a redeployment hook's URL, 32 hex digits each.
#[derive(Clone, PartialEq, Eq)]
pub struct HookKey {
    /// By which it is looked up.
    pub first: String,
    /// Which is compared.
    pub second: String,
}

/// A redeployment hook that is valid now.
#[derive(Clone)]
pub struct KnownHook {
    /// The app it deploys.
    pub app_uid: String,
    /// The second part of its URL.
    pub second: String,
    /// Until when, once another has taken its place.
    valid_until: Option<Timestamp>,
}

impl fmt::Debug for KnownHook {
    /// The parts of its URL are secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KnownHook").field("app_uid", &self.app_uid).finish_non_exhaustive()
    }
}

impl Store {
    /// The redeployment hook of an app; `new` is added if there is none.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn redeployment_hook(&self, app_uid: &str, new: &HookKey, now: Timestamp) -> Result<HookKey> {
        if let Some(known) = self.hook_of_app(app_uid, &self.reader).await? {
            return Ok(known);
        }
        let mut transaction = self.write().await?;
        if let Some(known) = self.hook_of_app(app_uid, &mut *transaction).await? {
            return Ok(known);
        }
        self.insert_hook(&mut transaction, app_uid, new, now).await?;
        transaction.commit().await.map_err(|error| self.failed(error))?;
        Ok(new.clone())
    }

    async fn hook_of_app<'e, E: Executor<'e, Database = Sqlite>>(
        &self,
        app_uid: &str,
        on: E,
    ) -> Result<Option<HookKey>> {
        let query =
            sqlx::query("SELECT first, second FROM redeployment_hooks WHERE app_uid = $1 AND valid_until IS NULL");
        let known: Option<(String, String)> = self.first(query.bind(app_uid.to_owned()), on).await?;
        Ok(known.map(|(first, second)| HookKey { first, second }))
    }

    /// Makes another redeployment hook the app's; those before are valid until then, and no longer than they were.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn rotate_redeployment_hook(
        &self,
        app_uid: &str,
        new: &HookKey,
        old_until: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        // Before, so that nothing is changed that others do not hear of; and after, for those who have looked in between.
        self.say_that_hooks_change()?;
        let mut transaction = self.write().await?;
        let old = sqlx::query(
            "UPDATE redeployment_hooks SET valid_until = $2 WHERE app_uid = $1 AND (valid_until IS NULL OR valid_until > $2)",
        );
        self.run(old.bind(app_uid.to_owned()).bind(old_until.as_millisecond()), &mut *transaction).await?;
        let gone = sqlx::query("DELETE FROM redeployment_hooks WHERE valid_until <= $1").bind(now.as_millisecond());
        self.run(gone, &mut *transaction).await?;
        self.insert_hook(&mut transaction, app_uid, new, now).await?;
        transaction.commit().await.map_err(|error| self.failed(error))?;
        self.say_that_hooks_change()
    }

    async fn insert_hook(
        &self,
        transaction: &mut crate::store::Writing,
        app_uid: &str,
        new: &HookKey,
        now: Timestamp,
    ) -> Result<()> {
        let insert =
            sqlx::query("INSERT INTO redeployment_hooks (first, second, app_uid, created_at) VALUES ($1, $2, $3, $4)");
        let insert = insert.bind(new.first.clone()).bind(new.second.clone()).bind(app_uid.to_owned());
        self.run(insert.bind(now.as_millisecond()), &mut **transaction).await.map(drop)
    }

    /// The redeployment hook whose URL has this first part, if it is valid now. What was found is kept until hooks change:
    /// most requests are for the same few hooks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find_redeployment_hook(&self, first: &str, now: Timestamp) -> Result<Option<KnownHook>> {
        let changed = self.hooks_changed();
        let kept = self.kept_hooks(changed).hooks.get(first).cloned();
        let known = match kept {
            Some(known) => Some(known),
            None => self.read_hook(first).await?,
        };
        if let Some(known) = &known {
            self.kept_hooks(changed).hooks.insert(first.to_owned(), known.clone());
        }
        Ok(known.filter(|known| known.valid_until.is_none_or(|until| until > now)))
    }

    async fn read_hook(&self, first: &str) -> Result<Option<KnownHook>> {
        let query = sqlx::query("SELECT app_uid, second, valid_until FROM redeployment_hooks WHERE first = $1");
        self.first(query.bind(first.to_owned()), &self.reader).await
    }

    /// What is kept, if it is still true.
    fn kept_hooks(&self, changed: Option<SystemTime>) -> MutexGuard<'_, KnownHooks> {
        let mut kept = self.hooks.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.changed != changed {
            *kept = KnownHooks { changed, hooks: HashMap::new() };
        }
        kept
    }

    /// When the hooks of this store last changed, in whichever process; none if they never did.
    fn hooks_changed(&self) -> Option<SystemTime> {
        fs::metadata(self.hooks_file()).and_then(|file| file.modified()).ok()
    }

    /// Lets every process forget the hooks that it keeps.
    fn say_that_hooks_change(&self) -> Result<()> {
        let path = self.hooks_file();
        let told = lock::open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        told.map_err(|source| StoreError::Lock { path, source })
    }

    fn hooks_file(&self) -> PathBuf {
        self.files().join("bells").join("hooks")
    }
}

/// What is kept of the store's hooks.
#[derive(Debug, Default)]
pub(super) struct KnownHooks {
    /// The state of the store that they are of.
    changed: Option<SystemTime>,
    /// By the first part of their URLs.
    hooks: HashMap<String, KnownHook>,
}

impl FromRow for KnownHook {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let valid_until = maybe_time(row, "valid_until")?;
        Ok(Self { app_uid: row.try_get("app_uid")?, second: row.try_get("second")?, valid_until })
    }
}
