//! `hookbelt settings`.

use crate::support::Belt;

const MANIFEST: &str = "app = \"my_app_name\"\nenvironment = \"staging\"\n[source]\ngit = \"https://ann:hunter2@git.example.com/acme/shop.git\"\nbranch = \"main\"\n[services.web]\ndeploy = \"true\"\n";

#[test]
fn a_setting_is_listed_read_and_changed() {
    let belt = Belt::with_manifest(MANIFEST);
    insta::assert_snapshot!(belt.run(["settings", "list"]), @"
    continuous.deploy	false	read/write
    deploy.parallel	false	read/write
    deploy.paused	false	read/write
    git.branch	main	readonly
    git.repository	https://git.example.com/acme/shop.git	readonly
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["settings", "set", "-s", "my_app_name", "continuous.deploy", "true"]), @"
    continuous.deploy is now true
    --- stderr
    note: no webhook was made: the embedded engine receives none. To deploy on every push, let the Git host or a CI job run `hookbelt redeploy -y`
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["settings", "set", "continuous.deploy", "ENABLE"]), @"
    continuous.deploy is already true
    --- stderr
    note: no webhook was made: the embedded engine receives none. To deploy on every push, let the Git host or a CI job run `hookbelt redeploy -y`
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["setting", "get", "continuous.deploy"]), @"
    true
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["settings", "list", "continuous.deploy", "--json"]), @r#"
    [
      {
        "key": "continuous.deploy",
        "value": "true",
        "readonly": false
      }
    ]
    [exit 0]
    "#);
    insta::assert_snapshot!(belt.run(["settings", "set", "continuous.deploy", "0"]), @"
    continuous.deploy is now false
    [exit 0]
    ");
}

#[test]
fn continuous_deploy_needs_a_server_that_the_git_host_can_reach() {
    let belt = Belt::with_manifest(MANIFEST);
    let set = || belt.run(["settings", "set", "continuous.deploy", "true"]);
    let (server, address) = belt.serve_at(&[]);
    let refused = set().expect(2);
    insta::assert_snapshot!(refused.stderr.replace(&address, "[ADDRESS]"), @"
    error: the `hookbelt serve` that has my_app_name (staging) is reached at http://[ADDRESS] alone, as far as it knows
    hint: nothing was changed; start it with --public-url URL, by which the Git host reaches it
    ");
    assert_eq!(belt.run(["settings", "get", "continuous.deploy"]).stdout, "false\n");
    drop(server);
    let _server = belt.serve(&["--public-url", "https://deploy.example.com"]);
    insta::assert_snapshot!(set(), @"
    continuous.deploy is now true
    --- stderr
    note: no webhook was made: no service has its source at a GitHub that is known here, so pushes deploy as they come
    [exit 0]
    ");
}

#[test]
fn what_cannot_be_set_is_refused() {
    let belt = Belt::with_manifest(MANIFEST);
    insta::assert_snapshot!(belt.run(["settings", "set", "git.branch", "next"]), @"
    --- stderr
    error: the setting `git.branch` is readonly
    hint: it is what the manifest says; change it there
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["settings", "set", "continuous.deploy", "maybe"]), @r#"
    --- stderr
    error: "maybe" is no value for `continuous.deploy`
    hint: use `true` or `false`
    [exit 2]
    "#);
    insta::assert_snapshot!(belt.run(["settings", "set", "stack.colour", "red"]), @"
    --- stderr
    error: there is no setting `stack.colour`
    hint: `hookbelt settings list` shows all
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["settings", "list", "git.brnch"]), @"
    --- stderr
    error: there is no setting `git.brnch`
    hint: did you mean `git.branch`?
    [exit 5]
    ");
    belt.run(["settings", "set", "continuous.deploy"]).expect(2);
    assert_eq!(belt.run(["settings", "get", "continuous.deploy"]).stdout, "false\n");
}
