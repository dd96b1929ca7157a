//! `POST /stacks/redeploy/{a}/{b}`: the redeployment hook. It is answered once what it asks for is on disk.

mod addressee;
mod answer;
mod body;
mod told;

pub use crate::server::redeploy_hook::addressee::Addressees;
pub use crate::server::redeploy_hook::body::Bodies;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, Method, Request};
use axum::routing::any;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::domain::causes::with_causes;
use crate::domain::continuous::{EventCase, HostDeployment, Pushed, is_waited, repository_of};
use crate::domain::hook_signature;
use crate::domain::payload::{Received, Sender};
use crate::domain::plan::{NewHead, Plan};
use crate::domain::queue::Push;
use crate::domain::redeploy_hook::{Asked, Trigger, understand};
use crate::engine::{Job, new_uid};
use crate::server::Site;
use crate::server::redeploy_hook::addressee::Addressee;
use crate::server::redeploy_hook::answer::{Answer, Refused};
use crate::store::accept::{Delivery, NewHook, Outcome, Way};
use crate::store::pushes::{DeployedBy, NewPush, OfPush};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/stacks/redeploy/{*secrets}", any(receive))
}

/// A request is answered in a task of its own, so that one that was begun is told and counted also if its sender goes away.
async fn receive(
    State(site): State<Arc<Site>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    secrets: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Result<Answer, Refused> {
    let came = Instant::now();
    let from = site.sender(peer, request.headers());
    let secrets = secrets.map(|Path(secrets)| secrets).unwrap_or_default();
    let answering = tokio::spawn(async move { answer(&site, came, from, &secrets, request).await });
    answering.await.unwrap_or(Err(Refused::Broken))
}

async fn answer(
    site: &Site,
    came: Instant,
    from: IpAddr,
    secrets: &str,
    request: Request<Body>,
) -> Result<Answer, Refused> {
    match addressee::find(site, secrets, came).await {
        Ok(addressee) => {
            let decided = take(site, &addressee, request).await;
            told::of_app(site, &addressee.job.app.identity, from, &decided);
            decided
        }
        Err(refused) => {
            told::of_nobody(site, from, &refused);
            Err(refused)
        }
    }
}

async fn take(site: &Site, addressee: &Addressee, request: Request<Body>) -> Result<Answer, Refused> {
    if request.method() != Method::POST {
        return Err(Refused::NotPost);
    }
    if site.is_stopping() {
        return Err(Refused::Stopping);
    }
    let (head, body) = request.into_parts();
    let body = site.bodies.read(&head.headers, body, site.limits.request_body).await?;
    let headers = texts(&head.headers);
    let received = Received { headers: &headers, query: head.uri.query().unwrap_or_default(), body: &body.bytes };
    let now = Timestamp::now();
    verify(addressee, &received, now)?;
    decide(site, &addressee.job, &received, &body.bytes, now).await
}

/// The headers that are text, in their order.
fn texts(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}

async fn decide(
    site: &Site,
    job: &Job,
    received: &Received<'_>,
    body: &Arc<Vec<u8>>,
    now: Timestamp,
) -> Result<Answer, Refused> {
    match understand(received)? {
        Asked::Ignored(reason) => Ok(Answer::ignored(reason)),
        Asked::Deploy(trigger) => {
            let plan = Plan::of(&job.app, &trigger.request)?;
            let way = way_of_push(site, job, &trigger, &plan).await?;
            deploy(site, job, trigger, plan, way, body, now).await
        }
        Asked::GithubDeployment { deployment, trigger } => {
            let settings = site.store.settings(&job.record.uid).await?;
            match EventCase::of(&deployment, &job.app.identity.environment, &settings) {
                EventCase::Ignored(reason) => Ok(Answer::ignored(reason)),
                EventCase::OfPush(nonce) => deploy_push(site, job, &nonce, deployment.id, now).await,
                EventCase::OfSomebody => {
                    let plan = Plan::of(&job.app, &trigger.request)?;
                    let way = way_of_event(site, job, &plan, deployment.id);
                    deploy(site, job, trigger, plan, way, body, now).await
                }
            }
        }
    }
}

/// An app whose manifest names secrets takes signed requests only.
fn verify(addressee: &Addressee, received: &Received<'_>, now: Timestamp) -> Result<(), Refused> {
    match &addressee.secrets {
        Ok(secrets) if secrets.is_empty() => Ok(()),
        Ok(secrets) => hook_signature::verify(received, secrets, now).map(drop).map_err(Refused::Signature),
        Err(why) => Err(Refused::Secret(why.clone())),
    }
}

/// A push waits for its deployment at the Git host where `continuous.deploy` is on and one can be created.
async fn way_of_push(site: &Site, job: &Job, trigger: &Trigger, plan: &Plan) -> Result<Way, Refused> {
    let Some(Pushed { repository, sha }) = Pushed::of(&job.app, trigger, plan) else {
        return Ok(Way::Directly);
    };
    if !site.git_host.has(job, &repository) || !is_waited(&site.store.settings(&job.record.uid).await?) {
        return Ok(Way::Directly);
    }
    let nonce = new_uid().map_err(|error| Refused::Store(with_causes(&error)))?;
    Ok(Way::After(NewPush { nonce, repository, sha }))
}

/// A host that can be told how the run stands is told.
fn way_of_event(site: &Site, job: &Job, plan: &Plan, id: u64) -> Way {
    let repository = repository_of(&job.app, plan).filter(|repository| site.git_host.has(job, repository));
    repository.map_or(Way::Directly, |repository| Way::For(HostDeployment { repository, id }))
}

/// Deploys the push that waits under a nonce, as it was planned when it came.
async fn deploy_push(site: &Site, job: &Job, nonce: &str, id: u64, now: Timestamp) -> Result<Answer, Refused> {
    let mode = job.app.redeployment_hook.mode;
    Ok(match site.store.deploy_push(&job.record.uid, nonce, &DeployedBy::Event(id), mode, now).await? {
        OfPush::Deployed { plan, user, accepted } => Answer::of(*plan, &accepted).by(user),
        OfPush::Before(before) => Answer::ignored(format!("its push was deployed before, as deployment {before}")),
        OfPush::Unknown => Answer::ignored("its nonce is that of no push to this app".to_owned()),
    })
}

async fn deploy(
    site: &Site,
    job: &Job,
    trigger: Trigger,
    plan: Plan,
    way: Way,
    body: &Arc<Vec<u8>>,
    now: Timestamp,
) -> Result<Answer, Refused> {
    let user = trigger.user.clone().unwrap_or_else(|| "hook".to_owned());
    let hook = NewHook {
        app_uid: job.record.uid.clone(),
        plan: plan.clone(),
        delivery: delivery(&trigger),
        hook: trigger.hook,
        mode: job.app.redeployment_hook.mode,
        user: user.clone(),
        body: body.clone(),
        way,
        now,
    };
    let outcome = site.hooks.accept(hook).await.ok_or(Refused::Stopping)??;
    match outcome {
        Outcome::Full => Err(Refused::Full),
        Outcome::Accepted(accepted) => Ok(Answer::of(plan, &accepted).by(user)),
        Outcome::Waits => Ok(Answer::waits(plan).by(user)),
        Outcome::Repeated(first) => Ok(Answer::repeated(plan, &first).by(user)),
        Outcome::StillWaits => Ok(Answer::still_waits(plan).by(user)),
    }
}

/// By what a repetition is known: the host's id of the delivery; and a further attempt of Bitbucket, which may have another
/// id, by what was pushed. A first attempt is never taken for a repetition of that, since a branch may go back and forth.
fn delivery(trigger: &Trigger) -> Option<Delivery> {
    let delivery = trigger.delivery.as_ref()?;
    let pushed = trigger.hook.push.as_ref().filter(|_| trigger.sender == Sender::Bitbucket).map(heads);
    let mut ids = vec![delivery.id.clone()];
    let also = if delivery.attempt > 1 {
        ids.extend(pushed);
        None
    } else {
        pushed
    };
    Some(Delivery { modifiers: trigger.modifiers.clone(), ids, also })
}

fn heads(push: &Push) -> String {
    let head = |head: &NewHead| {
        let or_none = |sha: &Option<String>| sha.clone().unwrap_or_else(|| "-".to_owned());
        format!("{} {}..{}", head.branch, or_none(&head.before), or_none(&head.after))
    };
    push.heads.iter().map(head).collect::<Vec<_>>().join(", ")
}
