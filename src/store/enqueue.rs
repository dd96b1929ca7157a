//! Accepting a deployment: what was asked for is queued, and what that does to others is done, in one transaction.

use jiff::Timestamp;

use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

use crate::domain::deployment::{DeploymentState, RunState, Strategy, Target};
use crate::domain::plan::Plan;
use crate::domain::queue::{Admission, Arrival, Insistence, Mode, Origin, Waiting, admit_paused, arrive};
use crate::domain::service::ServiceName;
use crate::domain::setting::{self, PARALLEL, PAUSED};
use crate::store::claims::Ending;
use crate::store::log::NewLine;
use crate::store::rows::signed;
use crate::store::{News, Result, Store, StoreError, Writing};

/// Why a deployment is ignored while the app's are paused.
pub(super) const IS_PAUSED: &str = "deployments of this app are paused";

/// Why a deployment of nothing is ignored.
pub(super) const NOTHING: &str = "no service is selected";

/// The most rows of a statement.
pub(super) const MOST_ROWS: usize = 500;

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
pub(super) struct Row<'a> {
    pub id: u64,
    pub place: u64,
    pub state: DeploymentState,
    pub reason: Option<String>,
    pub strategy: Strategy,
    pub new: NewDeployment<'a>,
}

/// Where a new deployment comes to stand.
pub(super) struct Standing {
    pub place: u64,
    pub state: DeploymentState,
    pub reason: Option<String>,
}

