//! Going back to a release.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::properties::any_app;
use super::*;
use crate::domain::release::ServiceState;

const V3: ReleaseNumber = ReleaseNumber(3);
const AS_IT_WAS: &str = "it is as it was in v3";
const NOT_DEPLOYED: &str = "v3 and those before it did not deploy it";
const OTHER_KIND: &str = "it was deployed from Git then and from an image now, or the other way round (v3)";

/// Like `web branch=main sha=SHA`: a service and what it was deployed from.
fn state(text: &str) -> ServiceState {
    let mut words = text.split(' ');
    let service = words.next().unwrap().parse().unwrap();
    let mut target = Target::default();
    for word in words {
        let (what, value) = word.split_once('=').unwrap();
        let value = value.replace("SHA", SHA);
        match what {
            "ref" => target.reference = Some(value),
            "branch" => target.branch = Some(value),
            "sha" => target.sha = Some(value),
            "image" => target.image = Some(value.parse().unwrap()),
            other => panic!("{other}"),
        }
    }
    ServiceState { service, release: ReleaseNumber(1), target }
}

fn states(texts: &[&str]) -> Vec<ServiceState> {
    texts.iter().map(|text| state(text)).collect()
}

/// What going back to v3 does to one service of the shop.
fn one(then: &str, now: Option<&str>) -> String {
    let now: Vec<&str> = now.into_iter().collect();
    let plan = Plan::rollback(&shop(), V3, &states(&[then]), &states(&now));
    let name = then.split(' ').next().unwrap();
    let is_about_it = |line: &String| line.trim_start_matches("not ").starts_with(&format!("{name}:"));
    lines(&plan).into_iter().find(is_about_it).unwrap()
}

#[test]
fn a_rollback_tells_of_each_service_why_it_is_deployed_or_not() {
    let then = ["gone image=gone:v1", "web branch=main sha=aaa", "worker branch=release sha=bbb", "cron image=cron:v1"];
    let now = ["web branch=main sha=SHA", "worker ref=v2 sha=bbb", "edge sha=ccc", "cron sha=ddd"];
    let expected = [
        "web: ref=aaa branch=main sha=aaa".to_owned(),
        format!("not worker: {AS_IT_WAS}"),
        format!("not edge: {NOT_DEPLOYED}"),
        format!("not api: {NOT_DEPLOYED}"),
        format!("not cron: {OTHER_KIND}"),
        "not gone: the manifest no longer has it".to_owned(),
    ];
    assert_eq!(lines(&Plan::rollback(&shop(), V3, &states(&then), &states(&now))), expected);
    let nothing = lines(&Plan::rollback(&shop(), V3, &[], &states(&now)));
    assert_eq!(nothing, ["web", "worker", "edge", "api", "cron"].map(|name| format!("not {name}: {NOT_DEPLOYED}")));
}

#[test]
fn a_git_service_is_as_it_was_when_its_commit_is_whatever_ref_asked_for_it() {
    for now in ["web branch=main sha=SHA", "web ref=v1 sha=SHA", "web ref=main branch=main sha=SHA", "web sha=SHA"] {
        assert_eq!(one("web ref=v1 sha=SHA", Some(now)), format!("not web: {AS_IT_WAS}"), "{now}");
        assert_eq!(one("web branch=main sha=SHA", Some(now)), format!("not web: {AS_IT_WAS}"), "{now}");
    }
}

#[test]
fn a_git_service_goes_back_to_the_very_commit_wherever_its_ref_is_now() {
    let cases = [
        ("web branch=main sha=SHA", Some("web branch=main sha=aaa"), "web: ref=SHA branch=main sha=SHA"),
        ("web ref=v1 sha=SHA", Some("web ref=v1 sha=aaa"), "web: ref=SHA sha=SHA"),
        ("web ref=main branch=main sha=SHA", Some("web sha=aaa"), "web: ref=SHA branch=main sha=SHA"),
        ("web sha=SHA", None, "web: ref=SHA sha=SHA"),
        ("web branch=main sha=SHA", Some("web image=web:v1"), "web: ref=SHA branch=main sha=SHA"),
    ];
    for (then, now, expected) in cases {
        assert_eq!(one(then, now).replace(SHA, "SHA"), expected, "{then}, {now:?}");
    }
}

#[test]
fn an_image_service_is_as_it_was_when_its_image_is_whether_or_not_its_tag_was_asked_for() {
    for now in ["api image=api:v1", "api ref=v1 image=api:v1"] {
        assert_eq!(one("api ref=v1 image=api:v1", Some(now)), format!("not api: {AS_IT_WAS}"), "{now}");
        assert_eq!(one("api image=api:v1", Some(now)), format!("not api: {AS_IT_WAS}"), "{now}");
    }
    let cases = [
        ("api image=api:v1", Some("api ref=v2 image=api:v2"), "api: image=api:v1"),
        ("api ref=v1 image=api:v1", Some("api image=api:v2"), "api: ref=v1 image=api:v1"),
        ("api image=api:v1", Some("api image=other:v1"), "api: image=api:v1"),
        ("api image=api:v1", Some("api sha=SHA"), "api: image=api:v1"),
        ("api image=api:v1", None, "api: image=api:v1"),
    ];
    for (then, now, expected) in cases {
        assert_eq!(one(then, now), expected, "{then}, {now:?}");
    }
}

