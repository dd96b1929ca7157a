//! The environment of a service's commands.

use std::ffi::OsString;
use std::path::Path;

use crate::config::environment::Variables;
use crate::domain::app::AppIdentity;
use crate::domain::deployment::{Target, Trigger};
use crate::domain::release::ReleaseNumber;
use crate::domain::service::Service;

/// What every command gets of our own environment.
const HANDED_ON: [&str; 6] = ["PATH", "HOME", "USER", "LANG", "TZ", "SSH_AUTH_SOCK"];

/// Where programs are looked for when our own environment does not say.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What commands are told of the run they are part of.
#[derive(Debug)]
pub(super) struct RunFacts<'a> {
    pub app: &'a AppIdentity,
    pub deployment: u64,
    pub release: ReleaseNumber,
    pub attempt: u64,
    pub trigger: Trigger,
    pub user: &'a str,
    pub payload_file: Option<&'a Path>,
}

/// The variables for the commands of `service`: what is handed on, what its manifest sets, what we tell.
pub(super) fn of(
    variables: &Variables,
    facts: &RunFacts<'_>,
    service: &Service,
    target: &Target,
) -> Vec<(OsString, OsString)> {
    let commands = &service.commands;
    let names = HANDED_ON.into_iter().chain(commands.pass_env.iter().map(String::as_str));
    let mut environment: Vec<(OsString, OsString)> = vec![("PATH".into(), DEFAULT_PATH.into())];
    let slug = facts.app.slug();
    environment.extend((!slug.is_empty()).then(|| ("COMPOSE_PROJECT_NAME".into(), slug.into())));
    environment.extend(variables.select(names).map(|(name, value)| (name.into(), value.clone())));
    environment.extend(commands.env.iter().map(|(name, value)| (name.into(), value.into())));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let told = [
        ("HOOKBELT_APP", facts.app.name.to_string()),
        ("HOOKBELT_ENVIRONMENT", facts.app.environment.to_string()),
        ("HOOKBELT_SERVICE", service.name.to_string()),
        ("HOOKBELT_DEPLOYMENT", facts.deployment.to_string()),
        ("HOOKBELT_RELEASE", facts.release.to_string()),
        ("HOOKBELT_ATTEMPT", facts.attempt.to_string()),
        ("HOOKBELT_REF", text(&target.reference)),
        ("HOOKBELT_BRANCH", text(&target.branch)),
        ("HOOKBELT_SHA", text(&target.sha)),
        ("HOOKBELT_IMAGE", target.image.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("HOOKBELT_TRIGGER", facts.trigger.to_string()),
        ("HOOKBELT_USER", facts.user.to_owned()),
    ];
    environment.extend(told.map(|(name, value)| (name.into(), value.into())));
    let payload_file = facts.payload_file.map(|path| path.as_os_str().to_owned());
    environment.push(("HOOKBELT_PAYLOAD_FILE".into(), payload_file.unwrap_or_default()));
    environment
}
