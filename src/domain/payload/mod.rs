//! What a received request means: which Git host sent it, what it says was pushed, or that it says nothing of Git.
//!
//! A body is read as leniently as is safe. What is needed must be there and of its type; whatever else a body holds, of
//! whatever type, is not looked at. Nothing here answers, verifies a signature, or requests a URL that a payload names.

mod azure;
mod bitbucket;
mod body;
mod captured;
mod gitea;
mod github;
mod gitlab;
mod json;
mod part;
mod payload_from;
mod ref_update;
mod sender;
#[cfg(test)]
mod tests;

use serde_json::Value;

pub(in crate::domain) use crate::domain::payload::body::{Carried, carried};
pub use crate::domain::payload::captured::{Captured, NotCaptured};
pub use crate::domain::payload::payload_from::{PayloadFrom, UnknownHost};
pub use crate::domain::payload::sender::Sender;

use crate::domain::app::Environment;
use crate::domain::git_ref::is_full_sha;
use crate::domain::payload::part::Part;
use crate::domain::plan::{Change, GitInformation, NewHead};

/// A request as it came to a redeployment hook.
#[derive(Debug, Clone, Copy, Default)]
pub struct Received<'a> {
    /// The headers, in their order and letter case.
    pub headers: &'a [(&'a str, &'a str)],
    /// What follows the `?` of the target, still encoded.
    pub query: &'a str,
    /// The body, byte for byte.
    pub body: &'a [u8],
}

impl<'a> Received<'a> {
    /// The value of the first header of this name, ignoring case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }
}

/// What a request says.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// Who sent it.
    pub sender: Sender,
    /// The host's word for what happened.
    pub event: Option<String>,
    /// What tells this delivery from others, if the sender says.
    pub delivery: Option<Delivery>,
    /// Who pushed, or created the deployment; one line of at most 100 characters.
    pub user: Option<String>,
    /// What it means.
    pub meaning: Meaning,
}

/// What a host calls one delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id. A redelivery repeats it, and all hooks that one GitHub event goes to share it.
    pub id: String,
    /// Which attempt it is, from 1. Whether Bitbucket repeats the id in a further attempt is not known, so that then the
    /// old and new heads tell too.
    pub attempt: u32,
}

/// What a payload means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    /// Something was pushed.
    Git(GitInformation),
    /// It says nothing of Git: somebody, or a program, just asks.
    NoGitInformation,
    /// It asks for nothing, and why that is.
    Ignored(String),
    /// Somebody created a deployment at GitHub.
    GithubDeployment(GithubDeployment),
}

/// A deployment at GitHub.
#[derive(Debug, Clone, PartialEq)]
pub struct GithubDeployment {
    /// GitHub's number of it.
    pub id: u64,
    /// The commit to deploy, in full.
    pub sha: String,
    /// What it was asked for: the short name of a branch or a tag, or a sha.
    pub reference: String,
    /// What is to be done, `deploy` unless somebody says otherwise.
    pub task: String,
    /// Where to.
    pub environment: String,
    /// What its creator added; null if nothing.
    pub payload: Value,
    /// Every spelling of the repository's URL.
    pub repositories: Vec<String>,
    /// `owner/name`.
    pub full_name: Option<String>,
    /// Who created it.
    pub creator: Option<String>,
}

impl GithubDeployment {
    /// Why it is not for an app in this environment to deploy, if it is not.
    #[must_use]
    pub fn why_not_for(&self, environment: &Environment) -> Option<String> {
        if self.environment != environment.as_str() {
            return Some(format!("the deployment at GitHub is for the environment {:?}", self.environment));
        }
        (self.task != "deploy").then(|| format!("the task of the deployment at GitHub is {:?}, not deploy", self.task))
    }

    /// The same as a push of its commit to the branch that its reference names. It need not be newer than what is deployed:
    /// somebody asked for exactly this commit.
    #[must_use]
    pub fn git(&self) -> GitInformation {
        let head =
            NewHead { branch: self.reference.clone(), before: None, after: Some(self.sha.clone()), forced: true };
        GitInformation {
            repositories: self.repositories.clone(),
            full_name: self.full_name.clone(),
            changes: vec![Change::Pushed(head)],
            ..GitInformation::default()
        }
    }
}

