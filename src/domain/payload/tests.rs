//! What each host's bodies mean, as tables; then that nothing breaks the readers.

mod damaged;
mod detection;
mod forms;

use std::fs;

use super::*;
use crate::domain::git_ref::short;

/// Each fixture, the header that goes with it, and what it means.
const FIXTURES: &str = "\
github-push | X-GitHub-Event: push | octocat: main 6113728..0d1a26e
github-forced | X-GitHub-Event: push | octocat: release/2.0 6113728..0d1a26e forced
github-branch-created | X-GitHub-Event: push | octocat: feature/cart none..0d1a26e
github-branch-deleted | X-GitHub-Event: push | octocat: feature/cart deleted
github-tag | X-GitHub-Event: push | octocat: tag v1.2
github-ping | X-GitHub-Event: ping | ignored: a ping: the hook works, and waits for a push
github-deployment | X-GitHub-Event: deployment | octocat: deployment 145988746 of main at 0d1a26e: deploy to production
gitlab-push | X-Gitlab-Event: Push Hook | ann: main 6113728..0d1a26e
gitlab-branch-created | X-Gitlab-Event: Push Hook | ann: feature/cart none..0d1a26e
gitlab-branch-deleted | X-Gitlab-Event: Push Hook | ann: feature/cart deleted
gitlab-tag | X-Gitlab-Event: Tag Push Hook | ann: tag v1.2
bitbucket-push | X-Event-Key: repo:push | ann: main 6113728..0d1a26e, release/2.0 9f2c1b7..6113728 forced, feature/cart none..0d1a26e, old deleted, tag v1.2, tag v0.1
bitbucket-server-push | X-Event-Key: repo:refs_changed, X-Request-Id: 1 | ann: main 6113728..0d1a26e, old deleted, tag v1.2
bitbucket-post | Content-Type: application/json | ann: main none..0d1a26e, feature/cart none..9f2c1b7
gitea-push | X-Gitea-Event: push | ann: main 6113728..0d1a26e
gitea-tag-deleted | X-Gitea-Event: push | ann: tag v1.2
gitea-branch-deleted | X-Gitea-Event: delete | ignored: a branch or tag was deleted, which deploys nothing
forgejo-push | X-Forgejo-Event: push | ann: release/2.0 6113728..0d1a26e
azure-push | Content-Type: application/json | Ann Example: main 6113728..0d1a26e, old deleted";

fn fixtures() -> impl Iterator<Item = [&'static str; 3]> {
    FIXTURES.lines().map(|line| line.split(" | ").collect::<Vec<_>>().try_into().unwrap())
}

