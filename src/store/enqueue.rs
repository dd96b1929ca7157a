//! Accepting a deployment: what was asked for is queued, and what that does to others is done, in one transaction.

use jiff::Timestamp;

use crate::domain::deployment::{DeploymentState, RunState, Strategy, Target};
use crate::domain::plan::Plan;
use crate::domain::queue::{Admission, Arrival, Insistence, Mode, Origin, Waiting, admit_paused, arrive};
use crate::domain::service::ServiceName;
use crate::domain::setting::{self, PARALLEL, PAUSED};
use crate::store::claims::Ending;
use crate::store::log::NewLine;
use crate::store::rows::signed;
use crate::store::{News, Result, Store, StoreError, Writing};

/// A deployment that is asked for.
#[derive(Debug, Clone)]
pub struct NewDeployment<'a> {
    /// The app's key in the store.
    pub app_uid: &'a str,
    /// The engine of the command that it lives in; without one it waits for a `hookbelt serve`.
    pub engine_uid: Option<&'a str>,
    /// What asked for it.
    pub origin: &'a Origin,
    /// Whether it is wanted though deployments are paused.
    pub insistence: Insistence,
    /// Whether newer hooks take the place of older ones.
    pub mode: Mode,
    /// Who asked for it.
    pub user: &'a str,
    /// What it deploys.
    pub plan: &'a Plan,
    /// How its services are run; by the app's setting if nobody says.
    pub strategy: Option<Strategy>,
    /// When.
    pub now: Timestamp,
}

/// A deployment that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its number.
    pub id: u64,
    /// Queued; or superseded or ignored already.
    pub state: DeploymentState,
    /// Why it is not queued.
    pub reason: Option<String>,
}

/// What is written of a new deployment.
struct Row {
    id: u64,
    place: u64,
    state: DeploymentState,
    reason: Option<String>,
}

fn ignored(id: u64, reason: &str) -> Row {
    Row { id, place: id, state: DeploymentState::Ignored, reason: Some(reason.to_owned()) }
}

impl Store {
    /// Accepts a deployment.
    ///
    /// # Errors
    /// [`StoreError::Paused`], or when the store cannot be written; then nothing is queued.
    pub async fn enqueue(&self, new: NewDeployment<'_>) -> Result<Accepted> {
        let mut transaction = self.write().await?;
        let accepted = self.enqueue_in(&mut transaction, &new).await?;
        self.commit(transaction, News::Queue).await?;
        Ok(accepted)
    }

    pub(super) async fn enqueue_in(&self, transaction: &mut Writing, new: &NewDeployment<'_>) -> Result<Accepted> {
        let next = sqlx::query("SELECT COALESCE(MAX(id), 0) + 1 FROM deployments");
        let id: u64 = self.first(next, &mut **transaction).await?.unwrap_or(1);
        let settings = self.settings_in(transaction, new.app_uid).await?;
        let is_paused = setting::is_on(&settings, PAUSED);
        let admission = if is_paused { admit_paused(new.origin, new.insistence) } else { Admission::Admitted };
        let row = match admission {
            Admission::Refused => return Err(StoreError::Paused),
            Admission::Ignored => ignored(id, "deployments of this app are paused"),
            Admission::Admitted if new.plan.services.is_empty() => ignored(id, "no service is selected"),
            Admission::Admitted => self.find_place(transaction, new, id).await?,
        };
        let by_setting = || if setting::is_on(&settings, PARALLEL) { Strategy::Parallel } else { Strategy::Serial };
        self.insert_deployment(transaction, new, new.strategy.unwrap_or_else(by_setting), &row).await?;
        self.insert_services(transaction, new.plan, &row).await?;
        if let Some(reason) = &row.reason {
            let line = NewLine::of_engine(Some(id), format!("Deployment {id} {}: {reason}", row.state));
            self.append_log_in(transaction, new.app_uid, &[line]).await?;
        }
        Ok(Accepted { id, state: row.state, reason: row.reason })
    }

