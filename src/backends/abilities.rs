//! What each kind of deploy API can do; the README's table is made from this.

use std::fmt;

use crate::backends::{Act, BackendError, Result, Waits, WantedStrategy, Wish};
use crate::domain::plan::{Request, Selection};
use crate::domain::profile::BackendKind;
use crate::domain::queue::Insistence;

/// What a command may ask of a deploy API, beside what all of them can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ability {
    /// `redeploy --service`
    Services,
    /// `redeploy --git-ref`
    GitRef,
    /// `redeploy --deployment-profile`
    DeploymentProfiles,
    /// `redeploy --deploy-strategy serial|parallel`
    Strategies,
    /// `redeploy --deploy-strategy rolling|fast`, `--rollout-strategy`
    Rollouts,
    /// `redeploy --dry-run`
    DryRun,
    /// `redeploy --no-wait`
    NoWait,
    /// `redeploy --force`
    Force,
    /// `deployments list`, `show`, `watch`
    Deployments,
    /// `deployments cancel`
    Cancel,
    /// `releases list`, `show`
    Releases,
    /// `releases rollback`
    Rollback,
    /// `releases rollback --dry-run`
    RollbackDryRun,
    /// `settings list`, `get`, `set`
    Settings,
    /// `logs`
    Logs,
    /// `logs --service`, `--deployment`, `--since`
    LogFilters,
    /// `hooks url`, and what is done with it at a Git host
    HookUrl,
    /// `hooks url --rotate`
    RotateHookUrl,
    /// `hooks deliveries`, `hooks redeliver`
    Deliveries,
}

/// What to use instead of what a deploy API cannot do.
pub type Instead = &'static str;

/// Whether a deploy API can do something.
type Can = std::result::Result<(), Instead>;

/// All of them, in the order of the table.
pub const ALL: [Ability; 19] = [
    Ability::Services,
    Ability::GitRef,
    Ability::DeploymentProfiles,
    Ability::Strategies,
    Ability::Rollouts,
    Ability::DryRun,
    Ability::NoWait,
    Ability::Force,
    Ability::Deployments,
    Ability::Cancel,
    Ability::Releases,
    Ability::Rollback,
    Ability::RollbackDryRun,
    Ability::Settings,
    Ability::Logs,
    Ability::LogFilters,
    Ability::HookUrl,
    Ability::RotateHookUrl,
    Ability::Deliveries,
];

/// The kinds of deploy APIs, in the order of the table.
pub const KINDS: [BackendKind; 4] =
    [BackendKind::Embedded, BackendKind::Server, BackendKind::Cloud66, BackendKind::Workflow];

impl Ability {
    /// What is typed for it.
    #[must_use]
    pub fn typed(self) -> &'static str {
        match self {
            Self::Services => "redeploy --service",
            Self::GitRef => "redeploy --git-ref",
            Self::DeploymentProfiles => "redeploy --deployment-profile",
            Self::Strategies => "redeploy --deploy-strategy serial|parallel",
            Self::Rollouts => "redeploy --deploy-strategy rolling|fast, --rollout-strategy",
            Self::DryRun => "redeploy --dry-run",
            Self::NoWait => "redeploy --no-wait",
            Self::Force => "redeploy --force",
            Self::Deployments => "deployments list, show, watch",
            Self::Cancel => "deployments cancel",
            Self::Releases => "releases list, show",
            Self::Rollback => "releases rollback",
            Self::RollbackDryRun => "releases rollback --dry-run",
            Self::Settings => "settings list, get, set",
            Self::Logs => "logs, logs --follow",
            Self::LogFilters => "logs --service, --deployment, --since",
            Self::HookUrl => "hooks url, hooks add, hooks remove, hooks check, hooks ping, hooks catch-up",
            Self::RotateHookUrl => "hooks url --rotate",
            Self::Deliveries => "hooks deliveries, hooks redeliver",
        }
    }

    /// Whether a kind of deploy API can do it, else what to use instead.
    ///
    /// # Errors
    /// When it cannot.
    pub fn of(self, kind: BackendKind) -> Can {
        match kind {
            BackendKind::Embedded => self.of_embedded(),
            BackendKind::Server => self.of_server(),
            BackendKind::Cloud66 => self.of_cloud66(),
            BackendKind::Workflow => self.of_workflow(),
        }
    }

    fn of_embedded(self) -> Can {
        match self {
            Self::Rollouts => Err(SERIAL_OR_PARALLEL),
            _ => Ok(()),
        }
    }

    fn of_server(self) -> Can {
        match self {
            Self::Rollouts => Err(SERIAL_OR_PARALLEL),
            _ => Ok(()),
        }
    }

    fn of_cloud66(self) -> Can {
        match self {
            Self::Force => Err("leave out --force: there is no setting that pauses deployments"),
            Self::Releases | Self::Rollback | Self::RollbackDryRun => Err(
                "`hookbelt deployments list` shows what was deployed; to go back, redeploy an earlier commit or image \
                     with `--git-ref REF` or `--service NAME:REF`",
            ),
            Self::Logs | Self::LogFilters => Err(
                "`hookbelt redeploy` and `hookbelt deployments watch` say how a deployment ends; the logs themselves \
                     are on the servers, where `cx tail` reads them",
            ),
            Self::RotateHookUrl => Err("make a new one in the web interface of Cloud 66"),
            Self::Deliveries => Err("Cloud 66 sends no deploy hooks"),
            _ => Ok(()),
        }
    }

    fn of_workflow(self) -> Can {
        match self {
            Self::Services | Self::DeploymentProfiles => Err("leave it out: a build has all process types of the app"),
            Self::GitRef => Err("push that commit to the app's Git remote: `git push deis REF:master`"),
            Self::Strategies | Self::Rollouts => Err("leave it out: Kubernetes rolls a release out"),
            Self::Force => Err("leave out --force: there is no setting that pauses deployments"),
            Self::NoWait => Err("leave out --no-wait: the controller answers when the deployment has ended"),
            Self::Deployments => Err("`hookbelt releases list` shows what was deployed"),
            Self::Cancel => Err("let it end, then go back with `hookbelt releases rollback`"),
            Self::Settings => Err("change the app's config where you change it now; `hookbelt` does not"),
            Self::LogFilters => Err("leave it out, and look for the lines with `grep`"),
            Self::HookUrl | Self::RotateHookUrl => Err(
                "Workflow has no redeployment hooks: let a CI job run `hookbelt redeploy -y`, or push to its Git remote",
            ),
            Self::Deliveries => {
                Err("the controller sends each deploy hook once, and notes in `hookbelt logs` what came of it")
            }
            Self::DryRun | Self::Releases | Self::Rollback | Self::RollbackDryRun | Self::Logs => Ok(()),
        }
    }
}

