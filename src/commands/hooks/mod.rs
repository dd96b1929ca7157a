//! `hookbelt hooks`: deploy hooks and their signatures.

pub mod sign;

/// What can be done with hooks.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Sign a deploy hook's URL
    Sign(sign::Args),
}
