//! The deployments at a Git host that ours answer to, and what the host was told of each.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::continuous::{HostDeployment, HostStatus};
use crate::domain::deployment::DeploymentState;
use crate::store::rows::{FromRow, maybe_time, parsed, signed, unsigned};
use crate::store::{Result, Store, Writing};

/// A deployment whose end its Git host has not been told yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Its number.
    pub deployment: u64,
    /// The app's key in the store.
    pub app_uid: String,
    /// The deployment at the host.
    pub at_host: HostDeployment,
    /// The last status that the host was told.
    pub told: Option<HostStatus>,
    /// How it stands.
    pub state: DeploymentState,
    /// Why.
    pub reason: Option<String>,
    /// Whether it was begun.
    pub has_begun: bool,
}

impl Followed {
    /// The statuses that are to be told, in order.
    #[must_use]
    pub fn to_tell(&self) -> Vec<HostStatus> {
        HostStatus::to_tell(self.told, HostStatus::of(self.state, self.reason.as_deref()), self.has_begun)
    }
}

impl Store {
    pub(super) async fn insert_host_deployment(
        &self,
        transaction: &mut Writing,
        deployment: u64,
        at_host: &HostDeployment,
    ) -> Result<()> {
        let insert =
            sqlx::query("INSERT INTO host_deployments (deployment, repository, host_deployment) VALUES ($1, $2, $3)");
        let insert = insert.bind(signed(deployment)).bind(at_host.repository.clone()).bind(signed(at_host.id));
        self.run(insert, &mut **transaction).await.map(drop)
    }

    /// The deployments whose end their Git host has not been told yet, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn followed_deployments(&self) -> Result<Vec<Followed>> {
        let query = sqlx::query(
            "SELECT h.deployment, d.app_uid, h.repository, h.host_deployment, h.told, d.state, d.reason, d.started_at
             FROM host_deployments h JOIN deployments d ON d.id = h.deployment
             WHERE h.told IS NULL OR h.told IN ('queued', 'in_progress') ORDER BY h.deployment",
        );
        self.all(query, &self.reader).await
    }

    /// Notes that a Git host was told a status, or that it will not be told it any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn host_is_told(&self, deployment: u64, status: HostStatus) -> Result<()> {
        let query = sqlx::query("UPDATE host_deployments SET told = $2 WHERE deployment = $1");
        self.run(query.bind(signed(deployment)).bind(status.word()), &self.writer).await.map(drop)
    }
}

impl FromRow for Followed {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let told: Option<String> = row.try_get("told")?;
        Ok(Self {
            deployment: unsigned(row, "deployment")?,
            app_uid: row.try_get("app_uid")?,
            at_host: HostDeployment { repository: row.try_get("repository")?, id: unsigned(row, "host_deployment")? },
            told: told.map(|_| parsed(row, "told")).transpose()?,
            state: parsed(row, "state")?,
            reason: row.try_get("reason")?,
            has_begun: maybe_time(row, "started_at")?.is_some(),
        })
    }
}
