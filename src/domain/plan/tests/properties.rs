//! What holds for any app and any request.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;

const REPOSITORIES: [&str; 3] = [SHOP, WORKER, "/srv/git/shop.git"];
const BRANCHES: [&str; 3] = ["main", "release", "v1"];

fn any_source() -> impl Strategy<Value = Source> {
    let checkout = select(vec![Checkout::Fresh, Checkout::WithSubmodules, Checkout::None]);
    let git_source = (select(&REPOSITORIES[..]), option::of(select(&BRANCHES[..])), checkout)
        .prop_map(|(repository, branch, checkout)| git(repository, branch, checkout));
    prop_oneof![3 => git_source, 1 => Just(image("registry.example.com/api:latest"))]
}

/// An app of one to six services, and a deployment profile of some of them.
pub(super) fn any_app() -> impl Strategy<Value = App> {
    let names: Vec<String> = ["web", "worker", "edge", "api", "cron", "10"].map(str::to_owned).to_vec();
    let names = subsequence(names, 1..=6).prop_shuffle();
    let services = names.prop_flat_map(|names| {
        let sources = vec(any_source(), names.len());
        sources.prop_map(move |sources| {
            names.iter().zip(sources).map(|(name, source)| service(name, source)).collect::<Vec<_>>()
        })
    });
    services.prop_flat_map(|services| {
        let names: Vec<ServiceName> = services.iter().map(|service| service.name.clone()).collect();
        let chosen = subsequence(names.clone(), 1..=names.len()).prop_shuffle();
        chosen.prop_map(move |chosen| {
            let profile = DeploymentProfile { name: "some".to_owned(), services: chosen };
            app(services.clone(), vec![profile])
        })
    })
}

fn any_change() -> impl Strategy<Value = Change> {
    let branch = || select(&BRANCHES[..]);
    prop_oneof![branch().prop_map(pushed), branch().prop_map(deleted), branch().prop_map(tag)]
}

fn any_git_information() -> impl Strategy<Value = GitInformation> {
    let repositories = vec(select(&REPOSITORIES[..]).prop_map(str::to_owned), 0..3);
    let default_branch = option::of(select(&BRANCHES[..]).prop_map(str::to_owned));
    let head = option::of(Just(SHA.to_owned()));
    let parts = (repositories, default_branch, head, vec(any_change(), 0..4));
    parts.prop_map(|(repositories, default_branch, head, changes)| GitInformation {
        repositories,
        full_name: None,
        default_branch,
        head,
        changes,
    })
}

/// An app and what a request that it cannot refuse selects of it, in any order and named twice at times.
fn app_and_selection() -> impl Strategy<Value = (App, Selection)> {
    any_app().prop_flat_map(|app| {
        let names: Vec<String> = app.services.iter().map(|service| service.name.to_string()).collect();
        let selection = prop_oneof![
            Just(Selection::Everything),
            Just(Selection::DeploymentProfile("some".to_owned())),
            vec(select(names), 1..8).prop_map(|names| Selection::Services(names.iter().map(plain).collect())),
        ];
        (Just(app), selection)
    })
}

fn plain(name: &impl ToString) -> ServiceChoice {
    ServiceChoice { name: name.to_string(), reference: None }
}

/// The services that a selection names.
fn selected(app: &App, selection: &Selection) -> Vec<String> {
    match selection {
        Selection::Everything => app.services.iter().map(|service| service.name.to_string()).collect(),
        Selection::Services(choices) => choices.iter().map(|choice| choice.name.clone()).collect(),
        Selection::DeploymentProfile(_) => {
            app.deployment_profiles[0].services.iter().map(ToString::to_string).collect()
        }
    }
}

proptest! {
    #[test]
    fn a_plan_tells_of_each_service_of_its_app_once_and_in_manifest_order(
        (app, selection) in app_and_selection(),
        git in option::of(any_git_information()),
    ) {
        let plan = Plan::of(&app, &Request { selection, git, git_ref: None }).unwrap();
        let deployed = plan.services.iter().map(|planned| &planned.service);
        let skipped = plan.skipped.iter().map(|skipped| &skipped.service);
        let place = |name: &ServiceName| app.services.iter().position(|service| service.name == *name).unwrap();
        let deployed: Vec<usize> = deployed.map(place).collect();
        let skipped: Vec<usize> = skipped.map(place).collect();
        prop_assert!(deployed.is_sorted() && skipped.is_sorted());
        let mut all = [deployed, skipped].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..app.services.len()).collect::<Vec<_>>());
    }

    #[test]
    fn a_plan_that_was_written_down_deploys_the_same_and_says_the_same(
        (app, selection) in app_and_selection(),
        git in option::of(any_git_information()),
    ) {
        let plan = Plan::of(&app, &Request { selection, git, git_ref: None }).unwrap();
        let text = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read.services, &plan.services);
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn naming_all_services_asks_for_everything(
        (app, order) in any_app().prop_flat_map(|app| {
            let order = Just(app.services.iter().map(|service| plain(&service.name)).collect::<Vec<_>>());
            (Just(app), order.prop_shuffle())
        }),
        git in option::of(any_git_information()),
    ) {
        let named = Request { selection: Selection::Services(order), git: git.clone(), git_ref: None };
        let everything = Request { selection: Selection::Everything, git, git_ref: None };
        prop_assert_eq!(Plan::of(&app, &named), Plan::of(&app, &everything));
    }

    #[test]
    fn naming_services_only_narrows(
        (app, selection) in app_and_selection(),
        git in option::of(any_git_information()),
    ) {
        let wanted = selected(&app, &selection);
        let narrowed = Plan::of(&app, &Request { selection, git: git.clone(), git_ref: None }).unwrap();
        let mut expected = Plan::of(&app, &Request { git, ..Request::default() }).unwrap();
        let is_wanted = |name: &ServiceName| wanted.iter().any(|wanted| wanted == name.as_str());
        expected.services.retain(|planned| is_wanted(&planned.service));
        expected.skipped.retain(|skipped| is_wanted(&skipped.service));
        let (others, skipped): (Vec<_>, Vec<_>) =
            narrowed.skipped.into_iter().partition(|skipped| skipped.reason == Skip::NotAskedFor);
        prop_assert_eq!(narrowed.services, expected.services);
        prop_assert_eq!(skipped, expected.skipped);
        prop_assert!(others.iter().all(|other| !is_wanted(&other.service)));
    }

    #[test]
    fn without_git_information_every_service_is_planned(app in any_app()) {
        let plan = Plan::of(&app, &Request::default()).unwrap();
        prop_assert_eq!(plan.services.len(), app.services.len());
        prop_assert_eq!(plan.skipped, []);
    }

    #[test]
    fn a_push_deploys_no_image_no_other_repository_and_no_other_branch(
        app in any_app(),
        git in any_git_information(),
    ) {
        let plan = Plan::of(&app, &Request { git: Some(git.clone()), ..Request::default() }).unwrap();
        for planned in &plan.services {
            let source = app.services.iter().find(|service| service.name == planned.service).map(|one| &one.source);
            let Some(Source::Git(source)) = source else { panic!("an image service") };
            prop_assert!(git.repositories.contains(source.repository.as_ref().unwrap()));
            let branch = source.branch.clone().or(git.default_branch.clone());
            let last = git.changes.iter().rfind(|change| change.branch() == branch.as_deref() && branch.is_some());
            prop_assert!(git.changes.is_empty() || matches!(last, Some(Change::Pushed(_))), "{:?}", git.changes);
        }
    }
}
