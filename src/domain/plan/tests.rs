//! Each rule on one app with a service of every kind, as tables.

mod properties;
mod refs;
mod rollback;

use std::time::Duration;

use indexmap::IndexMap;

use super::*;
use crate::domain::app::{AppIdentity, DeploymentProfile, Environment, RedeploymentHook};
use crate::domain::service::Commands;

const SHOP: &str = "https://github.com/acme/shop.git";
const WORKER: &str = "git@github.com:acme/worker.git";
const SHA: &str = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";

fn git(repository: &str, branch: Option<&str>, checkout: Checkout) -> Source {
    Source::Git(GitSource { repository: Some(repository.to_owned()), branch: branch.map(str::to_owned), checkout })
}

fn image(name: &str) -> Source {
    Source::Image(name.parse().unwrap())
}

fn service(name: &str, source: Source) -> Service {
    let commands = Commands {
        build: None,
        deploy: "true".to_owned(),
        check: None,
        timeout: Duration::from_secs(1),
        env: IndexMap::new(),
        pass_env: Vec::new(),
    };
    Service { name: name.parse().unwrap(), source, commands }
}

fn app(services: Vec<Service>, deployment_profiles: Vec<DeploymentProfile>) -> App {
    let identity = AppIdentity { name: "shop".parse().unwrap(), environment: Environment::default() };
    App {
        identity,
        services,
        deployment_profiles,
        deploy_hooks: Vec::new(),
        git_hosts: Vec::new(),
        redeployment_hook: RedeploymentHook::default(),
    }
}

/// A service of every kind.
pub(in crate::domain) fn shop() -> App {
    let services = vec![
        service("web", git(SHOP, Some("main"), Checkout::Fresh)),
        service("worker", git(WORKER, Some("release"), Checkout::WithSubmodules)),
        service("edge", git(SHOP, None, Checkout::Fresh)),
        service("api", image("registry.example.com/api:latest")),
        service("cron", git(SHOP, Some("stable"), Checkout::None)),
    ];
    let profile = |name: &str, services: &[&str]| DeploymentProfile {
        name: name.to_owned(),
        services: services.iter().map(|name| name.parse().unwrap()).collect(),
    };
    app(services, vec![profile("assets", &["edge", "web"]), profile("images", &["api"])])
}

/// An app whose one service is `web`.
fn only(source: Source) -> App {
    app(vec![service("web", source)], Vec::new())
}

fn everything() -> Request {
    Request::default()
}

fn services(choices: &[&str]) -> Request {
    let choices = choices.iter().map(|choice| choice.parse().unwrap()).collect();
    Request { selection: Selection::Services(choices), ..Request::default() }
}

fn deployment_profile(name: &str) -> Request {
    Request { selection: Selection::DeploymentProfile(name.to_owned()), ..Request::default() }
}

fn pushed_at(branch: &str, head: Option<&str>) -> Change {
    let after = head.map(str::to_owned);
    Change::Pushed(NewHead { branch: branch.to_owned(), before: None, after, forced: false })
}

fn pushed(branch: &str) -> Change {
    pushed_at(branch, Some(SHA))
}

fn deleted(branch: &str) -> Change {
    Change::Deleted { branch: branch.to_owned() }
}

fn tag(tag: &str) -> Change {
    Change::Tag { tag: tag.to_owned() }
}

/// Git information about a push to the shop's repository.
fn changes(changes: &[Change]) -> GitInformation {
    GitInformation { repositories: vec![SHOP.to_owned()], changes: changes.to_vec(), ..GitInformation::default() }
}

impl Request {
    fn at(self, git_ref: &str) -> Self {
        Self { git_ref: Some(git_ref.parse().unwrap()), ..self }
    }

    fn with(self, git: GitInformation) -> Self {
        Self { git: Some(git), ..self }
    }
}

