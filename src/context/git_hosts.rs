//! From flags, configuration and Git remote to one repository at a Git host, and to the app whose redeployment hook is meant.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::backends::{Backend, Overview};
use crate::config::files::read_named;
use crate::config::git_place::GitPlace;
use crate::config::manifest::Manifest;
use crate::context::Context;
use crate::domain::app::{AppIdentity, SecretSource};
use crate::domain::git_host::finding::AppSide;
use crate::domain::git_host::hook::{GiveSecret, HookSecret, WantedHook, usual_events};
use crate::domain::git_host::{HostKind, KnownHost, Place, RepositoryPath};
use crate::domain::git_url::{RepositoryKey, without_credentials, written};
use crate::domain::profile::{Address, BackendKind};
use crate::domain::redeploy_hook::{HookAddress, Modifiers};
use crate::domain::service::Source;
use crate::domain::setting::CONTINUOUS_DEPLOY;
use crate::engine::read_secret;
use crate::error::{Error, Kind};
use crate::hosts::{Host, token};
use crate::http;

/// The most bytes of a file with a URL.
const MAX_URL: u64 = 16 * 1024;

/// What a person names as a Git host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedHost {
    /// One with an API.
    Known(HostKind),
    /// Any other.
    Generic,
}

impl FromStr for NamedHost {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "generic" {
            return Ok(Self::Generic);
        }
        let kind = text.to_ascii_lowercase().parse().map(Self::Known);
        kind.map_err(|_| "write github, bitbucket, gitlab, gitea, forgejo or generic".to_owned())
    }
}

/// Which repository is meant, and at which host.
#[derive(Debug, Clone, clap::Args)]
pub struct HostFlags {
    /// What the Git host is: github, bitbucket, gitlab, gitea, forgejo, or generic for any other; else the host of the app's
    /// repository is meant
    #[arg(value_name = "HOST")]
    pub host: Option<NamedHost>,
    /// The repository: OWNER/NAME or its URL; else the app's, or that of the Git remote
    #[arg(long, value_name = "REPOSITORY")]
    pub repo: Option<String>,
    /// Where the host is, if it is not the service of that name: GitHub Enterprise Server, your own GitLab, Gitea or Forgejo
    #[arg(long, value_name = "URL")]
    pub host_url: Option<String>,
}

/// Whose redeployment hook is meant, if not the app's.
#[derive(Debug, Clone, clap::Args)]
pub struct UrlFlags {
    /// The file that holds the URL of the redeployment hook, or - for standard input; else the app's is meant
    #[arg(long, value_name = "FILE")]
    pub url_file: Option<PathBuf>,
}

/// A repository at a Git host.
#[derive(Debug)]
pub struct AtHost {
    /// The host.
    pub host: Host,
    /// The repository.
    pub repository: RepositoryPath,
}

/// An app as far as its webhooks go.
#[derive(Debug)]
pub struct HookedApp {
    /// Its name, if it is more than a URL.
    pub identity: Option<AppIdentity>,
    /// What its webhook has to fit.
    pub side: AppSide,
    /// Whether deployments at GitHub deploy it.
    pub takes_deployments: bool,
    /// The secrets that its manifest names.
    pub secrets: Vec<SecretSource>,
    /// Its manifest, where that is here.
    pub manifest: Option<Manifest>,
    /// Why the URL is a guess.
    pub note: Option<String>,
}

/// Whether an app's services are asked for, which can take a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Services {
    /// They are.
    Asked,
    /// They are not.
    NotAsked,
}

impl HookedApp {
    /// The webhook that the app wants at a kind of host, with the events that somebody named or else the usual ones, and with the
    /// secret that somebody gave; or else one of the manifest, for a webhook that has none.
    ///
    /// # Errors
    /// When the manifest's secret cannot be read.
    pub fn wanted(
        &self,
        kind: HostKind,
        events: &[String],
        given: Option<HookSecret>,
        context: &Context,
    ) -> Result<WantedHook, Error> {
        let events = if events.is_empty() { usual_events(kind, self.takes_deployments) } else { events.to_vec() };
        let of_manifest = |source: &SecretSource| {
            let unusable = |error: &dyn std::fmt::Display| {
                Error::new(
                    Kind::Usage,
                    format!("the secret of `[redeployment_hook]` cannot be given to a Git host: {error}"),
                )
                .with_hint("name a file that holds it with `hookbelt hooks add --secret-file FILE`")
            };
            let secret = read_secret(source, context.variables()).map_err(|error| unusable(&error))?;
            let secret = HookSecret::of(&secret).map_err(|error| unusable(&error))?;
            Ok::<_, Error>((secret, GiveSecret::IfMissing))
        };
        let secret = match given {
            Some(secret) => Some((secret, GiveSecret::Always)),
            None => self.secrets.first().map(of_manifest).transpose()?,
        };
        Ok(WantedHook { url: self.side.url.clone(), events, secret })
    }
}

