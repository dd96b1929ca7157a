//! An engine that stays: it runs whatever is queued for its apps, each app's deployments one after the other.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use futures_util::future::try_join;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::config::environment::Variables;
use crate::config::manifest::Manifest;
use crate::config::user_file::Limits;
use crate::domain::causes::with_causes;
use crate::engine::cancel::Cancel;
use crate::engine::deliveries::{Apps, Deliverer};
use crate::engine::event::{Event, Tell};
use crate::engine::runner::Ended;
use crate::engine::{Engine, Job, Result};
use crate::http::Reach;
use crate::store::apps::AppRecord;
use crate::store::claims::{Begun, Turn, Wanted};
use crate::store::engines::Address;
use crate::store::log::NewLine;
use crate::store::{News, Store, StoreError};

/// An app of a `hookbelt serve`, as its manifest was when it could last be read. Clones are the same app.
#[derive(Debug, Clone)]
pub struct Served {
    manifest: PathBuf,
    job: Arc<RwLock<Arc<Job>>>,
    /// The file as it was when it was last read.
    seen: Arc<Mutex<Option<Stamp>>>,
}

/// What tells one state of a file from another: when it was written, how long it is, and which file.
type Stamp = (SystemTime, u64, u64);

fn stamp(path: &Path) -> Option<Stamp> {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len(), file.ino()))
}

impl Served {
    /// The app of a manifest.
    #[must_use]
    pub fn new(record: AppRecord, manifest: Manifest) -> Self {
        let folder = manifest.folder().to_owned();
        let job = Job { record, app: manifest.app, folder };
        Self { manifest: manifest.path, job: Arc::new(RwLock::new(Arc::new(job))), seen: Arc::default() }
    }

    /// The app as it is now.
    #[must_use]
    pub fn job(&self) -> Arc<Job> {
        self.job.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where its manifest is.
    #[must_use]
    pub fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// Reads the manifest again if its file is another one than when it was last read.
    ///
    /// # Errors
    /// Why it cannot be used, in words, the first time that it is looked at; the app stays as it was.
    pub fn read_if_changed(&self) -> std::result::Result<(), String> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_some() && seen == stamp(&self.manifest) { Ok(()) } else { self.read_again() }
    }

    /// Reads the manifest again.
    ///
    /// # Errors
    /// Why it cannot be used, in words; the app stays as it was.
    pub fn read_again(&self) -> std::result::Result<(), String> {
        let before = self.job();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = stamp(&self.manifest);
        let manifest = Manifest::read(&self.manifest).map_err(|error| error.in_one_line())?;
        if manifest.app.identity != before.app.identity {
            return Err(format!("it describes {} now", manifest.app.identity));
        }
        let folder = manifest.folder().to_owned();
        let job = Job { record: before.record.clone(), app: manifest.app, folder };
        *self.job.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(job);
        Ok(())
    }
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
    /// What is served; it may change.
    pub apps: watch::Receiver<Vec<Served>>,
    /// Where it answers.
    pub address: Address,
    /// How far it is with stopping.
    pub stopping: watch::Receiver<Stopping>,
    /// Where deploy hooks may be sent.
    pub reach: Reach,
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
            (self.tell)(&Event::note(format!("the engine begins anew: {}", with_causes(&error))));
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
        let (ringing, changes) = watch::channel(());
        let (finish, finishing) = watch::channel(false);
        let keeping = async {
            let kept = self.keep_all(&engine, &changes).await;
            finish.send_replace(true);
            kept
        };
        let all = try_join(keeping, self.deliver(&engine, finishing));
        let mut stopped = self.stopping.clone();
        let leave = async {
            // From now on who asks for a deployment is told that nobody serves the app.
            let _ = stopped.wait_for(|stopping| *stopping != Stopping::No).await;
            let _ = self.store.stop_serving(&engine.uid).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = all => drop(ended?),
            lost = engine.keep_lease() => return Err(lost.into()),
            () = listen(&self.store, self.limits.lease / 3, &ringing) => {}
            () = leave => {}
        }
        Ok(self.store.remove_engine(&engine.uid).await?)
    }

    /// Sends the apps' deploy hooks until all else has ended, and what that leaves to be sent, unless there is no time for it.
    async fn deliver(&self, engine: &Arc<Engine>, mut finishing: watch::Receiver<bool>) -> Result<()> {
        let apps = Apps::Served(self.apps.clone());
        let sender = Deliverer::new(engine.clone(), apps, self.reach, Some(self.tell.clone()));
        let sending = sender.run(finishing.clone());
        let mut stopping = self.stopping.clone();
        let no_time = async {
            let _ = finishing.changed().await;
            let _ = stopping.wait_for(|stopping| *stopping >= Stopping::Interrupt).await;
        };
        tokio::select! {
            sent = sending => sent,
            () = no_time => Ok(()),
        }
    }

    /// Keeps every app that is served, also those that come and go, until it is told to stop.
    async fn keep_all(&self, engine: &Arc<Engine>, changes: &watch::Receiver<()>) -> Result<()> {
        let mut apps = self.apps.clone();
        let mut stopping = self.stopping.clone();
        let mut keepers = JoinSet::new();
        let mut kept: HashSet<String> = HashSet::new();
        let mut is_ready = false;
        loop {
            if *stopping.borrow_and_update() == Stopping::No {
                let now = apps.borrow_and_update().clone();
                self.serve_apps(engine, &now).await?;
                for served in now {
                    let uid = served.job().record.uid.clone();
                    if kept.insert(uid.clone()) {
                        keepers.spawn(self.keeper(engine, served, changes).keep(uid));
                    }
                }
                if !std::mem::replace(&mut is_ready, true) {
                    (self.tell)(&Event::note("ready"));
                }
            } else if keepers.is_empty() {
                return Ok(());
            }
            tokio::select! {
                Some(ended) = keepers.join_next() => {
                    kept.remove(&ended.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic()))?);
                }
                Ok(()) = apps.changed() => {}
                _ = stopping.changed() => {}
            }
        }
    }

    async fn serve_apps(&self, engine: &Engine, apps: &[Served]) -> Result<()> {
        let jobs: Vec<(Arc<Job>, &Path)> = apps.iter().map(|served| (served.job(), served.manifest())).collect();
        let apps = jobs.iter().map(|(job, manifest)| (job.record.uid.as_str(), *manifest));
        Ok(self.store.serve_apps(&engine.uid, &self.address, apps).await?)
    }

    fn keeper(&self, engine: &Arc<Engine>, served: Served, changes: &watch::Receiver<()>) -> Keeper {
        let (engine, changes, apps) = (engine.clone(), changes.clone(), self.apps.clone());
        Keeper { engine, served, apps, changes, stopping: self.stopping.clone(), tell: self.tell.clone() }
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
    apps: watch::Receiver<Vec<Served>>,
    changes: watch::Receiver<()>,
    stopping: watch::Receiver<Stopping>,
    tell: Tell,
}

