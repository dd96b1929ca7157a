//! Deployments and their services.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::app::AppIdentity;
use crate::domain::deployment::{
    COMMAND_DIED, DeployedService, Deployment, DeploymentState, RunState, Target, Trigger,
};
use crate::domain::plan::Plan;
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;
use crate::store::claims::Holder;
use crate::store::rows::{FromRow, maybe_time, parsed, signed, time, unsigned};
use crate::store::{Result, Store};

/// A deployment that is asked for.
#[derive(Debug, Clone)]
pub struct NewDeployment<'a> {
    /// The app's key in the store.
    pub app_uid: &'a str,
    /// The engine that will run it.
    pub engine_uid: &'a str,
    /// What asked for it.
    pub trigger: Trigger,
    /// Who asked for it.
    pub user: &'a str,
    /// What it deploys.
    pub plan: &'a Plan,
    /// When.
    pub now: Timestamp,
}

/// The columns of a deployment with its app's identity.
macro_rules! select_deployments {
    ($rest:literal) => {
        concat!(
            "SELECT d.id, a.name, a.environment, d.state, d.run_by, d.user_name, d.release, d.reason,
                    d.created_at, d.started_at, d.ended_at
             FROM deployments d JOIN apps a ON a.uid = d.app_uid ",
            $rest
        )
    };
}

impl Store {
    /// Puts a deployment at the end of its app's queue; says its number.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing is queued.
    pub async fn enqueue(&self, new: NewDeployment<'_>) -> Result<u64> {
        let mut transaction = self.write().await?;
        let next = sqlx::query("SELECT COALESCE(MAX(id), 0) + 1 FROM deployments");
        let id: u64 = self.first(next, &mut *transaction).await?.unwrap_or(1);
        let insert = sqlx::query(
            "INSERT INTO deployments (id, app_uid, engine_uid, state, run_by, user_name, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let insert = insert
            .bind(signed(id))
            .bind(new.app_uid.to_owned())
            .bind(new.engine_uid.to_owned())
            .bind(DeploymentState::Queued.word())
            .bind(new.trigger.word())
            .bind(new.user.to_owned())
            .bind(new.now.as_millisecond());
        self.run(insert, &mut *transaction).await?;
        let planned =
            new.plan.services.iter().map(|planned| (&planned.service, RunState::Waiting, planned.target.clone(), None));
        let skipped = new.plan.skipped.iter();
        let skipped = skipped
            .map(|skipped| (&skipped.service, RunState::Skipped, Target::default(), Some(skipped.reason.to_string())));
        for (position, (service, state, target, reason)) in (0_i64..).zip(planned.chain(skipped)) {
            let insert = sqlx::query(
                "INSERT INTO deployment_services (deployment, position, service, state, reason, reference, branch, sha, image)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            );
            let insert = insert
                .bind(signed(id))
                .bind(position)
                .bind(service.to_string())
                .bind(state.word())
                .bind(reason)
                .bind(target.reference)
                .bind(target.branch)
                .bind(target.sha)
                .bind(target.image.map(|image| image.to_string()));
            self.run(insert, &mut *transaction).await?;
        }
        self.commit(transaction).await?;
        Ok(id)
    }

    /// One deployment with its services, as it stands at `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deployment(&self, id: u64, now: Timestamp) -> Result<Option<Deployment>> {
        let query = sqlx::query(select_deployments!("WHERE d.id = $1")).bind(signed(id));
        let found: Vec<Deployment> = self.all(query, &self.pool).await?;
        Ok(self.as_they_stand(found, now).await?.pop())
    }

    /// The newest deployments of an app, newest first, with their services.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn deployments(&self, app_uid: &str, most: u32, now: Timestamp) -> Result<Vec<Deployment>> {
        let query = sqlx::query(select_deployments!("WHERE d.app_uid = $1 ORDER BY d.id DESC LIMIT $2"));
        let deployments = self.all(query.bind(app_uid.to_owned()).bind(i64::from(most)), &self.pool).await?;
        self.as_they_stand(deployments, now).await
    }

    /// The deployments of an app that run or wait, oldest first, with their services.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn unfinished(&self, app_uid: &str, now: Timestamp) -> Result<Vec<Deployment>> {
        let query =
            sqlx::query(select_deployments!("WHERE d.app_uid = $1 AND d.state IN ('queued', 'running') ORDER BY d.id"));
        let deployments = self.all(query.bind(app_uid.to_owned()), &self.pool).await?;
        let mut deployments = self.as_they_stand(deployments, now).await?;
        deployments.retain(|deployment| !deployment.state.is_over());
        Ok(deployments)
    }

    /// Adds each one's services, and tells of those whose engine has died what the next engine will record.
    async fn as_they_stand(&self, mut deployments: Vec<Deployment>, now: Timestamp) -> Result<Vec<Deployment>> {
        for deployment in &mut deployments {
            deployment.services = self.deployment_services(deployment.id).await?;
            if !deployment.state.is_over() && !self.has_live_engine(deployment.id, now).await? {
                deployment.state = deployment.state.after_death();
                deployment.reason = Some(COMMAND_DIED.to_owned());
            }
        }
        Ok(deployments)
    }

    async fn has_live_engine(&self, id: u64, now: Timestamp) -> Result<bool> {
        let query = sqlx::query(
            "SELECT e.uid FROM deployments d JOIN engines e ON e.uid = d.engine_uid WHERE d.id = $1 AND e.lease_until BETWEEN $2 AND $2 + 2 * e.lease_length",
        );
        let query = query.bind(signed(id)).bind(now.as_millisecond());
        Ok(self.first::<String, _>(query, &self.pool).await?.is_some())
    }

    async fn deployment_services(&self, id: u64) -> Result<Vec<DeployedService>> {
        let query = sqlx::query(
            "SELECT service, state, reason, reference, branch, sha, image FROM deployment_services
             WHERE deployment = $1 ORDER BY position",
        );
        self.all(query.bind(signed(id)), &self.pool).await
    }

    /// Notes what a service is deployed from, once its ref is resolved.
    ///
    /// # Errors
    /// When the store cannot be written, or another engine has taken over.
    pub async fn set_target(&self, by: &Holder, deployment: u64, service: &ServiceName, target: &Target) -> Result<()> {
        let query =
            sqlx::query("UPDATE deployment_services SET branch = $3, sha = $4 WHERE deployment = $1 AND service = $2");
        let query = query.bind(signed(deployment)).bind(service.to_string());
        let query = query.bind(target.branch.clone()).bind(target.sha.clone());
        let mut transaction = self.write_as(by).await?;
        self.run(query, &mut *transaction).await?;
        self.commit(transaction).await
    }

    /// Notes how a service's part in a deployment stands.
    ///
    /// # Errors
    /// When the store cannot be written, or another engine has taken over.
    pub async fn set_service_state(
        &self,
        by: &Holder,
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
        let mut transaction = self.write_as(by).await?;
        self.run(query, &mut *transaction).await?;
        self.commit(transaction).await
    }
}

impl FromRow for Deployment {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let release: Option<i64> = row.try_get("release")?;
        Ok(Self {
            id: unsigned(row, "id")?,
            app: AppIdentity::from_row(row)?,
            state: parsed(row, "state")?,
            trigger: parsed(row, "run_by")?,
            user: row.try_get("user_name")?,
            release: release.and_then(|number| u64::try_from(number).ok()).map(ReleaseNumber),
            reason: row.try_get("reason")?,
            created_at: time(row, "created_at")?,
            started_at: maybe_time(row, "started_at")?,
            ended_at: maybe_time(row, "ended_at")?,
            services: Vec::new(),
        })
    }
}
