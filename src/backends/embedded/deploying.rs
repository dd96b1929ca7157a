//! Asking for deployments in the local store, following them, and canceling them.

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use crate::backends::abilities::{Ability, must};
use crate::backends::embedded::Embedded;
use crate::backends::{Act, Asked, BackendError, Lives, News, Result, Waits, WantedStrategy, Wish};
use crate::domain::deployment::{Deployment, DeploymentState, Strategy};
use crate::domain::plan::Plan;
use crate::domain::profile::BackendKind;
use crate::domain::queue::{Insistence, Mode, Origin};
use crate::domain::release::ReleaseNumber;
use crate::engine::rollback::{RollbackError, RollbackPlan, plan_rollback, why_not};
use crate::engine::{self, Cancel, Engine, EngineError, Job, hook_secret};
use crate::store::enqueue::NewDeployment;
use crate::store::log::LogFilter;
use crate::store::settle::CancelRequest;
use crate::store::{Bell, News as Rung, Store};

/// The longest that is waited for a bell before something is shown again.
const MOST: Duration = Duration::from_secs(1);

/// The most log lines taken at a time.
const PAGE: u32 = 1_000;

type EngineTask = JoinHandle<std::result::Result<(), EngineError>>;

/// How this command follows what happens in the store.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// Hung when something is waited for: a look alone leaves no trace.
    bell: Option<Bell>,
    /// The deployment that lives here, with what ends it.
    own: Option<(u64, Cancel)>,
    /// The engine that runs it, until that has ended.
    engine: Option<EngineTask>,
}

impl Following {
    /// Waits until somebody has written to the store, or for a moment.
    pub(super) async fn heard(&mut self, store: &Store) {
        heard(&mut self.bell, store).await;
    }

    /// The same, or until the engine in this process has ended; what went wrong with it is the error.
    async fn heard_or_ended(&mut self, store: &Store) -> Result<()> {
        let Some(engine) = &mut self.engine else {
            self.heard(store).await;
            return Ok(());
        };
        let ended = tokio::select! {
            ended = engine => ended,
            () = heard(&mut self.bell, store) => return Ok(()),
        };
        self.engine = None;
        Ok(ended.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic()))?)
    }
}

/// The first time it does not wait: what happened before the bell was hung has not been heard.
async fn heard(bell: &mut Option<Bell>, store: &Store) {
    match bell {
        Some(bell) => bell.rung(MOST).await,
        None => *bell = Some(store.bell(&[Rung::Queue, Rung::Log])),
    }
}

/// What is wished for, in the words of the engine.
struct Wanted {
    origin: Origin,
    insistence: Insistence,
    strategy: Option<Strategy>,
}

impl Wanted {
    fn of(wish: &Wish) -> Result<Self> {
        let strategy = match (wish.strategy, &wish.rollout) {
            (None, None) => None,
            (Some(WantedStrategy::Serial), None) => Some(Strategy::Serial),
            (Some(WantedStrategy::Parallel), None) => Some(Strategy::Parallel),
            _ => {
                must(BackendKind::Embedded, Ability::Rollouts)?;
                None
            }
        };
        let origin = match &wish.act {
            Act::Redeploy(_) => Origin::Command,
            Act::Rollback(release) => Origin::Rollback(*release),
        };
        Ok(Self { origin, insistence: wish.insistence, strategy })
    }
}

/// Refuses what the engine cannot do.
pub(super) fn check(wish: &Wish) -> Result<()> {
    Wanted::of(wish).map(drop)
}

impl Embedded {
    /// Queues a deployment for the `hookbelt serve` that has the app; without one it runs in this process.
    pub(super) async fn ask(&mut self, plan: Option<&Plan>, wish: &Wish) -> Result<Asked> {
        let new = Wanted::of(wish)?;
        let plan = match (plan, &wish.act) {
            (Some(plan), _) => plan.clone(),
            (None, Act::Redeploy(request)) => Plan::of(&self.manifest()?.app, request)?,
            (None, Act::Rollback(release)) => self.rollback(Some(*release)).await?.plan,
        };
        for hook in &self.manifest()?.app.deploy_hooks {
            let read = hook_secret(hook, &self.variables);
            read.map_err(|source| BackendError::Secret { base: hook.receiver.to_string(), source })?;
        }
        let served = match self.uid() {
            Some(uid) => self.store.served_by(uid).await?,
            None => None,
        };
        if let Some(served) = served {
            let named = self.manifest()?.path.clone();
            if named != served.manifest {
                let served = served.manifest;
                return Err(BackendError::OtherManifest { app: self.app.clone(), served, named });
            }
            let id = self.enqueue(&plan, &new, None).await?;
            return Ok(Asked { id, lives: Lives::Elsewhere });
        }
        if wish.waits == Waits::NotAtAll {
            return Err(BackendError::NobodyServes(self.app.clone()));
        }
        let record = engine::register(&self.store, self.manifest()?).await?;
        self.record = Some(record.clone());
        let engine = Engine::start(self.store.clone(), self.limits.clone(), self.variables.clone()).await?;
        let id = self.enqueue(&plan, &new, Some(engine.uid())).await?;
        let manifest = self.manifest()?;
        let job = Job { record, app: manifest.app.clone(), folder: manifest.folder().to_owned() };
        let cancel = Cancel::default();
        self.following.engine = Some(tokio::spawn(engine.run(job, id, cancel.clone())));
        self.following.own = Some((id, cancel));
        Ok(Asked { id, lives: Lives::Here })
    }

