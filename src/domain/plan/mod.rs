//! Which services a trigger deploys, at which ref, and why each other service is skipped.
//!
//! The rules are those of Cloud 66's redeployment hooks. A trigger with Git information deploys the git
//! services whose repository and branch it names, one without deploys all; naming services or a deployment
//! profile only narrows that. Every skip has a reason that people can read.

mod request;
mod rollback;
#[cfg(test)]
pub(in crate::domain) mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::domain::plan::request::{
    Change, EmptyServiceChoice, GitInformation, NewHead, Request, Selection, ServiceChoice,
};

use crate::domain::app::App;
use crate::domain::deployment::Target;
use crate::domain::git_ref::{GitRef, InvalidRef};
use crate::domain::git_url::RepositoryKey;
use crate::domain::image::{Image, InvalidImage};
use crate::domain::release::ReleaseNumber;
use crate::domain::service::{Checkout, GitSource, Service, ServiceName, Source};

/// What a trigger deploys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The services to deploy, in manifest order.
    pub services: Vec<PlannedService>,
    /// The others, in manifest order.
    pub skipped: Vec<SkippedService>,
}

/// A service that a plan deploys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedService {
    /// The service.
    pub service: ServiceName,
    /// What it is to be deployed from, as far as the trigger says.
    #[serde(flatten)]
    pub target: Target,
}

/// A service that a plan leaves alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedService {
    /// The service.
    pub service: ServiceName,
    /// Why.
    #[serde(serialize_with = "as_text", deserialize_with = "noted")]
    pub reason: Skip,
}

fn as_text<S: serde::Serializer>(reason: &Skip, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(reason)
}

fn noted<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Skip, D::Error> {
    String::deserialize(deserializer).map(Skip::Noted)
}

/// Why a service is skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// Others were asked for.
    NotAskedFor,
    /// Git information deploys git services only.
    ImageService,
    /// The push was to another repository.
    OtherRepository,
    /// The push was to other branches.
    OtherBranch {
        /// The service's branch.
        branch: String,
        /// Those that were pushed.
        pushed: Vec<String>,
    },
    /// The service follows the remote's `HEAD`, and the payload does not say which branch that is.
    HeadUnknown,
    /// Its branch was deleted.
    BranchDeleted(String),
    /// Only tags were pushed, and a tag matches no branch.
    OnlyTags(Vec<String>),
    /// A rollback finds it as it was in that release.
    AsItWasIn(ReleaseNumber),
    /// It was first deployed after the release that is gone back to.
    NotIn(ReleaseNumber),
    /// It was a git service then and is an image service now, or the other way round.
    OtherKindIn(ReleaseNumber),
    /// It was deployed by the release that is gone back to, and is no longer in the manifest.
    NotInManifest,
    /// What was noted when a plan was made that was stored since.
    Noted(String),
}

impl fmt::Display for Skip {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAskedFor => write!(formatter, "it was not asked for"),
            Self::ImageService => write!(formatter, "it is an image service, and a push deploys git services only"),
            Self::OtherRepository => write!(formatter, "the push was to another repository"),
            Self::OtherBranch { branch, pushed } => {
                write!(formatter, "its branch is {branch}, and the push was to {}", pushed.join(", "))
            }
            Self::HeadUnknown => {
                write!(formatter, "it follows the remote's HEAD, and the payload does not say which branch that is")
            }
            Self::BranchDeleted(branch) => write!(formatter, "its branch {branch} was deleted"),
            Self::OnlyTags(tags) => {
                write!(formatter, "only a tag was pushed ({}), and a tag matches no branch", tags.join(", "))
            }
            Self::AsItWasIn(release) => write!(formatter, "it is as it was in {release}"),
            Self::NotIn(release) => write!(formatter, "{release} and those before it did not deploy it"),
            Self::OtherKindIn(release) => {
                write!(
                    formatter,
                    "it was deployed from Git then and from an image now, or the other way round ({release})"
                )
            }
            Self::NotInManifest => write!(formatter, "the manifest no longer has it"),
            Self::Noted(reason) => formatter.write_str(reason),
        }
    }
}

