//! Which app a command means.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Belt, PLAIN};

fn app(belt: &Belt, file: &str, name: &str, environment: &str) {
    let text = format!("{PLAIN}deploy = \"true\"\n").replace("\"shop\"", &format!("\"{name}\""));
    belt.write(file, text.replace("\"staging\"", &format!("\"{environment}\"")));
}

#[test]
fn the_manifest_is_found_upwards_to_the_root_of_the_repository() {
    let belt = Belt::with_command("true");
    belt.write("deep/er/file", "");
    let mut command = belt.command(["apps", "show"]);
    assert!(command.current_dir(belt.work().join("deep/er")).status().unwrap().success());
    fs::create_dir(belt.work().join("deep/.git")).unwrap();
    assert_eq!(command.status().unwrap().code(), Some(2));
}

#[test]
fn a_manifest_in_a_world_writable_folder_is_passed_over_unless_it_is_named() {
    let belt = Belt::with_command("true");
    fs::set_permissions(belt.work(), PermissionsExt::from_mode(0o777)).unwrap();
    insta::assert_snapshot!(belt.run(["redeploy"]), @"
    --- stderr
    error: no app is named, and there is no hookbelt.toml here or above
    hint: [TMP]/project/hookbelt.toml was passed over, since anybody can write it; name it with `-m [TMP]/project/hookbelt.toml`
    [exit 2]
    ");
    belt.run(["redeploy", "-m", "hookbelt.toml"]).expect(0);
}

#[test]
fn flags_must_agree_with_the_manifest_that_is_named() {
    let mut belt = Belt::with_command("true");
    belt.run(["apps", "show", "-m", "hookbelt.toml", "-s", "SHOP", "-e", "staging"]).expect(0);
    insta::assert_snapshot!(belt.run(["apps", "show", "-m", "hookbelt.toml", "-s", "store"]), @"
    --- stderr
    error: [TMP]/project/hookbelt.toml describes the app `shop`, not `store`
    hint: leave out -s (and HOOKBELT_APP) or -m
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["apps", "show", "-e", "production"]), @"
    --- stderr
    error: [TMP]/project/hookbelt.toml is for the environment `staging`, not `production`
    hint: leave out -e and HOOKBELT_ENVIRONMENT, or name the manifest of that environment with `-m FILE`
    [exit 2]
    ");
    belt.set("HOOKBELT_MANIFEST", "hookbelt.toml");
    belt.run(["apps", "show", "-s", "store"]).expect(2);
}

#[test]
fn an_app_of_another_name_is_looked_for_in_the_store() {
    let belt = Belt::with_command("true");
    app(&belt, "elsewhere/hookbelt.toml", "Store Front", "production");
    app(&belt, "elsewhere/test.toml", "Store Front", "test");
    belt.run(["redeploy", "-y", "-m", "elsewhere/hookbelt.toml"]).expect(0);
    let shown = belt.run(["apps", "show", "-s", "store f"]).expect(0);
    assert!(shown.stdout.contains("app       Store Front (production)"), "{shown}");
    belt.run(["redeploy", "-m", "elsewhere/test.toml"]).expect(0);
    insta::assert_snapshot!(belt.run(["apps", "show", "-s", "Store Front"]), @"
    --- stderr
    error: `Store Front` is more than one app
    hint: it could be: Store Front (production), Store Front (test); say which with its whole name and -e
    [exit 5]
    ");
    belt.run(["redeploy", "-s", "Store Front", "-e", "test"]).expect(0);
    insta::assert_snapshot!(belt.run(["apps", "show", "-s", "store frond", "-e", "test"]), @"
    --- stderr
    error: there is no app `store frond`
    hint: did you mean `Store Front`? `hookbelt apps list` shows all
    [exit 5]
    ");
}

#[test]
fn the_environment_variable_stands_in_for_the_flag() {
    let mut belt = Belt::new();
    app(&belt, "a/hookbelt.toml", "shop", "staging");
    belt.run(["redeploy", "-m", "a/hookbelt.toml"]).expect(0);
    belt.set("HOOKBELT_APP", "shop");
    belt.run(["apps", "show"]).expect(0);
    belt.set("HOOKBELT_ENVIRONMENT", "nowhere");
    belt.run(["apps", "show"]).expect(5);
}

#[test]
fn a_manifest_that_has_gone_or_changed_its_app_is_named() {
    let belt = Belt::new();
    app(&belt, "a/hookbelt.toml", "shop", "staging");
    belt.run(["redeploy", "-m", "a/hookbelt.toml"]).expect(0);
    app(&belt, "a/hookbelt.toml", "store", "staging");
    insta::assert_snapshot!(belt.run(["redeploy", "-s", "shop"]), @"
    --- stderr
    error: [TMP]/project/a/hookbelt.toml now describes store (staging), not shop (staging)
    hint: name its manifest with `-m FILE`
    [exit 2]
    ");
    fs::remove_file(belt.work().join("a/hookbelt.toml")).unwrap();
    insta::assert_snapshot!(belt.run(["redeploy", "-s", "shop"]), @"
    --- stderr
    error: the manifest of shop (staging) cannot be used
    because there is no file [TMP]/project/a/hookbelt.toml
    hint: name its manifest with `-m FILE`
    [exit 2]
    ");
}

#[test]
fn a_broken_manifest_in_the_way_is_an_error_unless_another_app_is_meant() {
    let belt = Belt::with_manifest("app = ");
    app(&belt, "a/hookbelt.toml", "shop", "staging");
    belt.run(["redeploy", "-m", "a/hookbelt.toml"]).expect(0);
    belt.run(["apps", "show"]).expect(2);
    belt.run(["apps", "show", "-s", "shop"]).expect(0);
}

#[test]
fn the_line_of_the_source_documents_works_as_typed() {
    let belt = Belt::new();
    app(&belt, "hookbelt.toml", "My App", "production");
    let text = belt.read("hookbelt.toml").replace("checkout = false\n", "").replace("\".\"", "\"repo\"");
    belt.write("hookbelt.toml", text);
    belt.repository("repo");
    belt.git("repo", &["tag", "v1"]);
    belt.run(["redeploy", "-s", "My App", "-e", "production", "-y", "--git-ref", "v1"]).expect(0);
    belt.run(["logs"]).expect(0);
}

#[test]
fn looking_at_an_app_changes_nothing() {
    let mut belt = Belt::new();
    app(&belt, "one/hookbelt.toml", "shop", "staging");
    app(&belt, "two/hookbelt.toml", "shop", "staging");
    belt.run(["redeploy", "-m", "one/hookbelt.toml"]).expect(0);
    app(&belt, "ghost/hookbelt.toml", "ghost", "staging");
    for manifest in ["two/hookbelt.toml", "ghost/hookbelt.toml"] {
        let looks = ["apps show", "logs", "settings list", "deployments list", "releases list", "redeploy --dry-run"];
        for look in looks {
            belt.run(look.split(' ').chain(["-m", manifest])).expect(0);
        }
    }
    let listed = belt.run(["apps", "list"]).expect(0);
    assert_eq!(listed.stdout.lines().count(), 1, "{listed}");
    assert!(listed.stdout.contains("/one/hookbelt.toml"), "{listed}");
    belt.run(["redeploy", "-m", "two/hookbelt.toml"]).expect(0);
    belt.set("HOOKBELT_APP", "shop");
    let log = belt.run(["logs"]).expect(0);
    assert!(
        log.stdout.contains("The manifest is now [TMP]/project/two/hookbelt.toml; it was [TMP]/project/one/"),
        "{log}"
    );
}

#[test]
fn history_can_be_read_when_the_manifest_has_gone() {
    let belt = Belt::new();
    app(&belt, "a/hookbelt.toml", "shop", "staging");
    belt.run(["redeploy", "-m", "a/hookbelt.toml"]).expect(0);
    fs::remove_file(belt.work().join("a/hookbelt.toml")).unwrap();
    for look in ["apps show", "logs", "logs --service web", "deployments list", "deployments show", "releases show"] {
        let shown = belt.run(look.split(' ').chain(["-s", "shop"])).expect(0);
        assert!(!shown.stdout.is_empty(), "{look}");
    }
    for act in ["redeploy", "settings list"] {
        belt.run(act.split(' ').chain(["-s", "shop"])).expect(2);
    }
}

#[test]
fn a_manifest_that_anybody_can_write_is_passed_over_unless_it_is_named() {
    let belt = Belt::with_command("true");
    fs::set_permissions(belt.work().join("hookbelt.toml"), PermissionsExt::from_mode(0o666)).unwrap();
    belt.run(["redeploy"]).expect(2);
    belt.run(["redeploy", "-m", "hookbelt.toml"]).expect(0);
}
