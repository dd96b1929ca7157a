//! `hookbelt hooks`: deploy hooks and their signatures.

mod announce;
mod base_url;
mod batch;
pub mod deliveries;
pub mod listen;
mod received;
pub mod redeliver;
mod refusal;
pub mod send;
pub mod sign;
pub mod url;
pub mod verify;

/// What can be done with hooks.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the URL of the app's redeployment hook, at which `hookbelt serve` is told to deploy
    Url(url::Args),
    /// Send a deploy hook, as if an app had a new release
    Send(send::Args),
    /// Receive deploy hooks: verify, show and forward them
    Listen(listen::Args),
    /// List deliveries of deploy hooks, or show one with its attempts
    Deliveries(deliveries::Args),
    /// Send deploy hooks again that did not arrive
    Redeliver(redeliver::Args),
    /// Print the signature of a deploy hook's URL
    Sign(sign::Args),
    /// Say whether a deploy hook's signature fits, and if not, why
    Verify(verify::Args),
}
