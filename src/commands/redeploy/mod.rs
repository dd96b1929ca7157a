//! `hookbelt redeploy`: deploy an app's services and wait until they are deployed.

mod bare_hook;
mod payload;

use crate::backends::{Act, Rollout, Wish};
use crate::commands::redeploy::bare_hook::HookFlags;
use crate::commands::redeploy::payload::PayloadFlags;
use crate::context::Context;
use crate::context::secrets::SecretFlags;
use crate::deploying::{StrategyFlag, Waiting, able, confirm, deploy, show_plan, something_selected, told};
use crate::domain::git_ref::GitRef;
use crate::domain::plan::{Request, Selection, ServiceChoice};
use crate::domain::queue::Insistence;
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
  hookbelt redeploy -s shop -e production -y --git-ref v1
  HOOKBELT_HOOK_URL=https://… hookbelt redeploy --service web")]
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
    /// A redeployment hook that is posted to.
    #[command(flatten)]
    pub hook: HookFlags,
    /// The secret that signs what is posted.
    #[command(flatten)]
    pub secrets: SecretFlags,
    /// Deploy though deployments are paused (setting deploy.paused)
    #[arg(long)]
    pub force: bool,
    /// How the services are run.
    #[command(flatten)]
    pub strategy: StrategyFlag,
    /// How the new version takes over (Cloud 66): none, blue_green_immediate, blue_green_delayed or canary
    #[arg(long, value_name = "STRATEGY", value_enum, hide_possible_values = true)]
    pub rollout_strategy: Option<RolloutWord>,
    /// The share of the traffic that a canary gets, in percent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100), requires = "rollout_strategy")]
    pub canary_percentage: Option<u8>,
    /// How the end is waited for.
    #[command(flatten)]
    pub waiting: Waiting,
}

/// How a new version takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum RolloutWord {
    /// At once
    None,
    /// At once, beside the old one
    BlueGreenImmediate,
    /// When somebody says so, beside the old one
    BlueGreenDelayed,
    /// For a share of the traffic first
    Canary,
}

impl Args {
    /// What only means something with the URL of a redeployment hook, or with nothing else beside it.
    fn without_hook(&self) -> Result<(), Error> {
        let needs_hook = "name the URL of a redeployment hook with --hook-url-file, or leave it out";
        if !self.secrets.secret_file.is_empty() {
            return Err(Error::new(Kind::Usage, "--secret-file signs what is posted to a redeployment hook")
                .with_hint(needs_hook));
        }
        let chosen = !self.services.is_empty() || self.git_ref.is_some() || self.deployment_profile.is_some();
        match (&self.payload.payload, self.dry_run) {
            (Some(_), false) => Err(Error::new(
                Kind::Usage,
                "--payload needs --dry-run: it shows what would be deployed, and deploys nothing",
            )
            .with_hint("add --dry-run, or name the URL of a redeployment hook with --hook-url-file")),
            (Some(_), true) if chosen => Err(Error::new(
                Kind::Usage,
                "--payload says itself what is deployed: --service, --git-ref and --deployment-profile contradict it",
            )
            .with_hint("leave out one of them")),
            _ => Ok(()),
        }
    }

    fn rollout(&self) -> Result<Option<Rollout>, Error> {
        let strategy = match self.rollout_strategy {
            None => return Ok(None),
            Some(RolloutWord::None) => "none",
            Some(RolloutWord::BlueGreenImmediate) => "blue_green_immediate",
            Some(RolloutWord::BlueGreenDelayed) => "blue_green_delayed",
            Some(RolloutWord::Canary) => "canary",
        };
        if self.canary_percentage.is_some() && strategy != "canary" {
            return Err(Error::new(Kind::Usage, "--canary-percentage is for --rollout-strategy canary alone"));
        }
        Ok(Some(Rollout { strategy, canary_percentage: self.canary_percentage }))
    }

    fn wish(&self) -> Result<Wish, Error> {
        Ok(Wish {
            act: Act::Redeploy(self.request()),
            strategy: self.strategy.deploy_strategy.map(Into::into),
            rollout: self.rollout()?,
            insistence: if self.force { Insistence::Forced } else { Insistence::None },
            waits: self.waiting.waits(),
        })
    }

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
    if let Some(address) = bare_hook::address(&args, context)? {
        return bare_hook::post(&address, &args, context).await;
    }
    args.without_hook()?;
    if let Some(file) = &args.payload.payload {
        return payload::show(file, &args.payload, context).await;
    }
    let patience = args.waiting.patience(context)?;
    let wish = args.wish()?;
    let mut backend = context.backend().await?;
    let patience = able(backend.as_ref(), &wish, patience)?;
    let plan = backend.plan(&args.request()).await?;
    if args.dry_run {
        let plan = told(plan, backend.as_ref())?;
        show_plan(&plan, &plan, context)?;
        return something_selected(&plan, "this selects no service");
    }
    if let Some(plan) = &plan {
        something_selected(plan, "this selects no service")?;
    }
    confirm(&format!("Redeploy {}", backend.app()), plan.as_ref(), backend.as_ref(), context)?;
    deploy(backend.as_mut(), plan.as_ref(), &wish, patience, context).await
}
