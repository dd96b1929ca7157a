//! What was asked for through the API, a row each. The end of one that is a deployment is that deployment's.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::store::enqueue::MOST_WAITING;
use crate::store::enqueue::{Accepted, NewDeployment};
use crate::store::rows::{FromRow, maybe_time, maybe_unsigned, signed, time, unsigned};
use crate::store::{Count, News, Result, Slice, Store, Writing};

/// What somebody asked for through the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its number.
    pub id: u64,
    /// The deployment that it is, if it is one.
    pub deployment: Option<u64>,
    /// What was asked for: `application_deployment`, or `stack-set: ` and the key of a setting.
    pub action: String,
    /// Who asked.
    pub user: String,
    /// How it came.
    pub started_via: String,
    /// The words by which who asked knows it.
    pub user_reference: Option<String>,
    /// When it was asked for.
    pub started_at: Timestamp,
    /// How it ended, if it has and is no deployment.
    pub end: Option<ActionEnd>,
}

/// The end of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionEnd {
    /// When.
    pub at: Timestamp,
    /// Whether it was done.
    pub success: bool,
    /// What there is to say of it.
    pub message: Option<String>,
}

/// A deployment that was asked for through the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The action.
    pub action: u64,
    /// The deployment.
    pub accepted: Accepted,
    /// Whether another one of the app runs, or waits before it.
    pub waits: bool,
}

/// What became of a deployment that was asked for through the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is on disk.
    Accepted(Asked),
    /// Too many wait already; nothing was written.
    Full,
}

/// A setting that is changed through the API.
#[derive(Debug, Clone)]
pub struct SettingWish<'a> {
    /// The app's key in the store.
    pub app_uid: &'a str,
    /// The setting's key.
    pub key: &'a str,
    /// Its new value.
    pub value: &'a str,
    /// Who asks.
    pub user: &'a str,
    /// What there is to say of it.
    pub message: &'a str,
    /// When.
    pub now: Timestamp,
}

/// What an action that deploys is called.
const DEPLOYMENT: &str = "application_deployment";

/// How all of them came.
const VIA: &str = "api";

/// The columns of an action.
macro_rules! select_actions {
    ($rest:literal) => {
        concat!(
            "SELECT id, deployment, action, user_name, started_via, user_reference, started_at, finished_at,
                    finished_success, finished_message
             FROM actions WHERE app_uid = $1 ",
            $rest
        )
    };
}

impl Store {
    /// Accepts a deployment that somebody asks for through the API, with the action that stands for it.
    ///
    /// # Errors
    /// When deployments are paused and nobody insists, or the store cannot be written; then nothing is queued.
    pub async fn enqueue_by_action(&self, new: NewDeployment<'_>, user_reference: Option<&str>) -> Result<Answer> {
        let mut transaction = self.write().await?;
        if self.room(&mut transaction, new.app_uid).await?.waiting >= MOST_WAITING {
            return Ok(Answer::Full);
        }
        let others =
            sqlx::query("SELECT id FROM deployments WHERE app_uid = $1 AND state IN ('queued', 'running') LIMIT 1");
        let other: Option<u64> = self.first(others.bind(new.app_uid.to_owned()), &mut *transaction).await?;
        let accepted = self.enqueue_in(&mut transaction, &new).await?;
        let action = Action {
            id: self.next_action(&mut transaction).await?,
            deployment: Some(accepted.id),
            action: DEPLOYMENT.to_owned(),
            user: new.user.to_owned(),
            started_via: VIA.to_owned(),
            user_reference: user_reference.map(str::to_owned),
            started_at: new.now,
            end: None,
        };
        self.insert_action(&mut transaction, new.app_uid, &action).await?;
        self.commit(transaction, News::Queue).await?;
        Ok(Answer::Accepted(Asked { action: action.id, accepted, waits: other.is_some() }))
    }

