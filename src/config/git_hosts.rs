//! The Git hosts that a manifest, or the user's config file, knows: `[git_hosts."git.example.com"]`.

use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;
use toml::Spanned;

use crate::config::manifest::error::Fault;
use crate::config::manifest::{RawSecret, secret};
use crate::domain::git_host::{HostKind, KnownHost};
use crate::domain::profile::Address;

/// As they are written, by their names.
pub(in crate::config) type RawGitHosts = IndexMap<Spanned<String>, RawGitHost>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(in crate::config) struct RawGitHost {
    kind: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    user: Option<String>,
    token: Option<Spanned<RawSecret>>,
}

/// What is written, as it is meant. Relative paths are relative to the folder.
pub(in crate::config) fn understood(raw: RawGitHosts, folder: &Path) -> Result<Vec<KnownHost>, Fault> {
    raw.into_iter().map(|(name, host)| known(name, host, folder)).collect()
}

fn known(name: Spanned<String>, raw: RawGitHost, folder: &Path) -> Result<KnownHost, Fault> {
    let span = name.span();
    let lower = name.into_inner().to_ascii_lowercase();
    let is_host = |name: &str| Address::plain(&format!("https://{name}")).is_ok_and(|address| address.host() == name);
    if !is_host(&lower) {
        let fault = Fault::new(span, format!("{lower:?} is no name of a Git host"));
        return Err(fault.with_hint("write it as it stands in the URLs of its repositories, like \"git.example.com\""));
    }
    let kind = match (&raw.kind, HostKind::of_host(&lower)) {
        (None, Some(kind)) => kind,
        (Some(kind), _) => {
            let fault = || Fault::new(kind.span(), format!("{:?} is no kind of Git host", kind.get_ref()));
            kind.get_ref().parse().map_err(|_| fault().with_hint(KINDS))?
        }
        (None, None) => {
            return Err(Fault::new(span, format!("it is not said what {lower} is")).with_hint(KINDS));
        }
    };
    let address = raw.url.map(|url| {
        let address = Address::plain(url.get_ref());
        address.map_err(|error| Fault::new(url.span(), format!("this is no address of a Git host: {error}")))
    });
    let token = raw.token.map(|token| secret(token, folder)).transpose()?;
    Ok(KnownHost { name: lower, kind, address: address.transpose()?, user: raw.user, token })
}

const KINDS: &str = "write `kind = \"github\"`, or bitbucket, gitlab, gitea or forgejo";
