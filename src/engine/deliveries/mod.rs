//! Sending deploy hooks: whatever is due, from the store, until it has arrived or is given up.
//!
//! An engine takes deliveries in turns and sends each while it takes others; between turns it waits for the bell of the store, or
//! until the next one is due. What it had taken when it died is sent by another.

mod attempt;
mod hooks;
mod lanes;

use std::mem::take;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::domain::app::DeployHook;
use crate::domain::causes::with_causes;
use crate::domain::delivery::DeliveryState;
use crate::engine::deliveries::attempt::{attempt, dropped, given_back, request};
pub(super) use crate::engine::deliveries::hooks::Apps;
use crate::engine::deliveries::hooks::{Hook, Hooks};
use crate::engine::deliveries::lanes::Lanes;
use crate::engine::event::{Event, Tell};
use crate::engine::{Engine, Job, Result, insist, new_uid};
use crate::http::{Client, Connection, Reach};
use crate::store::deliveries::{Done, Telling, Turn, Wanted};
use crate::store::{Bell, News, StoreError};

/// The longest that is slept at a time.
const HOUR: Duration = Duration::from_hours(1);

/// Who is told of a deployment of an app that begins now.
pub(super) fn tellings(job: &Job) -> Result<Vec<Telling>> {
    let hooks = job.app.deploy_hooks.iter();
    let telling = |hook: &DeployHook| {
        Ok(Telling { message: new_uid()?, receiver: hook.receiver.clone(), events: hook.events.clone() })
    };
    hooks.map(telling).collect()
}

/// Sends deploy hooks.
pub(super) struct Deliverer {
    engine: Arc<Engine>,
    apps: Apps,
    hooks: Hooks,
    reach: Reach,
    tell: Option<Tell>,
    /// Made for the first attempt: it loads the system's certificates.
    client: Option<Arc<Client>>,
    lanes: Lanes,
    attempts: JoinSet<Done>,
    /// What is to be recorded.
    done: Vec<Done>,
    /// The turn that is being taken, if one is.
    turns: JoinSet<std::result::Result<Taking, StoreError>>,
    /// Whether there may be something to take.
    looks: bool,
    /// Whether something may have come to be due before `seen`.
    has_news: bool,
    /// Everything that was due then was taken, or is of a host that is behind.
    seen: Timestamp,
    /// When the next one is due that was not when it was last looked for.
    next_due: Option<Timestamp>,
    /// Since it was told to finish: until when attempts begin.
    last_start: Option<Instant>,
}

/// A turn that was taken.
struct Taking {
    turn: Turn,
    /// What it recorded.
    recorded: Vec<Done>,
    /// How many it would have taken, if any.
    most: Option<usize>,
    /// When it was begun.
    begun: Timestamp,
}

/// What happens next.
enum Next {
    Ended(Box<Done>),
    Turned(Taking),
    /// Something has come to be due.
    Due,
    /// Others may have changed something.
    News,
    Finish,
}

impl Deliverer {
    pub(super) fn new(engine: Arc<Engine>, apps: Apps, reach: Reach, tell: Option<Tell>) -> Self {
        Self {
            engine,
            apps,
            hooks: Hooks::default(),
            reach,
            tell,
            client: None,
            lanes: Lanes::default(),
            attempts: JoinSet::new(),
            done: Vec::new(),
            turns: JoinSet::new(),
            looks: false,
            has_news: true,
            seen: Timestamp::MIN,
            next_due: None,
            last_start: None,
        }
    }

    /// Sends what is due until it is told to finish; then first attempts alone, and none that would begin later than a receiver
    /// may take to answer.
    pub(super) async fn run(mut self, mut finish: watch::Receiver<bool>) -> Result<()> {
        let store = self.engine.store.clone();
        let mut bell = store.bell(&[News::Queue]);
        insist(|| store.free_deliveries_of_the_dead()).await?;
        self.look_at_all().await?;
        loop {
            let is_late = self.last_start.is_some_and(|last| last <= Instant::now());
            if is_late {
                self.lanes.clear();
                self.looks = false;
            }
            self.start_attempts();
            self.begin_turn(is_late);
            if self.last_start.is_some() && self.is_idle() {
                break;
            }
            match self.next(&mut bell, &mut finish).await? {
                Next::Ended(done) => {
                    self.lanes.ended(&done.delivery);
                    self.done.push(*done);
                }
                Next::Turned(taking) => self.turned(taking),
                Next::Due => self.look().await?,
                Next::News => self.look_at_all().await?,
                Next::Finish => {
                    self.last_start = Some(Instant::now() + self.engine.limits.deploy_hook);
                    self.lanes.leave_retries();
                    self.look_at_all().await?;
                }
            }
        }
        Ok(insist(|| store.give_back_deliveries(&self.engine.uid)).await?)
    }

    fn is_idle(&self) -> bool {
        self.lanes.are_empty() && self.done.is_empty() && self.turns.is_empty() && !self.looks
    }

    async fn look_at_all(&mut self) -> Result<()> {
        self.has_news = true;
        self.look().await
    }

