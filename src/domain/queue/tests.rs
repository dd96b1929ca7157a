//! Each rule as a table; all of them together on random sequences, beside a second statement of them.

mod arrivals;
mod model;
mod sequences;

use super::*;

use crate::domain::image::Image;

const SHA: &str = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";

fn head(branch: &str, before: Option<&str>, after: Option<&str>) -> NewHead {
    let [before, after] = [before, after].map(|sha| sha.map(str::to_owned));
    NewHead { branch: branch.to_owned(), before, after, forced: false }
}

fn git(repositories: &[&str], changes: Vec<Change>) -> GitInformation {
    let repositories = repositories.iter().map(|&url| url.to_owned()).collect();
    GitInformation { repositories, changes, ..GitInformation::default() }
}

fn deleted(branch: &str) -> Change {
    Change::Deleted { branch: branch.to_owned() }
}

fn tag(tag: &str) -> Change {
    Change::Tag { tag: tag.to_owned() }
}

#[test]
fn every_spelling_of_a_remote_gives_one_repository() {
    let spellings: [&[&str]; 8] = [
        &["https://github.com/acme/shop"],
        &["https://github.com/acme/shop.git"],
        &["https://ann:hunter2@GitHub.com/Acme/Shop.git/"],
        &["git@github.com:acme/shop.git"],
        &["ssh://git@github.com:22/acme/shop"],
        &["git://github.com/acme/shop.git"],
        &["no url at all", "git@github.com:acme/shop.git"],
        &["git@github.com:acme/shop.git", "https://elsewhere.example/a/b"],
    ];
    for spelling in spellings {
        assert_eq!(Push::of(&git(spelling, Vec::new())).repository, "github.com/acme/shop", "{spelling:?}");
    }
    for other in ["https://github.com/acme/shop2", "https://git.example.com/acme/shop", "git@github.com:ann/shop.git"] {
        assert_ne!(Push::of(&git(&[other], Vec::new())).repository, "github.com/acme/shop", "{other}");
    }
}

#[test]
fn a_repository_that_is_no_url_stays_as_it_was_spelled() {
    assert_eq!(Push::of(&git(&["/srv/git/shop.git", "elsewhere"], Vec::new())).repository, "/srv/git/shop.git");
    assert_eq!(Push::of(&git(&[], Vec::new())).repository, "");
}

#[test]
fn of_a_push_the_queue_keeps_new_heads_and_neither_tags_nor_deletions() {
    let main = head("main", Some("a"), Some("b"));
    let (release, created) =
        (NewHead { forced: true, ..head("release", Some("c"), None) }, head("new", None, Some("d")));
    let pushed = |heads: &[&NewHead]| heads.iter().map(|&head| Change::Pushed(head.clone())).collect::<Vec<_>>();
    let cases: [(Vec<Change>, &[&NewHead]); 6] = [
        (Vec::new(), &[]),
        (vec![tag("v1")], &[]),
        (vec![deleted("main")], &[]),
        (vec![tag("main"), deleted("release")], &[]),
        (pushed(&[&main, &release, &created]), &[&main, &release, &created]),
        ([vec![tag("v1")], pushed(&[&main]), vec![deleted("release")]].concat(), &[&main]),
    ];
    for (changes, expected) in cases {
        let push = Push::of(&git(&["https://github.com/acme/shop"], changes.clone()));
        assert_eq!(push.heads.iter().collect::<Vec<_>>(), expected, "{changes:?}");
    }
}

#[test]
fn of_two_changes_to_a_branch_the_last_counts() {
    let (first, last) =
        (head("main", Some("a"), Some("b")), NewHead { forced: true, ..head("main", Some("b"), Some("c")) });
    let pushed = |head: &NewHead| Change::Pushed(head.clone());
    let cases = [
        (vec![pushed(&first), pushed(&last)], vec![last.clone()]),
        (vec![pushed(&last), pushed(&first)], vec![first.clone()]),
        (vec![deleted("main"), pushed(&last)], vec![last.clone()]),
        (vec![pushed(&first), deleted("main")], vec![]),
    ];
    for (changes, expected) in cases {
        assert_eq!(Push::of(&git(&["https://github.com/acme/shop"], changes.clone())).heads, expected, "{changes:?}");
    }
}

