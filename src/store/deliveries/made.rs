//! How deliveries come to be: in the transaction that begins or ends the deployment that they tell of, so that none is lost.

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::delivery::receiver::Receiver;
use crate::domain::delivery::{DeliveryState, HookEvent};
use crate::domain::deployment::Target;
use crate::domain::release::{self, ReleaseNumber};
use crate::domain::service::ServiceName;
use crate::store::rows::{FromRow, maybe_unsigned, parsed, signed};
use crate::store::writes::{Cell, InsertRow};
use crate::store::{Result, Store, Writing};

/// A deploy hook that is to tell of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// What the receiver knows its messages by: 32 random hex digits.
    pub message: String,
    /// Who is told.
    pub receiver: Receiver,
    /// What it is told.
    pub events: Vec<HookEvent>,
}

/// What is written of one.
struct HookRow<'a> {
    deployment: u64,
    position: u64,
    telling: &'a Telling,
}

impl InsertRow<7> for HookRow<'_> {
    const INTO: &'static str = "deployment_hooks (deployment, position, message, format, url, host, events)";

    fn cells(self) -> [Cell; 7] {
        let Telling { message, receiver, events } = self.telling;
        let words: Vec<&str> = events.iter().map(|event| event.word()).collect();
        [
            self.deployment.into(),
            self.position.into(),
            message.clone().into(),
            receiver.format().word().into(),
            receiver.url().into(),
            receiver.host().into(),
            format!(" {} ", words.join(" ")).into(),
        ]
    }
}

/// Who began a deployment, and whether it goes back to a release.
struct Begun {
    user: String,
    rollback_to: Option<ReleaseNumber>,
}

impl FromRow for Begun {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        let rollback_to = maybe_unsigned(row, "rollback_to")?.map(ReleaseNumber);
        Ok(Self { user: row.try_get("user_name")?, rollback_to })
    }
}

impl FromRow for (ServiceName, Target) {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok((parsed(row, "service")?, Target::from_row(row)?))
    }
}

impl Store {
    /// Notes who is told of a deployment, as the manifest says now.
    pub(in crate::store) async fn note_tellings(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        deployment: u64,
        tellings: &[Telling],
    ) -> Result<()> {
        self.forget_tellings(transaction, deployment).await?;
        let rows: Vec<HookRow<'_>> =
            (0..).zip(tellings).map(|(position, telling)| HookRow { deployment, position, telling }).collect();
        self.insert(transaction, rows).await?;
        // What was taken out of the manifest is on again when it comes back.
        let gone = sqlx::query(
            "DELETE FROM hooks_off WHERE app_uid = $1 AND NOT EXISTS (
                SELECT 1 FROM deployment_hooks h
                WHERE h.deployment = $2 AND h.format = hooks_off.format AND h.url = hooks_off.url)",
        );
        self.run(gone.bind(app_uid.to_owned()).bind(signed(deployment)), &mut **transaction).await.map(drop)
    }

    async fn forget_tellings(&self, transaction: &mut Writing, deployment: u64) -> Result<()> {
        let forget = sqlx::query("DELETE FROM deployment_hooks WHERE deployment = $1").bind(signed(deployment));
        self.run(forget, &mut **transaction).await.map(drop)
    }

    /// Tells that a deployment has begun. What its release is called is known as far as its plan says it.
    pub(in crate::store) async fn tell_of_start(
        &self,
        transaction: &mut Writing,
        deployment: u64,
        now: Timestamp,
    ) -> Result<()> {
        let begun =
            sqlx::query("SELECT user_name, rollback_to FROM deployments WHERE id = $1").bind(signed(deployment));
        let Some(begun) = self.first::<Begun, _>(begun, &mut **transaction).await? else {
            return Ok(());
        };
        let parts = sqlx::query(
            "SELECT service, reference, branch, sha, image FROM deployment_services
             WHERE deployment = $1 AND state = 'waiting' ORDER BY position",
        );
        let parts: Vec<(ServiceName, Target)> = self.all(parts.bind(signed(deployment)), &mut **transaction).await?;
        let summary = match begun.rollback_to {
            Some(release) => release::rollback_summary(&begun.user, release),
            None => release::summary(&begun.user, &parts),
        };
        let describe = sqlx::query("UPDATE releases SET summary = $2, sha = $3 WHERE deployment = $1");
        let describe = describe.bind(signed(deployment)).bind(summary).bind(release::release_sha(&parts).to_owned());
        self.run(describe, &mut **transaction).await?;
        self.tell(transaction, deployment, HookEvent::Started, now).await
    }

    /// Tells how a deployment has ended; nobody is told of one that never began.
    pub(in crate::store) async fn tell_of_end(
        &self,
        transaction: &mut Writing,
        deployment: u64,
        event: Option<HookEvent>,
        now: Timestamp,
    ) -> Result<()> {
        if let Some(event) = event {
            self.tell(transaction, deployment, event, now).await?;
        }
        self.forget_tellings(transaction, deployment).await
    }

    async fn tell(&self, transaction: &mut Writing, deployment: u64, event: HookEvent, now: Timestamp) -> Result<()> {
        let tell = sqlx::query(
            "INSERT INTO deliveries (id, message, app_uid, deployment, event, format, url, host, release, summary, sha,
                user_name, state, attempts, tries, due_at, created_at)
             SELECT (SELECT COALESCE(MAX(id), 0) FROM deliveries) + ROW_NUMBER() OVER (ORDER BY h.position),
                'msg_' || h.message || '_' || $2, r.app_uid, h.deployment, $2, h.format, h.url, h.host, r.number, r.summary,
                r.sha, r.user_name, $3, 0, 0, $4, $4
             FROM deployment_hooks h JOIN releases r ON r.deployment = h.deployment
             WHERE h.deployment = $1 AND h.events LIKE '% ' || $2 || ' %' AND NOT EXISTS (
                SELECT 1 FROM hooks_off o WHERE o.app_uid = r.app_uid AND o.format = h.format AND o.url = h.url)",
        );
        let tell = tell.bind(signed(deployment)).bind(event.word()).bind(DeliveryState::Waiting.word());
        self.run(tell.bind(now.as_millisecond()), &mut **transaction).await.map(drop)
    }
}
