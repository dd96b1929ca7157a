//! What deployments make of an app: numbered releases.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::app::AppIdentity;
use crate::domain::deployment::{RunState, Target};
use crate::domain::git_ref;
use crate::domain::printable::{Colours, printable};
use crate::domain::service::ServiceName;

/// The most characters a summary has.
const MAX_SUMMARY: usize = 200;

/// The number of a release: `v1`, `v2`, …; never used twice in an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseNumber(pub u64);

/// Why a text is not the number of a release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a release: write it like `v4`")]
pub struct InvalidReleaseNumber(String);

impl FromStr for ReleaseNumber {
    type Err = InvalidReleaseNumber;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('v').unwrap_or(text);
        let decimal = digits.bytes().all(|b| b.is_ascii_digit());
        let number = if decimal { digits.parse().ok() } else { None };
        number
            .filter(|number| *number > 0)
            .map(Self)
            .ok_or_else(|| InvalidReleaseNumber(text.chars().take(40).collect()))
    }
}

impl TryFrom<String> for ReleaseNumber {
    type Error = InvalidReleaseNumber;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ReleaseNumber> for String {
    fn from(number: ReleaseNumber) -> Self {
        number.to_string()
    }
}

impl fmt::Display for ReleaseNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&format!("v{}", self.0))
    }
}

/// What a deployment made of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The app.
    #[serde(flatten)]
    pub app: AppIdentity,
    /// Its number.
    pub release: ReleaseNumber,
    /// How its deployment stands.
    pub state: RunState,
    /// One line: who deployed what.
    pub summary: String,
    /// The full sha of the first git service that was run; empty for images alone.
    pub sha: String,
    /// Who asked for it.
    pub user: String,
    /// The deployment that made it.
    pub deployment: u64,
    /// When its deployment started.
    pub started_at: Timestamp,
    /// When its deployment ended.
    pub ended_at: Option<Timestamp>,
}

/// What a service was left as by the releases up to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceState {
    /// The service.
    pub service: ServiceName,
    /// The release that last ran it to its end.
    pub release: ReleaseNumber,
    /// What was deployed.
    #[serde(flatten)]
    pub target: Target,
}

/// The summary of a deployment of `targets`, in manifest order: `<user> deployed <first 7 of the sha>`, else
/// the image when only images are deployed, else the services; one line of at most 200 characters.
#[must_use]
pub fn summary(user: &str, targets: &[(ServiceName, Target)]) -> String {
    let sha = release_sha(targets);
    let all_images = targets.iter().all(|(_, target)| target.image.is_some());
    let image = targets.iter().find_map(|(_, target)| target.image.as_ref()).filter(|_| all_images);
    let what = match (sha, image) {
        (sha, _) if !sha.is_empty() => git_ref::short(sha).to_owned(),
        (_, Some(image)) => image.to_string(),
        _ => targets.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let line = format!("{user} deployed {what}");
    printable(&line, Colours::Remove).chars().take(MAX_SUMMARY).collect()
}

/// The summary of a rollback: `<user> rolled back to v3`.
#[must_use]
pub fn rollback_summary(user: &str, release: ReleaseNumber) -> String {
    printable(&format!("{user} rolled back to {release}"), Colours::Remove).chars().take(MAX_SUMMARY).collect()
}

/// The full sha of the first git service among `targets`, in manifest order; empty if there is none.
#[must_use]
pub fn release_sha(targets: &[(ServiceName, Target)]) -> &str {
    targets.iter().find_map(|(_, target)| target.sha.as_deref()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{ReleaseNumber, summary};
    use crate::domain::deployment::Target;

    fn git(sha: Option<&str>) -> Target {
        Target { sha: sha.map(str::to_owned), ..Target::default() }
    }

    #[test]
    fn a_release_number_is_read_with_and_without_its_letter() {
        assert_eq!("v4".parse(), Ok(ReleaseNumber(4)));
        assert_eq!("4".parse(), Ok(ReleaseNumber(4)));
        for text in ["", "v", "v0", "vv1", "-1", "+1", "v1.0", "latest"] {
            assert!(text.parse::<ReleaseNumber>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_summary_names_the_sha_else_the_image_else_the_services() {
        let name = |text: &str| text.parse().unwrap();
        let image = Target { image: Some("api:v2".parse().unwrap()), ..Target::default() };
        let sha = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";
        assert_eq!(
            summary("ann", &[(name("api"), image.clone()), (name("web"), git(Some(sha)))]),
            "ann deployed 2fd9226"
        );
        assert_eq!(summary("ann", &[(name("api"), image)]), "ann deployed api:v2");
        assert_eq!(
            summary("ann", &[(name("web"), git(None)), (name("worker"), git(None))]),
            "ann deployed web, worker"
        );
        assert_eq!(summary("a\nb", &[(name("web"), git(None))]), "a\\nb deployed web");
        assert_eq!(summary(&"x".repeat(500), &[(name("web"), git(None))]).chars().count(), 200);
    }
}
