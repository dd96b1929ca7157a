//! `hookbelt apps`: the apps known here and at a deploy API, and one at a glance.

use crate::backends::abilities::Ability;
use crate::backends::{ListedApp, Overview, ServiceOverview};
use crate::context::Context;
use crate::context::place::ChosenBy;
use crate::domain::delivery::FailingHook;
use crate::domain::deployment::{Deployment, DeploymentState};
use crate::domain::profile::BackendKind;
use crate::domain::release::Release;
use crate::error::Error;
use crate::output::{Details, Row, local_minute, next_attempt};
use crate::store::releases::Releases;

/// Which apps.
#[derive(Debug, clap::Args)]
pub struct ListArgs {}

/// Which app: that of -s, or of the manifest.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {}

impl Row<5> for ListedApp {
    const HEADERS: [&'static str; 5] = ["NAME", "ENVIRONMENT", "RELEASE", "DEPLOYED", "WHERE"];
    fn cells(&self) -> [String; 5] {
        let release = self.release.map(|release| release.to_string());
        [
            self.app.name.to_string(),
            self.app.environment.to_string(),
            release.or_else(|| self.status.clone()).unwrap_or_default(),
            self.deployed_at.map(local_minute).unwrap_or_default(),
            self.manifest.clone().or_else(|| self.profile.clone()).unwrap_or_default(),
        ]
    }
}

/// Lists the apps in the store, and those of the default deploy API; of one that is named, those alone.
///
/// # Errors
/// When the store cannot be read, or the deploy API fails.
pub async fn list(_: ListArgs, context: &Context) -> Result<(), Error> {
    let elsewhere = context.elsewhere()?;
    let mut apps = match &elsewhere {
        Some(chosen) if chosen.by != ChosenBy::Default => Vec::new(),
        _ => here(context).await?,
    };
    if let Some(chosen) = elsewhere {
        apps.extend(context.apps_of(chosen).await?);
    }
    Ok(context
        .output()
        .list(&apps, "no apps are known here yet: `hookbelt init` writes a manifest, `hookbelt redeploy` deploys it")?)
}

/// The apps in the store.
async fn here(context: &Context) -> Result<Vec<ListedApp>, Error> {
    let store = context.store().await?;
    let mut apps = Vec::new();
    for record in store.apps().await? {
        let release = store.releases(&record.uid, Releases::Succeeded, 1).await?.pop();
        apps.push(ListedApp {
            app: record.identity,
            backend: BackendKind::Embedded,
            profile: None,
            manifest: Some(record.manifest.display().to_string()),
            status: None,
            release: release.as_ref().map(|release| release.release),
            deployed_at: release.and_then(|release| release.ended_at),
        });
    }
    Ok(apps)
}

/// Shows one app.
///
/// # Errors
/// When it cannot be found.
pub async fn show(_: ShowArgs, context: &Context) -> Result<(), Error> {
    let overview = context.backend().await?.overview().await?;
    Ok(context.output().show(&overview)?)
}

impl Details for Overview {
    fn details(&self) -> Vec<(&'static str, String)> {
        let mut details = vec![("app", self.app.to_string())];
        let places = [("manifest", &self.manifest), ("deploy API", &self.api), ("status", &self.status)];
        details.extend(places.into_iter().filter_map(|(label, value)| Some((label, value.clone()?))));
        details.extend(self.paused.then(|| ("paused", "until the setting deploy.paused is false".to_owned())));
        let has_releases = Ability::Releases.of(self.backend).is_ok();
        if has_releases {
            details.push(("release", self.release.as_ref().map_or_else(|| "none yet".to_owned(), in_a_line)));
        }
        let service_line = if has_releases { service_line } else { service_line_without_release };
        details.extend(self.services.iter().map(|service| ("service", service_line(service))));
        details.extend(self.deployments.iter().map(|deployment| match deployment.state {
            DeploymentState::Running => ("running", deployment_line(deployment)),
            _ => ("waiting", deployment_line(deployment)),
        }));
        details.extend(self.failing_hooks.iter().map(|hook| ("failing hook", hook_line(hook))));
        let shown = self.deployments.iter().filter(|one| one.state == DeploymentState::Queued).count() as u64;
        let more = self.waiting.saturating_sub(shown);
        details.extend((more > 0).then(|| ("waiting", format!("{more} more"))));
        details
    }
}

fn in_a_line(release: &Release) -> String {
    let when = release.ended_at.map(|time| format!(", {}", local_minute(time))).unwrap_or_default();
    format!("{}: {}{when}", release.release, release.summary)
}

fn service_line(service: &ServiceOverview) -> String {
    let Some(release) = service.release else {
        return format!("{}: not deployed yet", service.service);
    };
    let what = service.target.short();
    if what.is_empty() {
        format!("{}: {release}", service.service)
    } else {
        format!("{}: {what} ({release})", service.service)
    }
}

fn service_line_without_release(service: &ServiceOverview) -> String {
    let target = &service.target;
    let what = Some(target.short()).filter(|short| !short.is_empty()).or_else(|| target.branch.clone());
    what.map_or_else(|| service.service.to_string(), |what| format!("{}: {what}", service.service))
}

fn hook_line(hook: &FailingHook) -> String {
    let error = hook.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
    let state = match (hook.is_off, hook.next_attempt_at) {
        (true, _) => "switched off".to_owned(),
        (false, Some(next)) => next_attempt(next),
        (false, None) => "given up".to_owned(),
    };
    format!("{}, delivery {}, {state}{error}", hook.url, hook.delivery)
}

fn deployment_line(deployment: &Deployment) -> String {
    let since = local_minute(deployment.started_at.unwrap_or(deployment.created_at));
    let place = deployment.place.map(|place| format!(", place {place}")).unwrap_or_default();
    let attempt = match deployment.attempt {
        0 | 1 => String::new(),
        attempt => format!(", attempt {attempt}"),
    };
    let reason = deployment.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("deployment {} by {}, since {since}{place}{attempt}{reason}", deployment.id, deployment.user)
}
