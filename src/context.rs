//! What a command may use: settings merged from flags and environment, output, the app and its backend, each
//! made on first use.

use std::path::PathBuf;

use crate::backends::Backend;
use crate::backends::embedded::Embedded;
use crate::config::environment::{VariableError, Variables};
use crate::config::manifest::Manifest;
use crate::config::manifest::locate::{Located, locate};
use crate::config::user_file::{self, Limits};
use crate::domain::app::find_app;
use crate::error::{Error, Kind};
use crate::output::{ColourChoice, ColourVariables, Format, Output, Verbosity};
use crate::store::Store;
use crate::store::file_of;

/// What was said by flags, with the environment behind it.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The app's name.
    pub app: Option<String>,
    /// The app's environment.
    pub environment: Option<String>,
    /// The manifest file.
    pub manifest: Option<PathBuf>,
    /// The store's address.
    pub database: Option<String>,
    /// Whether questions are answered with yes.
    pub yes: bool,
}

/// How output was asked for by flags.
#[derive(Debug, Clone, Copy)]
pub struct OutputFlags {
    /// `--json`
    pub json: bool,
    /// `-q`
    pub quiet: bool,
    /// `-v`, how often
    pub verbose: u8,
    /// `--color`
    pub color: Option<ColourChoice>,
}

impl Settings {
    /// Fills what no flag said from the environment.
    ///
    /// # Errors
    /// When a variable cannot be understood.
    pub fn or_from(self, variables: &Variables) -> Result<Self, VariableError> {
        Ok(Self {
            app: self.app.map_or_else(|| variables.text("HOOKBELT_APP"), |app| Ok(Some(app)))?,
            environment: self
                .environment
                .map_or_else(|| variables.text("HOOKBELT_ENVIRONMENT"), |name| Ok(Some(name)))?,
            manifest: self.manifest.or_else(|| variables.path("HOOKBELT_MANIFEST")),
            database: self.database.map_or_else(|| variables.text("HOOKBELT_DATABASE"), |url| Ok(Some(url)))?,
            yes: self.yes || variables.switch("HOOKBELT_YES")?,
        })
    }
}

impl OutputFlags {
    /// The output that flags and environment ask for.
    ///
    /// # Errors
    /// When a variable cannot be understood.
    pub fn output(self, variables: &Variables) -> Result<Output, VariableError> {
        let color = match (self.color, variables.text("HOOKBELT_COLOR")?) {
            (Some(color), _) => color,
            (None, None) => ColourChoice::Auto,
            (None, Some(value)) => clap::ValueEnum::from_str(&value, true).map_err(|_| VariableError::Invalid {
                name: "HOOKBELT_COLOR",
                value,
                expected: "auto, always or never",
            })?,
        };
        let colour_variables = ColourVariables {
            no_color: variables.raw("NO_COLOR").is_some(),
            force: variables.raw("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            dumb: variables.raw("TERM").is_some_and(|term| term == "dumb"),
        };
        let verbosity = match self {
            Self { quiet: true, .. } => Verbosity::Quiet,
            Self { verbose: 0, .. } => Verbosity::Normal,
            _ => Verbosity::Verbose,
        };
        let json = self.json || variables.switch("HOOKBELT_JSON")?;
        Ok(Output::new(if json { Format::Json } else { Format::Text }, verbosity, color, colour_variables))
    }
}

/// What a command may use.
#[derive(Debug)]
pub struct Context {
    settings: Settings,
    variables: Variables,
    output: Output,
}

impl Context {
    /// A context for these settings.
    #[must_use]
    pub fn new(settings: Settings, variables: Variables, output: Output) -> Self {
        Self { settings, variables, output }
    }

    /// Where results and talk go.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The environment of the process.
    #[must_use]
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// What flags and environment said.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The lengths of time that the user's config file sets.
    ///
    /// # Errors
    /// When the file cannot be read or understood.
    pub fn limits(&self) -> Result<Limits, Error> {
        let Some(folder) = dirs::config_dir() else {
            return Ok(Limits::default());
        };
        Ok(user_file::read(&user_file::path(&folder))?.limits)
    }

    /// The store.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn store(&self) -> Result<Store, Error> {
        let path = match (&self.settings.database, dirs::data_dir()) {
            (Some(address), _) => file_of(address)?,
            (None, Some(folder)) => folder.join("hookbelt").join("hookbelt.db"),
            (None, None) => {
                let error = Error::new(Kind::Usage, "there is no HOME, so there is no place for the store");
                return Err(error.with_hint("set HOME, or name a store with `--database sqlite:PATH`"));
            }
        };
        self.output.detail(&format!("store: {}", path.display()));
        Ok(Store::open(&path).await?)
    }

