//! What a command may use: settings merged from flags and environment, output, the app and its backend, each
//! made on first use.

mod backend;
pub mod git_hosts;
pub mod merged;
pub mod place;
pub mod secrets;
pub mod since;

use std::path::PathBuf;

use crate::config::environment::{VariableError, Variables};
use crate::config::manifest::Manifest;
use crate::config::manifest::locate::{Located, locate};
use crate::config::user_file::edit::Editing;
use crate::config::user_file::{self, Limits, UserFile};
use crate::error::{Error, Kind};
use crate::output::{Ci, ColourChoice, Format, Output, TerminalVariables, Verbosity};
use crate::store::{Folder, Store, file_of};

/// What was said by flags, with the environment behind it.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The app's name.
    pub app: Option<String>,
    /// The app's environment.
    pub environment: Option<String>,
    /// The manifest file.
    pub manifest: Option<PathBuf>,
    /// The profile's name.
    pub profile: Option<String>,
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
            profile: self.profile,
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
        let colour_variables = TerminalVariables {
            no_color: variables.raw("NO_COLOR").is_some(),
            force: variables.raw("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            ci: variables.raw("CI").is_some_and(|ci| ci != "false" && ci != "0"),
            dumb: variables.raw("TERM").is_some_and(|term| term == "dumb"),
        };
        let verbosity = match self {
            Self { quiet: true, .. } => Verbosity::Quiet,
            Self { verbose: 0, .. } => Verbosity::Normal,
            Self { verbose: 1, .. } => Verbosity::Verbose,
            _ => Verbosity::VeryVerbose,
        };
        let json = self.json || variables.switch("HOOKBELT_JSON")?;
        let format = if json { Format::Json } else { Format::Text };
        Ok(Output::new(format, verbosity, color, colour_variables).within(ci(variables)))
    }
}

/// Whose CI job this process is part of.
#[must_use]
pub fn ci(variables: &Variables) -> Ci {
    let is_true = |name| variables.raw(name).is_some_and(|value| value == "true");
    match (is_true("GITHUB_ACTIONS"), is_true("GITLAB_CI")) {
        (true, _) => Ci::GitHub { outputs: variables.path("GITHUB_OUTPUT") },
        (false, true) => Ci::GitLab,
        (false, false) => Ci::Elsewhere,
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
        Ok(self.user_file()?.limits)
    }

    /// The user's config file.
    ///
    /// # Errors
    /// When it cannot be read or understood.
    pub fn user_file(&self) -> Result<UserFile, Error> {
        let Some(folder) = dirs::config_dir() else {
            return Ok(UserFile::default());
        };
        Ok(user_file::read(&user_file::path(&folder))?)
    }

    /// The user's config file, to be changed.
    ///
    /// # Errors
    /// When it cannot be read or understood, or there is no place for it.
    pub fn edit_user_file(&self) -> Result<Editing, Error> {
        let folder = dirs::config_dir().ok_or_else(|| {
            Error::new(Kind::Usage, "there is no folder for a config file").with_hint("set HOME, or XDG_CONFIG_HOME")
        })?;
        Ok(Editing::of(&user_file::path(&folder))?)
    }

    /// The store.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn store(&self) -> Result<Store, Error> {
        let (path, folder) = match (&self.settings.database, dirs::data_dir()) {
            (Some(address), _) => (file_of(address)?, Folder::MustExist),
            (None, Some(folder)) => (folder.join("hookbelt").join("hookbelt.db"), Folder::MayBeMade),
            (None, None) => {
                let error = Error::new(Kind::Usage, "there is no HOME, so there is no place for the store");
                return Err(error.with_hint("set HOME, or name a store with `--database sqlite:PATH`"));
            }
        };
        self.output.detail(&format!("store: {}", path.display()));
        Ok(Store::open(&path, folder).await?)
    }

    /// The manifest that is named, or the one found upwards if it is of the app that is meant.
    ///
    /// # Errors
    /// When it cannot be used, or contradicts the flags.
    pub fn local_manifest(&self) -> Result<Option<Manifest>, Error> {
        let located = match &self.settings.manifest {
            None => locate_from_here(),
            Some(_) => Located::default(),
        };
        let manifest = self.manifest_in(&located)?;
        if manifest.is_none() && self.settings.app.is_none() { Err(no_app(&located)) } else { Ok(manifest) }
    }

    /// The same; none if nothing says which app is meant.
    fn manifest_in(&self, located: &Located) -> Result<Option<Manifest>, Error> {
        if let Some(path) = &self.settings.manifest {
            let manifest = Manifest::read(path)?;
            self.agree_on_name(&manifest)?;
            return self.agree_on_environment(manifest).map(Some);
        }
        let Some(path) = &located.manifest else {
            return Ok(None);
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

    /// The manifest that is found upwards from the working folder, whatever it says.
    #[must_use]
    pub fn located_manifest(&self) -> Option<PathBuf> {
        locate_from_here().manifest
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

    /// The flags that mean the same app again, for a command in a hint; with a blank behind them.
    #[must_use]
    pub fn same_app(&self) -> String {
        let quoted = |text: &str| {
            if text.contains(|c: char| c.is_whitespace() || c == '\'') { format!("{text:?}") } else { text.to_owned() }
        };
        let flag = |flag: &str, value: Option<String>| {
            value.map(|value| format!("{flag} {} ", quoted(&value))).unwrap_or_default()
        };
        let manifest = self.settings.manifest.as_ref().map(|path| path.display().to_string());
        flag("--profile", self.settings.profile.clone())
            + &flag("-m", manifest)
            + &flag("-s", self.settings.app.clone())
            + &flag("-e", self.settings.environment.clone())
    }

    fn agree_on_name(&self, manifest: &Manifest) -> Result<(), Error> {
        match &self.settings.app {
            Some(name) if !same_name(name, manifest) => {
                let text = format!(
                    "{} describes the app `{}`, not `{name}`",
                    manifest.path.display(),
                    manifest.app.identity.name
                );
                Err(Error::new(Kind::Usage, text).with_hint("leave out -s (and HOOKBELT_APP) or -m"))
            }
            _ => Ok(()),
        }
    }

    fn agree_on_environment(&self, manifest: Manifest) -> Result<Manifest, Error> {
        match &self.settings.environment {
            Some(environment) if environment != manifest.app.identity.environment.as_str() => {
                let there = &manifest.app.identity.environment;
                let text = format!("{} is for the environment `{there}`, not `{environment}`", manifest.path.display());
                Err(Error::new(Kind::Usage, text).with_hint(
                    "leave out -e and HOOKBELT_ENVIRONMENT, or name the manifest of that environment with `-m FILE`",
                ))
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

/// Nothing says which app is meant, nor where.
fn no_app(located: &Located) -> Error {
    let error = Error::new(Kind::Usage, "no app is named, and there is no hookbelt.toml here or above");
    match located.skipped.first() {
        Some(skipped) => error.with_hint(format!(
            "{0} was passed over, since anybody can write it; name it with `-m {0}`",
            skipped.display()
        )),
        None => error.with_hint(
            "write a manifest with `hookbelt init`, name one with `-m FILE`, or an app known here with `-s APP`; apps \
             elsewhere need `hookbelt login`",
        ),
    }
}
