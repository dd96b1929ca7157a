//! Asking for a deployment.

use axum::extract::Request;
use jiff::Timestamp;
use serde_json::json;

use crate::domain::causes::with_causes;
use crate::domain::deployment::Strategy;
use crate::domain::plan::{self, Plan, Selection, ServiceChoice};
use crate::domain::queue::{Insistence, Mode, Origin};
use crate::domain::token::Scope;
use crate::server::api_v3::client::Stack;
use crate::server::api_v3::fields::Fields;
use crate::server::api_v3::operations::uid_of;
use crate::server::api_v3::reply::{self, Failure, Reply};
use crate::store::actions::Answer;
use crate::store::enqueue::MOST_WAITING;
use crate::store::enqueue::NewDeployment;

/// The most characters by which a client may know what it asked for.
const LONGEST_REFERENCE: usize = 255;

/// What a client asks for.
#[derive(Debug)]
struct Wish {
    request: plan::Request,
    strategy: Option<Strategy>,
    insistence: Insistence,
    user_reference: Option<String>,
}

pub(super) async fn deploy(stack: Stack, request: Request) -> Reply {
    stack.client.must(Scope::Redeploy)?;
    let wish = Wish::of(&Fields::read(request, &stack.client.site.limits).await?)?;
    stack.client.takes_work()?;
    // A service that is new in the manifest is deployed too.
    let job = stack.client.site.current_job(stack.uid()).unwrap_or_else(|| stack.job.clone());
    let plan = Plan::of(&job.app, &wish.request)?;
    let new = NewDeployment {
        app_uid: stack.uid(),
        engine_uid: None,
        origin: &Origin::Command,
        insistence: wish.insistence,
        mode: Mode::default(),
        user: &stack.client.caller.name,
        plan: &plan,
        strategy: wish.strategy,
        now: Timestamp::now(),
    };
    let asked = match stack.store().enqueue_by_action(new, wish.user_reference.as_deref()).await? {
        Answer::Accepted(asked) => asked,
        Answer::Full => {
            return Err(Failure::throttled(format!("{MOST_WAITING} deployments of this stack wait already")));
        }
    };
    let message = if asked.waits { "Stack queued for redeployment" } else { "Stack is being redeployed" };
    Ok(reply::one(&json!({
        "ok": true,
        "message": message,
        "queued": asked.waits,
        "async_action_id": asked.action,
        "deployment_id": asked.accepted.id,
        "operation_uid": uid_of(asked.accepted.id),
    })))
}

impl Wish {
    fn of(fields: &Fields) -> Result<Self, Failure> {
        refuse_rollout(fields)?;
        let git_ref = fields.text("git_ref")?.map(str::parse).transpose();
        let git_ref = git_ref.map_err(|error| Failure::bad_request(format!("`git_ref`: {}", with_causes(&error))))?;
        let reference = fields.text("user_reference")?;
        if reference.is_some_and(|words| words.chars().count() > LONGEST_REFERENCE) {
            let text = format!("`user_reference` has more than {LONGEST_REFERENCE} characters");
            return Err(Failure::bad_request(text));
        }
        let insistence = if fields.switch("force")? { Insistence::Forced } else { Insistence::None };
        Ok(Self {
            request: plan::Request { selection: selection(fields)?, git_ref, git: None },
            strategy: strategy(fields)?,
            insistence,
            user_reference: reference.map(str::to_owned),
        })
    }
}

/// Services or a deployment profile, or else everything; not both.
fn selection(fields: &Fields) -> Result<Selection, Failure> {
    let services = fields.texts("services")?;
    let profile = fields.text("deployment_profile")?;
    match (services.is_empty(), profile) {
        (true, None) => Ok(Selection::Everything),
        (true, Some(profile)) => Ok(Selection::DeploymentProfile(profile.to_owned())),
        (false, None) => {
            let choices: Result<_, Failure> = services.into_iter().map(choice).collect();
            Ok(Selection::Services(choices?))
        }
        (false, Some(_)) => Err(Failure::bad_request("`services` and `deployment_profile` exclude each other")),
    }
}

fn choice(text: &str) -> Result<ServiceChoice, Failure> {
    let refused = |_| Failure::bad_request(format!("`services` holds {text:?}, which is neither NAME nor NAME:REF"));
    text.parse().map_err(refused)
}

fn strategy(fields: &Fields) -> Result<Option<Strategy>, Failure> {
    let refused = |word| format!("`deploy_strategy` cannot be {word:?} here: it is `serial` or `parallel`");
    let word = fields.text("deploy_strategy")?;
    word.map(|word| word.parse().map_err(|_| Failure::bad_request(refused(word)))).transpose()
}

/// Ways of rolling out that are not done here: a client that asks for one must not believe it had it.
fn refuse_rollout(fields: &Fields) -> Result<(), Failure> {
    if fields.text("rollout_strategy")?.is_some_and(|word| word != "none") {
        return Err(Failure::bad_request("`rollout_strategy` can only be `none` here"));
    }
    match fields.get("canary_percentage") {
        Some(_) => Err(Failure::bad_request("`canary_percentage` cannot be given here: there are no canaries")),
        None => Ok(()),
    }
}
