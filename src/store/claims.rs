//! Claims: which deployment's turn it is, who runs it, and how it ends.

use std::path::PathBuf;

use jiff::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::deployment::{DeploymentState, RunState};
use crate::domain::queue::RunsIn;
use crate::domain::release::ReleaseNumber;
use crate::store::clock::Monotonic;
use crate::store::deliveries::Telling;
use crate::store::lock;
use crate::store::log::NewLine;
use crate::store::rows::{FromRow, maybe_unsigned, parsed, signed, unsigned};
use crate::store::{News, Result, Store, StoreError, Writing};

/// An engine that has claimed an app: only as long as it has, and its lease holds, may it write about what it runs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The app's key in the store.
    pub app_uid: String,
    /// The engine's key in the store.
    pub engine_uid: String,
}

/// What an engine looks for in an app's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The deployment of its own command.
    Own(u64),
    /// Whatever no command runs.
    Served,
}

/// What a look at the queue came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The turn has come of what the engine looks for.
    Ready,
    /// What comes first was left by an engine that has died.
    Dead,
    /// Another engine's deployment comes first.
    Behind,
    /// There is nothing to run.
    Nothing,
}

/// Who comes first in an app's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct First {
    /// The deployment's number.
    pub deployment: u64,
    /// Whether it waits for a `hookbelt serve`, and there is none.
    pub lacks_serve: bool,
}

/// A deployment that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Its number.
    pub deployment: u64,
    /// The release it makes.
    pub release: ReleaseNumber,
}

/// What came of ending what dead engines left.
enum Settled {
    /// This comes first now, if anything does.
    First(Option<Head>),
    /// Processes of an earlier run are left.
    NotYet,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The deployment's last state.
    pub state: DeploymentState,
    /// The release's last state.
    pub release: RunState,
    /// Why it did not succeed.
    pub reason: Option<String>,
}

/// The deployment that comes first in an app's queue.
#[derive(Debug)]
pub(super) struct Head {
    pub id: u64,
    pub is_running: bool,
    pub attempt: u64,
    pub release: Option<ReleaseNumber>,
    lives_in: Option<String>,
    run_by: Option<String>,
}

impl Head {
    pub(super) fn runs_in(&self) -> RunsIn {
        RunsIn::of(self.lives_in.as_deref())
    }

    fn is(&self, wanted: Wanted) -> bool {
        !self.is_running
            && match wanted {
                Wanted::Own(id) => self.id == id,
                Wanted::Served => self.lives_in.is_none(),
            }
    }
}

impl FromRow for Head {
    fn from_row(row: &SqliteRow) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            id: unsigned(row, "id")?,
            is_running: parsed::<DeploymentState>(row, "state")? == DeploymentState::Running,
            attempt: unsigned(row, "attempt")?,
            release: maybe_unsigned(row, "release")?.map(ReleaseNumber),
            lives_in: row.try_get("lives_in")?,
            run_by: row.try_get("run_by_engine")?,
        })
    }
}

/// The statement that finds an app's first deployment.
const HEAD: &str = "SELECT d.id, d.state, d.attempt, d.release, d.engine_uid AS lives_in,
        COALESCE(c.engine_uid, d.engine_uid) AS run_by_engine
    FROM deployments d LEFT JOIN claims c ON c.deployment = d.id
    WHERE d.app_uid = $1 AND d.state IN ('queued', 'running') ORDER BY d.place, d.id LIMIT 1";

impl Store {
    /// A transaction of an engine that holds its claim; nothing can be written when its lease has run out, or another has
    /// taken over.
    pub(super) async fn write_as(&self, holder: &Holder) -> Result<Writing> {
        let mut transaction = self.write().await?;
        match self.first::<String, _>(self.claim_of(holder), &mut *transaction).await? {
            Some(_) => Ok(transaction),
            None => Err(StoreError::LeaseLost),
        }
    }

