//! hookbelt: redeploys apps, keeps their releases and logs, signs deploy hooks.
//!
//! From the outside in, a module may use only those below it (a test holds this):
//!
//! | level | modules | what they do |
//! |---|---|---|
//! | 6 | `main`, `lib`, [`cli`] | hand the arguments to a command |
//! | 5 | [`commands`] | one file a command: arguments, what it does, how its rows look |
//! | 4 | [`context`], [`deploying`], [`error`] | what commands may use and have in common; how they end |
//! | 3 | [`backends`], [`server`] | the deploy APIs a command can talk to; the one that `hookbelt serve` is |
//! | 2 | [`engine`], [`hosts`] | claims deployments and runs them; the APIs of Git hosts |
//! | 1 | [`store`], [`http`], [`config`], [`output`] | database, network, files, terminal |
//! | 0 | [`domain`] | the rules, pure; those of deploy hooks' signatures are the crate `hookbelt_signature` |

pub mod backends;
pub mod cli;
pub mod commands;
pub mod config;
pub mod context;
pub mod deploying;
pub mod domain;
pub mod engine;
pub mod error;
pub mod hosts;
pub mod http;
pub mod output;
pub mod server;
pub mod store;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::cli::AppsCommand;
use crate::cli::Cli;
use crate::cli::Command;
use crate::cli::SignAlone;
use crate::commands::apps;
use crate::commands::completions;
use crate::commands::deployments;
use crate::commands::help;
use crate::commands::hooks;
use crate::commands::init;
use crate::commands::login;
use crate::commands::logout;
use crate::commands::logs;
use crate::commands::man;
use crate::commands::profiles;
use crate::commands::redeploy;
use crate::commands::releases;
use crate::commands::serve;
use crate::commands::settings;
use crate::commands::tokens;
use crate::config::environment::Variables;
use crate::context::Context;
use crate::context::OutputFlags;
use crate::context::Settings;
use crate::context::ci;
use crate::engine::supervisor;
use crate::error::Error;
use crate::error::Kind;
use crate::output::Ci;
use crate::output::Output;

/// Runs the program.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>, variables: &Variables) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|word| word == supervisor::WORD) {
        return supervisor::main(arguments.into_iter().skip(2)).into();
    }
    let cli = match SignAlone::parse_from_arguments(&arguments) {
        Some(alone) => Cli { command: Command::Hooks(hooks::Command::Sign(alone.args)), global: alone.global },
        None => match Cli::try_parse_from(&arguments) {
            Ok(cli) => cli,
            Err(error) => return not_understood(&error, &arguments, variables),
        },
    };
    let global = &cli.global;
    let flags = OutputFlags { json: global.json, quiet: global.quiet, verbose: global.verbose, color: global.color };
    let output = match flags.output(variables) {
        Ok(output) => output,
        Err(error) => return end(Err(error.into()), &plain_output(global.json, variables)),
    };
    let outcome = dispatch(cli, variables, &output);
    end(outcome, &output)
}

