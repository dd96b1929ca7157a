//! Apps' logs: numbered lines without gaps.

use jiff::Timestamp;

use crate::domain::log_line::{ENGINE_SOURCE, LogLine};
use crate::domain::service::ServiceName;
use crate::store::claims::Holder;
use crate::store::rows::signed;
use crate::store::{News, Result, Store, Writing};

/// A line that is yet to get its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// When it was written.
    pub time: Timestamp,
    /// Who wrote it.
    pub source: String,
    /// The deployment it belongs to.
    pub deployment: Option<u64>,
    /// The service it belongs to.
    pub service: Option<ServiceName>,
    /// What was written.
    pub text: String,
}

impl NewLine {
    /// The engine's own line, written now.
    #[must_use]
    pub fn of_engine(deployment: Option<u64>, text: String) -> Self {
        Self { time: Timestamp::now(), source: ENGINE_SOURCE.to_owned(), deployment, service: None, text }
    }
}

/// Which lines of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Those of this deployment.
    pub deployment: Option<u64>,
    /// Those of this service.
    pub service: Option<ServiceName>,
    /// Those written since.
    pub since: Option<Timestamp>,
}

/// The statement that reads the matching lines in one order.
macro_rules! select_lines {
    ($order:literal) => {
        concat!(
            "SELECT number, written_at, source, deployment, service, line FROM log_lines
             WHERE app_uid = $1
                AND number > $2
                AND (CAST($3 AS BIGINT) IS NULL OR deployment = $3)
                AND (CAST($4 AS TEXT) IS NULL OR service = $4)
                AND (CAST($5 AS BIGINT) IS NULL OR written_at >= $5)
             ORDER BY number ",
            $order,
            " LIMIT $6"
        )
    };
}

impl Store {
    /// Appends lines to an app's log, in one transaction.
    ///
    /// # Errors
    /// When the store cannot be written; then none was appended.
    pub async fn append_log(&self, app_uid: &str, lines: &[NewLine]) -> Result<()> {
        let mut transaction = self.write().await?;
        self.append_log_in(&mut transaction, app_uid, lines).await?;
        self.commit(transaction, News::Log).await
    }

    /// The same by the engine that runs the app.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`](crate::store::StoreError::LeaseLost) when another has taken over; then none was appended.
    pub async fn append_log_as(&self, holder: &Holder, lines: &[NewLine]) -> Result<()> {
        let mut transaction = self.write_as(holder).await?;
        self.append_log_in(&mut transaction, &holder.app_uid, lines).await?;
        self.commit(transaction, News::Log).await
    }

    pub(super) async fn append_log_in(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        lines: &[NewLine],
    ) -> Result<()> {
        let last =
            sqlx::query("SELECT COALESCE(MAX(number), 0) FROM log_lines WHERE app_uid = $1").bind(app_uid.to_owned());
        let last: u64 = self.first(last, &mut **transaction).await?.unwrap_or(0);
        for (number, line) in (last + 1..).zip(lines) {
            let query = sqlx::query(
                "INSERT INTO log_lines (app_uid, number, written_at, source, deployment, service, line)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            );
            let query = query
                .bind(app_uid.to_owned())
                .bind(signed(number))
                .bind(line.time.as_millisecond())
                .bind(line.source.clone())
                .bind(line.deployment.map(signed))
                .bind(line.service.as_ref().map(ToString::to_string))
                .bind(line.text.clone());
            self.run(query, &mut **transaction).await?;
        }
        Ok(())
    }

    /// The first `most` lines after number `after` that fit.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_after(&self, app_uid: &str, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        self.log(select_lines!("ASC"), app_uid, filter, after, most).await
    }

    /// The last `most` lines that fit, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_end(&self, app_uid: &str, filter: &LogFilter, most: u32) -> Result<Vec<LogLine>> {
        let mut lines = self.log(select_lines!("DESC"), app_uid, filter, 0, most).await?;
        lines.reverse();
        Ok(lines)
    }

    async fn log(
        &self,
        sql: &'static str,
        app_uid: &str,
        filter: &LogFilter,
        after: u64,
        most: u32,
    ) -> Result<Vec<LogLine>> {
        let query = sqlx::query(sql)
            .bind(app_uid.to_owned())
            .bind(signed(after))
            .bind(filter.deployment.map(signed))
            .bind(filter.service.as_ref().map(ToString::to_string))
            .bind(filter.since.map(Timestamp::as_millisecond))
            .bind(i64::from(most));
        self.all(query, &self.reader).await
    }
}
