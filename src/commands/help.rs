//! `hookbelt help`: a command, the exit codes, or the environment variables.

use std::fmt::Write as _;

use crate::config::environment::VARIABLES;
use crate::domain::nearest::nearest;
use crate::error::{EXIT_CODES, Error, Kind};
use crate::output::Output;

/// The topics beside the commands.
const TOPICS: [&str; 2] = ["exit-codes", "environment"];

/// What to explain.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A command, `exit-codes` or `environment`
    #[arg(value_name = "COMMAND|TOPIC")]
    pub topic: Vec<String>,
}

/// Prints the explanation.
///
/// # Errors
/// When there is no such command or topic.
pub fn run(args: &Args, tree: clap::Command, output: &Output) -> Result<(), Error> {
    let words: Vec<&str> = args.topic.iter().map(String::as_str).collect();
    let text = match words.as_slice() {
        ["exit-codes"] => exit_codes(),
        ["environment"] => environment(),
        command => command_help(tree, command)?,
    };
    Ok(output.raw(text.as_bytes())?)
}

/// The exit codes, a line each.
#[must_use]
pub fn exit_codes() -> String {
    let mut text = "Exit codes, the same for every command:\n\n".to_owned();
    for (code, meaning) in EXIT_CODES {
        let _ = writeln!(text, "  {code:>3}  {meaning}");
    }
    text
}

/// The environment variables, a line each.
#[must_use]
pub fn environment() -> String {
    let mut text = "Environment variables; a flag goes before its variable:\n\n".to_owned();
    for variable in VARIABLES {
        let _ = writeln!(text, "  {:22}  {}", variable.name, variable.meaning);
    }
    text.push_str("\nNO_COLOR, CLICOLOR_FORCE and TERM=dumb say whether to use colour unless --color does.\n");
    text.push_str(
        "CI=true: nobody is asked. GITHUB_ACTIONS=true: groups, annotations, and outputs to $GITHUB_OUTPUT.\n",
    );
    text.push_str("GITLAB_CI=true: a section a service.\n");
    text.push_str(
        "\nTokens for Git hosts: GH_TOKEN or GITHUB_TOKEN (github.com alone), GH_ENTERPRISE_TOKEN, GITLAB_TOKEN,\n\
         BITBUCKET_API_TOKEN with BITBUCKET_EMAIL, GITEA_TOKEN, FORGEJO_TOKEN.\n",
    );
    text
}

fn command_help(mut tree: clap::Command, words: &[&str]) -> Result<String, Error> {
    tree.build();
    let mut command = &mut tree;
    for word in words {
        let known: Vec<String> = command.get_subcommands().map(|child| child.get_name().to_owned()).collect();
        command = match command.find_subcommand_mut(word) {
            Some(child) => child,
            None => return Err(no_such_topic(word, known)),
        };
    }
    Ok(command.render_help().to_string())
}

fn no_such_topic(word: &str, mut known: Vec<String>) -> Error {
    known.extend(TOPICS.map(str::to_owned));
    let error = Error::new(Kind::Usage, format!("there is no help about `{word}`"));
    error.with_hint(match nearest(word, &known, Clone::clone) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there is help about: {}", known.join(", ")),
    })
}
