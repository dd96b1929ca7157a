//! Engines, their leases, and their claims on apps.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::deployment::{COMMAND_DIED, DeploymentState, RunState};
use crate::domain::release::ReleaseNumber;
use crate::store::log::NewLine;
use crate::store::rows::signed;
use crate::store::{Result, Store, StoreError, Writing};

/// An engine that has claimed an app: only as long as it has may it write about what it runs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The app's key in the store.
    pub app_uid: String,
    /// The engine's key in the store.
    pub engine_uid: String,
}

/// What a try to begin a deployment came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It runs now, and makes this release.
    Taken(ReleaseNumber),
    /// Others come first: their numbers, oldest first.
    Behind(Vec<u64>),
    /// It is over already.
    Over,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The deployment's last state.
    pub state: DeploymentState,
    /// The release's last state.
    pub release: RunState,
    /// Why it did not succeed.
    pub reason: Option<String>,
}

impl Store {
    /// A transaction of an engine that holds its claim; nothing can be written when another has taken over.
    pub(super) async fn write_as(&self, holder: &Holder) -> Result<Writing> {
        let mut transaction = self.write().await?;
        let claim = sqlx::query("SELECT app_uid FROM claims WHERE app_uid = $1 AND engine_uid = $2");
        let claim = claim.bind(holder.app_uid.clone()).bind(holder.engine_uid.clone());
        match self.first::<String, _>(claim, &mut *transaction).await? {
            Some(_) => Ok(transaction),
            None => Err(StoreError::LeaseLost),
        }
    }

