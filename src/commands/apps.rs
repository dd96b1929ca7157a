//! `hookbelt apps`: the apps known here, and one at a glance.

use serde::Serialize;

use crate::backends::{Overview, ServiceOverview};
use crate::context::Context;
use crate::domain::app::AppIdentity;
use crate::domain::deployment::{Deployment, DeploymentState};
use crate::domain::release::Release;
use crate::error::Error;
use crate::output::{Details, Row, local_minute};
use crate::store::releases::Releases;

/// Which apps.
#[derive(Debug, clap::Args)]
pub struct ListArgs {}

/// Which app: that of -s, or of the manifest.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {}

/// An app in the list.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    app: AppIdentity,
    manifest: String,
    release: Option<Release>,
}

impl Row<5> for Listed {
    const HEADERS: [&'static str; 5] = ["NAME", "ENVIRONMENT", "RELEASE", "DEPLOYED", "MANIFEST"];
    fn cells(&self) -> [String; 5] {
        let number = self.release.as_ref().map(|release| release.release.to_string());
        let deployed = self.release.as_ref().and_then(|release| release.ended_at).map(local_minute);
        [
            self.app.name.to_string(),
            self.app.environment.to_string(),
            number.unwrap_or_default(),
            deployed.unwrap_or_default(),
            self.manifest.clone(),
        ]
    }
}

/// Lists the apps in the store.
///
/// # Errors
/// When the store cannot be read.
pub async fn list(_: ListArgs, context: &Context) -> Result<(), Error> {
    let store = context.store().await?;
    let mut apps = Vec::new();
    for record in store.apps().await? {
        let release = store.releases(&record.uid, Releases::Succeeded, 1).await?.pop();
        apps.push(Listed { app: record.identity, manifest: record.manifest.display().to_string(), release });
    }
    Ok(context
        .output()
        .list(&apps, "no apps are known here yet: `hookbelt init` writes a manifest, `hookbelt redeploy` deploys it")?)
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
        let mut details = vec![("app", self.app.to_string()), ("manifest", self.manifest.clone())];
        details.push(("release", self.release.as_ref().map_or_else(|| "none yet".to_owned(), in_a_line)));
        details.extend(self.services.iter().map(|service| ("service", service_line(service))));
        details.extend(self.deployments.iter().map(|deployment| match deployment.state {
            DeploymentState::Running => ("running", deployment_line(deployment)),
            _ => ("waiting", deployment_line(deployment)),
        }));
        let shown = self.deployments.iter().filter(|deployment| deployment.place.is_some()).count() as u64;
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