    /// The app that flags, environment and working folder mean, at its backend.
    ///
    /// # Errors
    /// When they mean no app or contradict each other, or the store fails.
    pub async fn backend(&self) -> Result<Box<dyn Backend>, Error> {
        let limits = self.limits()?;
        let (manifest, store) = match self.local_manifest()? {
            Some(manifest) => (manifest, self.store().await?),
            None => self.manifest_of_known_app().await?,
        };
        self.output.detail(&format!("manifest: {}", manifest.path.display()));
        Ok(Box::new(Embedded::open(store, manifest, limits, self.variables.clone(), self.user()).await?))
    }

    /// The manifest that is named, or the one found upwards if it is of the app that is meant.
    ///
    /// # Errors
    /// When it cannot be used, or contradicts the flags.
    pub fn local_manifest(&self) -> Result<Option<Manifest>, Error> {
        if let Some(path) = &self.settings.manifest {
            let manifest = Manifest::read(path)?;
            self.agree_on_name(&manifest)?;
            return self.agree_on_environment(manifest).map(Some);
        }
        let located = locate_from_here();
        let Some(path) = &located.manifest else {
            return if self.settings.app.is_some() { Ok(None) } else { Err(no_app(&located)) };
        };
        let manifest = match (Manifest::read(path), &self.settings.app) {
            (Ok(manifest), _) => manifest,
            // The app that is meant may be another one, whose manifest is sound.
            (Err(_), Some(_)) => return Ok(None),
            (Err(error), None) => return Err(error.into()),
        };
        match &self.settings.app {
            Some(name) if !same_name(name, &manifest) => Ok(None),
            _ => self.agree_on_environment(manifest).map(Some),
        }
    }

    /// Who runs this command.
    fn user(&self) -> String {
        let login = || {
            let asked = std::process::Command::new("id").arg("-un").output().ok()?;
            let name = String::from_utf8(asked.stdout).ok()?.trim().to_owned();
            (!name.is_empty()).then_some(name)
        };
        self.variables.user_name().or_else(login).unwrap_or_else(|| "unknown".to_owned())
    }

    /// An app of the store, by the name that was given.
    async fn manifest_of_known_app(&self) -> Result<(Manifest, Store), Error> {
        let name = self.settings.app.as_deref().unwrap_or_default();
        let store = self.store().await?;
        let apps = store.apps().await?;
        let identities: Vec<_> = apps.iter().map(|app| app.identity.clone()).collect();
        let wanted = find_app(&identities, name, self.settings.environment.as_deref())?;
        let known = apps.iter().find(|app| app.identity == *wanted).map(|app| app.manifest.clone()).unwrap_or_default();
        let manifest = Manifest::read(&known).map_err(|error| {
            Error::from(error)
                .with_hint(format!("that is where the manifest of {wanted} was last; name it with `-m FILE`"))
        })?;
        if manifest.app.identity != *wanted {
            let text = format!("{} now describes {}, not {wanted}", known.display(), manifest.app.identity);
            return Err(Error::new(Kind::Usage, text).with_hint("name the right manifest with `-m FILE`"));
        }
        Ok((manifest, store))
    }

    fn agree_on_name(&self, manifest: &Manifest) -> Result<(), Error> {
        match &self.settings.app {
            Some(name) if !same_name(name, manifest) => {
                let text = format!(
                    "{} describes the app `{}`, not `{name}`",
                    manifest.path.display(),
                    manifest.app.identity.name
                );
                Err(Error::new(Kind::Usage, text).with_hint("leave out -s or -m"))
            }
            _ => Ok(()),
        }
    }

    fn agree_on_environment(&self, manifest: Manifest) -> Result<Manifest, Error> {
        match &self.settings.environment {
            Some(environment) if environment != manifest.app.identity.environment.as_str() => {
                let there = &manifest.app.identity.environment;
                let text = format!("{} is for the environment `{there}`, not `{environment}`", manifest.path.display());
                Err(Error::new(Kind::Usage, text)
                    .with_hint("leave out -e, or name the manifest of that environment with `-m FILE`"))
            }
            _ => Ok(manifest),
        }
    }
}

fn locate_from_here() -> Located {
    let home = dirs::home_dir();
    std::env::current_dir().map_or_else(|_| Located::default(), |folder| locate(&folder, home.as_deref()))
}

fn same_name(name: &str, manifest: &Manifest) -> bool {
    name.to_lowercase() == manifest.app.identity.name.as_str().to_lowercase()
}

fn no_app(located: &Located) -> Error {
    let error = Error::new(Kind::Usage, "no app is named, and there is no hookbelt.toml here or above");
    match located.skipped.first() {
        Some(skipped) => {
            let folder = skipped.parent().unwrap_or(skipped).display();
            error.with_hint(format!(
                "{} was passed over, since anybody can write to {folder}; name it with `-m`",
                skipped.display()
            ))
        }
        None => error.with_hint(
            "write a manifest with `hookbelt init`, name one with `-m FILE`, or an app known here with `-s APP`",
        ),
    }
}
