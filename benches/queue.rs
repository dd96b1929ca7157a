//! A queue of 10,000 waiting deployments: how long a claim takes, and `hookbelt apps show`; and how often an idle
//! `hookbelt serve` wakes up.
//!
//! Run it as `cargo bench --bench queue --profile dist`. Each figure is the median of several; beside it stands the same
//! with an empty queue in the same run, since what the disk takes for a commit is not ours. Promised: a claim within 5 ms,
//! `apps show` within 50 ms, no busy waiting.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use hookbelt::domain::deployment::{DeploymentState, RunState, Strategy, Target};
use hookbelt::domain::plan::{Plan, PlannedService};
use hookbelt::domain::queue::{Insistence, Mode, Origin};
use hookbelt::store::apps::AppRecord;
use hookbelt::store::claims::{Ending, Holder, Turn, Wanted};
use hookbelt::store::enqueue::NewDeployment;
use hookbelt::store::{Folder, Store};
use jiff::Timestamp;

const WAITING: u64 = 10_000;
const ROUNDS: usize = 21;
const IDLE: Duration = Duration::from_secs(30);
const MANIFEST: &str =
    "app = \"shop\"\nenvironment = \"staging\"\n[services.web]\nimage = \"web:1\"\ndeploy = \"true\"\n";

fn hookbelt(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookbelt"));
    command.args(arguments).current_dir(folder).env("HOME", folder).env_remove("XDG_DATA_HOME");
    command
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

async fn enqueue(store: &Store, record: &AppRecord) {
    let web = PlannedService { service: "web".parse().unwrap(), target: Target::default() };
    let plan = Plan { services: vec![web], skipped: Vec::new() };
    let new = NewDeployment {
        app_uid: &record.uid,
        engine_uid: None,
        origin: &Origin::Command,
        insistence: Insistence::None,
        mode: Mode::Latest,
        user: "ann",
        plan: &plan,
        strategy: Some(Strategy::Serial),
        now: Timestamp::now(),
    };
    store.enqueue(new).await.unwrap();
}

/// The time from looking whose turn it is to the claim on disk.
async fn claim(store: &Store, record: &AppRecord) -> Duration {
    let (uid, now) = (&record.uid, Timestamp::now());
    let began = Instant::now();
    assert_eq!(store.turn(uid, Wanted::Served).await.unwrap(), Turn::Ready);
    let taken = store.claim(uid, "bench", Wanted::Served, &[], now).await.unwrap().unwrap();
    let took = began.elapsed();
    let holder = Holder { app_uid: uid.clone(), engine_uid: "bench".to_owned() };
    let ending = Ending { state: DeploymentState::Succeeded, release: RunState::Succeeded, reason: None };
    store.finish(&holder, taken.deployment, &ending, now).await.unwrap();
    took
}

async fn claims(store: &Store, record: &AppRecord) -> Duration {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        enqueue(store, record).await;
        times.push(claim(store, record).await);
    }
    median(times)
}

fn shows(folder: &Path) -> Duration {
    let show = || {
        let began = Instant::now();
        assert!(hookbelt(folder, &["apps", "show"]).stdout(Stdio::null()).status().unwrap().success());
        began.elapsed()
    };
    median((0..ROUNDS).map(|_| show()).collect())
}

/// How often the threads of an idle server wake up, a minute.
fn wake_ups(folder: &Path) -> f64 {
    let mut server = hookbelt(folder, &["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    while lines.next().unwrap().unwrap() != "ready" {}
    let switches = || -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", server.id())).unwrap();
        let statuses = tasks.map(|task| fs::read_to_string(task.unwrap().path().join("status")).unwrap());
        let of = |status: String| {
            status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")?.trim().parse::<u64>().ok())
        };
        statuses.filter_map(of).sum()
    };
    sleep(Duration::from_secs(1));
    let before = switches();
    sleep(IDLE);
    let woken = switches() - before;
    server.kill().unwrap();
    server.wait().unwrap();
    f64::from(u32::try_from(woken).unwrap()) * 60.0 / IDLE.as_secs_f64()
}

/// Copies the deployment that waits until 10,000 do.
fn fill(database: &Path) {
    let sql = format!(
        "WITH RECURSIVE more (id) AS (SELECT MAX(id) + 1 FROM deployments UNION ALL SELECT id + 1 FROM more LIMIT {WAITING})
         INSERT INTO deployments (id, app_uid, place, state, run_by, user_name, strategy, attempt, resolved, created_at)
         SELECT more.id, app_uid, more.id, state, run_by, user_name, strategy, attempt, resolved, created_at
         FROM more, deployments d WHERE d.state = 'queued';"
    );
    assert!(Command::new("sqlite3").arg(database).arg(sql).status().unwrap().success());
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("hookbelt.toml"), MANIFEST).unwrap();
    assert!(hookbelt(folder, &["redeploy"]).stdout(Stdio::null()).status().unwrap().success());
    println!("an idle serve: {:.0} thread wake-ups a minute", wake_ups(folder));
    let empty_show = shows(folder);
    let database = folder.join(".local/share/hookbelt/hookbelt.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (empty, full) = runtime.block_on(async {
        let store = Store::open(&database, Folder::MustExist).await.unwrap();
        let record = store.apps().await.unwrap().pop().unwrap();
        let _life = store.add_engine("bench", Duration::from_hours(1)).await.unwrap();
        let empty = claims(&store, &record).await;
        enqueue(&store, &record).await;
        fill(&database);
        (empty, claims(&store, &record).await)
    });
    println!("claim behind nobody {empty:.2?}, of {WAITING} waiting {full:.2?} (promised: at most 5 ms)");
    let full_show = shows(folder);
    println!(
        "apps show with an empty queue {empty_show:.2?}, of {WAITING} waiting {full_show:.2?} (promised: at most 50 ms)"
    );
}
