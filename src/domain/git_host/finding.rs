//! Why a push does not deploy, as far as the repository's webhooks tell.

use serde::Serialize;
use url::Url;

use crate::domain::git_host::change::main;
use crate::domain::git_host::delivery::{Delivery, failing};
use crate::domain::git_host::hook::{HostHook, SecretThere, shown};
use crate::domain::git_host::{Facts, Place, RepositoryPath};
use crate::domain::git_url::without_credentials;
use crate::domain::redeploy_hook::Modifiers;

/// What is looked at.
#[derive(Debug)]
pub struct Looked<'a> {
    /// The host.
    pub place: &'a Place,
    /// The repository.
    pub repository: &'a RepositoryPath,
    /// What the host says of it.
    pub facts: &'a Facts,
    /// All its webhooks.
    pub hooks: &'a [HostHook],
    /// What GitHub delivered to the app's hook, newest first.
    pub deliveries: &'a [Delivery],
    /// What the app is.
    pub app: &'a AppSide,
}

/// What is known of the app.
#[derive(Debug, Clone)]
pub struct AppSide {
    /// The URL of its redeployment hook.
    pub url: Url,
    /// Whether nobody knows by which address the host reaches it.
    pub is_guess: bool,
    /// The events that are wanted.
    pub events: Vec<String>,
    /// Whether its requests must be signed, where that is known here.
    pub wants_secret: Option<bool>,
    /// The repositories that it is deployed from; none where nobody knows.
    pub sources: Vec<String>,
    /// Its services, where they are known.
    pub services: Option<Vec<String>>,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// There is no hook.
    NoHook,
    /// Several deploy the same.
    Twice,
    /// It is off.
    Inactive,
    /// The host has stopped it.
    Stopped,
    /// It posts by another address.
    Url,
    /// It is not sent for an event.
    Events,
    /// It sends forms.
    Form,
    /// The host does not verify certificates.
    Tls,
    /// Only one side has a secret.
    Secret,
    /// What it delivered last did not arrive.
    Deliveries,
    /// The repository has another name.
    Renamed,
    /// The repository can only be read.
    Archived,
    /// The app is deployed from elsewhere.
    Source,
    /// The modifiers of its URL cannot be meant.
    Modifiers,
}

words!(Wrong {
    NoHook = "no_hook",
    Twice = "twice",
    Inactive = "inactive",
    Stopped = "stopped",
    Url = "url",
    Events = "events",
    Form = "form",
    Tls = "tls",
    Secret = "secret",
    Deliveries = "deliveries",
    Renamed = "renamed",
    Archived = "archived",
    Source = "source",
    Modifiers = "modifiers"
});

/// How something is mended without anybody being asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Mend {
    /// The hook is created.
    Create,
    /// The app's hook is made the wanted one.
    Change,
    /// This hook is removed, which another does the same as.
    Remove(HostHook),
}

/// One thing that is wrong, and what helps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What is wrong, in one word.
    pub what: Wrong,
    /// The webhook.
    pub hook: Option<String>,
    /// What is wrong with it.
    pub detail: String,
    /// What to do about it.
    pub remedy: String,
    /// How `--fix` mends it, if it does.
    #[serde(skip)]
    pub mend: Option<Mend>,
}

/// What `--fix` does.
const FIX: &str = "`hookbelt hooks check --fix` mends it";

/// Collects what is wrong.
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, what: Wrong, hook: Option<&HostHook>, detail: impl Into<String>, remedy: impl Into<String>) {
        let hook = hook.map(|hook| hook.id.clone());
        self.0.push(Finding { what, hook, detail: detail.into(), remedy: remedy.into(), mend: None });
    }

    /// The same of what `--fix` mends.
    fn mendable(&mut self, what: Wrong, hook: Option<&HostHook>, detail: impl Into<String>, mend: Mend) {
        let hook = hook.map(|hook| hook.id.clone());
        self.0.push(Finding { what, hook, detail: detail.into(), remedy: FIX.to_owned(), mend: Some(mend) });
    }
}

/// All that is wrong.
#[must_use]
pub fn findings(looked: &Looked<'_>) -> Vec<Finding> {
    let mut found = Findings(Vec::new());
    about_repository(looked, &mut found);
    match main(looked.hooks, &looked.app.url) {
        None => no_hook(looked, &mut found),
        Some(hook) => {
            about_url(looked, hook, &mut found);
            about_hook(looked, hook, &mut found);
            about_secret(looked, hook, &mut found);
            about_deliveries(looked, hook, &mut found);
            others(looked, hook, &mut found);
        }
    }
    found.0
}

fn about_repository(looked: &Looked<'_>, found: &mut Findings) {
    let (repository, app) = (looked.repository, looked.app);
    if let Some(name) = &looked.facts.renamed {
        let detail =
            format!("{repository} is called {name} now: its payloads name that, and match no service of the old name");
        found.add(Wrong::Renamed, None, detail, format!("write {name} in the manifest's `git`"));
    }
    if looked.facts.is_archived {
        let detail = format!("{repository} is archived: nobody can push to it, nor change its webhooks");
        found.add(Wrong::Archived, None, detail, "unarchive it at the host");
    }
    let is_here = |source: &String| looked.place.is_remote_of(source, repository);
    if !app.sources.is_empty() && !app.sources.iter().any(is_here) {
        let sources: Vec<String> = app.sources.iter().map(|source| without_credentials(source)).collect();
        let detail = format!("no service is deployed from {repository}: they are from {}", sources.join(", "));
        found.add(Wrong::Source, None, detail, "name their repository with `--repo`, or correct the manifest's `git`");
    }
}

