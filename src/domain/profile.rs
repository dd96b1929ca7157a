//! Profiles: named deploy APIs with their addresses and tokens.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

/// The kind of deploy API that a command talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BackendKind {
    /// The local store, with an engine of its own.
    Embedded,
    /// A `hookbelt serve`.
    Server,
    /// Cloud 66's API v3.
    Cloud66,
    /// The controller of Deis or Hephy Workflow.
    Workflow,
}

words!(BackendKind { Embedded = "embedded", Server = "server", Cloud66 = "cloud66", Workflow = "workflow" });

impl BackendKind {
    /// What people call it.
    #[must_use]
    pub fn called(self) -> &'static str {
        match self {
            Self::Embedded => "the embedded engine",
            Self::Server => "`hookbelt serve`",
            Self::Cloud66 => "Cloud 66",
            Self::Workflow => "Workflow",
        }
    }

    /// The path of its API below the address that people give.
    #[must_use]
    pub fn api_path(self) -> &'static str {
        match self {
            Self::Embedded => "",
            Self::Server | Self::Cloud66 => "/api/3",
            Self::Workflow => "/v2",
        }
    }
}

/// Where Cloud 66 is.
pub const CLOUD66: &str = "https://app.cloud66.com";

/// The name of a profile: letters, digits, `.`, `_` and `-`, at most 63, the first a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProfileName(String);

/// Why a text is no name of a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot name a profile: use at most 63 letters, digits, `.`, `_` and `-`, a letter or digit first")]
pub struct InvalidProfileName(String);

text_newtype!(ProfileName, InvalidProfileName, |text| {
    let begins_well = text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if begins_well && is_plain && text.len() <= 63 {
        Ok(text.to_owned())
    } else {
        Err(InvalidProfileName(text.chars().take(63).collect()))
    }
});

/// The address of a deploy API: scheme, host, port, and the path that its own paths follow, without `/` at the end. The
/// path that every API of the kind has (`/api/3`, `/v2`) is left out.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// Why a text is no address of a deploy API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// It is no URL of the web.
    #[error("it is no http or https URL")]
    NotOfTheWeb,
    /// It holds what a token is for.
    #[error("it holds a user or a password")]
    UserInfo,
    /// It says more than where.
    #[error("it has a query or a fragment")]
    TooLong,
    /// It is something else, and secret.
    #[error("it is the URL of a redeployment hook; `hookbelt redeploy` posts to it if HOOKBELT_HOOK_URL is set to it")]
    RedeploymentHook,
}

impl Address {
    /// The address of an API of this kind, as people write it: without a scheme it is `https`, on this machine `http`.
    ///
    /// # Errors
    /// When it is none.
    pub fn of(kind: BackendKind, text: &str) -> Result<Self, InvalidAddress> {
        Self::plain(text).map(|address| address.without_end(kind.api_path()))
    }

    /// An address as people write it, whatever is there.
    ///
    /// # Errors
    /// When it is none.
    pub fn plain(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        let url = match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => url,
            _ if text.contains("://") || text.is_empty() => return Err(InvalidAddress::NotOfTheWeb),
            _ => without_scheme(text)?,
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidAddress::UserInfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidAddress::TooLong);
        }
        if url.path().contains("/stacks/redeploy/") {
            return Err(InvalidAddress::RedeploymentHook);
        }
        let mut url = url;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The same without this at its end.
    #[must_use]
    pub fn without_end(&self, end: &str) -> Self {
        let path = self.path().trim_end_matches('/');
        let mut url = self.0.clone();
        url.set_path(path.strip_suffix(end).unwrap_or(path).trim_end_matches('/'));
        Self(url)
    }

    /// The same with this path behind its own.
    #[must_use]
    pub fn below(&self, path: &str) -> Self {
        Self(self.url(path))
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.0.scheme()
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0.path()
    }

    /// Which kind of API an address is of, as far as it says: Cloud 66 by its host, Workflow by a path that ends in
    /// `/v2`, else a `hookbelt serve`.
    #[must_use]
    pub fn kind(text: &str) -> BackendKind {
        let path = text.trim().trim_end_matches('/');
        let is_cloud66 = Self::of(BackendKind::Cloud66, text).is_ok_and(|address| address.to_string() == CLOUD66);
        match () {
            () if is_cloud66 => BackendKind::Cloud66,
            () if path.ends_with(BackendKind::Workflow.api_path()) => BackendKind::Workflow,
            () => BackendKind::Server,
        }
    }

    /// The URL of a path of the API, which begins with `/` and is escaped already.
    #[must_use]
    pub fn join(&self, kind: BackendKind, path: &str) -> Url {
        self.url(&format!("{}{path}", kind.api_path()))
    }

    /// The URL of a path below the address, which begins with `/` and is escaped already; a query may follow it.
    #[must_use]
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}{path}"));
        url.set_query(query);
        url
    }

    /// The host, with its port if that is not the scheme's own.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The host alone.
    #[must_use]
    pub fn host_name(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether what is sent there can be read on the way: it is `http`, and not to this machine.
    #[must_use]
    pub fn is_open_to_all(&self) -> bool {
        self.0.scheme() == "http" && !is_here(&self.0)
    }
}

