//! The secret URLs by which apps are deployed from outside.

use jiff::Timestamp;
use sqlx::Executor;
use sqlx::sqlite::Sqlite;

use crate::store::{Result, Store};

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
        let mut transaction = self.write().await?;
        let old = sqlx::query(
            "UPDATE redeployment_hooks SET valid_until = $2 WHERE app_uid = $1 AND (valid_until IS NULL OR valid_until > $2)",
        );
        self.run(old.bind(app_uid.to_owned()).bind(old_until.as_millisecond()), &mut *transaction).await?;
        let gone = sqlx::query("DELETE FROM redeployment_hooks WHERE valid_until <= $1").bind(now.as_millisecond());
        self.run(gone, &mut *transaction).await?;
        self.insert_hook(&mut transaction, app_uid, new, now).await?;
        transaction.commit().await.map_err(|error| self.failed(error))
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

    /// The redeployment hook whose URL has this first part, if it is valid now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find_redeployment_hook(&self, first: &str, now: Timestamp) -> Result<Option<KnownHook>> {
        let query = sqlx::query(
            "SELECT app_uid, second FROM redeployment_hooks
             WHERE first = $1 AND (valid_until IS NULL OR valid_until > $2)",
        );
        let query = query.bind(first.to_owned()).bind(now.as_millisecond());
        let known: Option<(String, String)> = self.first(query, &self.reader).await?;
        Ok(known.map(|(app_uid, second)| KnownHook { app_uid, second }))
    }
}
