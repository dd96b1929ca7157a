//! `hookbelt hooks sign`: the signature of a deploy hook's URL.

use serde::Serialize;

use crate::commands::hooks::secrets::SecretFlags;
use crate::config::environment::Variables;
use crate::domain::signature::{Signature, alphabetised, question_marks};
use crate::error::{Error, Kind};
use crate::output::Output;

/// What is signed, and with what.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The signature is HMAC-SHA1 over the URL, whose parameters are brought into alphabetical order by key, then by \
value; no byte inside a parameter is changed. `+` and `%20`, or a `/` more after the host, give another signature.

Example:
  hookbelt hooks sign --secret-file key 'http://deis.rocks?app=shop&release=v4'")]
pub struct Args {
    /// The whole URL, scheme and host included
    pub url: String,
    /// Sign the URL as it is, without bringing its parameters into order
    #[arg(long)]
    pub as_is: bool,
    /// The secret.
    #[command(flatten)]
    pub secrets: SecretFlags,
}

/// What was signed.
#[derive(Debug, Serialize)]
struct Signed<'a> {
    url: &'a str,
    signature: String,
}

/// Prints the signature.
///
/// # Errors
/// When there is no secret.
pub fn run(args: &Args, variables: &Variables, output: &Output) -> Result<(), Error> {
    web_url(&args.url)?;
    let secret = args.secrets.read_one(variables)?;
    let url = if args.as_is { args.url.clone() } else { alphabetised(&args.url) };
    if url != args.url {
        output.detail(&format!("signed: {url}"));
    }
    if question_marks(&url) > 1 && !args.as_is {
        output.note("note: the URL holds more than one `?`; only what follows the last was brought into order");
    }
    let signature = Signature::sign(&secret, &url).to_string();
    Ok(output.say(&signature, &Signed { url: &url, signature: signature.clone() })?)
}

/// Refuses what is no URL of the web.
pub(super) fn web_url(text: &str) -> Result<(), Error> {
    if url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Ok(());
    }
    let error = Error::new(Kind::Usage, format!("{text:?} is no http or https URL"));
    Err(error.with_hint("the whole URL is signed, scheme and host included"))
}
