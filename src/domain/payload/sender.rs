//! Who sent a request, as its headers say.

use std::fmt;

use crate::domain::payload::{Delivery, Received};

/// The most bytes of a delivery's id; hosts send UUIDs.
const MAX_ID: usize = 200;

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sender {
    /// Forgejo
    Forgejo,
    /// Gitea
    Gitea,
    /// Gogs
    Gogs,
    /// GitLab
    Gitlab,
    /// Bitbucket Cloud
    Bitbucket,
    /// Bitbucket Server and Data Center
    BitbucketServer,
    /// GitHub
    Github,
    /// The POST service that Bitbucket Cloud had before its webhooks; it names itself in no header.
    BitbucketPost,
    /// Azure DevOps; it names itself in no header.
    AzureDevops,
    /// Anybody else: a person with curl, a CI job.
    Other,
}

impl Sender {
    /// Who says by a header that a request is theirs, and the event that it names. The order matters: Forgejo sends the
    /// headers of Gitea, Gogs and GitHub too, Gitea those of Gogs and GitHub.
    #[must_use]
    pub fn by_headers<'a>(received: &Received<'a>) -> Option<(Self, &'a str)> {
        const EVENTS: [(&str, Sender); 6] = [
            ("X-Forgejo-Event", Sender::Forgejo),
            ("X-Gitea-Event", Sender::Gitea),
            ("X-Gogs-Event", Sender::Gogs),
            ("X-Gitlab-Event", Sender::Gitlab),
            ("X-Event-Key", Sender::Bitbucket),
            ("X-GitHub-Event", Sender::Github),
        ];
        let found = EVENTS.iter().find_map(|(header, sender)| Some((*sender, received.header(header)?.trim())));
        found.map(|(sender, event)| (if is_server(sender, received) { Self::BitbucketServer } else { sender }, event))
    }

    /// How the sender tells this delivery from others.
    pub(super) fn delivery(self, received: &Received<'_>) -> Option<Delivery> {
        let headers: &[&str] = match self {
            Self::Forgejo => &["X-Forgejo-Delivery", "X-Gitea-Delivery"],
            Self::Gitea => &["X-Gitea-Delivery"],
            Self::Gogs => &["X-Gogs-Delivery"],
            Self::Gitlab => &["Idempotency-Key", "webhook-id", "X-Gitlab-Event-UUID"],
            Self::Bitbucket => &["X-Request-UUID"],
            Self::BitbucketServer => &["X-Request-Id"],
            Self::Github => &["X-GitHub-Delivery"],
            Self::BitbucketPost | Self::AzureDevops | Self::Other => &[],
        };
        let usable = |id: &&str| !id.is_empty() && id.len() <= MAX_ID;
        let id = headers.iter().find_map(|header| received.header(header).map(str::trim).filter(usable))?;
        let attempt = received.header("X-Attempt-Number").filter(|_| self == Self::Bitbucket);
        let attempt = attempt.and_then(|number| number.trim().parse().ok()).unwrap_or(1);
        Some(Delivery { id: id.to_owned(), attempt })
    }

    /// Why an event of this sender deploys nothing.
    pub(super) fn why_ignored(self, event: &str) -> String {
        match (self, event) {
            (Self::Github, "ping") => "a ping: the hook works, and waits for a push".to_owned(),
            (Self::BitbucketServer, "diagnostics:ping") => "a test: the hook works, and waits for a push".to_owned(),
            (Self::Github, _) => format!("{self}'s event `{event}` is neither a push nor a deployment"),
            (_, "delete") => "a branch or tag was deleted, which deploys nothing".to_owned(),
            _ => format!("{self}'s event `{event}` is no push"),
        }
    }

    /// What a body of this sender that cannot be read is called.
    pub(super) fn as_unreadable(self) -> String {
        match self {
            Self::Other => "this payload is not understood".to_owned(),
            sender => format!("this is no payload of {sender}"),
        }
    }
}

fn is_server(sender: Sender, received: &Received<'_>) -> bool {
    let has = |header| received.header(header).is_some();
    sender == Sender::Bitbucket && has("X-Request-Id") && !has("X-Hook-UUID") && !has("X-Request-UUID")
}

impl fmt::Display for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Forgejo => "Forgejo",
            Self::Gitea => "Gitea",
            Self::Gogs => "Gogs",
            Self::Gitlab => "GitLab",
            Self::Bitbucket => "Bitbucket",
            Self::BitbucketServer => "Bitbucket Server",
            Self::Github => "GitHub",
            Self::BitbucketPost => "Bitbucket's POST service",
            Self::AzureDevops => "Azure DevOps",
            Self::Other => "no known Git host",
        })
    }
}
