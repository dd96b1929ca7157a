//! The process environment, read once in `main` and handed on.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

/// A variable that hookbelt reads, and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it does, as a help text.
    pub meaning: &'static str,
}

/// Every variable of our prefix that is read; no other is.
pub const VARIABLES: [Variable; 13] = [
    Variable { name: "HOOKBELT_APP", meaning: "the app, as -s" },
    Variable { name: "HOOKBELT_ENVIRONMENT", meaning: "the app's environment, as -e" },
    Variable { name: "HOOKBELT_MANIFEST", meaning: "the manifest file, as -m" },
    Variable { name: "HOOKBELT_PROFILE", meaning: "the deploy API, as --profile" },
    Variable { name: "HOOKBELT_API_URL", meaning: "the address of a deploy API that has no profile" },
    Variable { name: "HOOKBELT_TOKEN", meaning: "the token for HOOKBELT_API_URL" },
    Variable { name: "HOOKBELT_DATABASE", meaning: "the store, as --database" },
    Variable { name: "HOOKBELT_JSON", meaning: "1: print JSON, as --json" },
    Variable { name: "HOOKBELT_COLOR", meaning: "auto, always or never, as --color" },
    Variable { name: "HOOKBELT_YES", meaning: "1: answer questions with yes, as -y" },
    Variable { name: "HOOKBELT_TIMEOUT", meaning: "how long redeploy waits, as --timeout" },
    Variable { name: "HOOKBELT_HOOK_URL", meaning: "the URL of the redeployment hook that redeploy posts to" },
    Variable {
        name: "HOOKBELT_SECRET",
        meaning: "the secret of `hooks sign`, `verify`, `send` and `listen`, and of HOOKBELT_HOOK_URL, exactly these bytes",
    },
];

/// The variables of a process.
#[derive(Debug, Clone, Default)]
pub struct Variables(HashMap<OsString, OsString>);

/// Why a variable cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// Its bytes are no text.
    #[error("the environment variable {0} is not UTF-8")]
    NotUtf8(&'static str),
    /// Its value is not one of those it can have.
    #[error("the environment variable {name} cannot be {value:?}: use {expected}")]
    Invalid {
        /// Its name.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it may hold.
        expected: &'static str,
    },
}

impl Variables {
    /// Those of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// The raw value, if it is set and not empty.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&OsString> {
        self.0.get(&OsString::from(name)).filter(|value| !value.is_empty())
    }

    /// The value as text, if it is set and not empty.
    ///
    /// # Errors
    /// When its bytes are no text.
    pub fn text(&self, name: &'static str) -> Result<Option<String>, VariableError> {
        let text = |value: &OsString| value.clone().into_string().map_err(|_| VariableError::NotUtf8(name));
        self.raw(name).map(text).transpose()
    }

    /// The value as a path, if it is set and not empty.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name).map(PathBuf::from)
    }

    /// Whether a switch is on: `1 true on yes`; off: unset, empty, `0 false off no`.
    ///
    /// # Errors
    /// When it holds another word.
    pub fn switch(&self, name: &'static str) -> Result<bool, VariableError> {
        let Some(value) = self.text(name)? else {
            return Ok(false);
        };
        match value.to_ascii_lowercase().as_str() {
            "1" | "true" | "on" | "yes" => Ok(true),
            "0" | "false" | "off" | "no" => Ok(false),
            _ => Err(VariableError::Invalid { name, value, expected: "1 or 0" }),
        }
    }

    /// The name of who runs this process, from `USER` or `LOGNAME`.
    #[must_use]
    pub fn user_name(&self) -> Option<String> {
        let text = |name| self.raw(name).and_then(|value| value.to_str()).map(str::to_owned);
        text("USER").or_else(|| text("LOGNAME"))
    }

    /// The variables among `names` that are set, for handing on to a child process.
    pub fn select<'a>(
        &'a self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = (&'a str, &'a OsString)> {
        names.into_iter().filter_map(|name| self.0.get(&OsString::from(name)).map(|value| (name, value)))
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}
