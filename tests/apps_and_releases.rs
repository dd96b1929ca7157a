//! `hookbelt apps`, `deployments` and `releases`: what can be seen of an app.

use crate::support::Belt;

fn deployed() -> Belt {
    let belt = Belt::with_manifest(
        r#"
app = "shop"
environment = "staging"
[source]
git = "repo"
[services.web]
deploy = "true"
[services.api]
image = "api:v1"
deploy = "test $HOOKBELT_IMAGE != api:broken"
[services.cron]
image = "cron:v1"
deploy = "true"
"#,
    );
    belt.repository("repo");
    belt.run(["redeploy", "--service", "web", "--service", "api"]).expect(0);
    belt.run(["redeploy", "--service", "api:v2"]).expect(0);
    belt.run(["redeploy", "--service", "web", "--service", "api:broken"]).expect(1);
    belt
}

#[test]
fn an_app_is_shown_with_what_each_service_was_left_as() {
    let belt = deployed();
    insta::assert_snapshot!(belt.run(["apps", "show"]), @"
    app       shop (staging)
    manifest  [TMP]/project/hookbelt.toml
    release   v2: ann deployed api:v2, [TIME] [TIME]
    service   web: 7f3086b (v3)
    service   api: api:v2 (v2)
    service   cron: not deployed yet
    [exit 0]
    ");
    let json = belt.run(["apps", "show", "--json"]).json();
    assert_eq!(json["release"]["release"], "v2");
    assert_eq!(json["services"][0]["release"], "v3");
    assert_eq!(json["services"][1]["image"], "api:v2");
    assert_eq!(json["services"][2]["release"], serde_json::Value::Null);
    assert_eq!(json["deployments"], serde_json::json!([]));
}

#[test]
fn lists_are_tab_separated_in_a_pipe() {
    let belt = deployed();
    insta::assert_snapshot!(belt.run(["deployments", "list"]).stdout.replace("[TIME]", "-"), @"
    3	failed	v3	web, api	ann	- -	-
    2	succeeded	v2	api	ann	- -	-
    1	succeeded	v1	web, api	ann	- -	-
    ");
    let list = belt.run(["deployments", "list", "-n", "1"]).expect(0);
    let cells: Vec<&str> = list.stdout.trim_end().split('\t').collect();
    assert_eq!(cells[..5], ["3", "failed", "v3", "web, api", "ann"]);
    let list = belt.run(["releases", "list"]).expect(0);
    let cells: Vec<Vec<&str>> = list.stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(cells[0][..5], ["v2", "succeeded", "ann deployed api:v2", "", "ann"]);
    assert_eq!(cells[1][..3], ["v1", "succeeded", "ann deployed 7f3086b"]);
}

#[test]
fn a_release_is_shown_with_the_state_of_every_service_after_it() {
    let belt = deployed();
    insta::assert_snapshot!(belt.run(["releases", "show", "v1"]), @"
    release     v1
    app         shop (staging)
    state       succeeded
    summary     ann deployed 7f3086b
    sha         7f3086ba111fd542603b3f8a670cb16b324488dc
    by          ann
    deployment  1
    started     [TIME]
    ended       [TIME]
    service     api api:v1 (since v1)
    service     web 7f3086b (since v1)
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["releases", "show"]), @"
    release     v2
    app         shop (staging)
    state       succeeded
    summary     ann deployed api:v2
    by          ann
    deployment  2
    started     [TIME]
    ended       [TIME]
    service     api api:v2 (since v2)
    service     web 7f3086b (since v1)
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["release", "show", "3"]), @"
    release     v3
    app         shop (staging)
    state       failed
    summary     ann deployed 7f3086b
    sha         7f3086ba111fd542603b3f8a670cb16b324488dc
    by          ann
    deployment  3
    started     [TIME]
    ended       [TIME]
    service     api api:v2 (since v2)
    service     web 7f3086b (since v3)
    [exit 0]
    ");
}

#[test]
fn apps_of_the_store_are_listed() {
    let belt = deployed();
    insta::assert_snapshot!(Belt::new().run(["apps", "list"]), @"
    --- stderr
    no apps are known here yet: `hookbelt init` writes a manifest, `hookbelt redeploy` deploys it
    [exit 0]
    ");
    let list = belt.run(["apps", "list"]).expect(0);
    assert!(list.stdout.starts_with("shop\tstaging\tv2\t"), "{list}");
    assert!(list.stdout.ends_with("\t[TMP]/project/hookbelt.toml\n"), "{list}");
}

#[test]
fn the_user_is_the_login_name_where_the_environment_has_none() {
    let belt = Belt::with_command("true");
    let mut command = belt.command(["redeploy", "--json"]);
    let output = command.env_remove("USER").output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let login = std::process::Command::new("id").arg("-un").output().unwrap();
    assert_eq!(document["user"].as_str().unwrap(), String::from_utf8(login.stdout).unwrap().trim());
}