impl Keeper {
    /// Runs them until it is told to stop, or the app is no longer served; gives back the app's key.
    async fn keep(mut self, app_uid: String) -> Result<String> {
        loop {
            let is_served = self.apps.borrow_and_update().iter().any(|served| served.job().record.uid == app_uid);
            if !is_served || *self.stopping.borrow() != Stopping::No {
                return Ok(app_uid);
            }
            self.changes.mark_unchanged();
            let turn = self.engine.store.turn(&app_uid, Wanted::Served).await?;
            // Who is told of it is noted as it begins, so the manifest is read before.
            let trouble = match turn {
                Turn::Ready | Turn::Dead => self.served.read_again().err(),
                Turn::Behind | Turn::Nothing => None,
            };
            if let Some(begun) = self.engine.try_to_claim(&self.served.job(), Wanted::Served, turn).await? {
                self.run(begun, trouble).await?;
                continue;
            }
            tokio::select! {
                () = Engine::wait_for_news(turn, &mut self.changes) => {}
                _ = self.apps.changed() => {}
                _ = self.stopping.changed() => {}
            }
        }
    }

    /// Runs what was begun; a manifest that cannot be used any more stays as it was.
    async fn run(&mut self, begun: Begun, trouble: Option<String>) -> Result<()> {
        if let Some(trouble) = trouble {
            self.say_that_the_manifest_stays(begun, &trouble).await?;
        }
        let job = self.served.job();
        let app = job.app.identity.clone();
        let Begun { deployment, release } = begun;
        (self.tell)(&Event::Began { app: app.clone(), deployment, release });
        let start = Instant::now();
        let cancel = Cancel::default();
        let ending = {
            let running = self.engine.run_claimed(&job, begun, &cancel);
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
        let Ended { state, text: message, .. } = ending;
        (self.tell)(&Event::Ended { app, deployment, state, ran: start.elapsed(), message });
        Ok(())
    }

    async fn say_that_the_manifest_stays(&self, begun: Begun, trouble: &str) -> Result<()> {
        let job = self.served.job();
        let path = self.served.manifest.display();
        let text = format!("The manifest {path} is used as it was, since it cannot be used as it is: {trouble}");
        (self.tell)(&Event::note_of(&job.app.identity, text.clone()));
        let line = NewLine::of_engine(Some(begun.deployment), text);
        match self.engine.store.append_log(&job.record.uid, &[line]).await {
            Ok(()) | Err(StoreError::Query { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
