//! Releases, as the controller tells of them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::domain::deployment::RunState;
use crate::domain::release::{Release as Made, ReleaseNumber};
use crate::domain::workflow_id::stable_uuid;
use crate::server::Site;
use crate::server::workflow_v2::page::{Window, shown};
use crate::server::workflow_v2::reply::{Answer, Reply, json_reply};
use crate::server::workflow_v2::request::AboutApp;
use crate::store::Slice;
use crate::store::releases::Releases;

/// A release, with the controller's fields.
#[derive(Debug, Serialize)]
struct Release {
    uuid: String,
    app: String,
    owner: String,
    created: String,
    updated: String,
    version: u64,
    summary: String,
    failed: bool,
    /// Why it failed; this one is Hephy's.
    exception: Option<String>,
    config: String,
    build: Option<String>,
    /// How its deployment stands; this one is ours.
    state: RunState,
}

/// `GET /v2/apps/{id}/releases/`: newest first, the failed and running ones too.
pub(super) async fn list(State(site): State<Arc<Site>>, about: AboutApp, window: Window) -> Answer {
    let uid = &about.job.record.uid;
    let slice = Slice { after: window.offset, most: window.limit };
    let (made, count) = site.store.release_page(uid, Releases::All, slice).await?;
    let mut releases = Vec::new();
    for made in made {
        releases.push(release(&site, &about, made).await?);
    }
    let page = window.page(&format!("{}/v2/apps/{}/releases/", site.address.url(), about.id), count, releases);
    Ok(json_reply(StatusCode::OK, &page))
}

/// `GET /v2/apps/{id}/releases/v{n}/`
pub(super) async fn show(State(site): State<Arc<Site>>, about: AboutApp) -> Answer {
    let number = ReleaseNumber(about.version.unwrap_or_default());
    let made = site.store.release(&about.job.record.uid, number).await?.ok_or(Reply::NotFound("Release"))?;
    let release = release(&site, &about, made).await?;
    Ok(json_reply(StatusCode::OK, &release))
}

async fn release(site: &Site, about: &AboutApp, made: Made) -> Result<Release, Reply> {
    let (uid, version) = (about.job.record.uid.as_str(), made.release.0);
    let failed = matches!(made.state, RunState::Failed | RunState::Canceled | RunState::Superseded);
    let deployment = if failed { site.store.deployment(made.deployment).await? } else { None };
    let number = version.to_string();
    Ok(Release {
        uuid: stable_uuid(&["release", uid, &number]),
        app: about.id.clone(),
        owner: made.user,
        created: shown(made.started_at),
        updated: shown(made.ended_at.unwrap_or(made.started_at)),
        version,
        summary: made.summary,
        failed,
        exception: deployment.and_then(|deployment| deployment.reason),
        config: stable_uuid(&["config", uid]),
        build: Some(stable_uuid(&["build", uid, &number])),
        state: made.state,
    })
}
