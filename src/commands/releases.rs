//! `hookbelt releases`: what deployments made of an app.

use crate::backends::{Act, ReleaseDetails, Wish};
use crate::context::Context;
use crate::deploying::{StrategyFlag, Waiting, able, confirm, deploy, show_plan, something_selected, told};
use crate::domain::git_ref::short;
use crate::domain::queue::Insistence;
use crate::domain::release::{Release, ReleaseNumber, ServiceState};
use crate::engine::rollback::RollbackPlan;
use crate::error::Error;
use crate::output::{Details, Row, local_minute, local_time};
use crate::store::releases::Releases;

/// What can be done with releases.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the newest releases of an app
    List(ListArgs),
    /// Show a release and what it left each service as
    Show(ShowArgs),
    /// Go back to a release: run the services that are not as they were
    Rollback(RollbackArgs),
}

/// Which and how many.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The failed and running ones too
    #[arg(long)]
    pub all: bool,
    /// The most releases to list
    #[arg(short = 'n', long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// The release, e.g. v4; without it the newest that succeeded
    pub release: Option<ReleaseNumber>,
}

/// Where to go back to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It makes a new release, with the commands that the manifest has now: the commits and images of the earlier one.

Examples:
  hookbelt releases rollback --dry-run
  hookbelt releases rollback v3 -y")]
pub struct RollbackArgs {
    /// The release, e.g. v3; without it the one before the current one
    pub release: Option<ReleaseNumber>,
    /// Show what would be deployed and why the rest is skipped; change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How the services are run.
    #[command(flatten)]
    pub strategy: StrategyFlag,
    /// How the end is waited for.
    #[command(flatten)]
    pub waiting: Waiting,
}

/// Runs one of them.
///
/// # Errors
/// When the app or the release cannot be found.
pub async fn run(command: Command, context: &Context) -> Result<(), Error> {
    match command {
        Command::List(args) => list(args, context).await,
        Command::Show(args) => show(args, context).await,
        Command::Rollback(args) => rollback(args, context).await,
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Error> {
    let which = if args.all { Releases::All } else { Releases::Succeeded };
    let releases = context.backend().await?.releases(which, args.limit).await?;
    Ok(context.output().list(&releases, "this app has no releases yet")?)
}

async fn show(args: ShowArgs, context: &Context) -> Result<(), Error> {
    let release = context.backend().await?.release(args.release).await?;
    Ok(context.output().show(&release)?)
}

async fn rollback(args: RollbackArgs, context: &Context) -> Result<(), Error> {
    let patience = args.waiting.patience(context)?;
    let mut backend = context.backend().await?;
    let (release, plan) = backend.plan_rollback(args.release).await?;
    let nothing = "every service is as it was in that release";
    if args.dry_run {
        let plan = told(plan, backend.as_ref())?;
        let rollback = RollbackPlan { release, plan };
        show_plan(&rollback.plan, &rollback, context)?;
        return something_selected(&rollback.plan, nothing);
    }
    if let Some(plan) = &plan {
        something_selected(plan, nothing)?;
    }
    let wish = Wish {
        act: Act::Rollback(release),
        strategy: args.strategy.deploy_strategy.map(Into::into),
        rollout: None,
        insistence: Insistence::None,
        waits: args.waiting.waits(),
    };
    let patience = able(backend.as_ref(), &wish, patience)?;
    let what = format!("Roll {} back to {release}", backend.app());
    confirm(&what, plan.as_ref(), backend.as_ref(), context)?;
    deploy(backend.as_mut(), plan.as_ref(), &wish, patience, context).await
}

impl Row<6> for Release {
    const HEADERS: [&'static str; 6] = ["RELEASE", "STATE", "SUMMARY", "SHA", "BY", "STARTED"];
    fn cells(&self) -> [String; 6] {
        [
            self.release.to_string(),
            self.state.to_string(),
            self.summary.clone(),
            short(&self.sha).to_owned(),
            self.user.clone(),
            local_minute(self.started_at),
        ]
    }
}

impl Details for ReleaseDetails {
    fn details(&self) -> Vec<(&'static str, String)> {
        let release = &self.release;
        let mut details = vec![
            ("release", release.release.to_string()),
            ("app", release.app.to_string()),
            ("state", release.state.to_string()),
            ("summary", release.summary.clone()),
            ("sha", release.sha.clone()),
            ("by", release.user.clone()),
            ("deployment", release.deployment.to_string()),
            ("started", local_time(release.started_at)),
            ("ended", release.ended_at.map(local_time).unwrap_or_default()),
        ];
        details.retain(|(_, value)| !value.is_empty());
        details.extend(self.services.iter().map(|state| ("service", service_line(state))));
        details
    }
}

fn service_line(state: &ServiceState) -> String {
    let words = [state.service.to_string(), state.target.short(), format!("(since {})", state.release)];
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
