//! A manifest from the repository of the working folder.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::config::git_place::GitPlace;
use crate::config::manifest::FILE_NAME;
use crate::context::Context;
use crate::domain::app::{AppName, Environment};
use crate::domain::git_url::without_credentials;
use crate::error::{Error, Kind};

/// What was written.
#[derive(Debug, Serialize)]
struct Written {
    manifest: PathBuf,
    app: AppName,
    environment: Environment,
    git: String,
    branch: Option<String>,
}

pub(super) fn run(context: &Context) -> Result<(), Error> {
    let settings = context.settings();
    if let (None, Some(there)) = (&settings.manifest, context.located_manifest()) {
        return Err(is_there(&there));
    }
    let path = settings.manifest.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let usage = |error: &dyn std::error::Error| Error::new(Kind::Usage, error.to_string());
    let environment = settings.environment.as_deref().map(str::parse).transpose().map_err(|error| usage(&error))?;
    let place = repository()?;
    let (git, branch) = (source(&place), place.branch);
    let name = match &settings.app {
        Some(name) => name.parse().map_err(|error| usage(&error))?,
        None => name_of(&git).ok_or_else(|| {
            Error::new(Kind::Usage, "this repository has no remote to name the app after")
                .with_hint("name it with `-s APP`")
        })?,
    };
    let written = Written { manifest: path, app: name, environment: environment.unwrap_or_default(), git, branch };
    let file = OpenOptions::new().write(true).create_new(true).open(&written.manifest);
    let wrote = file.and_then(|mut file| file.write_all(text(&written).as_bytes()));
    wrote.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => is_there(&written.manifest),
        _ => Error::new(Kind::Usage, format!("could not write {}: {error}", written.manifest.display())),
    })?;
    let same = context.same_app();
    let (check, redeploy) = (format!("hookbelt init {same}--check"), format!("hookbelt redeploy {same}"));
    context.output().note(&format!("next: say in it how to deploy, then `{check}` and `{}`", redeploy.trim_end()));
    let line = format!("wrote {} for {} ({})", written.manifest.display(), written.app, written.environment);
    Ok(context.output().say(&line, &written)?)
}

fn is_there(manifest: &Path) -> Error {
    let error = Error::new(Kind::Usage, format!("{} is there already", manifest.display()));
    error.with_hint("`hookbelt init --check` checks it; `hookbelt init -m FILE` writes another")
}

/// The repository that the working folder is in.
fn repository() -> Result<GitPlace, Error> {
    let place = GitPlace::here().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::new(Kind::Usage, "the program `git` is not installed, or not on PATH"),
        _ => Error::new(Kind::Usage, format!("git could not be run: {error}")),
    })?;
    place.ok_or_else(|| {
        let error = Error::new(
            Kind::Usage,
            "this folder is not in a Git repository, so there is nothing to write a manifest from",
        );
        error.with_hint("run it inside a repository")
    })
}

/// The remote without credentials; the way to the repository's top if there is none.
fn source(place: &GitPlace) -> String {
    match &place.remote {
        None => place.top.clone(),
        // Git reads such a remote from the top of the repository, and a manifest from where it lies.
        Some(url) if url.starts_with('.') => format!("{}/{url}", place.top.trim_end_matches('/')),
        Some(url) => without_credentials(url),
    }
}

/// The last part of a remote, without `.git`.
fn name_of(remote: &str) -> Option<AppName> {
    let last = remote.trim_end_matches('/').rsplit(['/', ':']).next()?;
    last.strip_suffix(".git").unwrap_or(last).parse().ok().filter(|name: &AppName| !matches!(name.as_str(), "." | ".."))
}

fn text(written: &Written) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let branch = written.branch.as_ref().map(|branch| format!("branch = {}\n", quoted(branch))).unwrap_or_default();
    format!(
        "\
# Describes one app for hookbelt. Every key is explained in docs/manifest.md of hookbelt.
app = {}
environment = {}

[source]
git = {}
{branch}
[services.web]
# Each command runs through `sh -c` in a fresh checkout of the source.
# build = \"make\"
deploy = \"echo deployed $HOOKBELT_SHA\"
# check = \"curl -fsS http://localhost:8080/health\"
",
        quoted(written.app.as_str()),
        quoted(written.environment.as_str()),
        quoted(&written.git),
    )
}
