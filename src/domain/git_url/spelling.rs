//! How a remote is written: URL, scp form, or a web address without its scheme (hosts 4.1, rules 1
//! to 6 and 8; git-fetch(1), "GIT URLS").

/// How a remote is reached. Only a web server's port tells one server from another: the same
/// server has different ssh and web ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// http or https, with the port unless it is 80 or 443.
    Web { port: Option<u16> },
    /// ssh or the Git protocol.
    Other,
}

impl Transport {
    pub(super) fn is_web(self) -> bool {
        matches!(self, Self::Web { .. })
    }
}

/// The parts of a remote as they were written, its user info and query gone.
pub(super) struct Spelling<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) transport: Transport,
}

impl<'a> Spelling<'a> {
    /// The parts of a remote, or `None` when it is no spelling of a remote on a host.
    pub(super) fn of(remote: &'a str) -> Option<Self> {
        let remote = remote.trim_ascii();
        if remote.contains(|character: char| character.is_whitespace() || character.is_control()) {
            return None;
        }
        if let Some((scheme, rest)) = remote.split_once("://") {
            return Self::of_url(scheme, rest);
        }
        if remote.starts_with(['/', '.']) {
            return None;
        }
        let first_segment = remote.split('/').next()?;
        match scp_colon(first_segment) {
            Some(1) => None, // a Windows drive
            Some(colon) => Self::of_scp(&remote[..colon], &remote[colon + 1..]),
            None if first_segment.contains('.') => Self::of_url("https", remote),
            None => None,
        }
    }

    fn of_url(scheme: &str, rest: &'a str) -> Option<Self> {
        let is_web = match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" | "git+http" | "git+https" => true,
            "ssh" | "git" | "git+ssh" | "ssh+git" => false,
            _ => return None,
        };
        let (authority, path) = without_query(rest).split_once('/')?;
        let (host, port) = host_and_port(without_user_info(authority))?;
        let transport = if is_web {
            Transport::Web { port: port.filter(|port| ![80, 443].contains(port)) }
        } else {
            Transport::Other
        };
        Some(Self { host, path, transport })
    }

    fn of_scp(authority: &'a str, path: &'a str) -> Option<Self> {
        // `user:password@host/owner/repo` is no scp form: its password must not become a path.
        let is_path = !path.split('/').next()?.contains('@');
        is_path.then(|| Self { host: without_user_info(authority), path, transport: Transport::Other })
    }
}

/// A remote for messages and logs: without its user info, its password and its query.
///
/// `git@` stays where there is no scheme. Where an `@` after the first `/`, `?` or `#` might end a
/// password that was not percent-encoded, all but the scheme is hidden.
#[must_use]
pub fn without_credentials(remote: &str) -> String {
    let remote = remote.trim_ascii();
    let (scheme, rest) = split_scheme(remote);
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    if path.contains('@') {
        return format!("{scheme}<hidden>");
    }
    let git_user = if scheme.is_empty() && authority.starts_with("git@") { "git@" } else { "" };
    let host = without_user_info(authority);
    let path = without_query(path);
    format!("{scheme}{git_user}{host}{path}")
}

/// Splits `https://` off; a `://` inside a password follows no scheme.
fn split_scheme(remote: &str) -> (&str, &str) {
    let is_scheme_character = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    match remote.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(is_scheme_character) => (&remote[..remote.len() - rest.len()], rest),
        _ => ("", remote),
    }
}

fn without_query(rest: &str) -> &str {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    &rest[..end]
}

fn without_user_info(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The colon of an scp form, searched behind the brackets of an IPv6 address.
fn scp_colon(first_segment: &str) -> Option<usize> {
    let start = first_segment.find(']').unwrap_or(0);
    first_segment[start..].find(':').map(|offset| start + offset)
}

fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, ""),
    };
    match port {
        "" => Some((host, None)),
        // `parse` alone would take `+80`.
        _ if !port.bytes().all(|byte| byte.is_ascii_digit()) => None,
        _ => Some((host, Some(port.parse().ok()?))),
    }
}
