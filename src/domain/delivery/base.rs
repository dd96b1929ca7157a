//! Which URLs can be the base of a deploy hook: what the Workflow controller makes of the URL that is configured there.

use hookbelt_signature::deploy_hook::is_unreserved;
use url::Url;

use crate::domain::git_url::without_credentials;

/// Why a URL cannot be the base of a deploy hook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{base:?} cannot be a deploy hook's URL: {reason}")]
pub struct InvalidBase {
    base: String,
    reason: String,
}

/// What goes wrong with a hook when Workflow has this text configured as its URL, if anything does.
#[must_use]
pub fn broken_by_workflow(base: &str) -> Option<String> {
    fault(base).or_else(|| match with_escapes_rewritten(base) {
        Some(rewritten) if rewritten == base => None,
        Some(rewritten) => Some(arrives_as(&rewritten)),
        None => Some("it holds a `%` that begins no escape, of which HTTP libraries make different things".to_owned()),
    })
}

/// The text as Workflow's HTTP library sends it, if its escapes are ones: those that need not be are undone, the others are
/// in upper case.
fn with_escapes_rewritten(base: &str) -> Option<String> {
    let mut parts = base.split('%');
    let mut rewritten = parts.next()?.to_owned();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        match hex::decode(digits).ok()?[..] {
            [byte] if is_unreserved(byte) => rewritten.push(char::from(byte)),
            _ => rewritten.extend(["%", &digits.to_ascii_uppercase()]),
        }
        rewritten.push_str(rest);
    }
    Some(rewritten)
}

fn arrives_as(text: &str) -> String {
    format!("it would arrive as `{text}`, whose signature differs; write that")
}

/// A deploy hook's configured URL: the text that is signed is also what arrives, but for a missing `/`
/// after the host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeployHookBase(String);

text_newtype!(DeployHookBase, InvalidBase, |text| match fault(text) {
    None => Ok(text.to_owned()),
    Some(reason) => Err(InvalidBase { base: shown(text), reason }),
});

/// What is wrong with a base, and what Workflow would do with it.
fn fault(base: &str) -> Option<String> {
    let said = |reason: &str| Some(reason.to_owned());
    if base.is_empty() {
        return said("it is empty");
    }
    if base.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return said("it holds a blank; Workflow signs the blank and sends the URL changed");
    }
    if base.contains('#') {
        return said("it holds a fragment; Workflow loses all parameters in it");
    }
    if base.contains('?') {
        return said("it holds a query; Workflow adds a second `?`, and receivers misread the parameters");
    }
    let Ok(url) = Url::parse(base) else {
        return said("it is no URL");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return said("it is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() || base.contains('@') && authority(base).contains('@') {
        return said("it holds user info; Workflow sends that in place of the signature");
    }
    let normal = url.as_str();
    if normal == base || normal.strip_suffix('/') == Some(base) {
        return None;
    }
    if base.contains('@') {
        // What stands in front of it may have been meant as a password, and is not shown.
        return said("a parser of URLs changes it, and so its signature");
    }
    Some(arrives_as(normal))
}

fn authority(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The base for a message, without what may be a password or a token.
fn shown(base: &str) -> String {
    if base.contains(['@', '?', '#']) { without_credentials(base) } else { base.to_owned() }
}

#[cfg(test)]
mod tests;
