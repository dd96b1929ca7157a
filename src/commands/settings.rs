//! `hookbelt settings`: what can be changed about an app without touching its manifest.

use crate::context::Context;
use crate::domain::setting::{self, Setting};
use crate::error::Error;
use crate::output::Row;

/// What can be done with settings.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the settings of an app
    List(ListArgs),
    /// Print the value of a setting
    Get(GetArgs),
    /// Change a setting
    #[command(after_help = "Boolean settings take 1, true, on, enable or 0, false, off, disable.")]
    Set(SetArgs),
}

/// Which settings.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Only these settings
    #[arg(value_name = "KEY")]
    pub keys: Vec<String>,
}

/// Which setting.
#[derive(Debug, clap::Args)]
pub struct GetArgs {
    /// The setting, e.g. continuous.deploy
    pub key: String,
}

/// Which setting, and what it becomes.
#[derive(Debug, clap::Args)]
pub struct SetArgs {
    /// The setting, e.g. continuous.deploy
    pub key: String,
    /// Its new value
    #[arg(allow_hyphen_values = true)]
    pub value: String,
}

impl Row<3> for Setting {
    const HEADERS: [&'static str; 3] = ["KEY", "VALUE", "ACCESS"];
    fn cells(&self) -> [String; 3] {
        let access = if self.readonly { "readonly" } else { "read/write" };
        [self.key.clone(), self.value.clone(), access.to_owned()]
    }
}

/// Runs one of them.
///
/// # Errors
/// When the app or the setting cannot be found or changed.
pub async fn run(command: Command, context: &Context) -> Result<(), Error> {
    match command {
        Command::List(args) => list(args, context).await,
        Command::Get(args) => get(args, context).await,
        Command::Set(args) => set(args, context).await,
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Error> {
    let all = context.backend().await?.settings().await?;
    let chosen = if args.keys.is_empty() {
        all
    } else {
        args.keys.iter().map(|key| setting::find(&all, key).cloned()).collect::<Result<_, _>>()?
    };
    Ok(context.output().list(&chosen, "this app has no settings")?)
}

async fn get(args: GetArgs, context: &Context) -> Result<(), Error> {
    let all = context.backend().await?.settings().await?;
    let setting = setting::find(&all, &args.key)?;
    Ok(context.output().say(&setting.value, setting)?)
}

async fn set(args: SetArgs, context: &Context) -> Result<(), Error> {
    let mut backend = context.backend().await?;
    let change = backend.set_setting(&args.key, &args.value).await?;
    if let Some(note) = &change.note {
        context.output().note(&format!("note: {note}"));
    }
    let verb = if change.changed { "is now" } else { "is already" };
    Ok(context.output().say(&format!("{} {verb} {}", change.setting.key, change.setting.value), &change.setting)?)
}
