//! Tokens as users: signing in, and who may do what.

use hookbelt::domain::token::Scope;
use serde_json::json;

use crate::workflow_v2::{DEPLOYER, READER, Site, add_token};

#[test]
fn a_tokens_name_and_text_are_user_and_password() {
    let site = Site::with_command("true");
    let sign_in = |body: &str| site.ask("POST", "/v2/auth/login/", "", body);
    let given = sign_in(&json!({ "username": "ci", "password": DEPLOYER }).to_string()).expect(200);
    assert_eq!(given.json(), json!({ "token": DEPLOYER }));
    let refused = json!({ "non_field_errors": ["Unable to log in with provided credentials."] });
    for (username, password) in [("ci", "wrong"), ("ci", READER), ("nobody", DEPLOYER), ("CI", DEPLOYER)] {
        let body = json!({ "username": username, "password": password }).to_string();
        assert_eq!(sign_in(&body).expect(400).json(), refused, "{username} {password}");
    }
    insta::assert_snapshot!(sign_in("").expect(400).body, @r#"{"password":["This field is required."],"username":["This field is required."]}"#);
    insta::assert_snapshot!(sign_in("{\"username\": \"\", \"password\": null}").expect(400).body, @r#"{"password":["This field may not be null."],"username":["This field may not be blank."]}"#);
    insta::assert_snapshot!(sign_in("[]").expect(400).body, @r#"{"non_field_errors":["Invalid data. Expected a dictionary, but got list."]}"#);
    assert!(sign_in("{").expect(400).detail().starts_with("JSON parse error - "));
    sign_in(&"x".repeat(100_000)).expect(413);
    let form = format!("username=ci&password={DEPLOYER}");
    let request = |kind: &str| {
        let length = form.len();
        format!("POST /v2/auth/login/ HTTP/1.0\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{form}")
    };
    site.tell(request("application/x-www-form-urlencoded")).expect(200);
    insta::assert_snapshot!(site.tell(request("text/xml")).expect(415).body, @r#"{"detail":"Unsupported media type \"text/xml\" in request."}"#);
    // The controller insists on this one `/`.
    site.ask("POST", "/v2/auth/login", "", "{}").expect(404);
    assert_eq!(site.ask("GET", "/v2/auth/login/", "", "").expect(405).header("Allow"), Some("POST"));
}

#[test]
fn whoami_tells_of_a_token_as_of_a_user() {
    let site = Site::with_command("true");
    add_token(&site.belt, "root's", "root", Scope::Admin);
    for path in ["/v2/auth/whoami", "/v2/auth/whoami/"] {
        let user = site.get(path).expect(200).json();
        assert_eq!((&user["username"], &user["is_staff"]), (&"eve".into(), &false.into()));
        assert_eq!(user["date_joined"], "2026-11-21T12:00:00Z");
    }
    assert_eq!(site.ask("GET", "/v2/auth/whoami", "root's", "").json()["is_superuser"], true);
}

#[test]
fn without_a_token_nothing_is_told_and_a_revoked_one_is_none() {
    let site = Site::with_command("true");
    let paths =
        ["", "/", "/auth/whoami", "/apps/", "/apps/shop-staging/", "/apps/nope/logs", "/apps/shop-staging/releases/v1"];
    for path in paths {
        let path = format!("/v2{path}");
        let answer = site.ask("GET", &path, "", "").expect(401);
        assert_eq!(answer.detail(), "Authentication credentials were not provided.", "{path}");
        assert_eq!(answer.header("WWW-Authenticate"), Some("Token"));
        let answer = site.ask("GET", &path, "nobody's", "").expect(401);
        assert_eq!(answer.detail(), "Invalid token.", "{path}");
    }
    // Who they are is asked before it is told what they could have called.
    site.ask("DELETE", "/v2/apps/shop-staging/", "", "").expect(401);
    assert_eq!(site.ask("DELETE", "/v2/apps/shop-staging/", READER, "").expect(405).header("Allow"), Some("GET, HEAD"));
    for word in ["Bearer", "bearer", "TOKEN", "Token"] {
        site.tell(format!("GET /v2/ HTTP/1.0\r\nAuthorization: {word} {READER}\r\n\r\n")).expect(200);
    }
    site.tell(format!("GET /v2/ HTTP/1.0\r\nAuthorization: Basic {READER}\r\n\r\n")).expect(401);
    crate::workflow_v2::with_store(&site.belt, async |store| store.revoke_token("eve").await.unwrap());
    site.get("/v2/").expect(401);
}
