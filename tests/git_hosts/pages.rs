//! Lists of many pages, as each host pages them.

use serde_json::{Value, json};

use crate::git_hosts::{URL, belt, first_page, hook, hooks_of, run};
use crate::support::mock_api::{Expected, MockApi, on};

/// So many hooks to somewhere else, with ids from here on.
fn others(host: &str, from: u64, count: u64) -> Vec<Value> {
    (from..from + count).map(|id| hook(host, id, "https://ci.example.com")).collect()
}

/// The app's hook is behind all others: who does not read all pages makes a second one.
fn unchanged(host: &str, pages: impl FnOnce(&str) -> Vec<Expected>) {
    let api = MockApi::start(vec![]);
    api.expect(pages(&api.url));
    let outcome = run(&belt(), &api, &format!("add {host}")).expect(0);
    assert!(outcome.stdout.contains("unchanged webhook"), "{outcome}");
}

#[test]
fn github_names_its_next_page_in_a_header() {
    unchanged("github", |url| {
        let link = format!("link: <{url}/next?page=2>; rel=\"next\", <{url}/next?page=3>; rel=\"last\"\r\n");
        let last = format!("link: <{url}/next?page=1>; rel=\"prev\"\r\n");
        vec![
            on("GET", &first_page("github")).text(200, &link, &json!(others("github", 100, 100)).to_string()),
            on("GET", "/next?page=2").text(200, &last, &json!([hook("github", 12, URL)]).to_string()),
        ]
    });
}

#[test]
fn bitbucket_names_its_next_page_in_the_body() {
    unchanged("bitbucket", |url| {
        let first = json!({ "values": others("bitbucket", 100, 100), "pagelen": 100, "next": format!("{url}/next") });
        vec![
            on("GET", &first_page("bitbucket")).json(200, &first),
            on("GET", "/next").json(200, &json!({ "values": [hook("bitbucket", 12, URL)], "pagelen": 100 })),
        ]
    });
}

#[test]
fn gitlab_counts_its_pages_with_a_header_or_without_one() {
    let second = format!("{}?per_page=100&page=2", hooks_of("gitlab"));
    for header in ["x-next-page: 2\r\n", ""] {
        unchanged("gitlab", |_| {
            vec![
                on("GET", &first_page("gitlab")).text(200, header, &json!(others("gitlab", 100, 100)).to_string()),
                on("GET", &second).text(200, "x-next-page: \r\n", &json!([hook("gitlab", 12, URL)]).to_string()),
            ]
        });
    }
}

#[test]
fn gitea_says_how_many_there_are_whatever_size_its_pages_have() {
    let page = |number| format!("{}?limit=50&page={number}", hooks_of("gitea"));
    unchanged("gitea", |_| {
        let total = "x-total-count: 61\r\n";
        vec![
            on("GET", &first_page("gitea")).text(200, total, &json!(others("gitea", 100, 30)).to_string()),
            on("GET", &page(2)).text(200, total, &json!(others("gitea", 130, 30)).to_string()),
            on("GET", &page(3)).text(200, total, &json!([hook("gitea", 12, URL)]).to_string()),
        ]
    });
}

#[test]
fn a_list_without_an_end_is_given_up() {
    let api = MockApi::start(vec![]);
    let link = format!("link: <{}/next>; rel=\"next\"\r\n", api.url);
    let body = json!(others("github", 1, 1)).to_string();
    api.expect(vec![
        on("GET", &first_page("github")).text(200, &link, &body),
        on("GET", "/next").text(200, &link, &body).for_ever(),
    ]);
    let outcome = run(&belt(), &api, "list github").expect(6);
    assert!(outcome.stderr.contains("its list has no end"), "{outcome}");
}
