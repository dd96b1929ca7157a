//! The controller of Deis and Hephy Workflow, API v2.
//!
//! It deploys while it is asked: a build or a rollback is answered when its deployment has ended (`deploying.rs`). What it
//! has no words for is refused by what `abilities.rs` says.

mod answer;
mod controller;
mod deploying;
mod documents;
mod ending;
mod find;
mod history;
mod log;
mod run;
mod sign_in;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;
use tokio::time::sleep;

pub use crate::backends::workflow::sign_in::{sign_in, whoami};

use crate::backends::abilities::{Ability, check_request, must};
use crate::backends::workflow::controller::Controller;
use crate::backends::workflow::documents::{App, Build};
use crate::backends::workflow::log::Log;
use crate::backends::workflow::run::Run;
use crate::backends::{
    Access, Asked, Backend, BackendError, HookUrl, ListedApp, News, Overlap, Overview, ReleaseDetails, Result,
    ServiceOverview, SettingChange, WantedApp, Wish,
};
use crate::domain::app::AppIdentity;
use crate::domain::deployment::Deployment;
use crate::domain::log_line::LogLine;
use crate::domain::plan::{Plan, Request};
use crate::domain::profile::BackendKind;
use crate::domain::release::{Release, ReleaseNumber};
use crate::domain::service::ServiceName;
use crate::domain::setting::Setting;
use crate::store::log::LogFilter;
use crate::store::releases::Releases;
use crate::store::settle::CancelRequest;

/// What this is.
const KIND: BackendKind = BackendKind::Workflow;

/// An app at a controller.
#[derive(Debug)]
pub struct Workflow {
    controller: Arc<Controller>,
    app: AppIdentity,
    /// The app's id, which stands in paths.
    id: String,
    document: App,
    /// What is deployed, once somebody wanted to know.
    current_build: OnceCell<Build>,
    log: Log,
    run: Option<Run>,
}

impl Workflow {
    /// The apps that the user sees.
    ///
    /// # Errors
    /// When the controller fails.
    pub async fn apps(access: Access) -> Result<Vec<ListedApp>> {
        let profile = access.profile.name.clone();
        let apps = find::all(&Controller::new(access)).await?;
        let listed = |(app, _)| ListedApp {
            app,
            backend: KIND,
            profile: Some(profile.clone()),
            manifest: None,
            status: None,
            release: None,
            deployed_at: None,
        };
        Ok(apps.into_iter().map(listed).collect())
    }

    /// The app that is meant.
    ///
    /// # Errors
    /// When it is none or several, or the controller fails.
    pub async fn open(access: Access, wanted: &WantedApp) -> Result<Box<dyn Backend>> {
        let controller = Arc::new(Controller::new(access));
        let (app, document) = find::meant(&controller, wanted).await?;
        let log = Log::new(&controller.access.limits);
        let id = document.id.clone();
        Ok(Box::new(Self { controller, app, id, document, current_build: OnceCell::new(), log, run: None }))
    }

    fn not_found(&self, what: String, list: &'static str) -> BackendError {
        BackendError::NotFound { app: self.app.clone(), what, list }
    }
}

#[async_trait]
impl Backend for Workflow {
    fn kind(&self) -> BackendKind {
        KIND
    }

    fn app(&self) -> &AppIdentity {
        &self.app
    }

