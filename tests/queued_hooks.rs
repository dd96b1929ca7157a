//! Redeployment hooks in the queue of a real `hookbelt serve`: which of them run, and at what.

use std::process::Command;

use hookbelt::config::manifest::Manifest;
use hookbelt::domain::deployment::{Strategy, Target};
use hookbelt::domain::plan::{NewHead, Plan, PlannedService};
use hookbelt::domain::queue::{Hook, Insistence, Mode, Origin, Push};
use hookbelt::engine::register;
use hookbelt::store::apps::AppRecord;
use hookbelt::store::enqueue::NewDeployment;
use hookbelt::store::{Folder, Store};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::support::{Belt, Running};

/// An app with two services of one repository that has three commits. Each notes what it deploys in the file `deployed`;
/// the first that finds a gate waits at it.
struct Shop {
    belt: Belt,
    commits: [String; 3],
    runtime: Runtime,
    store: Store,
    record: AppRecord,
}

/// What a hook says of the branch `main`.
#[derive(Clone, Copy)]
struct Said<'a> {
    before: Option<&'a str>,
    after: &'a str,
    forced: bool,
}

fn pushed(after: &str) -> Said<'_> {
    Said { before: None, after, forced: false }
}

fn moved<'a>(before: &'a str, after: &'a str) -> Said<'a> {
    Said { before: Some(before), after, forced: false }
}

