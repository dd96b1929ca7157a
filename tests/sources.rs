//! Where code comes from: real repositories through the real `git`, with every guard.

use std::fs;

use crate::support::{Belt, Outcome};

const MANIFEST: &str = "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\n[services.web]\ndeploy = \"cat page.html; echo; git log -1 --format=%H\"\n";

fn belt() -> Belt {
    Belt::with_manifest(MANIFEST)
}

fn printed(outcome: &Outcome) -> Vec<&str> {
    outcome
        .stdout
        .lines()
        .filter_map(|line| line.split_once("]: ").filter(|(before, _)| before.contains("shop[")).map(|(_, text)| text))
        .collect()
}

#[test]
fn without_a_branch_it_is_the_remotes_head() {
    let belt = belt();
    belt.repository("repo");
    belt.git("repo", &["checkout", "--quiet", "-b", "other"]);
    let sha = belt.commit("repo", "page.html", "other");
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0)), ["other", &sha]);
    belt.git("repo", &["checkout", "--quiet", "main"]);
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0))[0], "one");
}

#[test]
fn a_detached_head_and_a_worktree_are_sources_too() {
    let belt = belt();
    let first = belt.repository("repo");
    belt.commit("repo", "page.html", "two");
    belt.git("repo", &["checkout", "--quiet", "--detach", &first]);
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0)), ["one", &first]);
    belt.git("repo", &["worktree", "add", "--quiet", "../tree", "main"]);
    belt.write("hookbelt.toml", MANIFEST.replace("\"repo\"", "\"tree\""));
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0))[0], "two");
}

#[test]
fn a_shallow_clone_is_a_source_too() {
    let belt = belt();
    belt.repository("origin");
    let sha = belt.commit("origin", "page.html", "two");
    let url = format!("file://{}", belt.work().join("origin").display());
    belt.git(".", &["clone", "--quiet", "--depth", "1", &url, "repo"]);
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0)), ["two", &sha]);
}

#[test]
fn an_empty_repository_says_that_it_has_no_head() {
    let belt = belt();
    fs::create_dir(belt.work().join("repo")).unwrap();
    belt.git("repo", &["init", "--quiet"]);
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(outcome.stderr.contains("couldn't find remote ref HEAD"), "{outcome}");
}

#[test]
fn a_branch_is_found_where_the_remotes_head_names_none() {
    let belt = Belt::with_manifest(&MANIFEST.replace("[services", "branch = \"side/way\"\n[services"));
    let sha = belt.repository("repo");
    belt.git("repo", &["branch", "side/way"]);
    belt.git("repo", &["symbolic-ref", "HEAD", "refs/heads/unborn"]);
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0)), ["one", &sha]);
}

#[test]
fn refs_are_found_as_branches_tags_full_names_and_shas() {
    let belt = belt();
    let first = belt.repository("repo");
    belt.git("repo", &["tag", "--annotate", "v1", "--message", "first"]);
    let second = belt.commit("repo", "page.html", "two");
    let cases = [
        ("main", &second),
        ("refs/heads/main", &second),
        ("v1", &first),
        ("refs/tags/v1", &first),
        (&first[..7], &first),
        (&first, &first),
        ("HEAD", &second),
    ];
    for (reference, sha) in cases {
        let outcome = belt.run(["redeploy", "--git-ref", reference]).expect(0);
        assert_eq!(printed(&outcome)[1], sha, "{reference}");
    }
}

#[test]
fn a_name_that_is_a_branch_and_a_tag_is_not_guessed_at() {
    let belt = belt();
    belt.repository("repo");
    belt.git("repo", &["tag", "twin"]);
    belt.commit("repo", "page.html", "two");
    belt.git("repo", &["branch", "twin"]);
    let outcome = belt.run(["redeploy", "--git-ref", "twin"]).expect(1);
    assert!(outcome.stderr.contains("`twin` is more than one of a branch, a tag and a commit"), "{outcome}");
    assert_eq!(printed(&belt.run(["redeploy", "--git-ref", "refs/tags/twin"]).expect(0))[0], "one");
}

