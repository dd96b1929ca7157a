//! Who calls: signing in, and what the controller tells of a user.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::domain::token::Scope;
use crate::server::Site;
use crate::server::workflow_v2::body::Fields;
use crate::server::workflow_v2::page::shown;
use crate::server::workflow_v2::reply::{Answer, Reply, json_reply};
use crate::server::workflow_v2::request::Signed;

/// `GET /v2/`. Clients that have no token yet take the 401 as the sign that this is a controller.
pub(super) async fn root(_: Signed) -> Answer {
    Ok(json_reply(StatusCode::OK, &json!({})))
}

/// `POST /v2/auth/login/`: the user is a token's name, the password its text, and the token is that text.
pub(super) async fn log_in(State(site): State<Arc<Site>>, Fields(fields): Fields) -> Answer {
    let (username, password) = match (required(&fields, "username"), required(&fields, "password")) {
        (Ok(username), Ok(password)) => (username, password),
        (username, password) => {
            let faults = [("username", username.err()), ("password", password.err())];
            let faults = faults.into_iter().filter_map(|(field, fault)| Some((field.to_owned(), json!([fault?]))));
            return Err(Reply::InvalidFields(faults.collect()));
        }
    };
    let caller = site.caller_of(&password).await?;
    if caller.is_none_or(|caller| caller.name != username.trim()) {
        let refused = "Unable to log in with provided credentials.";
        return Err(Reply::InvalidFields(json!({ "non_field_errors": [refused] })));
    }
    Ok(json_reply(StatusCode::OK, &json!({ "token": password })))
}

/// A text that must be there, or what the controller says of what is there instead.
fn required(fields: &Map<String, Value>, name: &str) -> Result<String, &'static str> {
    match fields.get(name) {
        None => Err("This field is required."),
        Some(Value::Null) => Err("This field may not be null."),
        Some(Value::String(text)) if text.trim().is_empty() => Err("This field may not be blank."),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => Err("Not a valid string."),
    }
}

/// `GET /v2/auth/whoami`: a token as a user. One that may change settings is what the controller calls staff.
pub(super) async fn whoami(State(site): State<Arc<Site>>, caller: Signed) -> Answer {
    let is_staff = caller.may(Scope::Admin).is_ok();
    let record = site.store.tokens().await?.into_iter().find(|record| record.name == caller.0.name);
    // It was taken away since the request came.
    let record = record.ok_or(Reply::UnknownToken)?;
    let user = json!({
        "email": "",
        "username": record.name,
        "first_name": "",
        "last_name": "",
        "is_superuser": is_staff,
        "is_staff": is_staff,
        "groups": [],
        "user_permissions": [],
        // When a token was last used is not noted.
        "last_login": null,
        "date_joined": shown(record.created_at),
        "is_active": true,
    });
    Ok(json_reply(StatusCode::OK, &user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_field_is_said_in_the_controllers_words() {
        let cases = [
            (json!({}), Err("This field is required.")),
            (json!({ "password": null }), Err("This field may not be null.")),
            (json!({ "password": " " }), Err("This field may not be blank.")),
            (json!({ "password": [] }), Err("Not a valid string.")),
            (json!({ "password": true }), Err("Not a valid string.")),
            (json!({ "password": 12 }), Ok("12".to_owned())),
            (json!({ "password": " x " }), Ok(" x ".to_owned())),
        ];
        for (fields, expected) in cases {
            assert_eq!(required(fields.as_object().unwrap(), "password"), expected, "{fields}");
        }
    }
}
