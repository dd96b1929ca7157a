//! Telling the deploy hooks of a release that has succeeded.

use std::collections::BTreeMap;

use crate::config::environment::Variables;
use crate::config::files::{self, FileError};
use crate::domain::app::{App, DeployHook, SecretSource};
use crate::domain::causes::with_causes;
use crate::domain::printable::{Colours, printable};
use crate::domain::release::ReleaseNumber;
use crate::domain::signature::deploy_hook::{Announcement, DeployHookBase};
use crate::domain::signature::{Secret, Signature};
use crate::engine::{Engine, Job, Result, insist};
use crate::http::{Answer, Client, HttpError};
use crate::store::log::NewLine;

/// Why a secret that a manifest names cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Its file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its variable is not set, or empty.
    #[error("the environment variable {0} is not set, or empty")]
    NotSet(String),
}

/// The secret that signs a deploy hook, if it has one.
///
/// # Errors
/// When it cannot be read.
pub fn hook_secret(hook: &DeployHook, variables: &Variables) -> std::result::Result<Option<Secret>, SecretError> {
    hook.secret.as_ref().map(|source| read_secret(source, variables)).transpose()
}

/// The secret that a Git host signs with, if the manifest names one: the first, while there are several.
///
/// # Errors
/// When it cannot be read.
pub fn signing_secret(app: &App, variables: &Variables) -> std::result::Result<Option<Secret>, SecretError> {
    app.redeployment_hook.secrets.first().map(|source| read_secret(source, variables)).transpose()
}

/// A secret, from where a manifest says that it is.
///
/// # Errors
/// When it cannot be read.
pub fn read_secret(source: &SecretSource, variables: &Variables) -> std::result::Result<Secret, SecretError> {
    match source {
        SecretSource::File(path) => Ok(files::read_secret(path)?),
        SecretSource::Variable(name) => {
            let value = variables.raw(name).ok_or_else(|| SecretError::NotSet(name.clone()))?;
            let bytes = std::os::unix::ffi::OsStrExt::as_bytes(value.as_os_str()).to_vec();
            Secret::new(bytes).map_err(|_| SecretError::NotSet(name.clone()))
        }
    }
}

impl Engine {
    /// Posts a release to every receiver, once each, and logs what came of it; says for each whether it was taken.
    pub(super) async fn tell_deploy_hooks(
        &self,
        job: &Job,
        deployment: u64,
        number: ReleaseNumber,
    ) -> Result<Vec<(bool, String)>> {
        if job.app.deploy_hooks.is_empty() {
            return Ok(Vec::new());
        }
        let Some(release) = self.store.release(&job.record.uid, number).await? else {
            return Ok(Vec::new());
        };
        let mut deliveries = Vec::new();
        let announcement = Announcement {
            app: job.app.identity.name.as_str(),
            release: number.to_string(),
            release_summary: &release.summary,
            sha: &release.sha,
            user: &release.user,
        };
        let client = Client::new(self.limits.deploy_hook);
        for hook in &job.app.deploy_hooks {
            let (sent, said) = match (&client, hook_secret(hook, &self.variables)) {
                (Ok(client), Ok(secret)) => {
                    outcome(&hook.base, post(client, &hook.base, secret.as_ref(), &announcement).await)
                }
                (Err(error), _) => (false, format!("{}{}", failed(&hook.base), with_causes(error))),
                (_, Err(error)) => {
                    (false, format!("{}its secret cannot be read: {}", failed(&hook.base), with_causes(&error)))
                }
            };
            let text = printable(&said, Colours::Remove).into_owned();
            let line = [NewLine::of_engine(Some(deployment), text.clone())];
            insist(|| self.store.append_log(&job.record.uid, &line)).await?;
            deliveries.push((sent, text));
        }
        Ok(deliveries)
    }
}

async fn post(
    client: &Client,
    base: &DeployHookBase,
    secret: Option<&Secret>,
    announcement: &Announcement<'_>,
) -> std::result::Result<Answer, HttpError> {
    let url = announcement.url(base.as_str());
    let signature = secret.map(|secret| Signature::sign(secret, &url).to_string());
    let headers: BTreeMap<&str, String> = signature.into_iter().map(|signature| ("authorization", signature)).collect();
    client.post(&url, &headers).await
}

fn outcome(base: &DeployHookBase, answer: std::result::Result<Answer, HttpError>) -> (bool, String) {
    match answer {
        Ok(answer) if answer.is_success() => (true, format!("Deploy hook sent to {base}")),
        Ok(Answer { status, first_line }) if first_line.is_empty() => {
            (false, format!("{}it answered {status}", failed(base)))
        }
        Ok(Answer { status, first_line }) => (false, format!("{}it answered {status}: {first_line}", failed(base))),
        Err(error) => (false, format!("{}{}", failed(base), with_causes(&error))),
    }
}

fn failed(base: &DeployHookBase) -> String {
    format!("An error occurred while sending the deploy hook to {base}: ")
}
