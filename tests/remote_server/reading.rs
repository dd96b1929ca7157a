//! Finding an app, and what can be read and changed about it.

use crate::remote_server::{Remote, TWO};
use crate::support::api::Client;
use crate::support::{Belt, http};

#[test]
fn apps_are_listed_and_one_is_shown() {
    let remote = Remote::of(TWO);
    insta::assert_snapshot!(remote.run(&["apps", "list"]), @"
    shop	staging			there
    [exit 0]
    ");
    insta::assert_snapshot!(remote.run(&["apps", "show", "-s", "shop"]), @"
    app         shop (staging)
    deploy API  http://[HOST] (profile there)
    release     none yet
    service     web: not deployed yet
    service     api: not deployed yet
    [exit 0]
    ");
    remote.here.run(["redeploy", "-s", "shop"]).expect(0);
    insta::assert_snapshot!(remote.run(&["apps", "show", "-s", "sho"]), @"
    app         shop (staging)
    deploy API  http://[HOST] (profile there)
    release     v1: admin-token deployed web, api, [TIME] [TIME]
    service     web: v1
    service     api: registry.example.com/api:v1 (v1)
    [exit 0]
    ");
    let listed = remote.here.run(["apps", "list", "--json"]).expect(0).json();
    assert_eq!((&listed[0]["release"], &listed[0]["profile"]), (&"v1".into(), &"there".into()));
    assert!(listed[0]["deployed_at"].is_string() && listed[0]["manifest"].is_null(), "{listed}");
}

#[test]
fn an_app_is_found_by_the_beginning_of_its_name_and_told_from_others_by_its_environment() {
    let there = Belt::with_manifest(TWO);
    there.write("prod.toml", TWO.replace("staging", "production"));
    there.write("shopping.toml", TWO.replace("\"shop\"", "\"shopping\""));
    let remote = Remote::start(there, &["hookbelt.toml", "prod.toml", "shopping.toml"]);
    insta::assert_snapshot!(remote.run(&["settings", "get", "-s", "shop", "git.branch"]), @"
    --- stderr
    error: `shop` is more than one app
    hint: it could be: shop (production), shop (staging); say which with its whole name and -e
    [exit 5]
    ");
    assert!(remote.run(&["apps", "show", "-s", "SHOP", "-e", "prod"]).contains("shop (production)"));
    assert!(remote.run(&["apps", "show", "-s", "shopp"]).contains("shopping (staging)"));
    insta::assert_snapshot!(remote.run(&["apps", "show", "-s", "shpo"]), @"
    --- stderr
    error: there is no app `shpo`
    hint: did you mean `shop`? `hookbelt apps list` shows all
    [exit 5]
    ");
}

#[test]
fn without_a_name_it_is_the_app_of_the_git_repository_and_branch() {
    let remote = Remote::of(&format!(
        "{TWO}[services.worker]\ngit = \"git@git.example.com:acme/worker.git\"\nbranch = \"next\"\ncheckout = false\n\
         deploy = \"true\"\n"
    ));
    insta::assert_snapshot!(remote.run(&["apps", "show"]), @"
    --- stderr
    error: no app is named, and the working folder has no Git remote and branch to know it by
    hint: name an app with `-s APP`; `hookbelt apps list` shows those there are
    [exit 2]
    ");
    remote.here.repository(".");
    remote.here.git(".", &["remote", "add", "origin", "ssh://git@git.example.com/Acme/shop"]);
    assert!(remote.run(&["apps", "show"]).contains("shop (staging)"));
    remote.here.git(".", &["checkout", "--quiet", "-b", "next"]);
    insta::assert_snapshot!(remote.run(&["apps", "show"]), @"
    --- stderr
    error: no app of profile there ([HOST]) is deployed from ssh://git.example.com/Acme/shop, branch next
    hint: name it with `-s APP`
    [exit 5]
    ");
    remote.here.git(".", &["remote", "set-url", "origin", "https://ann:hunter2@git.example.com/acme/worker"]);
    assert!(remote.run(&["apps", "show"]).contains("shop (staging)"), "of its second service");
    remote.here.git(".", &["checkout", "--quiet", "--detach"]);
    assert!(remote.run(&["apps", "show"]).contains("no app is named"));
}

#[test]
fn the_name_of_the_working_folder_means_nothing() {
    let remote = Remote::of(&TWO.replace("\"shop\"", "\"project\""));
    assert_eq!(remote.here.work().file_name().unwrap(), "project");
    remote.here.run(["apps", "show"]).expect(2);
}

#[test]
fn settings_are_listed_changed_and_read_back() {
    let remote = Remote::of(TWO);
    insta::assert_snapshot!(remote.run(&["settings", "list", "-s", "shop"]), @"
    continuous.deploy	false	read/write
    deploy.parallel	false	read/write
    deploy.paused	false	read/write
    git.branch	main	readonly
    git.repository	https://git.example.com/acme/shop.git	readonly
    [exit 0]
    ");
    insta::assert_snapshot!(remote.run(&["settings", "set", "-s", "shop", "deploy.parallel", "on"]), @"
    deploy.parallel is now true
    [exit 0]
    ");
    assert_eq!(remote.there.run(["settings", "get", "deploy.parallel"]).expect(0).stdout, "true\n");
    insta::assert_snapshot!(remote.run(&["settings", "set", "-s", "shop", "deploy.parallel", "1"]), @"
    deploy.parallel is already true
    [exit 0]
    ");
    insta::assert_snapshot!(remote.run(&["settings", "set", "-s", "shop", "git.branch", "next"]), @"
    --- stderr
    error: the setting `git.branch` is readonly
    hint: it is what the manifest says; change it there
    [exit 2]
    ");
    insta::assert_snapshot!(remote.run(&["settings", "set", "-s", "shop", "deploy.parallell", "on"]), @"
    --- stderr
    error: there is no setting `deploy.parallell`
    hint: did you mean `deploy.parallel`?
    [exit 5]
    ");
    insta::assert_snapshot!(remote.run(&["settings", "set", "-s", "shop", "deploy.parallel", "perhaps"]), @r#"
    --- stderr
    error: profile there ([HOST]) refused it (400): "perhaps" is no value for `deploy.parallel`: it is `true` or `false`
    [exit 2]
    "#);
    insta::assert_snapshot!(remote.run(&["settings", "set", "-s", "shop", "continuous.deploy", "true"]), @"
    --- stderr
    error: profile there ([HOST]) refused it (409): continuous.deploy needs a server that Git hosts reach: nobody gave this one a `--public-url`
    [exit 1]
    ");
}

#[test]
fn a_setting_that_says_more_says_it() {
    let remote = Remote::start(Belt::with_manifest(TWO), &["--public-url", "https://deploy.example.com"]);
    insta::assert_snapshot!(remote.run(&["settings", "set", "-s", "shop", "continuous.deploy", "true"]), @"
    continuous.deploy is now true
    --- stderr
    note: no webhook was made: no service has its source at a GitHub that is known here, so pushes deploy as they come
    [exit 0]
    ");
}

#[test]
fn a_token_does_what_its_scope_allows() {
    let remote = Remote::of(TWO);
    let Client { token, .. } = &remote.served.public;
    remote.sign_in(token, "");
    remote.here.run(["redeploy", "-s", "shop", "--dry-run"]).expect(0);
    insta::assert_snapshot!(remote.run(&["redeploy", "-s", "shop"]), @"
    --- stderr
    error: the token may not do that at profile there ([HOST]): this needs a token with the scope `redeploy`
    hint: use a token that may, of a wider scope
    [exit 4]
    ");
    insta::assert_snapshot!(remote.run(&["hooks", "url", "-s", "shop"]), @"
    --- stderr
    error: the token may not do that at profile there ([HOST]): it does not show the redeployment hook to this token
    hint: use a token that may, of a wider scope
    [exit 4]
    ");
    remote.sign_in(&remote.served.redeploy.token, "");
    remote.here.run(["redeploy", "-s", "shop"]).expect(0);
    assert_eq!(remote.here.run(["settings", "set", "-s", "shop", "deploy.paused", "true"]).code, 4);
    assert_eq!(remote.here.run(["hooks", "url", "--rotate", "-s", "shop"]).code, 4);
}

#[test]
fn the_redeployment_hook_is_shown_and_made_anew() {
    let remote = Remote::of(TWO);
    let url = |arguments: &[&str]| {
        let arguments = [&["hooks", "url", "-s", "shop"], arguments].concat();
        remote.here.run(arguments).expect(0).stdout
    };
    let first = url(&[]);
    assert!(first.starts_with(&format!("http://{}/stacks/redeploy/", remote.served.admin.address)), "{first}");
    assert_eq!(remote.there.run(["hooks", "url"]).expect(0).stdout, first);
    let second = url(&["--rotate", "--overlap", "1h"]);
    assert_ne!(first, second);
    assert_eq!((url(&[]), remote.there.run(["hooks", "url"]).expect(0).stdout), (second.clone(), second.clone()));
    let post = |url: &str| http::post(&format!("{}?services=cron", url.trim()), &[], "").status;
    assert_eq!(post(&first), 422, "it is valid until the overlap ends");
    url(&["--rotate"]);
    assert_eq!(post(&second), 404);
}

#[test]
fn the_log_is_read_with_every_filter_and_followed() {
    let remote = Remote::with_command("echo one; echo two; read go < gate; echo three");
    let gate = remote.there.gate("gate");
    let mut following = remote.start_command(&["logs", "-f", "-s", "shop"]);
    let mut deploying = remote.start_command(&["redeploy", "-s", "shop"]);
    following.until("two");
    gate.open();
    following.until("Deployment 1 succeeded");
    assert_eq!(deploying.until("deployed shop"), "deployed shop (staging) v1: web");
    for arguments in [
        &["logs", "-s", "shop", "--json"][..],
        &["logs", "-s", "shop", "-n", "2"],
        &["logs", "-s", "shop", "-n", "0"],
        &["logs", "-s", "shop", "--service", "web"],
        &["logs", "-s", "shop", "--deployment", "1", "-n", "1"],
        &["logs", "-s", "shop", "--deployment", "1", "-f"],
        &["logs", "-s", "shop", "--deployment", "9"],
        &["logs", "-s", "shop", "--service", "cron"],
        &["logs", "-s", "shop", "--since", "1h"],
        &["logs", "-s", "shop", "--since", "2200-01-01"],
        &["deployments", "list", "-s", "shop", "--json"],
        &["deployments", "show", "-s", "shop", "--json"],
        &["deployments", "show", "1", "-s", "shop"],
        &["deployments", "show", "9", "-s", "shop"],
    ] {
        assert_eq!(remote.here.run(arguments).to_string(), remote.there.run(arguments).to_string(), "{arguments:?}");
    }
    following.signal("INT");
    drop(following);
}

#[test]
fn a_log_of_long_lines_comes_whole() {
    let remote =
        Remote::with_command("for i in $(seq 40); do head -c 60000 /dev/zero | tr '\\0' x; echo \" $i\"; done");
    remote.here.run(["redeploy", "-s", "shop", "-q"]).expect(0);
    let arguments = ["logs", "-s", "shop", "-n", "30", "--json"];
    let lines = remote.here.run(arguments).expect(0).stdout;
    assert_eq!((lines.lines().count(), &lines), (30, &remote.there.run(arguments).expect(0).stdout));
}

#[test]
fn the_manifest_names_the_server() {
    let remote = Remote::of(TWO);
    let manifest = TWO.replace("environment", "backend = \"there\"\nenvironment");
    remote.here.write("hookbelt.toml", manifest);
    assert!(remote.run(&["apps", "show"]).contains("deploy API  http://[HOST] (profile there)"));
    remote.here.run(["redeploy"]).expect(0);
    assert_eq!(remote.there.run(["deployments", "list", "--json"]).expect(0).json()[0]["user"], "admin-token");
}