const SERIAL_OR_PARALLEL: Instead = "use `--deploy-strategy serial` or `parallel`";

impl fmt::Display for Ability {
    /// What cannot be done, behind "cannot".
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Services => "deploy some services alone",
            Self::GitRef => "deploy another Git ref",
            Self::DeploymentProfiles => "deploy the services of a deployment profile",
            Self::Strategies => "be told how services are run",
            Self::Rollouts => "roll out in that way",
            Self::DryRun => "say what it would deploy",
            Self::NoWait => "be left before a deployment has ended",
            Self::Force => "be forced",
            Self::Deployments => "show deployments",
            Self::Cancel => "cancel a deployment",
            Self::Releases => "show releases",
            Self::Rollback => "go back to a release",
            Self::RollbackDryRun => "say what going back would deploy",
            Self::Settings => "show or change settings",
            Self::Logs => "show an app's log",
            Self::LogFilters => "show some lines of an app's log alone",
            Self::HookUrl => "show the redeployment hook",
            Self::RotateHookUrl => "make a new redeployment hook",
            Self::Deliveries => "show deliveries of deploy hooks, or send them again",
        })
    }
}

/// Refuses what a kind of deploy API cannot do.
///
/// # Errors
/// When it cannot.
pub fn must(kind: BackendKind, ability: Ability) -> Result<()> {
    ability.of(kind).map_err(|instead| BackendError::Unsupported { kind, ability, instead })
}

/// What is said of something that a kind of deploy API cannot do.
pub(super) fn unsupported(kind: BackendKind, ability: Ability) -> BackendError {
    let instead = ability.of(kind).err().unwrap_or_default();
    BackendError::Unsupported { kind, ability, instead }
}

/// Refuses what a kind of deploy API cannot do of what is wished for.
///
/// # Errors
/// When there is something.
pub fn check(kind: BackendKind, wish: &Wish) -> Result<()> {
    match &wish.act {
        Act::Redeploy(request) => check_request(kind, request)?,
        Act::Rollback(_) => must(kind, Ability::Rollback)?,
    }
    let strategy = wish.strategy.map(|strategy| match strategy {
        WantedStrategy::Serial | WantedStrategy::Parallel => Ability::Strategies,
        WantedStrategy::Rolling | WantedStrategy::Fast => Ability::Rollouts,
    });
    let needed = [
        strategy,
        wish.rollout.as_ref().map(|_| Ability::Rollouts),
        (wish.insistence == Insistence::Forced).then_some(Ability::Force),
        (wish.waits == Waits::NotAtAll).then_some(Ability::NoWait),
    ];
    needed.into_iter().flatten().try_for_each(|ability| must(kind, ability))
}

/// Refuses what a kind of deploy API cannot do of a request.
///
/// # Errors
/// When there is something.
pub fn check_request(kind: BackendKind, request: &Request) -> Result<()> {
    match request.selection {
        Selection::Everything => {}
        Selection::Services(_) => must(kind, Ability::Services)?,
        Selection::DeploymentProfile(_) => must(kind, Ability::DeploymentProfiles)?,
    }
    if request.git_ref.is_some() { must(kind, Ability::GitRef) } else { Ok(()) }
}
