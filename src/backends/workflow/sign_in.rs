//! Signing in to a controller: its address is checked, and a user and a password become a token.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use crate::backends::Access;
use crate::backends::error::RemoteError;
use crate::backends::workflow::answer::{kind, said};
use crate::backends::workflow::controller::Controller;
use crate::domain::profile::ApiToken;
use crate::http::Method;

/// What signing in gives.
#[derive(Deserialize)]
struct SignedIn {
    token: String,
}

/// Who a token is of.
#[derive(Deserialize)]
struct User {
    username: String,
}

/// The token of a user. The address is checked first: a password goes to nothing but a controller.
///
/// # Errors
/// When that is no controller, or it does not know them.
pub async fn sign_in(access: Access, user: &str, password: &SecretString) -> Result<ApiToken, RemoteError> {
    let controller = Controller::new(access);
    check(&controller).await?;
    let document = json!({ "username": user, "password": password.expose_secret() });
    // Nothing but this route insists on its `/`.
    let call = controller.open_request(Method::POST, "/auth/login/").json(&document);
    let reply = controller.send(&call).await?;
    if matches!(reply.status, 400 | 401 | 403) {
        return Err(RemoteError::NotLetIn { api: controller.api.clone(), said: said(&reply) });
    }
    let signed_in: SignedIn = controller.read(&call, &reply)?;
    signed_in.token.parse().map_err(|error| controller.not_understood(format!("its token is none: {error}")))
}

/// Who the token of an access is of.
///
/// # Errors
/// When that is no controller, or it does not know the token.
pub async fn whoami(access: Access) -> Result<String, RemoteError> {
    let user: User = Controller::new(access).get("/auth/whoami").await?;
    Ok(user.username)
}

/// A controller is known by this: whoever has no token is told to sign in.
async fn check(controller: &Controller) -> Result<(), RemoteError> {
    let call = controller.open_request(Method::GET, "/");
    let reply = controller.send(&call).await?;
    if reply.status == 401 {
        return Ok(());
    }
    let what =
        format!("{} is {} {}, and a controller would ask for a token", call.url.path(), reply.status, kind(&reply));
    Err(controller.not_understood(what))
}
