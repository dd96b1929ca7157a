//! A manifest from the repository of the working folder.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

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
    let (git, branch) = (remote()?, branch());
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

/// What `git` says in the working folder; nothing if it fails.
fn git(arguments: &[&str]) -> Result<Option<String>, Error> {
    let asked = Command::new("git").args(arguments).output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Error::new(Kind::Usage, "the program `git` is not installed, or not on PATH"),
        _ => Error::new(Kind::Usage, format!("git could not be run: {error}")),
    })?;
    let said = String::from_utf8(asked.stdout).unwrap_or_default().trim().to_owned();
    Ok((asked.status.success() && !said.is_empty()).then_some(said))
}

/// The remote of the current branch, else `origin`, else the only one, without credentials; the way to the
/// repository's top if there is none.
fn remote() -> Result<String, Error> {
    if git(&["rev-parse", "--git-dir"])?.is_none() {
        let error = Error::new(
            Kind::Usage,
            "this folder is not in a Git repository, so there is nothing to write a manifest from",
        );
        return Err(error.with_hint("run it inside a repository"));
    }
    let of_branch = match branch() {
        Some(branch) => git(&["config", &format!("branch.{branch}.remote")])?,
        None => None,
    };
    let remotes = git(&["remote"])?.unwrap_or_default();
    let names: Vec<&str> = remotes.lines().collect();
    let only = names.first().filter(|_| names.len() == 1);
    let origin = names.iter().find(|name| **name == "origin");
    let chosen = of_branch.as_deref().or(origin.or(only).copied());
    let url = match chosen {
        Some(name) => git(&["remote", "get-url", "--", name])?,
        None => None,
    };
    let top = git(&["rev-parse", "--show-cdup"])?.unwrap_or_else(|| ".".to_owned());
    Ok(match url {
        None => top,
        // Git reads such a remote from the top of the repository, and a manifest from where it lies.
        Some(url) if url.starts_with('.') => format!("{}/{url}", top.trim_end_matches('/')),
        Some(url) => without_credentials(&url),
    })
}

/// The branch that is checked out; none on a detached HEAD.
fn branch() -> Option<String> {
    git(&["symbolic-ref", "--quiet", "--short", "HEAD"]).ok().flatten()
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
