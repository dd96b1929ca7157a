//! What going back to an earlier release takes, for whoever asks: a command or the API.

use serde::{Deserialize, Serialize};

use crate::domain::app::App;
use crate::domain::deployment::RunState;
use crate::domain::plan::Plan;
use crate::domain::release::ReleaseNumber;
use crate::store::releases::Releases;
use crate::store::{Store, StoreError};

/// What a rollback would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackPlan {
    /// The release that is gone back to.
    pub release: ReleaseNumber,
    /// What that deploys.
    #[serde(flatten)]
    pub plan: Plan,
}

/// Why there is nothing to go back to.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// There is no release before the current one.
    #[error("there is no release before the current one")]
    NoEarlier,
    /// The app has no such release.
    #[error("there is no release {0}")]
    Unknown(ReleaseNumber),
    /// It did not succeed, or not yet.
    #[error("{release} cannot be gone back to: it {}", why_not(*state))]
    NotSucceeded {
        /// The release.
        release: ReleaseNumber,
        /// How it stands.
        state: RunState,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a release in this state cannot be gone back to, after "it".
#[must_use]
pub fn why_not(state: RunState) -> &'static str {
    match state {
        RunState::Waiting | RunState::Running => "has not ended",
        RunState::Failed => "failed",
        RunState::Canceled => "was canceled",
        RunState::Skipped | RunState::Superseded => "was superseded",
        RunState::Succeeded => "succeeded",
    }
}

/// What going back deploys of an app: to the release that was named, else to the one before the current one.
///
/// # Errors
/// When there is no such release, or it did not succeed, or the store fails.
pub async fn plan_rollback(
    store: &Store,
    app: &App,
    app_uid: &str,
    named: Option<ReleaseNumber>,
) -> Result<RollbackPlan, RollbackError> {
    let release = release_to_go_back_to(store, app_uid, named).await?;
    let then = store.service_states(app_uid, release).await?;
    let mut now = store.service_states(app_uid, ReleaseNumber(u64::MAX)).await?;
    // What was begun since and did not end well may have left anything.
    let unknown = store.services_left_unknown(app_uid).await?;
    now.retain(|state| !unknown.contains(&state.service));
    Ok(RollbackPlan { release, plan: Plan::rollback(app, release, &then, &now) })
}

/// One that succeeded: that which was named, else the one before the current one. If something was begun since the
/// current one and did not end well, that is the one to go back to.
async fn release_to_go_back_to(
    store: &Store,
    app_uid: &str,
    named: Option<ReleaseNumber>,
) -> Result<ReleaseNumber, RollbackError> {
    let Some(number) = named else {
        let succeeded = store.releases(app_uid, Releases::Succeeded, 2).await?;
        let newest = store.releases(app_uid, Releases::All, 1).await?.pop();
        let ended_well = newest.is_none_or(|newest| newest.state == RunState::Succeeded);
        let is_known = ended_well || store.services_left_unknown(app_uid).await?.is_empty();
        return succeeded.get(usize::from(is_known)).map(|release| release.release).ok_or(RollbackError::NoEarlier);
    };
    match store.release(app_uid, number).await? {
        None => Err(RollbackError::Unknown(number)),
        Some(release) if release.state == RunState::Succeeded => Ok(number),
        Some(release) => Err(RollbackError::NotSucceeded { release: number, state: release.state }),
    }
}
