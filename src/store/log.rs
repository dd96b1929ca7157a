//! Apps' logs: numbered lines without gaps.

use jiff::Timestamp;

use crate::domain::log_line::{ENGINE_SOURCE, LogLine};
use crate::domain::service::ServiceName;
use crate::store::claims::Holder;
use crate::store::rows::{FromRow, signed};
use crate::store::{Result, Store, Writing};

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

/// The statement that reads the matching lines in one order. Those of one deployment are found by its index: the app's
/// whole log is long.
macro_rules! select_lines {
    ($order:literal, $filter:expr) => {
        select_lines!("", "number, written_at, source, deployment, service, line", $order, "", $filter)
    };
    ($before:literal, $columns:literal, $order:literal, $after:literal, $filter:expr) => {
        if $filter.deployment.is_some() {
            select_lines!(of "app_uid || '' = $1 AND deployment = $3", $before, $columns, $order, $after)
        } else {
            select_lines!(of "app_uid = $1 AND CAST($3 AS BIGINT) IS NULL", $before, $columns, $order, $after)
        }
    };
    (of $lines:literal, $before:literal, $columns:literal, $order:literal, $after:literal) => {
        concat!(
            $before,
            "SELECT ",
            $columns,
            " FROM log_lines WHERE ",
            $lines,
            " AND number > $2
                AND (CAST($4 AS TEXT) IS NULL OR service = $4)
                AND (CAST($5 AS BIGINT) IS NULL OR written_at >= $5)
             ORDER BY number ",
            $order,
            " LIMIT $6",
            $after
        )
    };
}

/// The statement that counts how many of the first matching lines have no more than 256 kB together.
macro_rules! count_fitting {
    ($filter:expr) => {
        select_lines!(
            "SELECT COUNT(*) FROM (SELECT SUM(size) OVER (ORDER BY number) AS so_far FROM (",
            "number, OCTET_LENGTH(line) AS size",
            "ASC",
            ") lines) sizes WHERE so_far <= 262144",
            $filter
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
        self.commit(transaction).await
    }

    /// The same by the engine that runs the app.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`](crate::store::StoreError::LeaseLost) when another has taken over; then none was appended.
    pub async fn append_log_as(&self, holder: &Holder, lines: &[NewLine]) -> Result<()> {
        let mut transaction = self.write_as(holder).await?;
        self.append_log_in(&mut transaction, &holder.app_uid, lines).await?;
        self.commit(transaction).await
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

    /// The first lines after number `after` that fit: at most `most`, and fewer if they are long, but none only if there
    /// is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_after(&self, app_uid: &str, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        let fitting: Vec<u64> = self.log(count_fitting!(filter), app_uid, filter, after, most.into()).await?;
        let most = fitting.first().map_or(1, |fitting| (*fitting).max(1)).min(most.into());
        self.log(select_lines!("ASC", filter), app_uid, filter, after, most).await
    }

    /// The last `most` lines that fit, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_end(&self, app_uid: &str, filter: &LogFilter, most: u32) -> Result<Vec<LogLine>> {
        let mut lines = self.log(select_lines!("DESC", filter), app_uid, filter, 0, most.into()).await?;
        lines.reverse();
        Ok(lines)
    }

    async fn log<T: FromRow>(
        &self,
        sql: &'static str,
        app_uid: &str,
        filter: &LogFilter,
        after: u64,
        most: u64,
    ) -> Result<Vec<T>> {
        let query = sqlx::query(sql)
            .bind(app_uid.to_owned())
            .bind(signed(after))
            .bind(filter.deployment.map(signed))
            .bind(filter.service.as_ref().map(ToString::to_string))
            .bind(filter.since.map(Timestamp::as_millisecond))
            .bind(signed(most));
        self.all(query, &self.pool).await
    }
}
