//! An engine's turns: it records what came of attempts, and takes deliveries that are due, in one transaction, so that many
//! deliveries cost few commits. What an engine has taken is sent by no other as long as that lives.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{QueryBuilder, Row};

use crate::domain::app::AppIdentity;
use crate::domain::delivery::HookEvent;
use crate::domain::delivery::receiver::Receiver;
use crate::domain::release::ReleaseNumber;
use crate::store::deliveries::record::Done;
use crate::store::rows::{FromRow, parsed, signed, time, unsigned};
use crate::store::writes::filled;
use crate::store::{News, Result, Store, StoreError, Writing};

/// A delivery that an engine has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its number.
    pub id: u64,
    /// What the receiver knows it by.
    pub message: String,
    /// The app's key in the store.
    pub app_uid: String,
    /// The app.
    pub app: AppIdentity,
    /// What happened.
    pub event: HookEvent,
    /// The deployment that it tells of.
    pub deployment: u64,
    /// The release that this made.
    pub release: ReleaseNumber,
    /// The release's summary.
    pub summary: String,
    /// Its sha.
    pub sha: String,
    /// Who deployed.
    pub user: String,
    /// Who is told.
    pub receiver: Receiver,
    /// The host and port that it goes to.
    pub host: String,
    /// How many attempts were made before.
    pub attempts: u64,
    /// How many of them since it was last asked for.
    pub tries: u64,
    /// When it is due.
    pub due_at: Timestamp,
    /// When it came to be.
    pub created_at: Timestamp,
}

/// What an engine would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Of these apps, by their keys in the store.
    pub apps: Vec<String>,
    /// How many more may be taken for a host; for one that is not among them `of_a_host`.
    pub hosts: HashMap<String, usize>,
    /// How many may be taken for a host.
    pub of_a_host: usize,
    /// How many in all.
    pub most: usize,
    /// Whether those that were tried before may be taken too.
    pub retries: bool,
    /// Since when something may have come to be due at any host; nothing if only those are asked for that are behind.
    pub due_since: Option<Timestamp>,
    /// Hosts that have more than was taken: theirs are found without a look at all others.
    pub behind: Vec<String>,
}

/// What an engine has taken in its turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turn {
    /// The deliveries.
    pub taken: Vec<Taken>,
    /// When the next one that is not due yet will be.
    pub next: Option<Timestamp>,
    /// What was seen of the rest.
    pub seen: Seen,
}

/// What was seen of deliveries that are due and were not taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Hosts that have, or may have, more than was taken.
    pub behind: Vec<String>,
    /// Those that were thought to have more, and have not.
    pub up_to_date: Vec<String>,
    /// Whether all that is due was taken, but for what those hosts have: nothing if only they were looked at.
    pub is_complete: Option<bool>,
}

