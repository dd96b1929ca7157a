//! The services of a stack.

use axum::extract::Path;
use serde_json::{Value, json};

use crate::domain::git_url::without_credentials;
use crate::domain::image::Image;
use crate::domain::release::{ReleaseNumber, ServiceState};
use crate::domain::service::{Service, Source};
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::query::Query;
use crate::server::api_v3::reply::{self, Failure, Reply};

pub(super) async fn list(stack: Stack, query: Query) -> Reply {
    Ok(reply::page_of(&services(&stack).await?, query.page()?))
}

pub(super) async fn show(stack: Stack, Path((_, name)): Path<(String, String)>) -> Reply {
    let found = services(&stack).await?.into_iter().find(|service| service["name"] == name);
    found.map(|service| reply::one(&service)).ok_or_else(|| stack.lacks("service", &name))
}

async fn services(stack: &Stack) -> Result<Vec<Value>, Failure> {
    let states = stack.store().service_states(stack.uid(), ReleaseNumber(u64::MAX)).await?;
    let state = |service: &Service| states.iter().find(|state| state.service == service.name);
    Ok(stack.job.app.services.iter().map(|service| shown(service, state(service))).collect())
}

/// A service as its manifest describes it, and what it was last deployed from.
fn shown(service: &Service, state: Option<&ServiceState>) -> Value {
    let (git, image) = match &service.source {
        Source::Git(git) => (Some(git), None),
        Source::Image(image) => (None, Some(image)),
    };
    let deployed = state.map(|state| &state.target);
    let image = deployed.and_then(|target| target.image.as_ref()).or(image);
    let deployed_ref = deployed.and_then(|target| target.reference.as_deref().or(target.branch.as_deref()));
    let branch = git.and_then(|git| git.branch.as_deref());
    let repository = git.and_then(|git| git.repository.as_deref()).map(without_credentials);
    json!({
        "name": service.name,
        "containers": [],
        "source_type": if git.is_some() { "git" } else { "image" },
        "git_ref": git.and(deployed_ref.or(branch)).unwrap_or_default(),
        "image_name": image.map(Image::name).unwrap_or_default(),
        "image_uid": "",
        "image_tag": image.and_then(Image::reference).unwrap_or_default(),
        "command": "",
        "build_command": service.commands.build.as_deref().unwrap_or_default(),
        "deploy_command": service.commands.deploy,
        "wrap_command": "",
        "desired_count": 1,
        "git_repository": repository,
        "git_hash": deployed.and_then(|target| target.sha.as_deref()),
        "release": state.map(|state| state.release),
    })
}
