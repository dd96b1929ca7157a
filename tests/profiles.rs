//! Profiles: the user's config file, what it holds, and who can read it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::support::Belt;

const TWO: &str = "\
# Mine.
default_profile = \"prod\" # the usual one

[profiles.prod]
backend = \"server\"
url = \"https://deploy.example.com\"
token = \"hunter2\" # of the vault
user = \"ann\"

[profiles.lab]
backend = \"workflow\"
url = \"http://deis.example.com/v2/\"

[limits]
heartbeat = \"5s\"
";

fn belt() -> Belt {
    let belt = Belt::new();
    belt.config(TWO);
    belt
}

fn config(belt: &Belt) -> String {
    fs::read_to_string(belt.home().join(".config/hookbelt/config.toml")).unwrap()
}

#[test]
fn profiles_are_listed_without_their_tokens() {
    insta::assert_snapshot!(belt().run(["profiles", "list"]), @"
    prod	server	https://deploy.example.com	as ann	default
    lab	workflow	http://deis.example.com	no	
    [exit 0]
    ");
    insta::assert_snapshot!(Belt::new().run(["profiles", "list"]), @"
    --- stderr
    there are no profiles yet: `hookbelt login` makes one
    [exit 0]
    ");
}

#[test]
fn another_profile_becomes_the_default_and_the_file_stays_as_it_was_written() {
    let belt = belt();
    insta::assert_snapshot!(belt.run(["profiles", "use", "lab"]), @"
    lab is the default profile now
    [exit 0]
    ");
    assert_eq!(config(&belt), TWO.replace("default_profile = \"prod\"", "default_profile = \"lab\""));
    insta::assert_snapshot!(belt.run(["profiles", "use", "la"]), @"
    --- stderr
    error: there is no profile `la`
    hint: did you mean `lab`? `hookbelt profiles list` shows all
    [exit 5]
    ");
}

#[test]
fn a_removed_profile_is_gone_with_its_token() {
    let belt = belt();
    insta::assert_snapshot!(belt.run(["profiles", "remove", "prod"]), @"
    profile prod is removed
    --- stderr
    the token may still be valid where it came from: revoke it there
    [exit 0]
    ");
    insta::assert_snapshot!(config(&belt), @r#"

    [profiles.lab]
    backend = "workflow"
    url = "http://deis.example.com/v2/"

    [limits]
    heartbeat = "5s"
    "#);
    belt.run(["profiles", "remove", "prod"]).expect(5);
}

#[test]
fn logout_forgets_the_token_and_keeps_the_profile() {
    let belt = belt();
    insta::assert_snapshot!(belt.run(["logout"]), @"
    signed out of prod
    --- stderr
    the token may still be valid where it came from: revoke it there
    [exit 0]
    ");
    assert_eq!(config(&belt), TWO.replace("token = \"hunter2\" # of the vault\n", ""));
    insta::assert_snapshot!(belt.run(["logout"]), @"
    prod has no token already
    [exit 0]
    ");
    belt.run(["logout", "--profile", "nope"]).expect(5);
    Belt::new().run(["logout"]).expect(5);
}

#[test]
fn what_is_written_can_be_read_by_its_owner_alone() {
    let belt = belt();
    let file = belt.home().join(".config/hookbelt/config.toml");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    belt.run(["profiles", "use", "lab"]).expect(0);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let folder = fs::read_dir(file.parent().unwrap()).unwrap();
    assert_eq!(folder.count(), 1, "nothing else is left there");
}

#[test]
fn a_config_file_that_is_a_link_stays_one() {
    let belt = belt();
    let (file, kept) = (belt.home().join(".config/hookbelt/config.toml"), belt.write("dotfiles/config.toml", TWO));
    fs::remove_file(&file).unwrap();
    symlink(&kept, &file).unwrap();
    belt.run(["profiles", "use", "lab"]).expect(0);
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert!(belt.read("dotfiles/config.toml").contains("default_profile = \"lab\""));
}

#[test]
fn profiles_show_says_what_holds_and_where_it_comes_from() {
    let mut belt = belt();
    belt.set("HOOKBELT_ENVIRONMENT", "staging");
    belt.set("HOOKBELT_TIMEOUT", "5m");
    belt.set("HOOKBELT_SECRET", "hunter2");
    let shown = belt.run(["profiles", "show", "-s", "shop"]);
    insta::assert_snapshot!(shown, @"
    app	shop	the flag -s
    environment	staging	HOOKBELT_ENVIRONMENT
    database	sqlite:[TMP]/home/.local/share/hookbelt/hookbelt.db	the default
    profile	prod	the default
    backend	server	[TMP]/home/.config/hookbelt/config.toml
    url	https://deploy.example.com	[TMP]/home/.config/hookbelt/config.toml
    token	***	[TMP]/home/.config/hookbelt/config.toml
    user	ann	[TMP]/home/.config/hookbelt/config.toml
    timeout	5m	HOOKBELT_TIMEOUT
    secret	***	HOOKBELT_SECRET
    limits.check_interval	[TIME]	the default
    limits.connect	[TIME]	the default
    limits.continuous_deploy_wait	10m	the default
    limits.deduplication	168h	the default
    limits.delivery_retention	720h	the default
    limits.deploy_hook	[TIME]	the default
    limits.deploy_hook_retries	[TIME], 1m, 5m, 30m, 2h, 8h	the default
    limits.git	10m	the default
    limits.git_host_wait	2m	the default
    limits.heartbeat	[TIME]	[TMP]/home/.config/hookbelt/config.toml
    limits.kill_after	[TIME]	the default
    limits.lease	[TIME]	the default
    limits.log_retention	720h	the default
    limits.poll	[TIME]	the default
    limits.poll_most	[TIME]	the default
    limits.reconnect	10m	the default
    limits.request	1m	the default
    limits.request_body	[TIME]	the default
    limits.request_head	[TIME]	the default
    [exit 0]
    ");
    belt.run(["profiles", "show", "nope"]).expect(5);
}

#[test]
fn a_config_file_that_cannot_be_is_refused_with_its_place_and_without_the_token() {
    let belt = Belt::new();
    for (text, said) in [
        ("[profiles.p]\nbackend = \"other\"\nurl = \"https://h\"", "2:11: this is no kind of deploy API"),
        (
            "[profiles.p]\nbackend = \"server\"\nurl = \"https://u:hunter2@h\"",
            "3:7: this is no address of a deploy API: it holds a user",
        ),
        (
            "[profiles.p]\nbackend = \"server\"\nurl = \"https://h\"\ntoken = \"hunter 2\"",
            "4:9: this cannot be a token",
        ),
        ("default_profile = \"p\"", "1:19: there is no profile `p`"),
        ("[profiles.p]\nbackend = \"server\"", "missing key `url`"),
        ("[profiles.p]\nbackend = \"server\"\nurl = \"https://h\"\ntokens = \"hunter2\"", "unknown key `tokens`"),
    ] {
        belt.config(text);
        let outcome = belt.run(["profiles", "list"]).expect(2);
        assert!(outcome.stderr.contains(said), "{said}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains("hunter"), "{}", outcome.stderr);
    }
}

#[test]
fn flags_and_variables_that_name_two_deploy_apis_contradict_each_other() {
    let mut belt = belt();
    belt.run(["apps", "show", "--profile", "nope", "-s", "shop"]).expect(5);
    belt.set("HOOKBELT_API_URL", "http://127.0.0.1:1");
    insta::assert_snapshot!(belt.run(["apps", "show", "-s", "shop"]), @"
    --- stderr
    error: HOOKBELT_API_URL is set, and HOOKBELT_TOKEN is not
    hint: set HOOKBELT_TOKEN to the token for that address
    [exit 4]
    ");
    belt.set("HOOKBELT_TOKEN", "hunter2");
    belt.set("HOOKBELT_PROFILE", "prod");
    insta::assert_snapshot!(belt.run(["apps", "show", "-s", "shop"]), @"
    --- stderr
    error: HOOKBELT_PROFILE and HOOKBELT_API_URL with HOOKBELT_TOKEN are both set
    hint: unset one of them
    [exit 2]
    ");
    let mut belt = self::belt();
    belt.set("HOOKBELT_TOKEN", "hunter2");
    insta::assert_snapshot!(belt.run(["apps", "show", "-s", "shop"]), @"
    --- stderr
    error: HOOKBELT_TOKEN is set, and HOOKBELT_API_URL is not
    hint: set HOOKBELT_API_URL to the address that the token is for
    [exit 2]
    ");
}

#[test]
fn a_manifest_that_names_a_profile_of_others_is_no_obstacle_to_who_names_another() {
    let mut belt = belt();
    belt.write("hookbelt.toml", "app = \"shop\"\nbackend = \"colleagues\"\n");
    let outcome = belt.run(["apps", "show"]).expect(5);
    assert!(outcome.stderr.contains("hookbelt.toml names the backend `colleagues`, and there is no such"), "{outcome}");
    let shown = belt.run(["profiles", "show", "prod"]).expect(0);
    assert!(shown.stdout.contains("profile\tprod\tthe flag --profile\n"), "{shown}");
    belt.set("HOOKBELT_PROFILE", "prod");
    belt.run(["profiles", "show"]).expect(0);
}
