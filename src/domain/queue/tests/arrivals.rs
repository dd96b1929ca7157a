//! What a new deployment does to those that wait.

use super::*;

/// Like `web+worker @github.com/acme/shop main:a>b [web]`: the services, the repository (the same unless said), branches
/// with their old and new heads (`?` is unknown), modifiers. Without a repository and branches it has no Git information.
fn hook(text: &str) -> (Hook, Vec<ServiceName>) {
    let mut words = text.split(' ');
    let services = words.next().unwrap().split('+').map(|name| name.parse().unwrap()).collect();
    let (mut repository, mut heads, mut modifiers) = (None, Vec::new(), Vec::new());
    for word in words {
        if let Some(named) = word.strip_prefix('@') {
            repository = Some(named.to_owned());
        } else if let Some(named) = word.strip_prefix('[') {
            modifiers = named.trim_end_matches(']').split(',').map(str::to_owned).collect();
        } else {
            let (branch, shas) = word.split_once(':').unwrap();
            let (before, after) = shas.split_once('>').unwrap();
            let [before, after] = [before, after].map(|sha| Some(sha).filter(|sha| *sha != "?"));
            heads.push(super::head(branch, before, after));
        }
    }
    let has_push = repository.is_some() || !heads.is_empty();
    let push = Push { repository: repository.unwrap_or_else(|| "shop".to_owned()), heads };
    (Hook { push: has_push.then_some(push), modifiers }, services)
}

/// Those that wait are numbered from 1, in the order of their places.
fn waiting(texts: &[&str]) -> Vec<Waiting> {
    let hooks = (1..).zip(texts.iter().map(|text| hook(text)));
    hooks.map(|(id, (hook, services))| Waiting { id, place: id, hook, services }).collect()
}

fn in_words(arrival: Arrival) -> String {
    match arrival {
        Arrival::SupersededBy(newer) => format!("superseded by {newer}"),
        Arrival::Waits { place_of, supersedes } => {
            let place = place_of.map_or("at the end".to_owned(), |older| format!("at {older}"));
            let supersedes: Vec<String> = supersedes.iter().map(u64::to_string).collect();
            if supersedes.is_empty() { place } else { format!("{place} for {}", supersedes.join(" ")) }
        }
    }
}

/// What comes of a hook when these wait.
fn came_of(texts: &[&str], new: &str, mode: Mode) -> String {
    let (hook, services) = hook(new);
    in_words(arrive(&waiting(texts), &Origin::Hook(hook), &services, mode))
}

fn check(cases: &[(&[&str], &str, &str)]) {
    for (texts, new, expected) in cases {
        assert_eq!(came_of(texts, new, Mode::Latest), *expected, "{texts:?}, then {new}");
    }
}

#[test]
fn a_newer_push_takes_the_place_of_an_older_one_to_the_same_branch() {
    check(&[
        (&[], "web main:a>b", "at the end"),
        (&["web main:a>b"], "web main:b>c", "at 1 for 1"),
        (&["web release:a>b"], "web main:b>c", "at the end"),
        (&["web Main:a>b"], "web main:b>c", "at the end"),
        (&["web @other main:a>b"], "web main:b>c", "at the end"),
        (&["web @other main:a>b", "web main:a>b"], "web main:b>c", "at 2 for 2"),
        (&["web main:a>b release:a>b"], "web release:b>c main:b>c", "at 1 for 1"),
        (&["web main:a>b release:a>b"], "web main:b>c", "at the end"),
        (&["web main:a>b"], "web main:b>c release:b>c", "at the end"),
        (&["web @shop"], "web @shop", "at 1 for 1"),
        (&["web @shop"], "web @other", "at the end"),
        (&["web @shop"], "web main:a>b", "at the end"),
        (&["web main:a>b"], "web @shop", "at the end"),
    ]);
}

#[test]
fn it_covers_an_older_one_whose_services_are_all_among_its_own() {
    check(&[
        (&["web main:a>b"], "web+worker main:b>c", "at 1 for 1"),
        (&["worker+web main:a>b"], "web+worker main:b>c", "at 1 for 1"),
        (&["web+worker main:a>b"], "web main:b>c", "at the end"),
        (&["web main:a>b"], "worker main:b>c", "at the end"),
        (&["web main:a>b [web]"], "web+worker main:b>c", "at 1 for 1"),
        (&["web main:a>b [web]"], "web main:b>c [web,api]", "at 1 for 1"),
    ]);
}

#[test]
fn without_git_information_equal_modifiers_say_that_two_ask_for_the_same() {
    check(&[
        (&["web"], "web", "at 1 for 1"),
        (&["web [web]"], "web [web]", "at 1 for 1"),
        (&["web"], "web [web]", "at the end"),
        (&["web [web]"], "web", "at the end"),
        (&["web [web]"], "web+worker [web,worker]", "at the end"),
        (&["web"], "web+worker", "at 1 for 1"),
        (&["web+worker"], "web", "at the end"),
        (&["web"], "web main:a>b", "at the end"),
        (&["web main:a>b"], "web", "at the end"),
        (&["web [web]"], "web main:a>b [web]", "at the end"),
        (&["web main:a>b [web]"], "web [web]", "at the end"),
    ]);
}