#[test]
fn a_moved_branch_a_moved_tag_and_a_forced_push_are_followed() {
    let belt = belt();
    let first = belt.repository("repo");
    belt.git("repo", &["tag", "live"]);
    belt.commit("repo", "page.html", "two");
    belt.run(["redeploy", "--git-ref", "live"]).expect(0);
    belt.git("repo", &["tag", "--force", "live"]);
    assert_eq!(printed(&belt.run(["redeploy", "--git-ref", "live"]).expect(0))[0], "two");
    belt.git("repo", &["reset", "--quiet", "--hard", &first]);
    let rewritten = belt.commit("repo", "page.html", "rewritten");
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0)), ["rewritten", &rewritten]);
}

#[test]
fn a_branch_that_gives_way_to_a_folder_of_branches_is_followed() {
    let belt = belt();
    belt.repository("repo");
    belt.git("repo", &["branch", "feature"]);
    belt.run(["redeploy", "--git-ref", "feature"]).expect(0);
    belt.git("repo", &["branch", "--delete", "feature"]);
    belt.git("repo", &["branch", "feature/one"]);
    belt.run(["redeploy", "--git-ref", "feature/one"]).expect(0);
    belt.run(["redeploy", "--git-ref", "feature"]).expect(1);
}

#[test]
fn two_services_of_one_repository_fetch_it_once() {
    let belt = Belt::with_manifest(&format!("{MANIFEST}[services.worker]\ndeploy = \"true\"\n"));
    belt.repository("repo");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert_eq!(outcome.stdout.matches(": fetching ").count(), 1, "{outcome}");
}

#[test]
fn a_checkout_is_fresh_and_those_of_the_last_three_releases_stay() {
    let belt = Belt::with_manifest(&MANIFEST.replace("cat page.html", "test ! -e left && touch left && cat page.html"));
    belt.repository("repo");
    for _ in 0..5 {
        belt.run(["redeploy"]).expect(0);
    }
    let entries = fs::read_dir(belt.store_files().join("checkouts")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let releases: Vec<&str> = names.iter().map(|name| name.split_once('-').unwrap().1).collect();
    assert_eq!(releases, ["v3.1-web", "v4.1-web", "v5.1-web"]);
}

#[test]
fn hooks_of_the_user_and_of_templates_are_not_run() {
    let belt = belt();
    belt.repository("repo");
    let hooks = belt.path().join("hooks");
    fs::create_dir(&hooks).unwrap();
    for name in ["post-checkout", "reference-transaction", "post-merge"] {
        let hook = hooks.join(name);
        fs::write(&hook, format!("#!/bin/sh\ntouch '{}'\n", belt.work().join("hook-ran").display())).unwrap();
        fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    fs::write(
        belt.home().join(".gitconfig"),
        format!("[core]\nhooksPath = {0}\n[init]\ntemplateDir = {0}\n", hooks.display()),
    )
    .unwrap();
    belt.run(["redeploy"]).expect(0);
    assert!(!belt.work().join("hook-ran").exists());
}

#[test]
fn a_git_folder_in_the_environment_is_not_taken_for_the_source() {
    let mut belt = belt();
    let sha = belt.repository("repo");
    belt.repository("decoy");
    belt.set("GIT_DIR", belt.work().join("decoy/.git").to_str().unwrap());
    belt.set("GIT_INDEX_FILE", belt.work().join("decoy/.git/index").to_str().unwrap());
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0)), ["one", &sha]);
}

