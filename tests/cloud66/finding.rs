//! Which stack is meant, and how many requests it takes to know.

use serde_json::json;

use crate::cloud66::{ALL, DEPLOYMENTS, SHOP, found, list, of_shop, page, run, services, stack, with};
use crate::support::mock_api::on;

#[test]
fn stacks_are_listed_with_how_they_stand() {
    let skycap = json!({"uid": "b", "name": "built", "environment": "build_only", "framework": "skycap", "status": 6});
    let odd = json!({"uid": "c", "name": "odd/one", "environment": null, "status": 99});
    let (belt, api) = with(vec![on("GET", ALL).json(200, &list(&[stack("My App", "production"), skycap, odd]))]);
    insta::assert_snapshot!(run(&belt, &api, &["apps", "list"]), @"
    My App	production	deployed successfully		there
    built	build_only	building		there
    odd_one	production			there
    [exit 0]
    ");
}

#[test]
fn an_exact_name_takes_one_request_however_many_stacks_there_are() {
    let (belt, api) = with(vec![found(), on("GET", &of_shop("/settings.json?page=1")).json(200, &list(&[]))]);
    belt.run(["settings", "list", "-s", "shop"]).expect(0);
    let came = &api.came()[0];
    assert_eq!(came.header("accept"), Some("application/json"));
    assert_eq!(came.header("authorization"), Some("Bearer hunter2"));
    assert!(came.header("user-agent").unwrap().starts_with("hookbelt/"));
    assert_eq!((came.header("x-account"), came.header("x-cxtoken")), (None, None));
    let ids: Vec<_> = api.came().iter().map(|came| came.header("request-id").unwrap().to_owned()).collect();
    assert!(ids[0] != ids[1] && ids.iter().all(|id| id.len() == 36 && id.split('-').count() == 5), "{ids:?}");
}

#[test]
fn the_account_of_the_profile_is_said() {
    let (belt, api) = with(vec![on("GET", ALL).json(200, &list(&[]))]);
    belt.config(&format!(
        "default_profile = \"there\"\n[profiles.there]\nbackend = \"cloud66\"\nurl = \"{}\"\ntoken = \"hunter2\"\n\
         account = 42\n",
        api.url
    ));
    belt.run(["apps", "list"]).expect(0);
    assert_eq!(api.came()[0].header("x-account"), Some("42"));
}

#[test]
fn the_beginning_of_a_name_takes_all_pages_and_no_more() {
    let target = |number: usize| ALL.replace("page=1", &format!("page={number}"));
    let names = |number: usize| -> Vec<_> {
        let named = |one| json!({"uid": "ab", "name": format!("app-{number}-{one}"), "environment": "production"});
        (0..30).map(named).collect()
    };
    let mut expected = vec![on("GET", &SHOP.replace("=shop", "=app-7-")).json(200, &list(&[]))];
    expected.extend((1..=334).map(|number| on("GET", &target(number)).json(200, &page(&names(number), number, 334))));
    let (belt, api) = with(expected);
    insta::assert_snapshot!(run(&belt, &api, &["apps", "show", "-s", "app-7-"]).split("; say").next().unwrap(), @"
    --- stderr
    error: `app-7-` is more than one app
    hint: it could be: app-7-0 (production), app-7-1 (production), app-7-2 (production), app-7-3 (production), app-7-4 (production), app-7-5 (production), app-7-6 (production), app-7-7 (production), app-7-8 (production), app-7-9 (production), app-7-10 (production), app-7-11 (production), app-7-12 (production), app-7-13 (production), app-7-14 (production), app-7-15 (production), app-7-16 (production), app-7-17 (production), app-7-18 (production), app-7-19 (production), app-7-20 (production), app-7-21 (production), app-7-22 (production), app-7-23 (production), app-7-24 (production), app-7-25 (production), app-7-26 (production), app-7-27 (production), app-7-28 (production), app-7-29 (production)
    ");
    assert_eq!(api.came().len(), 335);
}

#[test]
fn a_filter_that_nobody_goes_by_is_not_asked_for_twice() {
    let stacks = [stack("shopping", "production"), stack("blog", "production")];
    let (belt, api) = with(vec![
        on("GET", SHOP).json(200, &list(&stacks)),
        services(&["web"]),
        on("GET", &of_shop(DEPLOYMENTS)).json(200, &list(&[])),
    ]);
    assert!(run(&belt, &api, &["apps", "show", "-s", "shop"]).contains("shopping (production)"));
}

#[test]
fn a_name_that_two_stacks_have_is_no_name() {
    let stacks = [stack("shop", "production"), stack("Shop", "staging"), stack("shopping", "staging")];
    let (belt, api) = with(vec![on("GET", SHOP).json(200, &list(&stacks)).for_ever()]);
    insta::assert_snapshot!(run(&belt, &api, &["apps", "show", "-s", "shop"]), @"
    --- stderr
    error: `shop` is more than one app
    hint: it could be: shop (production), Shop (staging); say which with its whole name and -e
    [exit 5]
    ");
    api.expect(vec![on("GET", &of_shop("/settings.json?page=1")).json(200, &list(&[]))]);
    belt.run(["settings", "list", "-s", "shop", "-e", "STAGING"]).expect(0);
}

#[test]
fn an_unknown_name_suggests_the_nearest() {
    let (belt, api) = with(vec![
        on("GET", &SHOP.replace("=shop", "=shpo")).json(200, &list(&[])),
        on("GET", ALL).json(200, &list(&[stack("shop", "staging")])),
    ]);
    insta::assert_snapshot!(run(&belt, &api, &["apps", "show", "-s", "shpo"]), @"
    --- stderr
    error: there is no app `shpo`
    hint: did you mean `shop`? `hookbelt apps list` shows all
    [exit 5]
    ");
}

#[test]
fn without_a_name_it_is_the_stack_of_the_repository_and_branch() {
    let filtered = "/api/3/stacks.json?page=1&filter_name=&filter_environment=&filter_git_repo=git%40github.com%3Aacme%2F\
                    shop.git&filter_git_branch=main";
    let of = |name: &str, git: &str, branch: &str| {
        let mut stack = stack(name, "staging");
        (stack["git"], stack["git_branch"]) = (json!(git), json!(branch));
        stack
    };
    let stacks = [
        of("other", "https://github.com/acme/other", "main"),
        of("next", "https://github.com/acme/shop", "next"),
        of("shop", "https://github.com/Acme/Shop", "main"),
    ];
    let settings = on("GET", &of_shop("/settings.json?page=1")).json(200, &list(&[]));
    // The API filters as it likes.
    let (belt, api) = with(vec![
        on("GET", filtered).json(200, &list(&[])),
        on("GET", ALL).json(200, &list(&stacks)),
        settings.clone(),
    ]);
    belt.repository(".");
    belt.git(".", &["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    belt.run(["settings", "list"]).expect(0);
    api.expect(vec![on("GET", filtered).json(200, &list(&stacks)), settings]);
    belt.run(["settings", "list"]).expect(0);
    let two = [stacks[2].clone(), of("shop-2", "ssh://git@github.com/acme/shop", "main")];
    api.expect(vec![on("GET", filtered).json(200, &list(&two))]);
    insta::assert_snapshot!(run(&belt, &api, &["apps", "show"]), @"
    --- stderr
    error: `git@github.com:acme/shop.git, branch main` is more than one app
    hint: it could be: shop (staging), shop-2 (staging); say which with its whole name and -e
    [exit 5]
    ");
}
