//! From what is written to what it means, each fault at its place.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;
use toml::Spanned;

use crate::config::git_hosts;
use crate::config::manifest::error::Fault;
use crate::config::manifest::raw::{
    RawDeployHook, RawDeploymentProfile, RawManifest, RawRedeploymentHook, RawSecret, RawService, RawSource,
};
use crate::domain::app::{App, AppIdentity, DeployHook, DeploymentProfile, RedeploymentHook, SecretSource};
use crate::domain::delivery::HookEvent;
use crate::domain::delivery::receiver::{HookFormat, Receiver};
use crate::domain::duration;
use crate::domain::git_ref::GitRef;
use crate::domain::nearest::nearest;
use crate::domain::queue::Mode;
use crate::domain::service::{Checkout, Commands, GitSource, Service, ServiceName, Source};

/// The protocols that Git may be made to speak.
const PROTOCOLS: [&str; 7] = ["https", "ssh", "git+ssh", "ssh+git", "http", "git", "file"];

/// How long a service's commands may take together unless the manifest says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(30);

/// The app that a manifest in `folder` describes.
pub(super) fn app(raw: RawManifest, folder: &Path) -> Result<App, Fault> {
    if raw.services.is_empty() && raw.backend.is_none() {
        return Err(Fault::nowhere("this app has no services")
            .with_hint("add a table like `[services.web]` with a `deploy` command, or `backend = \"…\"`, the profile of the deploy API that \
             has them"));
    }
    if let Some(source) = &raw.source {
        repository(&source.git, folder)?;
        source.branch.as_ref().map(branch).transpose()?;
    }
    let identity = AppIdentity { name: raw.app, environment: raw.environment };
    let source = raw.source.as_ref();
    let services = raw.services.into_iter().map(|(name, service)| self::service(name, service, source, folder));
    let services = services.collect::<Result<Vec<_>, _>>()?;
    Ok(App {
        identity,
        deployment_profiles: deployment_profiles(raw.deployment_profiles, &services)?,
        redeployment_hook: redeployment_hook(raw.redeployment_hook, folder)?,
        deploy_hooks: deploy_hooks(raw.deploy_hooks, folder)?,
        git_hosts: git_hosts::understood(raw.git_hosts, folder)?,
        services,
    })
}

fn service(
    name: ServiceName,
    raw: Spanned<RawService>,
    default: Option<&RawSource>,
    folder: &Path,
) -> Result<Service, Fault> {
    let span = raw.span();
    let raw = raw.into_inner();
    let source = match &raw.image {
        Some(image) => {
            no_git_keys(&raw)?;
            Source::Image(image.get_ref().clone())
        }
        None => Source::Git(git_source(&name, &raw, &span, default, folder)?),
    };
    Ok(Service { source, commands: commands(raw)?, name })
}

/// An image service may not have keys that only mean something for a git service.
fn no_git_keys(raw: &RawService) -> Result<(), Fault> {
    let keys = [
        ("git", raw.git.as_ref().map(Spanned::span)),
        ("branch", raw.branch.as_ref().map(Spanned::span)),
        ("checkout", raw.checkout.as_ref().map(Spanned::span)),
        ("submodules", raw.submodules.as_ref().map(Spanned::span)),
    ];
    match keys.into_iter().find_map(|(key, span)| span.map(|span| (key, span))) {
        Some((key, span)) => {
            let fault = Fault::new(span, format!("a service with an `image` cannot have `{key}`"));
            Err(fault.with_hint("a service is deployed from an image or from Git; make two services of it"))
        }
        None => Ok(()),
    }
}

fn git_source(
    name: &ServiceName,
    raw: &RawService,
    span: &Range<usize>,
    default: Option<&RawSource>,
    folder: &Path,
) -> Result<GitSource, Fault> {
    let git = raw.git.as_ref().or(default.map(|source| &source.git));
    let no_checkout = raw.checkout.as_ref().is_some_and(|checkout| !checkout.get_ref());
    if git.is_none() && !no_checkout {
        let fault = Fault::new(
            span.clone(),
            format!("service `{name}` has neither `image` nor `git`, and there is no [source]"),
        );
        return Err(fault
            .with_hint("add `git = \"…\"` or `image = \"…\"` to it, or `checkout = false` to run its commands here"));
    }
    // A service with a repository of its own does not inherit the branch of another repository.
    let branch = match (&raw.branch, &raw.git) {
        (None, None) => default.and_then(|source| source.branch.as_ref()),
        (branch, _) => branch.as_ref(),
    };
    let checkout = match (raw.checkout.as_ref().map(Spanned::get_ref), &raw.submodules) {
        (Some(false), Some(submodules)) if *submodules.get_ref() => {
            return Err(Fault::new(submodules.span(), "without a checkout there are no submodules".to_owned()));
        }
        (Some(false), _) => Checkout::None,
        (_, Some(submodules)) if *submodules.get_ref() => Checkout::WithSubmodules,
        _ => Checkout::Fresh,
    };
    let repository = git.map(|git| repository(git, folder)).transpose()?;
    Ok(GitSource { repository, branch: branch.map(self::branch).transpose()?, checkout })
}