impl Shop {
    fn new() -> Self {
        let belt = Belt::new();
        let work = belt.work().canonicalize().unwrap();
        let deploy = format!(
            "cd {}; echo $HOOKBELT_SERVICE $HOOKBELT_SHA >> deployed; test ! -e gate || (read go < gate; rm gate)",
            work.display()
        );
        belt.write(
            "hookbelt.toml",
            format!(
                "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\nbranch = \"main\"\n\
                 [services.web]\ndeploy = '''{deploy}'''\n[services.worker]\ndeploy = '''{deploy}'''\n"
            ),
        );
        let commits = [
            belt.repository("repo"),
            belt.commit("repo", "page.html", "two"),
            belt.commit("repo", "page.html", "three"),
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let store = runtime.block_on(Store::open(&belt.store(), Folder::MayBeMade)).unwrap();
        let manifest = Manifest::read(&belt.work().join("hookbelt.toml")).unwrap();
        let record = runtime.block_on(register(&store, &manifest)).unwrap();
        Self { belt, commits, runtime, store, record }
    }

    /// What a received push to `main` does; says the deployment's number and state.
    fn push(&self, services: &[&str], said: Said<'_>) -> (u64, &'static str) {
        let (before, after) = (said.before.map(str::to_owned), Some(said.after.to_owned()));
        let head = NewHead { branch: "main".to_owned(), before, after: after.clone(), forced: said.forced };
        let push = Push { repository: "example.com/acme/shop".to_owned(), heads: vec![head] };
        let target = Target { branch: Some("main".to_owned()), sha: after, ..Target::default() };
        let planned = |name: &&str| PlannedService { service: name.parse().unwrap(), target: target.clone() };
        let plan = Plan { services: services.iter().map(planned).collect(), skipped: Vec::new() };
        let new = NewDeployment {
            app_uid: &self.record.uid,
            engine_uid: None,
            origin: &Origin::Hook(Hook { push: Some(push), modifiers: Vec::new() }),
            insistence: Insistence::None,
            mode: Mode::Latest,
            user: "bob",
            plan: &plan,
            strategy: Some(Strategy::Serial),
            now: Timestamp::now(),
        };
        let accepted = self.runtime.block_on(self.store.enqueue(new)).unwrap();
        (accepted.id, accepted.state.word())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.belt.run([arguments, &["--json"]].concat()).expect(0).json()
    }

    /// Of a deployment: its state, its place or release, and why.
    fn show(&self, id: u64) -> String {
        let shown = self.json(&["deployments", "show", &id.to_string()]);
        let place = shown["place"].as_u64().map(|place| format!(" at place {place}"));
        let release = shown["release"].as_str().map(|release| format!(" ({release})"));
        let reason = shown["reason"].as_str().map(|reason| format!(": {reason}"));
        let parts = [place, release, reason].map(Option::unwrap_or_default);
        format!("{}{}", shown["state"].as_str().unwrap(), parts.concat())
    }

    /// What was run, in its order, each commit as its word.
    fn deployed(&self) -> Vec<String> {
        let words = ["one", "two", "three"];
        let words =
            |text: String| self.commits.iter().zip(words).fold(text, |text, (sha, word)| text.replace(sha, word));
        words(self.belt.read("deployed")).lines().map(str::to_owned).collect()
    }

    /// The states of the releases, newest first.
    fn releases(&self, arguments: &[&str]) -> Vec<String> {
        let releases = self.json(&[&["releases", "list"], arguments].concat());
        let line = |release: &Value| format!("{} {}", release["release"], release["state"]).replace('"', "");
        releases.as_array().unwrap().iter().map(line).collect()
    }

    fn log(&self, id: u64) -> String {
        self.belt.run(["logs", "--deployment", &id.to_string()]).expect(0).stdout
    }
}

/// As if the engine had died just before it recorded the end of a deployment.
fn forget_end(shop: &Shop, id: u64) {
    let statements = format!(
        "INSERT OR IGNORE INTO engines (uid, boot, lease_until) VALUES ('x', 'an earlier one', 0);
         INSERT INTO claims SELECT app_uid, id, 'x' FROM deployments WHERE id = {id};
         UPDATE deployments SET state = 'running', reason = NULL, ended_at = NULL WHERE id = {id};
         UPDATE releases SET state = 'running', ended_at = NULL WHERE deployment = {id};"
    );
    assert!(Command::new("sqlite3").arg(shop.belt.store()).arg(statements).status().unwrap().success());
}

fn stop(serve: Running) {
    serve.signal("TERM");
    let (code, printed) = serve.end();
    assert_eq!(code, 0, "{printed}");
}

#[test]
fn a_newer_push_takes_the_place_of_an_older_one_before_what_a_person_asked_for() {
    let shop = Shop::new();
    let [one, two, three] = &shop.commits;
    let gate = shop.belt.gate("gate");
    let mut serve = shop.belt.serve(&[]);
    assert_eq!(shop.push(&["web"], pushed(one)), (1, "queued"));
    serve.until("deployment 1 begins");
    assert_eq!(shop.push(&["web"], moved(one, two)), (2, "queued"));
    shop.belt.run(["redeploy", "--no-wait", "--service", "web"]).expect(0);
    assert_eq!(shop.push(&["web"], moved(two, three)), (4, "queued"));
    assert_eq!(shop.push(&["web"], moved(one, two)), (5, "superseded"));
    let shown = [1, 2, 3, 4, 5].map(|id| shop.show(id));
    let expected = [
        "running (v1)",
        "superseded: deployment 4 takes its place",
        "queued at place 2",
        "queued at place 1",
        "superseded: deployment 4 is newer",
    ];
    assert_eq!(shown, expected);
    gate.open();
    serve.until("deployment 3 succeeded");
    stop(serve);
    assert_eq!(shop.deployed(), ["web one", "web three", "web three"]);
    let list = shop.json(&["deployments", "list"]);
    let states: Vec<_> =
        list.as_array().unwrap().iter().map(|one| (&one["id"], &one["state"], &one["release"])).collect();
    let expected = json!([
        [5, "superseded", null],
        [4, "succeeded", "v2"],
        [3, "succeeded", "v3"],
        [2, "superseded", null],
        [1, "succeeded", "v1"]
    ]);
    assert_eq!(json!(states), expected);
    assert!(shop.log(2).contains("hookbelt[api]: Deployment 2 superseded: deployment 4 takes its place"));
    assert!(shop.log(5).contains("hookbelt[api]: Deployment 5 superseded: deployment 4 is newer"));
}

#[test]
fn of_pushes_that_wait_the_newest_is_deployed_though_an_older_one_came_last_unless_that_was_forced() {
    for (forced, expected) in [(false, ["web two", "web three"]), (true, ["web two", "web one"])] {
        let shop = Shop::new();
        let [one, two, three] = &shop.commits;
        let gate = shop.belt.gate("gate");
        let mut serve = shop.belt.serve(&[]);
        shop.push(&["web"], pushed(two));
        serve.until("deployment 1 begins");
        assert_eq!(shop.push(&["web"], pushed(three)), (2, "queued"));
        assert_eq!(shop.push(&["web"], Said { forced, ..pushed(one) }), (3, "queued"));
        assert_eq!(shop.show(2), "superseded: deployment 3 takes its place");
        gate.open();
        serve.until("deployment 3 succeeded");
        stop(serve);
        assert_eq!(shop.deployed(), expected);
        let said = format!("web: {} came before {} and is newer", &three[..7], &one[..7]);
        assert_eq!(shop.log(3).contains(&said), !forced);
        let sha = shop.json(&["deployments", "show", "3"])["services"][0]["sha"].clone();
        assert_eq!(sha, *if forced { one } else { three });
    }
}

#[test]
fn a_push_that_came_last_and_is_no_longer_on_the_branch_does_not_lose_the_one_whose_place_it_took() {
    let shop = Shop::new();
    let [one, _, three] = &shop.commits;
    shop.belt.git("repo", &["checkout", "--quiet", "-b", "side", one]);
    let side = shop.belt.commit("repo", "page.html", "side");
    for gone in [side.as_str(), "4155682b8d1f0000000000000000000000000000"] {
        let gate = shop.belt.gate("gate");
        let mut serve = shop.belt.serve(&[]);
        shop.push(&["web"], Said { forced: true, ..pushed(one) });
        serve.until(" begins");
        let (newest, _) = shop.push(&["web"], pushed(three));
        let (last, _) = shop.push(&["web"], pushed(gone));
        assert_eq!(shop.show(newest), format!("superseded: deployment {last} takes its place"));
        gate.open();
        serve.until(&format!("deployment {last} succeeded"));
        stop(serve);
        assert!(shop.log(last).contains(&format!("{}, whose place it took, is deployed", &three[..7])));
    }
    assert_eq!(shop.deployed(), ["web one", "web three", "web one", "web three"]);
}

#[test]
fn a_push_that_comes_after_a_newer_one_was_deployed_deploys_nothing_unless_it_was_forced() {
    let shop = Shop::new();
    let [one, two, _] = &shop.commits;
    let mut serve = shop.belt.serve(&[]);
    shop.push(&["web", "worker"], pushed(two));
    serve.until("deployment 1 succeeded");
    shop.push(&["web", "worker"], pushed(one));
    serve.until("deployment 2 superseded");
    assert_eq!(shop.show(2), "superseded (v2): older than v1");
    let services = shop.json(&["deployments", "show", "2"])["services"].clone();
    let of = |key: &str| services.as_array().unwrap().iter().map(|service| service[key].clone()).collect::<Vec<_>>();
    assert_eq!(of("state"), ["skipped", "skipped"]);
    assert_eq!(of("reason"), ["older than v1", "older than v1"]);
    assert_eq!(shop.releases(&["--all"]), ["v2 superseded", "v1 succeeded"]);
    assert_eq!(shop.releases(&[]), ["v1 succeeded"]);
    assert!(shop.log(2).contains(&format!("web: left out: {} is older than v1", &one[..7])));
    shop.push(&["web", "worker"], pushed(two));
    serve.until("deployment 3 succeeded");
    shop.push(&["web"], Said { forced: true, ..pushed(one) });
    serve.until("deployment 4 succeeded");
    stop(serve);
    assert_eq!(shop.deployed(), ["web two", "worker two", "web two", "worker two", "web one"]);
}

#[test]
fn of_two_services_only_the_one_that_has_something_newer_is_left_out() {
    let shop = Shop::new();
    let [one, two, three] = &shop.commits;
    let mut serve = shop.belt.serve(&[]);
    shop.push(&["web", "worker"], pushed(one));
    serve.until("deployment 1 succeeded");
    shop.push(&["web"], pushed(three));
    serve.until("deployment 2 succeeded");
    shop.push(&["web", "worker"], pushed(two));
    serve.until("deployment 3 succeeded");
    stop(serve);
    let shown = shop.json(&["deployments", "show", "3"]);
    let parts: Vec<_> =
        ["service", "state", "reason", "sha"].map(|key| [0, 1].map(|at| &shown["services"][at][key])).into();
    let expected = json!([["web", "worker"], ["skipped", "succeeded"], ["older than v2", null], [two, two]]);
    assert_eq!(json!(parts), expected);
    assert_eq!(shop.deployed(), ["web one", "worker one", "web three", "worker two"]);
    let apps = shop.json(&["apps", "show"]);
    assert_eq!(
        (&apps["services"][0]["sha"], &apps["services"][1]["sha"]),
        (&three.as_str().into(), &two.as_str().into())
    );
}

#[test]
fn a_commit_that_is_not_on_the_branch_fails() {
    let shop = Shop::new();
    shop.belt.git("repo", &["checkout", "--quiet", "-b", "side"]);
    let side = shop.belt.commit("repo", "page.html", "side");
    let mut serve = shop.belt.serve(&[]);
    shop.push(&["web"], pushed(&side));
    serve.until("deployment 1 failed");
    stop(serve);
    assert_eq!(shop.show(1), format!("failed (v1): web: {side} is not on branch main"));
    assert!(!shop.belt.work().join("deployed").exists());
}

#[test]
fn while_deployments_are_paused_a_hook_is_ignored_and_people_have_to_insist() {
    let shop = Shop::new();
    let [one, ..] = &shop.commits;
    shop.belt.run(["settings", "set", "deploy.paused", "true"]).expect(0);
    assert_eq!(shop.push(&["web"], pushed(one)), (1, "ignored"));
    assert_eq!(shop.show(1), "ignored: deployments of this app are paused");
    let line = "paused    until the setting deploy.paused is false\n";
    assert!(shop.belt.run(["apps", "show"]).stdout.contains(line));
    let serve = shop.belt.serve(&[]);
    insta::assert_snapshot!(shop.belt.run(["redeploy"]), @"
    --- stderr
    error: deployments of this app are paused
    hint: add --force, or set deploy.paused to false with `hookbelt settings set`
    [exit 1]
    ");
    shop.belt.run(["redeploy", "--force", "--service", "worker"]).expect(0);
    shop.belt.run(["settings", "set", "deploy.paused", "false"]).expect(0);
    assert!(!shop.belt.run(["apps", "show"]).stdout.contains("paused"));
    shop.belt.run(["redeploy", "--service", "worker"]).expect(0);
    stop(serve);
    assert_eq!(shop.deployed(), ["worker three", "worker three"]);
    assert_eq!(shop.releases(&["--all"]), ["v2 succeeded", "v1 succeeded"]);
    assert_eq!(shop.show(1), "ignored: deployments of this app are paused");
    assert!(shop.log(1).contains("hookbelt[api]: Deployment 1 ignored: deployments of this app are paused"));
}

#[test]
fn a_rollback_supersedes_the_hooks_all_of_whose_services_it_runs() {
    let shop = Shop::new();
    let [one, two, three] = &shop.commits;
    let mut serve = shop.belt.serve(&[]);
    shop.push(&["web"], pushed(one));
    serve.until("deployment 1 succeeded");
    shop.push(&["web"], pushed(two));
    serve.until("deployment 2 succeeded");
    let gate = shop.belt.gate("gate");
    shop.belt.run(["redeploy", "--no-wait", "--service", "worker"]).expect(0);
    serve.until("deployment 3 begins");
    shop.push(&["web", "worker"], pushed(three));
    shop.push(&["web"], pushed(three));
    shop.belt.run(["releases", "rollback", "v1", "--no-wait"]).expect(0);
    let expected = ["queued at place 1", "superseded: deployment 6 takes its place", "queued at place 2"];
    assert_eq!([4, 5, 6].map(|id| shop.show(id)), expected);
    gate.open();
    serve.until("deployment 6 succeeded");
    stop(serve);
    let expected = ["web one", "web two", "worker three", "web three", "worker three", "web one"];
    assert_eq!(shop.deployed(), expected);
    assert_eq!(shop.json(&["releases", "show"])["summary"], "ann rolled back to v1");
}

#[test]
fn a_branch_that_was_moved_back_is_followed_though_the_host_does_not_say_that_it_was_forced() {
    let shop = Shop::new();
    let [one, two, three] = &shop.commits;
    let mut serve = shop.belt.serve(&[]);
    shop.push(&["web"], moved(two, three));
    serve.until("deployment 1 succeeded");
    shop.belt.git("repo", &["reset", "--quiet", "--hard", two]);
    shop.push(&["web"], pushed(one));
    serve.until("deployment 2 superseded");
    shop.push(&["web"], moved(three, two));
    serve.until("deployment 3 succeeded");
    stop(serve);
    assert_eq!(shop.deployed(), ["web three", "web two"]);
}

#[test]
fn what_was_left_out_before_the_engine_died_counts_when_it_runs_again() {
    let shop = Shop::new();
    let [one, two, three] = &shop.commits;
    let mut serve = shop.belt.serve(&[]);
    shop.push(&["web"], pushed(three));
    serve.until("deployment 1 succeeded");
    shop.push(&["web"], pushed(two));
    serve.until("deployment 2 superseded");
    stop(serve);
    forget_end(&shop, 2);
    let mut serve = shop.belt.serve(&[]);
    serve.until("deployment 2 superseded");
    assert_eq!(shop.show(2), "superseded (v2): older than v1");
    assert_eq!(shop.releases(&["--all"]), ["v2 superseded", "v1 succeeded"]);
    shop.push(&["web", "worker"], pushed(one));
    serve.until("deployment 3 succeeded");
    stop(serve);
    forget_end(&shop, 3);
    let mut serve = shop.belt.serve(&[]);
    serve.until("deployment 3 succeeded");
    stop(serve);
    assert_eq!(shop.deployed(), ["web three", "worker one"]);
}