/// Most deploy APIs speak TLS; one on this machine does not.
fn without_scheme(text: &str) -> Result<Url, InvalidAddress> {
    let secure = Url::parse(&format!("https://{text}")).map_err(|_| InvalidAddress::NotOfTheWeb)?;
    if !is_here(&secure) {
        return Ok(secure);
    }
    Url::parse(&format!("http://{text}")).map_err(|_| InvalidAddress::NotOfTheWeb)
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a deploy API knows a person or a job by; never shown.
#[derive(Debug, Clone)]
pub struct ApiToken(SecretString);

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidToken {
    /// There is none.
    #[error("it is empty")]
    Empty,
    /// It cannot stand in a header.
    #[error("it holds a blank or a character that no token has")]
    NoToken,
}

impl std::str::FromStr for ApiToken {
    type Err = InvalidToken;
    /// Blanks and newlines around it are not part of it.
    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        match text.trim() {
            "" => Err(InvalidToken::Empty),
            text if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Self(text.into())),
            _ => Err(InvalidToken::NoToken),
        }
    }
}

impl ApiToken {
    /// The token itself, for the request that carries it and the file that keeps it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A deploy API and how it knows whoever asks.
#[derive(Debug, Clone)]
pub struct Profile {
    /// What it is called in messages: its name, or the variable that its address came from.
    pub name: String,
    /// The kind of API.
    pub kind: BackendKind,
    /// Where it is.
    pub address: Address,
    /// The token; without one nothing can be asked.
    pub token: Option<ApiToken>,
    /// Who the token is of, where that was told.
    pub user: Option<String>,
    /// The account that is meant, where a token sees several (Cloud 66).
    pub account: Option<u64>,
    /// A file with certificates of more authorities (PEM).
    pub ca_file: Option<std::path::PathBuf>,
}

impl Profile {
    /// A deploy API of which nothing more is known than where it is.
    #[must_use]
    pub fn of(name: impl Into<String>, kind: BackendKind, address: Address) -> Self {
        Self { name: name.into(), kind, address, token: None, user: None, account: None, ca_file: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, ApiToken, BackendKind, InvalidAddress, InvalidToken, ProfileName};

    #[test]
    fn an_address_is_where_an_api_is_without_the_path_that_all_of_its_kind_have() {
        for (kind, text, address) in [
            (BackendKind::Server, "https://deploy.example.com", "https://deploy.example.com"),
            (BackendKind::Server, "https://deploy.example.com/", "https://deploy.example.com"),
            (BackendKind::Server, "https://deploy.example.com/api/3/", "https://deploy.example.com"),
            (BackendKind::Server, "https://example.com/deploy/api/3", "https://example.com/deploy"),
            (BackendKind::Server, "HTTPS://Deploy.Example.COM:443", "https://deploy.example.com"),
            (BackendKind::Server, " deploy.example.com:8443\n", "https://deploy.example.com:8443"),
            (BackendKind::Server, "localhost:6660", "http://localhost:6660"),
            (BackendKind::Server, "127.0.0.1:6660", "http://127.0.0.1:6660"),
            (BackendKind::Server, "http://[::1]:6660", "http://[::1]:6660"),
            (BackendKind::Cloud66, "https://app.cloud66.com/api/3", "https://app.cloud66.com"),
            (BackendKind::Workflow, "http://deis.example.com/v2/", "http://deis.example.com"),
            (BackendKind::Workflow, "http://deis.example.com/api/3", "http://deis.example.com/api/3"),
        ] {
            assert_eq!(Address::of(kind, text).unwrap().to_string(), address, "{text}");
        }
        for (text, error) in [
            ("", InvalidAddress::NotOfTheWeb),
            ("ftp://h", InvalidAddress::NotOfTheWeb),
            ("http://", InvalidAddress::NotOfTheWeb),
            ("https://u:p@h", InvalidAddress::UserInfo),
            ("https://u@h", InvalidAddress::UserInfo),
            ("https://h/?a", InvalidAddress::TooLong),
            ("https://h/#a", InvalidAddress::TooLong),
            ("https://h/stacks/redeploy/a/b", InvalidAddress::RedeploymentHook),
        ] {
            assert_eq!(Address::of(BackendKind::Server, text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_path_of_the_api_follows_the_address() {
        let address = Address::of(BackendKind::Server, "https://example.com/deploy").unwrap();
        let joined = |path| address.join(BackendKind::Server, path).to_string();
        assert_eq!(joined("/stacks.json?page=1"), "https://example.com/deploy/api/3/stacks.json?page=1");
        assert_eq!(joined("/ping.json"), "https://example.com/deploy/api/3/ping.json");
        let controller = Address::of(BackendKind::Workflow, "deis.example.com").unwrap();
        assert_eq!(controller.join(BackendKind::Workflow, "/").to_string(), "https://deis.example.com/v2/");
    }

    #[test]
    fn the_kind_of_an_api_is_told_by_its_address() {
        for (text, kind) in [
            ("https://app.cloud66.com", BackendKind::Cloud66),
            ("https://app.cloud66.com/api/3/", BackendKind::Cloud66),
            ("app.cloud66.com", BackendKind::Cloud66),
            ("https://app.cloud66.com.evil.example", BackendKind::Server),
            ("http://deis.example.com/v2/", BackendKind::Workflow),
            ("https://deploy.example.com", BackendKind::Server),
        ] {
            assert_eq!(Address::kind(text), kind, "{text}");
        }
    }

    #[test]
    fn a_token_is_open_to_all_only_without_tls_and_beyond_this_machine() {
        let open = |text| Address::of(BackendKind::Server, text).unwrap().is_open_to_all();
        assert!(open("http://deploy.example.com"));
        for text in ["https://deploy.example.com", "http://127.0.0.1:6660", "http://[::1]:6660", "localhost:6660"] {
            assert!(!open(text), "{text}");
        }
    }

    #[test]
    fn a_token_has_no_blanks_and_is_not_shown() {
        let token: ApiToken = " hunter2\n".parse().unwrap();
        assert_eq!(token.expose(), "hunter2");
        assert!(!format!("{token:?}").contains("hunter2"));
        assert_eq!("\n".parse::<ApiToken>().unwrap_err(), InvalidToken::Empty);
        for text in ["a b", "a\nb", "ä", "a\u{0}"] {
            assert_eq!(text.parse::<ApiToken>().unwrap_err(), InvalidToken::NoToken, "{text:?}");
        }
    }

    #[test]
    fn a_profile_has_a_plain_name() {
        for name in ["prod", "a", "0", "a.b_c-d"] {
            assert_eq!(name.parse::<ProfileName>().unwrap().as_str(), name);
        }
        for name in ["", "-a", ".a", "a b", "a/b", "ä", &"a".repeat(64)] {
            assert!(name.parse::<ProfileName>().is_err(), "{name}");
        }
    }
}
