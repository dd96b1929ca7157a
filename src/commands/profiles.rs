//! `hookbelt profiles`: the deploy APIs that the user's config file names.

use serde::Serialize;

use crate::context::Context;
use crate::context::merged::{Merged, merged};
use crate::context::place::named;
use crate::domain::profile::{Profile, ProfileName};
use crate::error::{Error, Kind};
use crate::output::Row;

/// What can be done with profiles.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the profiles
    List(ListArgs),
    /// Show what holds for a command run here, and where each value comes from
    Show(ShowArgs),
    /// Make a profile the one of commands that name none
    Use(NameArgs),
    /// Remove a profile with its token
    Remove(NameArgs),
}

/// All of them.
#[derive(Debug, clap::Args)]
pub struct ListArgs {}

/// For which profile.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A flag comes before the environment, that before the manifest, that before the user's config file."
)]
pub struct ShowArgs {
    /// The profile, as --profile
    pub name: Option<String>,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub struct NameArgs {
    /// The profile
    pub name: String,
}

/// A profile in the list.
#[derive(Debug, Serialize)]
struct Listed {
    profile: ProfileName,
    default: bool,
    backend: &'static str,
    url: String,
    user: Option<String>,
    signed_in: bool,
}

impl Listed {
    fn of(name: &ProfileName, profile: &Profile, default: Option<&ProfileName>) -> Self {
        Self {
            profile: name.clone(),
            default: default == Some(name),
            backend: profile.kind.word(),
            url: profile.address.to_string(),
            user: profile.user.clone(),
            signed_in: profile.token.is_some(),
        }
    }
}

impl Row<5> for Listed {
    const HEADERS: [&'static str; 5] = ["PROFILE", "BACKEND", "URL", "SIGNED IN", "DEFAULT"];
    fn cells(&self) -> [String; 5] {
        let signed_in = match (&self.user, self.signed_in) {
            (_, false) => "no".to_owned(),
            (None, true) => "yes".to_owned(),
            (Some(user), true) => format!("as {user}"),
        };
        let default = if self.default { "default" } else { "" };
        [self.profile.to_string(), self.backend.to_owned(), self.url.clone(), signed_in, default.to_owned()]
    }
}

/// What became of a profile.
#[derive(Debug, Serialize)]
struct Done<'a> {
    profile: &'a str,
}

impl Row<3> for Merged {
    const HEADERS: [&'static str; 3] = ["KEY", "VALUE", "FROM"];
    fn cells(&self) -> [String; 3] {
        [self.key.clone(), self.value.clone(), self.from.clone()]
    }
}

/// Runs one of them.
///
/// # Errors
/// When the profile is unknown, or the config file cannot be read or written.
pub fn run(command: Command, context: &Context) -> Result<(), Error> {
    match command {
        Command::List(_) => list(context),
        Command::Show(args) => show(args, context),
        Command::Use(args) => make_default(&args.name, context),
        Command::Remove(args) => remove(&args.name, context),
    }
}

fn list(context: &Context) -> Result<(), Error> {
    let file = context.user_file()?;
    let listed = file.profiles.iter().map(|(name, profile)| Listed::of(name, profile, file.default_profile.as_ref()));
    let listed: Vec<Listed> = listed.collect();
    Ok(context.output().list(&listed, "there are no profiles yet: `hookbelt login` makes one")?)
}

fn show(args: ShowArgs, context: &Context) -> Result<(), Error> {
    Ok(context.output().list(&merged(context, args.name)?, "")?)
}

fn make_default(name: &str, context: &Context) -> Result<(), Error> {
    let mut editing = context.edit_user_file()?;
    named(&editing.file, name)?;
    let known: ProfileName = name.parse().map_err(|error| Error::new(Kind::Usage, error))?;
    editing.set_default(&known);
    editing.save()?;
    Ok(context.output().say(&format!("{name} is the default profile now"), &Done { profile: name })?)
}

fn remove(name: &str, context: &Context) -> Result<(), Error> {
    let mut editing = context.edit_user_file()?;
    named(&editing.file, name)?;
    let known: ProfileName = name.parse().map_err(|error| Error::new(Kind::Usage, error))?;
    editing.remove(&known);
    editing.save()?;
    context.output().note("the token may still be valid where it came from: revoke it there");
    Ok(context.output().say(&format!("profile {name} is removed"), &Done { profile: name })?)
}
