//! What the commands that deploy have in common: their flags, the question before, and the end as an exit code.

use std::time::Duration;

use crate::backends::abilities::{self, Ability, must};
use crate::backends::watch::{OnInterrupt, Patience, Signals, Stopped, Watched, watch};
use crate::backends::{Asked, Backend, Lives, Waits, WantedStrategy, Wish};
use crate::context::Context;
use crate::domain::delivery::{DeliveryFilter, DeliveryState};
use crate::domain::deployment::{DeployedService, Deployment, DeploymentState, RunState};
use crate::domain::duration;
use crate::domain::plan::{Plan, PlannedService, SkippedService};
use crate::domain::profile::BackendKind;
use crate::error::{Error, Kind};
use crate::output::{Format, Row};

/// How services are run.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum StrategyWord {
    /// One after the other, stopping at the first failure
    Serial,
    /// Side by side
    Parallel,
    /// Server by server (Cloud 66, Rails and Rack)
    Rolling,
    /// Without waiting for health (Cloud 66, Kubernetes)
    Fast,
}

impl From<StrategyWord> for WantedStrategy {
    fn from(word: StrategyWord) -> Self {
        match word {
            StrategyWord::Serial => Self::Serial,
            StrategyWord::Parallel => Self::Parallel,
            StrategyWord::Rolling => Self::Rolling,
            StrategyWord::Fast => Self::Fast,
        }
    }
}

/// The flag for it.
#[derive(Debug, clap::Args)]
pub struct StrategyFlag {
    /// Run services one after the other (serial) or side by side (parallel); else as the setting deploy.parallel says.
    /// Cloud 66 also has rolling and fast
    #[arg(long, value_name = "STRATEGY", value_enum, hide_possible_values = true)]
    pub deploy_strategy: Option<StrategyWord>,
}

/// How the end of a deployment is waited for.
#[derive(Debug, clap::Args)]
pub struct Waiting {
    /// Queue the deployment and end; a `hookbelt serve` must have the app
    #[arg(long, conflicts_with_all = ["timeout", "cancel_on_interrupt", "listen"])]
    pub no_wait: bool,
    /// Stop waiting after this long, as 30m
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub timeout: Option<Duration>,
    /// Cancel the deployment when this command is interrupted, wherever it runs
    #[arg(long)]
    pub cancel_on_interrupt: bool,
    /// Wait for the end, which is what it does anyway
    #[arg(long, hide = true)]
    pub listen: bool,
}

impl Waiting {
    /// As the engine is told it.
    #[must_use]
    pub fn waits(&self) -> Waits {
        if self.no_wait { Waits::NotAtAll } else { Waits::UntilItEnds }
    }

    /// As flags, environment and the user's config file say.
    ///
    /// # Errors
    /// When the variable or the file cannot be understood.
    pub fn patience(&self, context: &Context) -> Result<Patience, Error> {
        let on_interrupt = if self.cancel_on_interrupt { OnInterrupt::Cancel } else { OnInterrupt::Ask };
        patience(self.timeout, on_interrupt, context)
    }
}

/// How long is waited: as the flag says, else the environment.
///
/// # Errors
/// When the variable or the user's config file cannot be understood.
pub fn patience(timeout: Option<Duration>, on_interrupt: OnInterrupt, context: &Context) -> Result<Patience, Error> {
    let from_environment = || match context.variables().text("HOOKBELT_TIMEOUT")? {
        Some(text) => duration::parse(&text)
            .map(Some)
            .map_err(|error| Error::new(Kind::Usage, format!("HOOKBELT_TIMEOUT: {error}"))),
        None => Ok(None),
    };
    let timeout = timeout.map_or_else(from_environment, |timeout| Ok(Some(timeout)))?;
    let limits = context.limits()?;
    Ok(Patience { timeout, heartbeat: limits.heartbeat, reconnect: limits.reconnect, on_interrupt })
}

/// Refuses what the app's deploy API cannot do of what is wished for; where it cannot cancel, nobody is asked whether to.
///
/// # Errors
/// When there is something.
pub fn able(backend: &dyn Backend, wish: &Wish, patience: Patience) -> Result<Patience, Error> {
    abilities::check(backend.kind(), wish)?;
    backend.check(wish)?;
    let on_interrupt = match (patience.on_interrupt, must(backend.kind(), Ability::Cancel)) {
        (OnInterrupt::Cancel, Err(error)) => return Err(error.into()),
        (OnInterrupt::Ask, Err(_)) => OnInterrupt::Leave,
        (on_interrupt, _) => on_interrupt,
    };
    Ok(Patience { on_interrupt, ..patience })
}

