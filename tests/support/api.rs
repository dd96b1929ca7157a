//! A client of API v3 of `hookbelt serve`.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::http::{self, Reply, request};
use crate::support::{Belt, Running};

/// Longer than anything a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server, with tokens of every scope.
pub(crate) struct Served {
    pub(crate) server: Running,
    pub(crate) public: Client,
    pub(crate) redeploy: Client,
    pub(crate) admin: Client,
}

/// Somebody with a token, or without.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: String,
    pub(crate) token: String,
}

impl Served {
    pub(crate) fn start(belt: &Belt, arguments: &[&str]) -> Self {
        let (server, address) = belt.serve_at(arguments);
        let client = |scope: &str| {
            let made = belt.run(["tokens", "create", &format!("{scope}-token"), "--scope", scope]).expect(0);
            Client { address: address.clone(), token: made.stdout.trim().to_owned() }
        };
        Self { public: client("public"), redeploy: client("redeploy"), admin: client("admin"), server }
    }
}

impl Client {
    /// Sends a request with these headers and this body.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.with_token(headers, |headers| request(method, &self.url(path), headers, body))
    }

    /// Sends the head of a request with these headers, and the beginning of its body.
    pub(crate) fn begin(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> TcpStream {
        self.with_token(headers, |headers| http::begin(method, &self.url(path), headers, body))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/3{path}", self.address)
    }

    fn with_token<T>(&self, headers: &[(&str, &str)], then: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let authorization = format!("Bearer {}", self.token);
        let token = if self.token.is_empty() { None } else { Some(("Authorization", authorization.as_str())) };
        then(&headers.iter().copied().chain(token).collect::<Vec<_>>())
    }

    pub(crate) fn json(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.send(method, path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    pub(crate) fn form(&self, method: &str, path: &str, body: &str) -> Reply {
        self.send(method, path, &[("Content-Type", "application/x-www-form-urlencoded")], body.as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], b"")
    }

    /// What a GET answers in its envelope.
    pub(crate) fn response(&self, path: &str) -> Value {
        self.get(path).response()
    }

    /// The key of the only stack of this name.
    pub(crate) fn uid(&self, name: &str) -> String {
        let stacks = self.response(&format!("/stacks.json?page=1&filter_name={name}"));
        stacks[0]["uid"].as_str().unwrap_or_else(|| panic!("{name}: {stacks}")).to_owned()
    }

    /// Polls an action until it has ended.
    pub(crate) fn wait(&self, uid: &str, action: &Value) -> Value {
        let begun = Instant::now();
        loop {
            let action = self.response(&format!("/stacks/{uid}/actions/{action}.json"));
            if !action["finished_at"].is_null() {
                assert!(action["finished_success"].is_boolean(), "{action}");
                return action;
            }
            assert!(action["finished_success"].is_null() && begun.elapsed() < PATIENCE, "{action}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Opens a stream of events.
    pub(crate) fn stream(&self, path: &str, headers: &[(&str, &str)]) -> Events {
        Events(BufReader::new(self.begin("GET", path, headers, b"")))
    }
}

impl Reply {
    /// What is in the envelope of a success.
    pub(crate) fn response(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()["response"].take()
    }

    /// The status, the word and the details of a failure, on one line.
    pub(crate) fn failure(&self) -> String {
        let document = self.json();
        assert!(document["error_description"].is_string() && document.as_object().unwrap().len() == 3, "{document}");
        let text = |name: &str| document[name].as_str().unwrap().to_owned();
        format!("{} {}: {}", self.status, text("error"), text("details"))
    }
}

/// A stream of events.
pub(crate) struct Events(BufReader<TcpStream>);

impl Events {
    /// The next line that begins so, without its beginning; none if the stream has ended.
    pub(crate) fn line(&mut self, begins: &str) -> Option<String> {
        let mut line = String::new();
        while self.0.read_line(&mut line).unwrap() > 0 {
            if let Some(rest) = line.trim_end().strip_prefix(begins) {
                return Some(rest.to_owned());
            }
            line.clear();
        }
        None
    }

    /// The next event: its id and its data.
    pub(crate) fn next(&mut self) -> Option<(u64, Value)> {
        let id = self.line("id: ")?.parse().unwrap();
        Some((id, serde_json::from_str(&self.line("data: ")?).unwrap()))
    }
}

/// What the Go client sends for a deployment that says nothing: all of its keys.
pub(crate) fn go_body() -> Value {
    json!({
        "git_ref": "", "deploy_strategy": "", "rollout_strategy": null, "canary_percentage": null,
        "deployment_profile": "", "services": null,
    })
}
