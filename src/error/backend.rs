//! How what a deploy API did not do ends the program.

use crate::backends::BackendError;
use crate::backends::error::RemoteError;
use crate::context::place::{API_URL, CLOUD66_TOKEN, TOKEN};
use crate::error::{Error, Kind};

impl From<BackendError> for Error {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Refusal(error) => error.into(),
            BackendError::Setting(error) => error.into(),
            BackendError::Store(error) => error.into(),
            BackendError::Engine(error) => error.into(),
            BackendError::NotFound { list, .. } => {
                Self::new(Kind::NotFound, error).with_hint(format!("`hookbelt {list}` shows those there are"))
            }
            BackendError::Manifest { .. } | BackendError::OtherApp { .. } => {
                Self::new(Kind::Usage, error).with_hint("name its manifest with `-m FILE`")
            }
            BackendError::Secret { .. } => Self::new(Kind::Usage, error).with_hint("nothing was deployed"),
            BackendError::Webhook(error) => (*error).into(),
            BackendError::HookSecret(_) => Self::new(Kind::Usage, error).with_hint("nothing was changed"),
            BackendError::NobodyServes(_) => Self::new(Kind::Usage, error)
                .with_hint("leave out --no-wait, or start `hookbelt serve` on the same store"),
            BackendError::OtherManifest { .. } => {
                Self::new(Kind::Usage, error).with_hint("name the server's manifest with -m, or stop that server")
            }
            BackendError::NoPublicUrl { .. } => Self::new(Kind::Usage, error)
                .with_hint("nothing was changed; start it with --public-url URL, by which the Git host reaches it"),
            BackendError::NotARelease { .. } => {
                Self::new(Kind::Usage, error).with_hint("`hookbelt releases list` shows those that succeeded")
            }
            BackendError::ManyWait { .. } => {
                Self::new(Kind::NotFound, error).with_hint("`hookbelt deployments list` shows their numbers")
            }
            BackendError::Unsupported { instead, .. } => Self::new(Kind::Usage, error).with_hint(instead),
            BackendError::NotForThisApp(_) => Self::new(Kind::Usage, error).with_hint("nothing was sent"),
            BackendError::NoAppNamed(_) => Self::new(Kind::Usage, error)
                .with_hint("name an app with `-s APP`; `hookbelt apps list` shows those there are"),
            BackendError::NoEnvironments { .. } => Self::new(Kind::NotFound, error)
                .with_hint("leave out -e, HOOKBELT_ENVIRONMENT and the manifest's `environment`"),
            BackendError::NoBuild { first, .. } => Self::new(Kind::NotFound, error).with_hint(first),
            BackendError::NoBuilds { .. } => Self::new(Kind::Usage, error)
                .with_hint("if it is a `hookbelt serve`, sign in to it as one: `hookbelt login --backend server URL`"),
            BackendError::NothingToDo { .. } => Self::new(Kind::NothingToDo, error),
            BackendError::NoAppOf { .. } => Self::new(Kind::NotFound, error).with_hint("name it with `-s APP`"),
            BackendError::NotDone { .. } => Self::new(Kind::Failed, error),
            BackendError::StillGoing { .. } => Self::new(Kind::TimedOut, error).with_hint("it may come about later"),
            BackendError::NotOneApp(error) => error.into(),
            BackendError::Remote(error) | BackendError::NotTaken(error) => error.into(),
        }
    }
}

/// What was asked for may have been taken.
const LOOK_FIRST: &str = "look before you ask again: `hookbelt deployments list`, on Workflow `hookbelt releases list`";

impl From<RemoteError> for Error {
    fn from(error: RemoteError) -> Self {
        let sign_in = |profile: &str| match profile {
            // What came from the environment is no profile that anybody could sign in to.
            API_URL => Some(format!("set {TOKEN} to a token that is known there")),
            CLOUD66_TOKEN => Some(format!("unset {CLOUD66_TOKEN}, and sign in with `hookbelt login`")),
            profile => Some(format!("sign in with `hookbelt login --profile {profile}`")),
        };
        let (kind, hint) = match error {
            RemoteError::Http(error) => return error.into(),
            RemoteError::NoToken { ref profile, .. } | RemoteError::SignIn { ref profile, .. } => {
                (Kind::SignIn, sign_in(profile))
            }
            RemoteError::NotLetIn { .. } => (Kind::SignIn, Some("look at the user and the password".to_owned())),
            RemoteError::Forbidden { .. } => (Kind::SignIn, Some("use a token that may, of a wider scope".to_owned())),
            RemoteError::NotFound { .. } => (Kind::NotFound, None),
            RemoteError::Refused { status, .. } => (if status == 400 { Kind::Usage } else { Kind::Failed }, None),
            RemoteError::Throttled { .. } => (Kind::Remote, Some("try again within the next hour".to_owned())),
            RemoteError::NotImplemented { .. } | RemoteError::Failed { .. } => (Kind::Remote, None),
            RemoteError::Redirected { .. } => {
                let hint = "no token is sent there; if that is the deploy API, sign in with its address";
                (Kind::Remote, Some(hint.to_owned()))
            }
            RemoteError::NotUnderstood { .. } => (
                Kind::Remote,
                Some("see whether the address is that of a deploy API: `hookbelt profiles show`".to_owned()),
            ),
            RemoteError::Unknown { .. } => (Kind::Remote, Some(LOOK_FIRST.to_owned())),
        };
        Self::new(kind, error).with_maybe_hint(hint)
    }
}
