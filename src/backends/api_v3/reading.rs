//! What there is to be read about an app: at a glance, its deployments, and its redeployment hook.

use serde_json::{Value, json};

use crate::backends::abilities::{Ability, must};
use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::deployment::{Shown, shown};
use crate::backends::api_v3::lenient::{number, some_text};
use crate::backends::api_v3::services::{Listed, check_known};
use crate::backends::api_v3::stack::Stack;
use crate::backends::error::RemoteError;
use crate::backends::{BackendError, HookUrl, Overlap, Overview, Result};
use crate::domain::deployment::{Deployment, DeploymentState};
use crate::domain::duration;
use crate::domain::plan::ServiceChoice;
use crate::domain::profile::BackendKind;
use crate::domain::service::ServiceName;
use crate::http::Method;
use crate::store::releases::Releases;

/// How many of the deployments that run or wait an overview shows.
const SHOWN: usize = 10;

/// How many of the newest deployments are looked through for those that run or wait, or are new.
const NEWEST: usize = 30;

impl ApiV3 {
    pub(super) async fn at_a_glance(&self) -> Result<Overview> {
        let is_ours = self.api.kind() == BackendKind::Server;
        let release = if is_ours { self.newest_releases(Releases::Succeeded, 1).await?.pop() } else { None };
        let (mut deployments, waiting) = self.all_unfinished().await?;
        deployments.truncate(SHOWN);
        let profile = &self.api.access().profile;
        Ok(Overview {
            app: self.stack.app.clone(),
            backend: self.api.kind(),
            manifest: None,
            api: Some(format!("{} (profile {})", profile.address, profile.name)),
            status: self.stack.status.clone().filter(|_| !is_ours),
            paused: is_ours && self.is_paused().await?,
            release,
            services: self.services().await?.into_iter().map(Listed::overview).collect(),
            deployments,
            waiting,
            failing_hooks: self.stack.failing_hooks.clone(),
        })
    }

    /// The services; a stack that is no container stack has none.
    pub(super) async fn services(&self) -> Result<Vec<Listed>> {
        if self.stack.framework != "docker" {
            return Ok(Vec::new());
        }
        Ok(self.api.list(&self.path("/services"), &[]).await?.iter().filter_map(Listed::of).collect())
    }

    pub(super) async fn must_have(&self, name: &ServiceName) -> Result<()> {
        let choice = ServiceChoice { name: name.to_string(), reference: None };
        Ok(check_known(&self.services().await?, &[choice])?)
    }

    /// The stack as it is now.
    pub(super) async fn stack_now(&self) -> Result<Stack> {
        let stack = self.api.get(&self.path(""), &[]).await?;
        Stack::of(&stack).ok_or_else(|| self.odd("it should be a stack, and is none"))
    }

    /// The newest deployments, newest first. In which order an API lists them is seen by their numbers: where the oldest come
    /// first, the newest are on the last page.
    pub(super) async fn newest(&self, most: usize) -> Result<Vec<Deployment>> {
        let path = self.path("/deployments");
        let (mut items, about) = self.api.page(&path, 1, &[]).await?;
        let ids: Vec<u64> = items.iter().filter_map(|item| number(&item["id"])).collect();
        let oldest_first = ids.first() < ids.last();
        let mut next = if oldest_first { about.pages.filter(|last| *last > 1) } else { about.next };
        if oldest_first && next.is_none() && about.next.is_some() {
            // It has several pages, and does not say how many.
            return Ok(self.newest_of(&self.api.list(&path, &[]).await?, most));
        }
        let mut on_other_pages = 0;
        while let Some(page) = next {
            if (if oldest_first { on_other_pages } else { items.len() }) >= most {
                break;
            }
            let (more, about) = self.api.page(&path, page, &[]).await?;
            on_other_pages += more.len();
            items.extend(more);
            next = if oldest_first { Some(page - 1).filter(|page| *page > 1) } else { about.next };
        }
        Ok(self.newest_of(&items, most))
    }

    fn newest_of(&self, items: &[Value], most: usize) -> Vec<Deployment> {
        let deployments = items.iter().filter_map(|item| shown(item, &self.stack.app));
        let mut deployments: Vec<Deployment> = deployments.map(|shown| shown.deployment).collect();
        deployments.sort_by_key(|one| std::cmp::Reverse(one.id));
        deployments.dedup_by_key(|one| one.id);
        deployments.truncate(most);
        deployments
    }

    pub(super) async fn newest_deployments(&self) -> Result<Vec<Deployment>> {
        self.newest(NEWEST).await
    }

    pub(super) async fn one_deployment(&self, id: Option<u64>) -> Result<Deployment> {
        if let Some(own) = id.and_then(|id| self.own(id)) {
            return Ok(self.look_at_own(own.clone()).await?.0.deployment);
        }
        if let Some(id) = id {
            return Ok(self.fetch(id).await?.deployment);
        }
        let newest = self.newest(1).await?.pop();
        newest.ok_or_else(|| self.not_found("deployment yet".to_owned(), "deployments list"))
    }

    /// What runs, then what waits in its order, and how many wait in all.
    async fn all_unfinished(&self) -> Result<(Vec<Deployment>, u64)> {
        if self.api.kind() == BackendKind::Server {
            let query = [("unfinished", "true")];
            let (items, about) = self.api.page(&self.path("/deployments"), 1, &query).await?;
            let unfinished = items.iter().filter_map(|item| shown(item, &self.stack.app));
            let unfinished: Vec<Deployment> = unfinished.map(|Shown { deployment, .. }| deployment).collect();
            let running = unfinished.iter().filter(|one| one.state == DeploymentState::Running).count();
            let all = about.count.unwrap_or_else(|| as_number(unfinished.len()));
            return Ok((unfinished, all.saturating_sub(as_number(running))));
        }
        let mut unfinished = self.newest_deployments().await?;
        unfinished.retain(|one| !one.state.is_over());
        // What was asked for first comes first, but for what runs.
        unfinished.sort_by_key(|one| (one.state != DeploymentState::Running, one.id));
        let waiting = unfinished.iter().filter(|one| one.state == DeploymentState::Queued).count();
        Ok((unfinished, as_number(waiting)))
    }

    pub(super) async fn the_unfinished(&self) -> Result<Deployment> {
        let (unfinished, waiting) = self.all_unfinished().await?;
        let mut unfinished = unfinished.into_iter();
        match unfinished.next() {
            None => Err(self.not_found("deployment that runs or waits".to_owned(), "deployments list")),
            Some(first) if first.state == DeploymentState::Queued && waiting > 1 => {
                Err(BackendError::ManyWait { app: self.stack.app.clone(), waiting })
            }
            Some(first) => Ok(first),
        }
    }

    pub(super) async fn hook_url(&self, rotate: Option<Overlap>) -> Result<HookUrl> {
        let url = match rotate {
            None => self.stack.redeploy_hook.clone(),
            Some(Overlap(overlap)) => {
                must(self.api.kind(), Ability::RotateHookUrl)?;
                let body = json!({ "overlap": (!overlap.is_zero()).then(|| duration::show(overlap)) });
                let path = self.path("/redeploy_hook/rotate");
                let made = self.api.send(Method::POST, &path, &[], Some(&body)).await?;
                some_text(&made.response["redeploy_hook"])
            }
        };
        let said = "it does not show the redeployment hook to this token".to_owned();
        let api = self.api.who().api.clone();
        Ok(HookUrl { url: url.ok_or(RemoteError::Forbidden { api, said })?, note: None })
    }
}

fn as_number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
