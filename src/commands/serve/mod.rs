//! `hookbelt serve`: an engine that stays, for apps of one machine.

mod manifests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::commands::serve::manifests::{Reload, manifests, register};
use crate::context::Context;
use crate::domain::duration;
use crate::engine::{self, Event, Server, Stopping};
use crate::error::{Error, Kind};
use crate::hosts::KnownHosts;
use crate::http::Reach;
use crate::output::Output;
use crate::server::{self, Acceptor, Addressees, Bodies, FewLines, GitHosts, Metrics, Network, Site};
use crate::store::engines::Address;

/// What is served, and where.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It runs whatever is queued for its apps: `hookbelt redeploy` on the same store queues there. What was queued or running \
when it ends, in whatever way, is run by the next one.

On HUP it reads its manifests again. On TERM or INT it begins nothing more, lets what runs end, and ends; a second one cancels what runs.

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
    /// The address of a proxy, or the network of several, which says in X-Forwarded-For who the client is
    #[arg(long, value_name = "CIDR")]
    pub trusted_proxy: Vec<Network>,
    /// Send no deploy hook to this machine, to private networks, or to a cloud's metadata service; and none through a proxy
    #[arg(long)]
    pub deny_private_targets: bool,
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
    let user_file = context.user_file()?;
    let limits = user_file.limits;
    let store = context.store().await?;
    let apps = register(manifests, &store).await?;
    let listener = server::listen(args.listen).map_err(|error| {
        let error = Error::new(Kind::Usage, format!("could not listen on {}: {error}", args.listen));
        error.with_hint("another `hookbelt serve` may be there; choose another address with --listen")
    })?;
    let (stop, stopping) = watch::channel(Stopping::No);
    let output = context.output().clone();
    let metrics = Arc::new(Metrics::default());
    let tell = teller(output, metrics.clone());
    for served in &apps {
        tell(&Event::note_of(&served.job().app.identity, served.manifest().display().to_string()));
    }
    let origin = format!("http://{}", listener.local_addr()?);
    tell(&Event::note(format!("listening on {origin}")));
    let public = args.public_url.as_deref().map(|url| Address::Public(url.trim_end_matches('/').to_owned()));
    let address = public.unwrap_or(Address::Listening(origin));
    let (changing, apps) = watch::channel(apps);
    let variables = context.variables().clone();
    // What a Git host wants left alone comes back later: nothing here waits for it.
    let known_hosts = KnownHosts::new(user_file.git_hosts, variables.clone(), limits.clone(), Duration::ZERO);
    let known_hosts = Arc::new(known_hosts.with_trace(context.trace()));
    let site = Site {
        store: store.clone(),
        limits: limits.clone(),
        variables: variables.clone(),
        apps: apps.clone(),
        stopping: stopping.clone(),
        address: address.clone(),
        tell: tell.clone(),
        hooks: Acceptor::start(store.clone(), limits.deduplication, metrics.clone())?,
        addressees: Addressees::default(),
        bodies: Bodies::default(),
        lines: FewLines::default(),
        metrics,
        git_host: Arc::new(GitHosts::new(known_hosts.clone())),
        known_hosts,
        trusted_proxies: args.trusted_proxy.clone(),
    };
    let site = Arc::new(site);
    // Until what runs has ended it says that it takes nothing more.
    let (ended, mut has_ended) = watch::channel(false);
    // These are large: as parts of this future, each step of the start would copy them over the stack.
    let answering = Box::pin(server::serve(listener, site.clone(), async move {
        let _ = has_ended.wait_for(|ended| *ended).await;
    }));
    let reloading = Reload { args: &args, context, store: store.clone(), tell: tell.clone(), changing };
    let reach = if args.deny_private_targets { Reach::PublicOnly } else { Reach::Anywhere };
    let running = Server { store, limits, variables, apps, address, stopping, reach, tell: tell.clone() };
    let running = Box::pin(running.run());
    let both = async {
        let running = async {
            let ran = running.await;
            ended.send_replace(true);
            ran
        };
        let ((), ran) = tokio::join!(answering, running);
        Ok::<(), Error>(ran?)
    };
    tokio::select! {
        ended = both => ended?,
        never = Box::pin(server::follow(&site)) => match never {},
        failed = obey_signals(&stop, args.grace, &tell) => return Err(failed?),
        failed = reloading.on_hangup() => return Err(failed?),
    }
    tell(&Event::note("stopped"));
    Ok(())
}

/// What happens is a line on standard error, with `--json` a JSON object, and is counted.
fn teller(output: Output, metrics: Arc<Metrics>) -> engine::Tell {
    Arc::new(move |event: &Event| {
        metrics.count(event);
        output.event(&event.to_string(), event);
    })
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
        tell(&Event::note(match next {
            Stopping::No | Stopping::AfterRunning => "stopping: what runs may end; a second signal cancels it",
            Stopping::Interrupt => "stopping: what runs is interrupted, and runs again at the next start",
            Stopping::Cancel => "stopping: what runs is canceled",
        }));
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
