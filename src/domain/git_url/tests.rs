//! Every pair of hosts 4.2, then the properties that hold for any spelling.

use proptest::prelude::*;

use super::*;

const HELLO: &str = "https://github.com/octo/hello-world.git";

fn same(one: &str, other: &str) -> bool {
    let (one, other) = (RepositoryKey::of(one), RepositoryKey::of(other));
    one.zip(other).is_some_and(|(one, other)| one.same_repository(&other))
}

fn key(remote: &str) -> RepositoryKey {
    RepositoryKey::of(remote).unwrap()
}

#[test]
fn every_spelling_of_a_repository_names_it() {
    let spellings = [
        "https://github.com/octo/hello-world",
        "https://github.com/octo/hello-world/",
        "https://github.com/Octo/Hello-World.git",
        "http://GITHUB.com/octo/hello-world",
        "https://user:tok@github.com/octo/hello-world.git",
        "https://x-access-token:abc@github.com/octo/hello-world",
        "https://github.com:443/octo/hello-world.git",
        "git@github.com:octo/hello-world.git",
        "git@github.com:octo/hello-world",
        "git@github.com:/octo/hello-world.git",
        "github.com:octo/hello-world.git",
        "org-123@github.com:octo/hello-world.git",
        "ssh://git@github.com/octo/hello-world.git",
        "ssh://git@github.com:22/octo/hello-world.git",
        "ssh://git@ssh.github.com:443/octo/hello-world.git",
        "git://github.com/octo/hello-world.git",
        "git+ssh://git@github.com/octo/hello-world.git",
        "https://www.github.com/octo/hello-world",
        "www.github.com/octo/hello-world",
        "github.com/octo/hello-world",
        "https://github.com//octo//hello-world.git",
        "https://github.com/octo/hello%2Dworld",
        "https://github.com/octo/hello-world.git?x=1#f",
        "https://api.github.com/repos/octo/hello-world",
    ];
    for spelling in spellings {
        assert!(same(HELLO, spelling), "{spelling}");
    }
}

#[test]
fn what_only_looks_like_a_repository_is_another_or_none() {
    let others = [
        "https://github.com/octo/hello-world-2",
        "https://github.com/octo/hello",
        "https://github.com/octo2/hello-world",
        "https://gitlab.com/octo/hello-world.git",
        "https://github.com.evil.test/octo/hello-world",
        "https://evil.test/github.com/octo/hello-world",
        "https://github.com@evil.test/octo/hello-world",
        "https://github.com/octo",
        "octo/hello-world",
        "file:///srv/octo/hello-world.git",
        "/srv/git/octo/hello-world.git",
        "https://github.com/octo/hello-world.git.git",
        "https://github.com/octo/../octo/hello-world",
        "https://gist.github.com/octo/hello-world",
        "C:/octo/hello-world",
    ];
    for other in others {
        assert!(!same(HELLO, other), "{other}");
    }
}

#[test]
fn hosts_and_their_ports_are_told_apart_as_their_users_do() {
    let pairs = "
        git@gitlab.example.com:group/sub/proj.git            https://gitlab.example.com/group/sub/proj     yes
        ssh://git@gitlab.example.com:2222/group/sub/proj.git https://gitlab.example.com/group/sub/proj.git yes
        https://gitlab.example.com/group/proj                https://gitlab.example.com/group/sub/proj     no
        git@gitlab.example.com:2222/group/proj.git           https://gitlab.example.com/group/proj         no
        ssh://git@bb.example.com:7999/proj/repo.git          https://bb.example.com/scm/PROJ/repo.git      yes
        git@ssh.dev.azure.com:v3/org/proj/repo               https://dev.azure.com/org/proj/_git/repo      yes
        https://org@dev.azure.com/org/proj/_git/repo         https://org.visualstudio.com/proj/_git/repo   yes
        http://localhost:3000/example/example.git            git@localhost:example/example.git             yes
        http://localhost:3000/a/b.git                        http://localhost:4000/a/b.git                 no
        git@bitbucket.org:team_name/repo_name.git            https://bitbucket.org/team_name/repo_name     yes
        ssh://git@altssh.bitbucket.org:443/t/r.git           https://u@bitbucket.org/t/r.git               yes
        ssh://git@[::1]:2222/a/b.git                         http://[::1]:3000/a/b                         yes
    ";
    for pair in pairs.trim().lines() {
        let columns: Vec<&str> = pair.split_whitespace().collect();
        let [one, other, expected] = columns[..] else { panic!("three columns: {pair}") };
        assert_eq!(same(one, other), expected == "yes", "{pair}");
        assert_eq!(same(other, one), expected == "yes", "{pair}, turned round");
    }
}