#[test]
fn a_service_without_a_sha_is_as_it_was_when_the_same_was_asked_for() {
    for same in ["cron", "cron branch=stable", "cron ref=v1", "cron ref=v1 branch=stable"] {
        assert_eq!(one(same, Some(same)), format!("not cron: {AS_IT_WAS}"), "{same}");
    }
    let cases = [
        ("cron ref=v1", Some("cron ref=v2"), "cron: ref=v1"),
        ("cron branch=stable", Some("cron branch=main"), "cron: branch=stable"),
        ("cron branch=stable", Some("cron branch=stable sha=SHA"), "cron: branch=stable"),
        ("cron branch=stable sha=SHA", Some("cron branch=stable"), "cron: ref=SHA branch=stable sha=SHA"),
        ("cron", None, "cron: "),
    ];
    for (then, now, expected) in cases {
        assert_eq!(one(then, now).replace(SHA, "SHA"), expected, "{then}, {now:?}");
    }
}

#[test]
fn what_was_deployed_from_git_cannot_go_back_to_an_image_nor_the_other_way_round() {
    for now in [None, Some("web image=web:v1"), Some("web sha=SHA")] {
        assert_eq!(one("web image=web:v1", now), format!("not web: {OTHER_KIND}"), "{now:?}");
    }
    for then in ["api sha=SHA", "api branch=main", "api"] {
        assert_eq!(one(then, Some("api image=api:v1")), format!("not api: {OTHER_KIND}"), "{then}");
    }
}

fn any_target() -> impl Strategy<Value = Target> {
    let word = |words: &[&'static str]| option::of(select(words.to_vec()).prop_map(str::to_owned));
    let git = (word(&["v1", "main"]), word(&["main", "release"]), word(&["aaa", "bbb"]));
    let git = git.prop_map(|(reference, branch, sha)| Target { reference, branch, sha, image: None });
    let image = (word(&["v1", "v2"]), select(vec!["api:v1", "api:v2"]));
    let image = image.prop_map(|(reference, image)| Target {
        reference,
        image: Some(image.parse().unwrap()),
        ..Target::default()
    });
    prop_oneof![2 => git, 1 => image]
}

/// Of some services of some app.
fn any_states() -> impl Strategy<Value = Vec<ServiceState>> {
    let names = ["web", "worker", "edge", "api", "cron", "10", "gone"];
    vec(option::weighted(0.8, any_target()), names.len()).prop_map(move |targets| {
        let states = names.iter().zip(targets).filter_map(|(name, target)| Some((name, target?)));
        let state = |(name, target): (&&str, Target)| ServiceState {
            service: name.parse().unwrap(),
            release: ReleaseNumber(1),
            target,
        };
        states.map(state).collect()
    })
}

/// What each service was left as once a plan has been deployed.
fn after(plan: &Plan, now: &[ServiceState]) -> Vec<ServiceState> {
    let deployed = plan.services.iter().map(|PlannedService { service, target }| ServiceState {
        service: service.clone(),
        release: ReleaseNumber(9),
        target: target.clone(),
    });
    let is_planned = |state: &&ServiceState| plan.services.iter().any(|planned| planned.service == state.service);
    now.iter().filter(|state| !is_planned(state)).cloned().chain(deployed).collect()
}

proptest! {
    #[test]
    fn going_back_a_second_time_finds_nothing_to_do(app in any_app(), then in any_states(), now in any_states()) {
        let first = Plan::rollback(&app, V3, &then, &now);
        let second = Plan::rollback(&app, V3, &then, &after(&first, &now));
        prop_assert_eq!(&second.services, &[]);
        let planned = first.services.iter().map(|planned| &planned.service);
        for service in planned {
            let expected = SkippedService { service: service.clone(), reason: Skip::AsItWasIn(V3) };
            prop_assert!(second.skipped.contains(&expected), "{}", service);
        }
    }

    #[test]
    fn going_back_to_what_is_there_finds_nothing_to_do(app in any_app(), now in any_states()) {
        prop_assert_eq!(Plan::rollback(&app, V3, &now, &now).services, []);
    }

    #[test]
    fn a_rollback_deploys_the_commits_and_images_of_then_in_manifest_order(
        app in any_app(),
        then in any_states(),
        now in any_states(),
    ) {
        let plan = Plan::rollback(&app, V3, &then, &now);
        let place = |name: &ServiceName| app.services.iter().position(|service| service.name == *name);
        prop_assert!(plan.services.iter().map(|planned| place(&planned.service)).is_sorted());
        for PlannedService { service, target } in &plan.services {
            let was = &then.iter().find(|state| state.service == *service).unwrap().target;
            prop_assert_eq!((&target.sha, &target.image), (&was.sha, &was.image));
        }
        let told = plan.services.len() + plan.skipped.iter().filter(|one| one.reason != Skip::NotInManifest).count();
        prop_assert_eq!(told, app.services.len());
        let gone = plan.skipped.iter().filter(|one| place(&one.service).is_none()).count();
        prop_assert_eq!(gone, then.iter().filter(|state| place(&state.service).is_none()).count());
    }
}
