//! API v3: Cloud 66, and `hookbelt serve`, which speaks the same and more (docs/api.md, "ours").

mod action;
mod answer;
mod api;
mod deliveries;
mod deploying;
mod deployment;
mod finding;
mod following;
mod lenient;
mod log_stream;
mod logs;
mod own;
mod pauses;
mod planning;
mod reading;
mod releases;
mod services;
mod settings;
mod stack;

use async_trait::async_trait;
use serde_json::Value;

use crate::backends::api_v3::api::Api;
use crate::backends::api_v3::following::Following;
use crate::backends::api_v3::stack::Stack;
use crate::backends::error::RemoteError;
use crate::backends::{
    Access, Asked, Backend, BackendError, HookUrl, ListedApp, News, Overlap, Overview, ReleaseDetails, Result,
    SettingChange, WantedApp, Wish,
};
use crate::domain::app::AppIdentity;
use crate::domain::delivery::{Again, Delivery, DeliveryDetails, DeliveryFilter};
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

/// An app at an API v3.
#[derive(Debug)]
pub struct ApiV3 {
    api: Api,
    stack: Stack,
    following: Following,
}

impl ApiV3 {
    /// The apps that the token sees.
    ///
    /// # Errors
    /// When the API fails.
    pub async fn apps(access: Access) -> Result<Vec<ListedApp>> {
        let api = Api::new(access)?;
        let stacks = finding::all(&api).await?;
        Ok(stacks.into_iter().map(|stack| stack.listed(&api.access().profile)).collect())
    }

    /// Whom the token is of, as far as the API says.
    ///
    /// # Errors
    /// When it does not know the token, or fails.
    pub async fn who(access: Access) -> Result<Option<String>> {
        let api = Api::new(access)?;
        let said = api.get("/ping/auth", &[]).await.map_err(|error| match error {
            BackendError::Remote(RemoteError::NotFound { .. }) => {
                api.who().not_understood("it does not know /ping/auth").into()
            }
            error => error,
        })?;
        Ok(said.get("user").and_then(Value::as_str).map(str::to_owned))
    }

    /// The app that is meant.
    ///
    /// # Errors
    /// When it is none or several, or the API fails.
    pub async fn open(access: Access, wanted: &WantedApp) -> Result<Box<dyn Backend>> {
        let api = Api::new(access)?;
        let stack = finding::find(&api, wanted).await?;
        Ok(Box::new(Self { api, stack, following: Following::default() }))
    }

    fn who_asks(&self) -> &str {
        let access = self.api.access();
        access.profile.user.as_deref().unwrap_or(&access.user)
    }

    fn not_found(&self, what: String, list: &'static str) -> BackendError {
        BackendError::NotFound { app: self.stack.app.clone(), what, list }
    }

    /// An answer of 404 says that the thing that was named is not there.
    fn or_not_found<T>(&self, came: Result<T>, what: impl Fn() -> String, list: &'static str) -> Result<T> {
        came.map_err(|error| match error {
            BackendError::Remote(RemoteError::NotFound { .. }) => self.not_found(what(), list),
            error => error,
        })
    }
}

#[async_trait]
impl Backend for ApiV3 {
    fn app(&self) -> &AppIdentity {
        &self.stack.app
    }

    fn kind(&self) -> BackendKind {
        self.api.kind()
    }

    fn check(&self, wish: &Wish) -> Result<()> {
        self.check_wish(wish)
    }

    async fn overview(&self) -> Result<Overview> {
        self.at_a_glance().await
    }

    async fn check_service(&self, name: &ServiceName) -> Result<()> {
        self.must_have(name).await
    }

    async fn plan(&self, request: &Request) -> Result<Option<Plan>> {
        self.planned(request).await
    }

    async fn plan_rollback(&self, to: Option<ReleaseNumber>) -> Result<(ReleaseNumber, Option<Plan>)> {
        let (release, plan) = self.planned_rollback(to).await?;
        Ok((release, Some(plan)))
    }

    async fn redeploy(&mut self, _: Option<&Plan>, wish: &Wish) -> Result<Asked> {
        self.ask(wish).await
    }

    async fn news(&mut self, deployment: u64, after: u64) -> Result<News> {
        self.next_news(deployment, after).await
    }

    async fn log_news(&mut self) {
        self.hear_of_app().await;
    }

    async fn cancel(&mut self, deployment: u64, _: &str) -> Result<CancelRequest> {
        self.ask_to_cancel(deployment).await
    }

    async fn unfinished(&self) -> Result<Deployment> {
        self.the_unfinished().await
    }

    fn user(&self) -> &str {
        self.who_asks()
    }

    async fn deployments(&self, most: u32) -> Result<Vec<Deployment>> {
        self.newest(usize::try_from(most).unwrap_or(usize::MAX)).await
    }

    async fn deployment(&self, id: Option<u64>) -> Result<Deployment> {
        self.one_deployment(id).await
    }

    async fn releases(&self, which: Releases, most: u32) -> Result<Vec<Release>> {
        self.newest_releases(which, most).await
    }

    async fn release(&self, number: Option<ReleaseNumber>) -> Result<ReleaseDetails> {
        self.one_release(number).await
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
        self.all_settings().await
    }

    async fn set_setting(&mut self, key: &str, value: &str) -> Result<SettingChange> {
        self.change_setting(key, value).await
    }

    async fn redeployment_hook(&mut self, rotate: Option<Overlap>) -> Result<HookUrl> {
        self.hook_url(rotate).await
    }

    async fn log_before_last(&self, filter: &LogFilter, most: u64) -> Result<u64> {
        self.before_last(filter, most).await
    }

    async fn log_end(&self) -> Result<u64> {
        Ok(0)
    }

    async fn log_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        self.lines_after(filter, after, most).await
    }
}