#[test]
fn it_takes_the_first_place_of_those_that_it_covers() {
    check(&[
        (&["web main:a>b", "web release:a>b", "worker main:b>c"], "web+worker main:c>d", "at 1 for 1 3"),
        (&["web release:a>b", "web main:a>b", "worker main:b>c"], "web+worker main:c>d", "at 2 for 2 3"),
        (&["web+worker main:a>b", "web main:b>c"], "web main:c>d", "at 2 for 2"),
        (&["web+worker", "web", "web [web]"], "web", "at 2 for 2"),
    ]);
}

#[test]
fn old_and_new_heads_decide_against_the_arrival() {
    check(&[
        (&["web main:b>c"], "web main:a>b", "superseded by 1"),
        (&["web+worker main:b>c"], "web main:a>b", "superseded by 1"),
        (&["web main:b>c"], "web+worker main:a>b", "at the end"),
        (&["web main:b>c"], "worker main:a>b", "at the end"),
        (&["web release:b>c"], "web main:a>b", "at the end"),
        (&["web @other main:b>c"], "web main:a>b", "at the end"),
        (&["web main:b>?"], "web main:?>b", "superseded by 1"),
        (&["web+worker main:a>b", "web main:c>d"], "web main:b>c", "superseded by 2"),
        (&["web main:a>b", "web+worker main:c>d"], "worker main:b>c", "superseded by 2"),
        // The older one keeps away from the newer and still takes the place of one that is older yet.
        (&["web main:a>b", "worker main:c>d"], "web+worker main:b>c", "at 1 for 1"),
        (&["worker main:c>d", "web main:a>b"], "web+worker main:b>c", "at 2 for 2"),
    ]);
}

#[test]
fn arrival_decides_where_heads_say_nothing() {
    check(&[
        (&["web main:c>d"], "web main:a>b", "at 1 for 1"),
        (&["web main:a>b"], "web main:c>d", "at 1 for 1"),
        (&["web main:?>b"], "web main:?>c", "at 1 for 1"),
        (&["web main:?>?"], "web main:?>?", "at 1 for 1"),
        (&["web main:a>?"], "web main:?>b", "at 1 for 1"),
        (&["web main:a>b"], "web main:a>b", "at 1 for 1"),
        (&["web main:a>b"], "web main:a>c", "at 1 for 1"),
    ]);
}

#[test]
fn arrival_decides_where_heads_contradict_each_other() {
    check(&[
        // Forward and back again.
        (&["web main:a>b"], "web main:b>a", "at 1 for 1"),
        (&["web main:a>a"], "web main:a>a", "at 1 for 1"),
        // One branch says so, the other the opposite.
        (&["web main:b>c release:a>b"], "web main:a>b release:b>c", "at 1 for 1"),
        (&["web main:a>b release:b>c"], "web main:b>c release:a>b", "at 1 for 1"),
        // One branch says so, the other nothing.
        (&["web main:b>c release:x>y"], "web main:a>b release:v>w", "superseded by 1"),
        (&["web main:b>c release:a>b"], "web main:a>b release:b>a", "superseded by 1"),
        (&["web main:x>y release:b>c"], "web main:v>w release:a>b", "superseded by 1"),
        (&["web main:b>c release:b>c"], "web release:a>b main:a>b", "superseded by 1"),
    ]);
}

#[test]
fn where_every_hook_is_deployed_none_takes_the_place_of_another() {
    for new in ["web main:a>b", "web main:b>c", "web main:c>d", "web", "web+worker main:c>d"] {
        assert_eq!(came_of(&["web main:b>c", "web"], new, Mode::All), "at the end", "{new}");
    }
}

#[test]
fn what_a_person_asks_for_waits_at_the_end_and_supersedes_nothing() {
    let services = ["web", "worker"].map(|name| name.parse().unwrap());
    for mode in [Mode::Latest, Mode::All] {
        let arrival = arrive(&waiting(&["web main:a>b", "web"]), &Origin::Command, &services, mode);
        assert_eq!(in_words(arrival), "at the end", "{mode:?}");
    }
}

#[test]
fn a_rollback_supersedes_hooks_all_of_whose_services_it_runs_and_waits_at_the_end() {
    let waiting = waiting(&["web main:a>b", "web+worker main:b>c", "worker", "web @other", "api", "worker+web [web]"]);
    let cases: [(&[&str], &str); 4] = [
        (&["web", "worker"], "at the end for 1 2 3 4 6"),
        (&["web"], "at the end for 1 4"),
        (&["api"], "at the end for 5"),
        (&["cron"], "at the end"),
    ];
    for (services, expected) in cases {
        let services: Vec<ServiceName> = services.iter().map(|name| name.parse().unwrap()).collect();
        for mode in [Mode::Latest, Mode::All] {
            let arrival = arrive(&waiting, &Origin::Rollback(ReleaseNumber(1)), &services, mode);
            assert_eq!(in_words(arrival), expected, "{services:?} {mode:?}");
        }
    }
}
