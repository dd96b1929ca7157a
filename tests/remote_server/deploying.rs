//! Deploying, waiting and canceling.

use serde_json::Value;

use crate::remote_server::{Remote, TWO, plain};
use crate::support::{Belt, http};

#[test]
fn a_deployment_is_asked_for_and_watched_to_its_end() {
    let remote = Remote::of(TWO);
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop"]), @"
    [TIME] hookbelt[api]: Deployment 1 started by admin-token: web, api (v1)
    [TIME] hookbelt[api]: web: deploy: echo hello
    [TIME] shop[web.v1]: hello
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    [TIME] hookbelt[api]: api: deploy: true
    [TIME] hookbelt[api]: api: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 1 succeeded after [TIME]
    deployed shop (staging) v1: web, api registry.example.com/api:v1
    [exit 0]
    ");
    let document = remote.here.run(["redeploy", "-s", "shop", "--service", "api:v2", "--json"]).expect(0).json();
    let there = remote.there.run(["deployments", "show", "2", "--json"]).expect(0).json();
    assert_eq!(document, there, "the document is that of the server's own machine");
    let states: Vec<&Value> = document["services"].as_array().unwrap().iter().map(|part| &part["state"]).collect();
    assert_eq!(states, ["succeeded", "skipped"]);
}