    /// Adds an engine with a lease that begins now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_engine(&self, engine_uid: &str, lease: Duration, now: Timestamp) -> Result<()> {
        let length = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX / 4);
        let query = sqlx::query("INSERT INTO engines (uid, lease_until, lease_length) VALUES ($1, $2, $3)");
        let query = query.bind(engine_uid.to_owned()).bind(now.as_millisecond() + length).bind(length);
        self.run(query, &self.pool).await.map(drop)
    }

    /// Renews an engine's lease.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when another engine has taken over, or when the store cannot be written.
    pub async fn renew(&self, engine_uid: &str, lease_until: Timestamp) -> Result<()> {
        let query = sqlx::query("UPDATE engines SET lease_until = $2 WHERE uid = $1");
        let query = query.bind(engine_uid.to_owned()).bind(lease_until.as_millisecond());
        if self.run(query, &self.pool).await? == 0 { Err(StoreError::LeaseLost) } else { Ok(()) }
    }

    /// Removes an engine that has ended.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn remove_engine(&self, engine_uid: &str) -> Result<()> {
        let query = sqlx::query("DELETE FROM engines WHERE uid = $1").bind(engine_uid.to_owned());
        self.run(query, &self.pool).await.map(drop)
    }

    /// The unfinished deployments that come before `deployment`, of engines that are alive, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn ahead_of(&self, app_uid: &str, deployment: u64, now: Timestamp) -> Result<Vec<u64>> {
        let query = sqlx::query(
            "SELECT d.id FROM deployments d JOIN engines e ON e.uid = d.engine_uid
             WHERE d.app_uid = $1 AND d.state IN ('queued', 'running') AND d.id < $2
                AND e.lease_until BETWEEN $3 AND $3 + 2 * e.lease_length ORDER BY d.id",
        );
        self.all(query.bind(app_uid.to_owned()).bind(signed(deployment)).bind(now.as_millisecond()), &self.pool).await
    }

    /// The engines of the unfinished deployments that come before `deployment`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn engines_ahead_of(&self, app_uid: &str, deployment: u64) -> Result<Vec<String>> {
        let query = sqlx::query(
            "SELECT DISTINCT engine_uid FROM deployments
             WHERE app_uid = $1 AND state IN ('queued', 'running') AND id < $2",
        );
        self.all(query.bind(app_uid.to_owned()).bind(signed(deployment)), &self.pool).await
    }

    /// Ends the lease of an engine that is known to be gone.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn expire_engine(&self, engine_uid: &str) -> Result<()> {
        let query = sqlx::query("UPDATE engines SET lease_until = 0 WHERE uid = $1").bind(engine_uid.to_owned());
        self.run(query, &self.pool).await.map(drop)
    }

    /// Begins a queued deployment if its turn has come: ends what dead engines left behind, claims the app
    /// and takes the next release number.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn claim(&self, app_uid: &str, deployment: u64, engine_uid: &str, now: Timestamp) -> Result<Claim> {
        let mut transaction = self.write().await?;
        self.end_what_dead_engines_left(&mut transaction, app_uid, now).await?;
        let ahead = sqlx::query(
            "SELECT id FROM deployments WHERE app_uid = $1 AND state IN ('queued', 'running') AND id < $2 ORDER BY id",
        );
        let ahead = self.all(ahead.bind(app_uid.to_owned()).bind(signed(deployment)), &mut *transaction).await?;
        if !ahead.is_empty() {
            self.commit(transaction).await?;
            return Ok(Claim::Behind(ahead));
        }
        let running = sqlx::query(
            "UPDATE deployments SET state = $3, started_at = $4 WHERE id = $1 AND engine_uid = $2 AND state = 'queued'",
        );
        let running = running
            .bind(signed(deployment))
            .bind(engine_uid.to_owned())
            .bind(DeploymentState::Running.word())
            .bind(now.as_millisecond());
        if self.run(running, &mut *transaction).await? == 0 {
            return Ok(Claim::Over);
        }
        let claim = sqlx::query("INSERT INTO claims (app_uid, deployment, engine_uid) VALUES ($1, $2, $3)");
        let claim = claim.bind(app_uid.to_owned()).bind(signed(deployment)).bind(engine_uid.to_owned());
        self.run(claim, &mut *transaction).await?;
        let release = self.take_release(&mut transaction, app_uid, deployment, now).await?;
        self.commit(transaction).await?;
        Ok(Claim::Taken(release))
    }

    async fn take_release(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        deployment: u64,
        now: Timestamp,
    ) -> Result<ReleaseNumber> {
        let next = sqlx::query("SELECT COALESCE(MAX(number), 0) + 1 FROM releases WHERE app_uid = $1")
            .bind(app_uid.to_owned());
        let number: u64 = self.first(next, &mut **transaction).await?.unwrap_or(1);
        let insert = sqlx::query(
            "INSERT INTO releases (app_uid, number, deployment, state, summary, sha, user_name, started_at)
             SELECT $1, $2, id, $4, '', '', user_name, $5 FROM deployments WHERE id = $3",
        );
        let insert = insert
            .bind(app_uid.to_owned())
            .bind(signed(number))
            .bind(signed(deployment))
            .bind(RunState::Running.word())
            .bind(now.as_millisecond());
        self.run(insert, &mut **transaction).await?;
        let note = sqlx::query("UPDATE deployments SET release = $2 WHERE id = $1")
            .bind(signed(deployment))
            .bind(signed(number));
        self.run(note, &mut **transaction).await?;
        Ok(ReleaseNumber(number))
    }

    /// Ends a running deployment and its release, and gives up the claim.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when the claim is no longer this engine's; then nothing is written.
    pub async fn finish(&self, holder: &Holder, deployment: u64, ending: &Ending, now: Timestamp) -> Result<()> {
        let mut transaction = self.write_as(holder).await?;
        let claim = sqlx::query("DELETE FROM claims WHERE app_uid = $1").bind(holder.app_uid.clone());
        self.run(claim, &mut *transaction).await?;
        self.end_in(&mut transaction, deployment, ending, now).await?;
        self.commit(transaction).await
    }

    /// Takes a deployment that still waits out of the queue. Says whether it was still waiting.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn cancel_queued(&self, deployment: u64, reason: &str, now: Timestamp) -> Result<bool> {
        let mut transaction = self.write().await?;
        let queued =
            sqlx::query("SELECT id FROM deployments WHERE id = $1 AND state = 'queued'").bind(signed(deployment));
        let queued = self.first::<u64, _>(queued, &mut *transaction).await?.is_some();
        if queued {
            let reason = Some(reason.to_owned());
            let ending = Ending { state: DeploymentState::Canceled, release: RunState::Canceled, reason };
            self.end_in(&mut transaction, deployment, &ending, now).await?;
        }
        self.commit(transaction).await?;
        Ok(queued)
    }

    async fn end_in(&self, transaction: &mut Writing, deployment: u64, ending: &Ending, now: Timestamp) -> Result<()> {
        let end = sqlx::query("UPDATE deployments SET state = $2, reason = $3, ended_at = $4 WHERE id = $1");
        let end = end
            .bind(signed(deployment))
            .bind(ending.state.word())
            .bind(ending.reason.clone())
            .bind(now.as_millisecond());
        self.run(end, &mut **transaction).await?;
        let release = sqlx::query("UPDATE releases SET state = $2, ended_at = $3 WHERE deployment = $1");
        let release = release.bind(signed(deployment)).bind(ending.release.word()).bind(now.as_millisecond());
        self.run(release, &mut **transaction).await?;
        let open = sqlx::query("UPDATE deployment_services SET state = $2 WHERE deployment = $1 AND state = 'running'");
        self.run(open.bind(signed(deployment)).bind(ending.release.word()), &mut **transaction).await?;
        let never = sqlx::query(
            "UPDATE deployment_services SET state = $2, reason = $3 WHERE deployment = $1 AND state = 'waiting'",
        );
        let never =
            never.bind(signed(deployment)).bind(RunState::Skipped.word()).bind("the deployment ended before its turn");
        self.run(never, &mut **transaction).await.map(drop)
    }

    /// What ran under an engine whose lease has run out is failed, what waited for it canceled.
    async fn end_what_dead_engines_left(&self, transaction: &mut Writing, app_uid: &str, now: Timestamp) -> Result<()> {
        let dead = sqlx::query(
            "SELECT d.id FROM deployments d LEFT JOIN engines e ON e.uid = d.engine_uid
             WHERE d.app_uid = $1 AND d.state IN ('queued', 'running') 
                AND (e.uid IS NULL OR e.lease_until NOT BETWEEN $2 AND $2 + 2 * e.lease_length) ORDER BY d.id",
        );
        let dead: Vec<u64> =
            self.all(dead.bind(app_uid.to_owned()).bind(now.as_millisecond()), &mut **transaction).await?;
        for id in dead {
            let state = sqlx::query("SELECT state FROM deployments WHERE id = $1").bind(signed(id));
            let queued = self.first::<String, _>(state, &mut **transaction).await?.as_deref()
                == Some(DeploymentState::Queued.word());
            let (state, release) = if queued {
                (DeploymentState::Canceled, RunState::Canceled)
            } else {
                (DeploymentState::Failed, RunState::Failed)
            };
            let ending = Ending { state, release, reason: Some("its command died".to_owned()) };
            self.end_in(transaction, id, &ending, now).await?;
            let claim = sqlx::query("DELETE FROM claims WHERE app_uid = $1 AND deployment = $2");
            self.run(claim.bind(app_uid.to_owned()).bind(signed(id)), &mut **transaction).await?;
            let text = format!("Deployment {id} {state}: {COMMAND_DIED}");
            self.append_log_in(transaction, app_uid, &[NewLine::of_engine(Some(id), text)]).await?;
        }
        let gone =
            sqlx::query("DELETE FROM engines WHERE lease_until < $1 AND uid NOT IN (SELECT engine_uid FROM claims)");
        self.run(gone.bind(now.as_millisecond()), &mut **transaction).await.map(drop)
    }
}
