//! `hookbelt hooks add generic`: what to enter by hand at a host whose API is not known.

use serde::Serialize;

use crate::context::Context;
use crate::context::git_hosts::HookedApp;
use crate::domain::hook_signature::sign;
use crate::domain::payload::Received;
use crate::engine::read_secret;
use crate::error::{Error, Kind};
use crate::output::Details;

/// What to enter.
#[derive(Debug, Serialize)]
struct ByHand {
    url: String,
    method: &'static str,
    content_type: &'static str,
    signature: Option<String>,
    curl: String,
}

impl Details for ByHand {
    fn details(&self) -> Vec<(&'static str, String)> {
        let signature = self.signature.clone().map(|signature| ("signature", signature));
        let about = [("url", self.url.clone()), ("method", self.method.to_owned())].into_iter();
        let type_and_curl = [("content type", self.content_type.to_owned()), ("try it", self.curl.clone())];
        about.chain(signature).chain(type_and_curl).collect()
    }
}

/// Prints it. The URL is shown whole: it is asked for exactly that.
pub(super) fn run(app: &HookedApp, context: &Context) -> Result<(), Error> {
    if let Some(note) = &app.note {
        context.output().note(&format!("note: {note}"));
    }
    let url = app.side.url.to_string();
    let quoted = shlex::try_quote(&url).map_err(|error| Error::new(Kind::Failed, error))?.into_owned();
    let signed = app.secrets.first().map(|source| {
        let secret = read_secret(source, context.variables()).map_err(|error| Error::new(Kind::Usage, error))?;
        let empty = Received { headers: &[], query: "", body: b"" };
        sign(&empty, &secret).map_err(|error| Error::new(Kind::Usage, error))
    });
    let signed = signed.transpose()?;
    let header = signed.as_ref().map(|(name, value)| format!(" --header '{name}: {value}'")).unwrap_or_default();
    let by_hand = ByHand {
        curl: format!("curl --request POST --data ''{header} --url {quoted}"),
        signature: signed.map(|(name, _)| format!("{name}: sha256= and the HMAC-SHA256 of the body, in hex")),
        url,
        method: "POST",
        content_type: "application/json",
    };
    Ok(context.output().show(&by_hand)?)
}
