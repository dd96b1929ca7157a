//! Settings: their path, their value, and whether it came about.

use serde_json::{Value, json};

use crate::cloud66::{action, found, list, of_shop, one, one_action, page, run, with};
use crate::support::mock_api::{Expected, on};

fn items() -> Vec<Value> {
    vec![
        json!({"id": "git-branch", "key": "git.branch", "value": "master", "readonly": false, "hidden": false}),
        json!({"id": 17, "key": "maintenance.mode", "value": false, "readonly": false}),
        json!({"key": "stack.name", "value": "shop", "readonly": true}),
        json!({"key": "logrotate.app.keep.count", "value": 14, "readonly": false}),
        json!({"key": "asset.prefix", "value": null, "readonly": false, "warning_text": "x"}),
    ]
}

fn listed(items: &[Value]) -> Expected {
    on("GET", &of_shop("/settings.json?page=1")).json(200, &list(items))
}

#[test]
fn values_of_every_type_are_listed() {
    let second = of_shop("/settings.json?page=2");
    let (belt, api) = with(vec![
        found(),
        on("GET", &of_shop("/settings.json?page=1")).json(200, &page(&items()[..3], 1, 2)),
        on("GET", &second).json(200, &page(&items()[3..], 2, 2)),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &["settings", "list", "-s", "shop"]), @"
    asset.prefix		read/write
    git.branch	master	read/write
    logrotate.app.keep.count	14	read/write
    maintenance.mode	false	read/write
    stack.name	shop	readonly
    [exit 0]
    ");
}

#[test]
fn a_setting_is_changed_waited_for_and_read_back() {
    let mut after = items();
    after[1]["value"] = json!(true);
    let (belt, api) = with(vec![
        found(),
        listed(&items()),
        on("PUT", &of_shop("/settings/maintenance-mode.json"))
            .with(json!({"value": "on"}))
            .json(200, &one(&action(9, &json!(null), &json!(null)))),
        one_action(9, &json!(null), &json!(null)),
        one_action(9, &json!(true), &json!("Maintenance mode is on")),
        listed(&after),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &["settings", "set", "-s", "shop", "maintenance.mode", "on"]), @"
    maintenance.mode is now true
    --- stderr
    note: Maintenance mode is on
    [exit 0]
    ");
}

#[test]
fn what_is_so_already_is_not_sent() {
    let (belt, api) = with(vec![found().for_ever(), listed(&items()).for_ever()]);
    insta::assert_snapshot!(run(&belt, &api, &["settings", "set", "-s", "shop", "maintenance.mode", "0"]), @"
    maintenance.mode is already false
    [exit 0]
    ");
    belt.run(["settings", "set", "-s", "shop", "logrotate.app.keep.count", "14"]).expect(0);
    insta::assert_snapshot!(run(&belt, &api, &["settings", "set", "-s", "shop", "stack.name", "x"]), @"
    --- stderr
    error: the setting `stack.name` is readonly
    hint: nothing was sent
    [exit 2]
    ");
    insta::assert_snapshot!(run(&belt, &api, &["settings", "set", "-s", "shop", "git.brunch", "x"]), @"
    --- stderr
    error: there is no setting `git.brunch`
    hint: did you mean `git.branch`?
    [exit 5]
    ");
}

#[test]
fn a_change_that_does_not_come_about_is_an_error() {
    let put = |action: &Value| {
        on("PUT", &of_shop("/settings/git-branch.json")).with(json!({"value": "next"})).json(200, &one(action))
    };
    let set = ["settings", "set", "-s", "shop", "git.branch", "next"];
    let failed = action(9, &json!(false), &json!("no such branch"));
    let (belt, api) = with(vec![found(), listed(&items()), put(&failed)]);
    insta::assert_snapshot!(run(&belt, &api, &set), @"
    --- stderr
    error: the change of git.branch did not come about at profile there ([HOST]): no such branch
    [exit 1]
    ");
    let done = action(9, &json!(true), &json!(""));
    let (belt, api) = with(vec![found(), listed(&items()).for_ever(), put(&done)]);
    insta::assert_snapshot!(run(&belt, &api, &set), @r#"
    --- stderr
    error: the change of git.branch did not come about at profile there ([HOST]): it is still "master"
    [exit 1]
    "#);
}