impl Context {
    /// The app that flags mean, as far as its webhooks go; or the URL that a file holds, and nothing of an app.
    ///
    /// # Errors
    /// When there is no such app, or the file holds no such URL.
    pub async fn hooked_app(&self, flags: &UrlFlags, services: Services) -> Result<HookedApp, Error> {
        let Some(file) = &flags.url_file else {
            let mut backend = self.backend().await?;
            return self.app_of(backend.as_mut(), services).await;
        };
        if self.settings.app.is_some() {
            let error = Error::new(Kind::Usage, "--url-file and -s both say which redeployment hook is meant");
            return Err(error.with_hint("leave out one of them (or HOOKBELT_APP)"));
        }
        let text = String::from_utf8(read_named(file, MAX_URL)?).unwrap_or_default();
        let unfit = |error: &dyn std::fmt::Display| {
            Error::new(Kind::Usage, format!("the file of --url-file holds no URL of a redeployment hook: {error}"))
        };
        let address: HookAddress = text.parse().map_err(|error| unfit(&error))?;
        let url = address.with(&Modifiers::default()).map_err(|error| unfit(&error))?;
        let side = AppSide {
            url,
            is_guess: false,
            events: Vec::new(),
            wants_secret: None,
            sources: Vec::new(),
            services: None,
        };
        let (identity, secrets) = (None, Vec::new());
        Ok(HookedApp { identity, side, takes_deployments: false, secrets, manifest: None, note: None })
    }

    async fn app_of(&self, backend: &mut dyn Backend, services: Services) -> Result<HookedApp, Error> {
        let hook = backend.redeployment_hook(None).await?;
        let url = hook
            .url
            .parse()
            .map_err(|_| Error::new(Kind::Remote, "the deploy API names a redeployment hook that is no URL"))?;
        let settings = backend.settings().await?;
        let value = |key: &str| settings.iter().find(|setting| setting.key == key).map(|setting| setting.value.clone());
        let is_here = backend.kind() == BackendKind::Embedded;
        let overview = if is_here || services == Services::Asked { Some(backend.overview().await?) } else { None };
        let path = overview.as_ref().and_then(|overview| overview.manifest.as_ref());
        let manifest = path.and_then(|path| Manifest::read(Path::new(path)).ok());
        let names = |overview: Overview| -> Vec<String> {
            overview.services.iter().map(|service| service.service.to_string()).collect()
        };
        let sources = match &manifest {
            Some(manifest) => sources(manifest),
            None => value("git.repository").into_iter().filter(|url| !url.is_empty()).collect(),
        };
        let secrets = manifest.as_ref().map(|manifest| manifest.app.redeployment_hook.secrets.clone());
        let side = AppSide {
            url,
            is_guess: hook.note.is_some(),
            events: Vec::new(),
            wants_secret: secrets.as_ref().map(|secrets| !secrets.is_empty()),
            sources,
            // Without a manifest only those are known here that were deployed.
            services: overview.map(names).filter(|names| !names.is_empty() && (!is_here || manifest.is_some())),
        };
        Ok(HookedApp {
            identity: Some(backend.app().clone()),
            side,
            takes_deployments: value(CONTINUOUS_DEPLOY).is_some_and(|value| value == "true"),
            secrets: secrets.unwrap_or_default(),
            manifest,
            note: hook.note,
        })
    }

