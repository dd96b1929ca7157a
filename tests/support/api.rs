//! A client of the API of `hookbelt serve`: a request a connection, as its bytes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

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

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
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
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let (address, token) = (&self.address, &self.token);
        let mut lines = vec![format!("{method} /api/3{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close")];
        if !token.is_empty() {
            lines.push(format!("Authorization: Bearer {token}"));
        }
        lines.extend(headers.iter().map(|header| (*header).to_owned()));
        if headers.iter().all(|header| !header.starts_with("Content-Length: ")) {
            lines.push(format!("Content-Length: {}", body.len()));
        }
        let head = lines.join("\r\n") + "\r\n\r\n";
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{method} {path}: {answer:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub(crate) fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(method, path, &["Content-Type: application/json"], body.to_string().as_bytes())
    }

    pub(crate) fn form(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, &["Content-Type: application/x-www-form-urlencoded"], body.as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
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
    pub(crate) fn stream(&self, path: &str, headers: &str) -> Events {
        Events(BufReader::new(self.begin(&format!("GET /api/3{path} HTTP/1.1\r\n{headers}"), "")))
    }

    /// Sends a request whose head begins so, and the beginning of its body.
    pub(crate) fn begin(&self, head: &str, body: &str) -> TcpStream {
        let request =
            format!("{head}Host: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n{body}", self.token);
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.head, self.body))
    }

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
