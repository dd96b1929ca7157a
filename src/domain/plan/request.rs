//! What a trigger asks for.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::git_ref::GitRef;

/// What a trigger asks for, before it is compared with an app.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Which services.
    pub selection: Selection,
    /// A ref for the git services that were given none of their own.
    pub git_ref: Option<GitRef>,
    /// What was pushed where, if the trigger says so. A ref that a person gives is not Git information.
    pub git: Option<GitInformation>,
}

/// Which services a trigger asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    #[default]
    Everything,
    /// Those named. Naming none is refused.
    Services(Vec<ServiceChoice>),
    /// Those of a deployment profile.
    DeploymentProfile(String),
}

/// `NAME` or `NAME:REF`, split at the first `:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceChoice {
    /// The service's name as typed.
    pub name: String,
    /// A Git ref, or an image's tag or digest, by the service's kind.
    pub reference: Option<String>,
}

/// Why a text is no service choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither NAME nor NAME:REF; to deploy all services leave the flag out")]
pub struct EmptyServiceChoice(String);

impl FromStr for ServiceChoice {
    type Err = EmptyServiceChoice;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || EmptyServiceChoice(text.to_owned());
        let (name, reference) = match text.split_once(':') {
            Some((_, "")) => return Err(refused()),
            Some((name, reference)) => (name, Some(reference.to_owned())),
            None => (text, None),
        };
        if name.trim().is_empty() { Err(refused()) } else { Ok(Self { name: name.to_owned(), reference }) }
    }
}

/// What a payload says was pushed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitInformation {
    /// Every spelling of the repository's URL in the payload.
    pub repositories: Vec<String>,
    /// `owner/name`, for hosts under a sub-path.
    pub full_name: Option<String>,
    /// The branch that `HEAD` of the remote means, where the payload says so.
    pub default_branch: Option<String>,
    /// The sha of a payload without branches.
    pub head: Option<String>,
    /// What was done to branches and tags; empty when the payload names none.
    pub changes: Vec<Change>,
}

/// A branch's new head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewHead {
    /// The branch's bare name.
    pub branch: String,
    /// The old head's full sha; none if the branch is new, or nobody says.
    pub before: Option<String>,
    /// The new head's full sha.
    pub after: Option<String>,
    /// Whether the host says that the old head need not be below the new one.
    pub forced: bool,
}

/// One thing that a push did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A branch got a new head.
    Pushed(NewHead),
    /// A branch was deleted.
    Deleted {
        /// Its bare name.
        branch: String,
    },
    /// A tag was pushed or deleted.
    Tag {
        /// Its bare name.
        tag: String,
    },
}

impl Change {
    /// The branch it touches.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        match self {
            Self::Pushed(NewHead { branch, .. }) | Self::Deleted { branch } => Some(branch),
            Self::Tag { .. } => None,
        }
    }

    /// The tag it touches.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Tag { tag } => Some(tag),
            Self::Pushed(_) | Self::Deleted { .. } => None,
        }
    }
}