    /// The repository that flags, app and Git remote mean, at its host, with the token for that.
    ///
    /// # Errors
    /// When they mean none, or there is no token for it.
    pub fn at_host(&self, flags: &HostFlags, app: Option<&HookedApp>) -> Result<AtHost, Error> {
        let file = self.user_file()?;
        let manifest = app.and_then(|app| app.manifest.as_ref()).map(|manifest| manifest.app.git_hosts.clone());
        let of_user = file.git_hosts;
        let known = [manifest.unwrap_or_default(), of_user.clone()].concat();
        let named = match flags.host {
            Some(NamedHost::Generic) => {
                let error = Error::new(Kind::Usage, "nothing can be asked of a host that is only `generic`");
                return Err(error.with_hint("`hookbelt hooks add generic` prints what to enter there by hand"));
            }
            Some(NamedHost::Known(kind)) => Some(kind),
            None => None,
        };
        let remote = remote(flags, app)?;
        // A path alone, and what the host is, say more than a remote does.
        let of_remote = if named.is_some() && flags.repo.is_some() { None } else { remote.as_deref() };
        let name = flags.repo.as_deref().and_then(written).or_else(|| of_remote.and_then(written));
        let (place, known) = place(named, flags, name.map(|(host, _)| host).as_deref(), &known)?;
        let text = flags.repo.as_deref().or(remote.as_deref()).ok_or_else(no_repository)?;
        let repository = place.repository(text).map_err(|error| {
            let text = without_credentials(text);
            Error::new(Kind::Usage, format!("{text:?} at {}: {error}", place.host))
        })?;
        self.output.detail(&format!("repository: {repository} at {} ({})", place.host, place.kind.called()));
        // A manifest may name a token of its own for a host; it cannot have the person's sent to one.
        let is_manifests = known.is_some_and(|host| host.token.is_none() && !of_user.contains(host));
        if is_manifests && flags.host_url.is_none() && !place.is_usual() {
            return Err(no_token(
                &place,
                "; a host that the manifest alone names gets none of a variable, without --host-url",
            ));
        }
        let credentials = token::find(&place, known, &self.variables)?;
        let credentials = credentials.ok_or_else(|| no_token(&place, ""))?;
        if place.is_open_to_all() {
            self.output.note(&format!("note: the token goes to {} without TLS", place.host));
        }
        let options = http::Options {
            connect: file.limits.connect,
            limit: file.limits.request,
            authorities: None,
            trace: self.trace(),
            reach: http::Reach::Anywhere,
        };
        let host = Host::new(http::Client::with(options)?, place, Some(credentials), file.limits.git_host_wait);
        Ok(AtHost { host, repository })
    }
}

/// The repositories of a manifest's services, each once.
fn sources(manifest: &Manifest) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for service in &manifest.app.services {
        if let Source::Git(source) = &service.source
            && let Some(repository) = &source.repository
            && !found.contains(repository)
        {
            found.push(repository.clone());
        }
    }
    found
}

/// The remote of the repository that is meant: of an app's the one whose Git remote is here, else its only one; without an app
/// that is at a host, the Git remote here.
fn remote(flags: &HostFlags, app: Option<&HookedApp>) -> Result<Option<String>, Error> {
    let here = GitPlace::here().ok().flatten().and_then(|place| place.remote);
    let mut sources: Vec<(&String, RepositoryKey)> = Vec::new();
    for source in app.into_iter().flat_map(|app| &app.side.sources) {
        if let Some(key) = RepositoryKey::of(source)
            && !sources.iter().any(|(_, known)| known.same_repository(&key))
        {
            sources.push((source, key));
        }
    }
    let key_here = here.as_deref().and_then(RepositoryKey::of);
    let of_here = sources.iter().find(|(_, key)| key_here.as_ref().is_some_and(|here| here.same_repository(key)));
    match (of_here, sources.as_slice()) {
        (Some((source, _)), _) | (None, [(source, _)]) => Ok(Some((*source).clone())),
        (None, []) => Ok(here),
        (None, [(first, _), ..]) if flags.repo.is_some() => Ok(Some((*first).clone())),
        (None, several) => {
            let names: Vec<String> = several.iter().map(|(_, key)| key.to_string()).collect();
            let error =
                Error::new(Kind::Usage, format!("the app is deployed from several repositories: {}", names.join(", ")));
            Err(error.with_hint("say which with `--repo OWNER/NAME`; each needs a webhook of its own"))
        }
    }
}

