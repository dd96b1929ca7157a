//! Which deliveries are due, and may be taken: of no host more than there is room for.
//!
//! They are found in the order in which they are due. A host may have very many that are due and not taken: whoever looks
//! among all hosts passes over these, so that is done for a reason alone; the host's own are found by an index of theirs.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{QueryBuilder, Row};

use crate::store::deliveries::turn::{Seen, Wanted, push_list, waiting};
use crate::store::rows::{FromRow, signed, unsigned};
use crate::store::{Result, Store, Writing};

/// What is due.
pub(super) struct Due {
    /// The numbers of what may be taken.
    pub ids: Vec<u64>,
    /// What was seen of the rest.
    pub seen: Seen,
}

/// What is being found.
struct Finding<'a> {
    wanted: &'a Wanted,
    /// How many more may be taken for a host.
    room: HashMap<String, usize>,
    ids: Vec<u64>,
    found: HashSet<u64>,
}

impl Finding<'_> {
    fn is_full(&self) -> bool {
        self.ids.len() >= self.wanted.most
    }

    /// Takes those that there is room for.
    fn offer(&mut self, due: Vec<AtHost>) {
        for AtHost { id, host } in due {
            let room = self.room.entry(host).or_insert(self.wanted.of_a_host);
            if *room > 0 && self.ids.len() < self.wanted.most && self.found.insert(id) {
                *room -= 1;
                self.ids.push(id);
            }
        }
    }

    fn full_hosts(&self) -> Vec<String> {
        self.room.iter().filter(|(_, room)| **room == 0).map(|(host, _)| host.clone()).collect()
    }
}

impl Store {
    pub(super) async fn due(&self, transaction: &mut Writing, wanted: &Wanted, now: Timestamp) -> Result<Due> {
        let (ids, found) = (Vec::new(), HashSet::new());
        let mut finding = Finding { wanted, room: wanted.hosts.clone(), ids, found };
        let mut seen = Seen::default();
        if let Some(since) = wanted.due_since {
            seen.is_complete = Some(self.scan(transaction, &mut finding, since, now).await?);
            seen.behind = finding.full_hosts();
        }
        for host in &wanted.behind {
            let room = finding.room.get(host).copied().unwrap_or_default().min(wanted.most - finding.ids.len());
            if room == 0 {
                continue;
            }
            let mut query = due(wanted, now);
            query.push(" AND host = ").push_bind(host.clone());
            push_limit(&mut query, room);
            let at_host: Vec<AtHost> = self.all(query.build(), &mut **transaction).await?;
            if at_host.len() < room {
                seen.up_to_date.push(host.clone());
            }
            finding.offer(at_host);
        }
        Ok(Due { ids: finding.ids, seen })
    }

    /// Looks among all hosts; says whether all that is due was seen and is of a host of which more may be taken later.
    async fn scan(
        &self,
        transaction: &mut Writing,
        finding: &mut Finding<'_>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let most = finding.wanted.most;
        loop {
            let mut query = due(finding.wanted, now);
            query.push(" AND due_at >= ").push_bind(since.as_millisecond());
            push_list(&mut query, " AND host NOT IN (", finding.full_hosts(), ")");
            push_limit(&mut query, most);
            let found: Vec<AtHost> = self.all(query.build(), &mut **transaction).await?;
            let (all_seen, before) = (found.len() < most, finding.ids.len());
            finding.offer(found);
            if all_seen {
                // For a host that nothing is taken for somebody has to look among all again.
                return Ok(!finding.is_full() && finding.wanted.of_a_host > 0);
            }
            if finding.is_full() || finding.ids.len() == before {
                return Ok(false);
            }
        }
    }
}

/// A statement about what is due and may be taken.
fn due(wanted: &Wanted, now: Timestamp) -> QueryBuilder<Sqlite> {
    let mut query = waiting("SELECT id, host", &wanted.apps);
    query.push(" AND due_at <= ").push_bind(now.as_millisecond());
    if !wanted.retries {
        query.push(" AND tries = 0");
    }
    query
}

/// The longest due come first.
fn push_limit(query: &mut QueryBuilder<Sqlite>, count: usize) {
    query.push(" ORDER BY due_at, id LIMIT CAST(");
    query.push_bind(signed(u64::try_from(count).unwrap_or(u64::MAX))).push(" AS BIGINT)");
}

struct AtHost {
    id: u64,
    host: String,
}

impl FromRow for AtHost {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self { id: unsigned(row, "id")?, host: row.try_get("host")? })
    }
}
