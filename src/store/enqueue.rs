//! Accepting a deployment: what was asked for is queued, and what that does to others is done, in one transaction.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::domain::deployment::{DeploymentState, RunState, Strategy, Target};
use crate::domain::plan::Plan;
use crate::domain::queue::{Admission, Arrival, Insistence, Mode, Origin, Waiting, admit_paused, arrive};
use crate::domain::service::ServiceName;
use crate::domain::setting::{self, PARALLEL, PAUSED};
use crate::store::log::NewLine;
use crate::store::rows::{FromRow, signed, unsigned};
use crate::store::settle::{end_deployment, skip_waiting_services};
use crate::store::writes::{Cell, InsertRow, Writes};
use crate::store::{News, Result, Store, StoreError, Writing};

/// The most deployments of an app that wait.
pub const MOST_WAITING: u64 = 1_000;

/// Why a deployment is ignored while the app's are paused.
pub(super) const IS_PAUSED: &str = "deployments of this app are paused";

/// Why a deployment of nothing is ignored.
pub(super) const NOTHING: &str = "no service is selected";

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

/// What a new deployment of an app finds.
pub(super) struct Room {
    /// Its number.
    pub next: u64,
    /// How many of the app wait, pushes too.
    pub waiting: u64,
    /// The number of its log's next line.
    pub next_line: u64,
    /// The app's settings.
    pub settings: Vec<(String, String)>,
}

/// The same, with one of the app's settings.
struct WithSetting {
    room: Room,
    setting: Option<(String, String)>,
}

impl FromRow for WithSetting {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let (next, waiting, next_line) =
            (unsigned(row, "next")?, unsigned(row, "waiting")?, unsigned(row, "next_line")?);
        let room = Room { next, waiting, next_line, settings: Vec::new() };
        Ok(Self { room, setting: row.try_get::<Option<String>, _>("key")?.zip(row.try_get("value")?) })
    }
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
        let Room { next: id, settings, .. } = self.room(transaction, new.app_uid).await?;
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
        let mut writes = Writes::default();
        insert_deployments(&mut writes, &[row]);
        self.write_together(transaction, writes).await?;
        Ok(Accepted { id, state, reason })
    }

    /// What a new deployment of an app finds; those that wait are counted no further than it matters.
    pub(super) async fn room(&self, transaction: &mut Writing, app_uid: &str) -> Result<Room> {
        let query = sqlx::query(
            "SELECT (SELECT COALESCE(MAX(id), 0) + 1 FROM deployments) AS next,
                (SELECT COUNT(*) FROM (SELECT id FROM deployments
                    WHERE app_uid = $1 AND state IN ('queued', 'running') AND state = 'queued' LIMIT CAST($2 AS BIGINT)) AS waiting)
                + (SELECT COUNT(*) FROM pushes WHERE app_uid = $1 AND state IN ('new', 'created')) AS waiting,
                (SELECT COALESCE(MAX(number), 0) + 1 FROM log_lines WHERE app_uid = $1) AS next_line,
                s.key, s.value FROM (SELECT 1) AS one LEFT JOIN settings s ON s.app_uid = $1 ORDER BY s.key",
        );
        let query = query.bind(app_uid.to_owned()).bind(signed(MOST_WAITING));
        let mut rows: Vec<WithSetting> = self.all(query, &mut **transaction).await?;
        let settings = rows.iter_mut().filter_map(|row| row.setting.take()).collect();
        let room = rows.pop().ok_or_else(|| self.failed(sqlx::Error::RowNotFound))?.room;
        Ok(Room { settings, ..room })
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
            let mut writes = Writes::default();
            let line = supersede(&mut writes, older, id, new.now);
            self.write_together(transaction, writes).await?;
            self.append_log_in(transaction, new.app_uid, &[line]).await?;
        }
        let place = waiting.iter().find(|older| Some(older.id) == place_of).map_or(id, |older| older.place);
        Ok(Standing { place, state: DeploymentState::Queued, reason: None })
    }

    /// The deployments of hooks that wait and were never begun, in their order.
    pub(super) async fn waiting_hooks(&self, transaction: &mut Writing, app_uid: &str) -> Result<Vec<Waiting>> {
        let query = sqlx::query(
            "SELECT id, place, hook, (SELECT STRING_AGG(service, ' ' ORDER BY position) FROM deployment_services
                WHERE deployment = id AND state = 'waiting') AS services
             FROM deployments WHERE app_uid = $1 AND state IN ('queued', 'running') AND state = 'queued' AND attempt = 0
                AND hook IS NOT NULL ORDER BY place, id",
        );
        self.all(query.bind(app_uid.to_owned()), &mut **transaction).await
    }
}

/// Ends a deployment that was never begun; gives back what the log is to say of it.
pub(super) fn supersede(writes: &mut Writes, older: u64, by: u64, now: Timestamp) -> NewLine {
    let (reason, state) = (takes_its_place(by), DeploymentState::Superseded);
    let text = format!("Deployment {older} {state}: {reason}");
    end_deployment(writes, older, state, Some(reason), now);
    skip_waiting_services(writes, older);
    NewLine::of_engine(Some(older), text)
}

/// Writes deployments and their services.
pub(super) fn insert_deployments(writes: &mut Writes, rows: &[Row<'_>]) {
    writes.rows(rows);
    let services: Vec<ServiceRow> = rows.iter().flat_map(Row::services).collect();
    writes.rows(services);
}

impl InsertRow<15> for &Row<'_> {
    const INTO: &'static str = "deployments (id, app_uid, engine_uid, place, state, run_by, user_name, strategy,
        rollback_to, hook, reason, created_at, ended_at, attempt, resolved)";

    fn cells(self) -> [Cell; 15] {
        let new = &self.new;
        let (rollback_to, hook) = match new.origin {
            Origin::Hook(hook) => (None, serde_json::to_string(hook).ok()),
            Origin::Rollback(release) => (Some(release.0), None),
            Origin::Command => (None, None),
        };
        [
            self.id.into(),
            new.app_uid.into(),
            new.engine_uid.map(str::to_owned).into(),
            self.place.into(),
            self.state.word().into(),
            new.origin.trigger().word().into(),
            new.user.into(),
            self.strategy.word().into(),
            rollback_to.into(),
            hook.into(),
            self.reason.clone().into(),
            new.now.into(),
            self.state.is_over().then_some(new.now).into(),
            0.into(),
            0.into(),
        ]
    }
}

impl InsertRow<9> for ServiceRow {
    const INTO: &'static str =
        "deployment_services (deployment, position, service, state, reason, reference, branch, sha, image)";

    fn cells(self) -> [Cell; 9] {
        let Target { reference, branch, sha, image } = self.target;
        [
            self.deployment.into(),
            self.position.into(),
            self.service.to_string().into(),
            self.state.word().into(),
            self.reason.into(),
            reference.into(),
            branch.into(),
            sha.into(),
            image.map(|image| image.to_string()).into(),
        ]
    }
}

/// What is written of a service's part in a new deployment.
struct ServiceRow {
    deployment: u64,
    position: u64,
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
        (0..).zip(planned.chain(skipped)).map(|(position, (service, state, target, reason))| ServiceRow {
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

pub(super) fn takes_its_place(newer: u64) -> String {
    format!("deployment {newer} takes its place")
}

/// How services are run by an app's settings.
pub(super) fn strategy_of(settings: &[(String, String)]) -> Strategy {
    if setting::is_on(settings, PARALLEL) { Strategy::Parallel } else { Strategy::Serial }
}