/// Where the host is. The host of a remote decides only among those that are known: else it would choose where a token goes.
fn place<'a>(
    named: Option<HostKind>,
    flags: &HostFlags,
    name: Option<&str>,
    known: &'a [KnownHost],
) -> Result<(Place, Option<&'a KnownHost>), Error> {
    let find = |name: &str| {
        let named = || known.iter().filter(|known| known.name == name);
        named().find(|known| known.token.is_some()).or_else(|| named().next())
    };
    if let Some(url) = &flags.host_url {
        // It is not repeated: a password may be in it.
        let address = &Address::plain(url).map_err(|error| {
            Error::new(Kind::Usage, format!("--host-url is no address of a Git host: {error}"))
                .with_hint("as in `--host-url https://git.example.com`; the token comes from a variable or a file")
        })?;
        let entry = find(&address.host()).or_else(|| find(address.host_name()));
        let kind = named.or(entry.map(|entry| entry.kind)).or_else(|| HostKind::of_host(address.host_name()));
        let kind = kind.ok_or_else(|| unknown_host(&address.host(), &address.to_string()))?;
        let place = Place::at(kind, address);
        let entry = entry.or_else(|| find(&place.host));
        return Ok((place, entry));
    }
    if let Some(entry) = name.and_then(find).filter(|entry| named.is_none_or(|kind| kind == entry.kind)) {
        let place = entry.place().ok_or_else(|| unknown_host(&entry.name, &entry.name))?;
        return Ok((place, Some(entry)));
    }
    let of_name = name.and_then(HostKind::of_host);
    // A name without a dot may be one of ssh's own configuration.
    let kind = match (named, of_name) {
        (Some(kind), Some(other)) if kind != other => return Err(other_host(kind, name.unwrap_or_default())),
        (Some(kind), None) if name.is_some_and(|name| name.contains('.')) => {
            return Err(other_host(kind, name.unwrap_or_default()));
        }
        (Some(kind), _) | (None, Some(kind)) => kind,
        (None, None) => {
            let name = name.ok_or_else(no_repository)?;
            return Err(unknown_host(name, &format!("https://{name}")));
        }
    };
    let entry = kind.usual_host().and_then(find).filter(|entry| entry.kind == kind);
    let usual = || kind.usual_host().and_then(|host| Place::named(kind, host));
    let place = entry.and_then(KnownHost::place).or_else(usual).ok_or_else(|| {
        let name = name.unwrap_or("git.example.com");
        let error = Error::new(Kind::Usage, format!("it is not said where this {} is", kind.called()));
        error.with_hint(format!(
            "add `--host-url https://{name}`, or a table `[git_hosts.{name:?}]` to your config file"
        ))
    })?;
    Ok((place, entry))
}

fn no_repository() -> Error {
    Error::new(Kind::Usage, "nothing says which repository is meant: there is no Git remote here")
        .with_hint("name it with `--repo OWNER/NAME`, and its host: `hookbelt hooks add github --repo OWNER/NAME`")
}

fn unknown_host(name: &str, url: &str) -> Error {
    Error::new(
        Kind::Usage,
        format!("it is not known what {name} is, and a token goes to no host that only a remote names"),
    )
    .with_hint(format!(
        "say it, as with `gitea --host-url {url}`, or add a table `[git_hosts.{name:?}]` to your config file"
    ))
}

fn other_host(kind: HostKind, name: &str) -> Error {
    Error::new(Kind::Usage, format!("the repository is at {name}, and it is not said that this is a {}", kind.called()))
        .with_hint(format!("add `--host-url https://{name}`, or name another repository with `--repo OWNER/NAME`"))
}

fn no_token(place: &Place, also: &str) -> Error {
    let names = token::variables(place).join(" or ");
    let more =
        if place.kind == HostKind::Bitbucket { ", and BITBUCKET_EMAIL to the account's e-mail address" } else { "" };
    Error::new(Kind::SignIn, format!("there is no token for {}", place.host)).with_hint(format!(
        "set {names}{more}, or name its file in the manifest or your config file: `[git_hosts.{:?}] token = {{ file = \"…\" }}`{also}",
        place.name()
    ))
}
