//! Deliveries of deploy hooks: how they come to be, who sends them, and how they stand.

mod due;
mod made;
mod record;
mod turn;

use std::time::Duration;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub use crate::store::deliveries::made::Telling;
pub use crate::store::deliveries::record::Done;
pub use crate::store::deliveries::turn::{Seen, Taken, Turn, Wanted};

use crate::domain::app::AppIdentity;
use crate::domain::delivery::receiver::Receiver;
use crate::domain::delivery::{Again, Delivery, DeliveryFilter, FailingHook, Receipt};
use crate::domain::release::ReleaseNumber;
use crate::store::rows::{FromRow, maybe_time, maybe_unsigned, parsed, signed, time, unsigned};
use crate::store::{Count, News, Result, Slice, Store};

/// The columns of a delivery with its app's identity.
macro_rules! select_deliveries {
    ($($rest:tt)+) => {
        concat!(
            "SELECT d.id, a.name, a.environment, d.deployment, d.release, d.event, d.format, d.url, d.state, d.attempts,
                    d.status, d.error, d.created_at, d.due_at, d.ended_at
             FROM deliveries d JOIN apps a ON a.uid = d.app_uid ",
            $($rest)+
        )
    };
}

/// Which deliveries of an app fit a filter: $2 is 1 for those that failed, $3 a release.
macro_rules! fitting {
    () => {
        "WHERE d.app_uid = $1 AND ($2 = 0 OR d.state = 'failed' OR d.state = 'waiting' AND d.attempts > 0)
            AND (CAST($3 AS BIGINT) IS NULL OR d.release = $3)"
    };
}

impl Store {
    /// A part of an app's deliveries, newest first, and how many there are in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deliveries(
        &self,
        app_uid: &str,
        filter: DeliveryFilter,
        slice: Slice,
    ) -> Result<(Vec<Delivery>, Count)> {
        let release = filter.release.map(|release| signed(release.0));
        let count = sqlx::query(concat!("SELECT COUNT(*) FROM deliveries d ", fitting!()));
        let count = count.bind(app_uid.to_owned()).bind(i64::from(filter.failed)).bind(release);
        let count = self.first(count, &self.reader).await?.unwrap_or(0);
        let query =
            sqlx::query(select_deliveries!(fitting!(), " ORDER BY d.id DESC LIMIT CAST($4 AS BIGINT) OFFSET $5"));
        let query = query.bind(app_uid.to_owned()).bind(i64::from(filter.failed)).bind(release);
        let query = query.bind(signed(slice.most)).bind(signed(slice.after));
        Ok((self.all(query, &self.reader).await?, count))
    }

    /// One delivery of an app.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn delivery(&self, app_uid: &str, id: u64) -> Result<Option<Delivery>> {
        let query = sqlx::query(select_deliveries!("WHERE d.app_uid = $1 AND d.id = $2"));
        self.first(query.bind(app_uid.to_owned()).bind(signed(id)), &self.reader).await
    }

    /// The attempts of a delivery, the first one first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn receipts(&self, delivery: u64) -> Result<Vec<Receipt>> {
        let query = sqlx::query(
            "SELECT attempt, started_at, milliseconds, status, error, answer FROM receipts
             WHERE delivery = $1 ORDER BY attempt",
        );
        self.all(query.bind(signed(delivery)), &self.reader).await
    }

    /// Makes deliveries due at once, and their pauses begin anew; gives back those, as they stood before.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn deliver_again(&self, app_uid: &str, again: Again, now: Timestamp) -> Result<Vec<Delivery>> {
        let mut transaction = self.write().await?;
        let found: Vec<Delivery> = match again {
            Again::One(id) => {
                let one = sqlx::query(select_deliveries!("WHERE d.app_uid = $1 AND d.id = $2"));
                self.all(one.bind(app_uid.to_owned()).bind(signed(id)), &mut *transaction).await?
            }
            Again::FailedSince(since) => {
                let failed = sqlx::query(select_deliveries!(
                    "WHERE d.app_uid = $1 AND d.created_at >= $2
                        AND (d.state = 'failed' OR d.state = 'waiting' AND d.attempts > 0) ORDER BY d.id"
                ));
                self.all(failed.bind(app_uid.to_owned()).bind(since.as_millisecond()), &mut *transaction).await?
            }
        };
        for delivery in &found {
            // What is being sent this moment is sent already.
            let due = sqlx::query(
                "UPDATE deliveries SET state = 'waiting', tries = 0, due_at = $2, ended_at = NULL
                 WHERE id = $1 AND engine_uid IS NULL",
            );
            self.run(due.bind(signed(delivery.id)).bind(now.as_millisecond()), &mut *transaction).await?;
        }
        self.commit(transaction, News::Queue).await?;
        Ok(found)
    }

    /// Waits until each of some deliveries of an app was tried, or is over, since it stood so; looks again after `most`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tried_since(&self, app_uid: &str, asked: &[Delivery], most: Duration) -> Result<()> {
        let mut bell = self.bell(&[News::Log]);
        for before in asked {
            while self.delivery(app_uid, before.id).await?.is_some_and(|now| !now.was_tried_since(before)) {
                bell.rung_lately(most).await;
            }
        }
        Ok(())
    }

    /// The deploy hooks of an app whose last delivery that was tried has not arrived.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn failing_hooks(&self, app_uid: &str) -> Result<Vec<(Receiver, FailingHook)>> {
        let query = sqlx::query(
            "SELECT d.id, d.format, d.url, d.error, d.due_at, (SELECT COUNT(*) FROM hooks_off o
                WHERE o.app_uid = d.app_uid AND o.format = d.format AND o.url = d.url) AS is_off
             FROM deliveries d WHERE d.app_uid = $1 AND d.state IN ('failed', 'waiting') AND d.id IN (
                SELECT MAX(id) FROM deliveries WHERE app_uid = $1 AND attempts > 0 GROUP BY format, url)
             ORDER BY d.id",
        );
        self.all(query.bind(app_uid.to_owned()), &self.reader).await
    }

    /// Forgets deliveries that ended before then. The newest stays, so that numbers go on from it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_deploy_hooks_before(&self, cutoff: Timestamp) -> Result<()> {
        // Looked at before anything is locked: mostly there is nothing to delete.
        let old = sqlx::query(
            "SELECT COALESCE(MAX(id), 0) FROM deliveries WHERE ended_at < $1 AND id < (SELECT MAX(id) FROM deliveries)",
        );
        let newest: u64 = self.first(old.bind(cutoff.as_millisecond()), &self.reader).await?.unwrap_or(0);
        if newest == 0 {
            return Ok(());
        }
        let mut transaction = self.write().await?;
        for delete in [
            "DELETE FROM receipts WHERE delivery IN (SELECT id FROM deliveries WHERE ended_at < $1 AND id <= $2)",
            "DELETE FROM deliveries WHERE ended_at < $1 AND id <= $2",
        ] {
            let delete = sqlx::query(delete).bind(cutoff.as_millisecond()).bind(signed(newest));
            self.run(delete, &mut *transaction).await?;
        }
        self.commit(transaction, News::Log).await
    }
}

