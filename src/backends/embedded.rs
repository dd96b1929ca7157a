//! The embedded engine: no account, no server; a manifest, the local store, and this process.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::backends::{
    Backend, BackendError, News, Overview, ReleaseDetails, Result, SecretError, ServiceOverview, SettingChange,
};
use crate::config::environment::Variables;
use crate::config::files;
use crate::config::manifest::Manifest;
use crate::config::user_file::Limits;
use crate::domain::app::{AppIdentity, DeployHook, SecretSource};
use crate::domain::deployment::{Deployment, DeploymentState, Target, Trigger};
use crate::domain::log_line::LogLine;
use crate::domain::plan::{Plan, Request, Selection, ServiceChoice};
use crate::domain::release::{Release, ReleaseNumber};
use crate::domain::service::ServiceName;
use crate::domain::setting::{self, Setting};
use crate::domain::signature::Secret;
use crate::engine::{Engine, EngineError, Job, Receiver, new_uid};
use crate::store::Store;
use crate::store::apps::AppRecord;
use crate::store::deployments::NewDeployment;
use crate::store::log::LogFilter;
use crate::store::releases::Releases;

/// The pause between two looks at the store while a deployment is watched.
const LOOK: Duration = Duration::from_millis(50);

/// The most log lines taken at a time.
const PAGE: u32 = 1_000;

/// An app whose engine is this process.
#[derive(Debug)]
pub struct Embedded {
    store: Store,
    manifest: Manifest,
    record: AppRecord,
    limits: Limits,
    variables: Variables,
    user: String,
    cancel: CancellationToken,
    engine: Option<JoinHandle<std::result::Result<(), EngineError>>>,
}

impl Embedded {
    /// The app of a manifest in a store, to which it is added if it is new.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(
        store: Store,
        manifest: Manifest,
        limits: Limits,
        variables: Variables,
        user: String,
    ) -> Result<Self> {
        let record = store.register_app(&manifest.app.identity, &manifest.path, &new_uid()?, Timestamp::now()).await?;
        Ok(Self { store, manifest, record, limits, variables, user, cancel: CancellationToken::new(), engine: None })
    }

    fn receivers(&self) -> Result<Vec<Receiver>> {
        self.manifest.app.deploy_hooks.iter().map(|hook| receiver(hook, &self.variables)).collect()
    }

    fn not_found(&self, what: String, list: &'static str) -> BackendError {
        BackendError::NotFound { app: self.app().clone(), what, list }
    }
}

/// A deploy hook with its secret read.
///
/// # Errors
/// When the secret cannot be read.
pub fn receiver(hook: &DeployHook, variables: &Variables) -> Result<Receiver> {
    let secret = hook.secret.as_ref().map(|source| secret(source, variables)).transpose();
    let secret = secret.map_err(|source| BackendError::Secret { base: hook.base.to_string(), source })?;
    Ok(Receiver { base: hook.base.clone(), secret })
}

fn secret(source: &SecretSource, variables: &Variables) -> std::result::Result<Secret, SecretError> {
    match source {
        SecretSource::File(path) => Ok(files::read_secret(path)?),
        SecretSource::Variable(name) => {
            let value = variables.raw(name).ok_or_else(|| SecretError::NotSet(name.clone()))?;
            let bytes = std::os::unix::ffi::OsStrExt::as_bytes(value.as_os_str()).to_vec();
            Secret::new(bytes).map_err(|_| SecretError::NotSet(name.clone()))
        }
    }
}

#[async_trait]
impl Backend for Embedded {
    fn app(&self) -> &AppIdentity {
        &self.manifest.app.identity
    }

    async fn overview(&self) -> Result<Overview> {
        let newest = self.store.releases(&self.record.uid, Releases::Succeeded, 1).await?.pop();
        let states = self.store.service_states(&self.record.uid, ReleaseNumber(u64::MAX)).await?;
        let service = |name: &ServiceName| {
            let state = states.iter().find(|state| state.service == *name);
            let target = state.map_or_else(Target::default, |state| state.target.clone());
            ServiceOverview { service: name.clone(), release: state.map(|state| state.release), target }
        };
        Ok(Overview {
            app: self.app().clone(),
            manifest: self.manifest.path.display().to_string(),
            release: newest,
            services: self.manifest.app.services.iter().map(|known| service(&known.name)).collect(),
            deployments: self.store.unfinished(&self.record.uid).await?,
        })
    }

    fn check_service(&self, name: &ServiceName) -> Result<()> {
        let choice = ServiceChoice { name: name.to_string(), reference: None };
        let request = Request { selection: Selection::Services(vec![choice]), ..Request::default() };
        self.plan(&request).map(drop)
    }

