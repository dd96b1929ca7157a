//! Asking for a deployment: of what is named, or back to what a release left.

use std::sync::Arc;

use axum::extract::Request;
use jiff::Timestamp;
use serde_json::json;

use crate::domain::causes::with_causes;
use crate::domain::deployment::Strategy;
use crate::domain::plan::{self, GitInformation, Plan, Selection, ServiceChoice};
use crate::domain::queue::{Insistence, Mode, Origin};
use crate::domain::release::ReleaseNumber;
use crate::domain::token::Scope;
use crate::engine::Job;
use crate::engine::rollback::{RollbackError, RollbackPlan, plan_rollback};
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
    manner: Manner,
}

/// How a client asks for it.
#[derive(Debug)]
struct Manner {
    act: Act,
    strategy: Option<Strategy>,
    insistence: Insistence,
    user_reference: Option<String>,
}

/// Whether anything is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Deploy,
    Tell,
}

pub(super) async fn deploy(stack: Stack, request: Request) -> Reply {
    let fields = Fields::read(request, &stack.client.site.limits).await?;
    let wish = Wish::of(&fields)?;
    wish.manner.allowed_to(&stack)?;
    let job = current_job(&stack);
    let plan = Plan::of(&job.app, &wish.request)?;
    if wish.manner.act == Act::Tell {
        return Ok(reply::one(&json!({ "ok": true, "message": WOULD_BE, "dry_run": true, "plan": plan })));
    }
    wish.manner.enqueue(&stack, &Origin::Command, &plan).await
}

pub(super) async fn roll_back(stack: Stack, request: Request) -> Reply {
    let fields = Fields::read(request, &stack.client.site.limits).await?;
    let manner = Manner::of(&fields)?;
    manner.allowed_to(&stack)?;
    let version = fields.text("version")?.map(str::parse::<ReleaseNumber>).transpose();
    let version = version.map_err(|error| Failure::bad_request(format!("`version`: {error}")))?;
    let job = current_job(&stack);
    let rollback = plan_rollback(stack.store(), &job.app, stack.uid(), version).await;
    let RollbackPlan { release, plan } = rollback.map_err(not_a_release)?;
    if manner.act == Act::Tell {
        let document = json!({ "ok": true, "message": WOULD_BE, "dry_run": true, "release": release, "plan": plan });
        return Ok(reply::one(&document));
    }
    if plan.services.is_empty() {
        return Err(Failure::conflict(format!("nothing to do: every service is as it was in {release}")));
    }
    manner.enqueue(&stack, &Origin::Rollback(release), &plan).await
}

/// A service that is new in the manifest is deployed too.
fn current_job(stack: &Stack) -> Arc<Job> {
    stack.client.site.current_job(stack.uid()).unwrap_or_else(|| stack.job.clone())
}

fn not_a_release(error: RollbackError) -> Failure {
    match error {
        RollbackError::NoEarlier | RollbackError::Unknown(_) => Failure::not_found(error.to_string()),
        RollbackError::NotSucceeded { .. } => Failure::bad_request(error.to_string()),
        RollbackError::Store(error) => error.into(),
    }
}

/// What a dry run says beside its plan.
const WOULD_BE: &str = "Nothing is deployed: this is what would be";

impl Manner {
    fn of(fields: &Fields) -> Result<Self, Failure> {
        let reference = fields.text("user_reference")?;
        if reference.is_some_and(|words| words.chars().count() > LONGEST_REFERENCE) {
            let text = format!("`user_reference` has more than {LONGEST_REFERENCE} characters");
            return Err(Failure::bad_request(text));
        }
        Ok(Self {
            act: if fields.switch("dry_run")? { Act::Tell } else { Act::Deploy },
            strategy: strategy(fields)?,
            insistence: if fields.switch("force")? { Insistence::Forced } else { Insistence::None },
            user_reference: reference.map(str::to_owned),
        })
    }

    /// Whoever may read may know what would be done.
    fn allowed_to(&self, stack: &Stack) -> Result<(), Failure> {
        if self.act == Act::Tell {
            return Ok(());
        }
        stack.client.must(Scope::Redeploy)?;
        stack.client.takes_work()
    }

    async fn enqueue(&self, stack: &Stack, origin: &Origin, plan: &Plan) -> Reply {
        let new = NewDeployment {
            app_uid: stack.uid(),
            engine_uid: None,
            origin,
            insistence: self.insistence,
            mode: Mode::default(),
            user: &stack.client.caller.name,
            plan,
            strategy: self.strategy,
            now: Timestamp::now(),
        };
        queued(stack, new, self.user_reference.as_deref()).await
    }
}

async fn queued(stack: &Stack, new: NewDeployment<'_>, user_reference: Option<&str>) -> Reply {
    let asked = match stack.store().enqueue_by_action(new, user_reference).await? {
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
        let manner = Manner::of(fields)?;
        let git = git(fields)?;
        if git.is_some() && manner.act == Act::Deploy {
            return Err(Failure::bad_request("`git` goes with `dry_run` alone: pushes come by the redeployment hook"));
        }
        Ok(Self { request: plan::Request { selection: selection(fields)?, git_ref, git }, manner })
    }
}

/// What was pushed, for who asks what a push would deploy.
fn git(fields: &Fields) -> Result<Option<GitInformation>, Failure> {
    let git = fields.get("git").map(|git| serde_json::from_value(git.clone())).transpose();
    git.map_err(|error| Failure::bad_request(format!("`git`: {error}")))
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