impl FromRow for Receiver {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let url: String = row.try_get("url")?;
        let wrong = |source| sqlx::Error::ColumnDecode { index: "url".to_owned(), source: Box::new(source) };
        Self::new(parsed(row, "format")?, &url).map_err(wrong)
    }
}

impl FromRow for Delivery {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let receiver = Receiver::from_row(row)?;
        Ok(Self {
            id: unsigned(row, "id")?,
            app: AppIdentity::from_row(row)?,
            deployment: unsigned(row, "deployment")?,
            release: ReleaseNumber(unsigned(row, "release")?),
            event: parsed(row, "event")?,
            format: receiver.format(),
            url: receiver.to_string(),
            state: parsed(row, "state")?,
            attempts: unsigned(row, "attempts")?,
            status: status(row)?,
            error: row.try_get("error")?,
            created_at: time(row, "created_at")?,
            next_attempt_at: maybe_time(row, "due_at")?,
            ended_at: maybe_time(row, "ended_at")?,
        })
    }
}

impl FromRow for Receipt {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            attempt: unsigned(row, "attempt")?,
            started_at: time(row, "started_at")?,
            milliseconds: unsigned(row, "milliseconds")?,
            status: status(row)?,
            error: row.try_get("error")?,
            answer: row.try_get("answer")?,
        })
    }
}

impl FromRow for (Receiver, FailingHook) {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let receiver = Receiver::from_row(row)?;
        let failing = FailingHook {
            url: receiver.to_string(),
            format: receiver.format(),
            is_off: unsigned(row, "is_off")? > 0,
            delivery: unsigned(row, "id")?,
            error: row.try_get("error")?,
            next_attempt_at: maybe_time(row, "due_at")?,
        };
        Ok((receiver, failing))
    }
}

/// The status of an answer.
fn status(row: &SqliteRow) -> std::result::Result<Option<u16>, sqlx::Error> {
    Ok(maybe_unsigned(row, "status")?.and_then(|status| u16::try_from(status).ok()))
}
