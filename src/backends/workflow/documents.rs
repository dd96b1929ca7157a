//! What the controller says, as far as it is read. Nothing but what nobody can do without must be there: fields come and
//! go with versions, and are `null` where they should be empty.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::deployment::{RunState, Target};
use crate::domain::service::ServiceName;

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) results: Vec<T>,
    /// Where the next page is; there is none behind the last.
    pub(super) next: Option<String>,
}

/// An app.
#[derive(Debug, Deserialize)]
pub(super) struct App {
    pub(super) id: String,
    /// How many processes of each type there are.
    structure: Option<BTreeMap<String, Value>>,
}

/// A build: what is deployed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Build {
    pub(super) uuid: Option<String>,
    pub(super) image: Option<String>,
    pub(super) sha: Option<String>,
    procfile: Option<Value>,
    dockerfile: Option<String>,
}

/// A release.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Release {
    pub(super) version: u64,
    pub(super) owner: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) failed: Option<bool>,
    /// Why it failed; Hephy says so.
    pub(super) exception: Option<String>,
    pub(super) config: Option<String>,
    pub(super) build: Option<String>,
    pub(super) created: Option<String>,
    pub(super) updated: Option<String>,
    /// How its deployment stands; `hookbelt serve` says so, which answers before that has ended.
    pub(super) state: Option<String>,
}

/// A process that runs.
#[derive(Debug, Deserialize)]
pub(super) struct Pod {
    #[serde(rename = "type")]
    pub(super) process_type: Option<String>,
    pub(super) release: Option<String>,
    pub(super) state: Option<String>,
}

/// What a rollback made.
#[derive(Debug, Deserialize)]
pub(super) struct RolledBack {
    pub(super) version: u64,
}

impl App {
    /// The process types of which there are some, each with how many.
    pub(super) fn processes(&self) -> impl Iterator<Item = (&str, u64)> {
        let counted = self.structure.iter().flatten().map(|(name, count)| (name.as_str(), count.as_u64().unwrap_or(0)));
        counted.filter(|(_, count)| *count > 0)
    }

    /// The process types that a build is run as: those there are; else those that it has, of which the controller makes
    /// `cmd` if it has none.
    pub(super) fn services(&self, build: Option<&Build>) -> Vec<ServiceName> {
        let there: Vec<&str> = self.processes().map(|(name, _)| name).collect();
        let of_build = || build.map(Build::process_types).unwrap_or_default();
        let names = if there.is_empty() { of_build() } else { there };
        names.into_iter().filter_map(|name| name.parse().ok()).collect()
    }
}

impl Build {
    fn process_types(&self) -> Vec<&str> {
        let named: Vec<&str> = self.procfile().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        if named.is_empty() { vec!["cmd"] } else { named }
    }

    fn procfile(&self) -> Option<&Map<String, Value>> {
        self.procfile.as_ref()?.as_object().filter(|procfile| !procfile.is_empty())
    }

    /// What asks for the same build again. Without its sha the controller would take it for an image from elsewhere,
    /// without its procfile for one of other process types.
    pub(super) fn again(&self) -> Value {
        let mut again = json!({ "image": self.image });
        if let Some(procfile) = self.procfile() {
            again["procfile"] = Value::Object(procfile.clone());
        }
        for (name, value) in [("sha", &self.sha), ("dockerfile", &self.dockerfile)] {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                again[name] = Value::String(value.clone());
            }
        }
        again
    }

    /// Whether both deploy the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.again() == other.again()
    }

    /// What it is made of; the path of a slug is no image, and shown as it is.
    pub(super) fn target(&self) -> Target {
        let image = self.image.as_deref().and_then(|image| image.parse().ok());
        let reference = if image.is_none() { self.image.clone() } else { None };
        Target { reference, branch: None, sha: self.sha.clone().filter(|sha| !sha.is_empty()), image }
    }
}

impl Release {
    /// How its deployment stands. A controller answers when that has ended; it says only whether it failed.
    pub(super) fn stands(&self) -> RunState {
        let said = self.state.as_deref().and_then(|state| state.parse().ok());
        let failed = if self.failed.unwrap_or(false) { RunState::Failed } else { RunState::Succeeded };
        said.unwrap_or(failed)
    }

    /// Whether it succeeded and has something that can be deployed again.
    pub(super) fn is_sound(&self) -> bool {
        self.stands() == RunState::Succeeded && self.build.is_some()
    }

    /// When it was made; where nobody says, at the beginning of time.
    pub(super) fn created_at(&self) -> Timestamp {
        self.created.as_deref().and_then(time).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// When its deployment ended, as far as that is told: a controller changes a release later if it failed, else not.
    pub(super) fn ended_at(&self) -> Option<Timestamp> {
        let updated = self.updated.as_deref().and_then(time);
        match (&self.state, self.stands()) {
            (Some(_), RunState::Waiting | RunState::Running) => None,
            (Some(_), _) => updated,
            (None, _) => updated.filter(|updated| *updated > self.created_at()),
        }
    }
}

/// `2018-03-01T12:00:30Z`; older controllers write `UTC` for the `Z`, or nothing.
fn time(text: &str) -> Option<Timestamp> {
    let bare = text.trim().trim_end_matches("UTC").trim_end_matches('Z');
    text.parse().ok().or_else(|| format!("{bare}Z").parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{App, Build, Release, time};

    #[test]
    fn a_time_is_in_utc_however_it_is_written() {
        let expected = "2018-03-01T12:00:30Z".parse().ok();
        for text in
            ["2018-03-01T12:00:30Z", "2018-03-01T12:00:30UTC", "2018-03-01T12:00:30", "2018-03-01T12:00:30+00:00"]
        {
            assert_eq!(time(text), expected, "{text}");
        }
        for text in ["", "Z", "yesterday"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn a_build_is_asked_for_again_with_all_that_makes_it() {
        for (build, again) in [
            (json!({ "image": "a:v1", "sha": "", "procfile": {}, "dockerfile": "" }), json!({ "image": "a:v1" })),
            (json!({ "image": "a:v1", "sha": null, "procfile": null }), json!({ "image": "a:v1" })),
            (
                json!({ "image": "a", "sha": "2fd9226", "procfile": { "web": "run" }, "dockerfile": "FROM x", "owner": "ann" }),
                json!({ "image": "a", "sha": "2fd9226", "procfile": { "web": "run" }, "dockerfile": "FROM x" }),
            ),
        ] {
            let build: Build = serde_json::from_value(build).unwrap();
            assert_eq!(build.again(), again);
        }
    }

    #[test]
    fn services_are_the_processes_that_there_are_else_those_of_the_build() {
        let services = |structure, procfile| {
            let app: App = serde_json::from_value(json!({ "id": "shop", "structure": structure })).unwrap();
            let build: Build = serde_json::from_value(json!({ "image": "a", "procfile": procfile })).unwrap();
            let names = app.services(Some(&build));
            names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(services(json!({ "web": 2, "cron": 0, "worker": 1 }), json!({ "web": "run" })), "web worker");
        assert_eq!(services(json!({ "web": 0 }), json!({ "web": "run", "cron": "x" })), "cron web");
        assert_eq!(services(json!(null), json!(null)), "cmd");
    }

    #[test]
    fn a_release_may_lack_all_but_its_number() {
        let release: Release = serde_json::from_value(json!({ "version": 3, "owner": null, "created": null })).unwrap();
        assert!(!release.is_sound() && release.ended_at().is_none());
        assert_eq!(release.created_at().as_second(), 0);
    }
}
