//! The embedded engine: no account, no server; a manifest, the local store, and this process.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::sleep;

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
use crate::engine::{Cancel, Engine, EngineError, Job, Receiver, new_uid};
use crate::store::Store;
use crate::store::apps::AppRecord;
use crate::store::deployments::NewDeployment;
use crate::store::log::{LogFilter, NewLine};
use crate::store::releases::Releases;

/// The pause between two looks at the store while a deployment is watched.
const LOOK: Duration = Duration::from_millis(50);

/// The most log lines taken at a time.
const PAGE: u32 = 1_000;

/// An app whose engine is this process. Looking at it changes nothing; it is added to the store when it is first
/// deployed or a setting of it is changed.
#[derive(Debug)]
pub struct Embedded {
    store: Store,
    app: AppIdentity,
    manifest: Option<Manifest>,
    record: Option<AppRecord>,
    limits: Limits,
    variables: Variables,
    user: String,
    cancel: Cancel,
    engine: Option<JoinHandle<std::result::Result<(), EngineError>>>,
}

/// Where an app is known from.
#[derive(Debug)]
pub enum Known {
    /// A manifest that was read.
    Manifest(Manifest),
    /// The store, which knows where its manifest was; that may be gone.
    Store(AppRecord),
}

impl Embedded {
    /// An app in a store.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn open(store: Store, known: Known, limits: Limits, variables: Variables, user: String) -> Result<Self> {
        let (app, manifest, record) = match known {
            Known::Manifest(manifest) => {
                let app = manifest.app.identity.clone();
                let record = store.app(&app).await?;
                (app, Some(manifest), record)
            }
            Known::Store(record) => {
                let manifest = read(&record).ok();
                (record.identity.clone(), manifest, Some(record))
            }
        };
        Ok(Self { store, app, manifest, record, limits, variables, user, cancel: Cancel::default(), engine: None })
    }

    fn receivers(&self) -> Result<Vec<Receiver>> {
        self.manifest()?.app.deploy_hooks.iter().map(|hook| receiver(hook, &self.variables)).collect()
    }

    fn not_found(&self, what: String, list: &'static str) -> BackendError {
        BackendError::NotFound { app: self.app.clone(), what, list }
    }

    /// The app's key in the store; it has none before its first deployment.
    fn uid(&self) -> Option<&str> {
        self.record.as_ref().map(|record| record.uid.as_str())
    }

    /// The manifest, for what cannot be done without one.
    fn manifest(&self) -> Result<&Manifest> {
        match (&self.manifest, &self.record) {
            (Some(manifest), _) => Ok(manifest),
            (None, Some(record)) => {
                Err(read(record).err().unwrap_or_else(|| self.not_found("manifest".to_owned(), "apps list")))
            }
            (None, None) => Err(self.not_found("manifest".to_owned(), "apps list")),
        }
    }

    /// The app in the store, added if it is new. Only a deployment says where its manifest is.
    async fn register(&mut self, reason: Register) -> Result<AppRecord> {
        if let (Some(record), Register::Setting) = (&self.record, reason) {
            return Ok(record.clone());
        }
        let path = self.manifest()?.path.clone();
        let record = self.store.register_app(&self.app, &path, &new_uid()?, Timestamp::now()).await?;
        self.record = Some(record.clone());
        Ok(record)
    }
}

/// What an app is added to the store for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Register {
    Deployment,
    Setting,
}

