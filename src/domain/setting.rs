//! Settings of an app: what can be changed without touching its manifest.

use serde::Serialize;

use crate::domain::app::App;
use crate::domain::git_url::without_credentials;
use crate::domain::nearest::nearest;
use crate::domain::service::Source;

/// A setting and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its key, e.g. `continuous.deploy`.
    pub key: String,
    /// Its value as text.
    pub value: String,
    /// Whether it comes from the manifest and cannot be changed here.
    pub readonly: bool,
}

/// A setting that can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its key.
    pub key: &'static str,
    /// Its value until it is set.
    pub default: &'static str,
}

/// Every setting that can be changed; all of them are boolean.
pub const KNOWN: [Known; 3] = [
    Known { key: CONTINUOUS_DEPLOY, default: "false" },
    Known { key: PARALLEL, default: "false" },
    Known { key: PAUSED, default: "false" },
];

/// Whether deployments at GitHub deploy the app, and pushes make such deployments.
pub const CONTINUOUS_DEPLOY: &str = "continuous.deploy";

/// Whether an app's services are run side by side unless a command says otherwise.
pub const PARALLEL: &str = "deploy.parallel";

/// Whether an app is deployed only by force.
pub const PAUSED: &str = "deploy.paused";

/// Why a setting cannot be read or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is no such setting.
    #[error("there is no setting `{key}`")]
    Unknown {
        /// What was typed.
        key: String,
        /// The setting most like it.
        nearest: Option<String>,
    },
    /// The manifest holds it.
    #[error("the setting `{key}` is readonly")]
    Readonly {
        /// Its key.
        key: String,
    },
    /// Its value must be a boolean word.
    #[error("{value:?} is no value for `{key}`")]
    NotBoolean {
        /// Its key.
        key: String,
        /// What was typed.
        value: String,
    },
}

/// All settings of an app, sorted by key: those stored, the defaults of the others, and what its manifest holds.
#[must_use]
pub fn all(app: &App, stored: &[(String, String)]) -> Vec<Setting> {
    let value_of = |known: &Known| {
        let stored = stored.iter().find(|(key, _)| key == known.key);
        stored.map_or_else(|| known.default.to_owned(), |(_, value)| value.clone())
    };
    let writable =
        KNOWN.iter().map(|known| Setting { key: known.key.to_owned(), value: value_of(known), readonly: false });
    let mut settings: Vec<Setting> = writable.chain(from_manifest(app)).collect();
    settings.sort_by(|a, b| a.key.cmp(&b.key));
    settings
}

/// `git.repository` and `git.branch` of the first git service: the app's main source.
fn from_manifest(app: &App) -> Vec<Setting> {
    let main = app.services.iter().find_map(|service| match &service.source {
        Source::Git(source) if source.repository.is_some() => Some(source),
        Source::Git(_) | Source::Image(_) => None,
    });
    let readonly = |key: &str, value: String| Setting { key: key.to_owned(), value, readonly: true };
    main.map_or_else(Vec::new, |source| {
        vec![
            readonly("git.branch", source.branch.clone().unwrap_or_else(|| "HEAD".to_owned())),
            readonly("git.repository", without_credentials(source.repository.as_deref().unwrap_or_default())),
        ]
    })
}

/// Whether a boolean setting is on, by what is stored.
#[must_use]
pub fn is_on(stored: &[(String, String)], key: &str) -> bool {
    stored.iter().any(|(stored, value)| stored == key && value == "true")
}

/// The setting with this key.
///
/// # Errors
/// When there is none.
pub fn find<'a>(settings: &'a [Setting], key: &str) -> Result<&'a Setting, SettingError> {
    settings.iter().find(|setting| setting.key == key).ok_or_else(|| SettingError::Unknown {
        key: key.to_owned(),
        nearest: nearest(key, settings, |setting| setting.key.clone()).map(|setting| setting.key.clone()),
    })
}

/// The value to store for `key`: `true` or `false` for the boolean words `1 true on enable`, `0 false off
/// disable` in either case.
///
/// # Errors
/// When the setting does not exist, is readonly, or the word is none of those.
pub fn checked(settings: &[Setting], key: &str, value: &str) -> Result<&'static str, SettingError> {
    if find(settings, key)?.readonly {
        return Err(SettingError::Readonly { key: key.to_owned() });
    }
    match boolean(value) {
        Some(true) => Ok("true"),
        Some(false) => Ok("false"),
        None => Err(SettingError::NotBoolean { key: key.to_owned(), value: value.to_owned() }),
    }
}

/// What a word for a boolean means.
fn boolean(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "enable" => Some(true),
        "0" | "false" | "off" | "disable" => Some(false),
        _ => None,
    }
}

