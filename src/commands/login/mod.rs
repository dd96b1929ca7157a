//! `hookbelt login`: a deploy API's token, checked there and kept in the user's config file.

mod credentials;

use std::path::PathBuf;

use serde::Serialize;

use crate::backends::BackendError;
use crate::backends::error::RemoteError;
use crate::backends::sign_in::{kind_of, who, with_password};
use crate::commands::login::credentials::{CredentialFlags, Credentials};
use crate::config::imported::Client;
use crate::config::user_file::UserFile;
use crate::context::Context;
use crate::context::place::named;
use crate::domain::profile::{Address, BackendKind, CLOUD66, Profile, ProfileName};
use crate::error::{Error, Kind};

/// Where to sign in, and as whom.
#[derive(Debug, clap::Args)]
#[command(override_usage = "hookbelt login [OPTIONS] [URL]\n       hookbelt login [OPTIONS] --from <CLIENT>")]
#[command(after_help = "\
The token is checked before it is kept. On a terminal it is asked for, and not shown; a job gives it in a file or on standard \
input. The first profile becomes the default one. A job needs no profile: it sets HOOKBELT_API_URL and HOOKBELT_TOKEN.

Examples:
  hookbelt login https://deploy.example.com
  hookbelt login --backend cloud66 --token-file -
  hookbelt login http://deis.example.com --user ann
  hookbelt login --from cx")]
pub struct Args {
    /// The address of the deploy API; left out it is that of the profile, or of Cloud 66
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    /// Its kind: server (a `hookbelt serve`), cloud66 or workflow; else it is found out
    #[arg(long, value_name = "KIND", value_enum, hide_possible_values = true)]
    pub backend: Option<BackendWord>,
    /// Take over what cx, deis or hephy keeps of you
    #[arg(long, value_name = "CLIENT", value_enum, hide_possible_values = true, conflicts_with_all = ["url", "backend"])]
    pub from: Option<ClientWord>,
    /// What you sign in with.
    #[command(flatten)]
    pub credentials: CredentialFlags,
    /// The account that is meant, by its number, where a token sees several (Cloud 66)
    #[arg(long, value_name = "NUMBER")]
    pub account: Option<u64>,
    /// A file with certificates (PEM) of authorities to trust beside the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
}

/// The kinds of deploy APIs that one can sign in to.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum BackendWord {
    /// A `hookbelt serve`
    Server,
    /// Cloud 66
    Cloud66,
    /// The controller of Deis or Hephy Workflow
    Workflow,
}

/// The clients whose sign-in can be taken over.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ClientWord {
    /// `cx` of Cloud 66
    Cx,
    /// `deis` of Deis Workflow
    Deis,
    /// `hephy` of Hephy Workflow
    Hephy,
}

impl From<BackendWord> for BackendKind {
    fn from(word: BackendWord) -> Self {
        match word {
            BackendWord::Server => Self::Server,
            BackendWord::Cloud66 => Self::Cloud66,
            BackendWord::Workflow => Self::Workflow,
        }
    }
}

impl From<ClientWord> for Client {
    fn from(word: ClientWord) -> Self {
        match word {
            ClientWord::Cx => Self::Cx,
            ClientWord::Deis => Self::Deis,
            ClientWord::Hephy => Self::Hephy,
        }
    }
}

/// What was signed in to.
#[derive(Debug, Serialize)]
struct SignedIn<'a> {
    profile: &'a ProfileName,
    default: bool,
    backend: &'static str,
    url: String,
    user: Option<&'a str>,
}

/// Checks the token and keeps it.
///
/// # Errors
/// When there is none, the deploy API does not know it, or it cannot be kept.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let file = context.user_file()?;
    let (profile, credentials) = if let Some(client) = args.from {
        taken_over(client.into(), context)?
    } else {
        let profile = asked_for(&args, &file, context).await?;
        let credentials = args.credentials.read(profile.kind, context)?;
        (profile, credentials)
    };
    let mut profile = Profile {
        account: args.account.or(profile.account),
        ca_file: absolute(args.ca_file)?.or(profile.ca_file),
        ..profile
    };
    let name = name_for(&profile, &file, context)?;
    profile.name = name.to_string();
    let limits = context.limits()?;
    profile.token = Some(match credentials {
        Credentials::Token(token) => token,
        Credentials::Password { user, password } => {
            let access = context.access(profile.clone(), limits.clone())?;
            with_password(access, &user, &password).await?
        }
    });
    let who = who(context.access(profile.clone(), limits)?).await;
    profile.user = who.map_err(|error| not_known(error, profile.kind))?;
    keep(&name, &profile, context)
}

