//! `hookbelt serve`: an engine that stays, and what commands on the same store do with it.

use std::fs;

use crate::support::http::request;
use crate::support::{Belt, PLAIN};

/// The state and the attempt of a deployment.
fn state(belt: &Belt, id: u64) -> (String, u64) {
    let shown = belt.run(["deployments", "show", &id.to_string(), "--json"]).expect(0).json();
    (shown["state"].as_str().unwrap().to_owned(), shown["attempt"].as_u64().unwrap())
}

#[test]
fn a_redeploy_is_run_by_the_server_that_has_the_app() {
    let belt = Belt::with_command("echo by $USER in $(pwd | wc -c)");
    let server = belt.serve(&[]);
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    [TIME] hookbelt[api]: Deployment 1 started by ann: web (v1)
    [TIME] hookbelt[api]: web: deploy: echo by $USER in $(pwd | wc -c)
    [TIME] shop[web.v1]: by ann in 24
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 1 succeeded after [TIME]
    deployed shop (staging) v1: web
    [exit 0]
    ");
    server.signal("TERM");
    let (code, printed) = server.end();
    assert_eq!(code, 0, "{printed}");
    let said: Vec<&str> = printed.lines().map(|line| line.split(" after ").next().unwrap()).collect();
    let stopping = "stopping: what runs may end; a second signal cancels it";
    let expected = [
        "ready",
        "shop (staging): deployment 1 begins (v1)",
        "shop (staging): deployment 1 succeeded",
        stopping,
        "stopped",
    ];
    assert_eq!(said[2..], expected, "{printed}");
}

#[test]
fn without_waiting_the_deployment_is_queued_and_its_place_is_said() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    belt.run(["redeploy", "--no-wait"]).expect(0);
    insta::assert_snapshot!(belt.run(["redeploy", "--no-wait"]), @"
    deployment 3 of shop (staging) is queued at place 2
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["apps", "show"]), @"
    app       shop (staging)
    manifest  [TMP]/project/hookbelt.toml
    release   none yet
    service   web: not deployed yet
    running   deployment 1 by ann, since [TIME] [TIME]
    waiting   deployment 2 by ann, since [TIME] [TIME], place 1
    waiting   deployment 3 by ann, since [TIME] [TIME], place 2
    [exit 0]
    ");
    let shown = belt.run(["deployments", "show", "3", "--json"]).expect(0).json();
    assert_eq!((&shown["place"], &shown["attempt"]), (&2.into(), &0.into()));
    for id in 1..=3 {
        gate.open();
        server.until(&format!("deployment {id} succeeded"));
    }
}

#[test]
fn without_a_server_nothing_can_be_queued_for_later() {
    let belt = Belt::with_command("true");
    insta::assert_snapshot!(belt.run(["redeploy", "--no-wait"]), @"
    --- stderr
    error: no `hookbelt serve` has shop (staging), so its deployment lives in this command
    hint: leave out --no-wait, or start `hookbelt serve` on the same store
    [exit 2]
    ");
    assert!(!belt.store_files().exists());
}

#[test]
fn the_place_in_the_queue_is_said_while_waiting() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    belt.run(["redeploy", "--no-wait"]).expect(0);
    let mut third = belt.start(["redeploy"]);
    third.until("deployment 3 waits at place 2; deployment 1 comes first");
    gate.open();
    third.until("deployment 3 waits for deployment 2 of this app");
    gate.open();
    third.until("web: deploy:");
    gate.open();
    assert_eq!(third.end().0, 0);
}

#[test]
fn what_a_killed_server_ran_and_had_queued_is_run_by_the_next_one() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"echo web >> ran\"\n[services.api]\ncheckout = false\n\
         deploy = \"echo api $HOOKBELT_ATTEMPT >> ran; read go < gate\"\n"
    ));
    let gate = belt.gate("gate");
    let server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    let mut watcher = belt.start(["deployments", "watch", "1"]);
    watcher.until("api: deploy:");
    belt.run(["redeploy", "--no-wait", "--service", "web"]).expect(0);
    server.signal("KILL");
    assert_eq!(server.end().0, -1);
    let shown = belt.run(["deployments", "show", "1", "--json"]).expect(0).json();
    assert_eq!((&shown["state"], &shown["reason"]), (&"queued".into(), &"its engine died, so it runs again".into()));
    watcher.until("deployment 1 waits for a `hookbelt serve`");
    let mut server = belt.serve(&[]);
    watcher.until("Deployment 1 starts again, attempt 2: api (v1); done before: web");
    gate.open();
    assert_eq!(watcher.end().0, 0);
    server.until("deployment 2 succeeded");
    assert_eq!(belt.read("ran"), "web\napi 1\napi 2\nweb\n");
    assert_eq!((state(&belt, 1), state(&belt, 2)), (("succeeded".into(), 2), ("succeeded".into(), 1)));
}

