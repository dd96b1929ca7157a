//! Engines: processes that run deployments, and the apps that a `hookbelt serve` has.
//!
//! An engine lives as long as its lease is renewed. That its process is gone is known sooner: it holds a lock on a file.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Executor, Row};

use crate::store::clock::Monotonic;
use crate::store::lock;
use crate::store::rows::{FromRow, signed, unsigned};
use crate::store::{News, Result, Store, StoreError};

/// Locked for as long as an engine's process lives.
#[derive(Debug)]
pub struct Life {
    path: PathBuf,
    _file: File,
}

/// How a `hookbelt serve` has an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedBy {
    /// The manifest that it goes by.
    pub manifest: PathBuf,
    /// Where it answers.
    pub address: Address,
}

/// Where a `hookbelt serve` answers, without a `/` at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The origin at which it listens; nobody has said that it is reached there from elsewhere.
    Listening(String),
    /// The URL by which it is reached from elsewhere.
    Public(String),
}

impl Address {
    /// The URL.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Listening(url) | Self::Public(url) => url,
        }
    }
}

impl FromRow for (String, ServedBy) {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let (manifest, url): (String, String) = (row.try_get("manifest")?, row.try_get("address")?);
        let address = if unsigned(row, "is_public")? == 1 { Address::Public(url) } else { Address::Listening(url) };
        Ok((row.try_get("engine_uid")?, ServedBy { manifest: manifest.into(), address }))
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl Store {
    /// Adds an engine with a lease that begins now, and forgets those that are gone.
    ///
    /// # Errors
    /// When the store or the file cannot be written.
    pub async fn add_engine(&self, uid: &str, lease: Duration) -> Result<Life> {
        let path = self.life_of(uid);
        let locked = lock::open(&path).and_then(|file| file.try_lock().map(|()| file).map_err(std::io::Error::from));
        let file = locked.map_err(|source| StoreError::Lock { path: path.clone(), source })?;
        let life = Life { path, _file: file };
        let mut transaction = self.write().await?;
        let gone = sqlx::query(
            "DELETE FROM engines WHERE (boot <> $1 OR lease_until < $2) AND uid NOT IN (SELECT engine_uid FROM claims)
             RETURNING uid",
        );
        let gone = gone.bind(self.boot.to_string()).bind(signed(Monotonic::now().milliseconds()));
        let gone: Vec<String> = self.all(gone, &mut *transaction).await?;
        let unserved = sqlx::query("DELETE FROM served_apps WHERE engine_uid NOT IN (SELECT uid FROM engines)");
        self.run(unserved, &mut *transaction).await?;
        let engine = sqlx::query("INSERT INTO engines (uid, boot, lease_until) VALUES ($1, $2, $3)");
        let until = signed(Monotonic::now().after(lease).milliseconds());
        self.run(engine.bind(uid.to_owned()).bind(self.boot.to_string()).bind(until), &mut *transaction).await?;
        self.commit(transaction, News::Queue).await?;
        for uid in gone {
            let _ = fs::remove_file(self.life_of(&uid));
        }
        Ok(life)
    }

    /// Renews an engine's lease.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another engine has taken over, or when the store cannot be written.
    pub async fn renew(&self, uid: &str, until: Monotonic) -> Result<()> {
        let query = sqlx::query("UPDATE engines SET lease_until = $2 WHERE uid = $1 AND lease_until > $3");
        let now = signed(Monotonic::now().milliseconds());
        let query = query.bind(uid.to_owned()).bind(signed(until.milliseconds())).bind(now);
        if self.run(query, &self.writer).await? == 0 { Err(StoreError::LeaseLost) } else { Ok(()) }
    }

    /// Removes an engine that has ended.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remove_engine(&self, uid: &str) -> Result<()> {
        self.stop_serving(uid).await?;
        let query = sqlx::query("DELETE FROM engines WHERE uid = $1").bind(uid.to_owned());
        self.run(query, &self.writer).await.map(drop)
    }

    /// Notes that an engine runs whatever is queued for these apps and no others, each as its manifest says, and where it
    /// answers.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn serve_apps<'a>(
        &self,
        uid: &str,
        address: &Address,
        apps: impl IntoIterator<Item = (&'a str, &'a Path)>,
    ) -> Result<()> {
        let mut transaction = self.write().await?;
        let before = sqlx::query("DELETE FROM served_apps WHERE engine_uid = $1").bind(uid.to_owned());
        self.run(before, &mut *transaction).await?;
        for (app_uid, manifest) in apps {
            let query = sqlx::query(
                "INSERT INTO served_apps (app_uid, engine_uid, manifest, address, is_public) VALUES ($1, $2, $3, $4, $5)",
            );
            let query = query.bind(app_uid.to_owned()).bind(uid.to_owned());
            let query = query.bind(manifest.to_string_lossy().into_owned()).bind(address.url().to_owned());
            let query = query.bind(i64::from(matches!(address, Address::Public(_))));
            self.run(query, &mut *transaction).await?;
        }
        self.commit(transaction, News::Queue).await
    }

    /// Notes that an engine takes no more deployments of any app.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn stop_serving(&self, uid: &str) -> Result<()> {
        let query = sqlx::query("DELETE FROM served_apps WHERE engine_uid = $1").bind(uid.to_owned());
        self.run(query, &self.writer).await.map(drop)
    }

    /// The live `hookbelt serve` that runs an app's deployments, if there is one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn served_by(&self, app_uid: &str) -> Result<Option<ServedBy>> {
        let served = sqlx::query("SELECT engine_uid, manifest, address, is_public FROM served_apps WHERE app_uid = $1");
        for (engine, served) in self.all::<(String, ServedBy), _>(served.bind(app_uid.to_owned()), &self.reader).await?
        {
            if self.is_alive(&engine, &self.reader).await? {
                return Ok(Some(served));
            }
        }
        Ok(None)
    }

    /// Whether an engine's lease holds and its process is there.
    pub(super) async fn is_alive<'e, E: Executor<'e, Database = Sqlite>>(&self, uid: &str, on: E) -> Result<bool> {
        let query = sqlx::query("SELECT uid FROM engines WHERE uid = $1 AND boot = $2 AND lease_until > $3");
        let now = signed(Monotonic::now().milliseconds());
        let query = query.bind(uid.to_owned()).bind(self.boot.to_string()).bind(now);
        Ok(self.first::<String, _>(query, on).await?.is_some() && !self.has_ended(uid))
    }

    /// Whether nobody holds the engine's file any more; of a file that is not there nothing is known.
    fn has_ended(&self, uid: &str) -> bool {
        OpenOptions::new().read(true).open(self.life_of(uid)).is_ok_and(|life| life.try_lock_shared().is_ok())
    }

    fn life_of(&self, uid: &str) -> PathBuf {
        self.files().join("locks").join("engines").join(uid)
    }
}
