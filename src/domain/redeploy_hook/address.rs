//! The URL of a redeployment hook, for who posts to it: whoever has it can deploy, so that it is never shown.

use std::str::FromStr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::domain::redeploy_hook::modifiers::{ModifierError, Modifiers};

/// What every such URL has in its path, before its secrets.
const PATH: &str = "/stacks/redeploy/";

/// What stands as it is in a value of the query.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// The URL of a redeployment hook.
#[derive(Debug, Clone)]
pub struct HookAddress(SecretString);

/// Why a text is no URL of a redeployment hook. It does not show the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHookAddress {
    /// It is no URL of the web.
    #[error("it is no http or https URL")]
    NotOfTheWeb,
    /// It holds what would be sent to nobody, or as something else.
    #[error("it has a user, a password or a fragment")]
    TooMuch,
    /// It is another URL.
    #[error("its path is not …/stacks/redeploy/ and the secrets behind it")]
    OtherPath,
}

impl FromStr for HookAddress {
    type Err = InvalidHookAddress;
    fn from_str(text: &str) -> Result<Self, InvalidHookAddress> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| InvalidHookAddress::NotOfTheWeb)?;
        if !matches!(url.scheme(), "http" | "https") || text.contains(char::is_whitespace) {
            return Err(InvalidHookAddress::NotOfTheWeb);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(InvalidHookAddress::TooMuch);
        }
        match url.path().split_once(PATH) {
            Some((_, secrets)) if !secrets.is_empty() => Ok(Self(url.as_str().into())),
            _ => Err(InvalidHookAddress::OtherPath),
        }
    }
}

impl HookAddress {
    /// The URL with more modifiers in its query; what it has already stays.
    ///
    /// # Errors
    /// When they cannot be meant together.
    ///
    /// # Panics
    /// Never: it was a URL before.
    pub fn with(&self, more: &Modifiers) -> Result<Url, ModifierError> {
        let mut url = Url::parse(self.0.expose_secret()).expect("a URL stays one");
        let own = Modifiers::parse(url.query().unwrap_or_default())?;
        if !own.services.is_empty() && !more.services.is_empty() && own.services != more.services {
            // Several add up, and more would be deployed than was asked for.
            return Err(ModifierError::Twice("services"));
        }
        let parts = [url.query().map(str::to_owned), Some(query(more))];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        let query = parts.join("&");
        Modifiers::parse(&query)?;
        url.set_query((!query.is_empty()).then_some(&query));
        Ok(url)
    }

    /// The URL as it may be shown.
    #[must_use]
    pub fn masked(&self, url: &Url) -> String {
        let before = url.as_str().split_once(PATH).map_or("", |(before, _)| before);
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{before}{PATH}***{query}")
    }
}

fn query(modifiers: &Modifiers) -> String {
    let coded = |text: &str| utf8_percent_encode(text, VALUE).to_string();
    let services: Vec<String> = modifiers.services.iter().map(|name| coded(name)).collect();
    let services = (!services.is_empty()).then(|| format!("services={}", services.join(",")));
    let profile = modifiers.deployment_profile.as_ref().map(|name| format!("deployment_profile={}", coded(name)));
    let git_ref = modifiers.git_ref.as_ref().map(|git_ref| format!("git_ref={}", coded(git_ref.as_str())));
    [services, profile, git_ref].into_iter().flatten().collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{HookAddress, InvalidHookAddress};
    use crate::domain::redeploy_hook::Modifiers;

    fn with(url: &str, modifiers: &str) -> String {
        let modifiers = Modifiers::parse(modifiers).unwrap();
        url.parse::<HookAddress>().unwrap().with(&modifiers).map_or_else(|error| error.to_string(), String::from)
    }

    #[test]
    fn modifiers_are_added_to_those_that_the_url_has() {
        let url = "https://h/stacks/redeploy/a/b";
        for (before, more, after) in [
            ("", "", ""),
            ("", "services=web", "?services=web"),
            ("", "services=web,api", "?services=api,web"),
            ("", "deployment_profile=my+assets", "?deployment_profile=my%20assets"),
            ("", "git_ref=feature/x", "?git_ref=feature/x"),
            ("?services=web", "services=web", "?services=web&services=web"),
            ("?x=1", "git_ref=v1", "?x=1&git_ref=v1"),
        ] {
            assert_eq!(with(&format!("{url}{before}"), more), format!("{url}{after}"));
        }
        let both = "`services` and `deployment_profile` exclude each other";
        assert_eq!(with(&format!("{url}?deployment_profile=p"), "services=web"), both);
        let twice = "`services` is given twice, with different values";
        assert_eq!(with(&format!("{url}?services=web"), "services=api"), twice);
    }

    #[test]
    fn another_url_is_refused_and_not_shown() {
        for (text, error) in [
            ("", InvalidHookAddress::NotOfTheWeb),
            ("ftp://h/stacks/redeploy/a/b", InvalidHookAddress::NotOfTheWeb),
            ("https://h/stacks/redeploy/a/b c", InvalidHookAddress::NotOfTheWeb),
            ("https://u:p@h/stacks/redeploy/a/b", InvalidHookAddress::TooMuch),
            ("https://h/stacks/redeploy/a/b#x", InvalidHookAddress::TooMuch),
            ("https://h/stacks/redeploy/", InvalidHookAddress::OtherPath),
            ("https://h/", InvalidHookAddress::OtherPath),
        ] {
            assert_eq!(text.parse::<HookAddress>().unwrap_err(), error, "{text}");
        }
        let address: HookAddress =
            " https://h:8443/deploy/stacks/redeploy/hunter2/hunter3?services=web\n".parse().unwrap();
        let url = address.with(&Modifiers::default()).unwrap();
        assert_eq!(address.masked(&url), "https://h:8443/deploy/stacks/redeploy/***?services=web");
        assert!(!format!("{address:?}").contains("hunter"));
    }

    proptest! {
        #[test]
        fn modifiers_come_out_of_the_url_as_they_went_in(name in "[!-~ é]{1,20}", profile: bool) {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(if profile { "deployment_profile" } else { "services" }, &name).finish();
            if let Ok(modifiers) = Modifiers::parse(&query) {
                let url = "https://h/stacks/redeploy/a/b".parse::<HookAddress>().unwrap().with(&modifiers).unwrap();
                prop_assert_eq!(Modifiers::parse(url.query().unwrap_or_default()), Ok(modifiers));
            }
        }
    }
}
