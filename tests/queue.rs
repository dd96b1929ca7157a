//! The queue in the store: whatever may happen to it in whatever order, it is held against the same model as the rules.

#[path = "../src/domain/queue/tests/model.rs"]
mod model;

use std::cell::Cell;
use std::time::Duration;

use hookbelt::domain::app::{AppIdentity, Environment};
use hookbelt::domain::deployment::{DeploymentState, RunState, Strategy, Target};
use hookbelt::domain::plan::{NewHead, Plan, PlannedService};
use hookbelt::domain::queue::{Hook, Insistence, Mode, Origin, Push, RunsIn};
use hookbelt::domain::release::ReleaseNumber;
use hookbelt::domain::service::ServiceName;
use hookbelt::domain::setting::PAUSED;
use hookbelt::store::claims::{Begun, Ending, Holder, Turn, Wanted};
use hookbelt::store::clock::Monotonic;
use hookbelt::store::engines::Life;
use hookbelt::store::enqueue::NewDeployment;
use hookbelt::store::{Folder, Store, StoreError};
use jiff::Timestamp;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use crate::queue::model::{Asked, Queue, Standing, check, events};

/// Longer than any test.
const LEASE: Duration = Duration::from_hours(1);

/// An app's queue in a store, with a `serve` and the commands that live.
struct Stored<'a> {
    runtime: &'a Runtime,
    store: &'a Store,
    app_uid: String,
    /// The deployments by their numbers in the model, each with the engine of its command.
    deployments: Vec<(u64, Option<Engine>)>,
    serve: Engine,
    /// Those that were begun, in the order of their releases.
    begun: Vec<u64>,
}

struct Engine {
    uid: String,
    _life: Life,
}

impl<'a> Stored<'a> {
    fn new(runtime: &'a Runtime, store: &'a Store, app: usize) -> Self {
        let name = format!("shop{app}").parse().unwrap();
        let identity = AppIdentity { name, environment: Environment::default() };
        let uid = format!("{app:032}");
        let registered = store.register_app(&identity, "/hookbelt.toml".as_ref(), &uid, Timestamp::now());
        runtime.block_on(registered).unwrap();
        let serve = Engine::start(runtime, store, format!("{app}-serve-0"));
        Self { runtime, store, app_uid: uid, deployments: Vec::new(), serve, begun: Vec::new() }
    }

    fn wait_for<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    fn id(&self, number: usize) -> u64 {
        self.deployments[number].0
    }

    fn number(&self, id: u64) -> usize {
        self.deployments.iter().position(|(other, _)| *other == id).unwrap()
    }

    /// The engine that runs a deployment, or will.
    fn engine_of(&self, number: usize) -> &Engine {
        self.deployments[number].1.as_ref().unwrap_or(&self.serve)
    }

    fn finish(&self, number: usize, state: DeploymentState) -> Result<(), StoreError> {
        let engine_uid = self.engine_of(number).uid.clone();
        let holder = Holder { app_uid: self.app_uid.clone(), engine_uid };
        let release = state.word().parse::<RunState>().unwrap();
        let ending = Ending { state, release, reason: None };
        self.wait_for(self.store.finish(&holder, self.id(number), &ending, Timestamp::now()))
    }

    fn settle(&self) {
        self.wait_for(self.store.settle(&self.app_uid, Timestamp::now())).unwrap();
    }

    /// A lease that is over is all that the others see of a death.
    fn kill(&self, engine: &Engine) {
        self.wait_for(self.store.renew(&engine.uid, Monotonic::at(0))).unwrap();
    }
}

impl Engine {
    fn start(runtime: &Runtime, store: &Store, uid: String) -> Self {
        let life = runtime.block_on(store.add_engine(&uid, LEASE)).unwrap();
        Self { uid, _life: life }
    }
}

