//! `hookbelt hooks`: deploy hooks and their signatures.

mod batch;
mod secrets;
pub mod sign;
pub mod verify;

/// What can be done with hooks.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the signature of a deploy hook's URL
    Sign(sign::Args),
    /// Say whether a deploy hook's signature fits, and if not, why
    Verify(verify::Args),
}
