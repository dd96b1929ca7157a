//! Deployments and their services, as they stand.

use std::collections::HashMap;

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::app::AppIdentity;
use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState, Target};
use crate::domain::queue::{Hook, RunsIn, after_death};
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;
use crate::store::claims::Holder;
use crate::store::rows::{FromRow, maybe_time, maybe_unsigned, parsed, signed, time, unsigned};
use crate::store::{Count, News, Result, Slice, Store, Writing};

/// The columns of a deployment with its app's identity. Its place is how many wait before it, and one.
macro_rules! select_deployments {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, a.name, a.environment, d.state, d.run_by, d.user_name, d.strategy, d.attempt, d.release,
                    d.rollback_to, d.reason, d.created_at, d.started_at, d.ended_at,
                    d.cancel_reason, d.engine_uid AS lives_in, COALESCE(c.engine_uid, d.engine_uid) AS run_by_engine,
                    CASE WHEN d.state = 'queued' THEN (
                        SELECT COUNT(*) + 1 FROM deployments b
                        WHERE b.app_uid = d.app_uid AND b.state IN ('queued', 'running') AND b.state = 'queued'
                            AND (b.place, b.id) < (d.place, d.id)) END AS place_in_queue
             FROM deployments d JOIN apps a ON a.uid = d.app_uid LEFT JOIN claims c ON c.deployment = d.id ",
            $rest
        )
    };
}

/// How many superseded deployments are looked through for a newer commit; more than that wait at once only in a flood.
const MOST_SUPERSEDED: i64 = 100;

/// A deployment's row, with the engines it depends on.
struct Found {
    deployment: Deployment,
    /// The command it lives in.
    lives_in: Option<String>,
    /// Who runs it, or will.
    run_by: Option<String>,
    /// Why it was asked to end.
    cancel_reason: Option<String>,
}

/// How many deployments of an app wait, or run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Depth {
    /// The app.
    pub app: AppIdentity,
    /// Which of the two.
    pub state: DeploymentState,
    /// How many.
    pub count: u64,
}

impl FromRow for Depth {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let (app, state) = (AppIdentity::from_row(row)?, parsed(row, "state")?);
        Ok(Self { app, state, count: unsigned(row, "deployments")? })
    }
}

