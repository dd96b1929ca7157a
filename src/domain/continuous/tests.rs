//! Each rule as a table or a property.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::domain::payload::Received;
use crate::domain::redeploy_hook::{Asked, understand};

fn on() -> Vec<(String, String)> {
    vec![(CONTINUOUS_DEPLOY.to_owned(), "true".to_owned())]
}

fn deployment(environment: &str, task: &str, payload: Value) -> GithubDeployment {
    GithubDeployment {
        id: 7,
        sha: "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a".to_owned(),
        reference: "main".to_owned(),
        task: task.to_owned(),
        environment: environment.to_owned(),
        payload,
        repositories: vec!["https://github.com/acme/shop.git".to_owned()],
        full_name: None,
        creator: None,
    }
}

#[test]
fn an_event_is_ignored_or_of_a_push_or_of_somebody() {
    let nonce = || json!({ "nonce": "6f1c" });
    let of_push = |nonce: &str| EventCase::OfPush(nonce.to_owned());
    let case = |environment, task, payload, settings: &[(String, String)]| {
        EventCase::of(&deployment(environment, task, payload), &"staging".parse().unwrap(), settings)
    };
    let ignored = [
        case("staging", "deploy", nonce(), &[]),
        case("staging", "deploy", nonce(), &[(CONTINUOUS_DEPLOY.to_owned(), "false".to_owned())]),
        case("production", "deploy", nonce(), &on()),
        case("Staging", "deploy", Value::Null, &on()),
        case("staging", "deploy:migrations", nonce(), &on()),
    ];
    for case in ignored {
        assert!(matches!(case, EventCase::Ignored(_)), "{case:?}");
    }
    let payloads = [
        (nonce(), of_push("6f1c")),
        (json!(r#"{"nonce":"6f1c"}"#), of_push("6f1c")),
        // What cannot be ours is still somebody's nonce: the event is not taken for one without.
        (json!({ "nonce": "" }), of_push("")),
        (json!({ "nonce": 1 }), of_push("1")),
        (json!({ "nonce": ["6f1c"] }), of_push(r#"["6f1c"]"#)),
        (json!({ "nonce": null }), EventCase::OfSomebody),
        (json!({ "other": "6f1c" }), EventCase::OfSomebody),
        (json!({}), EventCase::OfSomebody),
        (json!([]), EventCase::OfSomebody),
        (json!(["nonce"]), EventCase::OfSomebody),
        (json!("nonce"), EventCase::OfSomebody),
        (json!(""), EventCase::OfSomebody),
        (Value::Null, EventCase::OfSomebody),
    ];
    for (payload, expected) in payloads {
        assert_eq!(case("staging", "deploy", payload.clone(), &on()), expected, "{payload}");
    }
}

#[test]
fn while_deployments_are_paused_no_push_waits() {
    let paused = (PAUSED.to_owned(), "true".to_owned());
    assert!(!is_waited(&[]));
    assert!(is_waited(&on()));
    assert!(!is_waited(&[on(), vec![paused]].concat()));
}

#[test]
fn a_state_has_one_name_at_a_git_host() {
    let died = AfterDeath::Failed.reason(RunsIn::Serve);
    let cases = [
        (DeploymentState::Queued, None, HostStatus::Queued),
        (DeploymentState::Queued, Some("its engine died, so it runs again"), HostStatus::Queued),
        (DeploymentState::Running, None, HostStatus::InProgress),
        (DeploymentState::Succeeded, None, HostStatus::Success),
        (DeploymentState::Failed, Some("web: deploy exited with 1"), HostStatus::Failure),
        (DeploymentState::Failed, Some(died), HostStatus::Error),
        (DeploymentState::Canceled, Some("by ann"), HostStatus::Inactive),
        (DeploymentState::Superseded, Some("older than v7"), HostStatus::Inactive),
        (DeploymentState::Ignored, None, HostStatus::Inactive),
    ];
    for (state, reason, expected) in cases {
        assert_eq!(HostStatus::of(state, reason), expected, "{state} {reason:?}");
        assert_eq!(expected.is_last(), state.is_over(), "{state}");
        assert_eq!(expected.word().parse(), Ok(expected));
    }
    assert!("pending".parse::<HostStatus>().is_err());
}

#[test]
fn what_happened_between_two_looks_is_told_too() {
    use HostStatus::{Failure, InProgress, Inactive, Queued, Success};
    let cases: [(Option<HostStatus>, HostStatus, bool, &[HostStatus]); 9] = [
        (None, Queued, false, &[Queued]),
        (None, InProgress, true, &[Queued, InProgress]),
        (None, Success, true, &[Queued, InProgress, Success]),
        (None, Inactive, false, &[Queued, Inactive]),
        (Some(Queued), Queued, false, &[]),
        (Some(Queued), Failure, true, &[InProgress, Failure]),
        (Some(InProgress), InProgress, true, &[]),
        // Its engine has died, so that it waits again.
        (Some(InProgress), Queued, true, &[]),
        (Some(InProgress), Success, true, &[Success]),
    ];
    for (told, now, has_begun, expected) in cases {
        assert_eq!(HostStatus::to_tell(told, now, has_begun), expected, "{told:?} {now:?}");
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

#[test]
fn a_push_waits_for_its_deployment_then_for_the_event_and_no_longer_than_it_may() {
    let nothing = |seconds| Due::Nothing { until: at(seconds) };
    let without = |reason: &str| Due::Deploy(reason.to_owned());
    let (new, created) = (PushState::New, PushState::Created);
    let cases = [
        (new, 0, 0, Due::Create),
        (new, 5, 4, nothing(5)),
        (new, 5, 5, Due::Create),
        (new, 700, 400, nothing(600)),
        (new, 0, 600, without("no deployment could be created at the Git host within 10m")),
        (created, 0, 0, nothing(600)),
        (created, 0, 599, nothing(600)),
        (created, 0, 600, without("no event came for its deployment at the Git host within 10m")),
    ];
    for (state, next_try, now, expected) in cases {
        let wait = Wait { state, since: at(0), next_try: at(next_try) };
        assert_eq!(wait.due(&on(), Duration::from_mins(10), at(now)), expected, "{wait:?} {now}");
        assert_eq!(wait.due(&[], Duration::from_mins(10), at(now)), without("continuous.deploy was turned off"));
    }
}

#[test]
fn the_pauses_between_tries_double_up_to_a_minute() {
    let pauses: Vec<i64> =
        [1, 2, 3, 6, 7, 8, 1000, u64::MAX].map(|failed| next_try(failed, None, at(0)).as_second()).to_vec();
    assert_eq!(pauses, [1, 2, 4, 32, 60, 60, 60, 60]);
    assert_eq!(next_try(1, None, Timestamp::MAX), Timestamp::MAX);
}

#[test]
fn a_host_says_how_long_it_wants_to_be_left_alone_but_not_for_ever() {
    for (failed, told, pause) in [(1, 7, 7), (4, 7, 8), (20, 90, 90), (1, 3600, 3600), (1, u64::MAX, 3600)] {
        assert_eq!(next_try(failed, Some(Duration::from_secs(told)), at(0)), at(pause), "{failed} {told}");
    }
}

#[test]
fn a_status_is_tried_to_be_told_often_and_not_for_ever() {
    let tries = (1..).map_while(|failed| next_status_try(failed, None, at(0))).count();
    assert_eq!(tries, 19);
}

fn trigger(event: &str, body: &Value) -> Trigger {
    let headers = [("X-GitHub-Event", event)];
    let body = body.to_string();
    let received = Received { headers: &headers, query: "", body: body.as_bytes() };
    let Ok(Asked::Deploy(trigger)) = understand(&received) else { panic!("{body}") };
    trigger
}

#[test]
fn a_push_that_a_deployment_cannot_stand_for_does_not_wait() {
    let app = crate::domain::plan::tests::shop();
    let push = |after: &str, url: &str| {
        let repository = json!({ "clone_url": url, "ssh_url": "git@github.com:acme/shop.git" });
        json!({ "ref": "refs/heads/main", "after": after, "repository": repository })
    };
    let pushed = |trigger: &Trigger| Pushed::of(&app, trigger, &Plan::of(&app, &trigger.request).unwrap());
    let sha = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";
    let from_github = trigger("push", &push(sha, "https://github.com/acme/shop.git"));
    let expected = Pushed { repository: "github.com/acme/shop".to_owned(), sha: sha.to_owned() };
    assert_eq!(pushed(&from_github), Some(expected.clone()));
    // The manifest says where a token goes, not what a payload calls its repository first.
    assert_eq!(pushed(&trigger("push", &push(sha, "https://evil.example.com/acme/shop.git"))), Some(expected));
    assert_eq!(pushed(&trigger("push", &push("HEAD", "https://github.com/acme/shop.git"))), None);
    assert_eq!(pushed(&Trigger { sender: Sender::Gitea, ..from_github.clone() }), None);
    let mut elsewhere = push(sha, "https://github.com/acme/blog.git");
    elsewhere["repository"]["ssh_url"] = Value::Null;
    assert_eq!(pushed(&trigger("push", &elsewhere)), None);
}

proptest! {
    #[test]
    fn a_nonce_comes_back_from_what_carries_it(nonce in "[0-9a-f]{32}", services in proptest::collection::vec("[a-z]{1,9}", 0..4)) {
        let services: Vec<ServiceName> = services.iter().map(|name| name.parse().unwrap()).collect();
        let payload = payload(&crate::domain::plan::tests::shop(), &services, &nonce);
        prop_assert_eq!(nonce_in(&payload), Some(nonce.clone()));
        prop_assert_eq!(nonce_in(&Value::String(payload.to_string())), Some(nonce));
    }

    #[test]
    fn a_description_is_short_and_begins_as_the_text(text in any::<String>()) {
        let short = description(&text);
        prop_assert!(short.chars().count() <= MAX_DESCRIPTION);
        prop_assert!(text.starts_with(short.trim_end_matches('…')) || short == text);
    }

    #[test]
    fn each_status_is_told_once_and_in_order(
        states in proptest::collection::vec((select(vec![DeploymentState::Queued, DeploymentState::Running]), any::<bool>()), 0..6),
    ) {
        let ends = states.iter().map(|(state, looked)| (*state, *looked)).chain([(DeploymentState::Succeeded, true)]);
        let (mut told, mut has_begun, mut last) = (Vec::new(), false, None);
        for (state, looked) in ends {
            has_begun |= state == DeploymentState::Running;
            if looked {
                let next = HostStatus::to_tell(last, HostStatus::of(state, None), has_begun);
                last = next.last().copied().or(last);
                told.extend(next);
            }
        }
        let running = has_begun.then_some(HostStatus::InProgress);
        let expected: Vec<_> = [Some(HostStatus::Queued), running, Some(HostStatus::Success)].into_iter().flatten().collect();
        prop_assert_eq!(told, expected);
    }
}
