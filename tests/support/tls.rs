//! A server that speaks TLS.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::Running;

fn openssl(folder: &Path, before: &[&str], arguments: &str) -> Command {
    let mut words = before.iter().copied().chain(["openssl"]).chain(arguments.split(' '));
    let mut command = Command::new(words.next().unwrap());
    command.args(words).current_dir(folder);
    command
}

/// A server with a certificate of an authority that only `ca.pem` knows; the words before the program may say when it was made.
pub(crate) fn tls(folder: &Path, made: &[&str]) -> (Running, String) {
    let key = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    let leaf =
        "-CA ca.pem -CAkey ca.key -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:localhost";
    for (before, arguments) in [
        (&[][..], format!("{key} -subj /CN=authority -keyout ca.key -out ca.pem")),
        (made, format!("{key} -subj /CN=localhost {leaf} -keyout key.pem -out cert.pem")),
    ] {
        let output = openssl(folder, before, &arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"response\":{\"ok\":true}}";
    fs::create_dir_all(folder.join("api/3/ping")).unwrap();
    fs::write(folder.join("api/3/ping/auth.json"), answer).unwrap();
    let mut command = openssl(folder, &[], "s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem -HTTP");
    let mut server = Running::start({
        command.stdin(Stdio::null());
        command
    });
    let port = server.until("ACCEPT").rsplit(':').next().unwrap().to_owned();
    (server, format!("https://localhost:{port}"))
}
