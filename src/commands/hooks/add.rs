//! `hookbelt hooks add`: has pushes to a repository sent to the app's redeployment hook.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hookbelt_signature::Secret;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::commands::hooks::generic;
use crate::config::files::{SecretBytes, read_named_secret};
use crate::context::Context;
use crate::context::git_hosts::{AtHost, HookedApp, HostFlags, NamedHost, Services, UrlFlags};
use crate::domain::git_host::HostKind;
use crate::domain::git_host::change::{Change, Plan, without_secrets};
use crate::domain::git_host::hook::{HookSecret, WantedHook, event, shown};
use crate::engine::new_uid;
use crate::error::{Error, Kind};
use crate::hosts::{Done, Ensured};
use crate::output::Row;

/// What a generated secret's file is called.
const SECRET_FILE: &str = "redeployment-hook.secret";

/// Which webhook is wanted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The host's token comes from GH_TOKEN or GITHUB_TOKEN (github.com), GH_ENTERPRISE_TOKEN, GITLAB_TOKEN, BITBUCKET_EMAIL and \
BITBUCKET_API_TOKEN, GITEA_TOKEN, FORGEJO_TOKEN, or from `git_hosts` in the manifest or your config file.

A webhook that is there already is changed only where it differs, and what the host would forget is repeated.

Examples:
  hookbelt hooks add
  hookbelt hooks add github --repo acme/shop --generate-secret
  hookbelt hooks add gitlab --host-url https://gitlab.example.com --dry-run
  hookbelt hooks add github --repo acme/shop --url-file hook.url")]
pub struct Args {
    /// Where.
    #[command(flatten)]
    pub at: HostFlags,
    /// Whose.
    #[command(flatten)]
    pub url: UrlFlags,
    /// The events that are sent, by the host's names; else pushes, with continuous.deploy at GitHub deployments too
    #[arg(long, value_name = "EVENTS", value_delimiter = ',')]
    pub events: Vec<String>,
    /// The file that holds the secret to sign with, or - for standard input; one trailing newline is not part of it. Else the
    /// manifest's is given to a webhook that has none
    #[arg(long, value_name = "FILE", conflicts_with = "generate_secret")]
    pub secret_file: Option<PathBuf>,
    /// Make a new secret, for the host and for a file
    #[arg(long)]
    pub generate_secret: bool,
    /// The file that a new secret is kept in; else redeployment-hook.secret beside the manifest
    #[arg(long, value_name = "FILE", requires = "generate_secret")]
    pub secret_out: Option<PathBuf>,
    /// Show what would be sent, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What was done.
#[derive(Debug, Serialize)]
struct Added {
    host: String,
    repository: String,
    hook: String,
    result: &'static str,
    changes: Vec<&'static str>,
    others: Vec<String>,
    secret_file: Option<String>,
}

/// What would be sent.
#[derive(Debug, Serialize)]
struct Unsent {
    method: &'static str,
    url: String,
    body: Option<Value>,
}

impl Row<3> for Unsent {
    const HEADERS: [&'static str; 3] = ["METHOD", "URL", "BODY"];
    fn cells(&self) -> [String; 3] {
        let body = self.body.as_ref().map(ToString::to_string);
        [self.method.to_owned(), self.url.clone(), body.unwrap_or_default()]
    }
}

/// A new secret, and the file that keeps it.
struct NewSecret {
    text: String,
    file: PathBuf,
}

/// Creates or changes the webhook.
///
/// # Errors
/// When there is no such app or repository, or the host refuses.
pub async fn run(args: &Args, context: &Context) -> Result<(), Error> {
    let app = context.hooked_app(&args.url, Services::NotAsked).await?;
    if args.at.host == Some(NamedHost::Generic) {
        return generic::run(&app, context);
    }
    let at = context.at_host(&args.at, Some(&app))?;
    is_reachable(&app, &at)?;
    let events = events(at.host.kind(), &args.events)?;
    let new = if args.generate_secret { Some(new_secret(args, &app)?) } else { None };
    let given = match (&new, &args.secret_file) {
        (Some(new), _) => {
            Some(Secret::new(new.text.clone().into_bytes()).map_err(|error| Error::new(Kind::Failed, error))?)
        }
        (None, Some(file)) => Some(read_named_secret(file, SecretBytes::WithoutNewline)?),
        (None, None) => None,
    };
    let given = given.as_ref().map(for_host).transpose()?;
    let want = app.wanted(at.host.kind(), &events, given, context)?;
    if args.dry_run {
        return show(&at, &want, context).await;
    }
    if let Some(new) = &new {
        keep(new)?;
    }
    let ensured = at.host.ensure(&at.repository, &want).await.inspect_err(|_| {
        // Nobody has it, and the next try makes another one.
        let _ = new.as_ref().map(|new| std::fs::remove_file(&new.file));
    })?;
    told(&ensured, &at, new.as_ref(), context)
}

/// Refuses an address that is nobody's, or this machine's.
fn is_reachable(app: &HookedApp, at: &AtHost) -> Result<(), Error> {
    let hint = "start `hookbelt serve` with --public-url URL, by which the host reaches it, or name the whole URL with --url-file";
    if app.note.is_some() {
        let text = "no `hookbelt serve` has the app now, so the address of its redeployment hook would be a guess";
        return Err(Error::new(Kind::Usage, text).with_hint(hint));
    }
    if at.host.place().is_usual() && is_here(&app.side.url) {
        let text =
            format!("{} cannot reach {}, which is on this machine", at.host.place().host, shown(app.side.url.as_str()));
        return Err(Error::new(Kind::Usage, text).with_hint(hint));
    }
    Ok(())
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => false,
    }
}

fn events(kind: HostKind, named: &[String]) -> Result<Vec<String>, Error> {
    let known = |text: &String| {
        let unknown = || Error::new(Kind::Usage, format!("{} has no event {text:?}", kind.called()));
        event(kind, text).ok_or_else(|| unknown().with_hint("leave out --events, and pushes are sent"))
    };
    named.iter().map(known).collect()
}

fn for_host(secret: &Secret) -> Result<HookSecret, Error> {
    let unfit = |error| Error::new(Kind::Usage, format!("the secret cannot be given to a Git host: {error}"));
    HookSecret::of(secret).map_err(unfit)
}

fn new_secret(args: &Args, app: &HookedApp) -> Result<NewSecret, Error> {
    let text = new_uid()? + &new_uid()?;
    let folder = app.manifest.as_ref().map_or_else(|| Path::new("."), |manifest| manifest.folder());
    let file = args.secret_out.clone().unwrap_or_else(|| folder.join(SECRET_FILE));
    if file.exists() {
        let error =
            Error::new(Kind::Usage, format!("{} is there already, and a secret is never written over", file.display()));
        return Err(
            error.with_hint("name another file with --secret-out, or give the host that one with --secret-file")
        );
    }
    Ok(NewSecret { text, file })
}

/// Only who runs this can read it.
fn keep(new: &NewSecret) -> Result<(), Error> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new.file).and_then(|mut file| {
        file.write_all(format!("{}\n", new.text).as_bytes())?;
        file.sync_all()
    });
    written.map_err(|error| Error::new(Kind::Usage, format!("{} cannot be written: {error}", new.file.display())))
}