#[test]
fn a_pushed_head_is_compared_with_what_is_there_unless_the_push_was_forced() {
    let target = |branch: Option<&str>| Target { branch: branch.map(str::to_owned), ..Target::default() };
    let hook = |heads: &[&NewHead]| {
        let heads = heads.iter().map(|&head| head.clone()).collect();
        Hook { push: Some(Push { repository: "github.com/acme/shop".to_owned(), heads }), modifiers: Vec::new() }
    };
    let (main, release) = (head("main", None, Some(SHA)), head("release", None, Some("a")));
    let forced = NewHead { forced: true, ..main.clone() };
    let cases = [
        (hook(&[&main]), target(Some("main")), Some(SHA)),
        (hook(&[&release, &main]), target(Some("main")), Some(SHA)),
        (hook(&[&release, &main]), target(Some("release")), Some("a")),
        (hook(&[&forced]), target(Some("main")), None),
        (hook(&[&forced, &release]), target(Some("release")), Some("a")),
        (hook(&[&main]), target(Some("release")), None),
        (hook(&[&main]), target(Some("Main")), None),
        (hook(&[&main]), target(None), None),
        (hook(&[&main]), Target { image: Some("api:v1".parse::<Image>().unwrap()), ..Target::default() }, None),
        (hook(&[&head("main", Some(SHA), None)]), target(Some("main")), None),
        (hook(&[]), target(Some("main")), None),
        (Hook::default(), target(Some("main")), None),
    ];
    for (hook, target, expected) in cases {
        assert_eq!(hook.ordered_head(&target), expected, "{hook:?} {target:?}");
    }
}

#[test]
fn a_pause_ignores_hooks_refuses_people_who_do_not_insist_and_lets_a_rollback_in() {
    let rollback = Origin::Rollback(ReleaseNumber(3));
    let cases = [
        (Origin::Hook(Hook::default()), Insistence::None, Admission::Ignored),
        (Origin::Hook(Hook::default()), Insistence::Forced, Admission::Ignored),
        (Origin::Command, Insistence::None, Admission::Refused),
        (Origin::Command, Insistence::Forced, Admission::Admitted),
        (rollback.clone(), Insistence::None, Admission::Admitted),
        (rollback, Insistence::Forced, Admission::Admitted),
    ];
    for (origin, insistence, expected) in cases {
        assert_eq!(admit_paused(&origin, insistence), expected, "{origin:?} {insistence:?}");
    }
}

#[test]
fn what_a_command_that_died_left_ends_and_what_a_serve_left_runs_again_but_three_times_in_all() {
    use DeploymentState::{Canceled, Failed, Queued};
    const COMMAND: &str = "its command died";
    const AGAIN: &str = "its engine died, so it runs again";
    const NEVER: &str = "its engine died in every attempt";
    let died = |runs_in: RunsIn, is_running, attempt| {
        let after = after_death(runs_in, is_running, attempt);
        (after.state(), after.reason(runs_in))
    };
    for attempt in 0..=5 {
        assert_eq!(died(RunsIn::Command, false, attempt), (Canceled, COMMAND), "{attempt}");
        assert_eq!(died(RunsIn::Command, true, attempt), (Failed, COMMAND), "{attempt}");
        assert_eq!(died(RunsIn::Serve, false, attempt), (Queued, AGAIN), "{attempt}");
    }
    for attempt in [1, 2] {
        assert_eq!(died(RunsIn::Serve, true, attempt), (Queued, AGAIN), "{attempt}");
    }
    for attempt in [3, 4, 5] {
        assert_eq!(died(RunsIn::Serve, true, attempt), (Failed, NEVER), "{attempt}");
    }
}

#[test]
fn a_deployment_runs_in_the_command_that_it_lives_in_else_in_a_serve() {
    assert_eq!(RunsIn::of(Some("an engine")), RunsIn::Command);
    assert_eq!(RunsIn::of(None), RunsIn::Serve);
}

#[test]
fn what_asked_for_a_deployment_has_a_word() {
    let origins = [Origin::Command, Origin::Rollback(ReleaseNumber(1)), Origin::Hook(Hook::default())];
    assert_eq!(origins.map(|origin| origin.trigger().word()), ["command", "rollback", "hook"]);
}

#[test]
fn what_a_hook_said_outlives_being_stored() {
    let push = Push { repository: "github.com/acme/shop".to_owned(), heads: vec![head("main", Some("a"), None)] };
    for hook in [Hook::default(), Hook { push: Some(push), modifiers: vec!["web".to_owned()] }] {
        let stored = serde_json::to_string(&hook).unwrap();
        assert_eq!(serde_json::from_str::<Hook>(&stored).unwrap(), hook);
    }
}