fn no_hook(looked: &Looked<'_>, found: &mut Findings) {
    let app = looked.app;
    let other = looked.hooks.iter().find(|hook| hook.is_of_same_server(&app.url)).map(|other| {
        let whose = "an old URL of this app, or another app's";
        format!("; webhook {} posts to another redeployment hook of that server: {whose}", other.id)
    });
    let other = other.unwrap_or_default();
    let detail = format!("no webhook of {} posts to {}{other}", looked.repository, shown(app.url.as_str()));
    if app.is_guess {
        let remedy = "start `hookbelt serve --public-url URL`, so that its address is known, then `hookbelt hooks add`";
        found.add(Wrong::NoHook, None, detail, remedy);
    } else {
        found.mendable(Wrong::NoHook, None, detail, Mend::Create);
    }
}

fn about_url(looked: &Looked<'_>, hook: &HostHook, found: &mut Findings) {
    let app = looked.app;
    let without_query = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        Some(url)
    };
    let is_elsewhere = without_query(&hook.url) != without_query(app.url.as_str());
    if is_elsewhere && !app.is_guess {
        let detail = format!("it posts to {}, and the app is at {}", shown(&hook.url), shown(app.url.as_str()));
        found.mendable(Wrong::Url, Some(hook), detail, Mend::Change);
    }
}

fn about_hook(looked: &Looked<'_>, hook: &HostHook, found: &mut Findings) {
    let change = |found: &mut Findings, what, detail: String| found.mendable(what, Some(hook), detail, Mend::Change);
    if !hook.active {
        change(found, Wrong::Inactive, "it is not active".to_owned());
    }
    if let Some(stopped) = &hook.stopped {
        let detail = format!("the host has stopped it, since its deliveries failed: {stopped}");
        let remedy = "mend what made them fail, then have it tested: `hookbelt hooks ping --test-push`";
        found.add(Wrong::Stopped, Some(hook), detail, remedy);
    }
    let missing = looked.app.events.iter().filter(|event| !hook.sends(event));
    let missing: Vec<&str> = missing.map(String::as_str).collect();
    if !missing.is_empty() {
        change(found, Wrong::Events, format!("it is not sent for {}", missing.join(", ")));
    }
    if !hook.is_json {
        change(found, Wrong::Form, "it sends forms instead of JSON".to_owned());
    }
    if !hook.verifies_tls {
        change(found, Wrong::Tls, "the host does not verify the server's certificate".to_owned());
    }
}

fn about_secret(looked: &Looked<'_>, hook: &HostHook, found: &mut Findings) {
    match (looked.app.wants_secret, hook.secret) {
        (Some(true), SecretThere::No) => {
            let detail = "it has no secret, and the app wants every request signed";
            found.mendable(Wrong::Secret, Some(hook), detail, Mend::Change);
        }
        (Some(false), SecretThere::Yes | SecretThere::Signs) => {
            let detail = "it signs with a secret, and the app does not ask for it";
            let remedy = "name the secret in the manifest: `[redeployment_hook] secret = { file = \"…\" }`";
            found.add(Wrong::Secret, Some(hook), detail, remedy);
        }
        _ => {}
    }
}

fn about_deliveries(looked: &Looked<'_>, hook: &HostHook, found: &mut Findings) {
    let Some((count, newest)) = failing(looked.deliveries) else {
        return;
    };
    let deliveries = if count == 1 { "delivery".to_owned() } else { format!("{count} deliveries") };
    let detail = format!(
        "the last {deliveries} failed, the newest ({}) at {}: {}",
        newest.event,
        newest.delivered_at,
        newest.outcome()
    );
    let remedy = match newest.status_code {
        401 => "the secrets differ: give the host the app's with `hookbelt hooks add --secret-file FILE`",
        404 => "there is no such redeployment hook any more: `hookbelt hooks add`, then remove this one",
        422 => "correct the modifiers in its URL",
        413 => "the server takes no body of this size: look at the proxy before it",
        _ => "see that the host reaches the server, and the server's log; then `hookbelt hooks catch-up --since 2h`",
    };
    found.add(Wrong::Deliveries, Some(hook), detail, remedy);
}

/// Those beside the app's hook, and the modifiers of all.
fn others(looked: &Looked<'_>, main: &HostHook, found: &mut Findings) {
    let app = looked.app;
    for hook in looked.hooks.iter().filter(|hook| hook.is_of(&app.url)) {
        if hook.id != main.id && hook.active {
            let detail = format!("it posts to the same redeployment hook as webhook {}: a push deploys twice", main.id);
            if hook.url == main.url {
                found.mendable(Wrong::Twice, Some(hook), detail, Mend::Remove(hook.clone()));
            } else {
                let remedy = format!("remove one of them, as with `hookbelt hooks remove --id {}`", hook.id);
                found.add(Wrong::Twice, Some(hook), detail, remedy);
            }
        }
        let url = Url::parse(&hook.url).ok();
        let query = url.as_ref().and_then(Url::query).unwrap_or_default();
        let detail = match (Modifiers::parse(query), &app.services) {
            (Err(error), _) => error.to_string(),
            (Ok(modifiers), Some(known)) => {
                let unknown = modifiers.services.iter().filter(|name| !known.contains(name));
                let unknown: Vec<&str> = unknown.map(String::as_str).collect();
                if unknown.is_empty() {
                    continue;
                }
                format!("its URL names services that the app does not have: {}", unknown.join(", "))
            }
            (Ok(_), None) => continue,
        };
        let known = app.services.as_ref().map(|known| format!("; there are {}", known.join(", ")));
        let remedy = format!("change its URL at the host{}", known.unwrap_or_default());
        found.add(Wrong::Modifiers, Some(hook), detail, remedy);
    }
}
