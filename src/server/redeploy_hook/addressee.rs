//! Whose redeployment hook a URL is, and what its requests are signed with.
//!
//! A manifest, a secret and the hooks themselves may change at any time, and count at once: a request is decided by what was
//! there after it had come. What is looked up for one holds for all that had come by then; under load that is many.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use hookbelt_signature::Secret;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::domain::causes::with_causes;
use crate::domain::token::TokenHash;
use crate::engine::{Job, read_secret};
use crate::server::Site;
use crate::server::redeploy_hook::answer::Refused;

/// The app whose hook it is.
pub(super) struct Addressee {
    second: String,
    pub(super) job: Arc<Job>,
    /// What its manifest says that requests are signed with; why that cannot be read, where it cannot.
    pub(super) secrets: Result<Vec<Secret>, String>,
}

/// When it was looked for, and what was found.
type Looked = (Instant, Arc<Addressee>);

/// What was last found, by the first parts of URLs.
#[derive(Default)]
pub struct Addressees(Mutex<HashMap<String, Looked>>);

impl fmt::Debug for Addressees {
    /// URLs and secrets are not shown.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Addressees").finish_non_exhaustive()
    }
}

impl Addressees {
    fn found_since(&self, came: Instant, first: &str) -> Option<Arc<Addressee>> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.get(first).filter(|(looked, _)| *looked >= came).map(|(_, addressee)| addressee.clone())
    }

    fn keep(&self, first: &str, found: Option<Looked>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(found) => kept.insert(first.to_owned(), found),
            None => kept.remove(first),
        };
    }
}

/// The app of the URL with these secrets, of a request that has `came` by then. The second part is compared by its hash, so
/// that the time this takes tells nothing. Cloud 66's documents show a `/` behind it, before the modifiers.
pub(super) async fn find(site: &Site, secrets: &str, came: Instant) -> Result<Arc<Addressee>, Refused> {
    let (first, second) = secrets.strip_suffix('/').unwrap_or(secrets).split_once('/').ok_or(Refused::Unknown)?;
    let addressee = match site.addressees.found_since(came, first) {
        Some(addressee) => addressee,
        None => look(site, first).await?.ok_or(Refused::Unknown)?,
    };
    if TokenHash::of(&addressee.second) == TokenHash::of(second) { Ok(addressee) } else { Err(Refused::Unknown) }
}

async fn look(site: &Site, first: &str) -> Result<Option<Arc<Addressee>>, Refused> {
    let looked = Instant::now();
    let known = site.store.find_redeployment_hook(first, Timestamp::now()).await?;
    let found = known.and_then(|known| {
        let job = site.current_job(&known.app_uid)?;
        let sources = job.app.redeployment_hook.secrets.iter();
        let secrets = sources.map(|source| read_secret(source, &site.variables)).collect::<Result<_, _>>();
        let secrets = secrets.map_err(|error| with_causes(&error));
        Some(Arc::new(Addressee { second: known.second, job, secrets }))
    });
    site.addressees.keep(first, found.clone().map(|addressee| (looked, addressee)));
    Ok(found)
}
