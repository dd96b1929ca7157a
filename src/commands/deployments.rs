//! `hookbelt deployments`: each run of a redeploy.

use std::time::Duration;

use crate::context::Context;
use crate::domain::deployment::{DeployedService, Deployment, RunState};
use crate::domain::duration;
use crate::error::Error;
use crate::output::{Details, Row, local_minute, local_time};

/// What can be done with deployments.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the newest deployments of an app
    List(ListArgs),
    /// Show a deployment and what it did to each service
    Show(ShowArgs),
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
            ("reason", self.reason.clone()),
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
