//! Deployments at GitHub: the requests that create one, find it again and tell how it stands.

use serde_json::{Value, json};

use crate::domain::continuous::{NewHostDeployment, StatusReport, nonce_in};
use crate::domain::git_host::{HostKind, HostRequest, RepositoryPath, part};

/// What the deployments are for: what is not `deploy` deploys nothing.
const TASK: &str = "deploy";

/// The request that creates one: of exactly that commit, with nothing merged into it and no checks waited for.
#[must_use]
pub fn create(repository: &RepositoryPath, new: &NewHostDeployment) -> HostRequest {
    HostRequest::new("POST", repository.api(HostKind::Github, "/deployments")).with(json!({
        "ref": new.sha,
        "task": TASK,
        "auto_merge": false,
        "required_contexts": [],
        "payload": new.payload,
        "environment": new.environment,
        "description": new.description,
    }))
}

/// The request that lists those among which one is that was created before.
#[must_use]
pub fn like(repository: &RepositoryPath, new: &NewHostDeployment) -> HostRequest {
    let (sha, environment) = (part(&new.sha), part(&new.environment));
    let query = format!("/deployments?sha={sha}&task={TASK}&environment={environment}&per_page=100");
    HostRequest::new("GET", repository.api(HostKind::Github, &query))
}

/// The one among them that carries the same nonce.
#[must_use]
pub fn same(list: &Value, new: &NewHostDeployment) -> Option<u64> {
    let nonce = nonce_in(&new.payload)?;
    let mut deployments = list.as_array()?.iter();
    deployments.find(|one| nonce_in(&one["payload"]).as_deref() == Some(&nonce))?["id"].as_u64()
}

/// The request that tells how one stands.
#[must_use]
pub fn status(repository: &RepositoryPath, id: u64, report: &StatusReport) -> HostRequest {
    let mut body = json!({ "state": report.status.word(), "description": report.description });
    if let Some(url) = &report.log_url {
        body["log_url"] = json!(url);
    }
    HostRequest::new("POST", repository.api(HostKind::Github, &format!("/deployments/{id}/statuses"))).with(body)
}
