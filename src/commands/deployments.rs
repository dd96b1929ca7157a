//! `hookbelt deployments`: each run of a redeploy.

use std::time::Duration;

use crate::backends::abilities::{Ability, must};
use crate::backends::watch::{OnInterrupt, Signals};
use crate::backends::{Asked, Lives};
use crate::context::Context;
use crate::deploying::{follow, patience};
use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState, Strategy};
use crate::domain::duration;
use crate::error::{Error, Kind};
use crate::output::{Details, Row, local_minute, local_time};
use crate::store::settle::CancelRequest;

/// What can be done with deployments.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the newest deployments of an app
    List(ListArgs),
    /// Show a deployment and what it did to each service
    Show(ShowArgs),
    /// Show a deployment's log from its beginning, and wait until it ends
    Watch(WatchArgs),
    /// Cancel a deployment that runs or waits
    Cancel(CancelArgs),
}

/// How many.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The most deployments to list
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The deployment's number; without it the newest
    #[arg(value_parser = id)]
    pub id: Option<u64>,
}

/// Which one, and for how long.
#[derive(Debug, clap::Args)]
#[command(after_help = "Interrupting it, or running out of --timeout, leaves the deployment alone.")]
pub struct WatchArgs {
    /// The deployment's number; without it the one that runs, else the newest
    #[arg(value_parser = id)]
    pub id: Option<u64>,
    /// Stop waiting after this long, as 30m
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub struct CancelArgs {
    /// The deployment's number; without it the one that runs, else the one that waits
    #[arg(value_parser = id)]
    pub id: Option<u64>,
}

/// A deployment's number: releases have a `v`, deployments do not.
fn id(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "a deployment has a number, as 12; `hookbelt deployments list` shows them".to_owned())
}

/// Runs one of them.
///
/// # Errors
/// When the app or the deployment cannot be found.
pub async fn run(command: Command, context: &Context) -> Result<(), Error> {
    match command {
        Command::List(args) => list(args, context).await,
        Command::Show(args) => show(args, context).await,
        Command::Watch(args) => watch(args, context).await,
        Command::Cancel(args) => cancel(args, context).await,
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Error> {
    let deployments = context.backend().await?.deployments(args.limit).await?;
    Ok(context.output().list(&deployments, "this app has no deployments yet")?)
}

async fn show(args: ShowArgs, context: &Context) -> Result<(), Error> {
    let deployment = context.backend().await?.deployment(args.id).await?;
    Ok(context.output().show(&deployment)?)
}

async fn watch(args: WatchArgs, context: &Context) -> Result<(), Error> {
    let patience = patience(args.timeout, OnInterrupt::Leave, context)?;
    let mut backend = context.backend().await?;
    must(backend.kind(), Ability::Deployments)?;
    let id = match args.id {
        Some(id) => backend.deployment(Some(id)).await?.id,
        None => match backend.overview().await?.deployments.first() {
            Some(first) if first.state == DeploymentState::Running => first.id,
            _ => backend.deployment(None).await?.id,
        },
    };
    let asked = Asked { id, lives: Lives::Elsewhere };
    follow(backend.as_mut(), asked, Signals::take()?, patience, context).await
}

/// Asks, and waits until what ran has ended; should whoever runs it die meanwhile, asks again.
async fn cancel(args: CancelArgs, context: &Context) -> Result<(), Error> {
    let mut backend = context.backend().await?;
    let before = match args.id {
        Some(id) => backend.deployment(Some(id)).await?,
        None => backend.unfinished().await?,
    };
    let reason = format!("canceled by {}", backend.user());
    let mut came_to = backend.cancel(before.id, &reason).await?;
    while came_to == CancelRequest::Asked {
        backend.log_news().await;
        came_to = backend.cancel(before.id, &reason).await?;
    }
    let deployment = backend.deployment(Some(before.id)).await?;
    let line = format!("deployment {} of {} {}", deployment.id, deployment.app, deployment.state);
    match (deployment.state, before.state.is_over()) {
        (DeploymentState::Canceled, false) => Ok(context.output().say(&line, &deployment)?),
        (DeploymentState::Canceled, true) => Ok(context.output().say(&format!("{line} already"), &deployment)?),
        _ => Err(Error::new(Kind::Failed, format!("nothing to cancel: {line}"))),
    }
}

fn took(deployment: &Deployment) -> Option<String> {
    let length = deployment.ended_at?.duration_since(deployment.started_at?);
    Duration::try_from(length).ok().map(duration::show)
}

impl Row<7> for Deployment {
    const HEADERS: [&'static str; 7] = ["ID", "STATE", "RELEASE", "SERVICES", "BY", "ASKED FOR", "TOOK"];
    fn cells(&self) -> [String; 7] {
        let deployed = self.services.iter().filter(|part| part.state != RunState::Skipped);
        let services: Vec<&str> = deployed.map(|part| part.service.as_str()).collect();
        [
            self.id.to_string(),
            self.state.to_string(),
            self.release.map(|release| release.to_string()).unwrap_or_default(),
            services.join(", "),
            self.user.clone(),
            local_minute(self.created_at),
            took(self).unwrap_or_default(),
        ]
    }
}

impl Details for Deployment {
    fn details(&self) -> Vec<(&'static str, String)> {
        let mut details = vec![
            ("deployment", self.id.to_string()),
            ("app", self.app.to_string()),
            ("state", self.state.to_string()),
            ("asked for", format!("{} by {} ({})", local_time(self.created_at), self.user, self.trigger)),
        ];
        let more = [
            ("place", self.place.map(|place| place.to_string())),
            ("attempt", (self.attempt > 1).then(|| self.attempt.to_string())),
            ("strategy", (self.strategy != Strategy::Serial).then(|| self.strategy.to_string())),
            ("reason", self.reason.clone()),
            ("rolls back to", self.rollback_to.map(|release| release.to_string())),
            ("release", self.release.map(|release| release.to_string())),
            ("started", self.started_at.map(local_time)),
            ("ended", self.ended_at.map(local_time)),
            ("took", took(self)),
        ];
        details.extend(more.into_iter().filter_map(|(label, value)| value.map(|value| (label, value))));
        details.extend(self.services.iter().map(|part| ("service", service_line(part))));
        details
    }
}

fn service_line(part: &DeployedService) -> String {
    let target = part.target.short();
    let target = if target.is_empty() { target } else { format!(" {target}") };
    let reason = part.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{}{target} {}{reason}", part.service, part.state)
}