    async fn enqueue(&self, plan: &Plan, wanted: &Wanted, engine_uid: Option<&str>) -> Result<u64> {
        let app_uid = self.uid().unwrap_or_default();
        let new = NewDeployment {
            app_uid,
            engine_uid,
            origin: &wanted.origin,
            insistence: wanted.insistence,
            mode: Mode::default(),
            user: &self.user,
            plan,
            strategy: wanted.strategy,
            now: Timestamp::now(),
        };
        Ok(self.store.enqueue(new).await?.id)
    }

    /// What has happened to a deployment; waits for it if nothing has.
    pub(super) async fn look(&mut self, deployment: u64, after: u64) -> Result<News> {
        let news = self.look_now(deployment, after).await?;
        if news.over || !news.lines.is_empty() {
            return Ok(news);
        }
        self.following.heard_or_ended(&self.store).await?;
        self.look_now(deployment, after).await
    }

    /// Records what became of what a dead engine left, so that who looks sees it; where that cannot be written yet, what
    /// is shown says so all the same.
    pub(super) async fn settle(store: &Store, app_uid: &str) {
        if store.was_left_by_the_dead(app_uid).await.unwrap_or(false) {
            let _ = store.settle(app_uid, Timestamp::now()).await;
        }
    }

    async fn look_now(&self, id: u64, after: u64) -> Result<News> {
        if self.following.engine.is_none() {
            Self::settle(&self.store, self.uid().unwrap_or_default()).await;
        }
        // Looked at before its lines, so that none is missed.
        let engine_ended = self.following.engine.is_none();
        let deployment = self.one_deployment(id).await?;
        let filter = LogFilter { deployment: Some(id), ..LogFilter::default() };
        let uid = self.uid().unwrap_or_default();
        let lines = self.store.log_after(uid, &filter, after, PAGE).await?;
        let first = match deployment.state {
            DeploymentState::Queued => self.store.first_in_queue(uid).await?,
            _ => None,
        };
        let over = engine_ended && deployment.state.is_over() && lines.is_empty();
        Ok(News { deployment, first, lines, over })
    }

    pub(super) async fn ask_to_cancel(&mut self, deployment: u64, reason: &str) -> Result<CancelRequest> {
        if let Some((own, cancel)) = &self.following.own
            && *own == deployment
        {
            cancel.request(reason);
            return Ok(CancelRequest::Asked);
        }
        let uid = self.uid().unwrap_or_default();
        // Who has died cannot be asked.
        self.store.settle(uid, Timestamp::now()).await?;
        Ok(self.store.cancel(uid, deployment, reason, Timestamp::now()).await?)
    }

    pub(super) async fn the_unfinished(&self) -> Result<Deployment> {
        let uid = self.uid().unwrap_or_default();
        let mut first = self.store.unfinished(uid, 2).await?.into_iter();
        match (first.next(), first.next()) {
            (None, _) => Err(self.not_found("deployment that runs or waits".to_owned(), "deployments list")),
            (Some(first), Some(_)) if first.state == DeploymentState::Queued => {
                let waiting = self.store.count_waiting(uid).await?;
                Err(BackendError::ManyWait { app: self.app.clone(), waiting })
            }
            (Some(first), _) => Ok(first),
        }
    }

    pub(super) async fn rollback(&self, to: Option<ReleaseNumber>) -> Result<RollbackPlan> {
        let app = &self.manifest()?.app;
        let planned = plan_rollback(&self.store, app, self.uid().unwrap_or_default(), to).await;
        planned.map_err(|error| match error {
            RollbackError::NoEarlier => self.not_found("release before the current one".to_owned(), "releases list"),
            RollbackError::Unknown(number) => self.not_found(format!("release {number}"), "releases list"),
            RollbackError::NotSucceeded { release, state } => {
                BackendError::NotARelease { app: self.app.clone(), release, state: why_not(state) }
            }
            RollbackError::Store(error) => error.into(),
        })
    }
}
