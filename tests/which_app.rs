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
    hint: [TMP]/work/hookbelt.toml was passed over, since anybody can write to [TMP]/work; name it with `-m`
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
    error: [TMP]/work/hookbelt.toml describes the app `shop`, not `store`
    hint: leave out -s or -m
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["apps", "show", "-e", "production"]), @"
    --- stderr
    error: [TMP]/work/hookbelt.toml is for the environment `staging`, not `production`
    hint: leave out -e, or name the manifest of that environment with `-m FILE`
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
    insta::assert_snapshot!(belt.run(["apps", "show", "-s", "shop"]), @"
    --- stderr
    error: [TMP]/work/a/hookbelt.toml now describes store (staging), not shop (staging)
    hint: name the right manifest with `-m FILE`
    [exit 2]
    ");
    fs::remove_file(belt.work().join("a/hookbelt.toml")).unwrap();
    insta::assert_snapshot!(belt.run(["apps", "show", "-s", "shop"]), @"
    --- stderr
    error: there is no file [TMP]/work/a/hookbelt.toml
    hint: that is where the manifest of shop (staging) was last; name it with `-m FILE`
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
