//! What a redeployment hook is answered. A sender learns what it may know: never why a signature was refused.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::domain::causes::with_causes;
use crate::domain::deployment::DeploymentState;
use crate::domain::hook_signature;
use crate::domain::plan::{Plan, Refusal, SkippedService};
use crate::domain::redeploy_hook::Misunderstood;
use crate::domain::service::ServiceName;
use crate::engine::HookOutcome;
use crate::store::StoreError;
use crate::store::enqueue::Accepted;

/// After how many seconds a sender may try again whose hook could not be taken.
const TRY_AGAIN: &str = "30";

/// The answer to a hook that was understood.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    ok: bool,
    message: String,
    queued: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<String>,
    deployment: Option<Deployment>,
    services: Vec<ServiceName>,
    skipped: Vec<Skipped>,
    #[serde(skip)]
    is_repeated: bool,
    /// Who pushed, for the log alone.
    #[serde(skip)]
    user: Option<String>,
}

#[derive(Debug, Serialize)]
struct Deployment {
    id: u64,
    state: DeploymentState,
}

#[derive(Debug, Serialize)]
struct Skipped {
    name: ServiceName,
    reason: String,
}

impl Answer {
    /// That of something which asks for nothing.
    pub(super) fn ignored(reason: String) -> Self {
        let message = format!("ignored: {reason}");
        let (services, skipped) = (Vec::new(), Vec::new());
        let (queued, is_repeated) = (false, false);
        Self {
            ok: true,
            message,
            queued,
            ignored: Some(reason),
            deployment: None,
            services,
            skipped,
            is_repeated,
            user: None,
        }
    }

    /// That of a hook that was accepted, whatever became of its deployment at once.
    pub(super) fn of(plan: Plan, accepted: &Accepted) -> Self {
        let Accepted { id, state, reason } = accepted;
        let because = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let ignored = (*state == DeploymentState::Ignored).then(|| why_ignored(&plan, reason.as_deref()));
        let message = match &ignored {
            Some(reason) => format!("ignored: {reason}"),
            None => format!("deployment {id} is {state}{because}"),
        };
        Self { ignored, ..Self::about(plan, Some(accepted), message) }
    }

    /// That of a delivery that was accepted before.
    pub(super) fn repeated(plan: Plan, first: &Accepted) -> Self {
        let message = format!("this delivery was accepted before: deployment {} is {}", first.id, first.state);
        Self { is_repeated: true, ..Self::about(plan, Some(first), message) }
    }

    /// That of a push which is deployed once its deployment at the Git host is there.
    pub(super) fn waits(plan: Plan) -> Self {
        Self::about(plan, None, "the push waits for its deployment at the Git host".to_owned())
    }

    /// That of the same delivery once more.
    pub(super) fn still_waits(plan: Plan) -> Self {
        let message = "this delivery was accepted before: it waits for its deployment at the Git host".to_owned();
        Self { is_repeated: true, ..Self::about(plan, None, message) }
    }

    fn about(plan: Plan, accepted: Option<&Accepted>, message: String) -> Self {
        let skipped = |SkippedService { service, reason }| Skipped { name: service, reason: format!("{reason}") };
        Self {
            ok: true,
            message,
            queued: accepted.is_some_and(|accepted| accepted.state == DeploymentState::Queued),
            ignored: None,
            deployment: accepted.map(|accepted| Deployment { id: accepted.id, state: accepted.state }),
            services: plan.services.into_iter().map(|planned| planned.service).collect(),
            skipped: plan.skipped.into_iter().map(skipped).collect(),
            is_repeated: false,
            user: None,
        }
    }

    pub(super) fn by(self, user: String) -> Self {
        Self { user: Some(user), ..self }
    }

    /// What a log says of it.
    pub(super) fn told(&self) -> String {
        let by = self.user.as_deref().map(|user| format!(" by {user}")).unwrap_or_default();
        format!("redeployment hook{by}: {}", self.message)
    }

