//! `hookbelt completions`: the completions for a shell, made from the command tree.

use clap_complete::Shell;

use crate::error::Error;
use crate::output::Output;

/// For which shell.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookbelt completions bash > ~/.local/share/bash-completion/completions/hookbelt
  hookbelt completions zsh > \"${fpath[1]}/_hookbelt\"
  hookbelt completions fish > ~/.config/fish/completions/hookbelt.fish")]
pub struct Args {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(hide_possible_values = true)]
    pub shell: Shell,
}

/// Prints them.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(args: &Args, tree: clap::Command, output: &Output) -> Result<(), Error> {
    Ok(output.raw(&script(args.shell, tree))?)
}

/// The script for a shell.
#[must_use]
pub fn script(shell: Shell, mut tree: clap::Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut tree, "hookbelt", &mut script);
    script
}
