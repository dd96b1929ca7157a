//! `redeploy --dry-run --payload`: what a redeployment hook would make of a request.

use std::path::{Path, PathBuf};

use crate::config::files::read_named;
use crate::context::Context;
use crate::deploying::{show_plan, something_selected};
use crate::domain::git_ref::short;
use crate::domain::git_url::without_credentials;
use crate::domain::payload::{Captured, PayloadFrom};
use crate::domain::plan::{Change, NewHead};
use crate::domain::redeploy_hook::{Asked, Trigger, understand};
use crate::error::{Error, Kind};

/// The most bytes of a body are 25 MiB; a request has a head too.
pub(super) const MAX_REQUEST: u64 = 26 * 1024 * 1024;

/// A request to a redeployment hook.
#[derive(Debug, clap::Args)]
pub struct PayloadFlags {
    /// With --dry-run: show what a redeployment hook would make of this request, as captured from a socket; a file, or - for
    /// standard input. Its signature is not verified. With a hook's URL: what is posted to it
    #[arg(long, value_name = "FILE")]
    pub payload: Option<PathBuf>,
    /// The payload is a bare body from this host: github, gitlab, bitbucket, gitea, forgejo or gogs; EVENT is push unless given
    #[arg(long, value_name = "HOST[:EVENT]", requires = "payload")]
    pub payload_from: Option<PayloadFrom>,
}

impl PayloadFlags {
    /// Who a bare body is said to be from; none for a whole request.
    pub(super) fn from(&self, bytes: &[u8]) -> Result<Option<&PayloadFrom>, Error> {
        if self.payload_from.is_some() && Captured::is_begun_by(bytes) {
            let error = Error::new(Kind::Usage, "this is a whole request, which says itself who it is from");
            return Err(error.with_hint("leave out --payload-from"));
        }
        Ok(self.payload_from.as_ref())
    }

    /// What the request asks for, as a redeployment hook understands it.
    fn asked(&self, bytes: &[u8]) -> Result<Asked, Error> {
        Ok(match self.from(bytes)? {
            Some(from) => understand(&PayloadFrom::received(&[from.header()], bytes))?,
            None => understand(&Captured::parse(bytes)?.received())?,
        })
    }
}

/// Shows what a payload would deploy.
///
/// # Errors
/// When it would deploy nothing, or cannot be understood.
pub(super) async fn show(file: &Path, flags: &PayloadFlags, context: &Context) -> Result<(), Error> {
    let bytes = read_named(file, MAX_REQUEST)?;
    let ignored = |reason: String| Error::new(Kind::NothingToDo, format!("ignored: {reason}"));
    let asked = flags.asked(&bytes)?;
    let backend = context.backend().await?;
    let trigger = match asked {
        Asked::Deploy(trigger) => trigger,
        Asked::Ignored(reason) => return Err(ignored(reason)),
        Asked::GithubDeployment { deployment, trigger } => {
            if let Some(reason) = deployment.why_not_for(&backend.app().environment) {
                return Err(ignored(reason));
            }
            context.output().note("a deployment at GitHub counts only while the setting continuous.deploy is on");
            trigger
        }
    };
    let plan = backend.plan(&trigger.request).await?.ok_or_else(|| {
        Error::new(Kind::Usage, format!("what a payload deploys of {} is decided where it is deployed", backend.app()))
    })?;
    context.output().note(&understood(&trigger));
    show_plan(&plan, &plan, context)?;
    something_selected(&plan, "ignored: this payload selects no service")
}

/// What was understood, in a line.
fn understood(trigger: &Trigger) -> String {
    let by = trigger.user.as_ref().map(|user| format!(", by {user}")).unwrap_or_default();
    let Some(git) = &trigger.request.git else {
        return "from no known Git host: it has no Git information".to_owned();
    };
    let at = |sha: &Option<String>| sha.as_ref().map(|sha| format!(" at {}", short(sha))).unwrap_or_default();
    let changes = git.changes.iter().map(|change| match change {
        Change::Pushed(NewHead { branch, after, .. }) => format!("{branch}{}", at(after)),
        Change::Deleted { branch } => format!("{branch} deleted"),
        Change::Tag { tag } => format!("tag {tag}"),
    });
    let changes: Vec<String> = changes.collect();
    let what = if changes.is_empty() { format!("no branch{}", at(&git.head)) } else { changes.join(", ") };
    let repository = git.repositories.first().map(|url| without_credentials(url)).unwrap_or_default();
    format!("from {}{by}, of {repository}: {what}", trigger.sender)
}
