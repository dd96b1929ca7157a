//! What must be true after every bad day.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::crash::apps::{APPS, Apps};
use crate::support::wait_until;

/// Why a deployment may have failed.
const DIED: &str = "its engine died in every attempt";

/// The most attempts of a deployment.
const ATTEMPTS: u64 = 3;

/// Fails the test unless everything that was accepted has ended as it should, and nothing else is there.
pub(super) fn nothing_went_wrong(apps: &Apps, accepted: &[u64]) {
    assert_eq!(apps.file("violations"), "", "two runs of an app at the same time");
    let mut known = HashSet::new();
    for app in APPS {
        let deployments = apps.deployments(app);
        for deployment in &deployments {
            if accepted.contains(&deployment["id"].as_u64().unwrap()) {
                ended_well(deployment);
            } else {
                // Whoever asked was told that it did not succeed: it lived in that command.
                assert_eq!(deployment["reason"], "its command died", "{deployment:#}");
            }
            assert!(known.insert(deployment["id"].as_u64().unwrap()), "twice: {deployment:#}");
        }
        releases_are_numbered(apps, app, &deployments);
        let log = log_is_numbered(apps, app);
        attempts_follow_each_other(&log);
        services_ran_to_their_end(apps, app, &deployments, &log);
    }
    let lost: Vec<&u64> = accepted.iter().filter(|id| !known.contains(id)).collect();
    assert!(lost.is_empty(), "accepted and lost: {lost:?}");
    assert_eq!(apps.sql("PRAGMA integrity_check"), "ok\n");
    let mut left = Vec::new();
    wait_until("no process is left", || {
        left = apps.processes();
        left.is_empty()
    });
}

/// Fails the test if the day was not bad at all.
pub(super) fn some_ran_again(apps: &Apps) {
    let ran_again = |deployment: &Value| deployment["attempt"].as_u64() > Some(1);
    assert!(APPS.iter().any(|app| apps.deployments(app).iter().any(ran_again)), "nothing was interrupted");
}

fn ended_well(deployment: &Value) {
    let attempt = deployment["attempt"].as_u64().unwrap();
    match deployment["state"].as_str().unwrap() {
        "succeeded" => assert!((1..=ATTEMPTS).contains(&attempt), "{deployment:#}"),
        "failed" => assert_eq!((deployment["reason"].as_str(), attempt), (Some(DIED), ATTEMPTS), "{deployment:#}"),
        _ => panic!("{deployment:#}"),
    }
}

/// From 1, without gap or double, and each deployment's one is the one that is its own.
fn releases_are_numbered(apps: &Apps, app: &str, deployments: &[Value]) {
    let listed = apps.run(app, &["releases", "list", "--all", "-n", "1000000", "--json"]).expect(0).json();
    let of_deployment = |release: &Value| {
        let id = &release["deployment"];
        deployments.iter().find(|deployment| deployment["id"] == *id).unwrap().clone()
    };
    let releases = listed.as_array().unwrap();
    for (release, number) in releases.iter().rev().zip(1..) {
        assert_eq!(release["release"], format!("v{number}"), "{app}: {release:#}");
        let deployment = of_deployment(release);
        assert_eq!(deployment["release"], release["release"], "{app}: {release:#} {deployment:#}");
        assert_eq!(deployment["state"], release["state"], "{app}: {release:#} {deployment:#}");
    }
    let with_release = deployments.iter().filter(|deployment| !deployment["release"].is_null());
    assert_eq!(releases.len(), with_release.count(), "{app}");
}

/// From 1, without gap or double; the lines.
fn log_is_numbered(apps: &Apps, app: &str) -> Vec<Value> {
    let log = apps.run(app, &["logs", "-n", "10000000", "--json"]).expect(0).stdout;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (line, number) in lines.iter().zip(1_u64..) {
        assert_eq!(line["number"], number, "{app}: {line:#}");
    }
    lines
}

/// Nobody writes about an attempt once it was given up: not until the next has begun, and then only of that.
fn attempts_follow_each_other(log: &[Value]) {
    let mut attempts: HashMap<u64, Option<u64>> = HashMap::new();
    let mut begun: HashSet<(u64, String, String)> = HashSet::new();
    for line in log {
        let (Some(deployment), Some(text)) = (line["deployment"].as_u64(), line["text"].as_str()) else {
            continue;
        };
        let words: Vec<&str> = text.split([' ', ':']).collect();
        match (line["source"].as_str().unwrap(), &words[..]) {
            ("hookbelt[api]", ["Deployment", _, "started", ..]) => drop(attempts.insert(deployment, Some(1))),
            ("hookbelt[api]", ["Deployment", _, "starts", "again,", "attempt", attempt, ..]) => {
                attempts.insert(deployment, Some(attempt.parse().unwrap()));
                begun.retain(|(of, ..)| *of != deployment);
            }
            ("hookbelt[api]", ["Deployment", _, "was", "interrupted", ..]) => drop(attempts.insert(deployment, None)),
            ("hookbelt[api]", ["Deployment", ..]) => {}
            ("hookbelt[api]", [service, "", step, "done", ..]) => {
                assert!(begun.remove(&(deployment, (*service).to_owned(), (*step).to_owned())), "not begun: {line:#}");
            }
            ("hookbelt[api]", [service, "", step, ..]) => {
                assert_ne!(attempts[&deployment], None, "given up: {line:#}");
                begun.insert((deployment, (*service).to_owned(), (*step).to_owned()));
            }
            (_, [_, attempt, ..]) => assert_eq!(attempts[&deployment], attempt.parse().ok(), "{line:#}"),
            _ => {}
        }
    }
}

/// In each attempt at most once, in none after its end was recorded; and at least once if the deployment succeeded.
fn services_ran_to_their_end(apps: &Apps, app: &str, deployments: &[Value], log: &[Value]) {
    let mut ends: HashMap<(u64, String), Vec<u64>> = HashMap::new();
    for end in apps.file(&format!("ends.{app}")).lines() {
        let [deployment, service, attempt] = end.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let attempts = ends.entry((deployment.parse().unwrap(), service.to_owned())).or_default();
        let attempt = attempt.parse().unwrap();
        assert!(!attempts.contains(&attempt), "{app}: ran twice in one attempt: {end}");
        attempts.push(attempt);
    }
    for ((deployment, service), attempts) in &ends {
        let recorded = attempt_after_the_record(log, *deployment, service);
        let again = attempts.iter().find(|attempt| recorded.is_some_and(|recorded| **attempt >= recorded));
        assert_eq!(again, None, "{app}: {service} of deployment {deployment} ran again though its end was recorded");
    }
    for deployment in deployments.iter().filter(|deployment| deployment["state"] == "succeeded") {
        for part in deployment["services"].as_array().unwrap() {
            let key = (deployment["id"].as_u64().unwrap(), part["service"].as_str().unwrap().to_owned());
            assert!(ends.contains_key(&key), "{app}: {key:?} did not run");
            assert_eq!(part["state"], "succeeded", "{deployment:#}");
        }
    }
}

/// The first attempt that began, as the log says, when a service was done before.
fn attempt_after_the_record(log: &[Value], deployment: u64, service: &str) -> Option<u64> {
    let of_deployment = log.iter().filter(|line| line["deployment"] == deployment);
    of_deployment.filter_map(|line| line["text"].as_str().unwrap().split_once(" starts again, attempt ")).find_map(
        |(_, text)| {
            let (attempt, rest) = text.split_once(':').unwrap();
            let (_, done) = rest.split_once("; done before: ")?;
            done.split(", ").any(|name| name == service).then(|| attempt.parse().unwrap())
        },
    )
}