#[test]
fn submodules_come_only_when_asked_for() {
    let belt = Belt::with_manifest(&MANIFEST.replace("cat page.html", "cat lib/page.html || echo no lib"));
    belt.repository("lib");
    belt.repository("repo");
    let lib = belt.work().join("lib");
    belt.git("repo", &["submodule", "--quiet", "add", lib.to_str().unwrap(), "lib"]);
    belt.git("repo", &["commit", "--quiet", "--message", "lib"]);
    assert!(printed(&belt.run(["redeploy"]).expect(0)).contains(&"no lib"));
    belt.write("hookbelt.toml", belt.read("hookbelt.toml").replace("deploy =", "submodules = true\ndeploy ="));
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0))[0], "one");
}

#[test]
fn remote_helpers_and_local_urls_that_the_manifest_does_not_name_are_not_spoken() {
    let belt = belt();
    belt.write("hookbelt.toml", MANIFEST.replace("\"repo\"", "\"ext::sh -c 'touch ran'\""));
    let outcome = belt.run(["redeploy"]).expect(2);
    assert!(outcome.stderr.contains("hookbelt.toml:4:7: "), "{outcome}");
    belt.write("hookbelt.toml", MANIFEST.replace("\"repo\"", "\"ftp://127.0.0.1:1/x.git\""));
    let outcome = belt.run(["redeploy"]).expect(2);
    assert!(outcome.stderr.contains("its protocol is none of https, ssh, http, git and file"), "{outcome}");
    assert!(!belt.work().join("ran").exists());
}

#[test]
fn a_source_that_redirects_to_a_local_path_is_not_followed() {
    let belt = belt();
    belt.repository("repo");
    let elsewhere = format!("[url \"{}/\"]\ninsteadOf = https://example.invalid/\n", belt.work().display());
    fs::write(belt.home().join(".gitconfig"), elsewhere).unwrap();
    belt.write("hookbelt.toml", MANIFEST.replace("\"repo\"", "\"https://example.invalid/repo\""));
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(outcome.stderr.contains("transport 'file' not allowed"), "{outcome}");
}

#[test]
fn a_lock_that_an_ended_git_left_in_the_mirror_does_not_stay_in_the_way() {
    let belt = belt();
    belt.repository("repo");
    belt.run(["redeploy"]).expect(0);
    let mirror = mirror(&belt);
    for lock in ["refs/heads/main.lock", "packed-refs.lock", "shallow.lock", "config.lock"] {
        fs::write(mirror.join(lock), "").unwrap();
    }
    belt.commit("repo", "page.html", "two");
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0))[0], "two");
}

#[test]
fn a_damaged_mirror_is_made_anew() {
    let belt = belt();
    belt.repository("repo");
    belt.run(["redeploy"]).expect(0);
    fs::remove_dir_all(mirror(&belt).join("objects")).unwrap();
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0))[0], "one");
}

#[test]
fn a_mirror_that_lost_one_object_is_made_anew() {
    let belt = belt();
    belt.repository("repo");
    belt.run(["redeploy"]).expect(0);
    let blob = belt.git("repo", &["rev-parse", "HEAD:page.html"]);
    fs::remove_file(mirror(&belt).join("objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0))[0], "one");
}

#[test]
fn a_fetch_that_fails_for_another_reason_leaves_the_mirror_and_its_checkouts() {
    let belt = belt();
    belt.repository("repo");
    belt.run(["redeploy"]).expect(0);
    belt.git("repo", &["symbolic-ref", "HEAD", "refs/heads/unborn"]);
    belt.run(["redeploy"]).expect(1);
    assert!(mirror(&belt).join("worktrees").exists(), "the mirror was made anew");
}

fn mirror(belt: &Belt) -> std::path::PathBuf {
    let mut entries = fs::read_dir(belt.store_files().join("mirrors")).unwrap().map(|entry| entry.unwrap().path());
    entries.find(|path| path.extension().is_some_and(|extension| extension == "git")).unwrap()
}

#[test]
fn a_repository_of_sha256_objects_is_a_source_too() {
    let belt = belt();
    fs::create_dir(belt.work().join("repo")).unwrap();
    belt.git("repo", &["init", "--quiet", "--object-format=sha256"]);
    let sha = belt.commit("repo", "page.html", "one");
    assert_eq!(sha.len(), 64);
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0)), ["one", &sha]);
}

