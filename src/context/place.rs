//! Which deploy API is meant: flags, then the environment, the manifest, the user's config file.

use crate::config::environment::Variables;
use crate::config::manifest::Manifest;
use crate::config::user_file::UserFile;
use crate::context::Settings;
use crate::domain::nearest::nearest;
use crate::domain::profile::{Address, BackendKind, CLOUD66, Profile, ProfileName};
use crate::error::{Error, Kind};

/// What a profile that is no profile is called in messages.
pub const API_URL: &str = "HOOKBELT_API_URL";
/// What its token comes from.
pub const TOKEN: &str = "HOOKBELT_TOKEN";
/// What `cx` leaves in the environment.
pub const CLOUD66_TOKEN: &str = "CLOUD66_TOKEN";

/// A deploy API, and what named it.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// The deploy API.
    pub profile: Profile,
    /// What named it.
    pub by: ChosenBy,
}

/// What names a deploy API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy {
    /// `--profile`
    Flag,
    /// A variable.
    Environment,
    /// The manifest's key `backend`.
    Manifest,
    /// `default_profile` of the user's config file, or the only variable that other tools know.
    Default,
}

impl ChosenBy {
    /// What people call it.
    #[must_use]
    pub fn called(self) -> &'static str {
        match self {
            Self::Flag => "the flag --profile",
            Self::Environment => "the environment",
            Self::Manifest => "the manifest",
            Self::Default => "the default",
        }
    }
}

/// The profile of this name.
///
/// # Errors
/// When there is none.
pub fn named(file: &UserFile, name: &str) -> Result<Profile, Error> {
    let found = name.parse::<ProfileName>().ok().and_then(|name| file.profiles.get(&name));
    found.cloned().ok_or_else(|| {
        let known: Vec<&str> = file.profiles.keys().map(ProfileName::as_str).collect();
        let near = nearest(name, &known, |known| (*known).to_owned());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`? `hookbelt profiles list` shows all"),
            None => {
                format!("`hookbelt profiles list` shows those there are; `hookbelt login --profile {name}` makes one")
            }
        };
        Error::new(Kind::NotFound, format!("there is no profile `{name}`")).with_hint(hint)
    })
}

/// The deploy API that flags and environment name.
///
/// # Errors
/// When they name several, or one that cannot be.
pub fn explicit(settings: &Settings, variables: &Variables, file: &UserFile) -> Result<Option<Chosen>, Error> {
    if let Some(name) = &settings.profile {
        return Ok(Some(Chosen { profile: named(file, name)?, by: ChosenBy::Flag }));
    }
    let by = ChosenBy::Environment;
    match (variables.text("HOOKBELT_PROFILE")?, variables.text(API_URL)?, variables.text(TOKEN)?) {
        (None, None, None) => Ok(None),
        (Some(name), None, None) => Ok(Some(Chosen { profile: named(file, &name)?, by })),
        (None, Some(url), Some(token)) => Ok(Some(Chosen { profile: of_variables(&url, &token)?, by })),
        (Some(_), ..) => {
            Err(Error::new(Kind::Usage, "HOOKBELT_PROFILE and HOOKBELT_API_URL with HOOKBELT_TOKEN are both set")
                .with_hint("unset one of them"))
        }
        (None, Some(_), None) => Err(Error::new(Kind::SignIn, "HOOKBELT_API_URL is set, and HOOKBELT_TOKEN is not")
            .with_hint("set HOOKBELT_TOKEN to the token for that address")),
        (None, None, Some(_)) => Err(Error::new(Kind::Usage, "HOOKBELT_TOKEN is set, and HOOKBELT_API_URL is not")
            .with_hint("set HOOKBELT_API_URL to the address that the token is for")),
    }
}

fn of_variables(url: &str, token: &str) -> Result<Profile, Error> {
    let kind = Address::kind(url);
    let address = Address::of(kind, url)
        .map_err(|error| Error::new(Kind::Usage, format!("HOOKBELT_API_URL is no address of a deploy API: {error}")))?;
    let token = token
        .parse()
        .map_err(|error| Error::new(Kind::SignIn, format!("HOOKBELT_TOKEN cannot be a token: {error}")))?;
    Ok(Profile { token: Some(token), ..Profile::of(API_URL, kind, address) })
}

/// The deploy API that was named, else the one that a manifest names.
///
/// # Errors
/// When there is no such profile.
pub fn explicit_or_of_manifest(
    explicit: Option<Chosen>,
    manifest: Option<&Manifest>,
    file: &UserFile,
) -> Result<Option<Chosen>, Error> {
    let of_manifest = manifest.and_then(|manifest| Some((manifest.backend.as_ref()?, manifest)));
    let (None, Some((name, manifest))) = (&explicit, of_manifest) else {
        return Ok(explicit);
    };
    let Some(profile) = file.profiles.get(name).cloned() else {
        let text = format!("{} names the backend `{name}`, and there is no such profile", manifest.path.display());
        let hint = format!("make it with `hookbelt login --profile {name}`, or name another with --profile");
        return Err(Error::new(Kind::NotFound, text).with_hint(hint));
    };
    Ok(Some(Chosen { profile, by: ChosenBy::Manifest }))
}

/// The deploy API of commands that nothing says more about.
///
/// # Errors
/// When what `cx` left in the environment is no token.
pub fn default(variables: &Variables, file: &UserFile) -> Result<Option<Chosen>, Error> {
    let by = ChosenBy::Default;
    if let Some(name) = &file.default_profile {
        return Ok(file.profiles.get(name).cloned().map(|profile| Chosen { profile, by }));
    }
    let Some(text) = variables.text(CLOUD66_TOKEN)? else {
        return Ok(None);
    };
    let token = crate::domain::cx_token::of_variable(&text).map_err(|error| {
        Error::new(Kind::SignIn, format!("CLOUD66_TOKEN is not what cx makes of its token: {error}"))
    })?;
    let kind = BackendKind::Cloud66;
    let address = Address::of(kind, CLOUD66).map_err(|error| Error::new(Kind::Usage, error))?;
    let profile = Profile { token: Some(token), ..Profile::of(CLOUD66_TOKEN, kind, address) };
    Ok(Some(Chosen { profile, by }))
}
