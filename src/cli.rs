//! The command tree: what can be typed. Help, completions and man pages are made from it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::commands::{
    apps, completions, deployments, help, hooks, init, login, logout, logs, man, profiles, redeploy, releases, serve,
    settings, tokens,
};
use crate::output::ColourChoice;

/// Redeploys apps and waits for them, keeps their releases and logs, signs deploy hooks
#[derive(Debug, Parser)]
#[command(name = "hookbelt", version, disable_help_subcommand = true, max_term_width = 100)]
#[command(subcommand_required = true, arg_required_else_help = true)]
#[command(after_help = "\
An app is described by a manifest, hookbelt.toml. With one in the working folder or above it, `hookbelt redeploy` \
deploys the app from here; no account and no server is needed. `hookbelt init` writes one.

`hookbelt help exit-codes` and `hookbelt help environment` list the exit codes and the environment \
variables.")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub global: GlobalFlags,
}

/// `hookbelt hooks sign` alone. Scripts run it once a hook, and to build the tree of all commands would take a good part of
/// its time. What this does not understand, the whole tree explains.
#[derive(Debug, Parser)]
#[command(disable_help_flag = true)]
pub struct SignAlone {
    /// What is signed.
    #[command(flatten)]
    pub args: crate::commands::hooks::sign::Args,
    /// What every command takes.
    #[command(flatten)]
    pub global: GlobalFlags,
}

impl SignAlone {
    /// The words of the command, if the arguments are `hookbelt hooks sign …` and understood.
    #[must_use]
    pub fn parse_from_arguments(arguments: &[OsString]) -> Option<Self> {
        let [program, hooks, sign, rest @ ..] = arguments else {
            return None;
        };
        if hooks != "hooks" || sign != "sign" {
            return None;
        }
        Self::try_parse_from([program].into_iter().chain(rest)).ok()
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Deploy an app's services and wait until they are deployed
    Redeploy(Box<redeploy::Args>),
    /// Read and change an app's settings
    #[command(subcommand, alias = "setting")]
    Settings(settings::Command),
    /// Show an app's log
    Logs(logs::Args),
    /// Show apps
    #[command(subcommand, visible_alias = "stacks", aliases = ["app", "stack"])]
    Apps(AppsCommand),
    /// Show, watch and cancel deployments: each run of a redeploy
    #[command(subcommand, alias = "deployment")]
    Deployments(deployments::Command),
    /// Show releases, what deployments made of an app, and go back to one
    #[command(subcommand, alias = "release")]
    Releases(releases::Command),
    /// Run apps' deployments, in their turn, until stopped
    Serve(serve::Args),
    /// Make, list and revoke tokens for the API of `hookbelt serve`
    #[command(subcommand, alias = "token")]
    Tokens(tokens::Command),
    /// The redeployment hook at a Git host; deploy hooks: send, sign and verify them
    #[command(subcommand, alias = "hook")]
    Hooks(hooks::Command),
    /// Write a manifest for the repository you are in, or check one
    Init(init::Args),
    /// Sign in to a deploy API
    Login(login::Args),
    /// Forget a profile's token
    Logout(logout::Args),
    /// List, show, choose and remove profiles: deploy APIs with their tokens
    #[command(subcommand, alias = "profile")]
    Profiles(profiles::Command),
    /// Print the completions for a shell
    Completions(completions::Args),
    /// Write the man pages
    Man(man::Args),
    /// Explain a command, the exit codes or the environment variables
    Help(help::Args),
}

/// Commands about apps; `stacks redeploy` is what fingers know from elsewhere.
#[derive(Debug, Subcommand)]
pub enum AppsCommand {
    /// List the apps of the local store and of the default profile
    List(apps::ListArgs),
    /// Show an app: its release, its services, what runs and what waits
    Show(apps::ShowArgs),
    /// The same as `hookbelt redeploy`
    #[command(hide = true)]
    Redeploy(Box<redeploy::Args>),
}

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalFlags {
    /// The app: its name or the beginning (-a, --app too)
    #[arg(short = 's', long = "stack", short_alias = 'a', alias = "app", global = true, value_name = "APP")]
    pub app: Option<String>,
    /// The app's environment
    #[arg(short, long, global = true, value_name = "NAME")]
    pub environment: Option<String>,
    /// The manifest; else hookbelt.toml here or above
    #[arg(short, long, global = true, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// The deploy API: the name of a profile
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The store, as sqlite:PATH
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Print one JSON document, or lines of JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results and errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more of what is decided on the way, and each request; twice: their headers too
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Use colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_enum, hide_possible_values = true)]
    pub color: Option<ColourChoice>,
    /// Answer every question with yes
    #[arg(short, long, global = true)]
    pub yes: bool,
}
