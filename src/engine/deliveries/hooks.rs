//! Deploy hooks as the manifests have them now, with their secrets as these are now.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookbelt_signature::Secret;
use tokio::sync::watch;

use crate::config::environment::Variables;
use crate::domain::causes::with_causes;
use crate::domain::delivery::receiver::Receiver;
use crate::engine::Job;
use crate::engine::secrets::hook_secret;
use crate::engine::serve::Served;
use crate::store::deliveries::Taken;

/// The apps whose deploy hooks are sent.
#[derive(Debug, Clone)]
pub(in crate::engine) enum Apps {
    /// That of a command.
    One(Arc<Job>),
    /// Those of a `hookbelt serve`; they may change.
    Served(watch::Receiver<Vec<Served>>),
}

impl Apps {
    /// Their keys in the store.
    pub(super) fn uids(&self) -> Vec<String> {
        match self {
            Self::One(job) => vec![job.record.uid.clone()],
            Self::Served(apps) => apps.borrow().iter().map(|served| served.job().record.uid.clone()).collect(),
        }
    }

    /// One of them, as its manifest says now.
    fn job(&self, app_uid: &str) -> Option<Arc<Job>> {
        match self {
            Self::One(job) => Some(job.clone()).filter(|job| job.record.uid == app_uid),
            Self::Served(apps) => {
                let served = apps.borrow().iter().find(|served| served.job().record.uid == app_uid).cloned()?;
                // The next deployment says why it cannot be read.
                let _ = served.read_if_changed();
                Some(served.job())
            }
        }
    }
}

/// The hook of a delivery, as it is now.
#[derive(Debug)]
pub(super) enum Hook {
    /// Its app is not sent for here any more.
    NotOurs,
    /// The manifest does not have it any more.
    Gone,
    /// It signs with this secret, if it has one; or why that cannot be read, in words.
    Signs(Result<Option<Secret>, String>),
}

/// For how long what was read is as good as read now: many attempts begin in it where many are due.
const FRESH: Duration = Duration::from_millis(2);

/// The hooks that were read a moment ago.
#[derive(Debug)]
pub(super) struct Hooks {
    read: HashMap<(String, Receiver), Hook>,
    since: Instant,
}

impl Default for Hooks {
    fn default() -> Self {
        Self { read: HashMap::new(), since: Instant::now() }
    }
}

impl Hooks {
    /// That of a delivery.
    pub(super) fn of(&mut self, delivery: &Taken, apps: &Apps, variables: &Variables) -> &Hook {
        if self.since.elapsed() > FRESH {
            self.read.clear();
            self.since = Instant::now();
        }
        let key = (delivery.app_uid.clone(), delivery.receiver.clone());
        self.read.entry(key).or_insert_with(|| {
            let Some(job) = apps.job(&delivery.app_uid) else {
                return Hook::NotOurs;
            };
            let mut hooks = job.app.deploy_hooks.iter();
            let Some(hook) = hooks.find(|hook| hook.receiver == delivery.receiver) else {
                return Hook::Gone;
            };
            let secret = hook_secret(hook, variables);
            Hook::Signs(secret.map_err(|error| format!("its secret cannot be read: {}", with_causes(&error))))
        })
    }
}
