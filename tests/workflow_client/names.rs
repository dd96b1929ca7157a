//! Which apps there are, and which one is meant.

use serde_json::{Value, json};

use crate::support::Outcome;
use crate::support::mock_api::{Expected, on};
use crate::workflow_client::{
    APP, BUILD, BUILDS, RELEASES, build, controller, page, recorded, release, releases_with, said,
};

fn apps(ids: &[&str]) -> Value {
    let app = |id: &&str| json!({ "uuid": "x", "id": id, "owner": "admin", "structure": {} });
    page(&ids.iter().map(app).collect::<Vec<_>>())
}

/// The releases of the recorded app.
fn its_releases() -> Vec<Expected> {
    vec![recorded("GET", RELEASES, "021"), said(on("GET", BUILDS), 200, &page(&[build(BUILD)]))]
}

/// What `releases list` says with these flags.
fn list_of(flags: &[&str], expected: Vec<Expected>) -> Outcome {
    let (belt, _api) = controller(expected);
    belt.run([&["releases", "list"], flags].concat())
}

#[test]
fn apps_are_listed_with_the_profile_that_has_them() {
    let (belt, _api) = controller(vec![recorded("GET", "/v2/apps/?limit=100", "015")]);
    insta::assert_snapshot!(belt.run(["apps", "list"]), @"
    broken	production			there
    empty	production			there
    myapp	production			there
    [exit 0]
    ");
}

#[test]
fn a_long_list_is_read_page_by_page_and_nothing_else_is_asked_for() {
    let ids: Vec<String> = (0..2_100).map(|number| format!("app-{number}")).collect();
    let part = |from: usize, to: usize, is_last: bool| {
        let ids: Vec<&str> = ids[from..to].iter().map(String::as_str).collect();
        let mut page = apps(&ids);
        // Where it leads is not gone to: that could be anywhere.
        page["next"] = if is_last { Value::Null } else { json!("http://127.0.0.1:9/v2/apps/?limit=100&offset=100") };
        page
    };
    let (belt, _api) = controller(vec![
        said(on("GET", "/v2/apps/?limit=100"), 200, &part(0, 100, false)),
        said(on("GET", "/v2/apps/?limit=1000&offset=100"), 200, &part(100, 1_100, false)),
        said(on("GET", "/v2/apps/?limit=1000&offset=1100"), 200, &part(1_100, 2_100, true)),
    ]);
    let listed = belt.run(["apps", "list", "--json"]).expect(0).json();
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    assert_eq!(names, ids);
}

#[test]
fn a_whole_name_is_asked_for_at_once_whatever_its_case() {
    for name in ["myapp", "MyApp"] {
        let expected = [vec![recorded("GET", APP, "016")], its_releases()].concat();
        list_of(&["-s", name], expected).expect(0);
    }
}

#[test]
fn the_beginning_of_a_name_is_looked_for_in_the_list() {
    let begins = vec![recorded("GET", "/v2/apps/my/", "028"), recorded("GET", "/v2/apps/?limit=100", "015")];
    list_of(&["-s", "my"], [begins, its_releases()].concat()).expect(0);
    let ambiguous = vec![
        recorded("GET", "/v2/apps/sho/", "028"),
        said(on("GET", "/v2/apps/?limit=100"), 200, &apps(&["shop", "shop-staging"])),
    ];
    insta::assert_snapshot!(list_of(&["-s", "sho"], ambiguous), @"
    --- stderr
    error: `sho` is more than one app
    hint: it could be: shop (production), shop-staging (production); say which with its whole name and -e
    [exit 5]
    ");
    let unknown = vec![recorded("GET", "/v2/apps/myap-p/", "028"), recorded("GET", "/v2/apps/?limit=100", "015")];
    insta::assert_snapshot!(list_of(&["-s", "myap-p"], unknown), @"
    --- stderr
    error: there is no app `myap-p`
    hint: did you mean `myapp`? `hookbelt apps list` shows all
    [exit 5]
    ");
    // No id is written so, and one of that name cannot be asked for.
    let no_id = vec![recorded("GET", "/v2/apps/?limit=100", "015")];
    insta::assert_snapshot!(list_of(&["-s", "My App"], no_id), @"
    --- stderr
    error: there is no app `My App`
    hint: did you mean `myapp`? `hookbelt apps list` shows all
    [exit 5]
    ");
}

#[test]
fn an_environment_that_is_not_there_is_an_error_that_says_so() {
    insta::assert_snapshot!(list_of(&["-s", "myapp", "-e", "staging"], vec![]), @"
    --- stderr
    error: apps of Workflow have no environment but `production`: there is none `staging`
    hint: leave out -e, HOOKBELT_ENVIRONMENT and the manifest's `environment`
    [exit 5]
    ");
    let expected = [vec![recorded("GET", APP, "016")], its_releases()].concat();
    list_of(&["-s", "myapp", "-e", "Prod"], expected).expect(0);
}

#[test]
fn without_a_name_the_app_is_that_of_the_remote_at_the_builder_and_never_the_folders() {
    let (belt, _api) = controller([vec![recorded("GET", APP, "016")], its_releases()].concat());
    belt.git("", &["init", "--quiet"]);
    belt.git("", &["remote", "add", "origin", "git@github.com:acme/other.git"]);
    insta::assert_snapshot!(belt.run(["releases", "list"]), @"
    --- stderr
    error: no app is named, and no Git remote here leads to 127-builder.0.0.1, as those of its apps do
    hint: name an app with `-s APP`; `hookbelt apps list` shows those there are
    [exit 2]
    ");
    belt.git("", &["remote", "add", "deis", "ssh://git@127-builder.0.0.1:2222/myapp.git"]);
    belt.run(["releases", "list"]).expect(0);
}

#[test]
fn an_app_is_shown_with_what_its_newest_release_deployed() {
    let failed = releases_with(release(4, Some("failed"), "admin deployed failed which failed", true));
    let expected = vec![
        recorded("GET", APP, "016"),
        said(on("GET", RELEASES), 200, &failed),
        said(on("GET", BUILDS), 200, &page(&[build(BUILD)])),
    ];
    let (belt, api) = controller(expected);
    let shown = belt.run(["apps", "show", "-s", "myapp"]).expect(0);
    insta::assert_snapshot!(shown.stdout.replace(&api.url, "[URL]"), @"
    app         myapp (production)
    deploy API  [URL]
    release     v3: admin deployed 127.0.0.1:5000/auto/test:v1
    service     cmd: 127.0.0.1:5000/auto/test:v1 (v3)
    ");
    let (belt, _api) = controller(vec![recorded("GET", APP, "016"), said(on("GET", RELEASES), 200, &page(&[]))]);
    assert!(belt.run(["apps", "show", "-s", "myapp"]).expect(0).stdout.contains("none yet"));
}
