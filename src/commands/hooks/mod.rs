//! `hookbelt hooks`: the redeployment hook at a Git host, deploy hooks, and their signatures.

pub mod add;
mod announce;
mod at_host;
mod base_url;
mod batch;
pub mod catch_up;
pub mod check;
pub mod deliveries;
mod generic;
pub mod list;
pub mod listen;
pub mod ping;
mod received;
pub mod redeliver;
mod refusal;
pub mod remove;
pub mod send;
pub mod sign;
pub mod url;
pub mod verify;

/// What can be done with hooks.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Have the pushes to a repository sent to the app's redeployment hook, or mend the webhook that does
    Add(add::Args),
    /// List the webhooks of a repository
    List(list::Args),
    /// Remove the app's webhook from a repository
    Remove(remove::Args),
    /// Find out why a push did not deploy
    Check(check::Args),
    /// Have the Git host post to the app
    Ping(ping::Args),
    /// Have the Git host send again what failed while the server was down
    CatchUp(catch_up::Args),
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
