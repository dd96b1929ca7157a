//! One name for each host, and one place for each repository there (hosts 4.1, rules 7 and 10).

use url::Host;

/// A host in lower case and punycode, without brackets, final dot or `www.`; ssh-over-443 hosts
/// become the host they stand for. `None` when it cannot be a host.
pub(super) fn canonical_name(written: &str) -> Option<String> {
    let is_plain = written.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    // The parser of URLs would read a plain name such as `10` or `0x1f` as an IPv4 address.
    let name = if is_plain { written.to_ascii_lowercase() } else { parsed_name(written)? };
    let name = name.strip_suffix('.').unwrap_or(&name);
    let name = match name.strip_prefix("www.").unwrap_or(name) {
        "ssh.github.com" => "github.com",
        "altssh.gitlab.com" => "gitlab.com",
        "altssh.bitbucket.org" => "bitbucket.org",
        name => name,
    };
    let has_labels = name.split('.').all(|label| !label.is_empty());
    has_labels.then(|| name.to_owned())
}

/// International names and bracketed IPv6 addresses, as RFC 5890 and RFC 5952 write them.
fn parsed_name(written: &str) -> Option<String> {
    Some(match Host::parse(written).ok()? {
        Host::Domain(name) => name,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    })
}

/// The host and path under which a repository is cloned, for a host that has several.
///
/// GitHub's API names its repositories as `/repos/…`, Azure has two web hosts and an ssh host, and
/// Bitbucket Server has `/scm/` in its web URLs alone.
pub(super) fn canonical_place<'a>(host: &'a str, path: &[&'a str]) -> (&'a str, Vec<&'a str>) {
    match (host, path) {
        ("api.github.com", [repos, owner, name]) if repos.eq_ignore_ascii_case("repos") => {
            ("github.com", vec![owner, name])
        }
        ("ssh.dev.azure.com", [version, organization, project, name]) if version.eq_ignore_ascii_case("v3") => {
            ("dev.azure.com", vec![organization, project, name])
        }
        ("dev.azure.com", [organization, project, git, name]) if git.eq_ignore_ascii_case("_git") => {
            (host, vec![organization, project, name])
        }
        (_, [project, git, name])
            if git.eq_ignore_ascii_case("_git")
                && let Some(organization) = host.strip_suffix(".visualstudio.com") =>
        {
            ("dev.azure.com", vec![organization, project, name])
        }
        (_, [scm, project, name]) if scm.eq_ignore_ascii_case("scm") => (host, vec![project, name]),
        _ => (host, path.to_vec()),
    }
}
