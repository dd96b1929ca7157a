//! What a request would deploy: our own server says it, of Cloud 66 it is told from the list of services where it can be.

use serde_json::{Value, json};

use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::deploying::selection_body;
use crate::backends::api_v3::services::{check_known, plan};
use crate::backends::error::RemoteError;
use crate::backends::{BackendError, Result};
use crate::domain::plan::{Plan, Refusal, Request, Selection};
use crate::domain::profile::BackendKind;
use crate::http::Method;

/// What tells the server to say what it would do; in the query, where whoever reads a trace of requests sees it.
pub(super) const DRY_RUN: (&str, &str) = ("dry_run", "true");

impl ApiV3 {
    pub(super) async fn planned(&self, request: &Request) -> Result<Option<Plan>> {
        if self.api.kind() == BackendKind::Server {
            return self.told_plan(request).await.map(Some);
        }
        Ok(plan(&self.services().await?, request)?)
    }

    async fn told_plan(&self, request: &Request) -> Result<Plan> {
        let mut body = selection_body(request);
        if let Some(git) = &request.git {
            body["git"] = json!(git);
        }
        let told = self.api.send(Method::POST, &self.path("/deployments"), &[DRY_RUN], Some(&body)).await;
        match told {
            Err(BackendError::Remote(error @ RemoteError::Refused { status: 400, .. })) => {
                self.why_refused(request).await?;
                Err(error.into())
            }
            told => self.plan_of(&told?.response),
        }
    }

    pub(super) fn plan_of(&self, told: &Value) -> Result<Plan> {
        serde_json::from_value(told["plan"].clone()).map_err(|_| self.odd("it should be a plan, and is none"))
    }

    /// Says by its name what a request names and the app does not have.
    async fn why_refused(&self, request: &Request) -> Result<()> {
        match &request.selection {
            Selection::Everything => Ok(()),
            Selection::Services(choices) => Ok(check_known(&self.services().await?, choices)?),
            Selection::DeploymentProfile(name) => {
                let known = self.stack_now().await?.deployment_profiles;
                if known.contains(name) {
                    return Ok(());
                }
                Err(Refusal::UnknownDeploymentProfile { unknown: name.clone(), known }.into())
            }
        }
    }
}
