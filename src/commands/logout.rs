//! `hookbelt logout`: forget a profile's token.

use serde::Serialize;

use crate::context::Context;
use crate::context::place::named;
use crate::domain::profile::{Profile, ProfileName};
use crate::error::{Error, Kind};

/// Which profile: that of --profile, else the default one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The profile stays, without its token; `hookbelt login --profile NAME` signs in to it again, and `hookbelt profiles remove NAME` \
removes it.")]
pub struct Args {}

/// What was signed out of.
#[derive(Debug, Serialize)]
struct SignedOut<'a> {
    profile: &'a ProfileName,
}

/// Takes the token out of the config file.
///
/// # Errors
/// When there is no such profile, or the file cannot be changed.
pub fn run(_: &Args, context: &Context) -> Result<(), Error> {
    let mut editing = context.edit_user_file()?;
    let name = match &context.settings().profile {
        Some(name) => {
            named(&editing.file, name)?;
            name.parse().map_err(|error| Error::new(Kind::Usage, error))?
        }
        None => editing.file.default_profile.clone().ok_or_else(|| {
            Error::new(Kind::NotFound, "there is no default profile to sign out of")
                .with_hint("name one with --profile; `hookbelt profiles list` shows those there are")
        })?,
    };
    let profile = named(&editing.file, name.as_str())?;
    let was = profile.token.is_some();
    if was {
        editing.set(&name, &Profile { token: None, ..profile });
        editing.save()?;
        context.output().note("the token may still be valid where it came from: revoke it there");
    }
    let line = if was { format!("signed out of {name}") } else { format!("{name} has no token already") };
    Ok(context.output().say(&line, &SignedOut { profile: &name })?)
}