    async fn overview(&self) -> Result<Overview> {
        let newest = match self.one_release(None).await {
            Ok((release, services)) => Some((release, services)),
            Err(BackendError::NotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        let (release, states) = newest.unzip();
        let service = |state: crate::domain::release::ServiceState| ServiceOverview {
            service: state.service,
            release: Some(state.release),
            target: state.target,
        };
        Ok(Overview {
            app: self.app.clone(),
            backend: KIND,
            manifest: None,
            api: Some(self.controller.access.profile.address.to_string()),
            status: None,
            paused: false,
            release,
            services: states.into_iter().flatten().map(service).collect(),
            deployments: Vec::new(),
            failing_hooks: Vec::new(),
            waiting: 0,
        })
    }

    async fn check_service(&self, _: &ServiceName) -> Result<()> {
        must(KIND, Ability::LogFilters)
    }

    async fn plan(&self, request: &Request) -> Result<Option<Plan>> {
        check_request(KIND, request)?;
        if request.git.is_some() {
            // No push reaches a controller but by its own builder.
            return Ok(None);
        }
        Ok(Some(self.plan_of(Some(self.current_build().await?))))
    }

    async fn plan_rollback(&self, to: Option<ReleaseNumber>) -> Result<(ReleaseNumber, Option<Plan>)> {
        self.way_back(to).await
    }

    async fn redeploy(&mut self, plan: Option<&Plan>, wish: &Wish) -> Result<Asked> {
        self.ask(plan, wish).await
    }

    async fn news(&mut self, _: u64, _: u64) -> Result<News> {
        self.look().await
    }

    async fn log_news(&mut self) {
        sleep(self.log.pause()).await;
    }

    async fn cancel(&mut self, _: u64, _: &str) -> Result<CancelRequest> {
        must(KIND, Ability::Cancel)?;
        Ok(CancelRequest::Over)
    }

    async fn unfinished(&self) -> Result<Deployment> {
        must(KIND, Ability::Cancel)?;
        Err(self.not_found("deployment that runs".to_owned(), "releases list"))
    }

    fn user(&self) -> &str {
        let access = &self.controller.access;
        access.profile.user.as_deref().unwrap_or(&access.user)
    }

    async fn deployments(&self, _: u32) -> Result<Vec<Deployment>> {
        must(KIND, Ability::Deployments)?;
        Ok(Vec::new())
    }

    async fn deployment(&self, _: Option<u64>) -> Result<Deployment> {
        if let Some(run) = &self.run {
            return Ok(run.deployment.clone());
        }
        must(KIND, Ability::Deployments)?;
        Err(self.not_found("deployment".to_owned(), "releases list"))
    }

    async fn releases(&self, which: Releases, most: u32) -> Result<Vec<Release>> {
        self.newest_releases(which, usize::try_from(most).unwrap_or(usize::MAX)).await
    }

    async fn release(&self, number: Option<ReleaseNumber>) -> Result<ReleaseDetails> {
        let (release, services) = self.one_release(number).await?;
        Ok(ReleaseDetails { release, services })
    }

    async fn settings(&self) -> Result<Vec<Setting>> {
        must(KIND, Ability::Settings)?;
        Ok(Vec::new())
    }

    async fn set_setting(&mut self, key: &str, _: &str) -> Result<SettingChange> {
        must(KIND, Ability::Settings)?;
        Err(self.not_found(format!("setting {key}"), "settings list"))
    }

    async fn redeployment_hook(&mut self, rotate: Option<Overlap>) -> Result<HookUrl> {
        must(KIND, if rotate.is_some() { Ability::RotateHookUrl } else { Ability::HookUrl })?;
        Err(self.not_found("redeployment hook".to_owned(), "apps list"))
    }

    async fn log_before_last(&self, filter: &LogFilter, most: u64) -> Result<u64> {
        check_filter(filter)?;
        Ok(self.log.before_last(&self.controller, &self.id, most).await?)
    }

    async fn log_end(&self) -> Result<u64> {
        Ok(0)
    }

    async fn log_after(&self, filter: &LogFilter, _: u64, _: u32) -> Result<Vec<LogLine>> {
        check_filter(filter)?;
        Ok(self.log.new_lines(&self.controller, &self.id).await?)
    }
}

/// A log comes whole.
fn check_filter(filter: &LogFilter) -> Result<()> {
    if *filter == LogFilter::default() { Ok(()) } else { must(KIND, Ability::LogFilters) }
}