/// A remote as Git takes it; a relative path is made absolute.
fn repository(git: &Spanned<String>, folder: &Path) -> Result<String, Fault> {
    let text = git.get_ref();
    let refused = |reason: &str| Err(Fault::new(git.span(), format!("this cannot be a Git repository: {reason}")));
    if text.trim().is_empty() {
        return refused("it is empty");
    }
    if text.starts_with('-') {
        return refused("it begins with `-`");
    }
    if text.trim() != text {
        return refused("it begins or ends with a blank");
    }
    if text.chars().any(char::is_control) {
        return refused("it holds a control character");
    }
    if names_remote_helper(text) {
        return refused("remote helpers (`x::…`) are not used");
    }
    if let Some((scheme, _)) = text.split_once("://") {
        let known = PROTOCOLS.contains(&scheme.to_ascii_lowercase().as_str());
        return if known {
            Ok(text.clone())
        } else {
            refused("its protocol is none of https, ssh, http, git and file")
        };
    }
    if is_scp_form(text) {
        return Ok(text.clone());
    }
    // A path that is not there is reported when it is fetched, as it stands.
    let path = folder.join(text);
    let path = std::fs::canonicalize(&path).unwrap_or(path);
    path.into_os_string().into_string().or_else(|_| refused("the manifest's folder is not UTF-8"))
}

/// `x::address`, as Git recognises it: it runs the program `git-remote-x`.
fn names_remote_helper(text: &str) -> bool {
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    text.split_once("::").is_some_and(|(name, _)| !name.is_empty() && is_name(name))
}

/// `[user@]host:path`: a `:` before the first `/`, and behind the brackets of an IPv6 address.
fn is_scp_form(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let behind_brackets = host.find(']').unwrap_or(0);
    host[behind_brackets..].find(':').is_some_and(|colon| behind_brackets + colon > 1)
}

fn branch(branch: &Spanned<String>) -> Result<String, Fault> {
    match branch.get_ref().parse::<GitRef>() {
        Ok(name) => Ok(name.as_str().strip_prefix("refs/heads/").unwrap_or(name.as_str()).to_owned()),
        Err(error) => Err(Fault::new(branch.span(), error.to_string())),
    }
}

fn commands(raw: RawService) -> Result<Commands, Fault> {
    let deploy = command(raw.deploy)?;
    let timeout = raw.timeout.map_or(Ok(DEFAULT_TIMEOUT), |text| {
        duration::parse(text.get_ref()).map_err(|error| Fault::new(text.span(), error.to_string()))
    })?;
    let mut env = IndexMap::new();
    for (name, value) in raw.env {
        if value.contains('\0') {
            return Err(Fault::new(name.span(), format!("the value of {} holds a NUL character", name.get_ref())));
        }
        env.insert(variable_name(name)?, value);
    }
    Ok(Commands {
        build: raw.build.map(command).transpose()?,
        deploy,
        check: raw.check.map(command).transpose()?,
        timeout,
        env,
        pass_env: raw.pass_env.into_iter().map(variable_name).collect::<Result<_, _>>()?,
    })
}

fn command(command: Spanned<String>) -> Result<String, Fault> {
    if command.get_ref().trim().is_empty() {
        return Err(Fault::new(command.span(), "this command is empty".to_owned()));
    }
    if command.get_ref().contains('\0') {
        return Err(Fault::new(command.span(), "this command holds a NUL character".to_owned()));
    }
    Ok(command.into_inner())
}

/// A name that a shell can use, outside our own prefix.
fn variable_name(name: Spanned<String>) -> Result<String, Fault> {
    let text = name.get_ref();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.is_empty() || !text.chars().all(allowed) || text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(Fault::new(name.span(), format!("{text:?} cannot be the name of an environment variable")));
    }
    if text.starts_with("HOOKBELT_") {
        return Err(Fault::new(
            name.span(),
            format!("{text}: variables that begin with HOOKBELT_ are set by hookbelt"),
        ));
    }
    Ok(name.into_inner())
}

fn deployment_profiles(
    raw: IndexMap<Spanned<String>, RawDeploymentProfile>,
    services: &[Service],
) -> Result<Vec<DeploymentProfile>, Fault> {
    let profile = |(name, profile): (Spanned<String>, RawDeploymentProfile)| {
        if name.get_ref().trim().is_empty() || name.get_ref().chars().any(char::is_control) {
            return Err(Fault::new(name.span(), "this cannot be the name of a deployment profile".to_owned()));
        }
        let name = name.into_inner();
        if profile.services.get_ref().is_empty() {
            return Err(Fault::new(
                profile.services.span(),
                format!("the deployment profile `{name}` names no service"),
            ));
        }
        let known = profile.services.into_inner().into_iter().map(|wanted| known_service(&wanted, services));
        Ok(DeploymentProfile { name, services: known.collect::<Result<_, _>>()? })
    };
    raw.into_iter().map(profile).collect()
}

