//! Who is told by a deploy hook: a URL, and the format that is understood there.

use std::fmt;

use url::Url;

use crate::domain::delivery::base::{DeployHookBase, InvalidBase};

/// How a deploy hook is written and signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookFormat {
    /// As the Workflow controller does: all in the URL, and the URL signed.
    Workflow,
    /// As <https://www.standardwebhooks.com> says: a JSON body, and that signed.
    StandardWebhooks,
}

words! { HookFormat { Workflow = "workflow", StandardWebhooks = "standard-webhooks" } }

/// The receiver of a deploy hook.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receiver {
    format: HookFormat,
    url: String,
}

/// Why a text cannot be a receiver's URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReceiver {
    /// It is none in the format of Workflow.
    #[error(transparent)]
    Base(#[from] InvalidBase),
    /// It is no URL that a hook can be posted to.
    #[error("this cannot be a deploy hook's URL: {0}")]
    Url(&'static str),
}

impl Receiver {
    /// The receiver with this URL.
    ///
    /// # Errors
    /// When hooks of that format cannot be sent there.
    pub fn new(format: HookFormat, url: &str) -> Result<Self, InvalidReceiver> {
        match format {
            HookFormat::Workflow => drop(url.parse::<DeployHookBase>()?),
            HookFormat::StandardWebhooks => fault(url).map_or(Ok(()), |fault| Err(InvalidReceiver::Url(fault)))?,
        }
        Ok(Self { format, url: url.to_owned() })
    }

    /// How hooks are written for it.
    #[must_use]
    pub fn format(&self) -> HookFormat {
        self.format
    }

    /// Its URL, as it is configured.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its host and port: attempts that go to the same one wait for each other.
    #[must_use]
    pub fn host(&self) -> String {
        let url = Url::parse(&self.url).ok();
        let host = url.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
        host.map(|(host, port)| format!("{host}:{port}")).unwrap_or_default()
    }
}

/// The URL without its query, which may hold a token.
impl fmt::Display for Receiver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.url.split_once('?') {
            Some((before, _)) => write!(formatter, "{before}?…"),
            None => formatter.write_str(&self.url),
        }
    }
}

/// What is wrong with the URL of a receiver whose hooks are all in the body.
fn fault(text: &str) -> Option<&'static str> {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some("it holds a blank");
    }
    let Ok(url) = Url::parse(text) else {
        return Some("it is no URL");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return Some("it is neither http nor https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("it holds user info");
    }
    url.fragment().map(|_| "it holds a fragment, which is never sent")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(format: HookFormat, url: &str) -> Result<Receiver, String> {
        Receiver::new(format, url).map_err(|error| error.to_string())
    }

    #[test]
    fn a_receiver_of_standard_webhooks_may_have_a_query_which_is_never_shown() {
        let receiver = of(HookFormat::StandardWebhooks, "https://h.example/in?token=hunter2").unwrap();
        assert_eq!(receiver.url(), "https://h.example/in?token=hunter2");
        assert_eq!(
            (receiver.to_string().as_str(), receiver.host().as_str()),
            ("https://h.example/in?…", "h.example:443")
        );
        let refused = of(HookFormat::Workflow, "https://h.example/in?token=hunter2").unwrap_err();
        assert!(refused.contains("query") && !refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn what_no_hook_can_be_posted_to_is_refused_and_not_repeated() {
        for (url, said) in [
            ("", "no URL"),
            ("hook", "no URL"),
            ("ftp://h/", "neither http nor https"),
            ("http://h/a b", "a blank"),
            ("http://ann:hunter2@h/", "user info"),
            ("http://h/#x", "a fragment"),
        ] {
            let refused = of(HookFormat::StandardWebhooks, url).unwrap_err();
            assert!(refused.contains(said) && !refused.contains("hunter2"), "{url}: {refused}");
        }
    }

    #[test]
    fn hosts_are_told_apart_by_their_ports_and_not_by_their_spelling() {
        let host = |url: &str| of(HookFormat::StandardWebhooks, url).unwrap().host();
        assert_eq!(host("http://H.example"), "h.example:80");
        assert_eq!(host("http://h.example:80/x"), "h.example:80");
        assert_eq!(host("https://h.example:8443/x"), "h.example:8443");
        assert_eq!(host("http://0x7f.1/"), "127.0.0.1:80");
        assert_eq!(host("http://[::1]:8080/"), "[::1]:8080");
    }
}
