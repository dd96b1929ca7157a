//! Pushes that wait for the event of their deployment at the Git host: each is deployed once, by the event or without it.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::continuous::{HostDeployment, PushState, Wait};
use crate::domain::deployment::DeploymentState;
use crate::domain::git_ref::short;
use crate::domain::plan::Plan;
use crate::domain::queue::{Hook, Insistence, Mode, Origin};
use crate::store::accept::{NewHook, insert_payload};
use crate::store::enqueue::{Accepted, NewDeployment};
use crate::store::log::NewLine;
use crate::store::rows::{FromRow, json, maybe_unsigned, parsed, signed, time, unsigned};
use crate::store::writes::Writes;
use crate::store::{News, Result, Store, Writing};

/// A push that is to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPush {
    /// What its deployment carries: 32 random hex digits.
    pub nonce: String,
    /// The repository, as a [`RepositoryKey`](crate::domain::git_url::RepositoryKey) shows it.
    pub repository: String,
    /// The pushed commit.
    pub sha: String,
}

/// A push that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingPush {
    /// The app's key in the store.
    pub app_uid: String,
    /// What it is.
    pub push: NewPush,
    /// What it deploys.
    pub plan: Plan,
    /// How long it has waited, and for what.
    pub wait: Wait,
    /// How often its deployment could not be created.
    pub tries: u64,
}

/// What has a push deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeployedBy {
    /// The event of its deployment at the Git host, which has this number there.
    Event(u64),
    /// Nothing but this reason.
    Itself(String),
}

/// What came of having a push deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfPush {
    /// It is queued, or ignored while deployments are paused.
    Deployed {
        /// What it deploys.
        plan: Box<Plan>,
        /// Who pushed.
        user: String,
        /// Its deployment.
        accepted: Accepted,
    },
    /// It was deployed before, as this deployment.
    Before(u64),
    /// The app has no such push.
    Unknown,
}

/// A push as it is stored.
struct Stored {
    plan: Plan,
    hook: Hook,
    user: String,
    body: Vec<u8>,
    repository: String,
    sha: String,
    host_deployment: Option<u64>,
    deployment: Option<u64>,
}

