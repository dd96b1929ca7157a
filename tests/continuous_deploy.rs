//! `continuous.deploy` in the real server with a Git host that notes what it is asked; the test is the engine.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use hookbelt::config::environment::Variables;
use hookbelt::config::manifest::Manifest;
use hookbelt::config::user_file::Limits;
use hookbelt::domain::continuous::{HostDeployment, HostStatus};
use hookbelt::domain::deployment::{Deployment, DeploymentState, RunState};
use hookbelt::domain::plan::Plan;
use hookbelt::domain::queue::{Hook, Mode};
use hookbelt::engine::{GitHost, HostError, Job, NewHostDeployment, NoGitHost, Served, Stopping, register};
use hookbelt::server::{Acceptor, Bodies, Metrics, Site, follow, serve};
use hookbelt::store::accept::{Delivery, NewHook, Outcome, Way};
use hookbelt::store::apps::AppRecord;
use hookbelt::store::claims::{Ending, Holder, Wanted};
use hookbelt::store::enqueue::Accepted;
use hookbelt::store::log::LogFilter;
use hookbelt::store::redeployment_hooks::HookKey;
use hookbelt::store::{Folder, Store};
use jiff::Timestamp;
use serde_json::{Value, json};
use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot, watch};

use crate::support::Belt;
use crate::support::http::post;

const SHA: &str = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";
const OTHER: &str = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";
const MANIFEST: &str = "app = \"shop\"\nenvironment = \"staging\"\n\
    [services.web]\ncheckout = false\ngit = \"git@github.com:acme/shop.git\"\nbranch = \"main\"\ndeploy = \"true\"\n\
    [services.api]\nimage = \"registry.example.com/api:latest\"\ndeploy = \"true\"\n";

/// Longer than anything that is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A Git host that has one repository, gives its deployments numbers from 101 on, and notes what it is asked.
struct Recording {
    asked: Mutex<Asked>,
    /// Creating waits for one of these.
    gate: Semaphore,
}

#[derive(Default)]
struct Asked {
    created: Vec<NewHostDeployment>,
    told: Vec<(u64, &'static str, String)>,
    /// What goes wrong next.
    troubles: VecDeque<HostError>,
    takes_no_status: bool,
}

impl Recording {
    fn new() -> Arc<Self> {
        Arc::new(Self { asked: Mutex::default(), gate: Semaphore::new(1_000) })
    }

    fn failing(troubles: impl IntoIterator<Item = HostError>) -> Arc<Self> {
        let host = Self::new();
        host.asked.lock().unwrap().troubles.extend(troubles);
        host
    }

    fn created(&self) -> Vec<NewHostDeployment> {
        self.asked.lock().unwrap().created.clone()
    }

    fn told(&self) -> Vec<(u64, &'static str, String)> {
        self.asked.lock().unwrap().told.clone()
    }

    /// Waits until so many deployments were asked for; says the nonce of the last.
    fn nonce(&self, count: usize) -> String {
        until("a deployment was asked for", || self.created().len() >= count);
        self.created()[count - 1].payload["nonce"].as_str().unwrap().to_owned()
    }
}

#[async_trait]
impl GitHost for Recording {
    fn has(&self, job: &Job, repository: &str) -> bool {
        job.app.identity.name.as_str() == "shop" && repository == "github.com/acme/shop"
    }

    async fn create(&self, _: &Job, new: &NewHostDeployment) -> Result<u64, HostError> {
        let (number, trouble) = {
            let mut asked = self.asked.lock().unwrap();
            asked.created.push(new.clone());
            (u64::try_from(asked.created.len()).unwrap(), asked.troubles.pop_front())
        };
        self.gate.acquire().await.unwrap().forget();
        trouble.map_or(Ok(100 + number), Err)
    }