/// What a planned service is deployed from, the sha as people write it.
fn shown(target: &Target) -> String {
    let sha = target.sha.as_deref().map(|sha| sha.replace(SHA, "SHA"));
    let image = target.image.as_ref().map(ToString::to_string);
    let parts = [("ref", target.reference.clone()), ("branch", target.branch.clone()), ("sha", sha), ("image", image)];
    let parts = parts.into_iter().filter_map(|(what, value)| value.map(|value| format!("{what}={value}")));
    parts.collect::<Vec<_>>().join(" ")
}

/// A line for each service, those deployed first.
fn lines(plan: &Plan) -> Vec<String> {
    let deployed = plan.services.iter().map(|one| format!("{}: {}", one.service, shown(&one.target)));
    let skipped = plan.skipped.iter().map(|one| format!("not {}: {}", one.service, one.reason));
    deployed.chain(skipped).collect()
}

/// The same of what a request selects; or the refusal.
fn outcome(app: &App, request: &Request) -> Vec<String> {
    match Plan::of(app, request) {
        Ok(plan) => lines(&plan),
        Err(refusal) => vec![format!("refused: {refusal}")],
    }
}

/// The names of the deployed services.
fn deployed(app: &App, request: &Request) -> Vec<String> {
    Plan::of(app, request).unwrap().services.iter().map(|planned| planned.service.to_string()).collect()
}

const NOT_ASKED_FOR: &str = "it was not asked for";
const IMAGE: &str = "it is an image service, and a push deploys git services only";
const OTHER_REPOSITORY: &str = "the push was to another repository";
const HEAD_UNKNOWN: &str = "it follows the remote's HEAD, and the payload does not say which branch that is";

#[test]
fn without_git_information_every_service_is_deployed_as_the_manifest_says() {
    let expected = [
        "web: branch=main",
        "worker: branch=release",
        "edge: ",
        "api: image=registry.example.com/api:latest",
        "cron: branch=stable",
    ];
    assert_eq!(outcome(&shop(), &everything()), expected);
}

#[test]
fn a_push_deploys_the_git_services_of_its_repository_and_branch() {
    let expected = [
        "web: branch=main sha=SHA".to_owned(),
        format!("not worker: {OTHER_REPOSITORY}"),
        format!("not edge: {HEAD_UNKNOWN}"),
        format!("not api: {IMAGE}"),
        "not cron: its branch is stable, and the push was to main".to_owned(),
    ];
    assert_eq!(outcome(&shop(), &everything().with(changes(&[pushed("main")]))), expected);
}

#[test]
fn a_repository_matches_by_any_url_of_the_payload_in_any_spelling() {
    let web = only(git("git@git.example.com:group/proj.git", Some("main"), Checkout::Fresh));
    let cases: [(&[&str], Option<&str>, bool); 7] = [
        (&["https://git.example.com/group/proj"], None, true),
        (&["https://other.example/a/b", "ssh://git@GIT.example.com/group/proj.git"], None, true),
        (&["https://git.example.com/git/group/proj"], Some("group/proj"), true),
        (&["https://git.example.com/group/proj2"], None, false),
        (&["https://other.example/group/proj"], Some("group/proj"), false),
        (&["no url at all"], Some("group/proj"), false),
        (&[], Some("group/proj"), false),
    ];
    for (repositories, full_name, expected) in cases {
        let push = GitInformation {
            repositories: repositories.iter().map(|&url| url.to_owned()).collect(),
            full_name: full_name.map(str::to_owned),
            ..changes(&[pushed("main")])
        };
        let lines = outcome(&web, &everything().with(push));
        let reason = if expected { "web: branch=main sha=SHA" } else { "not web: the push was to another repository" };
        assert_eq!(lines, [reason], "{repositories:?} {full_name:?}");
    }
}

#[test]
fn a_source_without_a_host_matches_no_push() {
    for repository in ["/srv/git/shop.git", "file:///srv/git/shop.git"] {
        let app = only(git(repository, Some("main"), Checkout::Fresh));
        let push = GitInformation { repositories: vec![repository.to_owned()], ..changes(&[pushed("main")]) };
        assert_eq!(outcome(&app, &everything().with(push)), ["not web: the push was to another repository"]);
    }
}

