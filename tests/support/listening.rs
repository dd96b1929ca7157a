//! `hooks listen` on a free port, and requests that it gets.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use hookbelt_signature::{Secret, Signature};
use serde_json::Value;

use crate::support::{Belt, Outcome, Running};

const KEY: &str = "my_secret_key";

/// `hooks listen` on a free port.
pub(crate) struct Listening {
    pub(crate) running: Running,
    pub(crate) address: String,
}

impl Listening {
    pub(crate) fn start(belt: &Belt, more: &[&str]) -> Self {
        let mut running = belt.start([&["hooks", "listen", "--port", "0"], more].concat());
        let line = running.until("listening on http://");
        let address = line.trim_start_matches("listening on http://").trim_end_matches('/').to_owned();
        Self { running, address }
    }

    /// The URL as it is printed, with the `/`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Sends bytes and nothing more, and says what comes back.
    pub(crate) fn tell(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(bytes.as_ref()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        rest(&mut stream)
    }

    /// The next thing that came, of those that `--json` shows.
    pub(crate) fn next(&mut self) -> Value {
        serde_json::from_str(&self.running.until("{\"time\"")).unwrap()
    }
}

/// What comes until the connection ends.
pub(crate) fn rest(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A belt whose secret is the documentation's.
pub(crate) fn belt_with_secret() -> Belt {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", KEY);
    belt
}

/// Sends the hook of a release of `shop`.
pub(crate) fn send(belt: &Belt, base: &str, more: &[&str]) -> Outcome {
    let release = ["hooks", "send", "-a", "shop", "--release", "v4", "--sha", "35b3726"];
    belt.run([&release[..], more, &[base]].concat())
}

/// The signature of a text with the documentation's secret.
pub(crate) fn signature(text: &str) -> String {
    Signature::sign(&Secret::new(KEY.as_bytes().to_vec()).unwrap(), text).to_string()
}

/// A request with this target, to the host `h`, and a signature of this text.
pub(crate) fn request(target: &str, signed: &str) -> String {
    format!("POST {target} HTTP/1.1\r\nHost: h\r\nAuthorization: {}\r\n\r\n", signature(signed))
}

/// The status of an answer.
pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or(answer)
}
