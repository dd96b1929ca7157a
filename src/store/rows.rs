//! From rows to values.

use jiff::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{ColumnIndex, Row};

use crate::domain::app::AppIdentity;
use crate::domain::deployment::{DeployedService, Target};
use crate::domain::log_line::LogLine;
use crate::domain::queue::{Hook, Waiting};
use crate::domain::release::{Release, ReleaseNumber, ServiceState};
use crate::domain::service::ServiceName;
use crate::store::apps::AppRecord;

/// A statement with its values.
pub(super) type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

type Outcome<T> = Result<T, sqlx::Error>;

/// A value that a row holds.
pub(super) trait FromRow: Sized {
    fn from_row(row: &SqliteRow) -> Outcome<Self>;
}

/// A value written as text.
pub(super) fn parsed<T>(row: &SqliteRow, column: &str) -> Outcome<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text: String = row.try_get(column)?;
    text.parse().map_err(|error| decode(column, error))
}

fn decode(column: &str, error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(error) }
}

/// A number that is never negative.
pub(super) fn unsigned<I: ColumnIndex<SqliteRow>>(row: &SqliteRow, column: I) -> Outcome<u64> {
    let number: i64 = row.try_get(column)?;
    u64::try_from(number).map_err(|error| decode("number", error))
}

pub(super) fn maybe_unsigned(row: &SqliteRow, column: &str) -> Outcome<Option<u64>> {
    let number: Option<i64> = row.try_get(column)?;
    number.map(u64::try_from).transpose().map_err(|error| decode(column, error))
}

pub(super) fn time(row: &SqliteRow, column: &str) -> Outcome<Timestamp> {
    Timestamp::from_millisecond(row.try_get(column)?).map_err(|error| decode(column, error))
}

pub(super) fn maybe_time(row: &SqliteRow, column: &str) -> Outcome<Option<Timestamp>> {
    let milliseconds: Option<i64> = row.try_get(column)?;
    milliseconds.map(Timestamp::from_millisecond).transpose().map_err(|error| decode(column, error))
}

/// Numbers go into the database signed; none of ours comes near the limit.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A value written as JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(row: &SqliteRow, column: &str) -> Outcome<T> {
    let text: String = row.try_get(column)?;
    serde_json::from_str(&text).map_err(|error| decode(column, error))
}

impl FromRow for u64 {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        unsigned(row, 0)
    }
}

impl FromRow for String {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        row.try_get(0)
    }
}

impl FromRow for ServiceName {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        parsed(row, "service")
    }
}

impl FromRow for Hook {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        json(row, "hook")
    }
}

impl FromRow for Waiting {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        let (id, place) = (unsigned(row, "id")?, unsigned(row, "place")?);
        let services: Option<String> = row.try_get("services")?;
        let services = services.iter().flat_map(|names| names.split(' ')).map(str::parse);
        let services = services.collect::<Result<_, _>>().map_err(|error| decode("services", error))?;
        Ok(Self { id, place, hook: Hook::from_row(row)?, services })
    }
}

impl FromRow for (String, String) {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        Ok((row.try_get(0)?, row.try_get(1)?))
    }
}

impl FromRow for AppIdentity {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        Ok(Self { name: parsed(row, "name")?, environment: parsed(row, "environment")? })
    }
}

impl FromRow for AppRecord {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        let manifest: String = row.try_get("manifest")?;
        Ok(Self { uid: row.try_get("uid")?, identity: FromRow::from_row(row)?, manifest: manifest.into() })
    }
}

impl FromRow for Target {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        let image: Option<String> = row.try_get("image")?;
        Ok(Self {
            reference: row.try_get("reference")?,
            branch: row.try_get("branch")?,
            sha: row.try_get("sha")?,
            image: image.map(|image| image.parse()).transpose().map_err(|error| decode("image", error))?,
        })
    }
}

impl FromRow for DeployedService {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        Ok(Self {
            service: parsed(row, "service")?,
            state: parsed(row, "state")?,
            target: Target::from_row(row)?,
            reason: row.try_get("reason")?,
        })
    }
}

impl FromRow for Release {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        Ok(Self {
            app: AppIdentity::from_row(row)?,
            release: ReleaseNumber(unsigned(row, "number")?),
            state: parsed(row, "state")?,
            summary: row.try_get("summary")?,
            sha: row.try_get("sha")?,
            user: row.try_get("user_name")?,
            deployment: unsigned(row, "deployment")?,
            started_at: time(row, "started_at")?,
            ended_at: maybe_time(row, "ended_at")?,
        })
    }
}

impl FromRow for ServiceState {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        Ok(Self {
            service: parsed(row, "service")?,
            release: ReleaseNumber(unsigned(row, "release")?),
            target: Target::from_row(row)?,
        })
    }
}

impl FromRow for LogLine {
    fn from_row(row: &SqliteRow) -> Outcome<Self> {
        let deployment: Option<i64> = row.try_get("deployment")?;
        let service: Option<String> = row.try_get("service")?;
        Ok(Self {
            number: unsigned(row, "number")?,
            time: time(row, "written_at")?,
            source: row.try_get("source")?,
            deployment: deployment.and_then(|number| u64::try_from(number).ok()),
            service: service.map(|name| name.parse()).transpose().map_err(|error| decode("service", error))?,
            text: row.try_get("line")?,
        })
    }
}
