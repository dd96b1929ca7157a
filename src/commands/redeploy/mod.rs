//! `hookbelt redeploy`: deploy an app's services and wait until they are deployed.

mod payload;

use crate::backends::Wish;
use crate::commands::redeploy::payload::PayloadFlags;
use crate::context::Context;
use crate::deploying::{StrategyFlag, Waiting, confirm, deploy, show_plan, something_selected};
use crate::domain::git_ref::GitRef;
use crate::domain::plan::{Request, Selection, ServiceChoice};
use crate::domain::queue::{Insistence, Origin};
use crate::error::{Error, Kind};

/// What can be said about a redeploy.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
If a `hookbelt serve` has the app, it runs the deployment, which then goes on when this command is interrupted or runs \
out of --timeout. Else the deployment lives in this command, and both cancel it.

Examples:
  hookbelt redeploy
  hookbelt redeploy --dry-run --service web
  hookbelt redeploy --dry-run --payload captured.txt
  hookbelt redeploy --dry-run --payload-from github --payload push.json
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
    /// A request whose deployment is shown.
    #[command(flatten)]
    pub payload: PayloadFlags,
    /// Deploy though deployments are paused (setting deploy.paused)
    #[arg(long)]
    pub force: bool,
    /// How the services are run.
    #[command(flatten)]
    pub strategy: StrategyFlag,
    /// How the end is waited for.
    #[command(flatten)]
    pub waiting: Waiting,
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
}

/// Plans, asks, deploys, and watches to the end.
///
/// # Errors
/// When anything but a successful deployment came of it.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let patience = args.waiting.patience(context)?;
    if let Some(file) = &args.payload.payload {
        if args.dry_run {
            return payload::show(file, &args.payload, context).await;
        }
        let error =
            Error::new(Kind::Usage, "--payload needs --dry-run: it shows what would be deployed, and deploys nothing");
        return Err(error.with_hint("add --dry-run"));
    }
    let mut backend = context.backend().await?;
    let plan = backend.plan(&args.request())?;
    if args.dry_run {
        show_plan(&plan, &plan, context)?;
        return something_selected(&plan, "this selects no service");
    }
    something_selected(&plan, "this selects no service")?;
    confirm(&format!("Redeploy {}", backend.app()), &plan, backend.as_ref(), context)?;
    let wish = Wish {
        origin: Origin::Command,
        strategy: args.strategy.deploy_strategy.map(Into::into),
        insistence: if args.force { Insistence::Forced } else { Insistence::None },
        waits: args.waiting.waits(),
    };
    deploy(backend.as_mut(), &plan, &wish, patience, context).await
}
