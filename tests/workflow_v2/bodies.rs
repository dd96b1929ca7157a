//! Whatever is sent as a body, no answer blames the server.

use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::{Config, TestRunner};

use crate::workflow_v2::{DEPLOYER, Site, tell};

/// Bytes of any kind, and JSON that is nearly right.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let field = "\"?(username|password|version)\"?: ?(null|-?[0-9]{1,25}|\"[ -~]{0,9}\"|[0-9]e[0-9]{1,4}|\\[+|\\{)";
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..300),
        string_regex(&format!("\\{{({field},? ?){{0,3}}\\}}?")).unwrap().prop_map(String::into_bytes),
    ]
}

#[test]
fn no_bytes_as_a_body_make_an_error_of_the_servers() {
    let site = Site::with_command("true");
    let kinds = ["application/json", "application/x-www-form-urlencoded", "text/plain", ""];
    let paths = ["/v2/auth/login/", "/v2/apps/shop-staging/releases/rollback/", "/v2/apps/", "/v2/nope"];
    let cases = (bodies(), proptest::sample::select(kinds.to_vec()), proptest::sample::select(paths.to_vec()));
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let ran = runner.run(&cases, |(body, kind, path)| {
        let head = format!(
            "POST {path} HTTP/1.0\r\nAuthorization: token {DEPLOYER}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let answer = tell(&site.address, &[head.as_bytes(), &body].concat());
        prop_assert!((400..500).contains(&answer.status), "{:?}", answer);
        Ok(())
    });
    ran.unwrap();
}
