//! `redeploy` by a bare redeployment hook URL: no account, no manifest; whoever has the URL can deploy.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::commands::redeploy::Args;
use crate::commands::redeploy::payload::MAX_REQUEST;
use crate::config::files::read_named;
use crate::context::Context;
use crate::domain::hook_signature::{SIGNATURE_HEADERS, sign};
use crate::domain::payload::{Captured, Received};
use crate::domain::printable::{Colours, printable};
use crate::domain::redeploy_hook::{HookAddress, Modifiers};
use crate::error::{Error, Kind};
use crate::http::header::{HeaderMap, HeaderName, HeaderValue};
use crate::http::{Call, Client, HttpError, Method, Options, Reach, Reply};
use crate::output::Format;

/// The variable that holds the URL.
const VARIABLE: &str = "HOOKBELT_HOOK_URL";

/// The most bytes of a file with a URL.
const MAX_URL: u64 = 16 * 1024;

/// The most characters shown of an answer that is no JSON of ours.
const MAX_SHOWN: usize = 200;

/// A URL to post to.
#[derive(Debug, clap::Args)]
pub struct HookFlags {
    /// Post to the redeployment hook whose URL this file holds, or - for standard input; needs no account and no manifest.
    /// Without this HOOKBELT_HOOK_URL is used
    #[arg(long, value_name = "FILE")]
    pub hook_url_file: Option<PathBuf>,
}

/// What was posted, and what came of it.
#[derive(Debug, Serialize)]
struct Posted<'a> {
    hook: &'a str,
    accepted: bool,
    status: u16,
    message: Option<&'a str>,
    ignored: Option<&'a str>,
    deployment: Option<u64>,
    services: &'a [String],
    skipped: &'a [Skipped],
}

/// What `hookbelt serve` answers; others promise a status alone.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    message: Option<String>,
    ignored: Option<String>,
    error: Option<String>,
    deployment: Option<Deployment>,
    services: Vec<String>,
    skipped: Vec<Skipped>,
}

#[derive(Debug, Deserialize)]
struct Deployment {
    id: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Skipped {
    name: String,
    reason: String,
}

/// The URL that the flag or the variable holds, if one does.
pub(super) fn address(args: &Args, context: &Context) -> Result<Option<HookAddress>, Error> {
    let (text, from) = match &args.hook.hook_url_file {
        Some(file) => {
            let text = String::from_utf8(read_named(file, MAX_URL)?).unwrap_or_default();
            (text, format!("the file of --hook-url-file, {},", shown(file)))
        }
        None => match context.variables().text(VARIABLE)? {
            Some(text) => (text, VARIABLE.to_owned()),
            None => return Ok(None),
        },
    };
    let settings = context.settings();
    let others = [
        ("-s", settings.app.is_some()),
        ("-m", settings.manifest.is_some()),
        ("--profile", settings.profile.is_some()),
    ];
    if let Some((flag, _)) = others.iter().find(|(_, given)| *given) {
        let text = format!(
            "{from} holds the URL of a redeployment hook, which says itself what is deployed: {flag} contradicts it"
        );
        return Err(
            Error::new(Kind::Usage, text).with_hint("leave out one of them, the variables behind the flags too")
        );
    }
    let address = text.parse();
    address
        .map(Some)
        .map_err(|error| Error::new(Kind::Usage, format!("{from} holds no URL of a redeployment hook: {error}")))
}

fn shown(file: &Path) -> std::path::Display<'_> {
    if file == Path::new("-") { Path::new("standard input").display() } else { file.display() }
}

/// Posts, and says what came of it.
///
/// # Errors
/// When it was not accepted, or asks for nothing.
pub(super) async fn post(address: &HookAddress, args: &Args, context: &Context) -> Result<(), Error> {
    one_standard_input(args)?;
    nothing_that_it_cannot(args)?;
    let url = address.with(&modifiers(args)?).map_err(|error| Error::new(Kind::Usage, error))?;
    let masked = address.masked(&url);
    let payload = match &args.payload.payload {
        Some(file) => read_named(file, MAX_REQUEST)?,
        None => Vec::new(),
    };
    let mut call = request(url.clone(), &payload, args)?;
    if args.secrets.are_given(context.variables()) {
        add_signature(&mut call, args, context)?;
    }
    if args.dry_run {
        return show(&call, &masked, context);
    }
    let limits = context.limits()?;
    let trace = context.trace();
    let client = Client::with(Options {
        connect: limits.connect,
        limit: limits.request,
        authorities: None,
        reach: Reach::Anywhere,
        trace,
    })?;
    let reply = client.call(&call).await.map_err(not_known)?;
    told(&reply, &url, &masked, context)
}

