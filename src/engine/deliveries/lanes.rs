//! Which delivery is sent next: those that go to the same host wait for each other, and for no other host's.

use std::collections::{HashMap, VecDeque};

use crate::store::deliveries::{Seen, Taken};

/// The most attempts at the same time.
const MOST: usize = 256;

/// The most of them that are not the first of their delivery: what fails again and again leaves room for what is new.
const MOST_RETRIES: usize = 192;

/// The most that go to the same host.
pub(super) const MOST_TO_A_HOST: usize = 4;

/// The most that are taken for a host ahead of time, so that its next attempt need not wait for the store.
const AHEAD: usize = 128;

/// The most that are taken ahead of time in all: so many wait for so many hosts that every place is taken.
const MOST_TAKEN: usize = AHEAD * MOST / MOST_TO_A_HOST;

/// The most that are taken in one turn.
const MOST_IN_A_TURN: usize = 512;

/// The most hosts for which deliveries are taken.
const MOST_HOSTS: usize = 512;

/// The deliveries that were taken, by the host that they go to.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    hosts: HashMap<String, Lane>,
    /// How many are being sent.
    sending: usize,
    /// How many of those are retries.
    retrying: usize,
}

#[derive(Debug, Default)]
struct Lane {
    sending: usize,
    waiting: VecDeque<Taken>,
    /// Whether the store has, or may have, more that is due.
    is_behind: bool,
}

impl Lane {
    fn room(&self) -> usize {
        // Half a lane lasts for a while; a few at a time would make a commit for each of them.
        if self.waiting.len() > AHEAD / 2 { 0 } else { AHEAD - self.waiting.len() }
    }

    fn is_over(&self) -> bool {
        self.sending == 0 && self.waiting.is_empty() && !self.is_behind
    }
}

impl Lanes {
    /// Puts what was taken into the lanes, with what was seen of their hosts.
    pub(super) fn add(&mut self, taken: Vec<Taken>, seen: &Seen) {
        for delivery in taken {
            self.hosts.entry(delivery.host.clone()).or_default().waiting.push_back(delivery);
        }
        let behind = seen.behind.iter().map(|host| (host, true));
        for (host, is_behind) in behind.chain(seen.up_to_date.iter().map(|host| (host, false))) {
            if let Some(lane) = self.hosts.get_mut(host) {
                lane.is_behind = is_behind;
            }
        }
        self.hosts.retain(|_, lane| !lane.is_over());
    }

    /// The next one to send, the longest due first; none while all places are taken.
    pub(super) fn next(&mut self) -> Option<Taken> {
        if self.sending >= MOST {
            return None;
        }
        let may_retry = self.retrying < MOST_RETRIES;
        let fits = |delivery: &Taken| may_retry || delivery.tries == 0;
        let heads = self.hosts.values_mut().filter(|lane| lane.sending < MOST_TO_A_HOST);
        let heads = heads.filter_map(|lane| {
            let position = lane.waiting.iter().position(fits)?;
            Some((lane.waiting[position].due_at, position, lane))
        });
        let (_, position, lane) = heads.min_by_key(|(due_at, ..)| *due_at)?;
        let delivery = lane.waiting.remove(position)?;
        lane.sending += 1;
        self.sending += 1;
        self.retrying += usize::from(delivery.tries > 0);
        Some(delivery)
    }

    /// One that was sent has ended.
    pub(super) fn ended(&mut self, delivery: &Taken) {
        self.sending -= 1;
        self.retrying -= usize::from(delivery.tries > 0);
        if let Some(lane) = self.hosts.get_mut(&delivery.host) {
            lane.sending -= 1;
            if lane.is_over() {
                self.hosts.remove(&delivery.host);
            }
        }
    }

    /// Whether another one for this host waits here.
    pub(super) fn has_more_for(&self, host: &str) -> bool {
        self.hosts.get(host).is_some_and(|lane| !lane.waiting.is_empty())
    }

    /// How many more may be taken.
    pub(super) fn room(&self) -> usize {
        let hosts = MOST_HOSTS.saturating_sub(self.hosts.len());
        let ahead: usize = self.hosts.values().map(Lane::room).sum();
        let taken: usize = self.hosts.values().map(|lane| lane.waiting.len()).sum();
        (hosts + ahead).min(MOST_IN_A_TURN).min(MOST_TAKEN.saturating_sub(taken))
    }

    /// How many more may be taken for each host that has some.
    pub(super) fn room_by_host(&self) -> HashMap<String, usize> {
        self.hosts.iter().map(|(host, lane)| (host.clone(), lane.room())).collect()
    }

    /// The hosts that have more than was taken, and room for it.
    pub(super) fn behind(&self) -> Vec<String> {
        let behind = self.hosts.iter().filter(|(_, lane)| lane.is_behind && lane.room() > 0);
        behind.map(|(host, _)| host.clone()).collect()
    }

