//! The local store: no account and no remote server; a manifest, the store, and an engine in this process or in a
//! `hookbelt serve` on the same store.

mod continuous;
mod deliveries;
mod deploying;
mod hook_url;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::backends::embedded::deploying::Following;
use crate::backends::{
    Asked, Backend, BackendError, HookUrl, News, Overlap, Overview, ReleaseDetails, Result, ServiceOverview,
    SettingChange, Wish,
};
use crate::config::environment::Variables;
use crate::config::manifest::Manifest;
use crate::config::user_file::Limits;
use crate::domain::app::AppIdentity;
use crate::domain::delivery::{Again, Delivery, DeliveryDetails, DeliveryFilter};
use crate::domain::deployment::{Deployment, Target};
use crate::domain::log_line::LogLine;
use crate::domain::plan::{Plan, Request, Selection, ServiceChoice};
use crate::domain::profile::BackendKind;
use crate::domain::release::{Release, ReleaseNumber};
use crate::domain::service::ServiceName;
use crate::domain::setting::{self, CONTINUOUS_DEPLOY, PAUSED, Setting};
use crate::engine;
use crate::engine::rollback::RollbackPlan;
use crate::hosts::KnownHosts;
use crate::store::Store;
use crate::store::apps::AppRecord;
use crate::store::log::LogFilter;
use crate::store::releases::Releases;
use crate::store::settle::CancelRequest;

/// How many of the deployments that run or wait an overview shows.
const SHOWN: u32 = 10;

/// An app in the local store. Looking at it changes nothing; it is added to the store when it is first deployed or a
/// setting of it is changed.
#[derive(Debug)]
pub struct Embedded {
    store: Store,
    app: AppIdentity,
    manifest: Option<Manifest>,
    record: Option<AppRecord>,
    limits: Limits,
    variables: Variables,
    user: String,
    following: Following,
    hosts: KnownHosts,
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
    pub async fn open(
        store: Store,
        known: Known,
        limits: Limits,
        variables: Variables,
        user: String,
        hosts: KnownHosts,
    ) -> Result<Self> {
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
        if let Some(record) = &record {
            Self::settle(&store, &record.uid).await;
        }
        let following = Following::default();
        Ok(Self { store, app, manifest, record, limits, variables, user, following, hosts })
    }

    fn not_found(&self, what: String, list: &'static str) -> BackendError {
        BackendError::NotFound { app: self.app.clone(), what, list }
    }

    /// The app's key in the store; it has none before its first deployment.
    fn uid(&self) -> Option<&str> {
        self.record.as_ref().map(|record| record.uid.as_str())
    }

    /// The app in the store, added if it is new; only a deployment says where its manifest is now.
    async fn register_if_new(&mut self) -> Result<AppRecord> {
        if let Some(record) = &self.record {
            return Ok(record.clone());
        }
        let record = engine::register(&self.store, self.manifest()?).await?;
        self.record = Some(record.clone());
        Ok(record)
    }

