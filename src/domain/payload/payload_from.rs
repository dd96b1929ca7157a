//! Who a bare body is said to be from: `HOST` or `HOST:EVENT`.

use std::str::FromStr;

use crate::domain::payload::Received;

/// The words for hosts, the header that each names its event in, and what it calls a push there.
const HOSTS: [(&str, &str, &str); 6] = [
    ("github", "X-GitHub-Event", "push"),
    ("gitlab", "X-Gitlab-Event", "Push Hook"),
    ("bitbucket", "X-Event-Key", "repo:push"),
    ("gitea", "X-Gitea-Event", "push"),
    ("forgejo", "X-Forgejo-Event", "push"),
    ("gogs", "X-Gogs-Event", "push"),
];

/// The header that a bare body lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadFrom {
    header: &'static str,
    event: String,
}

/// A word that is no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither HOST nor HOST:EVENT; the hosts are github, gitlab, bitbucket, gitea, forgejo and gogs")]
pub struct UnknownHost(String);

impl FromStr for PayloadFrom {
    type Err = UnknownHost;

    /// `push` is a push at every host, whatever it calls it.
    fn from_str(text: &str) -> Result<Self, UnknownHost> {
        let (host, event) = text.split_once(':').unwrap_or((text, "push"));
        let unknown = || UnknownHost(text.chars().take(80).collect());
        let known = HOSTS.iter().find(|(word, ..)| word.eq_ignore_ascii_case(host));
        let (_, header, push) = known.filter(|_| !event.trim().is_empty()).ok_or_else(unknown)?;
        let event = if event == "push" { *push } else { event };
        Ok(Self { header, event: event.to_owned() })
    }
}

impl PayloadFrom {
    /// The header with its value.
    #[must_use]
    pub fn header(&self) -> (&str, &str) {
        (self.header, &self.event)
    }

    /// The request that a host sends with this body, to a hook without modifiers.
    #[must_use]
    pub fn received<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Received<'a> {
        Received { headers, query: "", body }
    }
}
