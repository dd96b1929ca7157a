//! `hookbelt hooks sign`: the signature of a deploy hook's URL.

use hookbelt_signature::{Signature, alphabetised, question_marks, repeats_a_key};
use serde::Serialize;

use crate::commands::hooks::announce::ReleaseFlags;
use crate::config::environment::Variables;
use crate::context::secrets::SecretFlags;
use crate::domain::delivery::base::broken_by_workflow;
use crate::domain::printable::{Colours, printable};
use crate::error::{Error, Kind};
use crate::output::Output;

/// What is signed, and with what.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The signature is HMAC-SHA1 over the URL, whose parameters are brought into alphabetical order by key, then by \
value; no byte inside a parameter is changed. `+` and `%20`, or a `/` more after the host, give another signature.

With -a, --release, --summary, --sha or --user, the URL of that release is built as the Workflow controller builds it, and \
what is given as the URL is the one that the controller has configured. The app is not looked up. HOOKBELT_APP names it where \
one of the other four is given; alone it changes nothing.

Examples:
  hookbelt hooks sign --secret-file key 'http://deis.rocks?app=shop&release=v4'
  hookbelt hooks sign --secret-file key -a shop --release v4 http://deis.rocks
  hookbelt hooks sign --secret-file key -a shop --curl http://localhost:3000/ | sh")]
pub struct Args {
    /// The whole URL, scheme and host included; with -a, the one that is configured
    pub url: String,
    /// Sign the URL as it is, without bringing its parameters into order
    #[arg(long)]
    pub as_is: bool,
    /// Print the header: Authorization, and the signature
    #[arg(long, conflicts_with = "curl")]
    pub header: bool,
    /// Print a curl command line, quoted for a POSIX shell, that posts the hook
    #[arg(long)]
    pub curl: bool,
    /// The release.
    #[command(flatten)]
    pub release: ReleaseFlags,
    /// The secret.
    #[command(flatten)]
    pub secrets: SecretFlags,
}

/// What was signed.
#[derive(Debug, Serialize)]
struct Signed<'a> {
    url: &'a str,
    signature: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    curl: Option<String>,
}

/// Prints the signature; `app` is what a flag named.
///
/// # Errors
/// When there is no secret, or nothing that can be signed.
pub fn run(args: &Args, app: Option<&str>, variables: &Variables, output: &Output) -> Result<(), Error> {
    let url = if app.is_some() || args.release.are_given() {
        announced(args, app, variables, output)?
    } else {
        given(args, output)?
    };
    let secret = args.secrets.read_one(variables)?;
    if url != args.url {
        output.detail(&format!("signed: {url}"));
    }
    let signature = Signature::sign(&secret, &url).to_string();
    let header = args.header.then(|| format!("Authorization: {signature}"));
    let curl = args.curl.then(|| curl(&url, &signature)).transpose()?;
    let signed = Signed { url: &url, signature: &signature, header, curl };
    let line = signed.header.as_ref().or(signed.curl.as_ref()).unwrap_or(&signature);
    Ok(output.say(line, &signed)?)
}

/// The URL that was given, with its parameters in order.
fn given(args: &Args, output: &Output) -> Result<String, Error> {
    web_url(&args.url)?;
    if args.as_is {
        return Ok(args.url.clone());
    }
    if question_marks(&args.url) > 1 {
        output.note("note: the URL holds more than one `?`; only what follows the last was brought into order");
    }
    let url = alphabetised(&args.url);
    if repeats_a_key(&url) {
        let sent = if url == args.url { String::new() } else { format!(", as `{url}`") };
        output.note(&format!(
            "note: a key repeats, so it is verified only with its parameters in the order that is signed: send it so{sent}"
        ));
    }
    Ok(url)
}

/// The URL that the controller would build, whatever it has configured.
fn announced(args: &Args, app: Option<&str>, variables: &Variables, output: &Output) -> Result<String, Error> {
    let of_variable = if app.is_none() { variables.text("HOOKBELT_APP")? } else { None };
    let url = args.release.url(app.or(of_variable.as_deref()), &args.url, variables)?;
    if let Some(reason) = broken_by_workflow(&args.url) {
        output.note(&format!("note: this URL breaks as a deploy hook's: {reason}"));
    }
    Ok(url)
}

/// A command line for a POSIX shell that posts the hook. curl sends the URL as it stands here, but for a `/` that it adds
/// after a bare host, as every HTTP client does.
fn curl(url: &str, signature: &str) -> Result<String, Error> {
    let unfit = || Error::new(Kind::Usage, "the URL holds control characters, which curl does not send");
    if printable(url, Colours::Remove) != url {
        return Err(unfit());
    }
    let quoted = shlex::try_quote(url).map_err(|_| unfit())?;
    Ok(format!(
        "curl --globoff --path-as-is --header 'Authorization: {signature}' --header 'Content-Type:' --data '' --url {quoted}"
    ))
}

/// Refuses what is no URL of the web.
pub(super) fn web_url(text: &str) -> Result<(), Error> {
    if url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Ok(());
    }
    let error = Error::new(Kind::Usage, format!("{text:?} is no http or https URL"));
    Err(error.with_hint("the whole URL is signed, scheme and host included"))
}