/// What a redeployment hook has no words for.
fn nothing_that_it_cannot(args: &Args) -> Result<(), Error> {
    let flags = [
        ("--force", args.force),
        ("--deploy-strategy", args.strategy.deploy_strategy.is_some()),
        ("--rollout-strategy", args.rollout_strategy.is_some()),
        ("--timeout", args.waiting.timeout.is_some()),
        ("--cancel-on-interrupt", args.waiting.cancel_on_interrupt),
    ];
    match flags.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((flag, _)) => {
            let error = Error::new(Kind::Usage, format!("a redeployment hook cannot be told {flag}, nor waited for"));
            Err(error.with_hint("leave it out, or ask the deploy API itself: `hookbelt login`"))
        }
    }
}

/// Standard input can be read once.
fn one_standard_input(args: &Args) -> Result<(), Error> {
    let files = args.hook.hook_url_file.iter().chain(&args.payload.payload).chain(&args.secrets.secret_file);
    if files.filter(|file| *file == Path::new("-")).count() > 1 {
        return Err(Error::new(Kind::Usage, "standard input can be only one of URL, payload and secret"));
    }
    Ok(())
}

fn modifiers(args: &Args) -> Result<Modifiers, Error> {
    if let Some(choice) = args.services.iter().find(|choice| choice.reference.is_some()) {
        let error = Error::new(Kind::Usage, "a redeployment hook takes services by their names alone");
        return Err(
            error.with_hint(format!("write `--service {}`, and the ref of all as `--git-ref REF`", choice.name))
        );
    }
    let services: BTreeSet<String> = args.services.iter().map(|choice| choice.name.clone()).collect();
    if let Some(name) = services.iter().find(|name| name.contains(',')) {
        return Err(Error::new(Kind::Usage, format!("a service cannot be named {name:?}")));
    }
    Ok(Modifiers { services, deployment_profile: args.deployment_profile.clone(), git_ref: args.git_ref.clone() })
}

/// The request: the payload as its host sends it, else an empty body.
fn request(url: Url, payload: &[u8], args: &Args) -> Result<Call, Error> {
    let mut call = Call::new(Method::POST, url);
    call.body = Some(payload.to_vec());
    if args.payload.payload.is_none() {
        return Ok(call);
    }
    if let Some(from) = args.payload.from(payload)? {
        let (name, value) = from.header();
        call.headers = headers([(name, value), ("Content-Type", "application/json")].into_iter())?;
    } else {
        let captured = Captured::parse(payload)?;
        let received = captured.received();
        call.headers = headers(received.headers.iter().copied().filter(|(name, _)| is_of_the_payload(name)))?;
        call.body = Some(received.body.to_vec());
    }
    Ok(call)
}

/// Whether a header of a captured request says something of its payload, and not of the way it came.
fn is_of_the_payload(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "content-type" | "idempotency-key")
        || name.starts_with("x-")
        || name.starts_with("webhook-")
}

fn headers<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<HeaderMap, Error> {
    let malformed = |name: &str| Error::new(Kind::Usage, format!("the header {name:?} of the payload cannot be sent"));
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let parsed = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value));
        let (Ok(key), Ok(value)) = parsed else {
            return Err(malformed(name));
        };
        headers.append(key, value);
    }
    Ok(headers)
}