#[test]
fn what_would_be_deployed_is_what_the_server_says() {
    let remote = Remote::of(TWO);
    let both = |arguments: &[&str]| {
        let here = remote.here.run([&["redeploy", "-s", "shop", "--dry-run"], arguments].concat());
        let there = remote.there.run([&["redeploy", "-s", "shop", "--dry-run"], arguments].concat());
        assert_eq!(here.to_string(), there.to_string());
        here.to_string()
    };
    both(&[]);
    both(&["--service", "web:v1", "--json"]);
    both(&["--deployment-profile", "front"]);
    both(&["--git-ref", "v2"]);
    insta::assert_snapshot!(both(&["--service", "cron", "--service", "web"]), @"
    --- stderr
    error: this app has no service `cron`
    hint: services of this app: web, api
    [exit 5]
    ");
    insta::assert_snapshot!(both(&["--deployment-profile", "back"]), @"
    --- stderr
    error: this app has no deployment profile `back`
    hint: deployment profiles of this app: front
    [exit 5]
    ");
    let push = r#"{"ref":"refs/heads/main","before":"1111111111111111111111111111111111111111","after":"2222222222222222222222222222222222222222","commits":[{}],"repository":{"full_name":"acme/shop","clone_url":"https://git.example.com/acme/shop.git","ssh_url":"git@git.example.com:acme/shop.git","default_branch":"main"}}"#;
    for belt in [&remote.here, &remote.there] {
        belt.write("push.json", push);
    }
    let said = both(&["--payload", "push.json", "--payload-from", "gitea"]);
    assert!(said.contains("api\tskip\tit is an image service"), "{said}");
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop", "--git-ref", "v2", "--service", "api"]), @"
    --- stderr
    error: profile there ([HOST]) refused it (400): the Git ref `v2` would change nothing: no git service without a ref of its own is selected
    [exit 2]
    ");
    assert_eq!(remote.there.run(["deployments", "list"]).expect(0).stdout, "", "nothing was deployed");
}

#[test]
fn what_the_server_cannot_do_is_refused_before_anything_is_sent() {
    let remote = Remote::of(TWO);
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop", "--deploy-strategy", "rolling"]), @"
    --- stderr
    error: `hookbelt serve` cannot roll out in that way
    hint: use `--deploy-strategy serial` or `parallel`
    [exit 2]
    ");
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop", "--rollout-strategy", "canary"]), @"
    --- stderr
    error: `hookbelt serve` cannot roll out in that way
    hint: use `--deploy-strategy serial` or `parallel`
    [exit 2]
    ");
    assert_eq!(remote.there.run(["deployments", "list"]).expect(0).stdout, "");
}

#[test]
fn the_log_comes_as_it_is_written_and_what_waits_says_for_whom() {
    let remote = Remote::with_command("echo before; read go < gate; echo after");
    let gate = remote.there.gate("gate");
    let mut first = remote.start_command(&["redeploy", "-s", "shop"]);
    first.until("before");
    let mut second = remote.start_command(&["redeploy", "-s", "shop"]);
    second.until("deployment 2 waits for deployment 1 of this app");
    let shown = remote.run(&["apps", "show", "-s", "shop"]);
    assert!(shown.contains("\nrunning     deployment 1 ") && shown.contains("\nwaiting     deployment 2 "), "{shown}");
    gate.open();
    first.until("after");
    assert_eq!(first.end().0, 0);
    second.until("before");
    gate.open();
    assert_eq!(second.end().0, 0);
}

#[test]
fn without_waiting_it_says_how_the_deployment_stands() {
    let remote = Remote::with_command("read go < gate");
    remote.there.gate("gate");
    let document = remote.here.run(["redeploy", "-s", "shop", "--no-wait", "--json"]).expect(0).json();
    assert_eq!((&document["id"], &document["user"]), (&1.into(), &"admin-token".into()));
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop", "--no-wait"]), @"
    deployment 2 of shop (staging) is queued at place 1
    [exit 0]
    ");
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop", "--timeout", "100ms", "-q"]), @"
    --- stderr
    error: deployment 3 of shop (staging) goes on: it is queued
    hint: `hookbelt deployments watch -s shop 3` watches it again
    [exit 7]
    ");
}

#[test]
fn each_end_of_a_deployment_has_its_exit_code() {
    let remote = Remote::of(&plain("test -z \"$FAIL\"; read how < gate; test \"$how\" = go"));
    let gate = remote.there.gate("gate");
    let mut running = remote.start_command(&["redeploy", "-s", "shop"]);
    running.until("web: deploy:");
    insta::assert_snapshot!(remote.run(&["deployments", "cancel", "-s", "shop"]), @"
    deployment 1 of shop (staging) canceled
    [exit 0]
    ");
    let (code, printed) = running.end();
    assert_eq!(code, 8, "{printed}");
    assert!(printed.contains("deployment 1 of shop (staging) canceled: canceled by admin-token"), "{printed}");
    insta::assert_snapshot!(remote.run(&["deployments", "cancel", "1", "-s", "shop"]), @"
    deployment 1 of shop (staging) canceled already
    [exit 0]
    ");
    insta::assert_snapshot!(remote.run(&["deployments", "cancel", "-s", "shop"]), @"
    --- stderr
    error: shop (staging) has no deployment that runs or waits
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
    insta::assert_snapshot!(remote.run(&["deployments", "cancel", "7", "-s", "shop"]), @"
    --- stderr
    error: shop (staging) has no deployment 7
    hint: `hookbelt deployments list` shows those there are
    [exit 5]
    ");
    let mut running = remote.start_command(&["redeploy", "-s", "shop"]);
    running.until("web: deploy:");
    std::fs::write(remote.there.work().join("gate"), "stop\n").unwrap();
    let (code, printed) = running.end();
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("`hookbelt logs -s shop --deployment 2` shows its log again"), "{printed}");
    let mut running = remote.start_command(&["redeploy", "-s", "shop", "--cancel-on-interrupt"]);
    running.until("web: deploy:");
    running.signal("INT");
    assert_eq!(running.end().0, 130);
    let mut left = remote.start_command(&["redeploy", "-s", "shop"]);
    left.until("web: deploy:");
    left.signal("TERM");
    let (code, printed) = left.end();
    assert!(code == 130 && printed.contains("deployment 4 of shop (staging) goes on: it is running"), "{printed}");
    gate.open();
    assert_eq!(remote.here.run(["deployments", "watch", "4", "-s", "shop"]).code, 0);
}

#[test]
fn paused_deployments_need_force() {
    let remote = Remote::with_command("true");
    remote.here.run(["settings", "set", "-s", "shop", "deploy.paused", "on"]).expect(0);
    assert!(
        remote.run(&["apps", "show", "-s", "shop"]).contains("paused      until the setting deploy.paused is false")
    );
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop"]), @"
    --- stderr
    error: deployments of this app are paused
    hint: add --force, or set deploy.paused to false with `hookbelt settings set`
    [exit 1]
    ");
    remote.here.run(["redeploy", "-s", "shop", "--force"]).expect(0);
}

#[test]
fn a_release_is_shown_and_gone_back_to() {
    let remote = Remote::of(TWO);
    for tag in ["v1", "v2"] {
        remote.here.run(["redeploy", "-s", "shop", "--service", &format!("api:{tag}")]).expect(0);
    }
    for arguments in [
        &["releases", "list", "-s", "shop", "--json"][..],
        &["releases", "show", "-s", "shop", "--json"],
        &["releases", "show", "v1", "-s", "shop", "--json"],
        &["releases", "rollback", "--dry-run", "-s", "shop", "--json"],
        &["releases", "rollback", "v2", "--dry-run", "-s", "shop"],
        &["releases", "rollback", "v7", "-s", "shop"],
        &["releases", "show", "v7", "-s", "shop"],
    ] {
        assert_eq!(remote.here.run(arguments).to_string(), remote.there.run(arguments).to_string(), "{arguments:?}");
    }
    insta::assert_snapshot!(remote.run(&["releases", "rollback", "-s", "shop"]), @"
    [TIME] hookbelt[api]: Deployment 3 started by admin-token: api (v3)
    [TIME] hookbelt[api]: api: deploy: true
    [TIME] hookbelt[api]: api: deploy done in [TIME]
    [TIME] hookbelt[api]: Deployment 3 succeeded after [TIME]
    deployed shop (staging) v3: api registry.example.com/api:v1
    [exit 0]
    ");
    insta::assert_snapshot!(remote.run(&["releases", "list", "-s", "shop", "-n", "1"]), @"
    v3	succeeded	admin-token rolled back to v1		admin-token	[TIME] [TIME]
    [exit 0]
    ");
}

#[test]
fn a_release_that_failed_is_not_gone_back_to() {
    let remote = Remote::with_command("false");
    remote.here.run(["redeploy", "-s", "shop"]).expect(1);
    for arguments in [&["releases", "rollback", "v1", "-s", "shop"][..], &["releases", "rollback", "-s", "shop"]] {
        assert_eq!(remote.here.run(arguments).to_string(), remote.there.run(arguments).to_string(), "{arguments:?}");
    }
}

#[test]
fn a_hook_that_a_newer_one_covers_is_superseded() {
    let remote = Remote::start(Belt::with_command("read go < gate"), &[]);
    let gate = remote.there.gate("gate");
    let mut running = remote.start_command(&["redeploy", "-s", "shop"]);
    running.until("web: deploy:");
    let url = remote.here.run(["hooks", "url", "-s", "shop"]).expect(0).stdout;
    let hook = || http::post(url.trim(), &[], "").expect(200);
    hook();
    let mut watching = remote.start_command(&["deployments", "watch", "2", "-s", "shop"]);
    watching.until("deployment 2 waits for deployment 1");
    hook();
    let (code, printed) = watching.end();
    assert_eq!(code, 8, "{printed}");
    assert!(printed.contains("deployment 2 of shop (staging) superseded"), "{printed}");
    gate.open();
    assert_eq!(running.end().0, 0);
    gate.open();
}