#[test]
fn blanks_around_default_ports_and_bracketed_scp_hosts_change_nothing() {
    assert!(same(HELLO, " git@github.com:octo/hello-world.git\n"));
    assert!(same(HELLO, "http://github.com:80/octo/hello-world.git"));
    assert!(same(HELLO, "git+https://github.com:/octo/hello-world.git"));
    assert!(same("git@[::1]:a/b.git", "http://[::1]:3000/a/b"));
}

#[test]
fn a_host_has_one_name() {
    let names = [
        ("GitHub.COM.", "github.com"),
        ("www.example.com", "example.com"),
        ("ssh.github.com", "github.com"),
        ("altssh.gitlab.com", "gitlab.com"),
        ("my_host-2", "my_host-2"),
        ("10", "10"),
        ("b%C3%BCcher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("[0:0::1]", "::1"),
    ];
    for (written, name) in names {
        assert_eq!(key(&format!("ssh://{written}/a/b")).host, name, "{written}");
    }
}

#[test]
fn malformed_remotes_have_no_key() {
    let remotes = [
        "",
        "   ",
        "https://github.com/octo/hello world",
        "https://github.com/octo/hello\nworld",
        "https://github.com/octo/hello%0Aworld",
        "https://github.com/octo/%FF",
        "https://github.com/octo/%2E%2E/world",
        "https://github.com/octo/hello/...git",
        "https://github.com/octo/.git",
        "https://github.com:+80/octo/hello",
        "https://github.com:70000/octo/hello",
        "https://github.com:port/octo/hello",
        "https:///octo/hello",
        "https://a..b/octo/hello",
        "https://[::1/octo/hello",
        "https://github.com?/octo/hello",
        "user:password@github.com/octo/hello",
        "~/octo/hello.git",
        "./octo/hello.git",
        r"C:\octo/hello",
    ];
    for remote in remotes {
        assert_eq!(RepositoryKey::of(remote), None, "{remote}");
    }
}

#[test]
fn a_sub_path_is_bridged_between_web_and_ssh_alone() {
    let (web, ssh) = ("https://h.example/git/group/proj", "git@h.example:group/proj.git");
    let cases = [
        (web, ssh, "group/proj", true),
        (web, ssh, "Group/Proj", true),
        (ssh, web, "group/proj", true),
        (web, "git@other.example:group/proj.git", "group/proj", false),
        (web, "https://h.example/group/proj", "group/proj", false),
        (web, ssh, "roup/proj", false),
        (web, ssh, "proj", false),
        ("git@h.example:team/group/proj", "https://h.example/group/proj", "group/proj", false),
    ];
    for (configured, candidate, full_name, expected) in cases {
        let named = key(configured).is_named_by(&[key(candidate)], Some(full_name));
        assert_eq!(named, expected, "{configured} by {candidate} and {full_name}");
    }
}

#[test]
fn a_subgroup_is_no_sub_path() {
    let payload = [key("https://h.example/group/proj"), key("git@h.example:group/proj")];
    assert!(key("git@h.example:group/proj").is_named_by(&payload, None));
    let in_subgroup = key("https://h.example/team/group/proj");
    assert!(!in_subgroup.is_named_by(&payload, Some("group/proj")));
}

#[test]
fn letter_case_is_kept_for_the_choice_between_two_remotes() {
    assert!(same_letter_case("https://h.example/Octo/hello.git", "git@H.example:Octo/hello"));
    assert!(!same_letter_case("https://h.example/Octo/hello", "git@h.example:octo/hello"));
    assert!(!same_letter_case("octo/hello", "octo/hello"));
}

#[test]
fn only_a_full_branch_ref_names_a_branch() {
    assert_eq!(branch_of_ref("refs/heads/main"), Some("main"));
    assert_eq!(branch_of_ref("refs/heads/feature/X"), Some("feature/X"));
    assert_eq!(branch_of_ref("refs/heads/refs/heads/main"), Some("refs/heads/main"));
    for no_branch in ["refs/tags/main", "Refs/Heads/main", "refs/heads/", "main", ""] {
        assert_eq!(branch_of_ref(no_branch), None, "{no_branch}");
    }
}

#[test]
fn credentials_are_not_shown() {
    let remotes = [
        ("https://user:tok@github.com/octo/hello.git", "https://github.com/octo/hello.git"),
        ("https://tok@github.com:8443/octo/hello", "https://github.com:8443/octo/hello"),
        ("https://github.com/octo/hello?token=tok#f", "https://github.com/octo/hello"),
        ("ssh://git@github.com/octo/hello", "ssh://github.com/octo/hello"),
        ("git@github.com:octo/hello.git", "git@github.com:octo/hello.git"),
        ("tok@github.com:octo/hello.git", "github.com:octo/hello.git"),
        ("user:tok@github.com/octo/hello", "github.com/octo/hello"),
        ("https://me@corp.example:tok@github.com/octo/hello", "https://github.com/octo/hello"),
        ("https://user:t/ok@github.com/octo/hello", "https://<hidden>"),
        ("https://github.com/octo/hello?mail=me@corp.example", "https://<hidden>"),
        ("user:t://ok@github.com/octo/hello", "<hidden>"),
        ("/srv/git/hello.git", "/srv/git/hello.git"),
        ("octo/hello", "octo/hello"),
    ];
    for (remote, shown) in remotes {
        assert_eq!(without_credentials(remote), shown, "{remote}");
    }
}

/// Text made of what remotes are made of, so that it often comes near to one.
fn near_remote() -> impl Strategy<Value = String> {
    let host = "((HTTPS?|ssh|git)://)?([a-z]{1,3}(:[a-z]?)?@)?(h\\.ex|\\[::1\\]|é)(:[0-9]{0,2})?";
    let path = "(/[ab]){0,2}(/[ab./%2eE:@?#]{0,8})?(\\.git)?";
    (host, path).prop_map(|(host, path)| host + &path)
}

/// So few remotes that two of them are often the same repository.
fn one_of_few() -> impl Strategy<Value = String> {
    "(https?|ssh)://h\\.ex(:[12])?/a/[bc]"
}

fn any_case(text: &str, upper: &[bool]) -> String {
    let in_case = |(character, upper): (char, &bool)| {
        if *upper { character.to_ascii_uppercase() } else { character }
    };
    text.chars().zip(upper.iter().cycle()).map(in_case).collect()
}

proptest! {
    #[test]
    fn no_text_panics(remote in any::<String>()) {
        let _ = RepositoryKey::of(&remote);
        let _ = without_credentials(&remote);
        let _ = branch_of_ref(&remote);
    }

    #[test]
    fn a_key_has_a_host_and_two_real_segments(remote in near_remote()) {
        if let Some(key) = RepositoryKey::of(&remote) {
            prop_assert!(!key.host.is_empty());
            prop_assert!(key.path.split('/').count() >= 2);
            prop_assert!(key.path.split('/').all(|segment| !["", ".", ".."].contains(&segment)));
        }
    }

    #[test]
    fn sameness_has_no_direction(one in one_of_few(), other in one_of_few(), any in near_remote()) {
        prop_assert_eq!(same(&one, &other), same(&other, &one));
        prop_assert_eq!(same(&one, &any), same(&any, &one));
        prop_assert_eq!(same(&any, &any), RepositoryKey::of(&any).is_some());
    }

    #[test]
    fn every_way_to_write_a_remote_gives_one_repository(
        host in "[a-z0-9_-]{1,8}(\\.[a-z]{2,5}){1,2}",
        path in "[a-z0-9_-]{1,8}(/[a-z0-9_.~-]{0,8}[a-z0-9]){1,3}",
        scheme in "(https?|ssh|git|git\\+ssh|ssh\\+git|git\\+https?)://",
        user_info in "([a-z0-9:@]{0,8}@)?",
        slashes in "/{1,3}",
        suffix in "(\\.git|\\.GIT)?/{0,3}",
        query in "([?#][a-z=/@]{0,8})?",
        upper in prop::collection::vec(any::<bool>(), 1..40),
    ) {
        prop_assume!(without_git_suffix(&path) == path);
        let plain = format!("https://{host}/{path}");
        let (loud_host, loud_path) = (any_case(&host, &upper), any_case(&path, &upper));
        let loud_scheme = any_case(&scheme, &upper);
        let url = format!("{loud_scheme}{user_info}{loud_host}{slashes}{loud_path}{suffix}{query}");
        prop_assert!(same(&plain, &url), "{} and {}", plain, url);
        let scp = format!("git@{loud_host}:{loud_path}{suffix}");
        prop_assert!(same(&plain, &scp), "{} and {}", plain, scp);
        prop_assert!(same(&plain, &key(&url).to_string()), "{}", key(&url));
    }

    #[test]
    fn the_port_matters_on_the_web_alone(one in 1_u16.., other in 1_u16..) {
        prop_assume!([one, other].iter().all(|port| ![80, 443].contains(port)));
        let on = |scheme, port: u16| format!("{scheme}://h.example:{port}/a/b");
        prop_assert_eq!(same(&on("http", one), &on("https", other)), one == other);
        prop_assert!(same(&on("ssh", one), &on("https", other)));
    }

    #[test]
    fn no_letter_of_a_password_is_shown(
        scheme in "(https://|http://|ssh://|git@|)",
        password in "[A-Z/?#:@%]{1,20}",
        place in "(host\\.example|host)(:[0-9]{2}|:)?/owner/name(\\.git)?",
        query in "([?#]token=[A-Z/?#:@%]{1,20})?",
    ) {
        let shown = without_credentials(&format!("{scheme}user:{password}@{place}{query}"));
        prop_assert!(!shown.contains(|letter: char| letter.is_ascii_uppercase()), "{}", shown);
    }
}