#[test]
fn a_branch_matches_letter_by_letter() {
    let cases = [
        ("main", "main", true),
        ("feature/x", "feature/x", true),
        ("main", "Main", false),
        ("main", "main2", false),
        ("main", "origin/main", false),
        ("main", "refs/heads/main", false),
    ];
    for (branch, push, expected) in cases {
        let app = only(git(SHOP, Some(branch), Checkout::Fresh));
        let selected = deployed(&app, &everything().with(changes(&[pushed(push)])));
        assert_eq!(!selected.is_empty(), expected, "{branch} and {push}");
    }
}

#[test]
fn of_several_changes_each_is_looked_at_and_the_last_of_a_branch_counts() {
    let old = || pushed_at("main", Some(&"1".repeat(40)));
    let cases: [(&[Change], &str); 9] = [
        (&[pushed("other"), pushed("main")], "web: branch=main sha=SHA"),
        (&[pushed("main"), pushed("other")], "web: branch=main sha=SHA"),
        (&[tag("v1"), pushed("main"), deleted("old")], "web: branch=main sha=SHA"),
        (&[old(), pushed("main")], "web: branch=main sha=SHA"),
        (&[deleted("main"), pushed("main")], "web: branch=main sha=SHA"),
        (&[pushed("main"), deleted("main")], "not web: its branch main was deleted"),
        (&[pushed("a"), deleted("b"), tag("v1")], "not web: its branch is main, and the push was to a, b"),
        (&[tag("main"), tag("v1")], "not web: only a tag was pushed (main, v1), and a tag matches no branch"),
        (&[pushed_at("main", None)], "web: branch=main"),
    ];
    let web = only(git(SHOP, Some("main"), Checkout::Fresh));
    for (several, expected) in cases {
        assert_eq!(outcome(&web, &everything().with(changes(several))), [expected], "{several:?}");
    }
}

#[test]
fn a_payload_without_branches_matches_by_repository_alone() {
    let at = |head: Option<&str>| GitInformation { head: head.map(str::to_owned), ..changes(&[]) };
    let cases = [
        (at(None), ["web: branch=main", "edge: ", "cron: branch=stable"]),
        (at(Some(SHA)), ["web: branch=main sha=SHA", "edge: sha=SHA", "cron: branch=stable sha=SHA"]),
    ];
    for (git, expected) in cases {
        let lines = outcome(&shop(), &everything().with(git));
        assert_eq!(lines[..3], expected);
        assert_eq!(lines[3..], [format!("not worker: {OTHER_REPOSITORY}"), format!("not api: {IMAGE}")]);
    }
}

#[test]
fn a_service_that_follows_head_needs_to_know_the_default_branch() {
    let cases: [(Option<&str>, &[Change], &str); 6] = [
        (Some("trunk"), &[pushed("trunk")], "web: branch=trunk sha=SHA"),
        (Some("trunk"), &[pushed("main")], "not web: its branch is trunk, and the push was to main"),
        (Some("trunk"), &[deleted("trunk")], "not web: its branch trunk was deleted"),
        (None, &[pushed("main")], &format!("not web: {HEAD_UNKNOWN}")),
        (None, &[tag("v1"), pushed("main")], &format!("not web: {HEAD_UNKNOWN}")),
        (None, &[tag("v1")], "not web: only a tag was pushed (v1), and a tag matches no branch"),
    ];
    let web = only(git(SHOP, None, Checkout::Fresh));
    for (default_branch, several, expected) in cases {
        let push = GitInformation { default_branch: default_branch.map(str::to_owned), ..changes(several) };
        assert_eq!(outcome(&web, &everything().with(push)), [expected], "{default_branch:?} {several:?}");
    }
}

#[test]
fn a_branch_of_its_own_comes_before_the_default_branch() {
    let web = only(git(SHOP, Some("main"), Checkout::Fresh));
    let push = GitInformation { default_branch: Some("trunk".to_owned()), ..changes(&[pushed("trunk")]) };
    let expected = ["not web: its branch is main, and the push was to trunk"];
    assert_eq!(outcome(&web, &everything().with(push)), expected);
}

