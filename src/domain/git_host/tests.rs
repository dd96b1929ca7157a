//! Hosts and repositories in every spelling; the rest of the module's tests are in files of their own.

mod changes;
mod deliveries;
mod findings;

use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use crate::domain::git_host::hook::{HostHook, SecretThere, event, same_url, shown, usual_events};
use crate::domain::git_host::{HostKind, Place, RepositoryPath};
use crate::domain::profile::Address;

/// The URL of a redeployment hook.
fn url() -> Url {
    Url::parse("https://deploy.example.com/stacks/redeploy/aaaa/bbbb").unwrap()
}

fn place(kind: HostKind, address: &str) -> Place {
    Place::at(kind, &Address::plain(address).unwrap())
}

fn shop(kind: HostKind) -> RepositoryPath {
    place(kind, "https://git.example.com").repository("acme/shop").unwrap()
}

/// A hook of each kind as its host tells of it: sound, to the URL, with a secret where the host says so.
fn told(kind: HostKind) -> Value {
    let url = url().to_string();
    match kind {
        HostKind::Github => json!({
            "type": "Repository", "id": 12, "name": "web", "active": true, "events": ["push"],
            "config": { "url": url, "content_type": "json", "insecure_ssl": "0", "secret": "********" },
            "last_response": { "code": null, "status": "unused", "message": null },
        }),
        HostKind::Bitbucket => json!({
            "type": "webhook_subscription", "uuid": "{ab-12}", "url": url, "description": "x", "active": true,
            "events": ["repo:push"], "secret_set": true,
        }),
        HostKind::Gitlab => json!({
            "id": 12, "url": url, "push_events": true, "tag_push_events": true, "issues_events": false,
            "enable_ssl_verification": true, "alert_status": "executable", "disabled_until": null,
            "token_present": true, "signing_token_present": false, "push_events_branch_filter": "main",
        }),
        HostKind::Gitea | HostKind::Forgejo => json!({
            "id": 12, "type": "gitea", "active": true, "events": ["push"],
            "config": { "url": url, "content_type": "json" }, "branch_filter": "main",
            "authorization_header": "Bearer hunter2",
        }),
    }
}

fn hook(kind: HostKind) -> HostHook {
    HostHook::read(kind, &told(kind)).unwrap()
}

#[test]
fn the_api_of_a_host_is_where_its_kind_has_it() {
    for (kind, address, host, api) in [
        (HostKind::Github, "https://github.com", "github.com", "https://api.github.com/x"),
        (HostKind::Github, "github.com/", "github.com", "https://api.github.com/x"),
        (HostKind::Github, "https://api.github.com", "github.com", "https://api.github.com/x"),
        (HostKind::Github, "https://ghe.example.com", "ghe.example.com", "https://ghe.example.com/api/v3/x"),
        (HostKind::Github, "https://ghe.example.com/api/v3/", "ghe.example.com", "https://ghe.example.com/api/v3/x"),
        (HostKind::Github, "http://127.0.0.1:4000", "127.0.0.1:4000", "http://127.0.0.1:4000/api/v3/x"),
        (HostKind::Bitbucket, "bitbucket.org", "bitbucket.org", "https://api.bitbucket.org/2.0/x"),
        (HostKind::Bitbucket, "https://gate.example.com", "gate.example.com", "https://gate.example.com/2.0/x"),
        (HostKind::Gitlab, "gitlab.com", "gitlab.com", "https://gitlab.com/api/v4/x"),
        (HostKind::Gitlab, "https://h.example.com/git", "h.example.com", "https://h.example.com/git/api/v4/x"),
        (
            HostKind::Gitea,
            "https://git.example.com:3000",
            "git.example.com:3000",
            "https://git.example.com:3000/api/v1/x",
        ),
        (HostKind::Forgejo, "codeberg.org", "codeberg.org", "https://codeberg.org/api/v1/x"),
    ] {
        let place = place(kind, address);
        assert_eq!((place.host.as_str(), place.url("/x").as_str()), (host, api), "{address}");
        assert_eq!(place.is_usual(), kind.usual_host() == Some(host), "{address}");
    }
}

