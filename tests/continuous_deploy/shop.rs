//! An app with `continuous.deploy` on, a Git host that notes what it is asked, and a server in a thread.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

use async_trait::async_trait;
use hookbelt::config::environment::Variables;
use hookbelt::config::manifest::Manifest;
use hookbelt::config::user_file::Limits;
use hookbelt::domain::continuous::{HostDeployment, NewHostDeployment, StatusReport};
use hookbelt::domain::deployment::{Deployment, DeploymentState, RunState};
use hookbelt::engine::{GitHost, HostError, Job, Served, Stopping, register};
use hookbelt::hosts::KnownHosts;
use hookbelt::server::{Acceptor, Addressees, Bodies, FewLines, Metrics, Site, follow, serve};
use hookbelt::store::apps::AppRecord;
use hookbelt::store::claims::{Ending, Holder, Wanted};
use hookbelt::store::engines::Address;
use hookbelt::store::log::LogFilter;
use hookbelt::store::redeployment_hooks::HookKey;
use hookbelt::store::{Folder, Store};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot, watch};

use crate::support::http::post;
use crate::support::{Belt, wait_until};

pub(super) const SHA: &str = "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a";
pub(super) const OTHER: &str = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c";
pub(super) const MANIFEST: &str = "app = \"shop\"\nenvironment = \"staging\"\n\
    [services.web]\ncheckout = false\ngit = \"git@github.com:acme/shop.git\"\nbranch = \"main\"\ndeploy = \"true\"\n\
    [services.api]\nimage = \"registry.example.com/api:latest\"\ndeploy = \"true\"\n";

/// A Git host that has one repository, gives its deployments numbers from 101 on, and notes what it is asked.
pub(super) struct Recording {
    pub(super) asked: Mutex<Asked>,
    /// Creating waits for one of these.
    pub(super) gate: Semaphore,
}

#[derive(Default)]
pub(super) struct Asked {
    created: Vec<NewHostDeployment>,
    told: Vec<(u64, &'static str, String)>,
    /// What goes wrong next.
    troubles: VecDeque<HostError>,
    /// The same, of statuses.
    pub(super) status_troubles: VecDeque<HostError>,
    pub(super) takes_no_status: bool,
}

impl Recording {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { asked: Mutex::default(), gate: Semaphore::new(1_000) })
    }

    pub(super) fn failing(troubles: impl IntoIterator<Item = HostError>) -> Arc<Self> {
        let host = Self::new();
        host.asked.lock().unwrap().troubles.extend(troubles);
        host
    }

    pub(super) fn created(&self) -> Vec<NewHostDeployment> {
        self.asked.lock().unwrap().created.clone()
    }

    pub(super) fn told(&self) -> Vec<(u64, &'static str, String)> {
        self.asked.lock().unwrap().told.clone()
    }

    /// Waits until so many deployments were asked for; says the nonce of the last.
    pub(super) fn nonce(&self, count: usize) -> String {
        wait_until("a deployment was asked for", || self.created().len() >= count);
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

    async fn tell(&self, _: &Job, deployment: &HostDeployment, report: &StatusReport) -> Result<(), HostError> {
        assert_eq!(deployment.repository, "github.com/acme/shop");
        let mut asked = self.asked.lock().unwrap();
        asked.told.push((deployment.id, report.status.word(), report.description.clone()));
        let refused = asked.takes_no_status.then(|| HostError::Refused("it is not ours".to_owned()));
        asked.status_troubles.pop_front().or(refused).map_or(Ok(()), Err)
    }
}

/// A host that is out of order for once.
pub(super) fn not_now(why: &str) -> HostError {
    HostError::NotNow { why: why.to_owned(), wait: None }
}

