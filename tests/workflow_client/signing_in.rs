//! User and password become a token, at a controller alone.

use std::sync::Arc;
use std::time::Duration;

use hookbelt::backends::error::RemoteError;
use hookbelt::backends::workflow::{sign_in, whoami};
use hookbelt::backends::{Access, BackendError, Notes};
use hookbelt::config::user_file::Limits;
use hookbelt::domain::profile::{Address, BackendKind, Profile};
use hookbelt::http::Client;
use serde_json::json;

use crate::support::Belt;
use crate::support::api::Served;
use crate::support::mock_api::{Expected, MockApi, on};
use crate::workflow_client::requests::assert_as_recorded;
use crate::workflow_client::{recorded, said};

fn access(url: &str, token: Option<&str>) -> Access {
    let kind = BackendKind::Workflow;
    let profile = Profile {
        name: "ci".to_owned(),
        kind,
        address: Address::of(kind, url).unwrap(),
        token: token.map(|token| token.parse().unwrap()),
        user: None,
        account: None,
        ca_file: None,
    };
    Access {
        client: Client::new(Duration::from_secs(30)).unwrap(),
        profile,
        limits: Limits::default(),
        user: "ann".to_owned(),
        notes: Notes(Arc::new(|_| {})),
    }
}

fn wait<T>(what: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(what)
}

fn signed_in(url: &str, user: &str, password: &str) -> Result<String, RemoteError> {
    wait(sign_in(access(url, None), user, &password.into())).map(|token| token.expose().to_owned())
}

fn login() -> Expected {
    on("POST", "/v2/auth/login/").with(json!({ "username": "admin", "password": "pw" }))
}

#[test]
fn a_user_and_a_password_are_sent_as_by_deis_and_become_a_token() {
    let body = json!({ "username": "admin", "password": "pw" });
    let api =
        MockApi::start(vec![recorded("GET", "/v2/", "001"), recorded("POST", "/v2/auth/login/", "004").with(body)]);
    assert_eq!(signed_in(&api.url, "admin", "pw").unwrap(), "fc80e937aeed1eab45669c0a16e6cf6cc8439f0f");
    assert_as_recorded(&api, "001");
    assert_as_recorded(&api, "004");
}

#[test]
fn who_is_not_let_in_is_told_in_the_controllers_words() {
    let body = json!({ "username": "admin", "password": "wrong" });
    let api =
        MockApi::start(vec![recorded("GET", "/v2/", "001"), recorded("POST", "/v2/auth/login/", "006").with(body)]);
    let error = signed_in(&api.url, "admin", "wrong").unwrap_err();
    assert!(matches!(error, RemoteError::NotLetIn { .. }), "{error}");
    assert!(
        error.to_string().ends_with("did not let you sign in: Unable to log in with provided credentials."),
        "{error}"
    );
    let api = MockApi::start(vec![recorded("GET", "/v2/", "001"), said(login(), 200, &json!({ "token": "" }))]);
    assert!(matches!(signed_in(&api.url, "admin", "pw"), Err(RemoteError::NotUnderstood { .. })));
}

#[test]
fn a_password_goes_to_nothing_but_a_controller() {
    for answer in [
        on("GET", "/v2/").text(200, "content-type: text/html\r\n", "<h1>Welcome</h1>"),
        on("GET", "/v2/").text(404, "", "no"),
        on("GET", "/v2/").json(200, &json!({ "ok": true })),
        on("GET", "/v2/").text(301, "location: https://elsewhere.example.com/\r\n", ""),
    ] {
        let api = MockApi::start(vec![answer]);
        let error = signed_in(&api.url, "admin", "pw").unwrap_err();
        assert!(matches!(error, RemoteError::NotUnderstood { .. }), "{error}");
    }
}

#[test]
fn a_token_of_hookbelt_serve_is_had_in_the_same_way_and_says_whose_it_is() {
    let belt = Belt::with_command("true");
    let served = Served::start(&belt, &[]);
    let url = format!("http://{}", served.public.address);
    let token = &served.redeploy.token;
    assert_eq!(&signed_in(&url, "redeploy-token", token).unwrap(), token);
    assert!(matches!(signed_in(&url, "redeploy-token", "wrong"), Err(RemoteError::NotLetIn { .. })));
    assert_eq!(wait(whoami(access(&url, Some(token)))).unwrap(), "redeploy-token");
    let error: BackendError = wait(whoami(access(&url, Some("nobodys")))).unwrap_err().into();
    assert!(matches!(error, BackendError::Remote(RemoteError::SignIn { .. })), "{error}");
}
