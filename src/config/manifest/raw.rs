//! The manifest as it is written, before its parts are compared with each other.

use indexmap::IndexMap;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::config::git_hosts::RawGitHosts;
use crate::domain::app::{AppName, Environment};
use crate::domain::image::Image;
use crate::domain::profile::ProfileName;
use crate::domain::service::ServiceName;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RawManifest {
    pub app: AppName,
    #[serde(default)]
    pub environment: Environment,
    pub backend: Option<ProfileName>,
    pub source: Option<RawSource>,
    #[serde(default)]
    pub services: IndexMap<ServiceName, Spanned<RawService>>,
    #[serde(default)]
    pub deployment_profiles: IndexMap<Spanned<String>, RawDeploymentProfile>,
    #[serde(default)]
    pub redeployment_hook: RawRedeploymentHook,
    #[serde(default)]
    pub deploy_hooks: Vec<RawDeployHook>,
    #[serde(default)]
    pub git_hosts: RawGitHosts,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RawSource {
    pub git: Spanned<String>,
    pub branch: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RawService {
    pub git: Option<Spanned<String>>,
    pub branch: Option<Spanned<String>>,
    pub image: Option<Spanned<Image>>,
    pub checkout: Option<Spanned<bool>>,
    pub submodules: Option<Spanned<bool>>,
    pub build: Option<Spanned<String>>,
    pub deploy: Spanned<String>,
    pub check: Option<Spanned<String>>,
    pub timeout: Option<Spanned<String>>,
    #[serde(default)]
    pub env: IndexMap<Spanned<String>, String>,
    #[serde(default)]
    pub pass_env: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RawDeploymentProfile {
    pub services: Spanned<Vec<Spanned<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RawDeployHook {
    pub url: Spanned<String>,
    pub format: Option<Spanned<String>>,
    pub secret: Option<Spanned<RawSecret>>,
    pub events: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(super) struct RawRedeploymentHook {
    #[serde(default)]
    pub secret: RawSecrets,
    pub queue: Option<Spanned<String>>,
}

/// One secret, or a list of them while they are changed.
#[derive(Debug, Default)]
pub(super) struct RawSecrets(pub Vec<Spanned<RawSecret>>);

impl<'de> Deserialize<'de> for RawSecrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Spanned::<toml::Value>::deserialize(deserializer)?;
        let span = value.span();
        let one = |value: toml::Value| {
            let secret = RawSecret::deserialize(value).map_err(D::Error::custom)?;
            Ok(Spanned::new(span.clone(), secret))
        };
        match value.into_inner() {
            toml::Value::Array(values) => values.into_iter().map(one).collect::<Result<_, _>>().map(Self),
            value => one(value).map(|secret| Self(vec![secret])),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ file = \"…\" } or { env = \"…\" }")]
pub(in crate::config) struct RawSecret {
    pub file: Option<String>,
    pub env: Option<String>,
}