/// A server in a thread of its own, until it is dropped.
pub(super) struct Server {
    pub(super) authority: String,
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
    pub(super) fn start(store: PathBuf, manifest: PathBuf, host: Arc<dyn GitHost>, wait: Duration) -> Self {
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
                let (own, variables) = (Vec::new(), Variables::default());
                let known_hosts = Arc::new(KnownHosts::new(own, variables, limits.clone(), Duration::ZERO));
                let site = Arc::new(Site {
                    known_hosts,
                    hooks: Acceptor::start(store.clone(), limits.deduplication, metrics.clone()).unwrap(),
                    store,
                    limits,
                    variables: Variables::default(),
                    apps,
                    stopping,
                    address: Address::Public("https://deploy.example.com".to_owned()),
                    tell: Arc::new(|_| {}),
                    addressees: Addressees::default(),
                    bodies: Bodies::default(),
                    lines: FewLines::default(),
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

pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// An app with `continuous.deploy` on, whose server the test starts.
pub(super) struct Shop {
    belt: Belt,
    pub(super) runtime: Runtime,
    pub(super) store: Store,
    pub(super) record: AppRecord,
    pub(super) path: String,
}

impl Shop {
    pub(super) fn new() -> Self {
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

    pub(super) fn set(&self, key: &str, value: &str) {
        self.runtime.block_on(self.store.set_setting(&self.record.uid, key, value, Timestamp::now())).unwrap();
    }

    pub(super) fn serve_for(&self, host: Arc<dyn GitHost>, wait: Duration) -> Server {
        Server::start(self.belt.store(), self.belt.work().join("hookbelt.toml"), host, wait)
    }

    pub(super) fn serve(&self, host: &Arc<Recording>) -> Server {
        self.serve_for(host.clone(), Duration::from_mins(10))
    }

    pub(super) fn send(&self, server: &Server, event: &str, delivery: &str, body: &Value) -> Value {
        let headers = [("X-GitHub-Event", event), ("X-GitHub-Delivery", delivery)];
        let url = format!("http://{}{}", server.authority, self.path);
        post(&url, &headers, body.to_string()).expect(200).json()
    }

    pub(super) fn push(&self, server: &Server, delivery: &str) -> Value {
        self.send(server, "push", delivery, &push_to("main"))
    }

    pub(super) fn event(&self, server: &Server, deployment: &Value) -> Value {
        self.send(server, "deployment", &deployment.to_string(), &event(deployment))
    }

    pub(super) fn deployments(&self) -> Vec<Deployment> {
        self.runtime.block_on(self.store.deployments(&self.record.uid, 100)).unwrap()
    }

    pub(super) fn waiting(&self) -> usize {
        self.runtime.block_on(self.store.waiting_pushes()).unwrap().len()
    }

    pub(super) fn log(&self) -> String {
        let all = LogFilter::default();
        let lines = self.runtime.block_on(self.store.log_after(&self.record.uid, &all, 0, 1_000)).unwrap();
        lines.into_iter().map(|line| line.text + "\n").collect()
    }

    /// Begins what waits, as an engine does.
    pub(super) fn begin(&self) -> Holder {
        self.runtime.block_on(async {
            let life = self.store.add_engine("engine", Duration::from_mins(1)).await.unwrap();
            let begun =
                self.store.claim(&self.record.uid, "engine", Wanted::Served, &[], Timestamp::now()).await.unwrap();
            assert!(begun.is_some());
            drop(life);
        });
        Holder { app_uid: self.record.uid.clone(), engine_uid: "engine".to_owned() }
    }

    pub(super) fn end(&self, holder: &Holder, state: DeploymentState, release: RunState, reason: Option<&str>) {
        let ending = Ending { state, release, reason: reason.map(str::to_owned) };
        let id = self.deployments()[0].id;
        self.runtime.block_on(async {
            self.store.finish(holder, id, &ending, Timestamp::now()).await.unwrap();
            self.store.remove_engine(&holder.engine_uid).await.unwrap();
        });
    }
}

pub(super) fn push_to(branch: &str) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"), "before": "0".repeat(40), "after": SHA, "created": false,
        "deleted": false, "forced": false, "head_commit": { "id": SHA }, "commits": [{ "id": SHA }],
        "repository": { "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git" },
        "pusher": { "name": "octocat" },
    })
}

/// The event of a deployment of the other commit; fields of it are given.
pub(super) fn event(fields: &Value) -> Value {
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
pub(super) fn deployed(deployment: &Deployment) -> String {
    let services = deployment.services.iter().filter(|service| service.state == RunState::Waiting);
    let services: Vec<String> = services.map(|one| format!("{}@{}", one.service, one.target.short())).collect();
    format!("{} by {}: {}", deployment.state, deployment.user, services.join(", "))
}
