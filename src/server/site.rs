//! What every handler of a `hookbelt serve` may use.

use std::sync::Arc;

use tokio::sync::watch;

use crate::config::environment::Variables;
use crate::config::user_file::Limits;
use crate::engine::{Event, GitHost, Job, Served, Stopping, Tell};
use crate::hosts::KnownHosts;
use crate::server::acceptor::Acceptor;
use crate::server::client::Network;
use crate::server::few_lines::FewLines;
use crate::server::metrics::Metrics;
use crate::server::redeploy_hook::{Addressees, Bodies};
use crate::store::Store;
use crate::store::engines::Address;

/// A server, as its handlers see it.
pub struct Site {
    /// The store.
    pub store: Store,
    /// What the user's config file says.
    pub limits: Limits,
    /// The environment of the process.
    pub variables: Variables,
    /// The apps that are served; they may change.
    pub apps: watch::Receiver<Vec<Served>>,
    /// How far it is with stopping.
    pub stopping: watch::Receiver<Stopping>,
    /// Where it is reached.
    pub address: Address,
    /// Where it says what it does.
    pub tell: Tell,
    /// Where hooks are accepted.
    pub hooks: Acceptor,
    /// Whose hooks they are.
    pub addressees: Addressees,
    /// The room for their bodies.
    pub bodies: Bodies,
    /// The lines that anybody can cause.
    pub lines: FewLines,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The Git hosts at which deployments are created.
    pub git_host: Arc<dyn GitHost>,
    /// Where the webhooks are that deliver to it.
    pub known_hosts: Arc<KnownHosts>,
    /// The proxies that say who the client is.
    pub trusted_proxies: Vec<Network>,
}

impl Site {
    /// The apps that are served, each as its manifest is now.
    #[must_use]
    pub fn jobs(&self) -> Vec<Arc<Job>> {
        self.apps.borrow().iter().map(Served::job).collect()
    }

    /// The served app with this key in the store.
    #[must_use]
    pub fn job(&self, app_uid: &str) -> Option<Arc<Job>> {
        self.jobs().into_iter().find(|job| job.record.uid == app_uid)
    }

    /// The same, as its manifest says now; one that cannot be used leaves it as it was.
    #[must_use]
    pub fn current_job(&self, app_uid: &str) -> Option<Arc<Job>> {
        let served = self.apps.borrow().iter().find(|served| served.job().record.uid == app_uid).cloned()?;
        // Its log will say why, when the deployment begins.
        let _ = served.read_if_changed();
        Some(served.job())
    }

    /// Says what has happened, and counts it.
    pub(super) fn say(&self, event: &Event) {
        (self.tell)(event);
    }

    /// Whether it takes nothing new any more.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow() != Stopping::No
    }
}