/// Why a request is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A named service does not exist.
    #[error("this app has no service {}", quoted(.unknown))]
    UnknownService {
        /// The names that no service has.
        unknown: Vec<String>,
        /// Those that services have.
        known: Vec<String>,
    },
    /// The named deployment profile does not exist.
    #[error("this app has no deployment profile `{unknown}`")]
    UnknownDeploymentProfile {
        /// The name that no profile has.
        unknown: String,
        /// Those that profiles have.
        known: Vec<String>,
    },
    /// A services modifier that names none; it never means all.
    #[error("no service is named")]
    NoService,
    /// One service was asked for at two refs.
    #[error("service `{0}` is asked for at two different refs")]
    TwoRefs(ServiceName),
    /// A ref that Git cannot have.
    #[error("the ref for service `{service}` is malformed")]
    MalformedRef {
        /// The service it was given for.
        service: ServiceName,
        /// What is wrong with it.
        source: InvalidRef,
    },
    /// A tag or digest that an image cannot have.
    #[error("the tag for service `{service}` is malformed")]
    MalformedImage {
        /// The service it was given for.
        service: ServiceName,
        /// What is wrong with it.
        source: InvalidImage,
    },
    /// A ref for all git services, and none that would take it.
    #[error("the Git ref `{0}` would change nothing: no git service without a ref of its own is selected")]
    UselessRef(GitRef),
}

impl Refusal {
    /// What could have been named instead.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let known = |what: &str, known: &[String]| match known {
            [] => format!("this app has no {what}"),
            known => format!("{what} of this app: {}", known.join(", ")),
        };
        match self {
            Self::UnknownService { known: names, .. } => Some(known("services", names)),
            Self::UnknownDeploymentProfile { known: names, .. } => Some(known("deployment profiles", names)),
            _ => None,
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and no service ")
}

impl Plan {
    /// What `request` deploys of `app`.
    ///
    /// # Errors
    /// When the request names what the app does not have, or a ref that cannot be.
    pub fn of(app: &App, request: &Request) -> Result<Self, Refusal> {
        let asked = asked_for(app, &request.selection)?;
        let mut plan = Self { services: Vec::new(), skipped: Vec::new() };
        let mut takes_git_ref = false;
        for service in &app.services {
            let planned = match asked.iter().find(|choice| choice.name == service.name.as_str()) {
                None => Err(Skip::NotAskedFor),
                Some(choice) => match_git(service, request.git.as_ref()).map(|pushed| (choice, pushed)),
            };
            match planned {
                Ok((choice, pushed)) => {
                    takes_git_ref |= matches!(service.source, Source::Git(_)) && choice.reference.is_none();
                    let target = target(service, choice.reference.as_deref(), request.git_ref.as_ref(), pushed)?;
                    plan.services.push(PlannedService { service: service.name.clone(), target });
                }
                Err(reason) => plan.skipped.push(SkippedService { service: service.name.clone(), reason }),
            }
        }
        match &request.git_ref {
            Some(git_ref) if !plan.services.is_empty() && !takes_git_ref => Err(Refusal::UselessRef(git_ref.clone())),
            _ => Ok(plan),
        }
    }
}

/// The services that the selection names, with the refs it gives them.
fn asked_for(app: &App, selection: &Selection) -> Result<Vec<ServiceChoice>, Refusal> {
    let plain = |name: &ServiceName| ServiceChoice { name: name.as_str().to_owned(), reference: None };
    match selection {
        Selection::Everything => Ok(app.services.iter().map(|service| plain(&service.name)).collect()),
        Selection::Services(choices) => known_choices(app, choices),
        Selection::DeploymentProfile(name) => {
            let profile = app.deployment_profiles.iter().find(|profile| profile.name == *name);
            let profile = profile.ok_or_else(|| Refusal::UnknownDeploymentProfile {
                unknown: name.clone(),
                known: app.deployment_profiles.iter().map(|profile| profile.name.clone()).collect(),
            })?;
            Ok(profile.services.iter().map(plain).collect())
        }
    }
}

fn known_choices(app: &App, choices: &[ServiceChoice]) -> Result<Vec<ServiceChoice>, Refusal> {
    if choices.is_empty() {
        return Err(Refusal::NoService);
    }
    let known = |choice: &&ServiceChoice| app.services.iter().any(|service| service.name.as_str() == choice.name);
    let unknown: Vec<String> =
        choices.iter().filter(|choice| !known(choice)).map(|choice| choice.name.clone()).collect();
    if !unknown.is_empty() {
        let unknown: Vec<String> = unknown.into_iter().collect::<indexmap::IndexSet<_>>().into_iter().collect();
        let known = app.services.iter().map(|service| service.name.to_string()).collect();
        return Err(Refusal::UnknownService { unknown, known });
    }
    for service in &app.services {
        let mut references =
            choices.iter().filter(|choice| choice.name == service.name.as_str()).map(|choice| &choice.reference);
        if let Some(first) = references.next()
            && references.any(|other| other != first)
        {
            return Err(Refusal::TwoRefs(service.name.clone()));
        }
    }
    Ok(choices.to_vec())
}

