//! Recording what came of attempts: how the deliveries stand, a receipt of each attempt, and what the log says.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use sqlx::QueryBuilder;
use sqlx::sqlite::Sqlite;

use crate::domain::delivery::{DeliveryState, Receipt};
use crate::store::deliveries::turn::{Taken, push_ids};
use crate::store::log::NewLine;
use crate::store::rows::{Query, signed};
use crate::store::writes::{Cell, InsertRow, filled};
use crate::store::{Result, Store, Writing};

/// What became of a delivery that an engine had taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The delivery.
    pub delivery: Taken,
    /// The attempt, if one was made.
    pub receipt: Option<Receipt>,
    /// What it is now.
    pub state: DeliveryState,
    /// Why, if nothing was attempted.
    pub reason: Option<String>,
    /// When the next attempt is due.
    pub due_at: Option<Timestamp>,
    /// Whether its hook is switched off by it.
    pub switches_off: bool,
    /// What the app's log says of it.
    pub line: Option<String>,
}

/// What is written of deliveries; mostly the same of many.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Change {
    state: DeliveryState,
    /// How many attempts were made.
    made: i64,
    due_at: Option<i64>,
    status: Option<i64>,
    error: Option<String>,
}

impl Change {
    fn of(done: &Done) -> Self {
        let receipt = done.receipt.as_ref();
        Self {
            state: done.state,
            made: i64::from(receipt.is_some()),
            due_at: done.due_at.map(Timestamp::as_millisecond),
            status: receipt.and_then(|receipt| receipt.status).map(i64::from),
            error: receipt.and_then(|receipt| receipt.error.clone()).or_else(|| done.reason.clone()),
        }
    }
}

impl Done {
    /// Whether nothing became of it: another engine is to send it.
    pub(super) fn is_given_back(&self) -> bool {
        self.receipt.is_none() && self.reason.is_none()
    }
}

impl Store {
    pub(super) async fn record(
        &self,
        transaction: &mut Writing,
        engine_uid: &str,
        done: &[Done],
        now: Timestamp,
    ) -> Result<()> {
        let mut alike: HashMap<Change, Vec<u64>> = HashMap::new();
        for done in done.iter().filter(|done| !done.is_given_back()) {
            alike.entry(Change::of(done)).or_default().push(done.delivery.id);
        }
        // What another engine has taken over since is its to record.
        let mut own: HashSet<u64> = HashSet::new();
        for (change, ids) in &alike {
            own.extend(self.change(transaction, engine_uid, change, ids, now).await?);
        }
        for done in done.iter().filter(|done| done.is_given_back()) {
            let free = sqlx::query("UPDATE deliveries SET engine_uid = NULL WHERE id = $1 AND engine_uid = $2");
            let free = free.bind(signed(done.delivery.id)).bind(engine_uid.to_owned());
            self.run(free, &mut **transaction).await?;
        }
        let mut receipts = Vec::new();
        let mut lines: BTreeMap<&str, Vec<NewLine>> = BTreeMap::new();
        for done in done.iter().filter(|done| own.contains(&done.delivery.id)) {
            if done.switches_off {
                self.switch_off(transaction, &done.delivery, now).await?;
            } else if done.state == DeliveryState::Delivered && done.delivery.attempts > 0 {
                self.switch_on(transaction, &done.delivery).await?;
            }
            receipts.extend(done.receipt.as_ref().map(|receipt| (done.delivery.id, receipt)));
            let line = done.line.clone().map(|text| NewLine::of_engine(Some(done.delivery.deployment), text));
            lines.entry(done.delivery.app_uid.as_str()).or_default().extend(line);
        }
        self.insert(transaction, receipts).await?;
        for (app_uid, lines) in lines.into_iter().filter(|(_, lines)| !lines.is_empty()) {
            self.append_log_in(transaction, app_uid, &lines).await?;
        }
        Ok(())
    }

    /// Writes what some deliveries have in common; says which of them this engine still had.
    async fn change(
        &self,
        transaction: &mut Writing,
        engine_uid: &str,
        change: &Change,
        ids: &[u64],
        now: Timestamp,
    ) -> Result<Vec<u64>> {
        let mut changed = Vec::new();
        let mut left = ids.iter();
        while left.len() > 0 {
            let some: Vec<Option<i64>> = filled(&mut left).map(|id| id.map(|id| signed(*id))).collect();
            let mut update = QueryBuilder::<Sqlite>::new("UPDATE deliveries SET engine_uid = NULL, state = ");
            update.push_bind(change.state.word());
            update.push(", attempts = attempts + ").push_bind(change.made);
            update.push(", tries = tries + ").push_bind(change.made);
            update.push(", due_at = ").push_bind(change.due_at);
            update.push(", status = ").push_bind(change.status);
            update.push(", error = ").push_bind(change.error.clone());
            let is_over = change.state != DeliveryState::Waiting;
            update.push(", ended_at = ").push_bind(is_over.then(|| now.as_millisecond()));
            // Found by their numbers, however many others the engine has.
            update.push(" WHERE engine_uid || '' = ").push_bind(engine_uid.to_owned()).push(" AND id");
            push_ids(&mut update, &some);
            update.push(" RETURNING id");
            changed.extend(self.all::<u64, _>(update.build(), &mut **transaction).await?);
        }
        Ok(changed)
    }

    /// Nothing more is sent to a receiver that is gone, until something that was asked for reaches it again.
    async fn switch_off(&self, transaction: &mut Writing, gone: &Taken, now: Timestamp) -> Result<()> {
        let off = sqlx::query(
            "INSERT INTO hooks_off (app_uid, format, url) VALUES ($1, $2, $3) ON CONFLICT (app_uid, format, url) DO NOTHING",
        );
        self.run(of_hook(off, gone), &mut **transaction).await?;
        let drop_waiting = sqlx::query(
            "UPDATE deliveries SET state = $4, due_at = NULL, ended_at = $5, error = $6
             WHERE app_uid = $1 AND format = $2 AND url = $3 AND state = 'waiting' AND engine_uid IS NULL",
        );
        let dropped = of_hook(drop_waiting, gone).bind(DeliveryState::Dropped.word()).bind(now.as_millisecond());
        let reason = format!("the receiver said of delivery {} that it is gone", gone.id);
        self.run(dropped.bind(reason), &mut **transaction).await.map(drop)
    }

    async fn switch_on(&self, transaction: &mut Writing, back: &Taken) -> Result<()> {
        let on = sqlx::query("DELETE FROM hooks_off WHERE app_uid = $1 AND format = $2 AND url = $3");
        self.run(of_hook(on, back), &mut **transaction).await.map(drop)
    }
}

fn of_hook<'q>(query: Query<'q>, delivery: &Taken) -> Query<'q> {
    let receiver = &delivery.receiver;
    query.bind(delivery.app_uid.clone()).bind(receiver.format().word()).bind(receiver.url().to_owned())
}

impl InsertRow<7> for (u64, &Receipt) {
    const INTO: &'static str = "receipts (delivery, attempt, started_at, milliseconds, status, error, answer)";

    fn cells(self) -> [Cell; 7] {
        let (delivery, receipt) = self;
        [
            delivery.into(),
            receipt.attempt.into(),
            receipt.started_at.into(),
            receipt.milliseconds.into(),
            receipt.status.map(u64::from).into(),
            receipt.error.clone().into(),
            receipt.answer.clone().into(),
        ]
    }
}