    /// Looks whether something is due, or when it will be.
    async fn look(&mut self) -> Result<()> {
        let (store, apps) = (&self.engine.store, self.apps.uids());
        match insist(|| store.next_delivery(&apps)).await? {
            Some(due) if due <= Timestamp::now() => self.looks = true,
            due => self.next_due = due,
        }
        Ok(())
    }

    async fn next(&mut self, bell: &mut Bell, finish: &mut watch::Receiver<bool>) -> Result<Next> {
        // While there is something to take already, nothing has to say so.
        let due = self.next_due.filter(|_| !self.looks);
        let last_start = self.last_start.filter(|last| *last > Instant::now());
        let look_again = self.engine.limits.lease / 3;
        let (attempts, turns) = (&mut self.attempts, &mut self.turns);
        tokio::select! {
            Some(ended) = attempts.join_next() => Ok(Next::Ended(Box::new(unbroken(ended)))),
            Some(turned) = turns.join_next() => Ok(Next::Turned(unbroken(turned)?)),
            () = bell.rung_lately(look_again) => {
                let store = &self.engine.store;
                insist(|| store.free_deliveries_of_the_dead()).await?;
                Ok(Next::News)
            }
            () = reached(due) => Ok(Next::Due),
            () = until(last_start) => Ok(Next::News),
            Ok(()) = finish.changed() => Ok(Next::Finish),
        }
    }

    /// Has the store record what is done, and take more if there is room for it.
    fn begin_turn(&mut self, is_late: bool) {
        let room = if is_late { 0 } else { self.lanes.room() };
        let takes = room > 0 && (self.looks || !self.done.is_empty());
        if !self.turns.is_empty() || !takes && self.done.is_empty() {
            return;
        }
        let now = Timestamp::now();
        self.has_news |= self.seen > now || self.done.iter().any(|done| done.due_at.is_some_and(|due| due <= now));
        let since = if self.has_news { Timestamp::MIN } else { self.seen };
        let wanted = takes.then(|| Wanted {
            apps: self.apps.uids(),
            hosts: self.lanes.room_by_host(),
            of_a_host: self.lanes.room_of_a_host(),
            most: room,
            retries: self.last_start.is_none(),
            due_since: (self.has_news || self.looks).then_some(since),
            behind: self.lanes.behind(),
        });
        self.looks &= !takes;
        self.has_news &= !takes;
        let (engine, recorded) = (self.engine.clone(), take(&mut self.done));
        self.turns.spawn(async move {
            let turn = || engine.store.delivery_turn(&engine.uid, &recorded, wanted.as_ref(), now);
            let turn = insist(turn).await?;
            Ok(Taking { turn, recorded, most: wanted.map(|wanted| wanted.most), begun: now })
        });
    }

    fn turned(&mut self, taking: Taking) {
        let Taking { turn, recorded, most, begun } = taking;
        if let Some(most) = most {
            self.next_due = turn.next;
            self.looks |= turn.taken.len() >= most;
        }
        match turn.seen.is_complete {
            Some(true) => self.seen = begun,
            Some(false) => self.has_news = true,
            None => {}
        }
        self.lanes.add(turn.taken, &turn.seen);
        let Some(tell) = &self.tell else {
            return;
        };
        for Done { delivery, state, line, .. } in recorded {
            if let Some(message) = line {
                let (app, deployment, sent) = (delivery.app, delivery.deployment, state == DeliveryState::Delivered);
                tell(&Event::Delivery { app, deployment, sent, message });
            }
        }
    }

    fn start_attempts(&mut self) {
        while let Some(delivery) = self.lanes.next() {
            let request = match self.hooks.of(&delivery, &self.apps, &self.engine.variables) {
                Hook::NotOurs => {
                    self.lanes.ended(&delivery);
                    self.done.push(given_back(delivery));
                    continue;
                }
                Hook::Gone => {
                    self.lanes.ended(&delivery);
                    self.done.push(dropped(delivery));
                    continue;
                }
                Hook::Signs(Ok(secret)) => request(&delivery, secret.as_ref()),
                Hook::Signs(Err(why)) => Err(why.clone()),
            };
            let request = request.and_then(|request| Ok((self.client()?, request)));
            let has_more = self.lanes.has_more_for(&delivery.host);
            let connection = if has_more { Connection::Kept } else { Connection::Closed };
            let pauses = self.engine.limits.deploy_hook_retries.clone();
            self.attempts.spawn(attempt(delivery, request, connection, pauses));
        }
    }

    /// The client, or why there is none.
    fn client(&mut self) -> std::result::Result<Arc<Client>, String> {
        if self.client.is_none() {
            let made = Client::reaching(self.reach, self.engine.limits.deploy_hook);
            self.client = Some(Arc::new(made.map_err(|error| with_causes(&error))?));
        }
        self.client.clone().ok_or_else(|| "there is no HTTP client".to_owned())
    }
}

/// What a task came to.
fn unbroken<T>(ended: std::result::Result<T, JoinError>) -> T {
    ended.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic()))
}

/// Waits until a time by the clock on the wall, or looks again within an hour: that clock may be set.
async fn reached(time: Option<Timestamp>) {
    let Some(time) = time else {
        return std::future::pending().await;
    };
    let ahead = Duration::try_from(time.duration_since(Timestamp::now())).unwrap_or_default();
    sleep(ahead.min(HOUR)).await;
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