fn body_of(fixture: &str) -> String {
    let path = format!("{}/tests/fixtures/payloads/{fixture}.json", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `Name: value, Name: value`.
fn headers(text: &str) -> Vec<(&str, &str)> {
    text.split(", ").filter_map(|header| header.split_once(": ")).collect()
}

fn read(header_lines: &str, body: impl AsRef<[u8]>) -> Result<Payload, Unreadable> {
    Payload::read(&Received { headers: &headers(header_lines), query: "", body: body.as_ref() })
}

fn changed(change: &Change) -> String {
    let sha = |sha: &Option<String>| sha.as_deref().map_or("none", short).to_owned();
    match change {
        Change::Pushed(NewHead { branch, before, after, forced }) => {
            format!("{branch} {}..{}{}", sha(before), sha(after), if *forced { " forced" } else { "" })
        }
        Change::Deleted { branch } => format!("{branch} deleted"),
        Change::Tag { tag } => format!("tag {tag}"),
    }
}

/// Who, and what.
fn shown(payload: &Payload) -> String {
    let user = payload.user.as_deref().unwrap_or("nobody");
    match &payload.meaning {
        Meaning::Ignored(reason) => format!("ignored: {reason}"),
        Meaning::NoGitInformation => "no Git information".to_owned(),
        Meaning::Git(git) if git.changes.is_empty() => {
            format!("{user}: no branch, {}", git.head.as_deref().map_or("none", short))
        }
        Meaning::Git(git) => format!("{user}: {}", git.changes.iter().map(changed).collect::<Vec<_>>().join(", ")),
        Meaning::GithubDeployment(deployment) => {
            let GithubDeployment { id, reference, sha, task, environment, .. } = deployment;
            format!("{user}: deployment {id} of {reference} at {}: {task} to {environment}", short(sha))
        }
    }
}

fn meaning(header_lines: &str, body: impl AsRef<[u8]>) -> String {
    read(header_lines, body).map_or_else(|error| error.to_string(), |payload| shown(&payload))
}

#[test]
fn each_fixture_means_what_its_host_meant() {
    for [fixture, headers, expected] in fixtures() {
        assert_eq!(meaning(headers, body_of(fixture)), expected, "{fixture}");
    }
    let folder = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/payloads")).unwrap();
    assert_eq!(folder.count(), fixtures().count(), "a fixture is not in the table");
}

/// A fixture, some of the URLs in it, and its `full_name` and default branch.
type Named = (&'static str, &'static [&'static str], [Option<&'static str>; 2]);

#[test]
fn each_fixture_names_its_repository_and_its_branches_as_the_plan_needs_them() {
    let github: &[&str] =
        &["https://github.com/acme/shop.git", "git@github.com:acme/shop.git", "git://github.com/acme/shop.git"];
    let gitlab: &[&str] = &["https://gitlab.example.com/acme/web/shop.git", "git@gitlab.example.com:acme/web/shop.git"];
    let cases: [Named; 8] = [
        ("github-push", github, [Some("acme/shop"), Some("main")]),
        ("gitlab-push", gitlab, [Some("acme/web/shop"), Some("main")]),
        ("bitbucket-push", &["https://bitbucket.org/acme/shop"], [Some("acme/shop"), None]),
        ("bitbucket-server-push", &["ssh://git@bb.example.com:7999/acme/shop.git"], [None, None]),
        ("bitbucket-post", &["https://bitbucket.org/acme/shop"], [Some("acme/shop"), None]),
        ("gitea-push", &["https://git.example.com/acme/shop.git"], [Some("acme/shop"), Some("main")]),
        ("forgejo-push", &["ssh://git@codeberg.example.org:2222/acme/shop.git"], [Some("acme/shop"), Some("main")]),
        ("azure-push", &["https://acme@dev.azure.com/acme/web/_git/shop"], [None, None]),
    ];
    for (name, urls, full_name_and_default_branch) in cases {
        let [_, headers, _] = fixtures().find(|[fixture, ..]| *fixture == name).unwrap();
        let Meaning::Git(git) = read(headers, body_of(name)).unwrap().meaning else { panic!("{name}") };
        for url in urls {
            assert!(git.repositories.iter().any(|other| other == url), "{name}: {url} in {:?}", git.repositories);
        }
        assert_eq!([git.full_name.as_deref(), git.default_branch.as_deref()], full_name_and_default_branch, "{name}");
        // The upstream that a Gitea repository was copied from is another one.
        assert!(!git.repositories.iter().any(|url| url.contains("elsewhere")), "{name}");
    }
}

#[test]
fn a_deployment_is_for_one_environment_and_carries_what_its_creator_added() {
    let payload = read("X-GitHub-Event: deployment", body_of("github-deployment")).unwrap();
    let Meaning::GithubDeployment(deployment) = payload.meaning else { panic!() };
    let added = serde_json::json!({"app": "shop", "services": ["web"], "ref": null, "nonce": "6f1c"});
    assert_eq!(deployment.payload, added);
    assert_eq!(deployment.why_not_for(&"production".parse().unwrap()), None);
    let staging = deployment.why_not_for(&"staging".parse().unwrap());
    assert_eq!(staging.as_deref(), Some("the deployment at GitHub is for the environment \"production\""));
    assert_eq!(deployment.git().changes.iter().map(changed).collect::<Vec<_>>(), ["main none..0d1a26e forced"]);
    let other = GithubDeployment { task: "deploy:migrations".to_owned(), ..deployment };
    assert!(other.why_not_for(&"production".parse().unwrap()).unwrap().contains("task"));
}

/// A fixture, a field in it, the value that it gets, and what is meant then.
const VARIATIONS: &str = r#"
github-push | /after | "not a sha" | octocat: main 6113728..0d1a26e
github-push | /head_commit | null | octocat: main 6113728..0d1a26e
github-push | /before | "abc" | octocat: main none..0d1a26e
github-push | /deleted | "yes" | octocat: main 6113728..0d1a26e
github-push | /commits | [] | octocat: main 6113728..0d1a26e
github-push | /ref | "refs/heads/refs/heads/main" | octocat: refs/heads/main 6113728..0d1a26e
github-push | /ref | "refs/notes/commits" | ignored: the push was to refs/notes/commits, which is neither a branch nor a tag
github-push | /ref | "refs/heads/" | ignored: the push was to refs/heads/, which is neither a branch nor a tag
github-push | /ref | "main" | this is no payload of GitHub: the field `ref` is not a ref beginning with `refs/`
github-push | /ref | 7 | this is no payload of GitHub: the field `ref` is not a text
github-push | /repository | [] | this is no payload of GitHub: the field `repository` is not an object
github-push | /repository | {} | this is no payload of GitHub: the field `repository.clone_url` is missing
github-push | /pusher | {"name": "a\nb\u0000c  "} | abc: main 6113728..0d1a26e
github-push | /pusher | [] | octocat: main 6113728..0d1a26e
github-branch-deleted | /deleted | null | octocat: feature/cart deleted
github-branch-deleted | /after | "0000000000000000000000000000000000000000000000000000000000000000" | octocat: feature/cart deleted
github-deployment | /deployment/sha | "main" | this is no payload of GitHub: the field `deployment.sha` is not a commit's full sha
github-deployment | /deployment/payload | "{}" | octocat: deployment 145988746 of main at 0d1a26e: deploy to production
github-deployment | /action | "deleted" | ignored: a deployment that was deleted, not created, deploys nothing
gitlab-push | /checkout_sha | null | ann: main 6113728..0d1a26e
gitlab-push | /checkout_sha | "9F2C1B7D4E8A3F6051C2D7E9B8A4F3061D5C2E7B" | ann: main 6113728..9f2c1b7
gitlab-push | /checkout_sha | 5 | this is no payload of GitLab: the field `checkout_sha` is not a text
gitlab-push | /project | null | ann: main 6113728..0d1a26e
gitlab-push | /user_username | null | Ann Example: main 6113728..0d1a26e
bitbucket-push | /push/changes | [] | ignored: the push holds no change to a branch or a tag
bitbucket-push | /push/changes | {} | this is no payload of Bitbucket: the field `push.changes` is not a list
bitbucket-push | /push/changes/0 | 1 | this is no payload of Bitbucket: the field `push.changes[0]` is not an object
bitbucket-push | /push/changes/1/new/target/hash | null | this is no payload of Bitbucket: the field `push.changes[1].new.target.hash` is not a text
bitbucket-push | /push/changes/3/old | null | this is no payload of Bitbucket: the field `push.changes[3].new` is missing
bitbucket-push | /push/changes | [{"new": {"type": "bookmark", "name": "x"}}] | ignored: the push holds no change to a branch or a tag
bitbucket-post | /commits | [] | ignored: the push holds no commits: a branch was made or deleted, and the payload does not say which
bitbucket-post | /canon_url | "" | ann: main none..0d1a26e, feature/cart none..9f2c1b7
bitbucket-post | /commits/1/branch | null | ann: feature/cart none..9f2c1b7
bitbucket-post | /commits/2/branch | "main" | ann: main none..9f2c1b7
bitbucket-post | /commits | [{"branch": null, "raw_node": "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c"}] | ann: no branch, 0d1a26e
bitbucket-post | /repository | null | this is no payload of Bitbucket's POST service: the field `repository` is not an object
gitea-push | /before | "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c" | ann: main 0d1a26e..0d1a26e
gitea-push | /commits | [] | ann: main 6113728..0d1a26e forced
gitlab-push | /commits | [] | ann: main 6113728..0d1a26e forced
gitea-push | /head_commit | null | ann: main 6113728..0d1a26e
gitea-push | /after | null | this is no payload of Gitea: the field `after` is not a text
azure-push | /eventType | "build.complete" | no Git information
azure-push | /resource/refUpdates | [] | ignored: the push holds no change to a branch or a tag"#;

#[test]
fn a_changed_field_changes_the_meaning_or_makes_it_unreadable() {
    for line in VARIATIONS.lines().skip(1) {
        let [name, pointer, value, expected] = line.split(" | ").collect::<Vec<_>>().try_into().unwrap();
        let [_, headers, _] = fixtures().find(|[fixture, ..]| *fixture == name).unwrap();
        let mut body: Value = serde_json::from_str(&body_of(name)).unwrap();
        *body.pointer_mut(pointer).unwrap_or_else(|| panic!("{line}")) = serde_json::from_str(value).unwrap();
        assert_eq!(meaning(headers, body.to_string()), expected, "{line}");
    }
}

#[test]
fn a_push_without_commits_that_moves_nothing_is_ignored() {
    let sha = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";
    let hosts = [
        ("github-push", "X-GitHub-Event: push"),
        ("gitea-push", "X-Gitea-Event: push"),
        ("gitlab-push", "X-Gitlab-Event: Push Hook"),
    ];
    for (fixture, headers) in hosts {
        let mut body: Value = serde_json::from_str(&body_of(fixture)).unwrap();
        body["before"] = sha.into();
        assert!(!meaning(headers, body.to_string()).starts_with("ignored"), "{fixture}");
        body["commits"] = Vec::<Value>::new().into();
        assert_eq!(meaning(headers, body.to_string()), "ignored: the push changed nothing", "{fixture}");
    }
}

#[test]
fn other_events_are_ignored_whatever_their_body() {
    let cases = [
        ("X-GitHub-Event: issues", "GitHub's event `issues` is neither a push nor a deployment"),
        ("X-GitHub-Event: deployment_status", "GitHub's event `deployment_status` is neither a push nor a deployment"),
        ("X-GitHub-Event: create", "GitHub's event `create` is neither a push nor a deployment"),
        ("X-GitHub-Event: delete", "GitHub's event `delete` is neither a push nor a deployment"),
        ("X-GitHub-Event:  ", "GitHub's event `` is neither a push nor a deployment"),
        ("X-Gitlab-Event: Pipeline Hook", "GitLab's event `Pipeline Hook` is no push"),
        ("X-Gitlab-Event: Push", "GitLab's event `Push` is no push"),
        ("X-Event-Key: pullrequest:created", "Bitbucket's event `pullrequest:created` is no push"),
        ("X-Event-Key: repo:refs_changed", "Bitbucket's event `repo:refs_changed` is no push"),
        ("X-Event-Key: diagnostics:ping, X-Request-Id: 1", "a test: the hook works, and waits for a push"),
        ("X-Gitea-Event: create", "Gitea's event `create` is no push"),
        ("X-Forgejo-Event: delete", "a branch or tag was deleted, which deploys nothing"),
    ];
    for (headers, reason) in cases {
        for body in ["", "{}", "nonsense \u{0}"] {
            assert_eq!(meaning(headers, body), format!("ignored: {reason}"), "{headers} {body:?}");
        }
    }
}