    async fn tell(
        &self,
        _: &Job,
        deployment: &HostDeployment,
        status: HostStatus,
        description: &str,
    ) -> Result<(), HostError> {
        assert_eq!(deployment.repository, "github.com/acme/shop");
        let mut asked = self.asked.lock().unwrap();
        asked.told.push((deployment.id, status.word(), description.to_owned()));
        if asked.takes_no_status { Err(HostError::NotNow("it is down".to_owned())) } else { Ok(()) }
    }
}

#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited too long until {what}");
        sleep(Duration::from_millis(5));
    }
}

/// A server in a thread of its own, until it is dropped.
struct Server {
    authority: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Server {
    fn start(store: PathBuf, manifest: PathBuf, host: Arc<dyn GitHost>, wait: Duration) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (say, authority) = std::sync::mpsc::channel();
        let thread = spawn(move || {
            runtime().block_on(async move {
                let store = Store::open(&store, Folder::MayBeMade).await.unwrap();
                let manifest = Manifest::read(&manifest).unwrap();
                let record = register(&store, &manifest).await.unwrap();
                let (_apps, apps) = watch::channel(vec![Served::new(record, manifest)]);
                let (_stopping, stopping) = watch::channel(Stopping::No);
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let limits = Limits { continuous_deploy_wait: wait, ..Limits::default() };
                let metrics = Arc::new(Metrics::default());
                let site = Arc::new(Site {
                    hooks: Acceptor::start(store.clone(), limits.deduplication, metrics.clone()),
                    store,
                    limits,
                    variables: Variables::default(),
                    apps,
                    stopping,
                    url: "https://deploy.example.com".to_owned(),
                    tell: Arc::new(|_| {}),
                    bodies: Bodies::default(),
                    metrics,
                    git_host: host,
                    trusted_proxies: Vec::new(),
                });
                say.send(listener.local_addr().unwrap().to_string()).unwrap();
                let stopped = async {
                    let _ = stopped.await;
                };
                tokio::select! {
                    () = serve(listener, site.clone(), stopped) => {}
                    never = follow(&site) => match never {},
                }
            });
        });
        Self { authority: authority.recv().unwrap(), stop: Some(stop), thread: Some(thread) }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// An app with `continuous.deploy` on, whose server the test starts.
struct Shop {
    belt: Belt,
    runtime: Runtime,
    store: Store,
    record: AppRecord,
    path: String,
}

impl Shop {
    fn new() -> Self {
        let belt = Belt::with_manifest(MANIFEST);
        let runtime = runtime();
        let manifest = Manifest::read(&belt.work().join("hookbelt.toml")).unwrap();
        let store = runtime.block_on(Store::open(&belt.store(), Folder::MayBeMade)).unwrap();
        let record = runtime.block_on(register(&store, &manifest)).unwrap();
        let key = HookKey { first: "a".repeat(32), second: "b".repeat(32) };
        runtime.block_on(store.redeployment_hook(&record.uid, &key, Timestamp::now())).unwrap();
        let path = format!("/stacks/redeploy/{}/{}", key.first, key.second);
        let shop = Self { belt, runtime, store, record, path };
        shop.set("continuous.deploy", "true");
        shop
    }

    fn set(&self, key: &str, value: &str) {
        self.runtime.block_on(self.store.set_setting(&self.record.uid, key, value, Timestamp::now())).unwrap();
    }

    fn serve_for(&self, host: Arc<dyn GitHost>, wait: Duration) -> Server {
        Server::start(self.belt.store(), self.belt.work().join("hookbelt.toml"), host, wait)
    }

    fn serve(&self, host: &Arc<Recording>) -> Server {
        self.serve_for(host.clone(), Duration::from_mins(10))
    }

    fn send(&self, server: &Server, event: &str, delivery: &str, body: &Value) -> Value {
        let headers = [("X-GitHub-Event", event), ("X-GitHub-Delivery", delivery)];
        let url = format!("http://{}{}", server.authority, self.path);
        post(&url, &headers, body.to_string()).expect(200).json()
    }

    fn push(&self, server: &Server, delivery: &str) -> Value {
        self.send(server, "push", delivery, &push_to("main"))
    }

    fn event(&self, server: &Server, deployment: &Value) -> Value {
        self.send(server, "deployment", &deployment.to_string(), &event(deployment))
    }

    fn deployments(&self) -> Vec<Deployment> {
        self.runtime.block_on(self.store.deployments(&self.record.uid, 100)).unwrap()
    }

    fn waiting(&self) -> usize {
        self.runtime.block_on(self.store.waiting_pushes()).unwrap().len()
    }

    fn log(&self) -> String {
        let all = LogFilter::default();
        let lines = self.runtime.block_on(self.store.log_after(&self.record.uid, &all, 0, 1_000)).unwrap();
        lines.into_iter().map(|line| line.text + "\n").collect()
    }

    /// Begins what waits, as an engine does.
    fn begin(&self) -> Holder {
        self.runtime.block_on(async {
            let life = self.store.add_engine("engine", Duration::from_mins(1)).await.unwrap();
            let begun = self.store.claim(&self.record.uid, "engine", Wanted::Served, Timestamp::now()).await.unwrap();
            assert!(begun.is_some());
            drop(life);
        });
        Holder { app_uid: self.record.uid.clone(), engine_uid: "engine".to_owned() }
    }

    fn end(&self, holder: &Holder, state: DeploymentState, release: RunState, reason: Option<&str>) {
        let ending = Ending { state, release, reason: reason.map(str::to_owned) };
        let id = self.deployments()[0].id;
        self.runtime.block_on(async {
            self.store.finish(holder, id, &ending, Timestamp::now()).await.unwrap();
            self.store.remove_engine(&holder.engine_uid).await.unwrap();
        });
    }
}

fn push_to(branch: &str) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"), "before": "0".repeat(40), "after": SHA, "created": false,
        "deleted": false, "forced": false, "head_commit": { "id": SHA }, "commits": [{ "id": SHA }],
        "repository": { "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git" },
        "pusher": { "name": "octocat" },
    })
}

