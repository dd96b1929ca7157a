//! Asking for deployments, and finding out what became of a request that got no answer.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::backends::abilities::{Ability, must};
use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::action::Action;
use crate::backends::api_v3::api::escaped;
use crate::backends::api_v3::lenient::{is_true, number, some_text};
use crate::backends::api_v3::own::Own;
use crate::backends::api_v3::pauses::Pauses;
use crate::backends::error::RemoteError;
use crate::backends::{Act, Asked, BackendError, Lives, Result, WantedStrategy, Wish};
use crate::domain::deployment::{Deployment, Trigger};
use crate::domain::git_ref::GitRef;
use crate::domain::plan::{Request, Selection, ServiceChoice};
use crate::domain::profile::BackendKind;
use crate::domain::queue::Insistence;
use crate::domain::setting::PAUSED;
use crate::engine::new_uid;
use crate::http::{HttpError, Method};
use crate::store::StoreError;

/// What the API made of a request for a deployment.
#[derive(Debug, Default)]
struct Answered {
    queued: bool,
    action: Option<u64>,
    deployment: Option<u64>,
}

impl ApiV3 {
    /// Refuses what does not fit the app, before anything is sent that changes something.
    pub(super) fn check_wish(&self, wish: &Wish) -> Result<()> {
        let (kind, stack) = (self.api.kind(), &self.stack);
        if wish.insistence == Insistence::Forced {
            must(kind, Ability::Force)?;
        }
        if wish.rollout.is_some() || matches!(wish.strategy, Some(WantedStrategy::Rolling | WantedStrategy::Fast)) {
            must(kind, Ability::Rollouts)?;
        }
        let not_here = |what: &str, needs: &str, is: &str| {
            let is = if is.is_empty() { "unknown" } else { is };
            Err(BackendError::NotForThisApp(format!("{what} needs {needs}, and {} has {is}", stack.app)))
        };
        match wish.strategy {
            Some(WantedStrategy::Fast) if stack.backend != "kubernetes" => {
                return not_here("`--deploy-strategy fast`", "the backend kubernetes", &stack.backend);
            }
            Some(WantedStrategy::Rolling) if !matches!(stack.framework.as_str(), "rails" | "rack") => {
                return not_here("`--deploy-strategy rolling`", "the framework rails or rack", &stack.framework);
            }
            _ => {}
        }
        let names_services = matches!(&wish.act, Act::Redeploy(request) if names_services(request));
        if names_services && stack.framework != "docker" {
            return not_here("`--service`", "the framework docker", &stack.framework);
        }
        Ok(())
    }

    /// Asks for a deployment, once: what may have arrived is never sent again.
    pub(super) async fn ask(&mut self, wish: &Wish) -> Result<Asked> {
        self.check_wish(wish)?;
        let reference = new_uid()?;
        let (path, mut body) = match &wish.act {
            Act::Redeploy(request) => (self.path("/deployments"), redeploy_body(request, wish)),
            Act::Rollback(release) => {
                must(self.api.kind(), Ability::Rollback)?;
                (self.path("/releases/rollback"), json!({ "version": release, "deploy_strategy": strategy(wish) }))
            }
        };
        body["user_reference"] = json!(reference);
        if wish.insistence == Insistence::Forced {
            body["force"] = json!(true);
        }
        let before = match self.api.kind() {
            BackendKind::Server => BTreeSet::new(),
            _ => self.newest_deployments().await?.iter().map(|one| one.id).collect(),
        };
        let answer = self.api.send(Method::POST, &path, &[], Some(&body)).await;
        let answered = match answer {
            Ok(document) => self.answered(&document.response)?,
            Err(BackendError::Remote(error)) if may_have_arrived(&error) => {
                self.what_happened(&reference, &before, error).await?
            }
            Err(error) => return Err(self.or_paused(error).await),
        };
        self.follow_own(answered, reference, before).await
    }

    /// Says that deployments are paused, where that is why our own server refuses one.
    async fn or_paused(&self, error: BackendError) -> BackendError {
        let is_conflict = matches!(error, BackendError::Remote(RemoteError::Refused { status: 409, .. }));
        if !is_conflict || self.api.kind() != BackendKind::Server {
            return error;
        }
        if self.is_paused().await.unwrap_or_default() { StoreError::Paused.into() } else { error }
    }

    /// Whether deployments are paused at our own server.
    pub(super) async fn is_paused(&self) -> Result<bool> {
        let settings = self.all_settings().await?;
        Ok(settings.iter().any(|setting| setting.key == PAUSED && setting.value == "true"))
    }

    /// What is known of the deployment from now on.
    async fn follow_own(&mut self, answered: Answered, reference: String, before: BTreeSet<u64>) -> Result<Asked> {
        let lives = Lives::Elsewhere;
        if self.api.kind() == BackendKind::Server {
            let id = answered.deployment.ok_or_else(|| self.odd("it does not say which deployment it is"))?;
            return Ok(Asked { id, lives });
        }
        let Answered { queued, action, deployment } = answered;
        let user = self.who_asks().to_owned();
        let mut own = Own { reference, user, asked_at: Timestamp::now(), queued, before, action, deployment };
        if own.deployment.is_none() {
            own.deployment = own.among(&self.newest_deployments().await?, None);
        }
        let id = own.deployment.unwrap_or(Deployment::NO_NUMBER);
        self.following.own = Some((id, own));
        Ok(Asked { id, lives })
    }

