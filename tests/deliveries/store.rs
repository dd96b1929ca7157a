//! Who sends a delivery, where several engines could.

use std::collections::HashMap;
use std::time::Duration;

use hookbelt::store::clock::Monotonic;
use hookbelt::store::deliveries::{Done, Taken, Wanted};
use hookbelt::store::{Folder, Store, StoreError};
use jiff::Timestamp;

use crate::crash::sql;
use crate::deliveries::belt;
use crate::support::Belt;

/// Longer than any test.
const LEASE: Duration = Duration::from_hours(1);

/// An app with deliveries that are due, as many as it has receivers, and the store they are in.
fn with_due(receivers: &[&str]) -> (Belt, Store, Wanted) {
    let belt = belt("true", receivers, "");
    belt.limits("deploy_hook_retries = [\"1ms\"]");
    belt.run(["redeploy"]).expect(0);
    let apps = vec![sql(&belt, "SELECT uid FROM apps").trim().to_owned()];
    let store = wait(Store::open(&belt.store(), Folder::MustExist)).unwrap();
    let (due_since, behind) = (Some(Timestamp::MIN), Vec::new());
    (belt, store, Wanted { apps, hosts: HashMap::new(), of_a_host: 64, most: 64, retries: true, due_since, behind })
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

fn turn(store: &Store, engine: &str, done: &[Done], wanted: &Wanted) -> Result<Vec<Taken>, StoreError> {
    wait(store.delivery_turn(engine, done, Some(wanted), Timestamp::now())).map(|turn| turn.taken)
}

#[test]
fn what_one_engine_has_taken_no_other_takes_or_records_until_the_first_has_died() {
    let (_belt, store, wanted) = with_due(&["http://127.0.0.1:1"]);
    let _lives = ["one", "two"].map(|uid| wait(store.add_engine(uid, LEASE)).unwrap());
    let taken = turn(&store, "one", &[], &wanted).unwrap();
    assert_eq!((taken.len(), taken[0].id, taken[0].tries), (1, 1, 1));
    assert!(turn(&store, "two", &[], &wanted).unwrap().is_empty());
    wait(store.free_deliveries_of_the_dead()).unwrap();
    assert!(turn(&store, "two", &[], &wanted).unwrap().is_empty());
    // A lease that is over is all that the others see of a death.
    wait(store.renew("one", Monotonic::at(0))).unwrap();
    wait(store.free_deliveries_of_the_dead()).unwrap();
    assert_eq!(turn(&store, "two", &[], &wanted).unwrap(), taken);
    let done = Done {
        delivery: taken[0].clone(),
        receipt: None,
        state: hookbelt::domain::delivery::DeliveryState::Delivered,
        reason: Some("sent by the dead".to_owned()),
        due_at: None,
        switches_off: false,
        line: None,
    };
    assert!(matches!(turn(&store, "one", std::slice::from_ref(&done), &wanted), Err(StoreError::LeaseLost)));
    let _third = wait(store.add_engine("three", LEASE)).unwrap();
    turn(&store, "three", std::slice::from_ref(&done), &wanted).unwrap();
    let state = |app: &str| wait(store.delivery(app, 1)).unwrap().unwrap().state.to_string();
    assert_eq!(state(&wanted.apps[0]), "waiting", "only who has it can say what became of it");
    turn(&store, "two", std::slice::from_ref(&done), &wanted).unwrap();
    assert_eq!(state(&wanted.apps[0]), "delivered");
}

#[test]
fn no_more_is_taken_than_there_is_room_for_in_all_and_for_a_host() {
    let urls: Vec<String> = (0..6).map(|path| format!("http://127.0.0.1:1/{path}")).collect();
    let mut urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    urls.extend(["http://127.0.0.2:1", "http://127.0.0.3:1"]);
    let (_belt, store, wanted) = with_due(&urls);
    let _life = wait(store.add_engine("one", LEASE)).unwrap();
    let hosts = |taken: &[Taken]| {
        let mut hosts: Vec<String> = taken.iter().map(|taken| taken.host.clone()).collect();
        hosts.sort();
        hosts
    };
    let few = Wanted { of_a_host: 2, most: 3, ..wanted.clone() };
    assert_eq!(hosts(&turn(&store, "one", &[], &few).unwrap()).len(), 3);
    let full = HashMap::from([("127.0.0.1:1".to_owned(), 0), ("127.0.0.2:1".to_owned(), 1)]);
    let others = Wanted { hosts: full, ..wanted.clone() };
    let taken = hosts(&turn(&store, "one", &[], &others).unwrap());
    assert!(!taken.contains(&"127.0.0.1:1".to_owned()), "{taken:?}");
    assert!(turn(&store, "one", &[], &Wanted { retries: false, ..wanted.clone() }).unwrap().is_empty());
    let rest = turn(&store, "one", &[], &wanted).unwrap();
    assert!(!rest.is_empty() && rest.iter().all(|taken| taken.tries == 1), "{rest:?}");
    assert_eq!(wait(store.next_delivery(&wanted.apps)).unwrap(), None);
    wait(store.give_back_deliveries("one")).unwrap();
    assert_eq!(turn(&store, "one", &[], &wanted).unwrap().len(), urls.len());
    assert!(turn(&store, "one", &[], &Wanted { apps: vec!["other".to_owned()], ..wanted }).unwrap().is_empty());
}

#[test]
fn what_a_host_has_more_than_there_was_room_for_is_found_without_a_look_at_all() {
    let urls: Vec<String> = (0..6).map(|path| format!("http://127.0.0.1:1/{path}")).collect();
    let mut urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    urls.push("http://127.0.0.2:1");
    let (_belt, store, wanted) = with_due(&urls);
    let _life = wait(store.add_engine("one", LEASE)).unwrap();
    let turn = |wanted: &Wanted| wait(store.delivery_turn("one", &[], Some(wanted), Timestamp::now())).unwrap();
    let later = Timestamp::now() + LEASE;
    let none = turn(&Wanted { due_since: Some(later), ..wanted.clone() });
    assert_eq!((none.taken.len(), none.seen.is_complete), (0, Some(true)));
    let busy = "127.0.0.1:1".to_owned();
    let first = turn(&Wanted { of_a_host: 2, ..wanted.clone() });
    assert_eq!((first.taken.len(), &first.seen.behind, first.seen.is_complete), (3, &vec![busy.clone()], Some(true)));
    let of_busy = |room| {
        let (hosts, behind) = (HashMap::from([(busy.clone(), room)]), vec![busy.clone()]);
        turn(&Wanted { hosts, behind, due_since: None, ..wanted.clone() })
    };
    let second = of_busy(3);
    assert_eq!((second.taken.len(), second.seen.up_to_date.len(), second.seen.is_complete), (3, 0, None));
    let third = of_busy(3);
    assert_eq!((third.taken.len(), third.seen.up_to_date), (1, vec![busy]));
    wait(store.give_back_deliveries("one")).unwrap();
    let most = turn(&Wanted { most: 4, ..wanted.clone() });
    assert_eq!((most.taken.len(), most.seen.is_complete), (4, Some(false)));
    let no_new_host = turn(&Wanted { of_a_host: 0, ..wanted });
    assert_eq!((no_new_host.taken.len(), no_new_host.seen.is_complete), (0, Some(false)));
}