    pub(super) fn deployment(&self) -> Option<u64> {
        self.deployment.as_ref().map(|deployment| deployment.id)
    }

    pub(super) fn outcome(&self) -> HookOutcome {
        match (&self.ignored, self.is_repeated) {
            (_, true) => HookOutcome::Repeated,
            (Some(_), _) => HookOutcome::Ignored,
            (None, false) => HookOutcome::Accepted,
        }
    }
}

/// Of a plan that selects nothing, why the first service is skipped says more than that none is selected.
fn why_ignored(plan: &Plan, reason: Option<&str>) -> String {
    match (plan.services.is_empty(), plan.skipped.first()) {
        (true, Some(skipped)) => format!("no service is selected; {}: {}", skipped.service, skipped.reason),
        _ => reason.unwrap_or("no service is selected").to_owned(),
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

/// Why a hook is not accepted. The text is for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    /// There is no such hook.
    #[error("there is no such redeployment hook")]
    Unknown,
    /// It is no POST.
    #[error("it is no POST")]
    NotPost,
    /// Its body is too large.
    #[error("its body is larger than 25 MiB")]
    TooLarge,
    /// Its body did not come in time.
    #[error("its body took too long")]
    TooSlow,
    /// Its body broke off.
    #[error("its body broke off")]
    CutOff,
    /// Other bodies take all the room.
    #[error("other requests take all the room for bodies")]
    NoRoom,
    /// It is not signed as it should be.
    #[error("{0}")]
    Signature(hook_signature::Refused),
    /// A secret cannot be read, so that nothing can be verified.
    #[error("its signature cannot be verified: {0}")]
    Secret(String),
    /// It cannot be understood.
    #[error(transparent)]
    Misunderstood(#[from] Misunderstood),
    /// It asks for what the app does not have.
    #[error(transparent)]
    Plan(#[from] Refusal),
    /// Too many wait.
    #[error("1,000 deployments of this app wait already")]
    Full,
    /// The server takes nothing more.
    #[error("the server is stopping")]
    Stopping,
    /// The server made a mistake.
    #[error("the server could not deal with it")]
    Broken,
    /// The store cannot be used.
    #[error("the store cannot be used: {0}")]
    Store(String),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(with_causes(&error))
    }
}

impl From<Arc<StoreError>> for Refused {
    fn from(error: Arc<StoreError>) -> Self {
        Self::Store(with_causes(&*error))
    }
}

impl Refused {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::NotPost => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::CutOff | Self::Misunderstood(Misunderstood::Payload(_)) => StatusCode::BAD_REQUEST,
            Self::Misunderstood(Misunderstood::Modifiers(_)) | Self::Plan(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Full => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
            Self::NoRoom | Self::Secret(_) | Self::Stopping | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the sender is told.
    fn message(&self) -> String {
        match self {
            Self::Signature(_) => "the signature is missing or does not fit".to_owned(),
            Self::Secret(_) => "the signature cannot be verified now".to_owned(),
            Self::Store(_) => "the request cannot be stored now".to_owned(),
            Self::Plan(Refusal::UnknownService { known, .. }) => format!("{self}; it has {}", known.join(", ")),
            Self::Plan(Refusal::UnknownDeploymentProfile { known, .. }) if !known.is_empty() => {
                format!("{self}; it has {}", known.join(", "))
            }
            _ => with_causes(self),
        }
    }
}

/// What is said of a request that is not accepted.
#[derive(Serialize)]
struct Refusing {
    ok: bool,
    message: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(Refusing { ok: false, message: self.message() })).into_response();
        let (name, value) = match status {
            StatusCode::METHOD_NOT_ALLOWED => (ALLOW, "POST"),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => (RETRY_AFTER, TRY_AGAIN),
            _ => return response,
        };
        response.headers_mut().insert(name, axum::http::HeaderValue::from_static(value));
        response
    }
}