    async fn one_deployment(&self, id: u64) -> Result<Deployment> {
        let found = self.store.deployment(id).await?.filter(|deployment| deployment.app == self.app);
        found.ok_or_else(|| self.not_found(format!("deployment {id}"), "deployments list"))
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

#[async_trait]
impl Backend for Embedded {
    fn app(&self) -> &AppIdentity {
        &self.app
    }

    fn kind(&self) -> BackendKind {
        BackendKind::Embedded
    }

    fn check(&self, wish: &Wish) -> Result<()> {
        deploying::check(wish)
    }

    async fn overview(&self) -> Result<Overview> {
        let newest = self.releases(Releases::Succeeded, 1).await?.pop();
        let (states, deployments, waiting, paused) = match self.uid() {
            Some(uid) => (
                self.store.service_states(uid, ReleaseNumber(u64::MAX)).await?,
                self.store.unfinished(uid, SHOWN).await?,
                self.store.count_waiting(uid).await?,
                setting::is_on(&self.store.settings(uid).await?, PAUSED),
            ),
            None => (Vec::new(), Vec::new(), 0, false),
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
            backend: BackendKind::Embedded,
            manifest: Some(manifest.display().to_string()),
            api: None,
            status: None,
            paused,
            release: newest,
            services: names.into_iter().map(service).collect(),
            deployments,
            waiting,
            failing_hooks: self.failing_hooks().await?,
        })
    }

    async fn check_service(&self, name: &ServiceName) -> Result<()> {
        // Without a manifest nobody knows; the log may still hold what it wrote.
        if self.manifest.is_none() {
            return Ok(());
        }
        let choice = ServiceChoice { name: name.to_string(), reference: None };
        let request = Request { selection: Selection::Services(vec![choice]), ..Request::default() };
        self.plan(&request).await.map(drop)
    }

    async fn plan(&self, request: &Request) -> Result<Option<Plan>> {
        Ok(Some(Plan::of(&self.manifest()?.app, request)?))
    }

    async fn plan_rollback(&self, to: Option<ReleaseNumber>) -> Result<(ReleaseNumber, Option<Plan>)> {
        let RollbackPlan { release, plan } = self.rollback(to).await?;
        Ok((release, Some(plan)))
    }

    async fn redeploy(&mut self, plan: Option<&Plan>, wish: &Wish) -> Result<Asked> {
        self.ask(plan, wish).await
    }

    async fn news(&mut self, deployment: u64, after: u64) -> Result<News> {
        self.look(deployment, after).await
    }

    async fn log_news(&mut self) {
        self.following.heard(&self.store).await;
    }

    async fn cancel(&mut self, deployment: u64, reason: &str) -> Result<CancelRequest> {
        self.ask_to_cancel(deployment, reason).await
    }

    async fn unfinished(&self) -> Result<Deployment> {
        self.the_unfinished().await
    }

    fn user(&self) -> &str {
        &self.user
    }

    async fn deployments(&self, most: u32) -> Result<Vec<Deployment>> {
        match self.uid() {
            Some(uid) => Ok(self.store.deployments(uid, most).await?),
            None => Ok(Vec::new()),
        }
    }

    async fn deployment(&self, id: Option<u64>) -> Result<Deployment> {
        if let Some(id) = id {
            return self.one_deployment(id).await;
        }
        let newest = self.deployments(1).await?.pop();
        newest.ok_or_else(|| self.not_found("deployment yet".to_owned(), "deployments list"))
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

    async fn deliveries(&self, filter: DeliveryFilter, most: u32) -> Result<Vec<Delivery>> {
        self.newest_deliveries(filter, most).await
    }

    async fn delivery(&self, id: u64) -> Result<DeliveryDetails> {
        self.one_delivery(id).await
    }

    async fn redeliver(&mut self, again: Again) -> Result<Vec<Delivery>> {
        self.send_again(again).await
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
        let note = match (key, value) {
            (CONTINUOUS_DEPLOY, "true") => Some(self.webhooks_on().await?),
            (CONTINUOUS_DEPLOY, _) if changed => self.webhooks_off().await?,
            _ => None,
        };
        if changed {
            let record = self.register_if_new().await?;
            self.store.set_setting(&record.uid, key, value, Timestamp::now()).await?;
        }
        let setting = Setting { key: key.to_owned(), value: value.to_owned(), readonly: false };
        Ok(SettingChange { setting, changed, note })
    }

    async fn redeployment_hook(&mut self, rotate: Option<Overlap>) -> Result<HookUrl> {
        self.hook_url(rotate).await
    }

    async fn log_before_last(&self, filter: &LogFilter, most: u64) -> Result<u64> {
        match self.uid() {
            Some(uid) => Ok(self.store.log_before_last(uid, filter, most).await?),
            None => Ok(0),
        }
    }

    async fn log_end(&self) -> Result<u64> {
        self.log_before_last(&LogFilter::default(), 0).await
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
