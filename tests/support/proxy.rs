//! The proxies of `packaging/`, each as it is installed but for addresses, ports and paths, and a client that speaks TLS to it.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::Running;

/// The name that the files of `packaging/` serve.
pub(crate) const HOST: &str = "deploy.example.com";

/// Which proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Caddy,
}

/// A proxy that runs on a free port of this machine.
pub(crate) struct Proxy {
    child: Child,
    folder: PathBuf,
    port: u16,
}

/// An answer by way of the proxy.
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) body: String,
}

impl Proxy {
    /// Starts one in front of this address; its files are in `folder`, which must be there.
    pub(crate) fn start(kind: Kind, upstream: &str, folder: &Path) -> Self {
        certificate(folder);
        for _ in 0..3 {
            if let Some(proxy) = Self::try_start(kind, upstream, folder) {
                return proxy;
            }
        }
        panic!("{kind:?} does not start: {}", written(folder));
    }

    /// Another program may take the port in between: then there is none.
    fn try_start(kind: Kind, upstream: &str, folder: &Path) -> Option<Self> {
        let (port, other) = (free_port(), free_port());
        let mut command = match kind {
            Kind::Nginx => nginx(upstream, folder, port, other),
            Kind::Caddy => caddy(upstream, folder, port),
        };
        let stderr = fs::File::create(folder.join("stderr.log")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr);
        let child = command.spawn().unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        let mut proxy = Self { child, folder: folder.to_owned(), port };
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) && proxy.child.try_wait().unwrap().is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(proxy);
            }
            sleep(Duration::from_millis(20));
        }
        None
    }

    fn curl(&self, url: &str, more: &[&str]) -> Command {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "30", "--cacert"]);
        command.arg(self.folder.join("certificate.pem"));
        command.args(["--connect-to", &format!("{HOST}:443:127.0.0.1:{}", self.port)]);
        command.args(more).arg(url);
        command
    }

    /// Sends a request to a URL that begins with `https://` and the host.
    pub(crate) fn send(&self, url: &str, more: &[&str]) -> Answer {
        let output = self.curl(url, &[&["--write-out", "\n%{http_code}"], more].concat()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap_or_default();
        let trouble = String::from_utf8_lossy(&output.stderr);
        assert!(status != "000" && !status.is_empty(), "{url}: {trouble}\n{}", self.written());
        Answer { status: status.to_owned(), body: body.to_owned() }
    }

    /// Sends a request whose answer is looked at while it comes.
    pub(crate) fn follow(&self, url: &str, more: &[&str]) -> Running {
        Running::start(self.curl(url, &[&["--no-buffer", "--include"], more].concat()))
    }

    /// All that it has written, into any log.
    pub(crate) fn written(&self) -> String {
        written(&self.folder)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn written(folder: &Path) -> String {
    let names = ["access.log", "error.log", "stderr.log"];
    names.iter().filter_map(|name| fs::read_to_string(folder.join(name)).ok()).collect()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn certificate(folder: &Path) {
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
    command.args(["-subj", &format!("/CN={HOST}"), "-addext", &format!("subjectAltName=DNS:{HOST}")]);
    command.args(["-keyout", "key.pem", "-out", "certificate.pem"]).current_dir(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A file of `packaging/` with parts replaced, each of which must be there.
pub(crate) fn packaged(name: &str, parts: &[(&str, &str)]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(name);
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in parts {
        assert!(text.contains(from), "{name} has no {from:?}");
        text = text.replace(from, to);
    }
    text
}

/// One process, so that it ends when it is killed.
fn nginx(upstream: &str, folder: &Path, port: u16, other: u16) -> Command {
    let at = folder.display().to_string();
    let site = packaged(
        "nginx.conf",
        &[
            ("127.0.0.1:6660;", &format!("{upstream};")),
            ("    listen [::]:80;\n", ""),
            ("    listen [::]:443 ssl;\n", ""),
            ("listen 80;", &format!("listen 127.0.0.1:{other};")),
            ("listen 443 ssl;", &format!("listen 127.0.0.1:{port} ssl;")),
            ("/etc/letsencrypt/live/deploy.example.com/fullchain.pem", &format!("{at}/certificate.pem")),
            ("/etc/letsencrypt/live/deploy.example.com/privkey.pem", &format!("{at}/key.pem")),
            ("/var/log/nginx/hookbelt.access.log", &format!("{at}/access.log")),
        ],
    );
    fs::write(folder.join("site.conf"), site).unwrap();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|what| format!("{what}_temp_path {at}/{what};\n"))
        .concat();
    let main = format!(
        "daemon off;\nmaster_process off;\npid {at}/nginx.pid;\nerror_log {at}/error.log;\n\
         events {{ worker_connections 64; }}\nhttp {{\n{temporary}include {at}/site.conf;\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), main).unwrap();
    let mut command = Command::new("nginx");
    command.args(["-p", &at, "-c", &format!("{at}/nginx.conf"), "-e", &format!("{at}/error.log")]);
    command
}

fn caddy(upstream: &str, folder: &Path, port: u16) -> Command {
    let at = folder.display().to_string();
    let global = "{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n";
    let site = format!("https://{HOST}:{port} {{\n\ttls {at}/certificate.pem {at}/key.pem\n");
    let parts =
        [("\n{\n", format!("\n{global}")), ("deploy.example.com {\n", site), ("127.0.0.1:6660", upstream.to_owned())];
    let text = packaged("Caddyfile", &parts.each_ref().map(|(from, to)| (*from, to.as_str())));
    fs::write(folder.join("Caddyfile"), text).unwrap();
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config", &format!("{at}/Caddyfile")]);
    command.env_clear().env("PATH", env!("PATH")).env("HOME", folder);
    command
}