#[test]
fn named_services_and_deployment_profiles_narrow_the_same_rules() {
    let push = || changes(&[pushed("main")]);
    let cases: [(Request, &[&str]); 9] = [
        (services(&["web"]), &["web"]),
        (services(&["api", "web"]), &["web", "api"]),
        (services(&["web", "web"]), &["web"]),
        (services(&["web", "api", "worker"]).with(push()), &["web"]),
        (services(&["api"]).with(push()), &[]),
        (deployment_profile("assets"), &["web", "edge"]),
        (deployment_profile("images"), &["api"]),
        (deployment_profile("assets").with(push()), &["web"]),
        (deployment_profile("images").with(push()), &[]),
    ];
    for (request, expected) in cases {
        assert_eq!(deployed(&shop(), &request), expected, "{request:?}");
    }
    let expected = [
        "api: image=registry.example.com/api:latest".to_owned(),
        format!("not web: {NOT_ASKED_FOR}"),
        format!("not worker: {NOT_ASKED_FOR}"),
        format!("not edge: {NOT_ASKED_FOR}"),
        format!("not cron: {NOT_ASKED_FOR}"),
    ];
    assert_eq!(outcome(&shop(), &services(&["api"])), expected);
}

#[test]
fn what_the_app_does_not_have_refuses_the_whole_request() {
    let known = || ["web", "worker", "edge", "api", "cron"].map(str::to_owned).to_vec();
    let unknown = |names: &[&str]| Refusal::UnknownService {
        unknown: names.iter().map(|&name| name.to_owned()).collect(),
        known: known(),
    };
    let unknown_profile = |name: &str| Refusal::UnknownDeploymentProfile {
        unknown: name.to_owned(),
        known: vec!["assets".to_owned(), "images".to_owned()],
    };
    let cases = [
        (services(&["nope"]), unknown(&["nope"]), "this app has no service `nope`"),
        (
            services(&["x", "web", "y:v1", "x:v2"]),
            unknown(&["x", "y"]),
            "this app has no service `x` and no service `y`",
        ),
        (services(&["Web"]), unknown(&["Web"]), "this app has no service `Web`"),
        (services(&["web "]), unknown(&["web "]), "this app has no service `web `"),
        (services(&["nope"]).with(changes(&[])), unknown(&["nope"]), "this app has no service `nope`"),
        (services(&[]), Refusal::NoService, "no service is named"),
        (deployment_profile("web"), unknown_profile("web"), "this app has no deployment profile `web`"),
        (deployment_profile("Assets"), unknown_profile("Assets"), "this app has no deployment profile `Assets`"),
        (deployment_profile(""), unknown_profile(""), "this app has no deployment profile ``"),
    ];
    for (request, refusal, text) in cases {
        assert_eq!(refusal.to_string(), text);
        assert_eq!(Plan::of(&shop(), &request), Err(refusal), "{request:?}");
    }
}

#[test]
fn one_service_cannot_be_asked_for_at_two_refs() {
    for choices in [["web:v1", "web:v2"], ["web", "web:v1"], ["web:v1", "web"]] {
        let refused = ["refused: service `web` is asked for at two different refs"];
        assert_eq!(outcome(&shop(), &services(&choices)), refused, "{choices:?}");
    }
    assert_eq!(outcome(&shop(), &services(&["web:v1", "web:v1"]))[0], "web: ref=v1");
}

#[test]
fn as_json_a_plan_gives_its_reasons_in_words() {
    let plan = Plan::of(&shop(), &services(&["web:v1"]).with(changes(&[pushed("main")]))).unwrap();
    let json = serde_json::to_value(&plan).unwrap();
    let target = serde_json::json!({"service": "web", "ref": "v1", "branch": null, "sha": null, "image": null});
    assert_eq!(json["services"], serde_json::json!([target]));
    assert_eq!(json["skipped"][0], serde_json::json!({"service": "worker", "reason": NOT_ASKED_FOR}));
}