    /// Finds the place of a new deployment, and supersedes those that it stands for.
    async fn find_place(&self, transaction: &mut Writing, new: &NewDeployment<'_>, id: u64) -> Result<Row> {
        let waiting = match new.origin {
            Origin::Command => Vec::new(),
            Origin::Rollback(_) | Origin::Hook(_) => self.waiting_hooks(transaction, new.app_uid).await?,
        };
        let services: Vec<ServiceName> = new.plan.services.iter().map(|planned| planned.service.clone()).collect();
        let (place_of, supersedes) = match arrive(&waiting, new.origin, &services, new.mode) {
            Arrival::SupersededBy(newer) => {
                let reason = Some(format!("deployment {newer} is newer"));
                return Ok(Row { id, place: id, state: DeploymentState::Superseded, reason });
            }
            Arrival::Waits { place_of, supersedes } => (place_of, supersedes),
        };
        for older in supersedes {
            let reason = Some(format!("deployment {id} takes its place"));
            let state = DeploymentState::Superseded;
            let ending = Ending { state, release: RunState::Superseded, reason };
            self.end_and_say(transaction, new.app_uid, older, &ending, new.now).await?;
        }
        let place = waiting.iter().find(|older| Some(older.id) == place_of).map_or(id, |older| older.place);
        Ok(Row { id, place, state: DeploymentState::Queued, reason: None })
    }

    /// The deployments of hooks that wait and were never begun, in their order.
    async fn waiting_hooks(&self, transaction: &mut Writing, app_uid: &str) -> Result<Vec<Waiting>> {
        let query = sqlx::query(
            "SELECT id, place, hook FROM deployments
             WHERE app_uid = $1 AND state IN ('queued', 'running') AND state = 'queued' AND attempt = 0
                AND hook IS NOT NULL ORDER BY place, id",
        );
        let mut waiting: Vec<Waiting> = self.all(query.bind(app_uid.to_owned()), &mut **transaction).await?;
        for one in &mut waiting {
            let services = sqlx::query(
                "SELECT service FROM deployment_services WHERE deployment = $1 AND state = 'waiting' ORDER BY position",
            );
            one.services = self.all(services.bind(signed(one.id)), &mut **transaction).await?;
        }
        Ok(waiting)
    }

    async fn insert_deployment(
        &self,
        transaction: &mut Writing,
        new: &NewDeployment<'_>,
        strategy: Strategy,
        row: &Row,
    ) -> Result<()> {
        let hook = match new.origin {
            Origin::Hook(hook) => serde_json::to_string(hook).ok(),
            Origin::Command | Origin::Rollback(_) => None,
        };
        let rollback_to = match new.origin {
            Origin::Rollback(release) => Some(signed(release.0)),
            Origin::Command | Origin::Hook(_) => None,
        };
        let ended_at = row.state.is_over().then_some(new.now.as_millisecond());
        let insert = sqlx::query(
            "INSERT INTO deployments (id, app_uid, engine_uid, place, state, run_by, user_name, strategy, attempt,
                resolved, rollback_to, hook, reason, created_at, ended_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10, $11, $12, $13)",
        );
        let insert = insert
            .bind(signed(row.id))
            .bind(new.app_uid.to_owned())
            .bind(new.engine_uid.map(str::to_owned))
            .bind(signed(row.place))
            .bind(row.state.word())
            .bind(new.origin.trigger().word())
            .bind(new.user.to_owned())
            .bind(strategy.word())
            .bind(rollback_to)
            .bind(hook)
            .bind(row.reason.clone())
            .bind(new.now.as_millisecond())
            .bind(ended_at);
        self.run(insert, &mut **transaction).await.map(drop)
    }

    async fn insert_services(&self, transaction: &mut Writing, plan: &Plan, row: &Row) -> Result<()> {
        let state = if row.state.is_over() { RunState::Skipped } else { RunState::Waiting };
        let planned = plan.services.iter();
        let planned = planned.map(|planned| (&planned.service, state, planned.target.clone(), row.reason.clone()));
        let skipped = plan.skipped.iter();
        let skipped = skipped
            .map(|skipped| (&skipped.service, RunState::Skipped, Target::default(), Some(skipped.reason.to_string())));
        for (position, (service, state, target, reason)) in (0_i64..).zip(planned.chain(skipped)) {
            let insert = sqlx::query(
                "INSERT INTO deployment_services (deployment, position, service, state, reason, reference, branch, sha, image)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            );
            let insert = insert
                .bind(signed(row.id))
                .bind(position)
                .bind(service.to_string())
                .bind(state.word())
                .bind(reason)
                .bind(target.reference)
                .bind(target.branch)
                .bind(target.sha)
                .bind(target.image.map(|image| image.to_string()));
            self.run(insert, &mut **transaction).await?;
        }
        Ok(())
    }
}