impl Store {
    pub(super) async fn insert_push(&self, transaction: &mut Writing, new: &NewHook, push: &NewPush) -> Result<()> {
        let json =
            |text: serde_json::Result<String>| text.map_err(|error| self.failed(sqlx::Error::Encode(error.into())));
        let insert = sqlx::query(
            "INSERT INTO pushes (nonce, app_uid, state, plan, hook, user_name, body, repository, sha, tries, next_try,
                created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10)",
        );
        let insert = insert
            .bind(push.nonce.clone())
            .bind(new.app_uid.clone())
            .bind(PushState::New.word())
            .bind(json(serde_json::to_string(&new.plan))?)
            .bind(json(serde_json::to_string(&new.hook))?)
            .bind(new.user.clone())
            .bind(new.body.clone())
            .bind(push.repository.clone())
            .bind(push.sha.clone())
            .bind(new.now.as_millisecond());
        self.run(insert, &mut **transaction).await.map(drop)
    }

    /// The pushes that wait, of all apps, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn waiting_pushes(&self) -> Result<Vec<WaitingPush>> {
        let query = sqlx::query(
            "SELECT app_uid, nonce, repository, sha, plan, state, tries, next_try, created_at FROM pushes
             WHERE state IN ('new', 'created') ORDER BY created_at, nonce",
        );
        self.all(query, &self.reader).await
    }

    /// Notes that a push's deployment was created at its Git host, and its number there; says whether the push still waits,
    /// since the event may have come already.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn push_is_created(&self, nonce: &str, host_deployment: u64) -> Result<bool> {
        let query =
            sqlx::query("UPDATE pushes SET state = $2, host_deployment = $3 WHERE nonce = $1 AND state = 'new'");
        let query = query.bind(nonce.to_owned()).bind(PushState::Created.word()).bind(signed(host_deployment));
        Ok(self.run(query, &self.writer).await? > 0)
    }

    /// Notes that a push's deployment could not be created, and when to try again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn try_push_again(&self, nonce: &str, next_try: Timestamp) -> Result<()> {
        let query = sqlx::query("UPDATE pushes SET tries = tries + 1, next_try = $2 WHERE nonce = $1");
        self.run(query.bind(nonce.to_owned()).bind(next_try.as_millisecond()), &self.writer).await.map(drop)
    }

    /// Queues what a push deploys, unless that was done before.
    ///
    /// # Errors
    /// When the store cannot be read or written; then nothing was done.
    pub async fn deploy_push(
        &self,
        app_uid: &str,
        nonce: &str,
        by: &DeployedBy,
        mode: Mode,
        now: Timestamp,
    ) -> Result<OfPush> {
        let mut transaction = self.write().await?;
        let query = sqlx::query(
            "SELECT plan, hook, user_name, body, repository, sha, host_deployment, deployment FROM pushes
             WHERE nonce = $1 AND app_uid = $2",
        );
        let query = query.bind(nonce.to_owned()).bind(app_uid.to_owned());
        let Some(push) = self.first::<Stored, _>(query, &mut *transaction).await? else {
            return Ok(OfPush::Unknown);
        };
        if let Some(before) = push.deployment {
            return Ok(OfPush::Before(before));
        }
        let new = NewDeployment {
            app_uid,
            engine_uid: None,
            origin: &Origin::Hook(push.hook),
            insistence: Insistence::None,
            mode,
            user: &push.user,
            plan: &push.plan,
            strategy: None,
            now,
        };
        let accepted = self.enqueue_in(&mut transaction, &new).await?;
        if accepted.state == DeploymentState::Queued {
            let mut writes = Writes::default();
            insert_payload(&mut writes, accepted.id, &push.body);
            self.write_together(&mut transaction, writes).await?;
        }
        let (state, host_deployment) = match by {
            DeployedBy::Event(id) => (PushState::Deployed, Some(*id)),
            DeployedBy::Itself(_) => (PushState::FellBack, push.host_deployment),
        };
        let done = sqlx::query("UPDATE pushes SET state = $2, deployment = $3, body = '' WHERE nonce = $1");
        let done = done.bind(nonce.to_owned()).bind(state.word()).bind(signed(accepted.id));
        self.run(done, &mut *transaction).await?;
        if let Some(id) = host_deployment {
            let answers = HostDeployment { repository: push.repository, id };
            self.insert_host_deployment(&mut transaction, accepted.id, &answers).await?;
        }
        if let DeployedBy::Itself(reason) = by {
            let text =
                format!("Deployment {} deploys the push of {} directly: {reason}", accepted.id, short(&push.sha));
            self.append_log_in(&mut transaction, app_uid, &[NewLine::of_engine(Some(accepted.id), text)]).await?;
        }
        self.commit(transaction, News::Queue).await?;
        Ok(OfPush::Deployed { plan: Box::new(push.plan), user: push.user, accepted })
    }

    /// Forgets pushes that were deployed before then, and that no delivery is compared with any more.
    pub(super) async fn forget_pushes_before(&self, transaction: &mut Writing, cutoff: Timestamp) -> Result<()> {
        let old = sqlx::query(
            "DELETE FROM pushes WHERE created_at < $1 AND deployment IS NOT NULL
                AND nonce NOT IN (SELECT push FROM received_hooks WHERE LENGTH(push) > 0)",
        );
        self.run(old.bind(cutoff.as_millisecond()), &mut **transaction).await.map(drop)
    }
}

impl FromRow for WaitingPush {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let push =
            NewPush { nonce: row.try_get("nonce")?, repository: row.try_get("repository")?, sha: row.try_get("sha")? };
        let wait =
            Wait { state: parsed(row, "state")?, since: time(row, "created_at")?, next_try: time(row, "next_try")? };
        let (app_uid, plan) = (row.try_get("app_uid")?, json(row, "plan")?);
        Ok(Self { app_uid, push, plan, wait, tries: unsigned(row, "tries")? })
    }
}

impl FromRow for Stored {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            plan: json(row, "plan")?,
            hook: json(row, "hook")?,
            user: row.try_get("user_name")?,
            body: row.try_get("body")?,
            repository: row.try_get("repository")?,
            sha: row.try_get("sha")?,
            host_deployment: maybe_unsigned(row, "host_deployment")?,
            deployment: maybe_unsigned(row, "deployment")?,
        })
    }
}
