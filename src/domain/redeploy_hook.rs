//! What a received request asks for: the modifiers of the redeployment hook's URL and the payload, put together.

mod address;
mod modifiers;
#[cfg(test)]
mod tests;

pub use crate::domain::redeploy_hook::address::{HookAddress, InvalidHookAddress};
pub use crate::domain::redeploy_hook::modifiers::{ModifierError, Modifiers};

use crate::domain::payload::{Delivery, GithubDeployment, Meaning, Payload, Received, Sender, Unreadable};
use crate::domain::plan::{GitInformation, Request};
use crate::domain::queue::{Hook, Push};

/// What a received request asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// To deploy; which services, only a plan of the app says.
    Deploy(Trigger),
    /// A deployment at GitHub, which counts only where `continuous.deploy` is on.
    GithubDeployment {
        /// It.
        deployment: Box<GithubDeployment>,
        /// The trigger that it is if it counts.
        trigger: Trigger,
    },
    /// For nothing, and why.
    Ignored(String),
}

/// What asks for a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// What is compared with the app.
    pub request: Request,
    /// What the queue needs to know.
    pub hook: Hook,
    /// Who sent it.
    pub sender: Sender,
    /// Who pushed, if the payload says.
    pub user: Option<String>,
    /// What tells this delivery from others; then `(app, modifiers, delivery.id)` tells duplicates, and for a further attempt
    /// also `(app, modifiers, hook.push)`.
    pub delivery: Option<Delivery>,
    /// The modifiers of the URL, the same text for all spellings that mean the same.
    pub modifiers: String,
}

/// Why a request cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misunderstood {
    /// The modifiers of its URL; nothing of a payload could mend that.
    #[error(transparent)]
    Modifiers(#[from] ModifierError),
    /// Its body.
    #[error(transparent)]
    Payload(#[from] Unreadable),
}

/// What a request asks for. Its signature is not looked at.
///
/// # Errors
/// When its modifiers or its body cannot be understood. A ping to a URL with wrong modifiers is refused too: that is when
/// somebody looks.
pub fn understand(received: &Received<'_>) -> Result<Asked, Misunderstood> {
    let modifiers = Modifiers::parse(received.query)?;
    let Payload { sender, user, delivery, meaning, .. } = Payload::read(received)?;
    let trigger = |git: Option<GitInformation>| Trigger {
        hook: Hook { push: git.as_ref().map(Push::of), modifiers: modifiers.for_queue() },
        request: Request { selection: modifiers.selection(), git_ref: modifiers.git_ref.clone(), git },
        sender,
        user,
        delivery,
        modifiers: modifiers.to_string(),
    };
    Ok(match meaning {
        Meaning::Ignored(reason) => Asked::Ignored(reason),
        Meaning::NoGitInformation => Asked::Deploy(trigger(None)),
        Meaning::Git(git) => Asked::Deploy(trigger(Some(git))),
        Meaning::GithubDeployment(deployment) => {
            let trigger = trigger(Some(deployment.git()));
            Asked::GithubDeployment { deployment: Box::new(deployment), trigger }
        }
    })
}
