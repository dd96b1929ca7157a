//! Accepting redeployment hooks: many at once share a transaction, and so one write to the disk.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::continuous::HostDeployment;
use crate::domain::deployment::DeploymentState;
use crate::domain::plan::Plan;
use crate::domain::queue::{Hook, Insistence, Mode, Origin};
use crate::store::enqueue::{Accepted, NewDeployment};
use crate::store::pushes::NewPush;
use crate::store::rows::{FromRow, maybe_unsigned, parsed, signed};
use crate::store::{News, Result, Store, Writing};

/// The most deployments of an app that wait.
pub const MOST_WAITING: u64 = 1_000;

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
    pub body: Vec<u8>,
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
    /// Accepts hooks, in order. They are on disk when this returns.
    ///
    /// # Errors
    /// When the store cannot be read or written; then none of them is accepted.
    pub async fn accept_hooks(&self, hooks: &[NewHook], remember: Duration) -> Result<Vec<Outcome>> {
        let mut transaction = self.write().await?;
        let mut outcomes = Vec::with_capacity(hooks.len());
        for hook in hooks {
            outcomes.push(self.accept_hook(&mut transaction, hook, remember).await?);
        }
        self.commit(transaction, News::Queue).await?;
        Ok(outcomes)
    }

    async fn accept_hook(&self, transaction: &mut Writing, new: &NewHook, remember: Duration) -> Result<Outcome> {
        if let Some(delivery) = &new.delivery
            && let Some(first) = self.first_of(transaction, new, delivery, remember).await?
        {
            return Ok(first.map_or(Outcome::StillWaits, Outcome::Repeated));
        }
        if self.waiting(transaction, &new.app_uid).await? >= MOST_WAITING {
            return Ok(Outcome::Full);
        }
        if let Way::After(push) = &new.way {
            self.insert_push(transaction, new, push).await?;
            self.remember(transaction, new, None).await?;
            return Ok(Outcome::Waits);
        }
        let origin = Origin::Hook(new.hook.clone());
        let deployment = NewDeployment {
            app_uid: &new.app_uid,
            engine_uid: None,
            origin: &origin,
            insistence: Insistence::None,
            mode: new.mode,
            user: &new.user,
            plan: &new.plan,
            strategy: None,
            now: new.now,
        };
        let accepted = self.enqueue_in(transaction, &deployment).await?;
        self.remember(transaction, new, Some(accepted.id)).await?;
        self.keep_payload(transaction, &accepted, &new.body).await?;
        if let Way::For(at_host) = &new.way {
            self.insert_host_deployment(transaction, accepted.id, at_host).await?;
        }
        Ok(Outcome::Accepted(accepted))
    }

    pub(super) async fn keep_payload(&self, transaction: &mut Writing, of: &Accepted, body: &[u8]) -> Result<()> {
        if of.state == DeploymentState::Queued && !body.is_empty() {
            let payload = sqlx::query("INSERT INTO payloads (deployment, body) VALUES ($1, $2)");
            self.run(payload.bind(signed(of.id)).bind(body.to_vec()), &mut **transaction).await?;
        }
        Ok(())
    }

    /// What the same delivery became when it came first, a push that waits or a deployment; nothing if it may be sent again.
    async fn first_of(
        &self,
        transaction: &mut Writing,
        new: &NewHook,
        delivery: &Delivery,
        remember: Duration,
    ) -> Result<Option<First>> {
        for id in &delivery.ids {
            let first = self.received(transaction, new, delivery, id, remember).await?;
            let may_be_repeated = |first: &First| first.as_ref().is_some_and(|first| may_be_repeated(first.state));
            if let Some(first) = first.filter(|first| !may_be_repeated(first)) {
                return Ok(Some(first));
            }
        }
        Ok(None)
    }

    async fn received(
        &self,
        transaction: &mut Writing,
        new: &NewHook,
        delivery: &Delivery,
        id: &str,
        remember: Duration,
    ) -> Result<Option<First>> {
        let since = new.now.saturating_sub(SignedDuration::try_from(remember).unwrap_or(SignedDuration::MAX));
        let query = sqlx::query(
            "SELECT d.id, d.state, d.reason
             FROM received_hooks r LEFT JOIN pushes p ON p.nonce = r.push
                LEFT JOIN deployments d ON d.id = COALESCE(r.deployment, p.deployment)
             WHERE r.app_uid = $1 AND r.modifiers = $2 AND r.delivery = $3 AND r.received_at > $4",
        );
        let query = query.bind(new.app_uid.clone()).bind(delivery.modifiers.clone()).bind(id.to_owned());
        let since = since.map_or(i64::MIN, Timestamp::as_millisecond);
        self.first(query.bind(since), &mut **transaction).await
    }

    /// Notes what a delivery became.
    async fn remember(&self, transaction: &mut Writing, new: &NewHook, deployment: Option<u64>) -> Result<()> {
        let Some(delivery) = &new.delivery else {
            return Ok(());
        };
        let push = match &new.way {
            Way::After(push) => Some(push.nonce.clone()),
            Way::Directly | Way::For(_) => None,
        };
        for id in delivery.ids.iter().chain(&delivery.also) {
            let query = sqlx::query(
                "INSERT INTO received_hooks (app_uid, modifiers, delivery, deployment, push, received_at)
                 VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT (app_uid, modifiers, delivery) DO UPDATE
                 SET deployment = excluded.deployment, push = excluded.push, received_at = excluded.received_at",
            );
            let query = query.bind(new.app_uid.clone()).bind(delivery.modifiers.clone()).bind(id.clone());
            let query = query.bind(deployment.map(signed)).bind(push.clone()).bind(new.now.as_millisecond());
            self.run(query, &mut **transaction).await?;
        }
        Ok(())
    }

    /// How many deployments and pushes of an app wait, counted no further than it matters.
    async fn waiting(&self, transaction: &mut Writing, app_uid: &str) -> Result<u64> {
        let query = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM (SELECT id FROM deployments
                WHERE app_uid = $1 AND state IN ('queued', 'running') AND state = 'queued' LIMIT $2) AS waiting)
             + (SELECT COUNT(*) FROM pushes WHERE app_uid = $1 AND state IN ('new', 'created'))",
        );
        let query = query.bind(app_uid.to_owned()).bind(signed(MOST_WAITING));
        Ok(self.first(query, &mut **transaction).await?.unwrap_or(0))
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
        let old = sqlx::query("DELETE FROM received_hooks WHERE received_at < $1").bind(cutoff.as_millisecond());
        self.run(old, &self.writer).await?;
        let over = sqlx::query(
            "DELETE FROM payloads WHERE deployment NOT IN (SELECT id FROM deployments WHERE state IN ('queued', 'running'))",
        );
        self.run(over, &self.writer).await?;
        self.forget_pushes_before(cutoff).await
    }
}

/// What a delivery became: nothing while it waits as a push.
type First = Option<Accepted>;

/// What did not come to a good end may be sent again by a person.
fn may_be_repeated(state: DeploymentState) -> bool {
    matches!(state, DeploymentState::Failed | DeploymentState::Canceled | DeploymentState::Ignored)
}

impl FromRow for First {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let Some(id) = maybe_unsigned(row, "id")? else {
            return Ok(None);
        };
        Ok(Some(Accepted { id, state: parsed(row, "state")?, reason: row.try_get("reason")? }))
    }
}

impl FromRow for Vec<u8> {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        row.try_get(0)
    }
}
