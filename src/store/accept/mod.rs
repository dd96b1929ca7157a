//! Accepting redeployment hooks: many at once share a transaction, and so one write to the disk.

mod arriving;

use std::collections::HashMap;
use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{QueryBuilder, Row};

use crate::domain::continuous::HostDeployment;
use crate::domain::deployment::DeploymentState;
use crate::domain::plan::Plan;
use crate::domain::queue::{Hook, Mode, Origin};
use crate::store::accept::arriving::Arriving;
use crate::store::enqueue::{Accepted, insert_deployments, supersede};
use crate::store::log::numbered;
use crate::store::pushes::NewPush;
use crate::store::rows::{FromRow, maybe_unsigned, parsed, signed};
use crate::store::writes::{Writes, filled};
use crate::store::{News, Result, Store, Writing};

/// The most bytes of bodies that are copied before they are written, but for one body more.
const MOST_COPIED: usize = 1024 * 1024;

/// A redeployment hook that verified and was planned.
#[derive(Debug, Clone)]
pub struct NewHook {
    /// The app's key in the store.
    pub app_uid: String,
    /// What it deploys.
    pub plan: Plan,
    /// What it said.
    pub hook: Hook,
    /// Whether newer hooks take the place of older ones.
    pub mode: Mode,
    /// Who pushed.
    pub user: String,
    /// By what a repetition of it is known.
    pub delivery: Option<Delivery>,
    /// Its body.
    pub body: Arc<Vec<u8>>,
    /// How it comes to be deployed.
    pub way: Way,
    /// When it came.
    pub now: Timestamp,
}

/// How what a redeployment hook asks for comes to be deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// In its turn.
    Directly,
    /// The same; a deployment at a Git host asks for it.
    For(HostDeployment),
    /// Once its deployment at the Git host is there.
    After(NewPush),
}

/// By what a repeated delivery is known, among those of its app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The URL's modifiers, normalised.
    pub modifiers: String,
    /// The host's id of the delivery, and what else tells a repetition of it.
    pub ids: Vec<String>,
    /// What is remembered of it as well, for a repetition that goes by that.
    pub also: Option<String>,
}

/// What became of a redeployment hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is on disk.
    Accepted(Accepted),
    /// It is on disk, and waits for its deployment at the Git host.
    Waits,
    /// The same delivery was accepted before, as this deployment.
    Repeated(Accepted),
    /// The same delivery was accepted before, and waits for its deployment at the Git host.
    StillWaits,
    /// Too many wait already; nothing was written.
    Full,
}

impl Store {
    /// Accepts hooks, in order. They are on disk when this returns; who runs them is told of it by
    /// [`ring_for_hooks`](Self::ring_for_hooks). However many they are, they take a few statements for each app.
    ///
    /// # Errors
    /// When the store cannot be read or written; then none of them is accepted.
    pub async fn accept_hooks(&self, hooks: &[&NewHook], remember: Duration) -> Result<Vec<Outcome>> {
        let mut transaction = self.write_now().await?;
        let mut apps: IndexMap<&str, Vec<(usize, &NewHook)>> = IndexMap::new();
        for (at, &hook) in hooks.iter().enumerate() {
            apps.entry(&hook.app_uid).or_default().push((at, hook));
        }
        let mut outcomes = vec![Outcome::Full; hooks.len()];
        for (app_uid, hooks) in apps {
            let (places, hooks): (Vec<usize>, Vec<&NewHook>) = hooks.into_iter().unzip();
            let accepted = self.accept_of_app(&mut transaction, app_uid, &hooks, remember).await?;
            for (place, outcome) in places.into_iter().zip(accepted) {
                outcomes[place] = outcome;
            }
        }
        transaction.commit().await.map_err(|error| self.failed(error))?;
        Ok(outcomes)
    }

    /// Tells who runs deployments of hooks that were accepted: when they have been answered, since that takes a while.
    pub fn ring_for_hooks(&self) {
        self.ring(News::Queue);
    }

