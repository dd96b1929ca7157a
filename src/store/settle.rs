//! How a deployment ends other than by its run: it is canceled while it waits, or its engine dies.

use jiff::Timestamp;

use crate::domain::delivery::HookEvent;
use crate::domain::deployment::{DeploymentState, RunState};
use crate::domain::queue::{AfterDeath, after_death};
use crate::store::claims::{Ending, Head};
use crate::store::log::NewLine;
use crate::store::rows::signed;
use crate::store::writes::Writes;
use crate::store::{News, Result, Store, Writing};

/// What a request to cancel came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelRequest {
    /// It waited, and is canceled.
    Canceled,
    /// It runs: who runs it is asked to end it.
    Asked,
    /// It was over.
    Over,
}

impl Store {
    /// Takes a deployment that waits out of the queue, or asks whoever runs it to end it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn cancel(&self, app_uid: &str, deployment: u64, reason: &str, now: Timestamp) -> Result<CancelRequest> {
        let mut transaction = self.write().await?;
        let state = sqlx::query("SELECT state FROM deployments WHERE id = $1").bind(signed(deployment));
        let state = self.first::<String, _>(state, &mut *transaction).await?;
        let came_to = if state.as_deref() == Some(DeploymentState::Queued.word()) {
            let (state, release) = (DeploymentState::Canceled, RunState::Canceled);
            let ending = Ending { state, release, reason: Some(reason.to_owned()) };
            self.end_and_say(&mut transaction, app_uid, deployment, &ending, now).await?;
            CancelRequest::Canceled
        } else if state.as_deref() == Some(DeploymentState::Running.word()) {
            let ask = sqlx::query("UPDATE deployments SET cancel_reason = $2 WHERE id = $1 AND cancel_reason IS NULL");
            self.run(ask.bind(signed(deployment)).bind(reason.to_owned()), &mut *transaction).await?;
            CancelRequest::Asked
        } else {
            CancelRequest::Over
        };
        self.commit(transaction, News::Queue).await?;
        Ok(came_to)
    }

    /// Why somebody has asked to cancel a deployment, if anybody has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn cancel_requested(&self, deployment: u64) -> Result<Option<String>> {
        let query = sqlx::query("SELECT cancel_reason FROM deployments WHERE id = $1 AND cancel_reason IS NOT NULL");
        self.first(query.bind(signed(deployment)), &self.reader).await
    }

    /// What a dead engine left: it ends, or goes back to its place.
    pub(super) async fn settle_dead(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        head: &Head,
        now: Timestamp,
    ) -> Result<()> {
        let claim = sqlx::query("DELETE FROM claims WHERE app_uid = $1 AND deployment = $2");
        self.run(claim.bind(app_uid.to_owned()).bind(signed(head.id)), &mut **transaction).await?;
        let (id, runs_in) = (head.id, head.runs_in());
        let canceled = sqlx::query("SELECT cancel_reason FROM deployments WHERE id = $1 AND cancel_reason IS NOT NULL");
        let canceled: Option<String> = self.first(canceled.bind(signed(id)), &mut **transaction).await?;
        if let Some(reason) = canceled {
            let (state, release) = (DeploymentState::Canceled, RunState::Canceled);
            let ending = Ending { state, release, reason: Some(reason) };
            return self.end_and_say(transaction, app_uid, id, &ending, now).await;
        }
        let after = after_death(runs_in, head.is_running, head.attempt);
        let reason = after.reason(runs_in);
        if after == AfterDeath::Again {
            self.put_back_in(transaction, id, reason).await?;
            let text = format!("Deployment {id} was interrupted: {reason}");
            return self.append_log_in(transaction, app_uid, &[NewLine::of_engine(Some(id), text)]).await;
        }
        let release = if after == AfterDeath::Failed { RunState::Failed } else { RunState::Canceled };
        let ending = Ending { state: after.state(), release, reason: Some(reason.to_owned()) };
        self.end_and_say(transaction, app_uid, id, &ending, now).await
    }

    /// What was begun and did not end is to be run again.
    pub(super) async fn put_back_in(&self, transaction: &mut Writing, deployment: u64, reason: &str) -> Result<()> {
        let queued = sqlx::query("UPDATE deployments SET state = $2, reason = $3 WHERE id = $1");
        let queued = queued.bind(signed(deployment)).bind(DeploymentState::Queued.word()).bind(reason.to_owned());
        self.run(queued, &mut **transaction).await?;
        self.set_release_state(transaction, deployment, RunState::Waiting).await?;
        let open = sqlx::query("UPDATE deployment_services SET state = $2 WHERE deployment = $1 AND state = 'running'");
        self.run(open.bind(signed(deployment)).bind(RunState::Waiting.word()), &mut **transaction).await.map(drop)
    }

    pub(super) async fn set_release_state(
        &self,
        transaction: &mut Writing,
        deployment: u64,
        state: RunState,
    ) -> Result<()> {
        let query = sqlx::query("UPDATE releases SET state = $2 WHERE deployment = $1");
        self.run(query.bind(signed(deployment)).bind(state.word()), &mut **transaction).await.map(drop)
    }

    pub(super) async fn end_in(
        &self,
        transaction: &mut Writing,
        deployment: u64,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<()> {
        let mut writes = Writes::default();
        end_deployment(&mut writes, deployment, ending.state, ending.reason.clone(), now);
        let (state, id) = (ending.release.word(), deployment);
        writes.statement(
            "UPDATE releases SET state = ?, ended_at = ? WHERE deployment = ?",
            [state.into(), now.into(), id.into()],
        );
        writes.statement(
            "UPDATE deployment_services SET state = ? WHERE deployment = ? AND state = 'running'",
            [state.into(), id.into()],
        );
        skip_waiting_services(&mut writes, deployment);
        self.write_together(transaction, writes).await?;
        self.tell_of_end(transaction, deployment, HookEvent::of_end(ending.state), now).await
    }
}

pub(super) fn end_deployment(
    writes: &mut Writes,
    deployment: u64,
    state: DeploymentState,
    reason: Option<String>,
    now: Timestamp,
) {
    writes.statement(
        "UPDATE deployments SET state = ?, reason = ?, ended_at = ? WHERE id = ?",
        [state.word().into(), reason.into(), now.into(), deployment.into()],
    );
}

pub(super) fn skip_waiting_services(writes: &mut Writes, deployment: u64) {
    writes.statement(
        "UPDATE deployment_services SET state = ?, reason = ? WHERE deployment = ? AND state = 'waiting'",
        [RunState::Skipped.word().into(), "the deployment ended before its turn".into(), deployment.into()],
    );
}
