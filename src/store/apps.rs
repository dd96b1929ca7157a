//! Apps that the store knows.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sqlx::sqlite::SqliteRow;

use crate::domain::app::AppIdentity;
use crate::store::rows::{FromRow, maybe_time, time};
use crate::store::{Result, Store};

/// An app in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRecord {
    /// Its key in the store: 32 random hex digits.
    pub uid: String,
    /// Its name and environment.
    pub identity: AppIdentity,
    /// Where its manifest was when it was last used.
    pub manifest: PathBuf,
}

/// When something happened to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// When it was added.
    pub created_at: Timestamp,
    /// The last that happened to its newest deployment, if it has any.
    pub last: Option<Timestamp>,
}

impl FromRow for Activity {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let last = maybe_time(row, "ended_at")?.or(maybe_time(row, "started_at")?).or(maybe_time(row, "asked_at")?);
        Ok(Self { created_at: time(row, "created_at")?, last })
    }
}

impl Store {
    /// All apps, by name and environment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn apps(&self) -> Result<Vec<AppRecord>> {
        let query = sqlx::query("SELECT uid, name, environment, manifest FROM apps ORDER BY name, environment");
        self.all(query, &self.reader).await
    }

    /// The app of this identity; a new one is added, and a manifest that has moved is noted.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn register_app(
        &self,
        identity: &AppIdentity,
        manifest: &Path,
        new_uid: &str,
        now: Timestamp,
    ) -> Result<AppRecord> {
        let manifest = manifest.to_string_lossy().into_owned();
        if let Some(known) = self.app(identity).await?
            && known.manifest == Path::new(&manifest)
        {
            return Ok(known);
        }
        let query = sqlx::query(
            "INSERT INTO apps (uid, name, environment, manifest, created_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (name, environment) DO UPDATE SET manifest = excluded.manifest
             RETURNING uid, name, environment, manifest",
        );
        let query = query
            .bind(new_uid.to_owned())
            .bind(identity.name.as_str().to_owned())
            .bind(identity.environment.as_str().to_owned())
            .bind(manifest)
            .bind(now.as_millisecond());
        let record = self.first(query, &self.writer).await?;
        record.ok_or_else(|| self.failed(sqlx::Error::RowNotFound))
    }

    /// When an app was added, and when its newest deployment was last begun or ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn activity(&self, app_uid: &str) -> Result<Activity> {
        let query = sqlx::query(
            "SELECT a.created_at, d.created_at AS asked_at, d.started_at, d.ended_at
             FROM apps a LEFT JOIN deployments d ON d.id = (SELECT MAX(n.id) FROM deployments n WHERE n.app_uid = a.uid)
             WHERE a.uid = $1",
        );
        let found = self.first(query.bind(app_uid.to_owned()), &self.reader).await?;
        found.ok_or_else(|| self.failed(sqlx::Error::RowNotFound))
    }

    /// The app of exactly this identity.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn app(&self, identity: &AppIdentity) -> Result<Option<AppRecord>> {
        let query =
            sqlx::query("SELECT uid, name, environment, manifest FROM apps WHERE name = $1 AND environment = $2");
        let query = query.bind(identity.name.as_str().to_owned()).bind(identity.environment.as_str().to_owned());
        self.first(query, &self.reader).await
    }
}
