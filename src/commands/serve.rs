//! `hookbelt serve`: an engine that stays, for apps of one machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::config::manifest::Manifest;
use crate::context::Context;
use crate::domain::duration;
use crate::domain::workflow_id::same_workflow_id;
use crate::engine::{self, Served, Server, Stopping};
use crate::error::{Error, Kind};
use crate::server::{self, Acceptor, Bodies, Site};
use crate::store::Store;

/// What is served, and where.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It runs whatever is queued for its apps: `hookbelt redeploy` on the same store queues there. What was queued or running \
when it ends, in whatever way, is run by the next one.

On TERM or INT it begins nothing more, lets what runs end, and ends; a second one cancels what runs.

Examples:
  hookbelt serve
  hookbelt serve shop/hookbelt.toml blog/hookbelt.toml
  hookbelt serve /etc/hookbelt")]
pub struct Args {
    /// Manifests, or folders: of a folder its *.toml, and hookbelt.toml in the folders in it; else as other commands find it
    #[arg(value_name = "MANIFEST|DIR")]
    pub manifests: Vec<PathBuf>,
    /// Where to answer HTTP; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:6660")]
    pub listen: SocketAddr,
    /// The URL by which it is reached from elsewhere, as through a proxy: redeployment hooks begin with it
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// How long what runs may go on after TERM; then it is interrupted, and runs again at the next start
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration::parse)]
    pub grace: Duration,
}

/// Serves until it is told to stop.
///
/// # Errors
/// When a manifest cannot be used, or the address or the store.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let manifests = manifests(&args, context)?;
    let limits = context.limits()?;
    let store = context.store().await?;
    let apps = register(manifests, &store).await?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        let error = Error::new(Kind::Usage, format!("could not listen on {}: {error}", args.listen));
        error.with_hint("another `hookbelt serve` may be there; choose another address with --listen")
    })?;
    let (stop, stopping) = watch::channel(Stopping::No);
    let output = context.output().clone();
    let tell: engine::Tell = Arc::new(move |text: &str| output.note(text));
    for served in &apps {
        tell(&format!("{}: {}", served.job().app.identity, served.manifest().display()));
    }
    let origin = format!("http://{}", listener.local_addr()?);
    tell(&format!("listening on {origin}"));
    let url = args.public_url.map_or(origin, |url| url.trim_end_matches('/').to_owned());
    let (_changing, apps) = watch::channel(apps);
    let variables = context.variables().clone();
    let site = Site {
        store: store.clone(),
        limits: limits.clone(),
        variables: variables.clone(),
        apps: apps.clone(),
        stopping: stopping.clone(),
        url: url.clone(),
        tell: tell.clone(),
        hooks: Acceptor::start(store.clone(), limits.deduplication),
        bodies: Bodies::default(),
    };
    let mut stopped = stopping.clone();
    let answering = server::serve(listener, Arc::new(site), async move {
        let _ = stopped.wait_for(|stopping| *stopping != Stopping::No).await;
    });
    let running = Server { store, limits, variables, apps, address: url, stopping, tell: tell.clone() }.run();
    let both = async {
        let ((), ran) = tokio::join!(answering, running);
        Ok::<(), Error>(ran?)
    };
    tokio::select! {
        ended = both => ended?,
        failed = obey_signals(&stop, args.grace, &tell) => return Err(failed?),
    }
    tell("stopped");
    Ok(())
}

/// The first signal ends it when nothing runs any more or the grace is over, the second at once.
async fn obey_signals(stop: &watch::Sender<Stopping>, grace: Duration, tell: &engine::Tell) -> Result<Error, Error> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut deadline = None;
    loop {
        let next = tokio::select! {
            _ = terminate.recv() => None,
            _ = interrupt.recv() => None,
            () = reached(deadline) => Some(Stopping::Interrupt),
        };
        let next = next.unwrap_or(if deadline.is_none() { Stopping::AfterRunning } else { Stopping::Cancel });
        tell(match next {
            Stopping::No | Stopping::AfterRunning => "stopping: what runs may end; a second signal cancels it",
            Stopping::Interrupt => "stopping: what runs is interrupted, and runs again at the next start",
            Stopping::Cancel => "stopping: what runs is canceled",
        });
        stop.send_replace(next);
        if next == Stopping::AfterRunning {
            deadline = Some(Instant::now() + grace);
        } else {
            return std::future::pending().await;
        }
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

/// The manifests that are meant; no two may be of one app.
fn manifests(args: &Args, context: &Context) -> Result<Vec<Manifest>, Error> {
    let mut paths = Vec::new();
    for path in &args.manifests {
        if path.is_dir() { paths.extend(manifests_in(path)?) } else { paths.push(path.clone()) }
    }
    let mut manifests = paths.iter().map(|path| Manifest::read(path)).collect::<Result<Vec<_>, _>>()?;
    if args.manifests.is_empty() {
        manifests.extend(context.local_manifest()?);
    }
    if manifests.is_empty() {
        let error = Error::new(Kind::Usage, "there is no manifest to serve");
        return Err(error.with_hint("name manifests or folders that hold some: `hookbelt serve shop/hookbelt.toml`"));
    }
    for (at, manifest) in manifests.iter().enumerate() {
        let same = manifests[..at].iter().find(|other| other.app.identity == manifest.app.identity);
        if let Some(same) = same {
            let (path, other, app) = (manifest.path.display(), same.path.display(), &manifest.app.identity);
            return Err(Error::new(Kind::Usage, format!("{path} and {other} both describe {app}")));
        }
    }
    let identities: Vec<_> = manifests.iter().map(|manifest| &manifest.app.identity).collect();
    if let Some((one, other, id)) = same_workflow_id(&identities) {
        let error = Error::new(Kind::Usage, format!("{one} and {other} would both be `{id}` under /v2"));
        return Err(error.with_hint("rename one of them, or serve them apart"));
    }
    Ok(manifests)
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
async fn register(manifests: Vec<Manifest>, store: &Store) -> Result<Vec<Served>, Error> {
    let mut apps = Vec::new();
    for manifest in manifests {
        let record = engine::register(store, &manifest).await?;
        apps.push(Served::new(record, manifest));
    }
    Ok(apps)
}
