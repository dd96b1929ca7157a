//! Telling the deploy hooks of a release that has succeeded.

use std::collections::BTreeMap;

use crate::domain::causes::with_causes;
use crate::domain::printable::{Colours, printable};
use crate::domain::release::ReleaseNumber;
use crate::domain::signature::deploy_hook::{Announcement, DeployHookBase};
use crate::domain::signature::{Secret, Signature};
use crate::engine::{Engine, Job, Result};
use crate::http::{Answer, Client, HttpError};
use crate::store::log::NewLine;

/// A deploy hook with its secret at hand.
#[derive(Debug)]
pub struct Receiver {
    /// The configured URL.
    pub base: DeployHookBase,
    /// The key of the signature, if there is one.
    pub secret: Option<Secret>,
}

impl Engine {
    /// Posts a release to every receiver, once each, and logs what came of it.
    pub(super) async fn tell_deploy_hooks(&self, job: &Job, number: ReleaseNumber) -> Result<()> {
        if job.receivers.is_empty() {
            return Ok(());
        }
        let Some(release) = self.store.release(&job.record.uid, number).await? else {
            return Ok(());
        };
        let announcement = Announcement {
            app: job.app.identity.name.as_str(),
            release: number.to_string(),
            release_summary: &release.summary,
            sha: &release.sha,
            user: &release.user,
        };
        let client = Client::new(self.limits.deploy_hook);
        for receiver in &job.receivers {
            let said = match &client {
                Ok(client) => outcome(&receiver.base, post(client, receiver, &announcement).await),
                Err(error) => format!("{}{}", failed(&receiver.base), with_causes(error)),
            };
            let text = printable(&said, Colours::Remove).into_owned();
            self.store.append_log(&job.record.uid, &[NewLine::of_engine(Some(job.deployment), text)]).await?;
        }
        Ok(())
    }
}

async fn post(
    client: &Client,
    receiver: &Receiver,
    announcement: &Announcement<'_>,
) -> std::result::Result<Answer, HttpError> {
    let url = announcement.url(&receiver.base);
    let signature = receiver.secret.as_ref().map(|secret| Signature::sign(secret, &url).to_string());
    let headers: BTreeMap<&str, String> = signature.into_iter().map(|signature| ("authorization", signature)).collect();
    client.post(&url, &headers).await
}

fn outcome(base: &DeployHookBase, answer: std::result::Result<Answer, HttpError>) -> String {
    match answer {
        Ok(answer) if answer.is_success() => format!("Deploy hook sent to {base}"),
        Ok(Answer { status, first_line }) if first_line.is_empty() => format!("{}it answered {status}", failed(base)),
        Ok(Answer { status, first_line }) => format!("{}it answered {status}: {first_line}", failed(base)),
        Err(error) => format!("{}{}", failed(base), with_causes(&error)),
    }
}

fn failed(base: &DeployHookBase) -> String {
    format!("An error occurred while sending the deploy hook to {base}: ")
}
