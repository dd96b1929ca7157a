//! How what a Git host did not do ends the program.

use crate::domain::causes::with_causes;
use crate::error::{Error, Kind};
use crate::hosts::{CannotAsk, Cause, HostError, TokenError, WebhookError};

impl From<HostError> for Error {
    fn from(error: HostError) -> Self {
        let (kind, hint) = match &error {
            HostError::SignIn { variable, .. } => (
                Kind::SignIn,
                format!(
                    "set {variable} to a token that is valid there, or name its file in `git_hosts` of the manifest"
                ),
            ),
            HostError::Forbidden { needs, .. } => (Kind::SignIn, format!("it needs {needs}")),
            HostError::NotFound { needs, .. } => (
                Kind::NotFound,
                format!("look at its spelling; if it is there, the token lacks a right: it needs {needs}"),
            ),
            HostError::Moved { to, .. } => {
                let to = to.as_deref().map(|to| format!(" (it is at {to})")).unwrap_or_default();
                (
                    Kind::Remote,
                    format!("name it as it is called now with `--repo OWNER/NAME`{to}; no token is sent elsewhere"),
                )
            }
            HostError::Refused { said, .. } if said.contains("more than 20 hooks") => (
                Kind::Failed,
                "`hookbelt hooks list` shows them; `hookbelt hooks remove --id ID` makes room".to_owned(),
            ),
            HostError::Refused { .. } => (Kind::Failed, "nothing was changed by this request".to_owned()),
            HostError::Throttled { .. } => (Kind::Remote, "ask again after that".to_owned()),
            HostError::Failed { .. } | HostError::NothingCreated { .. } => (Kind::Remote, "ask again later".to_owned()),
            HostError::NotUnderstood { .. } => {
                (Kind::Remote, "see whether that is the address of such a host: `--host-url`".to_owned())
            }
            HostError::Http(_) => (Kind::Remote, String::new()),
        };
        match error {
            HostError::Http(error) => error.into(),
            error => Self::new(kind, error).with_hint(hint),
        }
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::File(error) => Self::new(Kind::SignIn, error),
            TokenError::Variable(error) => error.into(),
            error => Self::new(Kind::SignIn, error),
        }
    }
}

/// It ends as its cause does.
impl From<WebhookError> for Error {
    fn from(error: WebhookError) -> Self {
        let text = with_causes(&error);
        let cause: Self = match error.source {
            Cause::CannotAsk(CannotAsk::Token(cause)) => cause.into(),
            Cause::CannotAsk(CannotAsk::Client(cause)) => cause.into(),
            Cause::Secret(cause) => Self::new(Kind::Usage, cause),
            Cause::Host(cause) => cause.into(),
        };
        Self { source: text.into(), ..cause }
    }
}
