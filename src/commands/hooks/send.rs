//! `hookbelt hooks send`: a deploy hook as the controller would send it, to try a receiver.

use hookbelt_signature::Signature;
use serde::Serialize;
use url::{Position, Url};

use crate::commands::hooks::announce::ReleaseFlags;
use crate::context::Context;
use crate::context::secrets::SecretFlags;
use crate::domain::delivery::base::{DeployHookBase, InvalidBase};
use crate::error::{Error, Kind};
use crate::http::{Answer, Client, Connection, Post};
use crate::output::Format;

/// What is sent, to whom, and with which secret.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The request is the one of a new release: a POST without a body, whose URL is signed. The app is not looked up, and nothing is \
deployed. The exit code is 0 if the receiver answers with a 2xx status, 1 if with another, and 6 if it does not answer. \
Redirects are not followed.

Examples:
  hookbelt hooks send --secret-file key -a shop http://localhost:3000/hook
  hookbelt hooks send --secret-file key -a shop --release v4 --sha 2fd9226e0c8d --user ann --dry-run http://localhost:3000/hook")]
pub struct Args {
    /// The receiver's URL, as it would be configured: the parameters are added to it
    #[arg(value_name = "URL")]
    pub base: String,
    /// The release.
    #[command(flatten)]
    pub release: ReleaseFlags,
    /// The secret.
    #[command(flatten)]
    pub secrets: SecretFlags,
    /// Send it without a signature
    #[arg(long, conflicts_with = "secret_file")]
    pub unsigned: bool,
    /// Print the request, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What was sent, and what came back.
#[derive(Debug, Serialize)]
struct Sent<'a> {
    method: &'a str,
    url: &'a str,
    signature: Option<&'a str>,
    #[serde(flatten)]
    answer: Option<Answered<'a>>,
}

#[derive(Debug, Serialize)]
struct Answered<'a> {
    status: u16,
    answer: &'a str,
}

/// Sends it and shows the answer.
///
/// # Errors
/// When there is no secret, or the receiver does not answer with a 2xx status.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    // Not clap's to parse: it would show the whole text, with a password that may be in it.
    let base: DeployHookBase = args.base.parse().map_err(|error: InvalidBase| Error::new(Kind::Usage, error))?;
    let url = args.release.url(context.settings().app.as_deref(), base.as_str(), context.variables())?;
    let signature = sign(&args, &url, context)?;
    let mut sent = Sent { method: "POST", url: &url, signature: signature.as_deref(), answer: None };
    if args.dry_run {
        let shown = match context.output().format() {
            Format::Json => context.output().say("", &sent),
            Format::Text => context.output().raw(request(&sent)?.as_bytes()),
        };
        return Ok(shown?);
    }
    let client = Client::new(context.limits()?.deploy_hook)?;
    let headers: Vec<_> = signature.iter().map(|signature| ("authorization", signature.clone())).collect();
    let post = Post { url: &url, headers: &headers, body: String::new(), connection: Connection::Closed };
    let answer = client.post(post).await?;
    sent.answer = Some(Answered { status: answer.status, answer: answer.first_line() });
    let line = match answer.first_line() {
        "" => answer.status.to_string(),
        text => format!("{}: {text}", answer.status),
    };
    context.output().say(&line, &sent)?;
    if answer.is_success() { Ok(()) } else { Err(not_taken(&base, &answer)) }
}

fn sign(args: &Args, url: &str, context: &Context) -> Result<Option<String>, Error> {
    if args.unsigned {
        return Ok(None);
    }
    if !args.secrets.are_given(context.variables()) {
        let error = Error::new(Kind::Usage, "there is no secret to sign with");
        return Err(error.with_hint(
            "name its file with `--secret-file FILE` (- for standard input), set HOOKBELT_SECRET, or send it without a \
             signature: `--unsigned`",
        ));
    }
    let secret = args.secrets.read_one(context.variables())?;
    Ok(Some(Signature::sign(&secret, url).to_string()))
}

/// The request as it goes over the wire, but for the headers that say nothing.
fn request(sent: &Sent<'_>) -> Result<String, Error> {
    let url = Url::parse(sent.url).map_err(|error| Error::new(Kind::Usage, error))?;
    let (host, target) = (&url[Position::BeforeHost..Position::AfterPort], &url[Position::BeforePath..]);
    let signature = sent.signature.map(|signature| format!("Authorization: {signature}\n")).unwrap_or_default();
    Ok(format!("POST {target} HTTP/1.1\nHost: {host}\n{signature}Content-Length: 0\n\n"))
}

fn not_taken(base: &DeployHookBase, answer: &Answer) -> Error {
    let error = Error::new(Kind::Failed, format!("{base} did not take the deploy hook: it answered {}", answer.status));
    match answer.status {
        300..=399 => error.with_hint("redirects are not followed: name the URL that it leads to"),
        401 | 403 => error.with_hint(
            "compare the secrets of both sides, and the URL that the receiver puts in front of the query; \
             `hookbelt hooks listen` in its place says what does not fit",
        ),
        _ => error,
    }
}
