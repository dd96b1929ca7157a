//! `hookbelt hooks verify`: whether a deploy hook's signature fits, and if not, why.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use hookbelt_signature::batch::Batch;
use hookbelt_signature::diagnose::Refused;
use hookbelt_signature::request::Request;
use hookbelt_signature::{Hook, Secret, Signature, SignedText, verify};
use serde::Serialize;

use crate::commands::hooks::base_url::BaseUrlFlag;
use crate::commands::hooks::batch;
use crate::commands::hooks::refusal::{Reason, Refusal};
use crate::commands::hooks::sign::web_url;
use crate::config::environment::Variables;
use crate::config::files::read_named;
use crate::context::secrets::SecretFlags;
use crate::error::{Error, Kind};
use crate::output::{Format, Output};

/// The most bytes of a request.
const MAX_REQUEST: u64 = 32 * 1024 * 1024;

/// What is verified, and with what.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Valid is the URL as it came; with its parameters in alphabetical order; with --base-url, that and the query as it came, \
also with `~` as `%7E`. Nothing else is. A refusal says why, as far as it can be found out, and is exit code 1.

Of a batch each refused line is printed: its number, a tab, and a cause; `malformed` also if it is no such line or has more \
than 64 kB, `unexplained` if none is found. With --json they are objects with `line` and `cause`. For each line only single \
mistakes are tried, and of orders, ports and other releases the nearest: verify one line alone to look for more.

Examples:
  hookbelt hooks verify --secret-file key 'http://deis.rocks?app=shop' \\
    --signature 5dffc8eede1674cfbf020dcacac7a560057b6ead
  hookbelt hooks verify --secret-file key --request captured.txt --base-url http://deis.rocks
  hookbelt hooks verify --secret-file new.key --secret-file old.key --request - < captured.txt
  hookbelt hooks verify --secret-file key --batch hooks.tsv > refused.tsv")]
pub struct Args {
    /// The whole URL, scheme and host included
    #[arg(required_unless_present_any = ["request", "batch"], conflicts_with_all = ["request", "batch"])]
    pub url: Option<String>,
    /// What the Authorization header holds: 40 hex digits
    #[arg(long, value_name = "HEX", required_unless_present_any = ["request", "batch"], conflicts_with_all = ["request", "batch"])]
    pub signature: Option<String>,
    /// A request as it was captured, a curl command line, or a line of an access log with the Authorization header's value at
    /// its end; a file, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// Many: lines of a URL, a tab and its signature, or of JSON with url and signature; a file, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "request")]
    pub batch: Option<PathBuf>,
    /// How many threads verify a batch; otherwise as many as there are cores
    #[arg(long, value_name = "N", conflicts_with_all = ["url", "request"])]
    pub threads: Option<NonZeroUsize>,
    /// The sender's URL.
    #[command(flatten)]
    pub base_url: BaseUrlFlag,
    /// The sender's scheme, http or https, where a proxy has changed it
    #[arg(long, value_name = "SCHEME", value_parser = ["http", "https"], hide_possible_values = true, conflicts_with_all = ["url", "batch"])]
    pub scheme: Option<String>,
    /// The secrets; several while they are changed
    #[command(flatten)]
    pub secrets: SecretFlags,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Verdict<'a> {
    valid: bool,
    /// Which text was signed, and that text.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<SignedText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    /// Which secret, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<usize>,
    /// Why not.
    causes: Vec<Reason>,
    /// Why perhaps, where no reason is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    possible: Vec<Reason>,
}

/// Verifies.
///
/// # Errors
/// When the signature does not fit, or nothing could be verified.
pub fn run(args: &Args, variables: &Variables, output: &Output) -> Result<(), Error> {
    let files = args.secrets.secret_file.iter().chain(&args.request).chain(&args.batch);
    if files.filter(|path| *path == Path::new("-")).count() > 1 {
        return Err(Error::new(Kind::Usage, "standard input can only be read once, and two flags name it"));
    }
    let base_url = args.base_url.read()?;
    let secrets = args.secrets.read(variables)?;
    if let Some(path) = &args.batch {
        return batch::run(path, args.threads, &Batch::new(&secrets, base_url), output);
    }
    let request = args.request.as_ref().map(|path| read_named(path, MAX_REQUEST)).transpose()?;
    let request = request.map(|bytes| Request::parse(&bytes)).transpose();
    let request = request.map_err(|error| Error::new(Kind::Usage, error))?;
    let (hook, presented, body) = if let Some(request) = &request {
        if args.scheme.is_some() && request.host.is_none() && base_url.is_some() {
            let error = Error::new(Kind::Usage, "--scheme changes nothing: the request does not say its host");
            return Err(error.with_hint("leave it out: --base-url has a scheme"));
        }
        let hook = request.hook(args.scheme.as_deref(), base_url).ok_or_else(no_host)?;
        (hook, request.authorization.as_deref(), request.body.as_deref())
    } else {
        let url = args.url.as_deref().unwrap_or_default();
        web_url(url)?;
        (Hook { url: url.into(), base_url }, args.signature.as_deref(), None)
    };
    let presented = presented.unwrap_or_default();
    let verified = presented.parse::<Signature>().ok().and_then(|signature| verify(&hook, &secrets, &signature));
    if let Some(verified) = verified {
        let verdict = Verdict {
            valid: true,
            signed: Some(verified.signed),
            text: Some(&verified.text),
            secret: Some(verified.secret),
            causes: Vec::new(),
            possible: Vec::new(),
        };
        let which = if secrets.len() > 1 { format!(", with secret {}", verified.secret) } else { String::new() };
        return Ok(output.say(&format!("valid: {}{which}", said(verified.signed)), &verdict)?);
    }
    let refused = Refused { hook: &hook, presented, body };
    refuse(&refused, &secrets, output)
}

fn no_host() -> Error {
    let error = Error::new(Kind::Usage, "the request does not say its host, and the host is part of what is signed");
    error.with_hint("give the URL that the sender has configured: `--base-url URL`")
}

fn said(signed: SignedText) -> &'static str {
    match signed {
        SignedText::AsItCame => "the URL as it came was signed",
        SignedText::Alphabetised => "the URL with its parameters in alphabetical order was signed",
        SignedText::WithBaseUrl => "the sender's URL with the query as it came was signed",
        SignedText::WithBaseUrlAndEscapedTilde => "the sender's URL with the query, `~` written `%7E`, was signed",
    }
}

/// The reason as a document, and as the error.
fn refuse(refused: &Refused<'_>, secrets: &[Secret], output: &Output) -> Result<(), Error> {
    let Refusal { causes, possible, text, secret, what, because, hint } = Refusal::of(refused, secrets);
    if output.format() == Format::Json {
        let verdict = Verdict { valid: false, signed: None, text: text.as_deref(), secret, causes, possible };
        match output.say("", &verdict) {
            // Not the quiet end that it is elsewhere: it would look like a success.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
            said => said?,
        }
    }
    let error = DoesNotFit { what, because: because.map(Because) };
    Err(Error::new(Kind::Failed, error).with_hint(hint))
}

/// A signature that does not fit.
#[derive(Debug, thiserror::Error)]
#[error("the signature is refused: {what}")]
struct DoesNotFit {
    what: String,
    #[source]
    because: Option<Because>,
}

/// What shows it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Because(String);