/// The plan, for a dry run.
///
/// # Errors
/// When the app's deploy API does not tell.
pub fn told(plan: Option<Plan>, backend: &dyn Backend) -> Result<Plan, Error> {
    plan.ok_or_else(|| {
        Error::new(Kind::Usage, format!("what this deploys of {} is decided where it is deployed", backend.app()))
    })
}

/// A plan that selects nothing is nothing to do.
///
/// # Errors
/// When it does.
pub fn something_selected(plan: &Plan, nothing: &'static str) -> Result<(), Error> {
    if plan.services.is_empty() { Err(Error::new(Kind::NothingToDo, nothing)) } else { Ok(()) }
}

/// Asks whether to do `what` with the services of a plan; only production asks.
///
/// # Errors
/// When the answer is no, or nobody is there to ask.
pub fn confirm(what: &str, plan: Option<&Plan>, backend: &dyn Backend, context: &Context) -> Result<(), Error> {
    if context.settings().yes || !backend.app().environment.is_production() {
        return Ok(());
    }
    if !context.output().can_ask() {
        return Err(Error::new(Kind::Usage, format!("there is nobody to ask: {what}?")).with_hint("add -y"));
    }
    let services = plan.into_iter().flat_map(|plan| &plan.services);
    let services = services.map(|planned| format!("{} {}", planned.service, planned.target.short()));
    let services: Vec<String> = services.map(|service| service.trim_end().to_owned()).collect();
    let services = if services.is_empty() { String::new() } else { format!(": {}", services.join(", ")) };
    if context.output().confirm(&format!("{what}{services}?"))? {
        return Ok(());
    }
    Err(Error::new(Kind::Canceled, "declined: nothing was deployed"))
}

/// Asks for a deployment, and watches it to its end unless it is not waited for.
///
/// # Errors
/// When anything but a successful deployment came of it.
pub async fn deploy(
    backend: &mut dyn Backend,
    plan: Option<&Plan>,
    wish: &Wish,
    patience: Patience,
    context: &Context,
) -> Result<(), Error> {
    let signals = Signals::take()?;
    let asked = backend.redeploy(plan, wish).await?;
    if wish.waits == Waits::NotAtAll {
        let deployment = backend.deployment(Some(asked.id)).await?;
        tell_job(&deployment, backend, context);
        let place = deployment.place.map(|place| format!(" at place {place}")).unwrap_or_default();
        let line = format!("{} of {} is {}{place}", deployment.called(), deployment.app, deployment.state);
        return Ok(context.output().say(&line, &deployment)?);
    }
    follow(backend, asked, signals, patience, context).await
}

/// Watches a deployment to its end.
///
/// # Errors
/// When it did not succeed, or was not watched to its end.
pub async fn follow(
    backend: &mut dyn Backend,
    asked: Asked,
    signals: Signals,
    patience: Patience,
    context: &Context,
) -> Result<(), Error> {
    let lives = asked.lives;
    let watched = watch(backend, asked, signals, context.output(), patience).await?;
    if lives == Lives::Here {
        tell_unsent(&watched.deployment, backend, context).await?;
    }
    tell_job(&watched.deployment, backend, context);
    show_end(&watched.deployment, context)?;
    outcome(watched, backend.kind(), context)
}

/// The most deploy hooks that are looked at for those that were not sent.
const MOST_HOOKS: u32 = 1_000;

/// Says which deploy hooks of a deployment were not sent while its command lived, so that nobody believes that they were.
async fn tell_unsent(deployment: &Deployment, backend: &dyn Backend, context: &Context) -> Result<(), Error> {
    let Some(release) = deployment.release else {
        return Ok(());
    };
    let of_release = DeliveryFilter { failed: false, release: Some(release) };
    let deliveries = backend.deliveries(of_release, MOST_HOOKS).await?;
    let unsent = deliveries.iter().filter(|one| one.state == DeliveryState::Waiting && one.attempts == 0).count();
    if unsent > 0 {
        let what = if unsent == 1 { "deploy hook is" } else { "deploy hooks are" };
        context.output().note(&format!(
            "{unsent} {what} not sent yet: the next deployment does that, or `hookbelt serve` (see `hookbelt hooks deliveries`)"
        ));
    }
    Ok(())
}