#[test]
fn a_deployment_whose_engine_dies_three_times_has_failed() {
    let belt = Belt::with_command("read go < gate");
    belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    for attempt in 1..=3 {
        let mut watcher = belt.start(["deployments", "watch", "1"]);
        for _ in 1..attempt {
            watcher.until("web: deploy:");
        }
        watcher.until("web: deploy:");
        server.signal("KILL");
        server = belt.serve(&[]);
    }
    let outcome = belt.run(["deployments", "watch", "1"]).expect(1);
    assert!(
        outcome.stderr.contains("deployment 1 of shop (staging) failed: its engine died in every attempt"),
        "{outcome}"
    );
    assert_eq!(state(&belt, 1), ("failed".into(), 3));
    let releases = belt.run(["releases", "list", "--all", "--json"]).expect(0).json();
    assert_eq!((&releases[0]["release"], &releases[0]["state"]), (&"v1".into(), &"failed".into()));
}

#[test]
fn refs_are_resolved_once_however_often_a_deployment_begins() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\n[services.web]\n\
         deploy = \"cat page.html; echo; read go < $HOME/../project/gate\"\n",
    );
    let sha = belt.repository("repo");
    let gate = belt.gate("gate");
    let server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    let mut watcher = belt.start(["deployments", "watch", "1"]);
    watcher.until("shop[web.v1]: one");
    server.signal("KILL");
    belt.commit("repo", "page.html", "two");
    let mut server = belt.serve(&[]);
    watcher.until("shop[web.v1]: one");
    gate.open();
    server.until("deployment 1 succeeded");
    let log = belt.run(["logs", "--deployment", "1"]).expect(0).stdout;
    assert_eq!(log.matches("shop[web.v1]: one").count(), 2, "{log}");
    assert_eq!(belt.run(["releases", "show", "v1", "--json"]).json()["sha"], sha.as_str());
}

#[test]
fn a_server_that_is_told_to_stop_lets_what_runs_end_and_leaves_what_waits() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.signal("TERM");
    server.until("stopping: what runs may end");
    gate.open();
    assert_eq!(server.end().0, 0);
    assert_eq!((state(&belt, 1).0, state(&belt, 2)), ("succeeded".into(), ("queued".into(), 0)));
    let outcome = belt.run(["redeploy", "--no-wait"]).expect(2);
    assert!(outcome.stderr.contains("no `hookbelt serve` has shop (staging)"), "{outcome}");
}

#[test]
fn a_second_signal_cancels_what_runs() {
    let belt = Belt::with_command("read go < gate");
    belt.gate("gate");
    let mut server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    server.signal("INT");
    server.until("stopping: what runs may end");
    server.signal("TERM");
    assert_eq!(server.end().0, 0);
    let shown = belt.run(["deployments", "show", "1", "--json"]).json();
    assert_eq!((&shown["state"], &shown["reason"]), (&"canceled".into(), &"`hookbelt serve` was stopped".into()));
}

#[test]
fn what_runs_longer_than_the_grace_is_run_again_by_the_next_server() {
    let belt = Belt::with_command("echo $HOOKBELT_ATTEMPT >> ran; test $HOOKBELT_ATTEMPT = 2 || read go < gate");
    belt.gate("gate");
    let mut server = belt.serve(&["--grace", "1ms"]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    belt.start(["deployments", "watch", "1"]).until("web: deploy:");
    server.signal("TERM");
    server.until("interrupted, and runs again at the next start");
    assert_eq!(server.end().0, 0);
    assert_eq!(state(&belt, 1), ("queued".into(), 1));
    let mut server = belt.serve(&[]);
    server.until("deployment 1 succeeded");
    assert_eq!(belt.read("ran"), "1\n2\n");
}

#[test]
fn the_manifest_is_read_again_for_each_deployment_and_a_broken_one_leaves_the_old() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut server = belt.serve(&[]);
    for _ in 0..2 {
        belt.run(["redeploy", "--no-wait"]).expect(0);
    }
    server.until("deployment 1 begins");
    belt.write("hookbelt.toml", format!("{PLAIN}deploy = \"echo new\"\n"));
    gate.open();
    server.until("deployment 2 succeeded");
    assert!(belt.run(["logs"]).expect(0).stdout.contains("shop[web.v2]: new"));
    belt.write("hookbelt.toml", format!("{PLAIN}deploy = \"read go < gate\"\n"));
    for _ in 0..2 {
        belt.run(["redeploy", "--no-wait"]).expect(0);
    }
    server.until("deployment 3 begins");
    belt.write("hookbelt.toml", "app = ");
    gate.open();
    server.until("is used as it was, since it cannot be used as it is");
    gate.open();
    server.until("deployment 4 succeeded");
}