/// The command tree, for completions, man pages and tests.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// Each command gets what it needs: the offline ones no runtime, no client and no file read.
fn dispatch(cli: Cli, variables: &Variables, output: &Output) -> Result<(), Error> {
    let global = cli.global;
    let named_app = global.app.clone();
    let context = || -> Result<Context, Error> {
        let settings = Settings {
            app: global.app,
            environment: global.environment,
            manifest: global.manifest,
            profile: global.profile,
            database: global.database,
            yes: global.yes,
        };
        Ok(Context::new(settings.or_from(variables)?, variables.clone(), output.clone()))
    };
    match cli.command {
        Command::Redeploy(args) | Command::Apps(AppsCommand::Redeploy(args)) => {
            block_on(redeploy::run(*args, &context()?))
        }
        Command::Settings(command) => block_on(settings::run(command, &context()?)),
        Command::Logs(args) => block_on(logs::run(args, &context()?)),
        Command::Apps(AppsCommand::List(args)) => block_on(apps::list(args, &context()?)),
        Command::Apps(AppsCommand::Show(args)) => block_on(apps::show(args, &context()?)),
        Command::Deployments(command) => block_on(deployments::run(command, &context()?)),
        Command::Releases(command) => block_on(releases::run(command, &context()?)),
        Command::Serve(args) => block_on(serve::run(args, &context()?)),
        Command::Tokens(command) => block_on(tokens::run(command, &context()?)),
        Command::Login(args) => block_on(login::run(args, &context()?)),
        Command::Logout(args) => logout::run(&args, &context()?),
        Command::Profiles(command) => profiles::run(command, &context()?),
        Command::Init(args) => block_on(init::run(args, &context()?)),
        Command::Hooks(hooks::Command::Add(args)) => block_on(hooks::add::run(&args, &context()?)),
        Command::Hooks(hooks::Command::List(args)) => block_on(hooks::list::run(&args, &context()?)),
        Command::Hooks(hooks::Command::Remove(args)) => block_on(hooks::remove::run(&args, &context()?)),
        Command::Hooks(hooks::Command::Check(args)) => block_on(hooks::check::run(&args, &context()?)),
        Command::Hooks(hooks::Command::Ping(args)) => block_on(hooks::ping::run(&args, &context()?)),
        Command::Hooks(hooks::Command::CatchUp(args)) => block_on(hooks::catch_up::run(&args, &context()?)),
        Command::Hooks(hooks::Command::Send(args)) => block_on(hooks::send::run(args, &context()?)),
        Command::Hooks(hooks::Command::Url(args)) => block_on(hooks::url::run(&args, &context()?)),
        Command::Hooks(hooks::Command::Listen(args)) => block_on(hooks::listen::run(args, &context()?)),
        Command::Hooks(hooks::Command::Deliveries(args)) => block_on(hooks::deliveries::run(args, &context()?)),
        Command::Hooks(hooks::Command::Redeliver(args)) => block_on(hooks::redeliver::run(args, &context()?)),
        Command::Hooks(hooks::Command::Sign(args)) => hooks::sign::run(&args, named_app.as_deref(), variables, output),
        Command::Hooks(hooks::Command::Verify(args)) => hooks::verify::run(&args, variables, output),
        Command::Completions(args) => completions::run(&args, command(), output),
        Command::Man(args) => man::run(&args, command(), output),
        Command::Help(args) => help::run(&args, command(), output),
    }
}

fn block_on(command: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // What the thread of the store has done is taken up at once, and not after all that is ready: a burst of requests would
    // else make every step of the transaction that they wait for take as long as many of them.
    runtime.enable_all().global_queue_interval(1).build()?.block_on(command)
}

fn end(outcome: Result<(), Error>, output: &Output) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(report) = error.report() {
                output.error(&report);
            }
            error.exit_code()
        }
    }
}

/// Help and version are results; anything else is a usage error, in JSON if that was asked for.
fn not_understood(error: &clap::Error, arguments: &[OsString], variables: &Variables) -> ExitCode {
    let json =
        arguments.iter().any(|argument| argument == "--json") || variables.switch("HOOKBELT_JSON").unwrap_or(false);
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => end(Err(output::unwritten(error).into()), &plain_output(json, variables)),
        };
    }
    let text = error.render().to_string();
    if json {
        let message = text.trim().trim_start_matches("error: ").to_owned();
        return end(Err(Error::new(Kind::Usage, message)), &plain_output(json, variables));
    }
    match ci(variables) {
        Ci::GitHub { .. } => plain_output(json, variables).usage_error(&text),
        Ci::GitLab | Ci::Elsewhere => drop(error.print()),
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Output for errors that come before the flags are understood.
fn plain_output(json: bool, variables: &Variables) -> Output {
    let format = if json { output::Format::Json } else { output::Format::Text };
    let terminal = output::TerminalVariables::default();
    Output::new(format, output::Verbosity::Normal, output::ColourChoice::Never, terminal).within(ci(variables))
}