    /// Sets a setting, with the action that stands for the change.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing is changed.
    pub async fn set_setting_by_action(&self, wish: SettingWish<'_>) -> Result<Action> {
        let mut transaction = self.write().await?;
        self.set_setting_in(&mut transaction, wish.app_uid, (wish.key, wish.value), wish.now).await?;
        // As it will be read again.
        let now = Timestamp::from_millisecond(wish.now.as_millisecond()).unwrap_or(wish.now);
        let action = Action {
            id: self.next_action(&mut transaction).await?,
            deployment: None,
            action: format!("stack-set: {}", wish.key),
            user: wish.user.to_owned(),
            started_via: VIA.to_owned(),
            user_reference: None,
            started_at: now,
            end: Some(ActionEnd { at: now, success: true, message: Some(wish.message.to_owned()) }),
        };
        self.insert_action(&mut transaction, wish.app_uid, &action).await?;
        self.commit(transaction, News::Queue).await?;
        Ok(action)
    }

    /// Actions about an app, newest first: all, or those with these words of who asked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn actions(&self, app_uid: &str, reference: Option<&str>, slice: Slice) -> Result<(Vec<Action>, Count)> {
        let reference = reference.map(str::to_owned);
        let count = sqlx::query(
            "SELECT COUNT(*) FROM actions WHERE app_uid = $1 AND (CAST($2 AS TEXT) IS NULL OR user_reference = $2)",
        );
        let count = count.bind(app_uid.to_owned()).bind(reference.clone());
        let count = self.first(count, &self.reader).await?.unwrap_or(0);
        let query = sqlx::query(select_actions!(
            "AND (CAST($2 AS TEXT) IS NULL OR user_reference = $2) ORDER BY id DESC LIMIT CAST($3 AS BIGINT) OFFSET $4"
        ));
        let query = query.bind(app_uid.to_owned()).bind(reference).bind(signed(slice.most)).bind(signed(slice.after));
        Ok((self.all(query, &self.reader).await?, count))
    }

    /// One action about an app.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn action(&self, app_uid: &str, id: u64) -> Result<Option<Action>> {
        let query = sqlx::query(select_actions!("AND id = $2")).bind(app_uid.to_owned()).bind(signed(id));
        self.first(query, &self.reader).await
    }

    async fn next_action(&self, transaction: &mut Writing) -> Result<u64> {
        let next = sqlx::query("SELECT COALESCE(MAX(id), 0) + 1 FROM actions");
        Ok(self.first(next, &mut **transaction).await?.unwrap_or(1))
    }

    async fn insert_action(&self, transaction: &mut Writing, app_uid: &str, action: &Action) -> Result<()> {
        let insert = sqlx::query(
            "INSERT INTO actions (id, app_uid, deployment, action, user_name, started_via, user_reference, started_at,
                finished_at, finished_success, finished_message)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        );
        let insert = insert
            .bind(signed(action.id))
            .bind(app_uid.to_owned())
            .bind(action.deployment.map(signed))
            .bind(action.action.clone())
            .bind(action.user.clone())
            .bind(action.started_via.clone())
            .bind(action.user_reference.clone())
            .bind(action.started_at.as_millisecond())
            .bind(action.end.as_ref().map(|end| end.at.as_millisecond()))
            .bind(action.end.as_ref().map(|end| i64::from(end.success)))
            .bind(action.end.as_ref().and_then(|end| end.message.clone()));
        self.run(insert, &mut **transaction).await.map(drop)
    }
}

impl FromRow for Action {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let success = maybe_unsigned(row, "finished_success")? == Some(1);
        let message: Option<String> = row.try_get("finished_message")?;
        Ok(Self {
            id: unsigned(row, "id")?,
            deployment: maybe_unsigned(row, "deployment")?,
            action: row.try_get("action")?,
            user: row.try_get("user_name")?,
            started_via: row.try_get("started_via")?,
            user_reference: row.try_get("user_reference")?,
            started_at: time(row, "started_at")?,
            end: maybe_time(row, "finished_at")?.map(|at| ActionEnd { at, success, message }),
        })
    }
}