impl Store {
    /// When the first delivery is due that some of these apps have and nobody has taken.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next_delivery(&self, apps: &[String]) -> Result<Option<Timestamp>> {
        let mut query = waiting("SELECT due_at", apps);
        query.push(" ORDER BY due_at LIMIT 1");
        Ok(self.first::<DueAt, _>(query.build(), &self.reader).await?.map(|due| due.0))
    }

    /// Records what came of attempts, and takes what is due.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or when the store cannot be written.
    pub async fn delivery_turn(
        &self,
        engine_uid: &str,
        done: &[Done],
        wanted: Option<&Wanted>,
        now: Timestamp,
    ) -> Result<Turn> {
        let mut transaction = self.write().await?;
        if !self.is_alive(engine_uid, &mut *transaction).await? {
            return Err(StoreError::LeaseLost);
        }
        self.record(&mut transaction, engine_uid, done, now).await?;
        let mut turn = Turn::default();
        if let Some(wanted) = wanted {
            let due = self.due(&mut transaction, wanted, now).await?;
            turn.taken = self.take(&mut transaction, engine_uid, &due.ids).await?;
            turn.taken.sort_by_key(|taken| (taken.due_at, taken.id));
            turn.seen = due.seen;
            let mut next = waiting("SELECT due_at", &wanted.apps);
            next.push(" AND due_at > ").push_bind(now.as_millisecond()).push(" ORDER BY due_at LIMIT 1");
            turn.next = self.first::<DueAt, _>(next.build(), &mut *transaction).await?.map(|due| due.0);
        }
        transaction.commit().await.map_err(|error| self.failed(error))?;
        if !done.is_empty() {
            self.ring(News::Log);
        }
        if done.iter().any(Done::is_given_back) {
            self.ring(News::Queue);
        }
        Ok(turn)
    }

    /// Gives back what an engine has taken and not attempted.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn give_back_deliveries(&self, engine_uid: &str) -> Result<()> {
        let free = sqlx::query("UPDATE deliveries SET engine_uid = NULL WHERE engine_uid = $1");
        if self.run(free.bind(engine_uid.to_owned()), &self.writer).await? > 0 {
            self.ring(News::Queue);
        }
        Ok(())
    }

    /// Gives back what engines had taken that have died.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn free_deliveries_of_the_dead(&self) -> Result<()> {
        let takers = sqlx::query("SELECT DISTINCT engine_uid FROM deliveries WHERE engine_uid IS NOT NULL");
        for engine in self.all::<String, _>(takers, &self.reader).await? {
            if !self.is_alive(&engine, &self.reader).await? {
                self.give_back_deliveries(&engine).await?;
            }
        }
        Ok(())
    }

    async fn take(&self, transaction: &mut Writing, engine_uid: &str, ids: &[u64]) -> Result<Vec<Taken>> {
        let mut taken = Vec::with_capacity(ids.len());
        let mut left = ids.iter();
        while left.len() > 0 {
            let some: Vec<Option<i64>> = filled(&mut left).map(|id| id.map(|id| signed(*id))).collect();
            let mut take = QueryBuilder::<Sqlite>::new("UPDATE deliveries SET engine_uid = ");
            take.push_bind(engine_uid.to_owned()).push(" WHERE id");
            push_ids(&mut take, &some);
            take.push(
                " RETURNING id, message, app_uid, event, deployment, release, summary, sha, user_name, format, url, host,
                    attempts, tries, due_at, created_at, (SELECT name FROM apps WHERE uid = app_uid) AS name,
                    (SELECT environment FROM apps WHERE uid = app_uid) AS environment",
            );
            taken.extend(self.all::<Taken, _>(take.build(), &mut **transaction).await?);
        }
        Ok(taken)
    }
}

/// A statement about what waits, and nobody has taken, of these apps.
pub(super) fn waiting(select: &str, apps: &[String]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::<Sqlite>::new(select);
    query.push(" FROM deliveries WHERE state = 'waiting' AND engine_uid IS NULL");
    // Found in the order in which they are due, whosever they are.
    push_list(&mut query, " AND app_uid || '' IN (", apps.to_vec(), ")");
    query
}

pub(super) fn push_ids(query: &mut QueryBuilder<Sqlite>, ids: &[Option<i64>]) {
    query.push(" IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(")");
}

/// Binds a list of texts. Few lengths of it make few statements.
pub(super) fn push_list(query: &mut QueryBuilder<Sqlite>, before: &str, texts: Vec<String>, after: &str) {
    let length = texts.len().max(1).next_power_of_two();
    let mut texts = texts.into_iter();
    // A name that nothing has fills it up.
    let padded = (0..length).map(|_| texts.next().unwrap_or_default());
    query.push(before);
    let mut list = query.separated(", ");
    padded.for_each(|text| {
        list.push_bind(text);
    });
    query.push(after);
}

/// When something is due.
struct DueAt(Timestamp);

impl FromRow for DueAt {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self(time(row, "due_at")?))
    }
}

impl FromRow for Taken {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            id: unsigned(row, "id")?,
            message: row.try_get("message")?,
            app_uid: row.try_get("app_uid")?,
            app: AppIdentity::from_row(row)?,
            event: parsed(row, "event")?,
            deployment: unsigned(row, "deployment")?,
            release: ReleaseNumber(unsigned(row, "release")?),
            summary: row.try_get("summary")?,
            sha: row.try_get("sha")?,
            user: row.try_get("user_name")?,
            receiver: Receiver::from_row(row)?,
            host: row.try_get("host")?,
            attempts: unsigned(row, "attempts")?,
            tries: unsigned(row, "tries")?,
            due_at: time(row, "due_at")?,
            created_at: time(row, "created_at")?,
        })
    }
}
