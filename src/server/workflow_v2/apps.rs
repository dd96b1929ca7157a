//! Apps, as the controller tells of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

use crate::domain::release::ReleaseNumber;
use crate::domain::workflow_id::{stable_uuid, workflow_id};
use crate::engine::Job;
use crate::server::Site;
use crate::server::workflow_v2::page::{Window, shown};
use crate::server::workflow_v2::reply::{Answer, Reply, json_reply};
use crate::server::workflow_v2::request::{AboutApp, Signed};

/// Who owns every app: nobody does, and clients want a name.
const OWNER: &str = "hookbelt";

/// An app, with the controller's fields.
#[derive(Debug, Serialize)]
struct App {
    uuid: String,
    id: String,
    owner: &'static str,
    /// One of each service that was deployed: the controller counts processes.
    structure: BTreeMap<String, u32>,
    created: String,
    updated: String,
}

/// `GET /v2/apps/`: those that are served, by id.
pub(super) async fn list(State(site): State<Arc<Site>>, _: Signed, window: Window) -> Answer {
    let mut jobs: Vec<(String, Arc<Job>)> =
        site.jobs().into_iter().map(|job| (workflow_id(&job.app.identity), job)).collect();
    jobs.sort_by(|(one, _), (other, _)| one.cmp(other));
    let count = jobs.len() as u64;
    let first = usize::try_from(window.offset).unwrap_or(usize::MAX);
    let most = usize::try_from(window.limit).unwrap_or(usize::MAX);
    let mut apps = Vec::new();
    for (id, job) in jobs.into_iter().skip(first).take(most) {
        apps.push(app(&site, id, &job).await?);
    }
    let page = window.page(&format!("{}/v2/apps/", site.address.url()), count, apps);
    Ok(json_reply(StatusCode::OK, &page))
}

/// `GET /v2/apps/{id}/`
pub(super) async fn show(State(site): State<Arc<Site>>, about: AboutApp) -> Answer {
    let app = app(&site, about.id, &about.job).await?;
    Ok(json_reply(StatusCode::OK, &app))
}

async fn app(site: &Site, id: String, job: &Job) -> Result<App, Reply> {
    let uid = &job.record.uid;
    let activity = site.store.activity(uid).await?;
    let states = site.store.service_states(uid, ReleaseNumber(u64::MAX)).await?;
    let is_here = |name| job.app.services.iter().any(|service| service.name == name);
    let deployed = states.into_iter().map(|state| state.service).filter(|name| is_here(name.clone()));
    Ok(App {
        uuid: stable_uuid(&["app", uid]),
        id,
        owner: OWNER,
        structure: deployed.map(|name| (name.to_string(), 1)).collect(),
        created: shown(activity.created_at),
        updated: shown(activity.last.unwrap_or(activity.created_at)),
    })
}