/// Signs the request anew; signatures that it had are gone.
fn add_signature(call: &mut Call, args: &Args, context: &Context) -> Result<(), Error> {
    let secret = args.secrets.read_one(context.variables())?;
    for header in SIGNATURE_HEADERS {
        call.headers.remove(header);
    }
    let named: Vec<(&str, &str)> =
        call.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let received = Received { headers: &named, query: "", body: call.body.as_deref().unwrap_or_default() };
    let (name, value) = sign(&received, &secret).map_err(|error| Error::new(Kind::Usage, error))?;
    let mut value = HeaderValue::from_str(&value)
        .map_err(|_| Error::new(Kind::Usage, "the secret cannot stand in a header, where GitLab sends it"))?;
    value.set_sensitive(true);
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|error| Error::new(Kind::Failed, error))?;
    call.headers.insert(name, value);
    Ok(())
}

/// The request as it would be sent.
fn show(call: &Call, masked: &str, context: &Context) -> Result<(), Error> {
    let bytes = call.body.as_ref().map_or(0, Vec::len);
    let headers: Vec<&str> = call.headers.keys().map(HeaderName::as_str).collect();
    let with = if headers.is_empty() { String::new() } else { format!(" and {}", headers.join(", ")) };
    let document = serde_json::json!({ "method": "POST", "hook": masked, "bytes": bytes, "headers": headers });
    let line = format!("would post to {masked}, with a body of {bytes} bytes{with}; nothing was sent");
    Ok(context.output().say(&line, &document)?)
}

/// What a person can know when no answer came.
fn not_known(error: HttpError) -> Error {
    let arrived = !matches!(error, HttpError::Unreachable { .. } | HttpError::Tls { .. } | HttpError::NoClient { .. });
    let error = Error::from(error);
    if arrived { error.with_hint("it may have been accepted: look before you ask again") } else { error }
}

/// What the answer means: only a status is promised by every such hook, and ours says more.
fn told(reply: &Reply, url: &Url, masked: &str, context: &Context) -> Result<(), Error> {
    let answer: Answer = serde_json::from_slice(&reply.body).unwrap_or_default();
    let host = url.host_str().unwrap_or_default();
    let said = answer.message.clone().or(answer.error.clone()).unwrap_or_else(|| first_line(&reply.body));
    if !reply.is_success() {
        return Err(refused(reply.status, host, &said));
    }
    let document = Posted {
        hook: masked,
        accepted: answer.ignored.is_none(),
        status: reply.status,
        message: answer.message.as_deref(),
        ignored: answer.ignored.as_deref(),
        deployment: answer.deployment.as_ref().map(|deployment| deployment.id),
        services: &answer.services,
        skipped: &answer.skipped,
    };
    if let Some(reason) = &answer.ignored {
        if context.output().format() == Format::Json {
            context.output().say("", &document)?;
        }
        return Err(Error::new(Kind::NothingToDo, format!("{host} ignored it: {reason}")));
    }
    let more = answer.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    let line = format!("{host} accepted it{more}; a redeployment hook cannot be waited for");
    Ok(context.output().say(&line, &document)?)
}

fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line = text.lines().next().unwrap_or_default().trim();
    // A page says nothing to a person at a terminal.
    if line.starts_with('<') {
        String::new()
    } else {
        printable(line, Colours::Remove).chars().take(MAX_SHOWN).collect()
    }
}

fn refused(status: u16, host: &str, said: &str) -> Error {
    let because = if said.is_empty() { String::new() } else { format!(": {said}") };
    let (kind, what, hint) = match status {
        401 | 403 => (
            Kind::SignIn,
            "did not accept the signature",
            Some("give the hook's secret with `--secret-file FILE` or HOOKBELT_SECRET"),
        ),
        404 | 410 => (
            Kind::NotFound,
            "has no such redeployment hook",
            Some(
                "the URL may be an old one: a new one is made by `hookbelt hooks url`, or in the web interface of Cloud 66",
            ),
        ),
        422 => (Kind::NotFound, "has no such service or deployment profile", None),
        400 | 413 | 415 => (Kind::Usage, "cannot read what was sent", None),
        429 => (Kind::Remote, "has too much waiting already", Some("try again in a while")),
        300..=399 => (
            Kind::Remote,
            "leads elsewhere, and redirects are not followed",
            Some("ask for the URL that it leads to, where you got this one"),
        ),
        500..=599 => (Kind::Remote, "failed", Some("it may not have been accepted: try again in a while")),
        _ => (Kind::Failed, "refused it", None),
    };
    let error = Error::new(kind, format!("{host} {what} ({status}){because}"));
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
