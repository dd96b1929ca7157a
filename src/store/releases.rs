//! Releases, and what they left each service as.

use crate::domain::deployment::{RunState, Target};
use crate::domain::release::{Release, ReleaseNumber, ServiceState};
use crate::domain::service::ServiceName;
use crate::store::claims::Holder;
use crate::store::rows::signed;
use crate::store::{Count, News, Result, Slice, Store};

/// The columns of a release with its app's identity.
macro_rules! select_releases {
    ($rest:literal) => {
        concat!(
            "SELECT a.name, a.environment, r.number, r.deployment, r.state, r.summary, r.sha, r.user_name,
                    r.started_at, r.ended_at
             FROM releases r JOIN apps a ON a.uid = r.app_uid WHERE r.app_uid = $1 ",
            $rest
        )
    };
}

/// Which releases a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Releases {
    /// Those that succeeded.
    Succeeded,
    /// The running, failed and canceled ones too.
    All,
}

impl Store {
    /// The newest releases of an app, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn releases(&self, app_uid: &str, which: Releases, most: u32) -> Result<Vec<Release>> {
        let query = match which {
            Releases::Succeeded => sqlx::query(select_releases!(
                "AND r.state = 'succeeded' ORDER BY r.number DESC LIMIT CAST($2 AS BIGINT)"
            )),
            Releases::All => sqlx::query(select_releases!("ORDER BY r.number DESC LIMIT CAST($2 AS BIGINT)")),
        };
        self.all(query.bind(app_uid.to_owned()).bind(i64::from(most)), &self.reader).await
    }

    /// A page of an app's releases, newest first, and how many there are in all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn release_page(&self, app_uid: &str, which: Releases, slice: Slice) -> Result<(Vec<Release>, Count)> {
        let state = (which == Releases::Succeeded).then(|| RunState::Succeeded.word());
        let count = sqlx::query(
            "SELECT COUNT(*) FROM releases WHERE app_uid = $1 AND (CAST($2 AS TEXT) IS NULL OR state = $2)",
        );
        let count = self.first(count.bind(app_uid.to_owned()).bind(state), &self.reader).await?.unwrap_or(0);
        let query = sqlx::query(select_releases!(
            "AND (CAST($2 AS TEXT) IS NULL OR r.state = $2) ORDER BY r.number DESC LIMIT CAST($3 AS BIGINT) OFFSET $4"
        ));
        let query = query.bind(app_uid.to_owned()).bind(state).bind(signed(slice.most)).bind(signed(slice.after));
        Ok((self.all(query, &self.reader).await?, count))
    }

    /// One release.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn release(&self, app_uid: &str, number: ReleaseNumber) -> Result<Option<Release>> {
        let query = sqlx::query(select_releases!("AND r.number = $2")).bind(app_uid.to_owned()).bind(signed(number.0));
        self.first(query, &self.reader).await
    }

    /// What each service of an app was left as by the releases up to `number`, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn service_states(&self, app_uid: &str, number: ReleaseNumber) -> Result<Vec<ServiceState>> {
        let query = sqlx::query(
            "SELECT s.service, s.release, s.reference, s.branch, s.sha, s.image FROM release_services s
             WHERE s.app_uid = $1 AND s.release = (
                SELECT MAX(n.release) FROM release_services n
                WHERE n.app_uid = s.app_uid AND n.service = s.service AND n.release <= $2)
             ORDER BY s.service",
        );
        self.all(query.bind(app_uid.to_owned()).bind(signed(number.0)), &self.reader).await
    }

    /// The services that were begun after they last ran to their end, and did not end well: what they are now is not known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn services_left_unknown(&self, app_uid: &str) -> Result<Vec<ServiceName>> {
        let query = sqlx::query(
            "SELECT DISTINCT s.service FROM deployment_services s JOIN deployments d ON d.id = s.deployment
             WHERE d.app_uid = $1 AND s.state IN ('running', 'failed', 'canceled') AND d.release > COALESCE((
                SELECT MAX(r.release) FROM release_services r WHERE r.app_uid = d.app_uid AND r.service = s.service), 0)",
        );
        self.all(query.bind(app_uid.to_owned()), &self.reader).await
    }

    /// Notes who and what a release is, once its refs are resolved.
    ///
    /// # Errors
    /// When the store cannot be written, or another engine has taken over.
    pub async fn describe_release(&self, by: &Holder, number: ReleaseNumber, summary: &str, sha: &str) -> Result<()> {
        let query = sqlx::query("UPDATE releases SET summary = $3, sha = $4 WHERE app_uid = $1 AND number = $2");
        let query = query.bind(by.app_uid.clone()).bind(signed(number.0)).bind(summary.to_owned()).bind(sha.to_owned());
        let mut transaction = self.write_as(by).await?;
        self.run(query, &mut *transaction).await?;
        self.commit(transaction, News::Queue).await
    }

    /// Notes that a service ran to its end: its part in the deployment, and the state it is left in.
    ///
    /// # Errors
    /// When the store cannot be written, or another engine has taken over.
    pub async fn service_deployed(
        &self,
        by: &Holder,
        deployment: u64,
        number: ReleaseNumber,
        service: &ServiceName,
        target: &Target,
    ) -> Result<()> {
        let mut transaction = self.write_as(by).await?;
        self.set_service_state_in(&mut transaction, deployment, service, RunState::Succeeded, None).await?;
        let state = sqlx::query(
            "INSERT INTO release_services (app_uid, service, release, reference, branch, sha, image)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let state = state
            .bind(by.app_uid.clone())
            .bind(service.to_string())
            .bind(signed(number.0))
            .bind(target.reference.clone())
            .bind(target.branch.clone())
            .bind(target.sha.clone())
            .bind(target.image.as_ref().map(ToString::to_string));
        self.run(state, &mut *transaction).await?;
        self.commit(transaction, News::Queue).await
    }
}