#[test]
fn a_repository_is_found_in_every_spelling() {
    let github = place(HostKind::Github, "github.com");
    for text in [
        "acme/Shop",
        "acme/Shop.git",
        "/acme/Shop/",
        "https://github.com/acme/Shop",
        "https://github.com/acme/Shop.git/",
        "https://user:pass@www.github.com:443/acme/Shop.git?x=1",
        "git@github.com:acme/Shop.git",
        "ssh://git@github.com/acme/Shop.git",
        "ssh://git@ssh.github.com:443/acme/Shop.git",
        "git+ssh://git@github.com/acme/Shop.git",
        "git://github.com/acme/Shop.git",
        "github.com/acme/Shop",
    ] {
        let found = github.repository(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(found.to_string(), "acme/Shop", "{text}");
    }
    for text in ["", "shop", "acme//shop", "acme/../shop", "a/b/c", "acme/sh op", "https://github.com/acme", "a/b\n/c"]
    {
        assert!(github.repository(text).is_err(), "{text}");
    }
    let gitlab = place(HostKind::Gitlab, "https://h.example.com/git");
    for (text, path) in [
        ("group.x/sub/project", "group.x/sub/project"),
        ("https://h.example.com/git/group/sub/project.git", "group/sub/project"),
        ("git@h.example.com:group/sub/project.git", "group/sub/project"),
        ("ssh://git@ssh.example.com:2222/group/project.git", "group/project"),
    ] {
        assert_eq!(gitlab.repository(text).unwrap().to_string(), path, "{text}");
    }
}

#[test]
fn a_path_of_a_repository_is_escaped_as_its_host_wants_it() {
    for (kind, path) in [
        (HostKind::Github, "/repos/acme/sh%C3%B6p/hooks"),
        (HostKind::Gitea, "/repos/acme/sh%C3%B6p/hooks"),
        (HostKind::Bitbucket, "/repositories/acme/sh%C3%B6p/hooks"),
        (HostKind::Gitlab, "/projects/acme%2Fsh%C3%B6p/hooks"),
    ] {
        let repository = place(kind, "https://git.example.com").repository("acme/shöp").unwrap();
        assert_eq!(repository.api(kind, "/hooks"), path);
    }
    assert_eq!(hook(HostKind::Bitbucket).id_in_path(), "%7Bab-12%7D");
}

#[test]
fn a_hook_is_read_as_its_host_tells_of_it() {
    for kind in HostKind::ALL {
        let hook = hook(kind);
        assert!(hook.posts_to(&url()) && hook.active && hook.is_json && hook.verifies_tls, "{kind}");
        assert_eq!(hook.stopped, None);
        assert!(usual_events(kind, false).iter().all(|event| hook.sends(event)), "{kind}");
        let secret =
            if matches!(kind, HostKind::Gitea | HostKind::Forgejo) { SecretThere::Unknown } else { SecretThere::Yes };
        assert_eq!(hook.secret, secret, "{kind}");
        assert_eq!(HostHook::read(kind, &json!({ "id": 1 })), None, "{kind}");
        assert!(!format!("{hook:?}").contains("aaaa") && !format!("{hook:?}").contains("hunter2"), "{hook:?}");
    }
    let read = |kind, with: Value| {
        let mut told = told(kind);
        told.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        HostHook::read(kind, &told)
    };
    assert_eq!(read(HostKind::Github, json!({ "name": "email" })), None);
    let form = json!({ "config": { "url": "https://h", "content_type": "form", "insecure_ssl": 1 }, "events": ["*"] });
    let form = read(HostKind::Github, form).unwrap();
    assert!(!form.is_json && !form.verifies_tls && form.secret == SecretThere::No && form.sends("push"));
    let stopped = json!({ "alert_status": "temporarily_disabled", "disabled_until": "2026-11-21T15:00:00Z" });
    let stopped = read(HostKind::Gitlab, stopped).unwrap().stopped;
    assert_eq!(stopped.as_deref(), Some("temporarily disabled until 2026-11-21T15:00:00Z"));
    let signs = read(HostKind::Gitlab, json!({ "token_present": false, "signing_token_present": true })).unwrap();
    assert_eq!(signs.secret, SecretThere::Signs);
}

#[test]
fn urls_are_compared_as_urls() {
    let wanted = url();
    for (text, is_same) in [
        ("https://deploy.example.com/stacks/redeploy/aaaa/bbbb", true),
        ("HTTPS://Deploy.Example.COM:443/stacks/redeploy/aaaa/bbbb", true),
        ("http://deploy.example.com/stacks/redeploy/aaaa/bbbb", false),
        ("https://deploy.example.com:8443/stacks/redeploy/aaaa/bbbb", false),
        ("https://deploy.example.com/stacks/redeploy/aaaa/bbbb/", false),
        ("https://deploy.example.com/stacks/redeploy/aaaa/BBBB", false),
        ("https://deploy.example.com/stacks/redeploy/aaaa/bbbb?services=web", false),
        ("no url", false),
    ] {
        assert_eq!(same_url(text, &wanted), is_same, "{text}");
    }
    let to = |text: &str| HostHook { url: text.to_owned(), ..hook(HostKind::Github) };
    assert!(to("http://old.example.com/x/stacks/redeploy/aaaa/bbbb?services=web").has_secrets_of(&wanted));
    assert!(!to("https://deploy.example.com/stacks/redeploy/aaaa/cccc").has_secrets_of(&wanted));
    assert!(to("https://deploy.example.com/stacks/redeploy/aaaa/cccc").is_of_same_server(&wanted));
    assert!(!to("https://deploy.example.com/other").is_of_same_server(&wanted));
}

#[test]
fn no_url_is_shown_whole() {
    for (text, shown_as) in [
        ("https://h:8443/stacks/redeploy/aaaa/bbbb?services=web", "https://h:8443/stacks/redeploy/***?services=web"),
        ("https://hooks.example.com/services/T1/B2/hunter2", "https://hooks.example.com/***"),
        ("https://user:hunter2@h.example.com/?token=hunter2", "https://h.example.com/***"),
        ("https://h.example.com", "https://h.example.com"),
        ("hunter2", "***"),
    ] {
        assert_eq!(shown(text), shown_as);
    }
}

#[test]
fn events_have_the_names_of_their_host() {
    for (kind, text, name) in [
        (HostKind::Github, "push", Some("push")),
        (HostKind::Github, "workflow_run", Some("workflow_run")),
        (HostKind::Github, "*", Some("*")),
        (HostKind::Bitbucket, "push", Some("repo:push")),
        (HostKind::Bitbucket, "pullrequest:created", Some("pullrequest:created")),
        (HostKind::Gitlab, "push", Some("push_events")),
        (HostKind::Gitlab, "tag_push_events", Some("tag_push_events")),
        (HostKind::Gitlab, "deploys", None),
        (HostKind::Gitea, " delete ", Some("delete")),
        (HostKind::Github, "", None),
        (HostKind::Github, "Push me", None),
    ] {
        assert_eq!(event(kind, text).as_deref(), name, "{kind} {text}");
    }
}

proptest! {
    #[test]
    fn a_url_is_itself_in_any_case_of_its_host_and_with_its_port(path in "(/[a-z0-9]{0,5}){0,3}", upper: bool, port: bool) {
        let host = if upper { "H.EXAMPLE.com" } else { "h.example.com" };
        let port = if port { ":443" } else { "" };
        let wanted = Url::parse(&format!("https://h.example.com{path}")).unwrap();
        let spelled = format!("https://{host}{port}{path}");
        prop_assert!(same_url(&spelled, &wanted));
        let other = format!("https://{host}{port}{path}/x");
        prop_assert!(!same_url(&other, &wanted));
    }

    #[test]
    fn no_part_of_a_repository_leaves_its_place_in_the_path(owner in "[^/\\s\\x00-\\x1f]{1,8}", name in "[^/\\s\\x00-\\x1f]{1,8}") {
        for kind in HostKind::ALL {
            let place = place(kind, "https://git.example.com");
            if let Ok(repository) = place.repository(&format!("https://git.example.com/{owner}/{name}")) {
                let path = repository.api(kind, "/hooks");
                let slashes = if kind == HostKind::Gitlab { 3 } else { 4 };
                prop_assert_eq!(path.matches('/').count(), slashes, "{}", path);
                let url = place.url(&path);
                prop_assert!(url.query().is_none() && url.as_str().ends_with(&path), "{}", url);
            }
        }
    }
}
