//! How much of a log is kept: of each deployment its first and its last lines, and none for ever.

use jiff::Timestamp;

use crate::domain::log_line::{RETENTION, dropped_here};
use crate::store::claims::Holder;
use crate::store::log::NewLine;
use crate::store::rows::signed;
use crate::store::{News, Result, Store, Writing};

/// How many lines more than are kept a deployment's log may hold before they are deleted together.
const SLACK: u64 = 1_000;

/// How many of an app's lines are deleted in one transaction when they are too old.
const TOGETHER: i64 = 5_000;

/// When what a deployment does not keep is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trim {
    /// When much has gathered.
    NowAndThen,
    /// At once.
    Exactly,
}

/// What has become of the lines of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// How many the log holds.
    pub held: u64,
    /// How many it no longer holds, or never did.
    pub dropped: u64,
}

impl Counts {
    /// How many the deployment has printed.
    #[must_use]
    pub fn printed(self) -> u64 {
        self.held + self.dropped
    }
}

impl Store {
    /// What has become of a deployment's lines so far.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_counts(&self, deployment: u64) -> Result<Counts> {
        let mut connection = self.reader.acquire().await.map_err(|error| self.failed(error))?;
        self.log_counts_on(&mut connection, deployment).await
    }

    async fn log_counts_on(&self, connection: &mut sqlx::SqliteConnection, deployment: u64) -> Result<Counts> {
        let dropped = self.lines_dropped(connection, deployment).await?;
        let rows = sqlx::query("SELECT COUNT(*) FROM log_lines WHERE deployment = $1").bind(signed(deployment));
        let rows: u64 = self.first(rows, connection).await?.unwrap_or(0);
        Ok(Counts { held: rows.saturating_sub(markers(dropped)), dropped })
    }

    async fn lines_dropped(&self, connection: &mut sqlx::SqliteConnection, deployment: u64) -> Result<u64> {
        let query = sqlx::query("SELECT lines_dropped FROM deployments WHERE id = $1").bind(signed(deployment));
        Ok(self.first(query, connection).await?.unwrap_or(0))
    }

    /// Adds lines to the log of a deployment. `dropped` is how many came before them and are not stored; if there are any,
    /// more lines follow than are kept from before these.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`](crate::store::StoreError::LeaseLost) when another engine has taken over, or when the
    /// store cannot be written; then nothing is added.
    pub async fn add_to_log(
        &self,
        holder: &Holder,
        deployment: u64,
        dropped: u64,
        lines: impl Iterator<Item = NewLine> + Send,
        trim: Trim,
    ) -> Result<()> {
        let mut transaction = self.write_as(holder).await?;
        let app_uid = &holder.app_uid;
        let mut number = self.next_number(&mut transaction, app_uid).await?;
        if dropped > 0 {
            self.drop_middle(&mut transaction, app_uid, deployment, number, dropped).await?;
            number += 1;
        }
        self.insert_lines(&mut transaction, app_uid, number, lines).await?;
        self.trim(&mut transaction, app_uid, deployment, trim).await?;
        self.commit(transaction, News::Log).await
    }

    /// Deletes the lines of a deployment that it does not keep.
    pub(super) async fn trim(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        deployment: u64,
        trim: Trim,
    ) -> Result<()> {
        let slack = if trim == Trim::Exactly { 0 } else { SLACK };
        let held = self.log_counts_on(transaction, deployment).await?.held;
        if held <= RETENTION.first + RETENTION.last + slack {
            return Ok(());
        }
        let newest_dropped =
            sqlx::query("SELECT number FROM log_lines WHERE deployment = $1 ORDER BY number DESC LIMIT 1 OFFSET $2");
        let newest_dropped = newest_dropped.bind(signed(deployment)).bind(signed(RETENTION.last));
        match self.first(newest_dropped, &mut **transaction).await? {
            Some(number) => self.drop_middle(transaction, app_uid, deployment, number, 0).await,
            None => Ok(()),
        }
    }

    /// Deletes a deployment's lines after its first up to `number`, whose place is taken by a line that says how many
    /// were dropped in all: those, `unstored` more, and what was dropped before.
    async fn drop_middle(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        deployment: u64,
        number: u64,
        unstored: u64,
    ) -> Result<()> {
        let delete = sqlx::query(
            "DELETE FROM log_lines WHERE deployment = $1 AND number <= $2 AND number > (
                SELECT number FROM log_lines WHERE deployment = $1 ORDER BY number LIMIT 1 OFFSET $3)",
        );
        let delete = delete.bind(signed(deployment)).bind(signed(number)).bind(signed(RETENTION.first) - 1);
        let deleted = self.run(delete, &mut **transaction).await?;
        let before = self.lines_dropped(transaction, deployment).await?;
        let dropped = before + deleted.saturating_sub(markers(before)) + unstored;
        let note = sqlx::query("UPDATE deployments SET lines_dropped = $2 WHERE id = $1");
        self.run(note.bind(signed(deployment)).bind(signed(dropped)), &mut **transaction).await?;
        let marker = NewLine::of_engine(Some(deployment), dropped_here(dropped));
        self.insert_lines(transaction, app_uid, number, std::iter::once(marker)).await.map(drop)
    }

    /// Deletes an app's oldest lines up to the first that was written since `cutoff` or belongs to a deployment that is
    /// not over. The newest line stays, so that numbers go on from it.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn forget_log_before(&self, app_uid: &str, cutoff: Timestamp) -> Result<()> {
        loop {
            // Looked at before anything is locked: mostly there is nothing to delete.
            let Some(end) = self.end_of_old_lines(app_uid, cutoff).await? else {
                return Ok(());
            };
            let delete = sqlx::query("DELETE FROM log_lines WHERE app_uid = $1 AND number < $2");
            self.run(delete.bind(app_uid.to_owned()).bind(signed(end)), &self.writer).await?;
        }
    }

    /// The number up to which an app's next lines are to be deleted, if there are any.
    async fn end_of_old_lines(&self, app_uid: &str, cutoff: Timestamp) -> Result<Option<u64>> {
        let query = sqlx::query(
            "WITH oldest AS (
                SELECT number, written_at, deployment FROM log_lines WHERE app_uid = $1 ORDER BY number LIMIT CAST($3 AS BIGINT)
             ), kept AS (
                SELECT number FROM oldest WHERE written_at >= $2 OR deployment IN (
                    SELECT id FROM deployments WHERE app_uid = $1 AND state IN ('queued', 'running'))
             )
             SELECT number FROM (SELECT COALESCE((SELECT MIN(number) FROM kept), MAX(number)) AS number FROM oldest) ends
             WHERE number > (SELECT MIN(number) FROM oldest)",
        );
        let query = query.bind(app_uid.to_owned()).bind(cutoff.as_millisecond()).bind(TOGETHER);
        self.first(query, &self.reader).await
    }
}

/// How many lines the log holds in place of those that were dropped.
fn markers(dropped: u64) -> u64 {
    u64::from(dropped > 0)
}
