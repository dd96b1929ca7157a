//! Where tokens go: to their own host, and nowhere that a remote, a page or a redirect names.

use serde_json::json;

use crate::git_hosts::{URL, belt, first_page, hook, hooks_of, listed, run};
use crate::support::Belt;
use crate::support::mock_api::{MockApi, on};

/// A belt with a token of github.com, and a working folder whose Git remote is this.
fn in_clone(remote: &str) -> Belt {
    let mut belt = Belt::new();
    belt.set("GITHUB_TOKEN", "hunter2");
    belt.set("GITLAB_TOKEN", "hunter3");
    belt.set("GITEA_TOKEN", "hunter4");
    belt.write("hook.url", URL);
    belt.repository(".");
    belt.git(".", &["remote", "add", "origin", remote]);
    belt
}

#[test]
fn the_token_of_github_com_goes_to_its_api_alone() {
    let mut belt = in_clone("git@github.com:acme/shop.git");
    let proxy = MockApi::start(vec![on("CONNECT", "api.github.com:443").text(403, "", "").for_ever()]);
    belt.set("HTTPS_PROXY", &proxy.url);
    let outcome = belt.run(["hooks", "list"]).expect(6);
    assert!(outcome.stderr.contains("api.github.com:443"), "{outcome}");
    let api = MockApi::start(vec![]);
    let outcome = belt.run(["hooks", "list", "github", "--host-url", &api.url]).expect(4);
    assert!(outcome.stderr.contains("GH_ENTERPRISE_TOKEN"), "{outcome}");
}

#[test]
fn a_password_in_the_address_of_a_host_is_refused_and_not_repeated() {
    let belt = in_clone("git@github.com:acme/shop.git");
    let outcome = belt.run(["hooks", "list", "github", "--host-url", "http://ann:hunter5@127.0.0.1:1"]).expect(2);
    assert!(outcome.stderr.contains("it holds a user or a password"), "{outcome}");
    assert!(!outcome.stderr.contains("hunter5"), "{outcome}");
}

#[test]
fn a_host_that_only_a_remote_names_gets_no_token() {
    for (remote, flags) in [
        ("https://127.0.0.1:1/acme/shop.git", vec![]),
        ("https://127.0.0.1:1/acme/shop.git", vec!["gitlab"]),
        ("https://codeberg.org/acme/shop.git", vec![]),
        ("https://codeberg.org/acme/shop.git", vec!["gitea"]),
        ("https://gitlab.example.com/acme/shop.git", vec!["gitlab"]),
        ("https://github.com.example.com/acme/shop.git", vec![]),
    ] {
        let belt = in_clone(remote);
        let outcome = belt.run([vec!["hooks", "list"], flags].concat()).expect(2);
        assert!(outcome.stderr.contains("--host-url"), "{outcome}");
    }
}

