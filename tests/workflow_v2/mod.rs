//! `/v2` of a real `hookbelt serve`: what clients of the Workflow controller get.

mod bodies;
mod reading;
mod replay;
mod rollback;
mod signing_in;

use hookbelt::domain::token::{Scope, Scopes, TokenHash};
use hookbelt::store::{Folder, Store};

use crate::support::http::{Reply, exchange};
use crate::support::{Belt, PLAIN, Running};

/// A token that may deploy.
const DEPLOYER: &str = "hookbelt_deployer";

/// A token that may read.
const READER: &str = "hookbelt_reader";

/// Does something with a belt's store, beside the server.
fn with_store<T>(belt: &Belt, what: impl AsyncFnOnce(Store) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { what(Store::open(&belt.store(), Folder::MayBeMade).await.unwrap()).await })
}

/// Adds a token; one of the same name goes.
fn add_token(belt: &Belt, text: &str, name: &str, scope: Scope) {
    with_store(belt, async |store| {
        store.revoke_token(name).await.unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        store.add_token(TokenHash::of(text), name, Scopes::up_to(scope), now).await.unwrap();
    });
}

/// A server, and who may ask it.
struct Site {
    belt: Belt,
    server: Running,
    address: String,
}

impl Site {
    /// Serves what the belt's working folder holds, with a token that may deploy, `ci`, and one that may read, `eve`.
    fn of(belt: Belt, arguments: &[&str]) -> Self {
        add_token(&belt, DEPLOYER, "ci", Scope::Redeploy);
        add_token(&belt, READER, "eve", Scope::Public);
        let (server, address) = belt.serve_at(arguments);
        Self { belt, server, address }
    }

    /// One app, `shop (staging)`, whose service runs this command.
    fn with_command(deploy: &str) -> Self {
        Self::of(Belt::with_command(deploy), &[])
    }

    /// Sends bytes, and says what comes back.
    fn tell(&self, bytes: impl AsRef<[u8]>) -> Reply {
        tell(&self.address, bytes.as_ref())
    }

    fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Reply {
        self.tell(request(method, path, token, body))
    }

    /// A page that the reader sees.
    fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, READER, "")
    }

    /// A rollback that the deployer wants.
    fn roll_back(&self, body: &str) -> Reply {
        self.ask("POST", "/v2/apps/shop-staging/releases/rollback/", DEPLOYER, body)
    }

    /// Deploys, with this ref; it ends with this code.
    fn deploy(&self, reference: &str, code: i32) {
        self.belt.run(["redeploy", "--git-ref", reference]).expect(code);
    }
}

/// A request as the Go SDK sends it, but for HTTP 1.0, whose answers come in one piece.
fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    let length = body.len();
    let authorization = if token.is_empty() { String::new() } else { format!("Authorization: token {token}\r\n") };
    format!(
        "{method} {path} HTTP/1.0\r\nHost: h\r\n{authorization}Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

/// Sends bytes to an address, and says what comes back.
fn tell(address: &str, bytes: &[u8]) -> Reply {
    exchange(address, bytes).expect("no answer")
}

impl Reply {
    /// What the answer says is wrong.
    fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

/// The manifest of an app in production, with one service of this name.
fn in_production(app: &str, service: &str, deploy: &str) -> String {
    let manifest = PLAIN.replace("environment = \"staging\"\n", "").replace("shop", app);
    manifest.replace("services.web", &format!("services.{service}")) + &format!("deploy = \"{deploy}\"\n")
}