impl Standing {
    /// One that deploys nothing.
    pub(super) fn ignored(id: u64, reason: &str) -> Self {
        Self { place: id, state: DeploymentState::Ignored, reason: Some(reason.to_owned()) }
    }
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
        let id = self.next_deployment(transaction).await?;
        let settings = self.settings_in(transaction, new.app_uid).await?;
        let is_paused = setting::is_on(&settings, PAUSED);
        let admission = if is_paused { admit_paused(new.origin, new.insistence) } else { Admission::Admitted };
        let Standing { place, state, reason } = match admission {
            Admission::Refused => return Err(StoreError::Paused),
            Admission::Ignored => Standing::ignored(id, IS_PAUSED),
            Admission::Admitted if new.plan.services.is_empty() => Standing::ignored(id, NOTHING),
            Admission::Admitted => self.find_place(transaction, new, id).await?,
        };
        let strategy = new.strategy.unwrap_or_else(|| strategy_of(&settings));
        let row = Row { id, place, state, reason: reason.clone(), strategy, new: new.clone() };
        if let Some(text) = row.told() {
            self.append_log_in(transaction, new.app_uid, &[NewLine::of_engine(Some(id), text)]).await?;
        }
        self.insert_deployments(transaction, &[row]).await?;
        Ok(Accepted { id, state, reason })
    }

    /// The number of the next deployment.
    pub(super) async fn next_deployment(&self, transaction: &mut Writing) -> Result<u64> {
        let next = sqlx::query("SELECT COALESCE(MAX(id), 0) + 1 FROM deployments");
        Ok(self.first(next, &mut **transaction).await?.unwrap_or(1))
    }

    /// Finds the place of a new deployment, and supersedes those that it stands for.
    async fn find_place(&self, transaction: &mut Writing, new: &NewDeployment<'_>, id: u64) -> Result<Standing> {
        let waiting = match new.origin {
            Origin::Command => Vec::new(),
            Origin::Rollback(_) | Origin::Hook(_) => self.waiting_hooks(transaction, new.app_uid).await?,
        };
        let services: Vec<ServiceName> = new.plan.services.iter().map(|planned| planned.service.clone()).collect();
        let (place_of, supersedes) = match arrive(&waiting, new.origin, &services, new.mode) {
            Arrival::SupersededBy(newer) => {
                let reason = Some(format!("deployment {newer} is newer"));
                return Ok(Standing { place: id, state: DeploymentState::Superseded, reason });
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
        Ok(Standing { place, state: DeploymentState::Queued, reason: None })
    }

    /// The deployments of hooks that wait and were never begun, in their order.
    pub(super) async fn waiting_hooks(&self, transaction: &mut Writing, app_uid: &str) -> Result<Vec<Waiting>> {
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

    /// Writes deployments and their services, many in one statement.
    pub(super) async fn insert_deployments(&self, transaction: &mut Writing, rows: &[Row<'_>]) -> Result<()> {
        for rows in rows.chunks(MOST_ROWS) {
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT INTO deployments (id, app_uid, engine_uid, place, state, run_by, user_name, strategy, attempt,
                    resolved, rollback_to, hook, reason, created_at, ended_at) ",
            );
            insert.push_values(rows, |mut values, row| {
                let (new, ended_at) = (&row.new, row.state.is_over().then_some(row.new.now.as_millisecond()));
                let (rollback_to, hook) = match new.origin {
                    Origin::Hook(hook) => (None, serde_json::to_string(hook).ok()),
                    Origin::Rollback(release) => (Some(signed(release.0)), None),
                    Origin::Command => (None, None),
                };
                values.push_bind(signed(row.id)).push_bind(new.app_uid.to_owned());
                values.push_bind(new.engine_uid.map(str::to_owned)).push_bind(signed(row.place));
                values.push_bind(row.state.word()).push_bind(new.origin.trigger().word());
                values.push_bind(new.user.to_owned()).push_bind(row.strategy.word());
                values.push_bind(0_i64).push_bind(0_i64).push_bind(rollback_to).push_bind(hook);
                values.push_bind(row.reason.clone()).push_bind(new.now.as_millisecond()).push_bind(ended_at);
            });
            self.run(insert.build().persistent(false), &mut **transaction).await?;
        }
        let services: Vec<ServiceRow> = rows.iter().flat_map(Row::services).collect();
        for services in services.chunks(MOST_ROWS) {
            self.insert_services(transaction, services).await?;
        }
        Ok(())
    }

    async fn insert_services(&self, transaction: &mut Writing, services: &[ServiceRow]) -> Result<()> {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO deployment_services (deployment, position, service, state, reason, reference, branch, sha, image) ",
        );
        insert.push_values(services, |mut values, row| {
            let target = &row.target;
            values.push_bind(signed(row.deployment)).push_bind(row.position).push_bind(row.service.to_string());
            values.push_bind(row.state.word()).push_bind(row.reason.clone()).push_bind(target.reference.clone());
            values.push_bind(target.branch.clone()).push_bind(target.sha.clone());
            values.push_bind(target.image.as_ref().map(ToString::to_string));
        });
        self.run(insert.build().persistent(false), &mut **transaction).await.map(drop)
    }
}

/// What is written of a service's part in a new deployment.
struct ServiceRow {
    deployment: u64,
    position: i64,
    service: ServiceName,
    state: RunState,
    target: Target,
    reason: Option<String>,
}

impl Row<'_> {
    fn services(&self) -> impl Iterator<Item = ServiceRow> {
        let state = if self.state.is_over() { RunState::Skipped } else { RunState::Waiting };
        let planned = self.new.plan.services.iter();
        let planned =
            planned.map(move |planned| (planned.service.clone(), state, planned.target.clone(), self.reason.clone()));
        let skipped = self.new.plan.skipped.iter().map(|skipped| {
            (skipped.service.clone(), RunState::Skipped, Target::default(), Some(skipped.reason.to_string()))
        });
        (0_i64..).zip(planned.chain(skipped)).map(|(position, (service, state, target, reason))| ServiceRow {
            deployment: self.id,
            position,
            service,
            state,
            target,
            reason,
        })
    }

    /// What its log says of it, if it does not wait.
    pub(super) fn told(&self) -> Option<String> {
        let reason = self.reason.as_ref()?;
        Some(format!("Deployment {} {}: {reason}", self.id, self.state))
    }
}

/// How services are run by an app's settings.
pub(super) fn strategy_of(settings: &[(String, String)]) -> Strategy {
    if setting::is_on(settings, PARALLEL) { Strategy::Parallel } else { Strategy::Serial }
}