/// Whether a value that is wanted is the one that there is, whose type nobody says: the same text, or another word for the
/// same boolean. A `1` or `0` that is there may be a number, which no word is as good as.
#[must_use]
pub fn same_value(there: &str, wanted: &str) -> bool {
    let is_number = matches!(there, "1" | "0");
    there == wanted || !is_number && boolean(there).is_some() && boolean(there) == boolean(wanted)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use indexmap::IndexMap;

    use super::*;
    use crate::domain::app::{AppIdentity, RedeploymentHook};
    use crate::domain::service::{Checkout, Commands, GitSource, Service};

    fn app(sources: Vec<Source>) -> App {
        let commands = Commands {
            build: None,
            deploy: "true".to_owned(),
            check: None,
            timeout: Duration::from_secs(1),
            env: IndexMap::new(),
            pass_env: Vec::new(),
        };
        let service = |(number, source)| Service {
            name: format!("service-{number}").parse().unwrap(),
            source,
            commands: commands.clone(),
        };
        App {
            identity: AppIdentity { name: "shop".parse().unwrap(), environment: "test".parse().unwrap() },
            services: sources.into_iter().enumerate().map(service).collect(),
            deployment_profiles: Vec::new(),
            redeployment_hook: RedeploymentHook::default(),
            deploy_hooks: Vec::new(),
            git_hosts: Vec::new(),
        }
    }

    fn git(repository: &str, branch: Option<&str>) -> Source {
        let (repository, branch) = (repository.to_owned(), branch.map(str::to_owned));
        Source::Git(GitSource { repository: Some(repository), branch, checkout: Checkout::Fresh })
    }

    fn image() -> Source {
        Source::Image("api:latest".parse().unwrap())
    }

    /// `key=value`, and `!` behind what is readonly.
    fn listed(sources: Vec<Source>, stored: &[(&str, &str)]) -> Vec<String> {
        let stored: Vec<_> = stored.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        let line = |one: Setting| format!("{}={}{}", one.key, one.value, if one.readonly { "!" } else { "" });
        all(&app(sources), &stored).into_iter().map(line).collect()
    }

    #[test]
    fn all_settings_are_listed_sorted_with_what_is_stored_or_else_their_default() {
        let unset = ["continuous.deploy=false", "deploy.parallel=false", "deploy.paused=false"];
        assert_eq!(listed(vec![image()], &[]), unset);
        assert_eq!(listed(vec![image()], &[("forgotten.key", "x")]), unset);
        let set = ["continuous.deploy=true", "deploy.parallel=false", "deploy.paused=false"];
        assert_eq!(listed(vec![image()], &[("continuous.deploy", "true")]), set);
        let with_git = listed(vec![git("https://github.com/acme/shop", Some("main"))], &[("git.branch", "other")]);
        let git = ["git.branch=main!", "git.repository=https://github.com/acme/shop!"];
        let expected = [&unset[..], &git].concat();
        assert_eq!(with_git, expected);
        assert!(with_git.is_sorted());
    }

    #[test]
    fn the_source_of_an_app_is_that_of_its_first_git_service_without_credentials() {
        let first = git("https://user:hunter2@github.com/acme/shop?token=hunter2", None);
        let lines = listed(vec![image(), first, git("https://github.com/acme/worker", Some("release"))], &[]);
        assert_eq!(lines[3..], ["git.branch=HEAD!", "git.repository=https://github.com/acme/shop!"]);
    }

    #[test]
    fn boolean_words_are_understood_in_either_case() {
        let settings = all(&app(vec![image()]), &[]);
        let checked = |word: &str| checked(&settings, "continuous.deploy", word);
        for (words, value) in [(["1", "true", "on", "enable"], "true"), (["0", "false", "off", "disable"], "false")] {
            for word in words {
                let capital = word[..1].to_uppercase() + &word[1..];
                for word in [word, &word.to_uppercase(), &capital] {
                    assert_eq!(checked(word), Ok(value), "{word}");
                }
            }
        }
        for word in ["", " ", "yes", "no", "2", "01", " true", "true\n", "enabled", "y", "null", "trüe"] {
            let refused = SettingError::NotBoolean { key: "continuous.deploy".to_owned(), value: word.to_owned() };
            assert_eq!(checked(word), Err(refused), "{word:?}");
        }
    }

    #[test]
    fn a_value_is_the_same_when_it_is_the_same_text_or_boolean() {
        for (there, wanted, same) in [
            ("true", "on", true),
            ("false", "0", true),
            ("true", "1", true),
            ("main", "main", true),
            ("", "", true),
            ("true", "off", false),
            ("main", "Main", false),
            ("1", "true", false),
            ("14", "15", false),
            ("", "false", false),
        ] {
            assert_eq!(same_value(there, wanted), same, "{there} {wanted}");
        }
    }

    #[test]
    fn what_the_manifest_holds_cannot_be_set() {
        let settings = all(&app(vec![git("https://github.com/acme/shop", None)]), &[]);
        for key in ["git.branch", "git.repository"] {
            for value in ["true", "main", ""] {
                assert_eq!(checked(&settings, key, value), Err(SettingError::Readonly { key: key.to_owned() }));
            }
        }
        let error = checked(&settings, "git.branch", "main").unwrap_err();
        assert_eq!(error.to_string(), "the setting `git.branch` is readonly");
    }

    #[test]
    fn an_unknown_setting_is_refused_with_the_one_most_like_it() {
        let settings = all(&app(vec![git("https://github.com/acme/shop", None)]), &[]);
        let cases = [
            ("continous.deploy", Some("continuous.deploy")),
            ("continuous-deploy", Some("continuous.deploy")),
            ("git.brunch", Some("git.branch")),
            ("Git.Branch", Some("git.branch")),
            ("maintenance.mode", None),
            ("", None),
        ];
        for (key, nearest) in cases {
            let unknown = SettingError::Unknown { key: key.to_owned(), nearest: nearest.map(str::to_owned) };
            assert_eq!(find(&settings, key), Err(unknown.clone()), "{key}");
            assert_eq!(checked(&settings, key, "true"), Err(unknown), "{key}");
        }
        // A setting of git services is unknown to an app that has none.
        assert!(find(&all(&app(vec![image()]), &[]), "git.branch").is_err());
        assert_eq!(find(&settings, "git.branch").map(|setting| setting.value.as_str()), Ok("HEAD"));
    }

    #[test]
    fn every_default_is_a_value_that_could_be_set() {
        let settings = all(&app(vec![image()]), &[]);
        for Known { key, default } in KNOWN {
            assert_eq!(checked(&settings, key, default), Ok(default), "{key}");
        }
    }
}
