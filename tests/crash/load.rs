//! People and jobs that keep asking for deployments.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::crash::apps::{APPS, Apps};
use crate::crash::random::Random;
use crate::support::Outcome;

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The numbers of the deployments that were accepted.
    pub(super) accepted: Vec<u64>,
    /// What was said to those that were refused.
    pub(super) refused: Vec<String>,
}

/// Ends the load, also when the test fails.
pub(super) struct Stop<'a>(pub(super) &'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// While a bad day lasts one keeps queueing deployments, and another asks for one after the other and waits for each. When
/// it is over a server must be there for what was asked for last.
pub(super) fn under_load<T>(apps: &Apps, random: &mut Random, bad_day: impl FnOnce(&mut Random) -> T) -> (T, Asked) {
    let (over, asked) = (AtomicBool::new(false), Mutex::default());
    let (hasty, patient) = (random.fork(), random.fork());
    let lived = thread::scope(|scope| {
        let _stop = Stop(&over);
        scope.spawn(|| keep_queueing(apps, hasty, &over, &asked));
        scope.spawn(|| keep_waiting(apps, patient, &over, &asked));
        bad_day(random)
    });
    (lived, asked.into_inner().unwrap())
}

fn keep_queueing(apps: &Apps, mut random: Random, over: &AtomicBool, asked: &Mutex<Asked>) {
    while !over.load(Ordering::Relaxed) {
        let outcome = apps.run(random.one_of(&APPS), &["redeploy", "--no-wait", "--json"]);
        let place = note(&outcome, asked);
        // The longer the queue, the less is asked for.
        random.pass(100 + 80 * place);
    }
}

fn keep_waiting(apps: &Apps, mut random: Random, over: &AtomicBool, asked: &Mutex<Asked>) {
    while !over.load(Ordering::Relaxed) {
        let outcome = apps.run(random.one_of(&APPS), &["redeploy", "--timeout", "1m", "--json"]);
        if outcome.stdout.is_empty() {
            note(&outcome, asked);
            continue;
        }
        let succeeded = outcome.json()["state"] == "succeeded";
        assert_eq!(outcome.code, i32::from(!succeeded), "{outcome}");
        note(&outcome, asked);
        random.pass(200);
    }
}

/// Takes note of an answer; says the deployment's place in the queue.
fn note(outcome: &Outcome, asked: &Mutex<Asked>) -> u64 {
    let mut asked = asked.lock().unwrap();
    if outcome.stdout.is_empty() {
        asked.refused.push(outcome.stderr.clone());
        return 0;
    }
    let deployment = outcome.json();
    asked.accepted.push(deployment["id"].as_u64().unwrap());
    deployment["place"].as_u64().unwrap_or(0)
}