#[test]
fn a_host_that_is_said_to_be_one_gets_its_token() {
    let api = MockApi::start(vec![listed("gitea", &[]).for_ever()]);
    let belt = in_clone("ssh://git@127.0.0.1:2222/acme/shop.git");
    belt.run(["hooks", "list", "gitea", "--host-url", &api.url]).expect(0);
    belt.write("gitea.token", "hunter5\n");
    // Beside the config file relative paths begin.
    let token = belt.work().join("gitea.token").display().to_string();
    belt.config(&format!(
        "[git_hosts.\"127.0.0.1\"]\nkind = \"gitea\"\nurl = {:?}\ntoken = {{ file = {token:?} }}\n",
        api.url
    ));
    belt.run(["hooks", "list"]).expect(0);
    let tokens: Vec<_> = api.came().iter().map(|came| came.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(tokens, ["token hunter4", "token hunter5"]);
}

#[test]
fn a_manifest_cannot_send_the_token_of_github_com_elsewhere() {
    let api = MockApi::start(vec![]);
    let belt = in_clone("http://127.0.0.1/acme/shop.git");
    belt.config(&format!(
        "[git_hosts.\"127.0.0.1\"]\nkind = \"github\"\nurl = {:?}\ntoken = {{ env = \"GITHUB_TOKEN\" }}\n",
        api.url
    ));
    let outcome = belt.run(["hooks", "list"]).expect(4);
    assert!(outcome.stderr.contains("GITHUB_TOKEN is a token for github.com, and goes nowhere else"), "{outcome}");
}

#[test]
fn a_host_that_only_a_manifest_names_gets_the_token_that_the_manifest_names_or_none() {
    let api = MockApi::start(vec![listed("gitea", &[]).for_ever()]);
    let belt = in_clone("http://127.0.0.1/acme/shop.git");
    belt.write("token", "hunter5");
    let manifest = format!(
        "app = \"shop\"\n[services.web]\ncheckout = false\ngit = \"http://127.0.0.1/acme/shop.git\"\ndeploy = \"true\"\n\
         [git_hosts.\"127.0.0.1\"]\nkind = \"gitea\"\nurl = {:?}\n",
        api.url
    );
    belt.write("hookbelt.toml", &manifest);
    let outcome = belt.run(["hooks", "list"]).expect(4);
    assert!(outcome.stderr.contains("gets none of a variable, without --host-url"), "{outcome}");
    belt.run(["hooks", "list", "--host-url", &api.url]).expect(0);
    belt.write("hookbelt.toml", format!("{manifest}token = {{ file = \"token\" }}\n"));
    belt.run(["hooks", "list"]).expect(0);
    let tokens: Vec<_> = api.came().iter().map(|came| came.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(tokens, ["token hunter4", "token hunter5"]);
}

#[test]
fn neither_a_redirect_nor_a_next_page_leads_a_token_elsewhere() {
    let elsewhere = MockApi::start(vec![]);
    let to = format!("location: {}/repositories/1/hooks\r\n", elsewhere.url);
    let api = MockApi::start(vec![on("GET", &first_page("github")).text(301, &to, "{}")]);
    let outcome = run(&belt(), &api, "list github").expect(6);
    assert!(outcome.stderr.contains("has moved") && outcome.stderr.contains("--repo"), "{outcome}");
    let link = format!("link: <{}/next>; rel=\"next\"\r\n", elsewhere.url);
    let hooks = json!([hook("github", 12, URL)]).to_string();
    let api = MockApi::start(vec![on("GET", &first_page("github")).text(200, &link, &hooks)]);
    let outcome = run(&belt(), &api, "list github").expect(6);
    assert!(outcome.stderr.contains("it leads to another host"), "{outcome}");
    assert!(elsewhere.came().is_empty());
}

#[test]
fn no_token_is_shown_and_none_is_said_to_be_missing_where_there_is_one() {
    let belt = belt();
    for (host, _) in crate::git_hosts::HOOKS {
        let api = MockApi::start(vec![listed(host, &[hook(host, 12, URL)])]);
        let outcome = run(&belt, &api, &format!("list {host} -vv")).expect(0);
        let said = outcome.to_string();
        assert!(said.contains("authorization:") && said.contains("***"), "{said}");
        for secret in ["hunter2", "aaaa", "bbbb", "YW5uQGV4"] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
    }
    let bare = Belt::new();
    bare.write("hook.url", URL);
    for (host, variable) in [
        ("github", "GH_ENTERPRISE_TOKEN"),
        ("bitbucket", "BITBUCKET_EMAIL"),
        ("gitlab", "GITLAB_TOKEN"),
        ("gitea", "GITEA_TOKEN"),
        ("forgejo", "FORGEJO_TOKEN"),
    ] {
        let api = MockApi::start(vec![]);
        let outcome = run(&bare, &api, &format!("list {host}")).expect(4);
        assert!(outcome.stderr.contains(variable), "{outcome}");
    }
    assert_eq!(hooks_of("github"), "/api/v3/repos/acme/shop/hooks");
}

#[test]
fn a_token_of_bitbucket_without_a_user_is_an_access_token() {
    let mut belt = Belt::new();
    belt.set("BITBUCKET_API_TOKEN", "hunter2");
    belt.write("hook.url", URL);
    let api = MockApi::start(vec![listed("bitbucket", &[])]);
    run(&belt, &api, "list bitbucket").expect(0);
    assert_eq!(api.came()[0].header("authorization"), Some("Bearer hunter2"));
}

#[test]
fn a_token_that_could_not_stand_in_a_header_is_refused() {
    let mut belt = belt();
    belt.set("GH_ENTERPRISE_TOKEN", "two words");
    let outcome = run(&belt, &MockApi::start(vec![]), "list github").expect(4);
    assert!(outcome.stderr.contains("GH_ENTERPRISE_TOKEN holds no token"), "{outcome}");
}

#[test]
fn tables_of_hosts_are_checked_where_they_are_written() {
    let belt = belt();
    for (table, text) in [
        ("[git_hosts.\"git.example.com\"]\n", "it is not said what git.example.com is"),
        ("[git_hosts.\"git.example.com\"]\nkind = \"svn\"\n", "is no kind of Git host"),
        ("[git_hosts.\"https://git.example.com\"]\nkind = \"gitea\"\n", "is no name of a Git host"),
        ("[git_hosts.\"github.com\"]\nurl = \"ftp://h\"\n", "this is no address of a Git host"),
        ("[git_hosts.\"github.com\"]\ntoken = \"hunter2\"\n", "expected"),
        ("[git_hosts.\"github.com\"]\ntokn = { env = \"X\" }\n", "did you mean `token`?"),
    ] {
        belt.config(table);
        let outcome = belt.run(["hooks", "list", "--url-file", "hook.url"]).expect(2);
        assert!(outcome.stderr.contains(text) && !outcome.stderr.contains("hunter2"), "{outcome}");
    }
}
