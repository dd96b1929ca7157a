//! What hooks that arrive together do to an app's queue, and to each other.

use std::collections::HashMap;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::domain::continuous::HostDeployment;
use crate::domain::deployment::DeploymentState;
use crate::domain::queue::{Arrival, Insistence, Origin, Waiting, arrive};
use crate::domain::service::ServiceName;
use crate::domain::setting::{self, PAUSED};
use crate::store::accept::{Delivery, First, NewHook, Outcome, Way};
use crate::store::enqueue::{
    Accepted, IS_PAUSED, MOST_WAITING, NOTHING, NewDeployment, Room, Row, Standing, strategy_of, takes_its_place,
};
use crate::store::log::NewLine;
use crate::store::pushes::NewPush;
use crate::store::writes::{Cell, InsertRow};

/// An app's queue while hooks arrive: what is to be written of it is gathered, so that many need few statements.
pub(super) struct Arriving<'a> {
    pub room: Room,
    /// The hooks that wait, in their order.
    pub waiting: Vec<Waiting>,
    /// Deliveries that came before, by modifiers and id.
    pub known: HashMap<(String, String), First>,
    /// In the order of their numbers.
    pub rows: Vec<Row<'a>>,
    /// What the log says of those that do not wait. Of one that is superseded before anybody could have seen it wait, the log
    /// says nothing.
    pub lines: Vec<NewLine>,
    /// Those that waited already, and who takes their place.
    pub superseded: Vec<(u64, u64)>,
    /// Deliveries that are to be known again, by modifiers and id.
    pub remembered: IndexMap<(String, String), Remembered>,
    /// Those that wait for a deployment at their Git host.
    pub pushes: Vec<(&'a NewHook, &'a NewPush)>,
    /// The deployments at a Git host that ours answer to.
    pub at_hosts: Vec<(u64, &'a HostDeployment)>,
    /// What each row's hook came with.
    pub bodies: Vec<&'a [u8]>,
}

/// What is remembered of a delivery.
pub(super) struct Remembered {
    pub app_uid: String,
    /// What it became: a deployment, or the push of this nonce.
    pub deployment: Option<u64>,
    pub push: Option<String>,
    pub received_at: Timestamp,
}

impl<'a> Arriving<'a> {
    pub(super) fn take(&mut self, new: &'a NewHook, origin: &'a Origin) -> Outcome {
        if let Some(first) = self.first_of(new) {
            return first.map_or(Outcome::StillWaits, Outcome::Repeated);
        }
        if self.room.waiting >= MOST_WAITING {
            return Outcome::Full;
        }
        if let Way::After(push) = &new.way {
            self.room.waiting += 1;
            self.pushes.push((new, push));
            self.remember(new, None);
            return Outcome::Waits;
        }
        let id = self.room.next;
        self.room.next += 1;
        let Standing { place, state, reason } = self.place(new, origin, id);
        let accepted = Accepted { id, state, reason: reason.clone() };
        self.remember(new, Some(&accepted));
        let deployment = NewDeployment {
            app_uid: &new.app_uid,
            engine_uid: None,
            origin,
            insistence: Insistence::None,
            mode: new.mode,
            user: &new.user,
            plan: &new.plan,
            strategy: None,
            now: new.now,
        };
        self.bodies.push(&new.body);
        if let Way::For(at_host) = &new.way {
            self.at_hosts.push((id, at_host));
        }
        let strategy = strategy_of(&self.room.settings);
        let row = Row { id, place, state, reason, strategy, new: deployment };
        self.lines.extend(row.told().map(|text| NewLine::of_engine(Some(id), text)));
        self.rows.push(row);
        Outcome::Accepted(accepted)
    }

    /// What the same delivery became when it came first, a push that waits or a deployment; nothing if it may be sent again.
    fn first_of(&self, new: &NewHook) -> Option<First> {
        let delivery = new.delivery.as_ref()?;
        let mut known = delivery.ids.iter().filter_map(|id| self.known.get(&(delivery.modifiers.clone(), id.clone())));
        known.find(|first| first.as_ref().is_none_or(|first| !may_be_repeated(first.state))).cloned()
    }

    fn place(&mut self, new: &NewHook, origin: &Origin, id: u64) -> Standing {
        if setting::is_on(&self.room.settings, PAUSED) {
            return Standing::ignored(id, IS_PAUSED);
        }
        if new.plan.services.is_empty() {
            return Standing::ignored(id, NOTHING);
        }
        let services: Vec<ServiceName> = new.plan.services.iter().map(|planned| planned.service.clone()).collect();
        let (place_of, supersedes) = match arrive(&self.waiting, origin, &services, new.mode) {
            Arrival::SupersededBy(newer) => {
                let reason = Some(format!("deployment {newer} is newer"));
                return Standing { place: id, state: DeploymentState::Superseded, reason };
            }
            Arrival::Waits { place_of, supersedes } => (place_of, supersedes),
        };
        let place = self.waiting.iter().find(|older| Some(older.id) == place_of).map_or(id, |older| older.place);
        for older in supersedes {
            self.supersede(older, id);
        }
        let at = self.waiting.partition_point(|other| (other.place, other.id) < (place, id));
        self.waiting.insert(at, Waiting { id, place, hook: new.hook.clone(), services });
        self.room.waiting += 1;
        Standing { place, state: DeploymentState::Queued, reason: None }
    }

    fn supersede(&mut self, older: u64, by: u64) {
        self.waiting.retain(|waiting| waiting.id != older);
        self.room.waiting = self.room.waiting.saturating_sub(1);
        match self.rows.binary_search_by_key(&older, |row| row.id) {
            Ok(at) => {
                let row = &mut self.rows[at];
                row.state = DeploymentState::Superseded;
                row.reason = Some(takes_its_place(by));
            }
            Err(_) => self.superseded.push((older, by)),
        }
    }

    fn remember(&mut self, new: &NewHook, accepted: Option<&Accepted>) {
        let Some(Delivery { modifiers, ids, also }) = &new.delivery else {
            return;
        };
        for id in ids {
            self.known.insert((modifiers.clone(), id.clone()), accepted.cloned());
        }
        let push = match &new.way {
            Way::After(push) => Some(push.nonce.clone()),
            Way::Directly | Way::For(_) => None,
        };
        for id in ids.iter().chain(also) {
            let (app_uid, deployment) = (new.app_uid.clone(), accepted.map(|accepted| accepted.id));
            let remembered = Remembered { app_uid, deployment, push: push.clone(), received_at: new.now };
            self.remembered.insert((modifiers.clone(), id.clone()), remembered);
        }
    }
}

impl InsertRow<6> for ((String, String), Remembered) {
    const INTO: &'static str = "received_hooks (app_uid, modifiers, delivery, deployment, push, received_at)";

    const ON_CONFLICT: &'static str = " ON CONFLICT (app_uid, modifiers, delivery) DO UPDATE
        SET deployment = excluded.deployment, push = excluded.push, received_at = excluded.received_at";

    fn cells(self) -> [Cell; 6] {
        let ((modifiers, id), Remembered { app_uid, deployment, push, received_at }) = self;
        [app_uid.into(), modifiers.into(), id.into(), deployment.into(), push.into(), received_at.into()]
    }
}

/// What did not come to a good end may be sent again by a person.
fn may_be_repeated(state: DeploymentState) -> bool {
    matches!(state, DeploymentState::Failed | DeploymentState::Canceled | DeploymentState::Ignored)
}