#[test]
fn another_manifest_than_the_servers_is_refused() {
    let belt = Belt::with_command("true");
    let _server = belt.serve(&[]);
    belt.write("other.toml", belt.read("hookbelt.toml"));
    insta::assert_snapshot!(belt.run(["redeploy", "-m", "other.toml"]), @"
    --- stderr
    error: the `hookbelt serve` that has shop (staging) goes by [TMP]/project/hookbelt.toml, not by [TMP]/project/other.toml
    hint: name the server's manifest with -m, or stop that server
    [exit 2]
    ");
    belt.run(["redeploy"]).expect(0);
}

#[test]
fn a_folder_is_served_with_all_its_manifests_and_one_app_may_be_there_once() {
    let belt = Belt::new();
    let manifest = |app: &str| format!("{PLAIN}deploy = \"true\"\n").replace("shop", app);
    belt.write("apps/one.toml", manifest("one"));
    belt.write("apps/two/hookbelt.toml", manifest("two"));
    belt.write("apps/two/other.toml", "not one of ours");
    belt.write("apps/README", "");
    let server = belt.serve(&["apps"]);
    for app in ["one", "two"] {
        belt.run(["redeploy", "-s", app, "--no-wait"]).expect(0);
        belt.run(["deployments", "watch", "-s", app]).expect(0);
    }
    drop(server);
    belt.write("apps/three.toml", manifest("two"));
    let outcome = belt.run(["serve", "apps"]).expect(2);
    assert!(outcome.stderr.contains("both describe two (staging)"), "{outcome}");
    fs::create_dir(belt.work().join("empty")).unwrap();
    insta::assert_snapshot!(belt.run(["serve", "empty"]).expect(2), @"
    --- stderr
    error: there is no manifest to serve
    hint: name manifests or folders that hold some: `hookbelt serve shop/hookbelt.toml`
    [exit 2]
    ");
}

#[test]
fn it_answers_that_it_lives_and_nothing_else() {
    let belt = Belt::with_command("true");
    let (_server, address) = belt.serve_at(&[]);
    let get = |path: &str| request("GET", &format!("http://{address}{path}"), &[], b"");
    assert_eq!(get("/healthz").expect(200).body, "ok\n");
    get("/").expect(404);
    let taken = belt.run(["serve", "--listen", &address]).expect(2);
    assert!(taken.stderr.contains(&format!("could not listen on {address}")), "{taken}");
}

#[test]
fn a_paused_app_is_deployed_by_force_alone() {
    let belt = Belt::with_command("true");
    belt.run(["settings", "set", "deploy.paused", "true"]).expect(0);
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    --- stderr
    error: deployments of this app are paused
    hint: add --force, or set deploy.paused to false with `hookbelt settings set`
    [exit 1]
    ");
    assert_eq!(belt.run(["deployments", "list", "--json"]).json(), serde_json::json!([]));
    belt.run(["redeploy", "--force"]).expect(0);
    belt.run(["settings", "set", "deploy.paused", "off"]).expect(0);
    belt.run(["redeploy"]).expect(0);
}

#[test]
fn services_run_side_by_side_when_asked_to_and_each_to_its_end() {
    let service = |name: &str, deploy: &str| format!("[services.{name}]\ncheckout = false\ndeploy = \"{deploy}\"\n");
    let meets = |own: &str, other: &str| format!("echo here > {own}.pipe & read there < {other}.pipe; wait; echo met");
    let manifest = PLAIN.replace("[services.web]\ncheckout = false\n", "");
    let manifest = manifest + &service("web", &meets("web", "api")) + &service("api", &meets("api", "web"));
    let belt = Belt::with_manifest(&(manifest.clone() + &service("bad", "exit 3")));
    belt.gate("web.pipe");
    belt.gate("api.pipe");
    let outcome = belt.run(["redeploy", "--deploy-strategy", "parallel"]).expect(1);
    assert!(outcome.stderr.contains("failed: bad: deploy exited with 3"), "{outcome}");
    let states = |id: &str| {
        let shown = belt.run(["deployments", "show", id, "--json"]).json();
        let states = shown["services"].as_array().unwrap().iter();
        (shown["strategy"].clone(), states.map(|part| part["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(states("1"), ("parallel".into(), vec!["succeeded".into(), "succeeded".into(), "failed".into()]));
    belt.write("hookbelt.toml", manifest);
    belt.run(["settings", "set", "deploy.parallel", "true"]).expect(0);
    belt.run(["redeploy", "--timeout", "30s"]).expect(0);
    let outcome = belt.run(["redeploy", "--deploy-strategy", "serial", "--timeout", "1s"]).expect(7);
    assert!(outcome.stderr.contains("its time was up"), "{outcome}");
}
