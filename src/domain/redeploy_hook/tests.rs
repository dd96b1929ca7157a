//! What modifiers and payloads ask for together.

use proptest::prelude::*;

use super::*;
use crate::domain::plan::Selection;

/// What modifiers are, or why they are refused.
fn parsed(query: &str) -> String {
    match Modifiers::parse(query) {
        Ok(modifiers) => modifiers.to_string(),
        Err(error) => format!("refused: {error}"),
    }
}

#[test]
fn modifiers_are_decoded_normalised_or_refused() {
    let no_service = "refused: `services` names no service; to deploy all, leave it out";
    let cases = [
        ("", ""),
        ("other=1&token", ""),
        ("Services=web", ""),
        ("services=web", "services=web"),
        ("services=web,api", "services=api%2Cweb"),
        ("services=api%2cweb", "services=api%2Cweb"),
        ("services=+web+,%20api,web", "services=api%2Cweb"),
        ("services=web&x=1&services=api", "services=api%2Cweb"),
        ("services=", no_service),
        ("services", no_service),
        ("services=%20", no_service),
        ("services=,", no_service),
        ("services=web,", no_service),
        ("services=web&services=", no_service),
        ("services=web:v1", "refused: `services` takes names alone, without `:` and a ref: \"web:v1\""),
        ("services=web,api%3Alatest", "refused: `services` takes names alone, without `:` and a ref: \"api:latest\""),
        ("deployment_profile=the+assets", "deployment_profile=the+assets"),
        ("deployment_profile=the%20assets", "deployment_profile=the+assets"),
        ("deployment_profile=a&deployment_profile=a", "deployment_profile=a"),
        (
            "deployment_profile=a&deployment_profile=b",
            "refused: `deployment_profile` is given twice, with different values",
        ),
        ("deployment_profile=", "refused: `deployment_profile` names no profile; to deploy all services, leave it out"),
        ("services=web&deployment_profile=a", "refused: `services` and `deployment_profile` exclude each other"),
        ("git_ref=v1", "git_ref=v1"),
        ("git_ref=refs%2Fheads%2Fmain&services=web", "git_ref=refs%2Fheads%2Fmain&services=web"),
        ("git_ref=v1&git_ref=v2", "refused: `git_ref` is given twice, with different values"),
        ("git_ref=", "refused: `git_ref` is malformed"),
        ("git_ref=-x", "refused: `git_ref` is malformed"),
        ("git_ref=a..b", "refused: `git_ref` is malformed"),
        ("services=%FF", "services=%EF%BF%BD"),
    ];
    for (query, expected) in cases {
        assert_eq!(parsed(query), expected, "{query}");
    }
}

#[test]
fn a_queue_tells_modifiers_apart() {
    let queries =
        ["", "services=web", "services=web,api", "deployment_profile=web", "git_ref=web", "services=web&git_ref=v1"];
    let for_queue: Vec<Vec<String>> =
        queries.iter().map(|query| Modifiers::parse(query).unwrap().for_queue()).collect();
    assert_eq!(for_queue[2], ["api", "web"]);
    assert_eq!(for_queue[5], ["web", "git_ref=v1"]);
    for (at, modifiers) in for_queue.iter().enumerate() {
        assert!(for_queue[at + 1..].iter().all(|other| other != modifiers), "{modifiers:?}");
    }
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/payloads/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn understood(headers: &[(&str, &str)], query: &str, body: &[u8]) -> Result<Asked, Misunderstood> {
    understand(&Received { headers, query, body })
}

#[test]
fn a_push_with_modifiers_becomes_a_trigger() {
    let headers = [("X-Event-Key", "repo:push"), ("X-Request-UUID", "u1"), ("X-Attempt-Number", "2")];
    let asked = understood(&headers, "services=web,api&git_ref=v1", &fixture("bitbucket-push")).unwrap();
    let Asked::Deploy(trigger) = asked else { panic!("{asked:?}") };
    let Selection::Services(services) = &trigger.request.selection else { panic!("{trigger:?}") };
    let services: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(services, ["api", "web"]);
    assert_eq!(trigger.request.git_ref.as_ref().map(ToString::to_string).as_deref(), Some("v1"));
    assert_eq!(trigger.request.git.as_ref().map(|git| git.changes.len()), Some(6));
    let push = trigger.hook.push.as_ref().unwrap();
    assert_eq!(push.repository, "bitbucket.org/acme/shop");
    let branches: Vec<&str> = push.heads.iter().map(|head| head.branch.as_str()).collect();
    assert_eq!(branches, ["main", "release/2.0", "feature/cart"]);
    assert_eq!(trigger.hook.modifiers, ["api", "web", "git_ref=v1"]);
    assert_eq!((trigger.sender, trigger.user.as_deref()), (Sender::Bitbucket, Some("ann")));
    assert_eq!(trigger.delivery, Some(Delivery { id: "u1".to_owned(), attempt: 2 }));
    assert_eq!(trigger.modifiers, "git_ref=v1&services=api%2Cweb");
}

#[test]
fn a_bare_post_asks_for_everything_and_a_deployment_for_its_commit() {
    let Asked::Deploy(trigger) = understood(&[], "", b"").unwrap() else { panic!() };
    assert_eq!(trigger.request, Request::default());
    assert_eq!((trigger.hook, trigger.user, trigger.delivery), (Hook::default(), None, None));
    let asked = understood(&[("X-GitHub-Event", "deployment")], "", &fixture("github-deployment")).unwrap();
    let Asked::GithubDeployment { deployment, trigger } = asked else { panic!("{asked:?}") };
    assert_eq!(trigger.request.git, Some(deployment.git()));
    assert_eq!(trigger.user.as_deref(), Some("octocat"));
}

#[test]
fn wrong_modifiers_are_refused_before_the_payload_is_looked_at() {
    let ping: &[(&str, &str)] = &[("X-GitHub-Event", "ping")];
    for (headers, body) in [(&[][..], ""), (&[], "nonsense"), (ping, "{}")] {
        let error = understood(headers, "services=", body.as_bytes()).unwrap_err();
        assert_eq!(error, Misunderstood::Modifiers(ModifierError::NoService));
    }
    assert!(matches!(understood(&[], "", b"nonsense"), Err(Misunderstood::Payload(_))));
    assert!(matches!(understood(ping, "", b"{}"), Ok(Asked::Ignored(_))));
}

proptest! {
    #[test]
    fn normalising_twice_is_normalising_once(query in "(services|git_ref|deployment_profile|x)=[a-z,+%:2C]{0,8}(&(services|git_ref)=[a-zA-Z0-9,+%]{0,8})?") {
        if let Ok(modifiers) = Modifiers::parse(&query) {
            let text = modifiers.to_string();
            prop_assert_eq!(Modifiers::parse(&text), Ok(modifiers));
        }
    }

    #[test]
    fn any_query_is_understood_or_refused(query in any::<String>()) {
        if let Ok(modifiers) = Modifiers::parse(&query) {
            prop_assert_eq!(modifiers.for_queue().is_empty(), modifiers.to_string().is_empty());
        }
    }
}