/// What was pushed to a service's branch.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pushed {
    branch: Option<String>,
    head: Option<String>,
}

/// Whether the trigger's Git information, if it has any, is about this service, and what it pushed.
fn match_git(service: &Service, git: Option<&GitInformation>) -> Result<Option<Pushed>, Skip> {
    let Some(git) = git else {
        return Ok(None);
    };
    let Source::Git(source) = &service.source else {
        return Err(Skip::ImageService);
    };
    let pushed: Vec<RepositoryKey> = git.repositories.iter().filter_map(|url| RepositoryKey::of(url)).collect();
    let configured = source.repository.as_deref().and_then(RepositoryKey::of);
    if !configured.is_some_and(|key| key.is_named_by(&pushed, git.full_name.as_deref())) {
        return Err(Skip::OtherRepository);
    }
    match_branch(source, git).map(Some)
}

fn match_branch(source: &GitSource, git: &GitInformation) -> Result<Pushed, Skip> {
    if git.changes.is_empty() {
        return Ok(Pushed { branch: None, head: git.head.clone() });
    }
    let tags: Vec<String> = git.changes.iter().filter_map(Change::tag).map(str::to_owned).collect();
    if tags.len() == git.changes.len() {
        return Err(Skip::OnlyTags(tags));
    }
    let branch = source.branch.as_deref().or(git.default_branch.as_deref()).ok_or(Skip::HeadUnknown)?;
    let mut outcome = None;
    for change in &git.changes {
        match change {
            Change::Pushed(new) if new.branch == branch => {
                outcome = Some(Ok(Pushed { branch: Some(branch.to_owned()), head: new.after.clone() }));
            }
            Change::Deleted { branch: deleted } if deleted == branch => {
                outcome = Some(Err(Skip::BranchDeleted(branch.to_owned())));
            }
            _ => {}
        }
    }
    outcome.unwrap_or_else(|| {
        let pushed = git.changes.iter().filter_map(Change::branch).map(str::to_owned).collect();
        Err(Skip::OtherBranch { branch: branch.to_owned(), pushed })
    })
}

/// What a service is to be deployed from: its own ref, else the one given for all, else what was pushed, else
/// what the manifest says.
fn target(
    service: &Service,
    own: Option<&str>,
    for_all: Option<&GitRef>,
    pushed: Option<Pushed>,
) -> Result<Target, Refusal> {
    match &service.source {
        Source::Image(image) => image_target(service, image, own),
        Source::Git(source) => git_target(service, source, own, for_all, pushed),
    }
}

fn image_target(service: &Service, image: &Image, own: Option<&str>) -> Result<Target, Refusal> {
    let malformed = |source| Refusal::MalformedImage { service: service.name.clone(), source };
    let image = own.map_or_else(|| Ok(image.clone()), |reference| image.at(reference)).map_err(malformed)?;
    Ok(Target { reference: own.map(str::to_owned), image: Some(image), ..Target::default() })
}

fn git_target(
    service: &Service,
    source: &GitSource,
    own: Option<&str>,
    for_all: Option<&GitRef>,
    pushed: Option<Pushed>,
) -> Result<Target, Refusal> {
    let malformed = |fault| Refusal::MalformedRef { service: service.name.clone(), source: fault };
    let own = own.map(str::parse::<GitRef>).transpose().map_err(malformed)?;
    let reference = own.as_ref().or(for_all);
    if let Some(reference) = reference {
        // Without a checkout nothing is resolved: a full sha is known, anything else only handed on.
        let known = reference.as_full_sha().filter(|_| source.checkout == Checkout::None);
        let sha = known.map(str::to_ascii_lowercase);
        return Ok(Target { reference: Some(reference.to_string()), sha, ..Target::default() });
    }
    let (branch, sha) = pushed.map_or((None, None), |pushed| (pushed.branch, pushed.head));
    Ok(Target { branch: branch.or_else(|| source.branch.clone()), sha, ..Target::default() })
}
