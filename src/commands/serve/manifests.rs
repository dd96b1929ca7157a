//! The manifests of a `hookbelt serve`, and that they are read again.

use std::path::{Path, PathBuf};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::commands::serve::Args;
use crate::config::manifest::Manifest;
use crate::context::Context;
use crate::domain::app::AppIdentity;
use crate::domain::workflow_id::same_workflow_id;
use crate::engine::{self, Event, Served};
use crate::error::{Error, Kind};
use crate::store::Store;

/// The files of the manifests that are meant.
fn paths(args: &Args, context: &Context) -> Result<Vec<PathBuf>, Error> {
    let mut paths = Vec::new();
    for path in &args.manifests {
        if path.is_dir() { paths.extend(manifests_in(path)?) } else { paths.push(path.clone()) }
    }
    if args.manifests.is_empty() {
        paths.extend(context.local_manifest()?.map(|manifest| manifest.path));
    }
    paths.into_iter().map(|path| Ok(std::path::absolute(path)?)).collect()
}

/// The manifests that are meant; no two may be of one app.
pub(super) fn manifests(args: &Args, context: &Context) -> Result<Vec<Manifest>, Error> {
    let manifests = paths(args, context)?;
    let manifests = manifests.iter().map(|path| Manifest::read(path)).collect::<Result<Vec<_>, _>>()?;
    if manifests.is_empty() {
        let error = Error::new(Kind::Usage, "there is no manifest to serve");
        return Err(error.with_hint("name manifests or folders that hold some: `hookbelt serve shop/hookbelt.toml`"));
    }
    for (at, manifest) in manifests.iter().enumerate() {
        let same = manifests[..at].iter().find(|other| other.app.identity == manifest.app.identity);
        if let Some(same) = same {
            return Err(both_describe(&manifest.path, &same.path, &manifest.app.identity));
        }
    }
    check_workflow_ids(&manifests.iter().map(|manifest| manifest.app.identity.clone()).collect::<Vec<_>>())?;
    Ok(manifests)
}

/// No two apps may go by the same id under `/v2`.
fn check_workflow_ids(apps: &[AppIdentity]) -> Result<(), Error> {
    match same_workflow_id(&apps.iter().collect::<Vec<_>>()) {
        None => Ok(()),
        Some((one, other, id)) => {
            let error = Error::new(Kind::Usage, format!("{one} and {other} would both be `{id}` under /v2"));
            Err(error.with_hint("rename one of them, or serve them apart"))
        }
    }
}

/// The folder's `*.toml`, and `hookbelt.toml` of the folders in it, by name.
fn manifests_in(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error| Error::new(Kind::Usage, format!("could not read the folder {}: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let inner = path.join("hookbelt.toml");
        if inner.is_file() {
            found.push(inner);
        } else if path.is_file() && path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Adds the apps to the store, and notes where their manifests are.
pub(super) async fn register(manifests: Vec<Manifest>, store: &Store) -> Result<Vec<Served>, Error> {
    let mut apps = Vec::new();
    for manifest in manifests {
        let record = engine::register(store, &manifest).await?;
        apps.push(Served::new(record, manifest));
    }
    Ok(apps)
}

/// Reads manifests again, and looks which there are.
pub(super) struct Reload<'a> {
    pub args: &'a Args,
    pub context: &'a Context,
    pub store: Store,
    pub tell: engine::Tell,
    pub changing: watch::Sender<Vec<Served>>,
}

impl Reload<'_> {
    pub(super) async fn on_hangup(&self) -> Result<Error, Error> {
        let mut hangup = signal(SignalKind::hangup())?;
        while hangup.recv().await.is_some() {
            let text = match self.reload().await {
                Ok(()) => "manifests were read again".to_owned(),
                Err(error) => format!("the apps stay as they were: {}", error.in_one_line()),
            };
            (self.tell)(&Event::note(text));
        }
        std::future::pending().await
    }

    /// Apps whose manifest is new come, those whose manifest is gone go; a manifest that cannot be used leaves its app as it
    /// was.
    async fn reload(&self) -> Result<(), Error> {
        let before = self.changing.borrow().clone();
        let mut apps = Vec::new();
        for path in paths(self.args, self.context)? {
            match before.iter().find(|served| served.manifest() == path) {
                Some(served) => {
                    if let Err(trouble) = served.read_again() {
                        let app = &served.job().app.identity;
                        let text = format!("its manifest is used as it was, since it cannot be used: {trouble}");
                        (self.tell)(&Event::note_of(app, text));
                    }
                    apps.push(served.clone());
                }
                None => apps.push(self.new_app(&path, &apps).await?),
            }
        }
        check_workflow_ids(&apps.iter().map(|served| served.job().app.identity.clone()).collect::<Vec<_>>())?;
        self.changing.send_replace(apps);
        Ok(())
    }

    async fn new_app(&self, path: &Path, others: &[Served]) -> Result<Served, Error> {
        let manifest = Manifest::read(path)?;
        if let Some(other) = others.iter().find(|other| other.job().app.identity == manifest.app.identity) {
            return Err(both_describe(&manifest.path, other.manifest(), &manifest.app.identity));
        }
        let record = engine::register(&self.store, &manifest).await?;
        (self.tell)(&Event::note_of(&manifest.app.identity, manifest.path.display().to_string()));
        Ok(Served::new(record, manifest))
    }
}

fn both_describe(path: &Path, other: &Path, app: &AppIdentity) -> Error {
    Error::new(Kind::Usage, format!("{} and {} both describe {app}", path.display(), other.display()))
}
