//! An engine that stays: it runs whatever is queued for its apps, each app's deployments one after the other.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::config::environment::Variables;
use crate::config::manifest::Manifest;
use crate::config::user_file::Limits;
use crate::domain::causes::with_causes;
use crate::engine::cancel::Cancel;
use crate::engine::{Engine, EngineError, Job, Result};
use crate::store::claims::{Begun, Wanted};
use crate::store::log::NewLine;
use crate::store::{News, Store, StoreError};

/// An app of a `hookbelt serve`.
#[derive(Debug, Clone)]
pub struct Served {
    /// The app in the store, and as its manifest was when it could last be read.
    pub job: Job,
    /// Where its manifest is.
    pub manifest: PathBuf,
}

/// How far a `hookbelt serve` is with stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stopping {
    /// It is not.
    No,
    /// It begins nothing more, and lets what runs end.
    AfterRunning,
    /// What runs is interrupted, to be run again by the next one.
    Interrupt,
    /// What runs is canceled.
    Cancel,
}

/// Where a `hookbelt serve` says what it does.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// The pause before an engine that lost its lease begins anew.
const BEGIN_ANEW: Duration = Duration::from_secs(1);

/// What is said of a deployment that is stopped with its server.
const STOPPED: &str = "`hookbelt serve` was stopped";

/// What a `hookbelt serve` needs, whichever engine it has.
#[derive(Clone)]
pub struct Server {
    /// The store.
    pub store: Store,
    /// What the user's config file says.
    pub limits: Limits,
    /// The environment of the process.
    pub variables: Variables,
    /// What is served.
    pub apps: Vec<Served>,
    /// How far it is with stopping.
    pub stopping: watch::Receiver<Stopping>,
    /// Where it says what it does.
    pub tell: Tell,
}

impl Server {
    /// Runs the apps' deployments until it is told to stop. An engine that loses its lease, since the machine stood still or
    /// the store could not be written, ends what it ran, and another one begins.
    ///
    /// # Errors
    /// When the first engine cannot be started.
    pub async fn run(self) -> Result<()> {
        let mut engine = Ok(self.start().await?);
        loop {
            let ended = match engine {
                Ok(engine) => self.live(Arc::new(engine)).await,
                Err(error) => Err(error),
            };
            let Err(error) = ended else {
                return Ok(());
            };
            (self.tell)(&format!("the engine begins anew: {}", with_causes(&error)));
            if *self.stopping.borrow() != Stopping::No {
                return Ok(());
            }
            sleep(BEGIN_ANEW.min(self.limits.lease)).await;
            engine = self.start().await;
        }
    }

    async fn start(&self) -> Result<Engine> {
        Engine::start(self.store.clone(), self.limits.clone(), self.variables.clone()).await
    }

    /// One engine's life.
    async fn live(&self, engine: Arc<Engine>) -> Result<()> {
        let apps = self.apps.iter().map(|served| (served.job.record.uid.as_str(), served.manifest.as_path()));
        self.store.serve_apps(&engine.uid, apps).await?;
        (self.tell)("ready");
        let (ringing, changes) = watch::channel(());
        let mut keepers = JoinSet::new();
        for served in &self.apps {
            let (engine, served, changes) = (engine.clone(), served.clone(), changes.clone());
            let (stopping, tell) = (self.stopping.clone(), self.tell.clone());
            keepers.spawn(Keeper { engine, served, changes, stopping, tell }.keep());
        }
        let all = async {
            while let Some(ended) = keepers.join_next().await {
                ended.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic()))?;
            }
            Ok::<(), EngineError>(())
        };
        let mut stopped = self.stopping.clone();
        let leave = async {
            // From now on who asks for a deployment is told that nobody serves the app.
            let _ = stopped.wait_for(|stopping| *stopping != Stopping::No).await;
            let _ = self.store.stop_serving(&engine.uid).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = all => ended?,
            lost = engine.keep_lease() => return Err(lost.into()),
            () = listen(&self.store, self.limits.lease / 3, &ringing) => {}
            () = leave => {}
        }
        Ok(self.store.remove_engine(&engine.uid).await?)
    }
}

/// Wakes the keepers when the bell is rung, and once in a while all the same.
async fn listen(store: &Store, most: Duration, ringing: &watch::Sender<()>) {
    let mut bell = store.bell(&[News::Queue]);
    loop {
        bell.rung(most).await;
        ringing.send_replace(());
    }
}

/// Runs one app's deployments.
struct Keeper {
    engine: Arc<Engine>,
    served: Served,
    changes: watch::Receiver<()>,
    stopping: watch::Receiver<Stopping>,
    tell: Tell,
}

impl Keeper {
    async fn keep(mut self) -> Result<()> {
        let app_uid = self.served.job.record.uid.clone();
        loop {
            if *self.stopping.borrow() != Stopping::No {
                return Ok(());
            }
            self.changes.mark_unchanged();
            let turn = self.engine.store.turn(&app_uid, Wanted::Served).await?;
            if let Some(begun) = self.engine.try_to_claim(&app_uid, Wanted::Served, turn).await? {
                self.run(begun).await?;
                continue;
            }
            tokio::select! {
                () = Engine::wait_for_news(turn, &mut self.changes) => {}
                _ = self.stopping.changed() => {}
            }
        }
    }

    async fn run(&mut self, begun: Begun) -> Result<()> {
        self.read_manifest(begun).await?;
        let app = self.served.job.app.identity.clone();
        (self.tell)(&format!("{app}: deployment {} begins ({})", begun.deployment, begun.release));
        let cancel = Cancel::default();
        let ending = {
            let running = self.engine.run_claimed(&self.served.job, begun, &cancel);
            tokio::pin!(running);
            loop {
                tokio::select! {
                    ended = &mut running => break ended?,
                    _ = self.stopping.changed() => match *self.stopping.borrow() {
                        Stopping::No | Stopping::AfterRunning => {}
                        Stopping::Interrupt => cancel.interrupt(STOPPED),
                        Stopping::Cancel => cancel.request(STOPPED),
                    },
                }
            }
        };
        (self.tell)(&format!("{app}: {ending}"));
        Ok(())
    }

    /// Reads the manifest again, in case it has changed; one that cannot be used leaves it as it was.
    async fn read_manifest(&mut self, begun: Begun) -> Result<()> {
        let job = &mut self.served.job;
        let trouble = match Manifest::read(&self.served.manifest) {
            Ok(manifest) if manifest.app.identity == job.app.identity => {
                manifest.folder().clone_into(&mut job.folder);
                job.app = manifest.app;
                return Ok(());
            }
            Ok(manifest) => format!("it describes {} now", manifest.app.identity),
            Err(error) => with_causes(&error),
        };
        let path = self.served.manifest.display();
        let text = format!("The manifest {path} is used as it was, since it cannot be used as it is: {trouble}");
        (self.tell)(&format!("{}: {text}", job.app.identity));
        let line = NewLine::of_engine(Some(begun.deployment), text);
        match self.engine.store.append_log(&job.record.uid, &[line]).await {
            Ok(()) | Err(StoreError::Query { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