    async fn accept_of_app(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        hooks: &[&NewHook],
        remember: Duration,
    ) -> Result<Vec<Outcome>> {
        let origins: Vec<Origin> = hooks.iter().map(|new| Origin::Hook(new.hook.clone())).collect();
        // Under the other mode those that wait do not matter.
        let is_latest = hooks.iter().any(|new| new.mode == Mode::Latest);
        let room = self.room(transaction, app_uid).await?;
        let mut queue = Arriving {
            waiting: if is_latest && room.waiting > 0 {
                self.waiting_hooks(transaction, app_uid).await?
            } else {
                Vec::new()
            },
            known: self.known(transaction, app_uid, hooks, remember).await?,
            room,
            rows: Vec::new(),
            lines: Vec::new(),
            superseded: Vec::new(),
            remembered: IndexMap::new(),
            pushes: Vec::new(),
            at_hosts: Vec::new(),
            bodies: Vec::new(),
        };
        let outcomes: Vec<Outcome> = hooks.iter().zip(&origins).map(|(new, origin)| queue.take(new, origin)).collect();
        let Arriving { room, rows, mut lines, superseded, remembered, pushes, at_hosts, bodies, .. } = queue;
        let Some(now) = hooks.last().map(|new| new.now) else {
            return Ok(outcomes);
        };
        let mut writes = Writes::default();
        lines.extend(superseded.into_iter().map(|(older, by)| supersede(&mut writes, older, by, now)));
        // Of those there is nothing to trim.
        writes.rows(numbered(app_uid, room.next_line, lines.into_iter()).collect::<Vec<_>>());
        insert_deployments(&mut writes, &rows);
        if !pushes.is_empty() || !at_hosts.is_empty() {
            self.write_together(transaction, take(&mut writes)).await?;
        }
        for (new, push) in pushes {
            self.insert_push(transaction, new, push).await?;
        }
        for (id, at_host) in at_hosts {
            self.insert_host_deployment(transaction, id, at_host).await?;
        }
        writes.rows(remembered);
        let waiting = rows.iter().zip(bodies).filter(|(row, _)| row.state == DeploymentState::Queued);
        let mut copied = 0;
        for (row, body) in waiting {
            insert_payload(&mut writes, row.id, body);
            copied += body.len();
            if copied > MOST_COPIED {
                self.write_together(transaction, take(&mut writes)).await?;
                copied = 0;
            }
        }
        self.write_together(transaction, writes).await?;
        Ok(outcomes)
    }

    /// Which of these deliveries came before, and what they became.
    async fn known(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        hooks: &[&NewHook],
        remember: Duration,
    ) -> Result<HashMap<(String, String), First>> {
        let ids: Vec<&String> = hooks.iter().filter_map(|new| new.delivery.as_ref()).flat_map(|it| &it.ids).collect();
        let mut known = HashMap::new();
        let Some(now) = hooks.first().map(|new| new.now) else {
            return Ok(known);
        };
        let since = now.saturating_sub(SignedDuration::try_from(remember).unwrap_or(SignedDuration::MAX));
        let since = since.map_or(i64::MIN, Timestamp::as_millisecond);
        let mut ids = ids.into_iter();
        while ids.len() > 0 {
            let mut query = QueryBuilder::<Sqlite>::new(
                "SELECT r.modifiers, r.delivery, d.id, d.state, d.reason
                 FROM received_hooks r LEFT JOIN pushes p ON p.nonce = r.push
                    LEFT JOIN deployments d ON d.id = COALESCE(r.deployment, p.deployment) WHERE r.app_uid = ",
            );
            query.push_bind(app_uid.to_owned()).push(" AND r.received_at > ").push_bind(since);
            query.push(" AND r.delivery IN (");
            let mut list = query.separated(", ");
            for id in filled(&mut ids) {
                list.push_bind(id.cloned());
            }
            query.push(")");
            let found: Vec<Known> = self.all(query.build(), &mut **transaction).await?;
            known.extend(found.into_iter().map(|Known { modifiers, id, first }| ((modifiers, id), first)));
        }
        Ok(known)
    }

    /// The body that a deployment's redeployment hook came with.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn payload(&self, deployment: u64) -> Result<Option<Vec<u8>>> {
        let query = sqlx::query("SELECT body FROM payloads WHERE deployment = $1").bind(signed(deployment));
        self.first(query, &self.reader).await
    }

    /// Forgets deliveries that nobody has to be compared with any more, and the payloads of what is over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forget_deliveries_before(&self, cutoff: Timestamp) -> Result<()> {
        let mut transaction = self.write().await?;
        let old = sqlx::query("DELETE FROM received_hooks WHERE received_at < $1").bind(cutoff.as_millisecond());
        self.run(old, &mut *transaction).await?;
        let over = sqlx::query(
            "DELETE FROM payloads WHERE deployment NOT IN (SELECT id FROM deployments WHERE state IN ('queued', 'running'))",
        );
        self.run(over, &mut *transaction).await?;
        self.forget_pushes_before(&mut transaction, cutoff).await?;
        transaction.commit().await.map_err(|error| self.failed(error))
    }
}

/// Keeps the body that a deployment's redeployment hook came with.
pub(super) fn insert_payload(writes: &mut Writes, deployment: u64, body: &[u8]) {
    if !body.is_empty() {
        writes.statement("INSERT INTO payloads (deployment, body) VALUES (?, ?)", [deployment.into(), body.into()]);
    }
}

/// What a delivery became: nothing while it waits as a push.
type First = Option<Accepted>;

impl FromRow for First {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let Some(id) = maybe_unsigned(row, "id")? else {
            return Ok(None);
        };
        Ok(Some(Accepted { id, state: parsed(row, "state")?, reason: row.try_get("reason")? }))
    }
}

/// A delivery that came before.
struct Known {
    modifiers: String,
    id: String,
    first: First,
}

impl FromRow for Known {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let first = First::from_row(row)?;
        Ok(Self { modifiers: row.try_get("modifiers")?, id: row.try_get("delivery")?, first })
    }
}

impl FromRow for Vec<u8> {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        row.try_get(0)
    }
}
