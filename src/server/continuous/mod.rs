//! `continuous.deploy` between the requests: creates deployments at Git hosts for the pushes that wait, deploys those whose
//! event does not come, and tells the hosts how the runs stand. All of it is in the store, so that a restart loses nothing.

mod git_hosts;
mod pushes;
mod statuses;

use std::convert::Infallible;
use std::time::Duration;

pub use crate::server::continuous::git_hosts::GitHosts;

use crate::domain::causes::with_causes;
use crate::domain::printable::{Colours, printable};
use crate::engine::{Event, Job};
use crate::server::Site;
use crate::store::log::NewLine;
use crate::store::{News, StoreError};

/// The longest that is waited for a bell before another look.
const MOST: Duration = Duration::from_secs(30);

/// The pause before another look at a store that cannot be used.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

type Result<T> = std::result::Result<T, StoreError>;

/// Does it for ever. Whoever drops this stops it between any two steps.
pub async fn follow(site: &Site) -> Infallible {
    tokio::join!(look_after_pushes(site), tell_hosts(site)).0
}

async fn look_after_pushes(site: &Site) -> Infallible {
    let mut bell = site.store.bell(&[News::Queue]);
    loop {
        let pause = site.or_complain(site.look_at_pushes().await, LOOK_AGAIN);
        bell.rung_lately(pause).await;
    }
}

async fn tell_hosts(site: &Site) -> Infallible {
    let mut bell = site.store.bell(&[News::Queue]);
    let mut untold = statuses::Untold::default();
    loop {
        let pause = site.or_complain(site.tell_of_all(&mut untold).await, LOOK_AGAIN);
        bell.rung_lately(pause).await;
    }
}

impl Site {
    fn or_complain(&self, done: Result<Duration>, pause: Duration) -> Duration {
        done.unwrap_or_else(|error| {
            self.say(&Event::note(format!("continuous.deploy: {}", with_causes(&error))));
            pause
        })
    }

    /// Writes a line into an app's log.
    async fn log(&self, job: &Job, deployment: Option<u64>, text: &str) -> Result<()> {
        let text = printable(text, Colours::Remove).into_owned();
        self.store.append_log(&job.record.uid, &[NewLine::of_engine(deployment, text)]).await
    }
}