#[test]
fn a_whole_sha_is_the_commit_whatever_a_branch_is_called() {
    let belt = belt();
    let first = belt.repository("repo");
    let second = belt.commit("repo", "page.html", "two");
    belt.git("repo", &["update-ref", &format!("refs/heads/{first}"), &second]);
    belt.git("repo", &["update-ref", &format!("refs/heads/{}", &first[..7]), &second]);
    assert_eq!(printed(&belt.run(["redeploy", "--git-ref", &first]).expect(0))[0], "one");
    let outcome = belt.run(["redeploy", "--git-ref", &first[..7]]).expect(1);
    assert!(outcome.stderr.contains("is more than one of a branch, a tag and a commit"), "{outcome}");
}

#[test]
fn submodules_with_relative_urls_are_found_beside_the_source() {
    let belt = Belt::with_manifest(
        &MANIFEST.replace("cat page.html", "cat lib/page.html").replace("deploy =", "submodules = true\ndeploy ="),
    );
    belt.repository("lib");
    belt.repository("repo");
    belt.git("repo", &["submodule", "--quiet", "add", "../lib", "lib"]);
    belt.git("repo", &["commit", "--quiet", "--message", "lib"]);
    assert_eq!(printed(&belt.run(["redeploy"]).expect(0))[0], "one");
}

#[test]
fn what_a_command_configures_in_its_checkout_does_not_last() {
    let belt = Belt::with_manifest(
        &MANIFEST.replace("cat page.html", "git config --get shop.mark; git config shop.mark left"),
    );
    belt.repository("repo");
    belt.run(["redeploy"]).expect(0);
    let outcome = belt.run(["redeploy"]).expect(0);
    assert!(!printed(&outcome).contains(&"left"), "{outcome}");
}

#[test]
fn a_password_in_a_source_reaches_the_host_and_no_command_line() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let answers = ["401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"", "404 Not Found"];
        let mut seen = (String::new(), Vec::new());
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let count = std::io::Read::read(&mut stream, &mut buffer).unwrap();
            seen.0 = String::from_utf8_lossy(&buffer[..count]).into_owned();
            seen.1.extend(
                command_lines().into_iter().filter(|line| line.contains("hun@ter2") || line.contains("hun%40ter2")),
            );
            let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            std::io::Write::write_all(&mut stream, answer.as_bytes()).unwrap();
        }
        seen
    });
    let belt = Belt::with_manifest(
        &MANIFEST.replace("\"repo\"", &format!("\"http://b%20b:hun@ter2@127.0.0.1:{port}/a/b.git\"")),
    );
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(!outcome.to_string().contains("ter2"), "{outcome}");
    let (request, shown) = server.join().unwrap();
    assert!(request.contains("Authorization: Basic YiBiOmh1bkB0ZXIy"), "{request}");
    assert_eq!(shown, [""; 0]);
}

fn command_lines() -> Vec<String> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| fs::read_to_string(entry.path().join("cmdline")).ok()).collect()
}

#[test]
fn a_fetch_may_take_longer_than_a_lease_that_is_renewed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (go, may_answer) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Once the sender has gone, every later request is answered at once.
            let _ = may_answer.recv();
            let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = std::io::Write::write_all(&mut stream.unwrap(), answer);
        }
    });
    let belt = Belt::with_manifest(&MANIFEST.replace("\"repo\"", &format!("\"http://127.0.0.1:{port}/a/b.git\"")));
    belt.limits("lease = \"800ms\"\nheartbeat = \"50ms\"");
    let mut running = belt.start(["redeploy"]);
    for _ in 0..20 {
        running.until("preparing (");
    }
    drop(go);
    let (code, printed) = running.end();
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("not found"), "{printed}");
}
