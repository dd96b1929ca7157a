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
pub const KNOWN: [Known; 1] = [Known { key: "continuous.deploy", default: "false" }];

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
        Source::Git(source) => Some(source),
        Source::Image(_) => None,
    });
    let readonly = |key: &str, value: String| Setting { key: key.to_owned(), value, readonly: true };
    main.map_or_else(Vec::new, |source| {
        vec![
            readonly("git.branch", source.branch.clone().unwrap_or_else(|| "HEAD".to_owned())),
            readonly("git.repository", without_credentials(&source.repository)),
        ]
    })
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
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "enable" => Ok("true"),
        "0" | "false" | "off" | "disable" => Ok("false"),
        _ => Err(SettingError::NotBoolean { key: key.to_owned(), value: value.to_owned() }),
    }
}
