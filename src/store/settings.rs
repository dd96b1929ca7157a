//! Settings, a row an app and key.

use jiff::Timestamp;

use crate::store::{News, Result, Store, Writing};

impl Store {
    /// The settings of an app that were ever set, as keys and values.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn settings(&self, app_uid: &str) -> Result<Vec<(String, String)>> {
        let query =
            sqlx::query("SELECT key, value FROM settings WHERE app_uid = $1 ORDER BY key").bind(app_uid.to_owned());
        self.all(query, &self.reader).await
    }

    /// Sets one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_setting(&self, app_uid: &str, key: &str, value: &str, now: Timestamp) -> Result<()> {
        let mut transaction = self.write().await?;
        self.set_setting_in(&mut transaction, app_uid, (key, value), now).await?;
        // Pushes that wait do so only as long as `continuous.deploy` is on.
        self.commit(transaction, News::Queue).await
    }

    pub(super) async fn set_setting_in(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        (key, value): (&str, &str),
        now: Timestamp,
    ) -> Result<()> {
        let query = sqlx::query(
            "INSERT INTO settings (app_uid, key, value, updated_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (app_uid, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        );
        let query =
            query.bind(app_uid.to_owned()).bind(key.to_owned()).bind(value.to_owned()).bind(now.as_millisecond());
        self.run(query, &mut **transaction).await.map(drop)
    }
}