/// The manifest where the store knows it, if it still describes that app.
fn read(record: &AppRecord) -> Result<Manifest> {
    let wanted = &record.identity;
    let manifest = Manifest::read(&record.manifest)
        .map_err(|source| BackendError::Manifest { app: wanted.clone(), source: Box::new(source) })?;
    if manifest.app.identity == *wanted {
        return Ok(manifest);
    }
    let (path, found) = (record.manifest.clone(), manifest.app.identity);
    Err(BackendError::OtherApp { path, found, wanted: wanted.clone() })
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
        &self.app
    }

    async fn overview(&self) -> Result<Overview> {
        let newest = self.releases(Releases::Succeeded, 1).await?.pop();
        let (states, deployments) = match self.uid() {
            Some(uid) => {
                let states = self.store.service_states(uid, ReleaseNumber(u64::MAX)).await?;
                (states, self.store.unfinished(uid, Timestamp::now()).await?)
            }
            None => (Vec::new(), Vec::new()),
        };
        let names: Vec<ServiceName> = match &self.manifest {
            Some(manifest) => manifest.app.services.iter().map(|service| service.name.clone()).collect(),
            None => states.iter().map(|state| state.service.clone()).collect(),
        };
        let service = |name: ServiceName| {
            let state = states.iter().find(|state| state.service == name);
            let target = state.map_or_else(Target::default, |state| state.target.clone());
            ServiceOverview { service: name, release: state.map(|state| state.release), target }
        };
        let manifest = self.manifest.as_ref().map(|manifest| manifest.path.clone());
        let manifest =
            manifest.or_else(|| self.record.as_ref().map(|record| record.manifest.clone())).unwrap_or_default();
        Ok(Overview {
            app: self.app.clone(),
            manifest: manifest.display().to_string(),
            release: newest,
            services: names.into_iter().map(service).collect(),
            deployments,
        })
    }

    fn check_service(&self, name: &ServiceName) -> Result<()> {
        // Without a manifest nobody knows; the log may still hold what it wrote.
        if self.manifest.is_none() {
            return Ok(());
        }
        let choice = ServiceChoice { name: name.to_string(), reference: None };
        let request = Request { selection: Selection::Services(vec![choice]), ..Request::default() };
        self.plan(&request).map(drop)
    }

    fn plan(&self, request: &Request) -> Result<Plan> {
        Ok(Plan::of(&self.manifest()?.app, request)?)
    }

    async fn redeploy(&mut self, plan: &Plan) -> Result<u64> {
        let receivers = self.receivers()?;
        let before = self.record.as_ref().map(|record| record.manifest.clone());
        let record = self.register(Register::Deployment).await?;
        if let Some(before) = before.filter(|before| *before != record.manifest) {
            let text = format!("The manifest is now {}; it was {}", record.manifest.display(), before.display());
            self.store.append_log(&record.uid, &[NewLine::of_engine(None, text)]).await?;
        }
        let engine = Engine::start(self.store.clone(), self.limits.clone(), self.variables.clone()).await?;
        let new = NewDeployment {
            app_uid: &record.uid,
            engine_uid: engine.uid(),
            trigger: Trigger::Command,
            user: &self.user,
            plan,
            now: Timestamp::now(),
        };
        let deployment = self.store.enqueue(new).await?;
        let manifest = self.manifest()?;
        let (app, folder) = (manifest.app.clone(), manifest.folder().to_owned());
        let job = Job { record, app, folder, deployment, receivers };
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
        let lines = self.log_after(&filter, after, PAGE).await?;
        let now = self.deployment(Some(deployment)).await?;
        let behind = match (now.state, self.uid()) {
            (DeploymentState::Queued, Some(uid)) => self.store.ahead_of(uid, deployment, Timestamp::now()).await?,
            _ => Vec::new(),
        };
        let over = engine_ended && lines.is_empty();
        Ok(News { deployment: now, behind, lines, over })
    }

    fn cancel(&self, reason: &str) {
        self.cancel.request(reason);
    }

    async fn deployments(&self, most: u32) -> Result<Vec<Deployment>> {
        match self.uid() {
            Some(uid) => Ok(self.store.deployments(uid, most, Timestamp::now()).await?),
            None => Ok(Vec::new()),
        }
    }

    async fn deployment(&self, id: Option<u64>) -> Result<Deployment> {
        let found = match id {
            Some(id) => {
                self.store.deployment(id, Timestamp::now()).await?.filter(|deployment| deployment.app == self.app)
            }
            None => self.deployments(1).await?.pop(),
        };
        let what = id.map_or_else(|| "deployment yet".to_owned(), |id| format!("deployment {id}"));
        found.ok_or_else(|| self.not_found(what, "deployments list"))
    }

    async fn releases(&self, which: Releases, most: u32) -> Result<Vec<Release>> {
        match self.uid() {
            Some(uid) => Ok(self.store.releases(uid, which, most).await?),
            None => Ok(Vec::new()),
        }
    }

    async fn release(&self, number: Option<ReleaseNumber>) -> Result<ReleaseDetails> {
        let what = number.map_or_else(|| "release that succeeded yet".to_owned(), |number| format!("release {number}"));
        let not_found = || self.not_found(what.clone(), "releases list --all");
        let uid = self.uid().ok_or_else(not_found)?;
        let release = match number {
            Some(number) => self.store.release(uid, number).await?,
            None => self.store.releases(uid, Releases::Succeeded, 1).await?.pop(),
        };
        let release = release.ok_or_else(not_found)?;
        let services = self.store.service_states(uid, release.release).await?;
        Ok(ReleaseDetails { release, services })
    }

    async fn settings(&self) -> Result<Vec<Setting>> {
        let stored = match self.uid() {
            Some(uid) => self.store.settings(uid).await?,
            None => Vec::new(),
        };
        Ok(setting::all(&self.manifest()?.app, &stored))
    }

    async fn set_setting(&mut self, key: &str, value: &str) -> Result<SettingChange> {
        let settings = self.settings().await?;
        let value = setting::checked(&settings, key, value)?;
        let changed = setting::find(&settings, key)?.value != value;
        if changed {
            let record = self.register(Register::Setting).await?;
            self.store.set_setting(&record.uid, key, value, Timestamp::now()).await?;
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
        match self.uid() {
            Some(uid) => Ok(self.store.log_end(uid, filter, most).await?),
            None => Ok(Vec::new()),
        }
    }

    async fn log_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        // Who follows the log of an app that is new sees its first deployment too.
        let record = match &self.record {
            Some(record) => Some(record.clone()),
            None => self.store.app(&self.app).await?,
        };
        match record {
            Some(record) => Ok(self.store.log_after(&record.uid, filter, after, most).await?),
            None => Ok(Vec::new()),
        }
    }
}