/// The event of a deployment of the other commit; fields of it are given.
fn event(fields: &Value) -> Value {
    let mut deployment = json!({
        "id": 145, "sha": OTHER, "ref": "main", "task": "deploy", "environment": "staging", "payload": {},
        "creator": { "login": "hubot" },
    });
    for (field, value) in fields.as_object().unwrap() {
        deployment[field] = value.clone();
    }
    let repository = json!({ "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git" });
    json!({ "action": "created", "deployment": deployment, "repository": repository, "sender": { "login": "hubot" } })
}

/// What a deployment deploys, and for whom.
fn deployed(deployment: &Deployment) -> String {
    let services = deployment.services.iter().filter(|service| service.state == RunState::Waiting);
    let services: Vec<String> = services.map(|one| format!("{}@{}", one.service, one.target.short())).collect();
    format!("{} by {}: {}", deployment.state, deployment.user, services.join(", "))
}

#[test]
fn a_push_waits_and_the_event_of_its_deployment_deploys_exactly_it_once() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    let answer = shop.push(&server, "one");
    insta::assert_snapshot!(serde_json::to_string_pretty(&answer).unwrap(), @r#"
    {
      "deployment": null,
      "message": "the push waits for its deployment at the Git host",
      "ok": true,
      "queued": false,
      "services": [
        "web"
      ],
      "skipped": [
        {
          "name": "api",
          "reason": "it is an image service, and a push deploys git services only"
        }
      ]
    }
    "#);
    let nonce = host.nonce(1);
    assert!(nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit()), "{nonce}");
    let created = host.created();
    assert_eq!(
        created,
        [NewHostDeployment {
            repository: "github.com/acme/shop".to_owned(),
            sha: SHA.to_owned(),
            environment: "staging".to_owned(),
            payload: json!({ "app": "shop", "services": ["web"], "nonce": nonce }),
            description: "shop: web".to_owned(),
        }]
    );
    insta::assert_snapshot!(shop.push(&server, "one")["message"], @r#""this delivery was accepted before: it waits for its deployment at the Git host""#);
    assert_eq!((shop.deployments(), shop.waiting()), (Vec::new(), 1));
    // Of its event only the nonce counts: the plan is the stored one, at the pushed commit.
    let payload = json!({ "nonce": nonce });
    let other = shop.event(&server, &json!({ "payload": payload, "environment": "production" }));
    insta::assert_snapshot!(other["ignored"], @r#""the deployment at GitHub is for the environment \"production\"""#);
    let event = json!({ "id": 101, "ref": "feature", "payload": payload });
    let answer = shop.event(&server, &event);
    assert_eq!((&answer["deployment"]["id"], &answer["services"]), (&json!(1), &json!(["web"])));
    insta::assert_snapshot!(deployed(&shop.deployments()[0]), @"queued by octocat: web@2fd9226");
    assert_eq!(shop.runtime.block_on(shop.store.payload(1)).unwrap(), Some(push_to("main").to_string().into_bytes()));
    insta::assert_snapshot!(shop.event(&server, &event)["ignored"], @r#""its push was deployed before, as deployment 1""#);
    insta::assert_snapshot!(shop.push(&server, "one")["message"], @r#""this delivery was accepted before: deployment 1 is queued""#);
    let foreign = shop.event(&server, &json!({ "payload": { "nonce": "0".repeat(32) } }));
    insta::assert_snapshot!(foreign["ignored"], @r#""its nonce is that of no push to this app""#);
    assert_eq!((shop.deployments().len(), host.created().len(), shop.waiting()), (1, 1, 0));
}

#[test]
fn an_event_of_somebody_elses_deployment_deploys_where_environment_task_and_branch_fit() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    let ignored = [json!({ "environment": "qa" }), json!({ "task": "migrate" }), json!({ "ref": "feature" })]
        .map(|fields| shop.event(&server, &fields)["ignored"].as_str().unwrap().to_owned());
    insta::assert_snapshot!(ignored.join("\n"), @r#"
    the deployment at GitHub is for the environment "qa"
    the task of the deployment at GitHub is "migrate", not deploy
    no service is selected; web: its branch is main, and the push was to feature
    "#);
    let answer = shop.event(&server, &json!({ "payload": { "from": "a robot" } }));
    assert_eq!(answer["message"], "deployment 2 is queued", "{answer}");
    insta::assert_snapshot!(deployed(&shop.deployments()[0]), @"queued by hubot: web@0d1a26e");
    until("its host was told", || !host.told().is_empty());
    assert_eq!(host.told(), [(145, "queued", "deployment 2 waits for its turn".to_owned())]);
    assert_eq!(host.created(), []);
    shop.set("continuous.deploy", "false");
    insta::assert_snapshot!(shop.event(&server, &json!({ "id": 146 }))["ignored"], @r#""continuous.deploy is off, so deployments at GitHub do not count""#);
}

#[test]
fn the_host_is_told_how_the_run_stands_and_need_not_listen() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    shop.event(&server, &json!({}));
    let told = |count| {
        until("its host was told", || host.told().len() >= count);
        let told: Vec<String> = host.told().iter().map(|(id, status, text)| format!("{id} {status}: {text}")).collect();
        told.join("\n")
    };
    told(1);
    let holder = shop.begin();
    told(2);
    shop.end(&holder, DeploymentState::Succeeded, RunState::Succeeded, None);
    told(3);
    // A status that is not taken is said in the log, and is all that comes of it.
    host.asked.lock().unwrap().takes_no_status = true;
    shop.event(&server, &json!({ "id": 146 }));
    until("it is logged", || shop.log().contains("could not be told"));
    let holder = shop.begin();
    shop.end(&holder, DeploymentState::Failed, RunState::Failed, Some(&format!("web: {}", "x".repeat(200))));
    let told = told(6);
    insta::assert_snapshot!(told, @"
    145 queued: deployment 1 waits for its turn
    145 in_progress: deployment 1 runs
    145 success: deployment 1 succeeded
    146 queued: deployment 2 waits for its turn
    146 in_progress: deployment 2 runs
    146 failure: deployment 2 failed: web: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    ");
    until("the last is logged", || shop.log().contains("the status failure"));
    insta::assert_snapshot!(shop.log(), @"
    github.com/acme/shop could not be told the status queued of its deployment 146: it is down
    github.com/acme/shop could not be told the status in_progress of its deployment 146: it is down
    github.com/acme/shop could not be told the status failure of its deployment 146: it is down
    ");
    assert!(host.told().iter().all(|(_, _, text)| text.chars().count() <= 140));
    assert_eq!(shop.deployments()[0].state, DeploymentState::Failed);
}

#[test]
fn without_the_event_a_push_is_deployed_in_the_end() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve_for(host.clone(), Duration::from_millis(400));
    shop.push(&server, "one");
    until("it is deployed", || !shop.deployments().is_empty());
    insta::assert_snapshot!(deployed(&shop.deployments()[0]), @"queued by octocat: web@2fd9226");
    insta::assert_snapshot!(shop.log(), @"
    The push of 2fd9226 waits for deployment 101 at github.com/acme/shop
    Deployment 1 deploys the push of 2fd9226 directly: no event came for its deployment at the Git host within 400ms
    ");
    let late = shop.event(&server, &json!({ "id": 101, "payload": { "nonce": host.nonce(1) } }));
    insta::assert_snapshot!(late["ignored"], @r#""its push was deployed before, as deployment 1""#);
    // The deployment at the host is there all the same, and is told.
    until("its host was told", || !host.told().is_empty());
    assert_eq!((host.told()[0].0, shop.deployments().len()), (101, 1));
}

#[test]
fn a_deployment_that_could_not_be_created_is_tried_again_also_by_the_next_server() {
    let shop = Shop::new();
    let host = Recording::failing(
        ["it is down", "202: merged, nothing created"].map(|text| HostError::NotNow(text.to_owned())),
    );
    let server = shop.serve(&host);
    shop.push(&server, "one");
    let first = host.nonce(1);
    until("it is logged", || shop.log().contains("tried again"));
    drop(server);
    let server = shop.serve(&host);
    // The same push, and so the same nonce: whatever was created by mistake deploys it once.
    assert_eq!((host.nonce(2), host.nonce(3)), (first.clone(), first.clone()));
    until("it is created", || shop.log().contains("waits for deployment 103"));
    insta::assert_snapshot!(shop.log(), @"
    The push of 2fd9226 has no deployment at github.com/acme/shop yet, and it is tried again: it is down
    The push of 2fd9226 has no deployment at github.com/acme/shop yet, and it is tried again: 202: merged, nothing created
    The push of 2fd9226 waits for deployment 103 at github.com/acme/shop
    ");
    drop(server);
    let server = shop.serve(&host);
    assert_eq!(shop.event(&server, &json!({ "id": 103, "payload": { "nonce": first } }))["deployment"]["id"], 1);
    assert_eq!(host.created().len(), 3);
}

#[test]
fn a_push_is_deployed_at_once_when_its_host_refuses_or_is_gone_or_the_setting_is_turned_off() {
    let shop = Shop::new();
    let conflict = "409: conflict merging main into 2fd9226".to_owned();
    let server = shop.serve(&Recording::failing([HostError::Refused(conflict)]));
    shop.push(&server, "one");
    until("the first is deployed", || shop.deployments().len() == 1);
    drop(server);
    let host = Recording::failing([HostError::NotNow("it is down".to_owned())]);
    let server = shop.serve(&host);
    shop.push(&server, "two");
    host.nonce(1);
    drop(server);
    let server = shop.serve_for(Arc::new(NoGitHost), Duration::from_mins(10));
    until("the second is deployed", || shop.deployments().len() == 2);
    // Without a host, pushes are deployed as they come.
    assert_eq!(shop.push(&server, "three")["queued"], true);
    drop(server);
    let host = Recording::new();
    let server = shop.serve(&host);
    shop.push(&server, "four");
    host.nonce(1);
    assert_eq!(shop.deployments().len(), 3);
    shop.set("continuous.deploy", "false");
    until("the fourth is deployed", || shop.deployments().len() == 4);
    assert_eq!(shop.push(&server, "five")["queued"], true);
    let reasons = shop.log();
    let reasons: Vec<&str> = reasons.lines().filter(|line| line.contains("deploys the push")).collect();
    insta::assert_snapshot!(reasons.join("\n"), @"
    Deployment 1 deploys the push of 2fd9226 directly: no deployment could be created at the Git host: 409: conflict merging main into 2fd9226
    Deployment 2 deploys the push of 2fd9226 directly: no deployment could be created at the Git host: no Git host is configured for it
    Deployment 4 deploys the push of 2fd9226 directly: continuous.deploy was turned off
    ");
}

#[test]
fn an_event_that_is_faster_than_the_answer_counts() {
    let (shop, host) = (Shop::new(), Recording::new());
    host.gate.forget_permits(1_000);
    let server = shop.serve_for(host.clone(), Duration::from_millis(300));
    shop.push(&server, "one");
    let event = json!({ "id": 101, "payload": { "nonce": host.nonce(1) } });
    assert_eq!(shop.event(&server, &event)["deployment"]["id"], 1);
    host.gate.add_permits(1);
    until("its host was told", || !host.told().is_empty());
    sleep(Duration::from_millis(400));
    assert_eq!((shop.waiting(), shop.deployments().len(), host.created().len()), (0, 1, 1));
}

#[test]
fn what_a_deployment_at_the_host_cannot_stand_for_does_not_wait() {
    let (shop, host) = (Shop::new(), Recording::new());
    let server = shop.serve(&host);
    assert!(shop.send(&server, "push", "one", &push_to("feature"))["ignored"].is_string());
    let bare = post(&format!("http://{}{}", server.authority, shop.path), &[], "").expect(200).json();
    assert_eq!(bare["services"], json!(["web", "api"]));
    shop.set("deploy.paused", "true");
    insta::assert_snapshot!(shop.push(&server, "two")["ignored"], @r#""deployments of this app are paused""#);
    shop.set("deploy.paused", "false");
    // What was ignored may be sent again.
    insta::assert_snapshot!(shop.push(&server, "two")["message"], @r#""the push waits for its deployment at the Git host""#);
    // While it waits a pause begins: it is asked for, and ignored like any hook.
    let nonce = host.nonce(1);
    shop.set("deploy.paused", "true");
    let event = json!({ "id": 101, "payload": { "nonce": nonce } });
    insta::assert_snapshot!(shop.event(&server, &event)["ignored"], @r#""deployments of this app are paused""#);
    until("its host was told", || host.told().len() == 2);
    assert_eq!(host.told()[1].1, "inactive");
}

#[test]
fn a_store_of_before_keeps_what_it_knows_of_deliveries() {
    let belt = Belt::new();
    let path = belt.path().join("old.db");
    let delivery = Delivery { modifiers: String::new(), ids: vec!["one".to_owned()], also: None };
    let hook = NewHook {
        app_uid: "u".to_owned(),
        plan: Plan { services: Vec::new(), skipped: Vec::new() },
        hook: Hook::default(),
        mode: Mode::Latest,
        user: "octocat".to_owned(),
        delivery: Some(delivery),
        body: Vec::new(),
        way: Way::Directly,
        now: Timestamp::now(),
    };
    let outcome = runtime().block_on(async {
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let old = SqlitePool::connect_with(options).await.unwrap();
        let migration = |(version, name, sql): (i64, &'static str, &'static str)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        };
        let before = [
            (1, "initial", include_str!("../src/store/migrations/0001_initial.sql")),
            (2, "serve", include_str!("../src/store/migrations/0002_serve.sql")),
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
        store.accept_hooks(&[hook], Duration::from_hours(1)).await.unwrap()
    });
    let first = Accepted { id: 7, state: DeploymentState::Succeeded, reason: None };
    assert_eq!(outcome, [Outcome::Repeated(first)]);
}
