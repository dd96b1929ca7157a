//! Pushes that wait, in a store of their own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hookbelt::domain::continuous::PushState;
use hookbelt::domain::deployment::{DeploymentState, Target};
use hookbelt::domain::plan::{Plan, PlannedService, Skip, SkippedService};
use hookbelt::domain::queue::{Hook, Mode};
use hookbelt::store::accept::{Delivery, NewHook, Outcome, Way};
use hookbelt::store::enqueue::Accepted;
use hookbelt::store::enqueue::MOST_WAITING;
use hookbelt::store::pushes::{DeployedBy, NewPush, OfPush};
use hookbelt::store::{Folder, Store};
use jiff::Timestamp;
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::continuous_deploy::shop::{SHA, runtime};
use crate::support::Belt;

const REMEMBER: Duration = Duration::from_hours(1);

fn plan() -> Plan {
    let target = Target { branch: Some("main".to_owned()), sha: Some(SHA.to_owned()), ..Target::default() };
    let services = vec![PlannedService { service: "web".parse().unwrap(), target }];
    let reason = Skip::OtherBranch { branch: "release".to_owned(), pushed: vec!["main".to_owned()] };
    Plan { services, skipped: vec![SkippedService { service: "worker".parse().unwrap(), reason }] }
}

fn push(nonce: &str, delivery: &str) -> NewHook {
    let push = NewPush { nonce: nonce.to_owned(), repository: "github.com/acme/shop".to_owned(), sha: SHA.to_owned() };
    NewHook {
        app_uid: "u".to_owned(),
        plan: plan(),
        hook: Hook::default(),
        mode: Mode::All,
        user: "octocat".to_owned(),
        delivery: Some(Delivery { modifiers: String::new(), ids: vec![delivery.to_owned()], also: None }),
        body: Arc::new(b"{}".to_vec()),
        way: Way::After(push),
        now: Timestamp::now(),
    }
}

/// A store with the apps `u` and `v`.
async fn store(path: &Path) -> Store {
    let store = Store::open(path, Folder::MustExist).await.unwrap();
    for (uid, name) in [("u", "shop"), ("v", "blog")] {
        let identity =
            hookbelt::domain::app::AppIdentity { name: name.parse().unwrap(), environment: "staging".parse().unwrap() };
        store.register_app(&identity, Path::new("/hookbelt.toml"), uid, Timestamp::now()).await.unwrap();
    }
    store
}

#[test]
fn a_push_comes_back_as_it_was_stored_and_is_deployed_once_for_its_app_alone() {
    let belt = Belt::new();
    let path = belt.path().join("a.db");
    runtime().block_on(async {
        let one = store(&path).await;
        let new = push("n1", "one");
        assert_eq!(one.accept_hooks(&[&new, &new], REMEMBER).await.unwrap(), [Outcome::Waits, Outcome::StillWaits]);
        // Another process finds it.
        let other = store(&path).await;
        let [waiting] = &other.waiting_pushes().await.unwrap()[..] else { panic!() };
        assert_eq!(Way::After(waiting.push.clone()), new.way);
        assert_eq!((&waiting.app_uid, waiting.wait.state, waiting.tries), (&new.app_uid, PushState::New, 0));
        assert_eq!(serde_json::to_value(&waiting.plan).unwrap(), serde_json::to_value(plan()).unwrap());
        let later = Timestamp::from_second(4_000_000_000).unwrap();
        other.try_push_again("n1", later).await.unwrap();
        assert!(other.push_is_created("n1", 101).await.unwrap());
        assert!(!other.push_is_created("n1", 102).await.unwrap());
        let [waiting] = &one.waiting_pushes().await.unwrap()[..] else { panic!() };
        assert_eq!((waiting.wait.state, waiting.wait.next_try, waiting.tries), (PushState::Created, later, 1));
        let deploy = async |store: &Store, app: &str, by: DeployedBy| {
            store.deploy_push(app, "n1", &by, Mode::All, Timestamp::now()).await.unwrap()
        };
        assert_eq!(deploy(&one, "v", DeployedBy::Event(101)).await, OfPush::Unknown);
        let both = tokio::join!(
            deploy(&one, "u", DeployedBy::Event(101)),
            deploy(&other, "u", DeployedBy::Itself("time is up".to_owned()))
        );
        let came_to = [both.0, both.1].map(|of_push| match of_push {
            OfPush::Deployed { user, accepted, .. } => format!("{user} {} {}", accepted.id, accepted.state),
            other => format!("{other:?}"),
        });
        assert!(
            came_to.contains(&"octocat 1 queued".to_owned()) && came_to.contains(&"Before(1)".to_owned()),
            "{came_to:?}"
        );
        let deployment = one.deployment(1).await.unwrap().unwrap();
        assert_eq!(deployment.services[0].target, plan().services[0].target);
        assert_eq!(deployment.services[1].reason.as_deref(), Some("its branch is release, and the push was to main"));
        // Whichever it was, its deployment at the host is known.
        let [followed] = &one.followed_deployments().await.unwrap()[..] else { panic!() };
        assert_eq!((followed.deployment, followed.at_host.id), (1, 101));
    });
}

