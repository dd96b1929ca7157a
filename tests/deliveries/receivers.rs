//! Receivers that know nothing of hookbelt: by the recipe of Workflow's documentation, and with the library of Standard
//! Webhooks; and `hooks listen`.

use std::path::Path;
use std::process::Command;

use crate::deliveries::{belt, shown, told, write};
use crate::support::listening::Listening;
use crate::support::{Belt, Running};

/// A receiver of one secret that answers the first request with 500, genuine or not, and the others with 200 if they are
/// genuine and else 401.
const SERVER: &str = r#"
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        url = f"http://127.0.0.1:{self.server.server_port}"
        genuine = is_genuine(url, self.path, body, self.headers)
        # In one piece: two requests may come at the same time.
        said = " ".join(["genuine" if genuine else "forged", str(self.headers["webhook-id"]), body.decode()])
        print(said + "\n", end="", flush=True)
        self.send_response(self.server.first or (200 if genuine else 401))
        self.server.first = None
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.first = 500
print("port", server.server_port, flush=True)
server.serve_forever()
"#;

/// As the documentation of Workflow says: the HMAC-SHA1 hex digest of the URL, whose parameters are in alphabetical order.
const WORKFLOW: &str = r#"
import hashlib
import hmac

def is_genuine(url, path, body, headers):
    query = path.partition("?")[2]
    signed = url + "?" + "&".join(sorted(query.split("&")))
    digest = hmac.new(b"my_secret_key", signed.encode(), digestmod=hashlib.sha1).hexdigest()
    return body == b"" and digest == headers["Authorization"]
"#;

/// As the documentation of the library says.
const STANDARD: &str = r#"
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

def is_genuine(url, path, body, headers):
    if path != "/in?token=hunter2":
        return False
    try:
        Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").verify(body, dict(headers))
        return True
    except WebhookVerificationError:
        return False
"#;

/// Where `./test` puts packages of PyPI.
fn packages() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python");
    let there = folder.join("standardwebhooks").is_dir();
    assert!(there, "run ./test, or: pip3 install --target target/python standardwebhooks==1.1.0");
    folder.display().to_string()
}

/// The receiver, and its URL.
fn start(belt: &Belt, is_genuine: &str) -> (Running, String) {
    let mut command = Command::new("python3");
    command.arg(belt.write("receiver.py", format!("{is_genuine}{SERVER}")));
    if is_genuine == STANDARD {
        command.env("PYTHONPATH", packages());
    }
    let mut receiver = Running::start(command);
    let port = receiver.until("port ").replace("port ", "");
    (receiver, format!("http://127.0.0.1:{port}"))
}

#[test]
fn a_receiver_by_the_recipe_of_workflow_verifies_every_attempt_of_every_event() {
    let mut belt = Belt::new();
    belt.set("USER", "zoë o'neil & co *~+%");
    let (mut receiver, url) = start(&belt, WORKFLOW);
    belt.limits("deploy_hook_retries = [\"1ms\"]");
    belt.write("key", "my_secret_key\n");
    let lines = "secret = { file = \"key\" }\nevents = [\"started\", \"succeeded\", \"failed\"]";
    write(&belt, "test ! -e broken", &[&url], lines);
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    belt.write("broken", "");
    belt.run(["redeploy"]).expect(1);
    for _ in 0..4 {
        server.until("Deploy hook sent");
    }
    for _ in 0..5 {
        assert!(receiver.until(" ").starts_with("genuine "));
    }
    belt.write("key", "another_key");
    belt.run(["hooks", "redeliver", "1"]).expect(1);
    receiver.until("forged ");
}

#[test]
fn the_library_of_standard_webhooks_verifies_every_attempt_and_knows_a_repetition_by_its_id() {
    let belt = Belt::new();
    let (mut receiver, url) = start(&belt, STANDARD);
    belt.limits("deploy_hook_retries = [\"1ms\"]");
    belt.write("key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let lines = "format = \"standard-webhooks\"\nsecret = { file = \"key\" }\nevents = [\"failed\", \"succeeded\"]";
    write(&belt, "true", &[&format!("{url}/in?token=hunter2")], lines);
    let mut server = belt.serve(&[]);
    belt.run(["redeploy"]).expect(0);
    server.until("Deploy hook sent");
    let (first, second) = (receiver.until(" "), receiver.until(" "));
    assert_eq!(first, second);
    assert!(first.starts_with("genuine msg_") && first.contains("_succeeded {"), "{first}");
    let body: serde_json::Value = serde_json::from_str(&first[first.find('{').unwrap()..]).unwrap();
    assert_eq!((&body["type"], &body["data"]["app"]), (&"deployment.succeeded".into(), &"shop".into()));
    assert_eq!((&body["data"]["release"], &body["data"]["deployment"]), (&"v1".into(), &1.into()));
    // The query is nobody's to see.
    let shown = shown(&belt, 1);
    assert_eq!(shown["url"], format!("{url}/in?…"));
    assert!(!shown.to_string().contains("hunter2") && told(&belt).iter().all(|line| !line.contains("hunter2")));
    belt.write("key", "whsec_AfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    belt.run(["hooks", "redeliver", "1"]).expect(1);
    receiver.until("forged ");
}

#[test]
fn hooks_listen_verifies_what_a_deployment_sends() {
    let mut listener = Belt::new();
    listener.set("HOOKBELT_SECRET", "my_secret_key");
    let mut listening = Listening::start(&listener, &["--json"]);
    let lines = "secret = { env = \"KEY\" }\nevents = [\"started\", \"succeeded\"]";
    let mut belt = belt("true", &[&listening.url()], lines);
    belt.set("KEY", "my_secret_key");
    belt.run(["redeploy"]).expect(0);
    for _ in 0..2 {
        let entry = listening.next();
        assert_eq!((&entry["valid"], &entry["app"], &entry["release"]), (&true.into(), &"shop".into(), &"v1".into()));
    }
}

#[test]
fn a_secret_that_is_no_key_of_standard_webhooks_stops_the_deployment_before_it_begins() {
    let lines = "format = \"standard-webhooks\"\nsecret = { file = \"key\" }";
    let belt = belt("touch ran", &["http://127.0.0.1:1/?x=1"], lines);
    belt.write("key", "my_secret_key");
    let refused = belt.run(["redeploy"]).expect(2);
    assert!(refused.stderr.contains("a secret of Standard Webhooks is base64"), "{refused}");
    assert!(!refused.stderr.contains("my_secret_key") && !belt.work().join("ran").exists());
}
