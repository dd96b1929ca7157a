//! `hookbelt tokens`.

use crate::support::Belt;

#[test]
fn a_token_is_printed_once_and_listed_by_its_name() {
    let belt = Belt::new();
    let made = belt.run(["tokens", "create", "ci"]).expect(0);
    let digits = made.stdout.trim_end().strip_prefix("hookbelt_").unwrap();
    assert!(digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{made}");
    let made = belt.run(["tokens", "create", "ann", "--scope", "admin", "--json"]).expect(0).json();
    assert_eq!((&made["name"], &made["scopes"][2]), (&"ann".into(), &"admin".into()));
    let token = made["token"].as_str().unwrap();
    let listed = belt.run(["tokens", "list", "--json"]).expect(0);
    assert!(!listed.stdout.contains(token));
    let listed = listed.json();
    assert_eq!((&listed[0]["name"], &listed[1]["name"]), (&"ann".into(), &"ci".into()));
    assert_eq!(listed[1]["scopes"], serde_json::json!(["public", "redeploy"]));
    let store = std::fs::read(belt.store()).unwrap();
    assert!(!store.windows(32).any(|part| part == &token.as_bytes()[9..]), "only its hash is kept");
}

#[test]
fn a_name_is_taken_until_it_is_revoked() {
    let belt = Belt::new();
    belt.run(["tokens", "create", "ci", "--scope", "public"]).expect(0);
    insta::assert_snapshot!(belt.run(["tokens", "create", "ci"]), @"
    --- stderr
    error: there is a token `ci` already
    hint: choose another name, or revoke it first; its text cannot be shown again
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["tokens", "revoke", "ci"]), @"
    token ci is revoked
    [exit 0]
    ");
    insta::assert_snapshot!(belt.run(["token", "revoke", "ci"]), @"
    --- stderr
    error: there is no token `ci`
    hint: `hookbelt tokens list` shows those there are
    [exit 5]
    ");
    belt.run(["tokens", "create", " ci"]).expect(2);
    belt.run(["tokens", "create", "ci", "--scope", "root"]).expect(2);
    insta::assert_snapshot!(belt.run(["tokens", "list"]), @"
    --- stderr
    there are no tokens: `hookbelt tokens create NAME` makes one
    [exit 0]
    ");
}