impl Store {
    /// How many deployments wait and run, by app; apps without any are left out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn depths(&self) -> Result<Vec<Depth>> {
        let query = sqlx::query(
            "SELECT a.name, a.environment, d.state, COUNT(*) AS deployments
             FROM deployments d JOIN apps a ON a.uid = d.app_uid
             WHERE d.state IN ('queued', 'running') GROUP BY a.name, a.environment, d.state",
        );
        self.all(query, &self.reader).await
    }

    /// One deployment with its services.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deployment(&self, id: u64) -> Result<Option<Deployment>> {
        let query = sqlx::query(select_deployments!("WHERE d.id = $1")).bind(signed(id));
        let found = self.all(query, &self.reader).await?;
        Ok(self.as_they_stand(found).await?.pop())
    }

    /// The newest deployments of an app, newest first, with their services.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deployments(&self, app_uid: &str, most: u32) -> Result<Vec<Deployment>> {
        let query =
            sqlx::query(select_deployments!("WHERE d.app_uid = $1 ORDER BY d.id DESC LIMIT CAST($2 AS BIGINT)"));
        let found = self.all(query.bind(app_uid.to_owned()).bind(i64::from(most)), &self.reader).await?;
        self.as_they_stand(found).await
    }

    /// A part of an app's deployments, newest first, with their services.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deployments_in(&self, app_uid: &str, slice: Slice) -> Result<(Vec<Deployment>, Count)> {
        let count = sqlx::query("SELECT COUNT(*) FROM deployments WHERE app_uid = $1").bind(app_uid.to_owned());
        let count = self.first(count, &self.reader).await?.unwrap_or(0);
        let query = sqlx::query(select_deployments!(
            "WHERE d.app_uid = $1 ORDER BY d.id DESC LIMIT CAST($2 AS BIGINT) OFFSET $3"
        ));
        let query = query.bind(app_uid.to_owned()).bind(signed(slice.most)).bind(signed(slice.after));
        let found = self.all(query, &self.reader).await?;
        Ok((self.as_they_stand(found).await?, count))
    }

    /// The first deployments of an app that run or wait, in their order, with their services.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn unfinished(&self, app_uid: &str, most: u32) -> Result<Vec<Deployment>> {
        let query = sqlx::query(select_deployments!(
            "WHERE d.app_uid = $1 AND d.state IN ('queued', 'running') ORDER BY d.place, d.id LIMIT CAST($2 AS BIGINT)"
        ));
        let found = self.all(query.bind(app_uid.to_owned()).bind(i64::from(most)), &self.reader).await?;
        let mut deployments = self.as_they_stand(found).await?;
        deployments.retain(|deployment| !deployment.state.is_over());
        let waiting = deployments.iter_mut().filter(|deployment| deployment.state == DeploymentState::Queued);
        for (place, deployment) in (1..).zip(waiting) {
            deployment.place = Some(place);
        }
        Ok(deployments)
    }

    /// How many deployments of an app wait.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn count_waiting(&self, app_uid: &str) -> Result<u64> {
        let query = sqlx::query(
            "SELECT COUNT(*) FROM deployments
             WHERE app_uid = $1 AND state IN ('queued', 'running') AND state = 'queued'",
        );
        Ok(self.first(query.bind(app_uid.to_owned()), &self.reader).await?.unwrap_or(0))
    }

    /// What the redeployment hook said that asked for a deployment, if one did.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn hook_of(&self, deployment: u64) -> Result<Option<Hook>> {
        let query = sqlx::query("SELECT hook FROM deployments WHERE id = $1 AND hook IS NOT NULL");
        self.first(query.bind(signed(deployment)), &self.reader).await
    }

    /// What the hooks said whose deployments were superseded while this one waited, or one whose place it took; the newest first,
    /// and no more than may matter.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn hooks_superseded_beside(&self, deployment: u64) -> Result<Vec<Hook>> {
        let query = sqlx::query(
            "SELECT other.hook FROM deployments own JOIN deployments other
                ON other.app_uid = own.app_uid AND other.id >= own.place AND other.id < own.id
             WHERE own.id = $1 AND other.state = 'superseded' AND other.attempt = 0 AND other.hook IS NOT NULL
             ORDER BY other.id DESC LIMIT CAST($2 AS BIGINT)",
        );
        self.all(query.bind(signed(deployment)).bind(MOST_SUPERSEDED), &self.reader).await
    }

    /// Whether every ref of a deployment has become a sha.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn is_resolved(&self, deployment: u64) -> Result<bool> {
        let query = sqlx::query("SELECT resolved FROM deployments WHERE id = $1").bind(signed(deployment));
        Ok(self.first::<u64, _>(query, &self.reader).await? == Some(1))
    }

    /// Adds each one's services, and tells of those whose engine has died what the next engine will record.
    async fn as_they_stand(&self, found: Vec<Found>) -> Result<Vec<Deployment>> {
        let mut known: HashMap<String, bool> = HashMap::new();
        let mut deployments = Vec::with_capacity(found.len());
        for Found { mut deployment, lives_in, run_by, cancel_reason } in found {
            deployment.services = self.deployment_services(deployment.id).await?;
            if let (Some(engine), false) = (run_by, deployment.state.is_over()) {
                let alive = match known.get(&engine) {
                    Some(alive) => *alive,
                    None => self.is_alive(&engine, &self.reader).await?,
                };
                known.insert(engine, alive);
                if !alive && cancel_reason.is_some() {
                    deployment.state = DeploymentState::Canceled;
                    deployment.reason = cancel_reason;
                } else if !alive {
                    let runs_in = RunsIn::of(lives_in.as_deref());
                    let is_running = deployment.state == DeploymentState::Running;
                    let after = after_death(runs_in, is_running, deployment.attempt);
                    deployment.state = after.state();
                    deployment.reason = Some(after.reason(runs_in).to_owned());
                }
            }
            deployments.push(deployment);
        }
        Ok(deployments)
    }

    async fn deployment_services(&self, id: u64) -> Result<Vec<DeployedService>> {
        let query = sqlx::query(
            "SELECT service, state, reason, reference, branch, sha, image FROM deployment_services
             WHERE deployment = $1 ORDER BY position",
        );
        self.all(query.bind(signed(id)), &self.reader).await
    }

    /// Notes what the services are deployed from, once all refs are resolved: all of them, or none.
    ///
    /// # Errors
    /// When the store cannot be written, or the claim is lost.
    pub async fn set_targets(&self, by: &Holder, deployment: u64, targets: &[(ServiceName, Target)]) -> Result<()> {
        let mut transaction = self.write_as(by).await?;
        for (service, target) in targets {
            let query = sqlx::query(
                "UPDATE deployment_services SET branch = $3, sha = $4 WHERE deployment = $1 AND service = $2",
            );
            let query = query.bind(signed(deployment)).bind(service.to_string());
            let query = query.bind(target.branch.clone()).bind(target.sha.clone());
            self.run(query, &mut *transaction).await?;
        }
        let resolved = sqlx::query("UPDATE deployments SET resolved = 1 WHERE id = $1").bind(signed(deployment));
        self.run(resolved, &mut *transaction).await?;
        self.commit(transaction, News::Queue).await
    }

    /// Notes how a service's part in a deployment stands.
    ///
    /// # Errors
    /// When the store cannot be written, or the claim is lost.
    pub async fn set_service_state(
        &self,
        by: &Holder,
        deployment: u64,
        service: &ServiceName,
        state: RunState,
        reason: Option<&str>,
    ) -> Result<()> {
        let mut transaction = self.write_as(by).await?;
        self.set_service_state_in(&mut transaction, deployment, service, state, reason).await?;
        self.commit(transaction, News::Queue).await
    }

    pub(super) async fn set_service_state_in(
        &self,
        transaction: &mut Writing,
        deployment: u64,
        service: &ServiceName,
        state: RunState,
        reason: Option<&str>,
    ) -> Result<()> {
        let query = sqlx::query(
            "UPDATE deployment_services SET state = $3, reason = $4 WHERE deployment = $1 AND service = $2",
        );
        let query = query.bind(signed(deployment)).bind(service.to_string());
        let query = query.bind(state.word()).bind(reason.map(str::to_owned));
        self.run(query, &mut **transaction).await.map(drop)
    }
}

impl FromRow for Found {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let deployment = Deployment::from_row(row)?;
        let (lives_in, run_by) = (row.try_get("lives_in")?, row.try_get("run_by_engine")?);
        Ok(Self { deployment, lives_in, run_by, cancel_reason: row.try_get("cancel_reason")? })
    }
}

impl FromRow for Deployment {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            id: unsigned(row, "id")?,
            app: AppIdentity::from_row(row)?,
            state: parsed(row, "state")?,
            trigger: parsed(row, "run_by")?,
            user: row.try_get("user_name")?,
            strategy: parsed(row, "strategy")?,
            attempt: unsigned(row, "attempt")?,
            place: maybe_unsigned(row, "place_in_queue")?,
            release: maybe_unsigned(row, "release")?.map(ReleaseNumber),
            rollback_to: maybe_unsigned(row, "rollback_to")?.map(ReleaseNumber),
            reason: row.try_get("reason")?,
            created_at: time(row, "created_at")?,
            started_at: maybe_time(row, "started_at")?,
            ended_at: maybe_time(row, "ended_at")?,
            services: Vec::new(),
        })
    }
}