/// There is no profile yet that a hint could name.
fn not_known(error: BackendError, kind: BackendKind) -> Error {
    let hint = match (&error, kind) {
        (BackendError::Remote(RemoteError::SignIn { .. }), BackendKind::Server) => {
            "`hookbelt tokens create` makes a token, where that server runs; nothing was kept"
        }
        (BackendError::Remote(RemoteError::SignIn { .. }), _) => "make a new token there; nothing was kept",
        (BackendError::Remote(RemoteError::NotFound { .. } | RemoteError::NotUnderstood { .. }), _) => {
            "see whether the address and --backend are right; nothing was kept"
        }
        _ => return error.into(),
    };
    Error::from(error).with_hint(hint)
}

fn absolute(file: Option<PathBuf>) -> Result<Option<PathBuf>, Error> {
    Ok(file.map(std::path::absolute).transpose()?)
}

/// The profile of an address, or the one that is signed in to again.
async fn asked_for(args: &Args, file: &UserFile, context: &Context) -> Result<Profile, Error> {
    let known = match &context.settings().profile {
        Some(name) => named(file, name).ok(),
        None => None,
    };
    let again = known.or_else(|| file.profiles.get(file.default_profile.as_ref()?).cloned());
    let url = match (&args.url, args.backend, again) {
        (Some(url), ..) => url.clone(),
        (None, Some(BackendWord::Cloud66), _) => CLOUD66.to_owned(),
        (None, None, Some(profile)) => return Ok(profile),
        _ => {
            let error = Error::new(Kind::Usage, "it is not said where to sign in");
            return Err(error.with_hint("write the address: `hookbelt login https://deploy.example.com`"));
        }
    };
    let kind = args.backend.map_or_else(|| Address::kind(&url), BackendKind::from);
    let address = Address::of(kind, &url)
        .map_err(|error| Error::new(Kind::Usage, format!("this is no address of a deploy API: {error}")))?;
    let ca_file = absolute(args.ca_file.clone())?;
    let profile = Profile { ca_file, ..Profile::of(address.host(), kind, address) };
    if args.backend.is_some() || kind != BackendKind::Server {
        return Ok(profile);
    }
    let client = context.access(profile.clone(), context.limits()?)?.client;
    let kind = kind_of(&client, &profile.address).await?;
    Ok(Profile { kind, ..profile })
}

/// What another client keeps.
fn taken_over(client: Client, context: &Context) -> Result<(Profile, Credentials), Error> {
    let imported = client.read(context.variables())?;
    let address = Address::of(imported.kind, &imported.address).map_err(|error| {
        Error::new(Kind::Usage, format!("{} holds no address of a deploy API: {error}", imported.from))
    })?;
    if imported.trusts_any {
        context.output().note(&format!(
            "note: {} does not verify certificates, and hookbelt does; name the authority with --ca-file if it needs one",
            client.program()
        ));
    }
    context.output().note(&format!("the token is that of {}", imported.from));
    let (kind, user) = (imported.kind, imported.user);
    let profile = Profile { user, ..Profile::of("", kind, address) };
    Ok((profile, Credentials::Token(imported.token)))
}

/// As it is named, else as the profile with that address is, else by the address.
fn name_for(profile: &Profile, file: &UserFile, context: &Context) -> Result<ProfileName, Error> {
    if let Some(name) = &context.settings().profile {
        return name.parse().map_err(|error| Error::new(Kind::Usage, error));
    }
    let same = |other: &Profile| other.kind == profile.kind && other.address == profile.address;
    if let Some((name, _)) = file.profiles.iter().find(|(_, other)| same(other)) {
        return Ok(name.clone());
    }
    let name = match profile.kind {
        BackendKind::Cloud66 => "cloud66".to_owned(),
        _ => profile.address.host().replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-'), "-"),
    };
    let name = name.trim_matches('-').chars().take(63).collect::<String>().parse();
    name.map_err(|error| Error::new(Kind::Usage, error)).map_err(|error| error.with_hint("name it with --profile"))
}

fn keep(name: &ProfileName, profile: &Profile, context: &Context) -> Result<(), Error> {
    let mut editing = context.edit_user_file()?;
    if editing.file.profiles.get(name).is_some_and(|other| other.address != profile.address) {
        context.output().note(&format!("note: {name} was the profile of another address before"));
    }
    editing.set(name, profile);
    if editing.file.default_profile.is_none() {
        editing.set_default(name);
    }
    let default = editing.file.default_profile.as_ref() == Some(name);
    let path = editing.save()?;
    context.output().detail(&format!("kept in {}", path.display()));
    let user = profile.user.as_deref();
    let by = user.map(|user| format!(" as {user}")).unwrap_or_default();
    let what = if default { "the default profile".to_owned() } else { format!("use it with --profile {name}") };
    let line = format!("signed in to {}{by}: profile {name}, {what}", profile.address);
    let document =
        SignedIn { profile: name, default, backend: profile.kind.word(), url: profile.address.to_string(), user };
    Ok(context.output().say(&line, &document)?)
}
