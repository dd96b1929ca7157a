//! `hookbelt redeploy`: deploy an app's services and wait until they are deployed.

use std::time::Duration;

use crate::backends::Backend;
use crate::backends::watch::{Patience, Signals, Stopped, Watched, watch};
use crate::context::Context;
use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState};
use crate::domain::duration;
use crate::domain::git_ref::GitRef;
use crate::domain::plan::{Plan, PlannedService, Request, Selection, ServiceChoice, SkippedService};
use crate::error::{Error, Kind};
use crate::output::{Format, Row};

/// What can be said about a redeploy.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Interrupting it, or running out of --timeout, cancels the deployment.

Examples:
  hookbelt redeploy
  hookbelt redeploy --dry-run --service web
  hookbelt redeploy -s shop --service web:8c7f3d3 --service api:latest
  hookbelt redeploy -s shop -e production -y --git-ref v1")]
pub struct Args {
    /// Deploy this service only (repeatable); REF is a Git ref, or an image's tag or digest
    #[arg(long = "service", value_name = "NAME[:REF]", conflicts_with = "deployment_profile")]
    pub services: Vec<ServiceChoice>,
    /// Deploy git services that got no REF of their own at this branch, tag or commit
    #[arg(long, value_name = "REF")]
    pub git_ref: Option<GitRef>,
    /// Deploy the services of this deployment profile
    #[arg(long, value_name = "NAME")]
    pub deployment_profile: Option<String>,
    /// Show what would be deployed and why the rest is skipped; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Cancel the deployment if it has not ended after this long, as 30m
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Wait for the end, which is what it does anyway
    #[arg(long, hide = true)]
    pub listen: bool,
}

impl Args {
    fn request(&self) -> Request {
        let selection = match &self.deployment_profile {
            Some(name) => Selection::DeploymentProfile(name.clone()),
            None if self.services.is_empty() => Selection::Everything,
            None => Selection::Services(self.services.clone()),
        };
        Request { selection, git_ref: self.git_ref.clone(), git: None }
    }

    fn patience(&self, context: &Context) -> Result<Patience, Error> {
        let from_environment = || match context.variables().text("HOOKBELT_TIMEOUT")? {
            Some(text) => duration::parse(&text)
                .map(Some)
                .map_err(|error| Error::new(Kind::Usage, format!("HOOKBELT_TIMEOUT: {error}"))),
            None => Ok(None),
        };
        let timeout = self.timeout.map_or_else(from_environment, |timeout| Ok(Some(timeout)))?;
        Ok(Patience { timeout, heartbeat: context.limits()?.heartbeat })
    }
}

/// Plans, asks, deploys, and watches to the end.
///
/// # Errors
/// When anything but a successful deployment came of it.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let patience = args.patience(context)?;
    let mut backend = context.backend().await?;
    let plan = backend.plan(&args.request())?;
    if args.dry_run {
        show_plan(&plan, context)?;
        return something_selected(&plan);
    }
    something_selected(&plan)?;
    confirm(backend.as_ref(), &plan, context)?;
    let signals = Signals::take()?;
    let deployment = backend.redeploy(&plan).await?;
    let watched = watch(backend.as_mut(), deployment, signals, context.output(), patience).await?;
    show_end(&watched.deployment, context)?;
    outcome(watched, context)
}

fn something_selected(plan: &Plan) -> Result<(), Error> {
    if plan.services.is_empty() { Err(Error::new(Kind::NothingToDo, "this selects no service")) } else { Ok(()) }
}

/// Only production asks.
fn confirm(backend: &dyn Backend, plan: &Plan, context: &Context) -> Result<(), Error> {
    let app = backend.app();
    if context.settings().yes || !app.environment.is_production() {
        return Ok(());
    }
    if !context.output().can_ask() {
        let error = Error::new(Kind::Usage, format!("redeploying {app} needs a yes, and there is nobody to ask"));
        return Err(error.with_hint("add -y"));
    }
    let what = plan.services.iter().map(|planned| format!("{} {}", planned.service, planned.target.short()));
    let what: Vec<String> = what.map(|what| what.trim_end().to_owned()).collect();
    if context.output().confirm(&format!("Redeploy {app}: {}?", what.join(", ")))? {
        return Ok(());
    }
    Err(Error::new(Kind::Canceled, "declined: nothing was deployed"))
}

/// The end as a document, or as a line of what was deployed.
fn show_end(deployment: &Deployment, context: &Context) -> Result<(), Error> {
    let succeeded = deployment.state == DeploymentState::Succeeded;
    if !succeeded && context.output().format() == Format::Text {
        return Ok(());
    }
    let parts = deployment.services.iter().filter(|part| part.state == RunState::Succeeded);
    let what: Vec<String> = parts.map(what_of).collect();
    let release = deployment.release.map(|release| release.to_string()).unwrap_or_default();
    let line = format!("deployed {} {release}: {}", deployment.app, what.join(", "));
    match context.output().say(&line, deployment) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        said => Ok(said?),
    }
}

fn what_of(part: &DeployedService) -> String {
    format!("{} {}", part.service, part.target.short()).trim_end().to_owned()
}

/// The exit code that fits.
fn outcome(watched: Watched, context: &Context) -> Result<(), Error> {
    let deployment = watched.deployment;
    let reason = deployment.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let text = format!("deployment {} of {} {}{reason}", deployment.id, deployment.app, deployment.state);
    let kind = match (deployment.state, watched.stopped) {
        (DeploymentState::Succeeded, _) => return Ok(()),
        (DeploymentState::Canceled, Some(Stopped::TimedOut)) => Kind::TimedOut,
        (DeploymentState::Canceled, Some(Stopped::Interrupted)) => Kind::Interrupted,
        (DeploymentState::Canceled, None) => Kind::Canceled,
        _ => Kind::Failed,
    };
    let logs = format!("hookbelt logs {}--deployment {}", context.same_app(), deployment.id);
    Err(Error::new(kind, text).with_hint(format!("`{logs}` shows its log again")))
}

/// A line of a plan.
#[derive(Debug, serde::Serialize)]
struct Line<'a> {
    service: &'a str,
    plan: &'static str,
    detail: String,
}

impl Row<3> for Line<'_> {
    const HEADERS: [&'static str; 3] = ["SERVICE", "PLAN", "DETAIL"];
    fn cells(&self) -> [String; 3] {
        [self.service.to_owned(), self.plan.to_owned(), self.detail.clone()]
    }
}

/// The plan as a document, or as a table of its services.
fn show_plan(plan: &Plan, context: &Context) -> Result<(), Error> {
    if context.output().format() == Format::Json {
        return Ok(context.output().say("", plan)?);
    }
    let deployed = plan.services.iter().map(|PlannedService { service, target }| {
        let image = target.image.as_ref().map(ToString::to_string);
        let from = image.or_else(|| target.reference.clone()).or_else(|| target.branch.clone());
        Line { service: service.as_str(), plan: "deploy", detail: from.unwrap_or_else(|| "HEAD".to_owned()) }
    });
    let skipped = plan.skipped.iter().map(|SkippedService { service, reason }| Line {
        service: service.as_str(),
        plan: "skip",
        detail: reason.to_string(),
    });
    Ok(context.output().list(&deployed.chain(skipped).collect::<Vec<_>>(), "")?)
}
