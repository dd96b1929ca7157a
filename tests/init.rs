//! `hookbelt init`: a manifest from a repository, and whether one can be used.

use std::fs;

use crate::support::Belt;

fn repository() -> Belt {
    let belt = Belt::new();
    belt.repository(".");
    belt
}

#[test]
fn a_manifest_is_written_from_the_remote_and_the_branch_and_deploys() {
    let belt = repository();
    belt.git(".", &["remote", "add", "origin", "git@git.example.com:acme/web-shop.git"]);
    insta::assert_snapshot!(belt.run(["init"]), @"
    wrote hookbelt.toml for web-shop (production)
    --- stderr
    next: say in it how to deploy, then `hookbelt init --check` and `hookbelt redeploy`
    [exit 0]
    ");
    insta::assert_snapshot!(belt.read("hookbelt.toml"), @r#"
    # Describes one app for hookbelt. Every key is explained in docs/manifest.md of hookbelt.
    app = "web-shop"
    environment = "production"

    [source]
    git = "git@git.example.com:acme/web-shop.git"
    branch = "main"

    [services.web]
    # Each command runs through `sh -c` in a fresh checkout of the source.
    # build = "make"
    deploy = "echo deployed $HOOKBELT_SHA"
    # check = "curl -fsS http://localhost:8080/health"
    "#);
    insta::assert_snapshot!(belt.run(["init"]), @"
    --- stderr
    error: [TMP]/project/hookbelt.toml is there already
    hint: `hookbelt init --check` checks it; `hookbelt init -m FILE` writes another
    [exit 2]
    ");
}

#[test]
fn without_a_remote_the_source_is_the_repository_itself() {
    let belt = repository();
    insta::assert_snapshot!(belt.run(["init"]), @"
    --- stderr
    error: this repository has no remote to name the app after
    hint: name it with `-s APP`
    [exit 2]
    ");
    belt.run(["init", "-s", "My App", "-e", "staging"]).expect(0);
    belt.run(["init", "--check"]).expect(0);
    let outcome = belt.run(["redeploy"]).expect(0);
    assert!(outcome.stdout.contains("deployed My App (staging) v1: web 7f3086b"), "{outcome}");
}

#[test]
fn below_the_top_the_source_is_the_way_there() {
    let belt = repository();
    belt.write("below/it/file", "");
    let mut command = belt.command(["init", "-s", "shop", "-e", "staging"]);
    assert!(command.current_dir(belt.work().join("below/it")).status().unwrap().success());
    belt.run(["redeploy", "-m", "below/it/hookbelt.toml"]).expect(0);
}

#[test]
fn a_manifest_above_is_not_shadowed_and_a_relative_remote_is_found() {
    let belt = repository();
    belt.git(".", &["init", "--quiet", "--bare", "../shop.git"]);
    belt.git(".", &["remote", "add", "origin", "../shop.git"]);
    belt.git(".", &["push", "--quiet", "origin", "main"]);
    belt.write("below/file", "");
    let init = |arguments: &[&str]| belt.command(arguments).current_dir(belt.work().join("below")).output().unwrap();
    assert_eq!(init(&["init"]).status.code(), Some(0));
    belt.run(["init", "--check", "-m", "below/hookbelt.toml"]).expect(0);
    belt.write("deeper/file", "");
    belt.run(["init"]).expect(0);
    let mut below = belt.command(["init"]);
    assert_eq!(below.current_dir(belt.work().join("deeper")).output().unwrap().status.code(), Some(2));
}

#[test]
fn a_detached_head_names_no_branch_and_a_password_is_left_out() {
    let belt = repository();
    belt.git(".", &["remote", "add", "upstream", "https://ann:hunter2@git.example.com/acme/shop"]);
    belt.git(".", &["checkout", "--quiet", "--detach"]);
    let outcome = belt.run(["init", "-m", "other.toml", "--json"]).expect(0);
    assert_eq!(outcome.json()["branch"], serde_json::Value::Null);
    let text = belt.read("other.toml");
    assert!(text.contains("git = \"https://git.example.com/acme/shop\"") && !text.contains("branch ="), "{text}");
    assert!(!outcome.to_string().contains("hunter2"));
}

#[test]
fn outside_a_repository_there_is_nothing_to_write_from() {
    insta::assert_snapshot!(Belt::new().run(["init", "-s", "shop"]), @"
    --- stderr
    error: this folder is not in a Git repository, so there is nothing to write a manifest from
    hint: run it inside a repository
    [exit 2]
    ");
}

#[test]
fn a_check_names_everything_that_is_missing_and_touches_no_store() {
    let belt = Belt::with_manifest(
        r#"
app = "shop"
[source]
git = "repo"
branch = "main"
[services.web]
build = "sh -c true"
deploy = "no-such-program --now"
check = "if true; then"
[services.worker]
branch = "nowhere"
deploy = "./in-the-checkout"
[services.lost]
git = "lost"
deploy = "true"
[[deploy_hooks]]
url = "https://hooks.example.com/a"
secret = { file = "a.key" }
[[deploy_hooks]]
url = "https://hooks.example.com/b"
secret = { file = "b.key" }
"#,
    );
    belt.repository("repo");
    belt.write("a.key", "key\n");
    let outcome = belt.run(["init", "--check"]).expect(1);
    let problems: Vec<&str> = outcome.stdout.lines().filter(|line| line.contains("\tproblem\t")).collect();
    let subjects: Vec<&str> = problems.iter().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(
        subjects,
        ["deploy hook https://hooks.example.com/b", "worker: source", "lost: source", "web: deploy", "web: check"]
    );
    assert!(outcome.stderr.contains("5 problems found in"), "{outcome}");
    assert!(!fs::exists(belt.home().join(".local")).unwrap(), "the check made a store");
}

#[test]
fn a_check_of_a_sound_manifest_says_what_it_found() {
    let belt = Belt::with_manifest(
        "app = \"shop\"\n[source]\ngit = \"repo\"\n[services.web]\ndeploy = \"sh deploy.sh\"\n[services.api]\nimage = \"api:v1\"\ndeploy = \"$TOOL run\"\n",
    );
    belt.repository("repo");
    insta::assert_snapshot!(belt.run(["init", "--check"]), @"
    manifest	ok	shop (production), 2 services
    web: source	ok	HEAD of [TMP]/project/repo is 7f3086b
    web: deploy	ok	/usr/bin/sh
    api: deploy	ok	a script
    [exit 0]
    ");
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
    let belt = Belt::with_manifest("app = \"shop\"\n[services.web]\n  biuld = \"make\"\ndeploy = \"true\"\n");
    insta::assert_snapshot!(belt.run(["init", "--check"]), @"
    --- stderr
    error: [TMP]/project/hookbelt.toml:3:3: unknown key `biuld`
    hint: did you mean `build`?
    [exit 2]
    ");
}