    /// How many may be taken for a host that has none.
    pub(super) fn room_of_a_host(&self) -> usize {
        if self.hosts.len() < MOST_HOSTS { AHEAD } else { 0 }
    }

    /// Whether nothing is being sent, and nothing waits here.
    pub(super) fn are_empty(&self) -> bool {
        self.sending == 0 && self.hosts.is_empty()
    }

    /// Forgets the retries that wait here.
    pub(super) fn leave_retries(&mut self) {
        self.hosts.retain(|_, lane| {
            lane.waiting.retain(|delivery| delivery.tries == 0);
            lane.is_behind = false;
            !lane.is_over()
        });
    }

    /// Forgets what waits here.
    pub(super) fn clear(&mut self) {
        self.hosts.retain(|_, lane| {
            lane.waiting.clear();
            lane.is_behind = false;
            !lane.is_over()
        });
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::app::AppIdentity;
    use crate::domain::delivery::HookEvent;
    use crate::domain::delivery::receiver::{HookFormat, Receiver};
    use crate::domain::release::ReleaseNumber;

    fn taken(id: u64, host: &str, tries: u64) -> Taken {
        Taken {
            id,
            message: String::new(),
            app_uid: String::new(),
            app: AppIdentity { name: "shop".parse().unwrap(), environment: "staging".parse().unwrap() },
            event: HookEvent::Succeeded,
            deployment: 1,
            release: ReleaseNumber(1),
            summary: String::new(),
            sha: String::new(),
            user: String::new(),
            receiver: Receiver::new(HookFormat::Workflow, &format!("http://{host}")).unwrap(),
            host: host.to_owned(),
            attempts: tries,
            tries,
            due_at: Timestamp::from_millisecond(i64::try_from(id).unwrap()).unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn sent(lanes: &mut Lanes) -> Vec<u64> {
        std::iter::from_fn(|| lanes.next()).map(|delivery| delivery.id).collect()
    }

    #[test]
    fn a_host_that_holds_its_places_keeps_no_other_host_waiting() {
        let mut lanes = Lanes::default();
        lanes.add((1..=10).map(|id| taken(id, "slow", 0)).chain([taken(11, "quick", 0)]).collect(), &Seen::default());
        assert_eq!(sent(&mut lanes), [1, 2, 3, 4, 11]);
        lanes.ended(&taken(11, "quick", 0));
        assert!(sent(&mut lanes).is_empty());
        lanes.ended(&taken(2, "slow", 0));
        assert_eq!(sent(&mut lanes), [5]);
    }

    #[test]
    fn retries_leave_places_for_what_is_new() {
        let mut lanes = Lanes::default();
        lanes.add((1..=300).map(|id| taken(id, &format!("h{id}"), 1)).collect(), &Seen::default());
        assert_eq!(sent(&mut lanes).len(), MOST_RETRIES);
        lanes.add((301..=500).map(|id| taken(id, &format!("n{id}"), 0)).collect(), &Seen::default());
        assert_eq!(sent(&mut lanes).len(), MOST - MOST_RETRIES);
        lanes.ended(&taken(1, "h1", 1));
        assert_eq!(sent(&mut lanes), [193], "the longest due comes first");
    }

    #[test]
    fn no_host_takes_the_room_of_others() {
        let mut lanes = Lanes::default();
        assert_eq!((lanes.room(), lanes.room_of_a_host()), (MOST_IN_A_TURN, AHEAD));
        lanes.add((1..=128).map(|id| taken(id, "slow", 0)).collect(), &Seen::default());
        assert_eq!((lanes.room(), lanes.room_by_host()["slow"]), (MOST_HOSTS - 1, 0));
        lanes.add((129..700).map(|id| taken(id, &format!("h{id}"), 0)).collect(), &Seen::default());
        assert_eq!(lanes.room_of_a_host(), 0);
        lanes.clear();
        assert!(lanes.are_empty());
    }

    #[test]
    fn a_host_that_is_behind_is_asked_for_until_it_has_no_more() {
        let mut lanes = Lanes::default();
        let host = vec!["busy".to_owned()];
        lanes
            .add((1..=128).map(|id| taken(id, "busy", 0)).collect(), &Seen { behind: host.clone(), ..Seen::default() });
        assert!(lanes.behind().is_empty(), "there is no room for more");
        for id in 1..=128 {
            assert_eq!(lanes.next().map(|delivery| delivery.id), Some(id));
            lanes.ended(&taken(id, "busy", 0));
        }
        assert_eq!((lanes.behind(), lanes.are_empty()), (host.clone(), false));
        lanes.add(Vec::new(), &Seen { up_to_date: host, ..Seen::default() });
        assert!(lanes.are_empty());
    }
}