    /// Whether an engine holds its claim.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn holds(&self, holder: &Holder) -> Result<bool> {
        Ok(self.first::<String, _>(self.claim_of(holder), &self.reader).await?.is_some())
    }

    fn claim_of(&self, holder: &Holder) -> crate::store::rows::Query<'static> {
        let query = sqlx::query(
            "SELECT c.app_uid FROM claims c JOIN engines e ON e.uid = c.engine_uid
             WHERE c.app_uid = $1 AND c.engine_uid = $2 AND e.boot = $3 AND e.lease_until > $4",
        );
        let query = query.bind(holder.app_uid.clone()).bind(holder.engine_uid.clone());
        query.bind(self.boot.to_string()).bind(signed(Monotonic::now().milliseconds()))
    }

    /// The deployment of an app that comes first, whether it runs or waits.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn first_in_queue(&self, app_uid: &str) -> Result<Option<First>> {
        let head = sqlx::query(HEAD).bind(app_uid.to_owned());
        let Some(head) = self.first::<Head, _>(head, &self.reader).await? else {
            return Ok(None);
        };
        let needs_serve = head.runs_in() == RunsIn::Serve
            && match &head.run_by {
                Some(engine) => !self.is_alive(engine, &self.reader).await?,
                None => true,
            };
        let lacks_serve = needs_serve && self.served_by(app_uid).await?.is_none();
        Ok(Some(First { deployment: head.id, lacks_serve }))
    }

    /// Whether what comes first in an app's queue was left by an engine that has died.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn was_left_by_the_dead(&self, app_uid: &str) -> Result<bool> {
        let head = sqlx::query(HEAD).bind(app_uid.to_owned());
        match self.first::<Head, _>(head, &self.reader).await? {
            Some(Head { run_by: Some(engine), .. }) => Ok(!self.is_alive(&engine, &self.reader).await?),
            _ => Ok(false),
        }
    }

    /// Looks whose turn it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn turn(&self, app_uid: &str, wanted: Wanted) -> Result<Turn> {
        if let Wanted::Own(id) = wanted {
            let waits = sqlx::query("SELECT id FROM deployments WHERE id = $1 AND state = 'queued'").bind(signed(id));
            if self.first::<u64, _>(waits, &self.reader).await?.is_none() {
                return Ok(Turn::Nothing);
            }
        }
        let head = sqlx::query(HEAD).bind(app_uid.to_owned());
        Ok(match self.first::<Head, _>(head, &self.reader).await? {
            None => Turn::Nothing,
            Some(head) if head.is(wanted) => Turn::Ready,
            Some(Head { run_by: None, .. }) => Turn::Behind,
            Some(Head { run_by: Some(engine), .. }) if self.is_alive(&engine, &self.reader).await? => Turn::Behind,
            Some(_) => Turn::Dead,
        })
    }

    /// Begins the deployment whose turn it is, if it is the one that is wanted and no process of an earlier run is left: ends
    /// what dead engines left, claims the app, takes the next release number unless it has one, and has the deploy hooks told.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], or when the store cannot be written.
    pub async fn claim(
        &self,
        app_uid: &str,
        engine_uid: &str,
        wanted: Wanted,
        tellings: &[Telling],
        now: Timestamp,
    ) -> Result<Option<Begun>> {
        let mut transaction = self.write().await?;
        let Settled::First(head) = self.settle_in(&mut transaction, app_uid, now).await? else {
            return Ok(None);
        };
        let Some(head) = head.filter(|head| head.is(wanted)) else {
            self.commit(transaction, News::Queue).await?;
            return Ok(None);
        };
        if !self.is_alive(engine_uid, &mut *transaction).await? {
            return Err(StoreError::LeaseLost);
        }
        let running = sqlx::query(
            "UPDATE deployments
             SET state = $2, started_at = COALESCE(started_at, $3), attempt = attempt + 1, reason = NULL WHERE id = $1",
        );
        let running = running.bind(signed(head.id)).bind(DeploymentState::Running.word()).bind(now.as_millisecond());
        self.run(running, &mut *transaction).await?;
        let claim = sqlx::query("INSERT INTO claims (app_uid, deployment, engine_uid) VALUES ($1, $2, $3)");
        let claim = claim.bind(app_uid.to_owned()).bind(signed(head.id)).bind(engine_uid.to_owned());
        self.run(claim, &mut *transaction).await?;
        let release = match head.release {
            Some(release) => {
                self.set_release_state(&mut transaction, head.id, RunState::Running).await?;
                release
            }
            None => self.take_release(&mut transaction, app_uid, head.id, now).await?,
        };
        self.note_tellings(&mut transaction, app_uid, head.id, tellings).await?;
        if head.attempt == 0 {
            self.tell_of_start(&mut transaction, head.id, now).await?;
        }
        self.commit(transaction, News::Queue).await?;
        Ok(Some(Begun { deployment: head.id, release }))
    }

    /// Ends what dead engines left at the head of an app's queue, unless processes of theirs are left.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn settle(&self, app_uid: &str, now: Timestamp) -> Result<()> {
        let mut transaction = self.write().await?;
        match self.settle_in(&mut transaction, app_uid, now).await? {
            Settled::First(_) => self.commit(transaction, News::Queue).await,
            Settled::NotYet => Ok(()),
        }
    }

    async fn settle_in(&self, transaction: &mut Writing, app_uid: &str, now: Timestamp) -> Result<Settled> {
        loop {
            let head = sqlx::query(HEAD).bind(app_uid.to_owned());
            let Some(head) = self.first::<Head, _>(head, &mut **transaction).await? else {
                return Ok(Settled::First(None));
            };
            let is_dead = match &head.run_by {
                Some(engine) => !self.is_alive(engine, &mut **transaction).await?,
                None => false,
            };
            // Looked at when nobody can renew a lease any more: of an engine that was dead before, no program starts later.
            if self.is_locked(app_uid)? {
                return Ok(Settled::NotYet);
            }
            if !is_dead {
                return Ok(Settled::First(Some(head)));
            }
            self.settle_dead(transaction, app_uid, &head, now).await?;
        }
    }

    /// The file that every program of an app's deployments holds a lock on.
    #[must_use]
    pub fn lock_of(&self, app_uid: &str) -> PathBuf {
        self.files().join("locks").join(app_uid)
    }

    fn is_locked(&self, app_uid: &str) -> Result<bool> {
        let path = self.lock_of(app_uid);
        let file = lock::open(&path).map_err(|source| StoreError::Lock { path, source })?;
        Ok(file.try_lock().is_err())
    }

    async fn take_release(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        deployment: u64,
        now: Timestamp,
    ) -> Result<ReleaseNumber> {
        let next = sqlx::query("SELECT COALESCE(MAX(number), 0) + 1 FROM releases WHERE app_uid = $1")
            .bind(app_uid.to_owned());
        let number: u64 = self.first(next, &mut **transaction).await?.unwrap_or(1);
        let insert = sqlx::query(
            "INSERT INTO releases (app_uid, number, deployment, state, summary, sha, user_name, started_at)
             SELECT $1, $2, id, $4, '', '', user_name, $5 FROM deployments WHERE id = $3",
        );
        let insert = insert
            .bind(app_uid.to_owned())
            .bind(signed(number))
            .bind(signed(deployment))
            .bind(RunState::Running.word())
            .bind(now.as_millisecond());
        self.run(insert, &mut **transaction).await?;
        let note = sqlx::query("UPDATE deployments SET release = $2 WHERE id = $1")
            .bind(signed(deployment))
            .bind(signed(number));
        self.run(note, &mut **transaction).await?;
        Ok(ReleaseNumber(number))
    }

    /// Ends a running deployment and its release, and gives up the claim.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when the claim is no longer this engine's; then nothing is written.
    pub async fn finish(&self, holder: &Holder, deployment: u64, ending: &Ending, now: Timestamp) -> Result<()> {
        let mut transaction = self.write_as(holder).await?;
        self.give_up_claim(&mut transaction, &holder.app_uid).await?;
        self.end_in(&mut transaction, deployment, ending, now).await?;
        self.commit(transaction, News::Queue).await
    }

    /// Puts a running deployment back to its place in the queue, and gives up the claim.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] when the claim is no longer this engine's; then nothing is written.
    pub async fn put_back(&self, holder: &Holder, deployment: u64, reason: &str) -> Result<()> {
        let mut transaction = self.write_as(holder).await?;
        self.give_up_claim(&mut transaction, &holder.app_uid).await?;
        self.put_back_in(&mut transaction, deployment, reason).await?;
        self.commit(transaction, News::Queue).await
    }

    async fn give_up_claim(&self, transaction: &mut Writing, app_uid: &str) -> Result<()> {
        let claim = sqlx::query("DELETE FROM claims WHERE app_uid = $1").bind(app_uid.to_owned());
        self.run(claim, &mut **transaction).await.map(drop)
    }

    /// Ends a deployment, and says so in the app's log.
    pub(super) async fn end_and_say(
        &self,
        transaction: &mut Writing,
        app_uid: &str,
        deployment: u64,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<()> {
        self.end_in(transaction, deployment, ending, now).await?;
        let reason = ending.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let text = format!("Deployment {deployment} {}{reason}", ending.state);
        self.append_log_in(transaction, app_uid, &[NewLine::of_engine(Some(deployment), text)]).await
    }
}