impl Queue for Stored<'_> {
    fn ask(&mut self, asked: &Asked) -> Option<&'static str> {
        let uid = format!("{}-{}", self.serve.uid, self.deployments.len());
        let engine = (asked.runs_in == RunsIn::Command).then(|| Engine::start(self.runtime, self.store, uid));
        let planned = |service: &ServiceName| PlannedService { service: service.clone(), target: Target::default() };
        let plan = Plan { services: asked.services.iter().map(planned).collect(), skipped: Vec::new() };
        let new = NewDeployment {
            app_uid: &self.app_uid,
            engine_uid: engine.as_ref().map(|engine| engine.uid.as_str()),
            origin: &asked.origin,
            insistence: asked.insistence,
            mode: asked.mode,
            user: "ann",
            plan: &plan,
            strategy: Some(Strategy::Serial),
            now: Timestamp::now(),
        };
        match self.wait_for(self.store.enqueue(new)) {
            Ok(accepted) => {
                self.deployments.push((accepted.id, engine));
                Some(accepted.state.word())
            }
            Err(StoreError::Paused) => {
                if let Some(engine) = engine {
                    self.wait_for(self.store.remove_engine(&engine.uid)).unwrap();
                }
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn pause(&mut self) {
        self.wait_for(self.store.set_setting(&self.app_uid, PAUSED, "true", Timestamp::now())).unwrap();
    }

    fn resume(&mut self) {
        self.wait_for(self.store.set_setting(&self.app_uid, PAUSED, "false", Timestamp::now())).unwrap();
    }

    /// Everybody who lives looks, and takes what is theirs.
    fn begin(&mut self) -> Option<usize> {
        let commands = self.deployments.iter().filter_map(|(id, engine)| Some((engine.as_ref()?, Wanted::Own(*id))));
        let mut begun = Vec::new();
        for (engine, wanted) in commands.chain([(&self.serve, Wanted::Served)]) {
            let turn = self.wait_for(self.store.turn(&self.app_uid, wanted)).unwrap();
            if matches!(turn, Turn::Ready | Turn::Dead) {
                let claim = self.store.claim(&self.app_uid, &engine.uid, wanted, &[], Timestamp::now());
                begun.extend(self.wait_for(claim).unwrap());
            }
        }
        assert!(begun.len() <= 1, "{begun:?}");
        let Begun { deployment, release } = begun.pop()?;
        if !self.begun.contains(&deployment) {
            self.begun.push(deployment);
        }
        let expected = self.begun.iter().position(|other| *other == deployment).map(|at| at + 1);
        assert_eq!(usize::try_from(release.0).ok(), expected);
        Some(self.number(deployment))
    }

    fn end(&mut self, running: usize, state: &'static str) {
        let asked = self.wait_for(self.store.cancel_requested(self.id(running))).unwrap();
        assert_eq!(asked.is_some(), state == "canceled");
        self.finish(running, state.parse().unwrap()).unwrap();
    }

    fn engine_dies(&mut self, running: Option<usize>) {
        let engine = running.map_or(&self.serve, |running| self.engine_of(running));
        let is_serve = engine.uid == self.serve.uid;
        self.kill(engine);
        if let Some(running) = running {
            let written = self.finish(running, DeploymentState::Succeeded);
            assert!(matches!(written, Err(StoreError::LeaseLost)), "{written:?}");
        }
        if is_serve {
            let next = format!("{}+", self.serve.uid);
            self.serve = Engine::start(self.runtime, self.store, next);
        }
    }

    fn command_dies(&mut self, waiting: usize) {
        self.kill(self.engine_of(waiting));
    }

    fn cancel(&mut self, number: usize) {
        // Who has died cannot be asked.
        self.settle();
        self.wait_for(self.store.cancel(&self.app_uid, self.id(number), "nobody wants it", Timestamp::now())).unwrap();
    }

    fn standings(&self) -> Vec<Standing> {
        let all = self.wait_for(self.store.deployments(&self.app_uid, 1_000)).unwrap();
        assert!(all.iter().rev().map(|one| one.id).eq(self.deployments.iter().map(|(id, _)| *id)));
        all.iter().rev().map(|one| (one.state.word(), one.attempt)).collect()
    }

    fn line(&self) -> Vec<usize> {
        let line = self.wait_for(self.store.unfinished(&self.app_uid, 1_000)).unwrap();
        assert!(line.iter().filter_map(|one| one.place).is_sorted_by(|one, next| one < next), "{line:?}");
        line.iter().map(|one| self.number(one.id)).collect()
    }
}

/// A runtime and a store of its own in a folder that goes with it.
fn store() -> (tempfile::TempDir, Runtime, Store) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::open(&folder.path().join("hookbelt.db"), Folder::MustExist)).unwrap();
    (folder, runtime, store)
}

#[test]
fn a_stored_queue_does_as_a_plain_line_of_deployments_would() {
    let (_folder, runtime, store) = store();
    let mut runner = TestRunner::new(Config { cases: 20, failure_persistence: None, ..Config::default() });
    let apps = Cell::new(0);
    let checked = runner.run(&events(25), |events| {
        apps.set(apps.get() + 1);
        check(&mut Stored::new(&runtime, &store, apps.get()), &events);
        Ok(())
    });
    checked.unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn a_place_that_was_taken_over_is_taken_over_again() {
    let (_folder, runtime, store) = store();
    let mut queue = Stored::new(&runtime, &store, 1);
    let hook = Origin::Hook(Hook::default());
    let asked = [(&hook, "web"), (&Origin::Command, "api"), (&hook, "worker"), (&hook, "web"), (&hook, "web worker")];
    for (origin, services) in asked {
        let services = services.split(' ').map(|name| name.parse().unwrap()).collect();
        let (mode, insistence, runs_in) = (Mode::Latest, Insistence::None, RunsIn::Serve);
        assert_eq!(queue.ask(&Asked { origin: origin.clone(), services, mode, insistence, runs_in }), Some("queued"));
    }
    assert_eq!(queue.line(), [4, 1]);
}
