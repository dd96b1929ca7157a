//! Stacks, as the API shows them: apps.

use jiff::Timestamp;
use serde_json::Value;

use crate::backends::ListedApp;
use crate::backends::api_v3::lenient::{number, some_text, text, time};
use crate::domain::app::{AppIdentity, AppName, Environment};
use crate::domain::delivery::FailingHook;
use crate::domain::printable::{Colours, printable};
use crate::domain::profile::{BackendKind, Profile};
use crate::domain::release::ReleaseNumber;

/// The most characters of a name.
const MAX_NAME: usize = 100;

/// An app, as the API knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stack {
    /// What names it in paths.
    pub(super) uid: String,
    /// What people call it.
    pub(super) app: AppIdentity,
    pub(super) git: String,
    pub(super) git_branch: String,
    pub(super) framework: String,
    pub(super) backend: String,
    /// How it stands, in words.
    pub(super) status: Option<String>,
    /// Whether it is being deployed, or about to be.
    pub(super) is_busy: bool,
    /// The URL of its redeployment hook, for those who may know it.
    pub(super) redeploy_hook: Option<String>,
    /// Its newest release (ours).
    release: Option<ReleaseNumber>,
    last_activity: Option<Timestamp>,
    /// The names of its deployment profiles (ours).
    pub(super) deployment_profiles: Vec<String>,
    /// Its deploy hooks that do not arrive (ours).
    pub(super) failing_hooks: Vec<FailingHook>,
}

impl Stack {
    /// A stack of an answer; one without an id cannot be asked about.
    pub(super) fn of(stack: &Value) -> Option<Self> {
        let framework = text(&stack["framework"]);
        let status = number(&stack["status"]);
        let profiles = stack["deployment_profiles"].as_array().into_iter().flatten();
        Some(Self {
            uid: some_text(&stack["uid"])?,
            app: identity(&text(&stack["name"]), &text(&stack["environment"])),
            git: text(&stack["git"]),
            git_branch: text(&stack["git_branch"]),
            backend: text(&stack["backend"]),
            status: status.and_then(|status| in_words(status, &framework)).map(str::to_owned),
            framework,
            is_busy: matches!(status, Some(5 | 6)),
            redeploy_hook: some_text(&stack["redeploy_hook"]),
            release: some_text(&stack["version"]).and_then(|version| version.parse().ok()),
            last_activity: time(&stack["last_activity_iso"]).or_else(|| time(&stack["last_activity"])),
            deployment_profiles: profiles.map(text).collect(),
            failing_hooks: serde_json::from_value(stack["failing_hooks"].clone()).unwrap_or_default(),
        })
    }

    /// In a list of apps.
    pub(super) fn listed(self, profile: &Profile) -> ListedApp {
        // Cloud 66 has no releases, and its versions are none.
        let release = self.release.filter(|_| profile.kind == BackendKind::Server);
        ListedApp {
            app: self.app,
            backend: profile.kind,
            profile: Some(profile.name.clone()),
            manifest: None,
            status: self.status.filter(|_| profile.kind == BackendKind::Cloud66),
            release,
            deployed_at: release.and(self.last_activity),
        }
    }
}

/// A name and an environment, whatever the API lets them be.
fn identity(name: &str, environment: &str) -> AppIdentity {
    let name = name.parse().or_else(|_| presentable(name).parse::<AppName>());
    let environment = match environment {
        "" => Ok(Environment::default()),
        text => text.parse().or_else(|_| presentable(text).parse()),
    };
    AppIdentity {
        name: name.unwrap_or_else(|_| "unnamed".parse().expect("it is a name")),
        environment: environment.unwrap_or_default(),
    }
}

/// A name without what would mislead.
fn presentable(name: &str) -> String {
    let text = printable(name.trim(), Colours::Remove).replace('/', "_").replace('\t', " ");
    text.trim_start_matches('-').chars().take(MAX_NAME).collect::<String>().trim().to_owned()
}

/// How a stack stands, in Cloud 66's words.
fn in_words(status: u64, framework: &str) -> Option<&'static str> {
    let is_built = framework == "skycap";
    Some(match status {
        0 => "pending analysis",
        1 if is_built => "built successfully",
        1 => "deployed successfully",
        2 if is_built => "build failed",
        2 => "deployment failed",
        3 => "analyzing",
        4 => "analyzed",
        5 if is_built => "queued for build",
        5 => "queued for deployment",
        6 if is_built => "building",
        6 => "deploying",
        7 => "unable to analyze",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Stack;

    #[test]
    fn a_stack_without_an_id_is_none_and_any_other_field_may_be_missing() {
        assert_eq!(Stack::of(&json!({"name": "shop"})), None);
        assert_eq!(Stack::of(&json!("shop")), None);
        let bare = Stack::of(&json!({"uid": "ab", "name": "shop", "environment": null, "status": "x"})).unwrap();
        assert_eq!((bare.app.to_string(), bare.status, bare.is_busy), ("shop (production)".to_owned(), None, false));
    }

    #[test]
    fn a_name_that_no_app_here_may_have_is_shown_without_what_misleads() {
        for (name, shown) in [
            ("My App", "My App"),
            ("a/b", "a_b"),
            (" -x\u{1b}[31m\u{7} ", "x\\u{7}"),
            ("", "unnamed"),
            ("--", "unnamed"),
            (&"x".repeat(200), &"x".repeat(100)),
        ] {
            let stack = Stack::of(&json!({"uid": "ab", "name": name, "environment": "a/b"})).unwrap();
            assert_eq!((stack.app.name.as_str(), stack.app.environment.as_str()), (shown, "a_b"), "{name:?}");
        }
    }
}
