//! Why what was asked of a deploy API could not be had.

use std::path::PathBuf;

use crate::backends::abilities::{Ability, Instead};
use crate::config::manifest::error::ManifestError;
use crate::domain::app::{AppIdentity, NotOneApp};
use crate::domain::plan::Refusal;
use crate::domain::profile::BackendKind;
use crate::domain::release::ReleaseNumber;
use crate::domain::setting::SettingError;
use crate::engine::{EngineError, SecretError};
use crate::hosts::WebhookError;
use crate::http::HttpError;
use crate::store::StoreError;

/// What was asked for could not be had.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The request names what the app does not have.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// There is no such setting or value.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// There is no such thing.
    #[error("{app} has no {what}")]
    NotFound {
        /// The app.
        app: AppIdentity,
        /// What it does not have.
        what: String,
        /// What lists those it has.
        list: &'static str,
    },
    /// The manifest cannot be read where it was last.
    #[error("the manifest of {app} cannot be used")]
    Manifest {
        /// The app.
        app: AppIdentity,
        /// What is wrong with it.
        source: Box<ManifestError>,
    },
    /// The manifest has become another app's.
    #[error("{} now describes {found}, not {wanted}", path.display())]
    OtherApp {
        /// The manifest.
        path: PathBuf,
        /// The app it describes.
        found: AppIdentity,
        /// The app that it described before.
        wanted: AppIdentity,
    },
    /// The deploy API cannot do it.
    #[error("{} cannot {ability}", kind.called())]
    Unsupported {
        /// The kind of deploy API.
        kind: BackendKind,
        /// What it cannot do.
        ability: Ability,
        /// What to use instead.
        instead: Instead,
    },
    /// What is asked for does not fit the app, which is found before anything is sent.
    #[error("{0}")]
    NotForThisApp(String),
    /// No app of a deploy API is deployed from the repository and branch of the working folder.
    #[error("no app of {api} is deployed from {place}")]
    NoAppOf {
        /// Which API.
        api: String,
        /// The repository and its branch.
        place: String,
    },
    /// The deploy API took a change, and did not do it.
    #[error("{what} did not come about at {api}: {said}")]
    NotDone {
        /// Which API.
        api: String,
        /// What was asked for.
        what: String,
        /// What it said, or what is there instead.
        said: String,
    },
    /// The deploy API takes its time with a change.
    #[error("{what} has not come about at {api} within {waited}")]
    StillGoing {
        /// Which API.
        api: String,
        /// What was asked for.
        what: String,
        /// How long it was waited for.
        waited: String,
    },
    /// Nothing says which app is meant.
    #[error("no app is named, and {0}")]
    NoAppNamed(String),
    /// The deploy API has no environments, and one is named.
    #[error("apps of {} have no environment but `production`: there is none `{wanted}`", kind.called())]
    NoEnvironments {
        /// The kind of deploy API.
        kind: BackendKind,
        /// The environment that was named.
        wanted: String,
    },
    /// There is nothing to deploy yet.
    #[error("{app} has no build yet that could be deployed again")]
    NoBuild {
        /// The app.
        app: AppIdentity,
        /// What makes the first one.
        first: &'static str,
    },
    /// The deploy API is one of releases alone, as that of `hookbelt serve` for Workflow's clients.
    #[error("{api} knows no builds, and a redeploy is a new build there")]
    NoBuilds {
        /// Which API.
        api: String,
    },
    /// The deploy API says that it would change nothing.
    #[error("{app} is so already: {said}")]
    NothingToDo {
        /// The app.
        app: AppIdentity,
        /// What it said.
        said: String,
    },
    /// The deploy API has no such app, or several.
    #[error(transparent)]
    NotOneApp(#[from] NotOneApp),
    /// The deploy API did not do it.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// What it made of the request for a deployment: to look again changes nothing.
    #[error(transparent)]
    NotTaken(RemoteError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A deploy hook's secret could not be read.
    #[error("the secret of the deploy hook to {base} cannot be read")]
    Secret {
        /// The hook's URL.
        base: String,
        /// What is wrong with it.
        source: SecretError,
    },
    /// A webhook could not be made, or not changed.
    #[error(transparent)]
    Webhook(#[from] Box<WebhookError>),
    /// The secret of the redeployment hook could not be read.
    #[error("the secret of the redeployment hook cannot be read")]
    HookSecret(#[source] SecretError),
    /// Nobody but this command would run the deployment, and it is not to wait.
    #[error("no `hookbelt serve` has {0}, so its deployment lives in this command")]
    NobodyServes(AppIdentity),
    /// Whoever would run the deployment goes by another manifest.
    #[error("the `hookbelt serve` that has {app} goes by {}, not by {}", served.display(), named.display())]
    OtherManifest {
        /// The app.
        app: AppIdentity,
        /// The server's manifest.
        served: PathBuf,
        /// The one that is meant.
        named: PathBuf,
    },
    /// The Git host could not reach the server that has the app.
    #[error("the `hookbelt serve` that has {app} is reached at {url} alone, as far as it knows")]
    NoPublicUrl {
        /// The app.
        app: AppIdentity,
        /// Where the server listens.
        url: String,
    },
    /// A release that cannot be gone back to.
    #[error("{release} of {app} cannot be gone back to: it {state}")]
    NotARelease {
        /// The app.
        app: AppIdentity,
        /// The release.
        release: ReleaseNumber,
        /// How it stands.
        state: &'static str,
    },
    /// More than one deployment can be meant.
    #[error("{waiting} deployments of {app} wait and none runs: say which")]
    ManyWait {
        /// The app.
        app: AppIdentity,
        /// How many wait.
        waiting: u64,
    },
}

impl BackendError {
    /// Whether it may be gone by itself: who waits for something asks again.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Remote(error) if error.may_pass())
    }
}

/// What a deploy API elsewhere made of a request. `api` is its profile's name and its host.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No answer came.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// There is no token to send.
    #[error("there is no token for {api}")]
    NoToken {
        /// Which API.
        api: String,
        /// The profile to sign in to.
        profile: String,
    },
    /// The token is not known there, or no longer.
    #[error("{api} does not know the token{}", with_reason(said))]
    SignIn {
        /// Which API.
        api: String,
        /// The profile to sign in to.
        profile: String,
        /// What it said.
        said: String,
    },
    /// It knows nobody of that name and password.
    #[error("{api} did not let you sign in{}", with_reason(said))]
    NotLetIn {
        /// Which API.
        api: String,
        /// What it said.
        said: String,
    },
    /// The token may not do that.
    #[error("the token may not do that at {api}{}", with_reason(said))]
    Forbidden {
        /// Which API.
        api: String,
        /// What it said.
        said: String,
    },
    /// There is no such thing.
    #[error("{api} has no such thing{}", with_reason(said))]
    NotFound {
        /// Which API.
        api: String,
        /// What it said.
        said: String,
    },
    /// It says no to what was asked.
    #[error("{api} refused it ({status}){}", with_reason(said))]
    Refused {
        /// Which API.
        api: String,
        /// The status of the answer.
        status: u16,
        /// What it said.
        said: String,
    },
    /// It is asked too often.
    #[error("{api} is asked too often and takes no more for now{}", with_reason(said))]
    Throttled {
        /// Which API.
        api: String,
        /// What it said.
        said: String,
    },
    /// It has no such call.
    #[error("{api} does not have that{}", with_reason(said))]
    NotImplemented {
        /// Which API.
        api: String,
        /// What it said.
        said: String,
    },
    /// It failed.
    #[error("{api} failed ({status}){}", with_reason(said))]
    Failed {
        /// Which API.
        api: String,
        /// The status of the answer.
        status: u16,
        /// What it said.
        said: String,
    },
    /// It leads elsewhere, where no token is sent.
    #[error("{api} leads elsewhere ({status}), to {to}")]
    Redirected {
        /// Which API.
        api: String,
        /// The status of the answer.
        status: u16,
        /// Where to: scheme, host and path.
        to: String,
    },
    /// Its answer is none of such an API.
    #[error("the answer of {api} is not understood: {what}")]
    NotUnderstood {
        /// Which API.
        api: String,
        /// What came instead.
        what: String,
    },
    /// A request for a deployment got no answer, and the API does not say that it arrived.
    #[error("it is not known whether {api} took the request")]
    Unknown {
        /// Which API.
        api: String,
        /// Why no answer came.
        source: Box<RemoteError>,
    },
}

impl RemoteError {
    /// Whether it may be gone by itself: who waits for something asks again.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Http(
                HttpError::Unreachable { .. }
                    | HttpError::BrokeOff { .. }
                    | HttpError::CutOff { .. }
                    | HttpError::TooSlow { .. }
                    | HttpError::TimedOut { .. }
            ) | Self::Throttled { .. }
                | Self::Failed { .. }
        )
    }
}

/// What an API said, behind what became of it.
fn with_reason(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}
