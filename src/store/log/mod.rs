//! Apps' logs: numbered lines. Where lines were dropped the numbers have a gap.

pub mod retention;

use std::mem::take;

use jiff::Timestamp;

use crate::domain::log_line::{ENGINE_SOURCE, LogLine, failure_begins};
use crate::domain::service::ServiceName;
use crate::store::log::retention::Trim;
use crate::store::rows::{FromRow, signed};
use crate::store::writes::{Cell, InsertRow};
use crate::store::{Count, News, Result, Slice, Store, Writing};

/// How many lines are inserted together.
const MOST_TOGETHER: usize = 64;

/// How many bytes of lines are enough to be inserted.
const MAX_STATEMENT: usize = 128 * 1024;

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

/// A line with its number.
pub(super) struct Numbered {
    app_uid: String,
    number: u64,
    line: NewLine,
}

/// Lines with the numbers from `number` on.
pub(super) fn numbered(
    app_uid: &str,
    number: u64,
    lines: impl Iterator<Item = NewLine>,
) -> impl Iterator<Item = Numbered> {
    (number..).zip(lines).map(|(number, line)| Numbered { app_uid: app_uid.to_owned(), number, line })
}

impl InsertRow<7> for Numbered {
    const INTO: &'static str = "log_lines (app_uid, number, written_at, source, deployment, service, line)";

    fn cells(self) -> [Cell; 7] {
        let NewLine { time, source, deployment, service, text } = self.line;
        let service = service.map(|service| service.to_string());
        let (app_uid, number) = (self.app_uid.into(), self.number.into());
        [app_uid, number, time.into(), source.into(), deployment.into(), service.into(), text.into()]
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

/// Which lines of a deployment, by how much they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// All of them.
    All,
    /// The engine's own.
    OfEngine,
    /// That which says that it failed.
    Failure,
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
            " LIMIT CAST($6 AS BIGINT)",
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
        self.commit(transaction, News::Log).await
    }

    pub(super) async fn append_log_in(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        lines: &[NewLine],
    ) -> Result<()> {
        let number = self.next_number(transaction, app_uid).await?;
        self.insert_lines(transaction, app_uid, number, lines.iter().cloned()).await?;
        // It counts the deployment's lines. Where there are lines of many deployments, each has its turn to be the last.
        match lines.last().and_then(|line| line.deployment) {
            Some(deployment) => self.trim(transaction, app_uid, deployment, Trim::Exactly).await,
            None => Ok(()),
        }
    }

    /// The number of an app's next line.
    async fn next_number(&self, transaction: &mut Writing, app_uid: &str) -> Result<u64> {
        let next = sqlx::query("SELECT COALESCE(MAX(number), 0) + 1 FROM log_lines WHERE app_uid = $1");
        Ok(self.first(next.bind(app_uid.to_owned()), &mut **transaction).await?.unwrap_or(1))
    }

    /// Gives lines the numbers from `number` on; says the number after the last.
    pub(super) async fn insert_lines(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        mut number: u64,
        lines: impl Iterator<Item = NewLine> + Send,
    ) -> Result<u64> {
        let mut together = Vec::new();
        let mut size = 0;
        let mut lines = numbered(app_uid, number, lines).peekable();
        while let Some(line) = lines.next() {
            size += line.line.text.len();
            number = line.number + 1;
            together.push(line);
            if size >= MAX_STATEMENT || together.len() == MOST_TOGETHER || lines.peek().is_none() {
                self.insert(transaction, take(&mut together)).await?;
                size = 0;
            }
        }
        Ok(number)
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

    /// The number before the last `most` lines, however many those are; 0 if none is before them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn log_before_last(&self, app_uid: &str, filter: &LogFilter, most: u64) -> Result<u64> {
        let first = select_lines!("SELECT COALESCE(MIN(number), 0) FROM (", "number", "DESC", ") last_lines", filter);
        let first: Vec<u64> = self.log(first, app_uid, filter, 0, most.max(1)).await?;
        let first = first.first().copied().unwrap_or(0);
        Ok(if most == 0 { first } else { first.saturating_sub(1) })
    }

    /// A part of a deployment's lines, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deployment_log(&self, deployment: u64, weight: Weight, slice: Slice) -> Result<(Vec<LogLine>, Count)> {
        let source = (weight != Weight::All).then(|| ENGINE_SOURCE.to_owned());
        let begins = (weight == Weight::Failure).then(|| format!("{}%", failure_begins(deployment)));
        let count = sqlx::query(
            "SELECT COUNT(*) FROM log_lines WHERE deployment = $1
                AND (CAST($2 AS TEXT) IS NULL OR source = $2) AND (CAST($3 AS TEXT) IS NULL OR line LIKE $3)",
        );
        let count = count.bind(signed(deployment)).bind(source.clone()).bind(begins.clone());
        let count = self.first(count, &self.reader).await?.unwrap_or(0);
        let query = sqlx::query(
            "SELECT number, written_at, source, deployment, service, line FROM log_lines WHERE deployment = $1
                AND (CAST($2 AS TEXT) IS NULL OR source = $2) AND (CAST($3 AS TEXT) IS NULL OR line LIKE $3)
             ORDER BY number LIMIT CAST($4 AS BIGINT) OFFSET $5",
        );
        let query = query.bind(signed(deployment)).bind(source).bind(begins);
        let query = query.bind(signed(slice.most)).bind(signed(slice.after));
        Ok((self.all(query, &self.reader).await?, count))
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
        self.all(query, &self.reader).await
    }
}