/// What would be sent; nothing is but the question which webhooks there are.
async fn show(at: &AtHost, want: &WantedHook, context: &Context) -> Result<(), Error> {
    let host = &at.host;
    let hooks = host.hooks(&at.repository).await?;
    let plan = Plan::of(host.kind(), &at.repository, &hooks, want);
    let unsent = plan.requests.iter().map(|request| Unsent {
        method: request.method,
        url: host.place().url(&request.path).to_string(),
        body: request.body.as_ref().map(without_secrets),
    });
    let unsent: Vec<Unsent> = unsent.collect();
    Ok(context.output().list(&unsent, "nothing would be sent: the webhook is as it should be")?)
}

fn told(ensured: &Ensured, at: &AtHost, new: Option<&NewSecret>, context: &Context) -> Result<(), Error> {
    let output = context.output();
    let (hook, host) = (&ensured.hook.id, &at.host.place().host);
    let (result, changes) = match &ensured.done {
        Done::Created => ("created", Vec::new()),
        Done::Changed(changes) => ("changed", changes.clone()),
        Done::Unchanged => ("unchanged", Vec::new()),
    };
    let what: Vec<String> = changes.iter().map(ToString::to_string).collect();
    let what = if what.is_empty() { String::new() } else { format!(": {}", what.join("; ")) };
    let added = Added {
        host: host.clone(),
        repository: at.repository.to_string(),
        hook: hook.clone(),
        result,
        changes: changes.iter().map(Change::word).collect(),
        others: ensured.others.iter().map(|other| other.id.clone()).collect(),
        secret_file: new.map(|new| new.file.display().to_string()),
    };
    output.say(&format!("{result} webhook {hook} of {} at {host}{what}", at.repository), &added)?;
    if !added.others.is_empty() {
        let others = added.others.join(", ");
        output.note(&format!(
            "note: others post to the same redeployment hook, so that a push deploys more than once: {others}; `hookbelt hooks check` \
             says more"
        ));
    }
    if let Some(new) = new {
        output.note(&format!("note: its secret is in {}; add to the manifest:", new.file.display()));
        output.note("[redeployment_hook]");
        output.note(&format!("secret = {{ file = {:?} }}", new.file.display().to_string()));
    }
    Ok(())
}
