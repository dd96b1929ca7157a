//! What holds for a command run here: every value that flags, environment, manifest and config file decide, and which of
//! them decided it. Secrets are masked.

use serde::Serialize;

use crate::config::environment::{VARIABLES, Variables};
use crate::config::user_file::{self, Limits};
use crate::context::place::{self, Chosen, ChosenBy};
use crate::context::{Context, locate_from_here};
use crate::error::Error;

/// Stands for a secret.
const MASK: &str = "***";

/// What decides a value that nothing says.
const DEFAULT: &str = "the default";

/// The variables whose values are rows of their own, or secret.
const SHOWN_ABOVE: [&str; 7] = [
    "HOOKBELT_API_URL",
    "HOOKBELT_APP",
    "HOOKBELT_DATABASE",
    "HOOKBELT_ENVIRONMENT",
    "HOOKBELT_MANIFEST",
    "HOOKBELT_PROFILE",
    "HOOKBELT_TOKEN",
];
const SECRET: [&str; 2] = ["HOOKBELT_SECRET", "HOOKBELT_HOOK_URL"];

/// A value, and what decided it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// What it is of.
    pub key: String,
    /// The value, masked if it is secret.
    pub value: String,
    /// What decided it.
    pub from: String,
}

/// Every value that is decided, as if `profile` were named by `--profile`.
///
/// # Errors
/// When something that decides cannot be read, or contradicts another.
pub fn merged(context: &Context, profile: Option<String>) -> Result<Vec<Merged>, Error> {
    let file = context.user_file()?;
    let config = dirs::config_dir().map(|folder| user_file::path(&folder).display().to_string()).unwrap_or_default();
    let variables = context.variables();
    let mut settings = context.settings().clone();
    settings.profile = profile.or(settings.profile);
    let located = locate_from_here();
    let manifest = context.manifest_in(&located)?;
    let explicit = place::explicit(&settings, variables, &file)?;
    let chosen = match (place::explicit_or_of_manifest(explicit, manifest.as_ref(), &file)?, &manifest) {
        (Some(chosen), _) => Some(chosen),
        // A manifest alone means the embedded engine.
        (None, Some(_)) => None,
        (None, None) => place::default(variables, &file)?,
    };
    let of_file = |path: &str| format!("the manifest {path}");
    let path = manifest.as_ref().map(|manifest| manifest.path.display().to_string());
    let identity = manifest.as_ref().map(|manifest| manifest.app.identity.clone());
    let in_manifest = |value: Option<String>| value.zip(path.as_deref().map(of_file));
    let said = |value: &Option<String>, flag, variable| {
        value.clone().map(|value| {
            let from = decided(&value, flag, variable, variables);
            (value, from)
        })
    };
    let named = settings.manifest.as_ref().map(|path| path.display().to_string());
    let values = [
        (
            "manifest",
            said(&named, "-m", "HOOKBELT_MANIFEST")
                .or(path.clone().map(|path| (path, "the working folder".to_owned()))),
        ),
        (
            "app",
            said(&settings.app, "-s", "HOOKBELT_APP")
                .or(in_manifest(identity.as_ref().map(|app| app.name.to_string()))),
        ),
        (
            "environment",
            said(&settings.environment, "-e", "HOOKBELT_ENVIRONMENT")
                .or(in_manifest(identity.as_ref().map(|app| app.environment.to_string()))),
        ),
        (
            "database",
            said(&settings.database, "--database", "HOOKBELT_DATABASE")
                .or(default_database().map(|database| (database, DEFAULT.to_owned()))),
        ),
    ];
    let mut rows: Vec<Merged> = values
        .into_iter()
        .filter_map(|(key, decided)| decided.map(|(value, from)| Merged { key: key.to_owned(), value, from }))
        .collect();
    rows.extend(of_deploy_api(chosen, &config));
    rows.extend(of_variables(variables));
    rows.extend(of_limits(&file.limits, &config));
    Ok(rows)
}

/// Whether a flag or the variable behind it said a value.
fn decided(value: &str, flag: &str, variable: &str, variables: &Variables) -> String {
    let of_variable = variables.raw(variable).and_then(|value| value.to_str());
    if of_variable == Some(value) { variable.to_owned() } else { format!("the flag {flag}") }
}

fn default_database() -> Option<String> {
    Some(format!("sqlite:{}", dirs::data_dir()?.join("hookbelt").join("hookbelt.db").display()))
}

/// The deploy API and its profile.
fn of_deploy_api(chosen: Option<Chosen>, config: &str) -> Vec<Merged> {
    let Some(Chosen { profile, by }) = chosen else {
        let from = DEFAULT.to_owned();
        return vec![Merged { key: "backend".to_owned(), value: "embedded".to_owned(), from }];
    };
    let in_file = match by {
        ChosenBy::Environment if profile.name == place::API_URL => "HOOKBELT_API_URL and HOOKBELT_TOKEN".to_owned(),
        ChosenBy::Default if profile.name == place::CLOUD66_TOKEN => place::CLOUD66_TOKEN.to_owned(),
        _ => config.to_owned(),
    };
    let of_file = |key: &str, value: Option<String>| {
        value.map(|value| Merged { key: key.to_owned(), value, from: in_file.clone() })
    };
    let mut rows =
        vec![Merged { key: "profile".to_owned(), value: profile.name.clone(), from: by.called().to_owned() }];
    rows.extend(of_file("backend", Some(profile.kind.word().to_owned())));
    rows.extend(of_file("url", Some(profile.address.to_string())));
    rows.extend(of_file("token", profile.token.as_ref().map(|_| MASK.to_owned())));
    rows.extend(of_file("user", profile.user));
    rows.extend(of_file("account", profile.account.map(|account| account.to_string())));
    rows.extend(of_file("ca_file", profile.ca_file.map(|file| file.display().to_string())));
    rows
}

/// What else the environment says.
fn of_variables(variables: &Variables) -> Vec<Merged> {
    let others = VARIABLES.iter().map(|variable| variable.name).filter(|name| !SHOWN_ABOVE.contains(name));
    let row = |name: &str| {
        let value = variables.raw(name)?.to_string_lossy().into_owned();
        let value = if SECRET.contains(&name) { MASK.to_owned() } else { value };
        let key = name.trim_start_matches("HOOKBELT_").to_lowercase();
        Some(Merged { key, value, from: name.to_owned() })
    };
    others.filter_map(row).collect()
}

/// The lengths of time.
fn of_limits(limits: &Limits, config: &str) -> Vec<Merged> {
    let values = |limits: &Limits| match serde_json::to_value(limits) {
        Ok(serde_json::Value::Object(values)) => values,
        _ => serde_json::Map::new(),
    };
    let defaults = values(&Limits::default());
    let row = |(key, value): (String, serde_json::Value)| {
        let from = if defaults.get(&key) == Some(&value) { DEFAULT } else { config };
        let texts = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
        let texts: Vec<&str> = texts.iter().filter_map(serde_json::Value::as_str).collect();
        let value = texts.join(", ");
        Merged { key: format!("limits.{key}"), value, from: from.to_owned() }
    };
    values(limits).into_iter().map(row).collect()
}