/// What the next steps of a CI job may want to know.
fn tell_job(deployment: &Deployment, backend: &dyn Backend, context: &Context) {
    let values = [
        ("deployment", Some(deployment.id.to_string())),
        ("release", deployment.release.map(|release| release.to_string())),
        ("url", backend.page(deployment.id)),
    ];
    let known: Vec<_> = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    context.output().tell_job(&known);
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
    let what = if what.is_empty() { String::new() } else { format!(": {}", what.join(", ")) };
    let line = format!("{}{what}", format!("deployed {} {release}", deployment.app).trim_end());
    match context.output().say(&line, deployment) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        said => Ok(said?),
    }
}

fn what_of(part: &DeployedService) -> String {
    format!("{} {}", part.service, part.target.short()).trim_end().to_owned()
}

/// The exit code that fits.
fn outcome(watched: Watched, deploy_api: BackendKind, context: &Context) -> Result<(), Error> {
    let deployment = watched.deployment;
    let reason = deployment.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let text = format!("{} of {} {}{reason}", deployment.called(), deployment.app, deployment.state);
    if let (false, Some(stopped)) = (deployment.state.is_over(), watched.stopped) {
        let kind = if stopped == Stopped::TimedOut { Kind::TimedOut } else { Kind::Interrupted };
        return Err(left_alone(&deployment, kind, deploy_api, context));
    }
    let kind = match (deployment.state, watched.stopped) {
        (DeploymentState::Succeeded, _) => return Ok(()),
        (DeploymentState::Canceled, Some(Stopped::TimedOut)) => Kind::TimedOut,
        (DeploymentState::Canceled, Some(Stopped::Interrupted)) => Kind::Interrupted,
        (DeploymentState::Canceled | DeploymentState::Superseded | DeploymentState::Ignored, _) => Kind::Canceled,
        _ => Kind::Failed,
    };
    let able = |ability| must(deploy_api, ability).is_ok();
    let hint = match (able(Ability::Logs), able(Ability::LogFilters)) {
        (true, true) => {
            format!("`{}` shows its log again", command_about(&deployment, "logs", "--deployment ", context))
        }
        (true, false) => format!("`hookbelt logs {}` shows the app's log", context.same_app()).replace(" `", "`"),
        (false, _) => {
            format!("`{}` shows what is known of it", command_about(&deployment, "deployments show", "", context))
        }
    };
    Err(Error::new(kind, text).with_hint(hint))
}

/// A deployment that was not watched to its end, and how to look at it.
fn left_alone(deployment: &Deployment, kind: Kind, deploy_api: BackendKind, context: &Context) -> Error {
    let (it, app, state) = (deployment.called(), &deployment.app, deployment.state);
    if must(deploy_api, Ability::Deployments).is_ok() {
        let again = command_about(deployment, "deployments watch", "", context);
        let error = Error::new(kind, format!("{it} of {app} goes on: it is {state}"));
        return error.with_hint(format!("`{again}` watches it again"));
    }
    let list = format!("hookbelt releases list {}--all", context.same_app());
    let error = Error::new(kind, format!("it is not known how {it} of {app} ends: nobody waits for it now"));
    error.with_hint(format!("it goes on as far as is known; `{list}` shows its release, and whether that failed"))
}

/// A command about a deployment; as long as its number is not known, what the command means without one.
fn command_about(deployment: &Deployment, words: &str, flag: &str, context: &Context) -> String {
    let number = match deployment.id {
        Deployment::NO_NUMBER => String::new(),
        id => format!("{flag}{id}"),
    };
    format!("hookbelt {words} {}{number}", context.same_app()).trim_end().to_owned()
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

/// A plan as a document, or as a table of its services.
///
/// # Errors
/// When it cannot be written.
pub fn show_plan<T: serde::Serialize>(plan: &Plan, document: &T, context: &Context) -> Result<(), Error> {
    if context.output().format() == Format::Json {
        return Ok(context.output().say("", document)?);
    }
    let deployed = plan.services.iter().map(|PlannedService { service, target }| {
        let image = target.image.as_ref().map(ToString::to_string);
        let from = image.or_else(|| target.reference.clone()).or_else(|| target.branch.clone());
        Line { service: service.as_str(), plan: "deploy", detail: from.unwrap_or_default() }
    });
    let skipped = plan.skipped.iter().map(|SkippedService { service, reason }| Line {
        service: service.as_str(),
        plan: "skip",
        detail: reason.to_string(),
    });
    Ok(context.output().list(&deployed.chain(skipped).collect::<Vec<_>>(), "")?)
}