#[test]
fn pushes_that_wait_are_counted_with_the_deployments_that_wait() {
    let belt = Belt::new();
    runtime().block_on(async {
        let store = store(&belt.path().join("a.db")).await;
        let mut hooks: Vec<NewHook> = (0..MOST_WAITING).map(|at| push(&format!("n{at}"), &at.to_string())).collect();
        hooks[0].way = Way::Directly;
        hooks.push(push("more", "more"));
        let outcomes = store.accept_hooks(&hooks.iter().collect::<Vec<_>>(), REMEMBER).await.unwrap();
        assert!(matches!(outcomes[0], Outcome::Accepted(_)));
        let waits = outcomes.iter().filter(|outcome| **outcome == Outcome::Waits).count();
        assert_eq!((waits as u64, outcomes.last()), (MOST_WAITING - 1, Some(&Outcome::Full)));
        // Its turn to be a deployment comes all the same.
        let by = DeployedBy::Event(101);
        let of_push = store.deploy_push("u", "n1", &by, Mode::All, Timestamp::now()).await.unwrap();
        assert!(matches!(of_push, OfPush::Deployed { .. }), "{of_push:?}");
    });
}

#[test]
fn a_push_is_forgotten_once_it_was_deployed_and_no_delivery_is_compared_with_it() {
    let belt = Belt::new();
    runtime().block_on(async {
        let store = store(&belt.path().join("a.db")).await;
        store.accept_hooks(&[&push("n1", "one"), &push("n2", "two")], REMEMBER).await.unwrap();
        let deploy = async || {
            let by = DeployedBy::Event(101);
            store.deploy_push("u", "n1", &by, Mode::All, Timestamp::now()).await.unwrap()
        };
        deploy().await;
        store.forget_deliveries_before(Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(deploy().await, OfPush::Before(1));
        store.forget_deliveries_before(Timestamp::MAX).await.unwrap();
        assert_eq!(deploy().await, OfPush::Unknown);
        let waiting: Vec<String> =
            store.waiting_pushes().await.unwrap().into_iter().map(|one| one.push.nonce).collect();
        assert_eq!(waiting, ["n2"]);
    });
}

#[test]
fn a_store_of_before_keeps_what_it_knows_of_deliveries() {
    let belt = Belt::new();
    let path = belt.path().join("old.db");
    let hook = NewHook { way: Way::Directly, ..push("n1", "one") };
    let outcome = runtime().block_on(async {
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.unwrap();
        let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        };
        let before = [
            (1, "initial", include_str!("../../src/store/migrations/0001_initial.sql")),
            (2, "serve", include_str!("../../src/store/migrations/0002_serve.sql")),
        ];
        Migrator::with_migrations(before.map(migration).into()).run(&old).await.unwrap();
        for statement in [
            "INSERT INTO apps VALUES ('u', 'shop', 'staging', '/hookbelt.toml', 0)",
            "INSERT INTO deployments (id, app_uid, place, state, run_by, user_name, strategy, attempt, resolved, created_at)
             VALUES (7, 'u', 7, 'succeeded', 'hook', 'octocat', 'serial', 1, 1, 0)",
            "INSERT INTO received_hooks VALUES ('u', '', 'one', 7, 9999999999999)",
        ] {
            sqlx::query(statement).execute(&old).await.unwrap();
        }
        old.close().await;
        let store = Store::open(&path, Folder::MustExist).await.unwrap();
        store.accept_hooks(&[&hook], REMEMBER).await.unwrap()
    });
    let first = Accepted { id: 7, state: DeploymentState::Succeeded, reason: None };
    assert_eq!(outcome, [Outcome::Repeated(first)]);
}
