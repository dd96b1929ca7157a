//! What a host has sent, and which of that it is to send again.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::domain::git_host::{HostKind, HostRequest, RepositoryPath};

/// One attempt of GitHub to deliver an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The attempt's id.
    pub id: u64,
    /// The event's id, which every attempt of it has, at every hook.
    pub guid: String,
    /// When it was made.
    pub delivered_at: Timestamp,
    /// The event.
    pub event: String,
    /// What was answered; 0 where nothing was.
    pub status_code: u64,
    /// What GitHub says of that: `OK`, or what went wrong.
    pub status: String,
}

impl Delivery {
    /// The attempt in GitHub's answer; none if it is no such thing.
    #[must_use]
    pub fn read(from: &Value) -> Option<Self> {
        let text = |name: &str| from[name].as_str().map(str::to_owned);
        Some(Self {
            id: from["id"].as_u64()?,
            guid: text("guid")?,
            delivered_at: from["delivered_at"].as_str()?.parse().ok()?,
            event: text("event")?,
            status_code: from["status_code"].as_u64().unwrap_or(0),
            status: text("status").unwrap_or_default(),
        })
    }

    /// Whether it arrived.
    #[must_use]
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status_code)
    }

    /// How it went, in words.
    #[must_use]
    pub fn outcome(&self) -> String {
        match self.status_code {
            0 => self.status.clone(),
            code => format!("{code}"),
        }
    }
}

/// The request for a hook's deliveries, newest first.
#[must_use]
pub fn list(repository: &RepositoryPath, hook: &str) -> HostRequest {
    HostRequest::new("GET", repository.api(HostKind::Github, &format!("/hooks/{hook}/deliveries")))
}

/// The request that has a delivery made again.
#[must_use]
pub fn again(repository: &RepositoryPath, hook: &str, delivery: u64) -> HostRequest {
    let path = format!("/hooks/{hook}/deliveries/{delivery}/attempts");
    HostRequest::new("POST", repository.api(HostKind::Github, &path))
}

/// What is to be sent again: of each push and deployment since then that never arrived the first attempt, oldest first.
#[must_use]
pub fn missed(deliveries: &[Delivery], since: Timestamp) -> Vec<Delivery> {
    let mut oldest_first: Vec<&Delivery> =
        deliveries.iter().filter(|delivery| delivery.delivered_at >= since).collect();
    oldest_first.sort_by_key(|delivery| (delivery.delivered_at, delivery.id));
    let mut missed: Vec<Delivery> = Vec::new();
    for delivery in oldest_first {
        let arrived = deliveries.iter().any(|other| other.guid == delivery.guid && other.is_good());
        let is_known = missed.iter().any(|other| other.guid == delivery.guid);
        if !arrived && !is_known && matches!(delivery.event.as_str(), "push" | "deployment") {
            missed.push(delivery.clone());
        }
    }
    missed
}

/// How many of the newest deliveries in a row did not arrive, and the newest of them.
#[must_use]
pub fn failing(deliveries: &[Delivery]) -> Option<(usize, &Delivery)> {
    let count = deliveries.iter().take_while(|delivery| !delivery.is_good()).count();
    deliveries.first().filter(|_| count > 0).map(|newest| (count, newest))
}
