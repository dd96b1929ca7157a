//! Before there is a profile: which kind of deploy API an address is of, and whom a token is of.

use secrecy::SecretString;
use serde_json::Value;

use crate::backends::api_v3::ApiV3;
use crate::backends::error::RemoteError;
use crate::backends::{Access, Result, workflow};
use crate::domain::profile::{Address, ApiToken, BackendKind};
use crate::http::{Call, Client, Method};

/// The kind of deploy API at an address: a `hookbelt serve` if it answers as one, else a controller of Workflow. No token is
/// sent.
///
/// # Errors
/// When it is neither, or does not answer.
pub async fn kind_of(client: &Client, address: &Address) -> Result<BackendKind> {
    let ping = Call::new(Method::GET, address.join(BackendKind::Server, "/ping.json"));
    let reply = client.call(&ping).await.map_err(RemoteError::from)?;
    let is_ok = serde_json::from_slice::<Value>(&reply.body).is_ok_and(|body| body["response"]["ok"] == true);
    if reply.is_success() && is_ok {
        return Ok(BackendKind::Server);
    }
    let root = Call::new(Method::GET, address.join(BackendKind::Workflow, "/"));
    let reply = client.call(&root).await.map_err(RemoteError::from)?;
    if reply.status == 401 {
        return Ok(BackendKind::Workflow);
    }
    let what = "neither /api/3/ping.json nor /v2/ is what a deploy API has there".to_owned();
    Err(RemoteError::NotUnderstood { api: address.host(), what }.into())
}

/// Whom the token of an access is of, as far as the deploy API says.
///
/// # Errors
/// When it does not know the token, or fails.
pub async fn who(access: Access) -> Result<Option<String>> {
    match access.profile.kind {
        BackendKind::Workflow => Ok(Some(workflow::whoami(access).await?)),
        BackendKind::Embedded | BackendKind::Server | BackendKind::Cloud66 => ApiV3::who(access).await,
    }
}

/// The token of a user at a controller of Workflow.
///
/// # Errors
/// When it does not let them in, or fails.
pub async fn with_password(access: Access, user: &str, password: &SecretString) -> Result<ApiToken> {
    Ok(workflow::sign_in(access, user, password).await?)
}