    fn plan(&self, request: &Request) -> Result<Plan> {
        Ok(Plan::of(&self.manifest.app, request)?)
    }

    async fn redeploy(&mut self, plan: &Plan) -> Result<u64> {
        let receivers = self.receivers()?;
        let engine = Engine::start(self.store.clone(), self.limits.clone(), self.variables.clone()).await?;
        let new = NewDeployment {
            app_uid: &self.record.uid,
            engine_uid: engine.uid(),
            trigger: Trigger::Command,
            user: &self.user,
            plan,
            now: Timestamp::now(),
        };
        let deployment = self.store.enqueue(new).await?;
        let job = Job {
            record: self.record.clone(),
            app: self.manifest.app.clone(),
            folder: self.manifest.folder().to_owned(),
            deployment,
            receivers,
        };
        self.engine = Some(tokio::spawn(engine.run(job, self.cancel.clone())));
        Ok(deployment)
    }

    async fn news(&mut self, deployment: u64, after: u64) -> Result<News> {
        let engine_ended = match &self.engine {
            Some(engine) if engine.is_finished() => true,
            Some(_) => {
                sleep(LOOK).await;
                false
            }
            None => true,
        };
        if engine_ended && let Some(engine) = self.engine.take() {
            engine.await.unwrap_or_else(|broken| std::panic::resume_unwind(broken.into_panic()))?;
        }
        let filter = LogFilter { deployment: Some(deployment), ..LogFilter::default() };
        let lines = self.store.log_after(&self.record.uid, &filter, after, PAGE).await?;
        let now = self.deployment(Some(deployment)).await?;
        let behind = match now.state {
            DeploymentState::Queued => self.store.ahead_of(&self.record.uid, deployment, Timestamp::now()).await?,
            _ => Vec::new(),
        };
        let over = engine_ended && lines.is_empty();
        Ok(News { deployment: now, behind, lines, over })
    }

    fn cancel(&self) {
        self.cancel.cancel();
    }

    async fn deployments(&self, most: u32) -> Result<Vec<Deployment>> {
        Ok(self.store.deployments(&self.record.uid, most).await?)
    }

    async fn deployment(&self, id: Option<u64>) -> Result<Deployment> {
        let found = match id {
            Some(id) => self.store.deployment(id).await?.filter(|deployment| deployment.app == *self.app()),
            None => self.store.deployments(&self.record.uid, 1).await?.pop(),
        };
        let what = id.map_or_else(|| "deployment yet".to_owned(), |id| format!("deployment {id}"));
        found.ok_or_else(|| self.not_found(what, "deployments list"))
    }

    async fn releases(&self, which: Releases, most: u32) -> Result<Vec<Release>> {
        Ok(self.store.releases(&self.record.uid, which, most).await?)
    }

    async fn release(&self, number: Option<ReleaseNumber>) -> Result<ReleaseDetails> {
        let release = match number {
            Some(number) => self.store.release(&self.record.uid, number).await?,
            None => self.store.releases(&self.record.uid, Releases::Succeeded, 1).await?.pop(),
        };
        let what = number.map_or_else(|| "release yet".to_owned(), |number| format!("release {number}"));
        let release = release.ok_or_else(|| self.not_found(what, "releases list --all"))?;
        let services = self.store.service_states(&self.record.uid, release.release).await?;
        Ok(ReleaseDetails { release, services })
    }

    async fn settings(&self) -> Result<Vec<Setting>> {
        let stored = self.store.settings(&self.record.uid).await?;
        Ok(setting::all(&self.manifest.app, &stored))
    }

    async fn set_setting(&self, key: &str, value: &str) -> Result<SettingChange> {
        let settings = self.settings().await?;
        let value = setting::checked(&settings, key, value)?;
        let changed = setting::find(&settings, key)?.value != value;
        if changed {
            self.store.set_setting(&self.record.uid, key, value, Timestamp::now()).await?;
        }
        let note = (key == "continuous.deploy" && value == "true").then(|| {
            "no webhook was made: the embedded engine receives none. To deploy on every push, let the Git host or a CI job run \
             `hookbelt redeploy -y`"
                .to_owned()
        });
        let setting = Setting { key: key.to_owned(), value: value.to_owned(), readonly: false };
        Ok(SettingChange { setting, changed, note })
    }

    async fn log_end(&self, filter: &LogFilter, most: u32) -> Result<Vec<LogLine>> {
        Ok(self.store.log_end(&self.record.uid, filter, most).await?)
    }

    async fn log_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        Ok(self.store.log_after(&self.record.uid, filter, after, most).await?)
    }
}