    fn answered(&self, answer: &Value) -> Result<Answered> {
        if answer.get("ok").is_some_and(|ok| !is_true(ok)) {
            let said = some_text(&answer["message"]).unwrap_or_default();
            return Err(RemoteError::Refused { api: self.api.who().api.clone(), status: 200, said }.into());
        }
        let (action, deployment) = (number(&answer["async_action_id"]), number(&answer["deployment_id"]));
        Ok(Answered { queued: is_true(&answer["queued"]), action, deployment })
    }

    /// What became of a request that got no answer: its action is looked for, then a deployment that was not there before.
    async fn what_happened(&self, reference: &str, before: &BTreeSet<u64>, error: RemoteError) -> Result<Answered> {
        self.api.note(&format!("{error}: asking whether the request has arrived"));
        let (deadline, mut pauses) = (Instant::now() + self.api.limits().request, Pauses::default());
        let unknown = |error| {
            let api = self.api.who().api.clone();
            BackendError::from(RemoteError::Unknown { api, source: Box::new(error) })
        };
        loop {
            sleep(pauses.next(self.api.limits())).await;
            match self.arrived(reference, before).await {
                Ok(Some(answered)) => return Ok(answered),
                Err(BackendError::Remote(again)) if again.may_pass() && Instant::now() < deadline => {}
                Ok(None) | Err(_) => return Err(unknown(error)),
            }
        }
    }

    async fn arrived(&self, reference: &str, before: &BTreeSet<u64>) -> Result<Option<Answered>> {
        if let Some(action) = self.action_of(reference).await? {
            let (id, deployment) = (action.id, action.deployment);
            return Ok(Some(Answered { queued: action.end.is_none(), action: Some(id), deployment }));
        }
        if self.api.kind() == BackendKind::Server {
            return Ok(None);
        }
        let newest = self.newest_deployments().await?;
        let mut new = newest.iter().filter(|one| !before.contains(&one.id) && one.trigger == Trigger::Command);
        Ok(match (new.next(), new.next()) {
            (Some(one), None) => Some(Answered { deployment: Some(one.id), ..Answered::default() }),
            _ => None,
        })
    }

    /// The action that was asked for with these words.
    pub(super) async fn action_of(&self, reference: &str) -> Result<Option<Action>> {
        let query = [("user_reference", reference)];
        let (actions, _) = self.api.page(&self.path("/actions"), 1, &query).await?;
        let mut actions = actions.iter().filter_map(Action::of);
        Ok(actions.find(|action| action.user_reference.as_deref() == Some(reference)))
    }

    /// The stack's path, and what follows it.
    pub(super) fn path(&self, rest: &str) -> String {
        format!("/stacks/{}{rest}", escaped(&self.stack.uid))
    }

    pub(super) fn odd(&self, what: &str) -> BackendError {
        self.api.who().not_understood(what).into()
    }
}

fn names_services(request: &Request) -> bool {
    matches!(request.selection, Selection::Services(_))
}

/// What the known clients send: all of the keys, always.
pub(super) fn redeploy_body(request: &Request, wish: &Wish) -> Value {
    let mut body = selection_body(request);
    let rollout = wish.rollout.as_ref();
    body["deploy_strategy"] = json!(strategy(wish));
    body["rollout_strategy"] = json!(rollout.map(|rollout| rollout.strategy));
    body["canary_percentage"] = json!(rollout.and_then(|rollout| rollout.canary_percentage));
    body
}

/// The same without a word of how.
pub(super) fn selection_body(request: &Request) -> Value {
    let (services, profile) = match &request.selection {
        Selection::Everything => (Vec::new(), ""),
        Selection::DeploymentProfile(name) => (Vec::new(), name.as_str()),
        Selection::Services(choices) => {
            let with_ref = |choice: &ServiceChoice| match &choice.reference {
                Some(reference) => format!("{}:{reference}", choice.name),
                None => choice.name.clone(),
            };
            (choices.iter().map(with_ref).collect(), "")
        }
    };
    json!({
        "git_ref": request.git_ref.as_ref().map(GitRef::as_str).unwrap_or_default(),
        "deploy_strategy": "",
        "rollout_strategy": null,
        "canary_percentage": null,
        "deployment_profile": profile,
        "services": services,
    })
}

fn strategy(wish: &Wish) -> &'static str {
    match wish.strategy {
        None => "",
        Some(WantedStrategy::Serial) => "serial",
        Some(WantedStrategy::Parallel) => "parallel",
        Some(WantedStrategy::Rolling) => "rolling",
        Some(WantedStrategy::Fast) => "fast",
    }
}

/// Whether a request that got this instead of an answer may have been taken all the same.
fn may_have_arrived(error: &RemoteError) -> bool {
    match error {
        RemoteError::Http(error) => matches!(
            error,
            HttpError::BrokeOff { .. }
                | HttpError::CutOff { .. }
                | HttpError::TooSlow { .. }
                | HttpError::TooLong { .. }
                | HttpError::NotHttp { .. }
                | HttpError::TimedOut { .. }
        ),
        // A proxy's words for an API that it lost.
        RemoteError::Failed { status, .. } => matches!(status, 408 | 502 | 504),
        RemoteError::NotUnderstood { .. } => true,
        _ => false,
    }
}