/// Why a body cannot be read. It is for the sender and for a log, and quotes no value of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {fault}", .sender.as_unreadable())]
pub struct Unreadable {
    /// Who it seems to be from.
    pub sender: Sender,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is none.
    #[error("the body is empty")]
    Empty,
    /// A form that carries no JSON.
    #[error("the form has no field `payload`")]
    FormWithoutPayload,
    /// It is no text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// It is no JSON, or more than anybody sends.
    #[error("it cannot be read as JSON: {0}")]
    NotJson(String),
    /// It is JSON, but no object.
    #[error("it is not a JSON object")]
    NotAnObject,
    /// A field that is needed is not there.
    #[error("the field `{0}` is missing")]
    Missing(String),
    /// A field that is needed cannot be used.
    #[error("the field `{path}` is not {wanted}")]
    Wrong {
        /// The way to it.
        path: String,
        /// What it has to be.
        wanted: &'static str,
    },
}

/// What a body says, before it is known whose it is.
#[derive(Debug)]
struct Said {
    meaning: Meaning,
    user: Option<String>,
}

impl Payload {
    /// Reads a request.
    ///
    /// # Errors
    /// When its headers say that a host sent it and its body is not of that host's shape, or when it has no such header and
    /// its body is neither empty, nor JSON, nor a form.
    pub fn read(received: &Received<'_>) -> Result<Self, Unreadable> {
        let (sender, event, said) = match Sender::by_headers(received) {
            Some((sender, event)) => {
                (sender, Some(event.to_owned()), announced(sender, event, received).map_err(|fault| (sender, fault)))
            }
            None => unannounced(received),
        };
        let Said { meaning, user } = said.map_err(|(sender, fault)| Unreadable { sender, fault })?;
        Ok(Self {
            sender,
            event,
            delivery: sender.delivery(received),
            user: user.and_then(|user| one_line(&user)),
            meaning,
        })
    }
}

/// What a host sent that says in a header who it is and what happened.
fn announced(sender: Sender, event: &str, received: &Received<'_>) -> Result<Said, Fault> {
    let read: fn(&Part<'_>) -> Result<Said, Fault> = match (sender, event) {
        (Sender::Github, "push") => github::push,
        (Sender::Github, "deployment") => github::deployment,
        (Sender::Gitlab, "Push Hook" | "Tag Push Hook") => gitlab::push,
        (Sender::Gitea | Sender::Forgejo | Sender::Gogs, "push") => gitea::push,
        (Sender::Bitbucket, "repo:push") => bitbucket::push,
        (Sender::BitbucketServer, "repo:refs_changed") => bitbucket::refs_changed,
        _ => return Ok(Said { meaning: Meaning::Ignored(sender.why_ignored(event)), user: None }),
    };
    let carried = carried(received);
    let text = carried.text().ok_or(Fault::FormWithoutPayload)?;
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    read(&Part::whole(&json::read(text)?)?)
}

/// What somebody sent who does not say in a header who it is: one of the two hosts that never do, or anybody.
fn unannounced(received: &Received<'_>) -> (Sender, Option<String>, Result<Said, (Sender, Fault)>) {
    let nothing = || Ok(Said { meaning: Meaning::NoGitInformation, user: None });
    let other = |said: Result<Said, Fault>| (Sender::Other, None, said.map_err(|fault| (Sender::Other, fault)));
    let carried = carried(received);
    let text = carried.text().unwrap_or_default();
    if text.is_empty() {
        return other(nothing());
    }
    let value = match json::read(text) {
        Ok(value) => value,
        Err(fault) => return other(Err(fault)),
    };
    let Ok(whole) = Part::whole(&value) else {
        return other(nothing());
    };
    let (sender, event, said) = if whole.has("canon_url") {
        (Sender::BitbucketPost, None, bitbucket::posted(&whole))
    } else if whole.hint("/eventType") == Some("git.push") {
        (Sender::AzureDevops, Some("git.push".to_owned()), azure::push(&whole))
    } else {
        return other(nothing());
    };
    (sender, event, said.map_err(|fault| (sender, fault)))
}

/// A sha that a body names, if it is one in full.
fn sha(text: &str) -> Option<String> {
    is_full_sha(text).then(|| text.to_ascii_lowercase())
}

/// A name as others may show it and set it as a variable: control characters are left out.
fn one_line(text: &str) -> Option<String> {
    let line: String = text.chars().filter(|character| !character.is_control()).take(100).collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
