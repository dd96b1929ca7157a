//! `hookbelt hooks check`: finds out why a push did not deploy.

use serde::Serialize;
use url::Url;

use crate::context::Context;
use crate::context::git_hosts::{AtHost, HookedApp, HostFlags, Services, UrlFlags};
use crate::domain::git_host::change::{main, to_wanted};
use crate::domain::git_host::finding::{Finding, Looked, Mend, findings};
use crate::domain::git_host::hook::{HostHook, WantedHook, usual_events};
use crate::domain::git_host::{Facts, HostKind, RepositoryPath};
use crate::error::{Error, Kind};
use crate::output::Row;

/// Of which repository.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Looks for the app's webhook, whether it is on, complete and alone, whether its deliveries arrive, and whether the app is deployed \
from this repository at all. Each finding says what helps; --fix creates a webhook that is missing, changes what differs, and \
removes one that does the same as another. Exits with 1 while something is wrong.")]
pub struct Args {
    /// Where.
    #[command(flatten)]
    pub at: HostFlags,
    /// Whose.
    #[command(flatten)]
    pub url: UrlFlags,
    /// Mend what can be mended without anybody being asked
    #[arg(long)]
    pub fix: bool,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Checked {
    host: String,
    repository: String,
    hook: Option<String>,
    mended: Vec<Finding>,
    findings: Vec<Finding>,
}

impl Row<4> for Finding {
    const HEADERS: [&'static str; 4] = ["WRONG", "WEBHOOK", "DETAIL", "REMEDY"];
    fn cells(&self) -> [String; 4] {
        [self.what.to_string(), self.hook.clone().unwrap_or_default(), self.detail.clone(), self.remedy.clone()]
    }
}

/// Says what is wrong, and mends it if that is asked for.
///
/// # Errors
/// When something is wrong, or the host cannot be asked.
pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let mut app = context.hooked_app(&args.url, Services::Asked).await?;
    let mut at = context.at_host(&args.at, Some(&app))?;
    app.side.events = usual_events(at.host.kind(), app.takes_deployments);
    let facts = at.host.facts(&at.repository).await?;
    let asked = at.repository.clone();
    if let Some(now) = facts.renamed.as_deref().and_then(|name| at.host.place().repository(name).ok()) {
        at.repository = now;
    }
    let (mut hooks, mut found) = look(&at, &asked, &facts, &app).await?;
    let mut mended = Vec::new();
    if args.fix && found.iter().any(|finding| finding.mend.is_some()) {
        mended = mend(&at, &app, &hooks, &found, context).await?;
        (hooks, found) = look(&at, &asked, &facts, &app).await?;
    }
    told(&at, &app, &hooks, mended, found, context)
}

/// Looks at the webhooks of the repository by the name that it has now; what the app says of it is by the name that was asked for.
async fn look(
    at: &AtHost,
    asked: &RepositoryPath,
    facts: &Facts,
    app: &HookedApp,
) -> Result<(Vec<HostHook>, Vec<Finding>), Error> {
    let hooks = at.host.hooks(&at.repository).await?;
    let deliveries = match main(&hooks, &app.side.url) {
        Some(hook) if at.host.kind() == HostKind::Github => at.host.newest_deliveries(&at.repository, hook).await?,
        _ => Vec::new(),
    };
    let looked = Looked {
        place: at.host.place(),
        repository: asked,
        facts,
        hooks: &hooks,
        deliveries: &deliveries,
        app: &app.side,
    };
    let found = findings(&looked);
    Ok((hooks, found))
}

/// Mends what can be; says what was.
async fn mend(
    at: &AtHost,
    app: &HookedApp,
    hooks: &[HostHook],
    found: &[Finding],
    context: &Context,
) -> Result<Vec<Finding>, Error> {
    let want = app.wanted(at.host.kind(), &[], None, context)?;
    let is_changed = found.iter().any(|finding| finding.mend == Some(Mend::Change));
    let mut was_changed = false;
    if let Some(hook) = main(hooks, &want.url).filter(|_| is_changed) {
        let want = WantedHook { url: mended_url(hook, &want.url, app.side.is_guess), ..want.clone() };
        match to_wanted(at.host.kind(), &at.repository, hook, &want) {
            Some(requests) => {
                at.host.send_all(&requests).await?;
                was_changed = true;
            }
            None => context.output().note(
                "note: its URL is not changed, since GitLab would forget the secret, which nobody here knows: use `hookbelt hooks add \
                 --secret-file FILE`, then remove this one",
            ),
        }
    }
    let mut mended = Vec::new();
    for finding in found {
        match &finding.mend {
            Some(Mend::Create) => drop(at.host.ensure(&at.repository, &want).await?),
            Some(Mend::Remove(hook)) => at.host.remove(&at.repository, hook).await?,
            Some(Mend::Change) if was_changed => {}
            Some(Mend::Change) | None => continue,
        }
        mended.push(finding.clone());
    }
    Ok(mended)
}

/// Where a webhook should post to: the app's address, with the modifiers that it has.
fn mended_url(hook: &HostHook, url: &Url, is_guess: bool) -> Url {
    let Ok(own) = Url::parse(&hook.url) else {
        return url.clone();
    };
    if is_guess {
        return own;
    }
    let mut mended = url.clone();
    if own.query().is_some() {
        mended.set_query(own.query());
    }
    mended
}

fn told(
    at: &AtHost,
    app: &HookedApp,
    hooks: &[HostHook],
    mended: Vec<Finding>,
    findings: Vec<Finding>,
    context: &Context,
) -> Result<(), Error> {
    let output = context.output();
    for finding in &mended {
        output.note(&format!("mended: {}", finding.detail));
    }
    let hook = main(hooks, &app.side.url).map(|hook| hook.id.clone());
    let (host, repository) = (at.host.place().host.clone(), at.repository.to_string());
    let named = hook.as_ref().map(|id| format!("webhook {id} of ")).unwrap_or_default();
    let count = findings.len();
    let checked = Checked { host, repository, hook, mended, findings };
    if count == 0 {
        return Ok(output.say(&format!("{named}{} at {} is as it should be", at.repository, checked.host), &checked)?);
    }
    if output.format() == crate::output::Format::Json {
        output.say("", &checked)?;
    } else {
        output.list(&checked.findings, "")?;
    }
    let things = if count == 1 { "1 thing is".to_owned() } else { format!("{count} things are") };
    let error =
        Error::new(Kind::Failed, format!("{things} wrong with the webhook of {} at {}", at.repository, checked.host));
    let is_mendable = checked.findings.iter().any(|finding| finding.mend.is_some());
    Err(if is_mendable { error.with_hint("`hookbelt hooks check --fix` mends what it can") } else { error })
}