fn known_service(wanted: &Spanned<String>, services: &[Service]) -> Result<ServiceName, Fault> {
    let text = wanted.get_ref();
    if let Some(service) = services.iter().find(|service| service.name.as_str() == text) {
        return Ok(service.name.clone());
    }
    let fault = Fault::new(wanted.span(), format!("this app has no service {text:?}"));
    Err(match nearest(text, services, |service| service.name.to_string()) {
        Some(service) => fault.with_hint(format!("did you mean `{}`?", service.name)),
        None => fault,
    })
}

/// A receiver is named once: what waits for it finds its secret by its URL.
fn deploy_hooks(raw: Vec<RawDeployHook>, folder: &Path) -> Result<Vec<DeployHook>, Fault> {
    let mut hooks: Vec<DeployHook> = Vec::new();
    let mut receivers = HashSet::new();
    for raw in raw {
        let span = raw.url.span();
        let hook = deploy_hook(raw, folder)?;
        if !receivers.insert(hook.receiver.clone()) {
            let fault = Fault::new(span, "there is a deploy hook with this URL already".to_owned());
            return Err(fault.with_hint("write one, with all of its `events`"));
        }
        hooks.push(hook);
    }
    Ok(hooks)
}

fn deploy_hook(raw: RawDeployHook, folder: &Path) -> Result<DeployHook, Fault> {
    let format = match &raw.format {
        None => HookFormat::Workflow,
        Some(word) => word
            .get_ref()
            .parse()
            .map_err(|_| Fault::new(word.span(), "write \"workflow\" or \"standard-webhooks\"".to_owned()))?,
    };
    let receiver = Receiver::new(format, raw.url.get_ref());
    let receiver = receiver.map_err(|error| Fault::new(raw.url.span(), error.to_string()))?;
    let secret = raw.secret.map(|secret| self::secret(secret, folder)).transpose()?;
    if format == HookFormat::StandardWebhooks && secret.is_none() {
        let fault =
            Fault::new(raw.url.span(), "a hook of Standard Webhooks is signed, and this has no secret".to_owned());
        return Err(fault.with_hint("add `secret = { file = \"…\" }`, a file that holds `whsec_` and base64"));
    }
    Ok(DeployHook { receiver, secret, events: events(raw.events)? })
}

fn events(raw: Option<Spanned<Vec<Spanned<String>>>>) -> Result<Vec<HookEvent>, Fault> {
    let Some(raw) = raw else {
        return Ok(vec![HookEvent::Succeeded]);
    };
    if raw.get_ref().is_empty() {
        return Err(Fault::new(raw.span(), "this hook is never sent: it has no events".to_owned()));
    }
    let mut events = Vec::new();
    for word in raw.into_inner() {
        let known = HookEvent::ALL.map(HookEvent::word).join(", ");
        let unknown = |_| {
            Fault::new(word.span(), "this is no event of a deployment".to_owned())
                .with_hint(format!("write any of {known}"))
        };
        let event = word.get_ref().parse().map_err(unknown)?;
        if !events.contains(&event) {
            events.push(event);
        }
    }
    Ok(events)
}

pub(in crate::config) fn secret(raw: Spanned<RawSecret>, folder: &Path) -> Result<SecretSource, Fault> {
    let span = raw.span();
    match raw.into_inner() {
        RawSecret { file: Some(file), env: None } if !file.is_empty() => Ok(SecretSource::File(folder.join(file))),
        RawSecret { file: None, env: Some(variable) } if !variable.is_empty() => Ok(SecretSource::Variable(variable)),
        _ => Err(Fault::new(span, "write either { file = \"…\" } or { env = \"…\" }".to_owned())),
    }
}

fn redeployment_hook(raw: RawRedeploymentHook, folder: &Path) -> Result<RedeploymentHook, Fault> {
    let secrets = raw.secret.0.into_iter().map(|secret| self::secret(secret, folder)).collect::<Result<_, _>>()?;
    let mode = match raw.queue.as_ref().map(|queue| queue.get_ref().as_str()) {
        None | Some("latest") => Mode::Latest,
        Some("all") => Mode::All,
        Some(_) => {
            let span = raw.queue.map_or(0..0, |queue| queue.span());
            return Err(Fault::new(span, "write \"latest\" or \"all\"".to_owned()));
        }
    };
    Ok(RedeploymentHook { secrets, mode })
}
