//! `hooks send` and `hooks listen` talking to each other, to receivers behind, and to the documentation's programs.

use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::listening::{Listening, belt_with_secret, request, rest, send, signature, status};
use crate::support::{Belt, Receiver, Running};

const QUERY: &str = "app=shop&release=v4&release_summary=ann+deployed+35b3726&sha=35b3726&user=ann";

#[test]
fn what_is_sent_is_received_and_shown() {
    let belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &[]);
    let sent = send(&belt, &listening.url(), &[]).expect(0);
    assert_eq!(sent.stdout, "200: OK\n");
    let line = listening.running.until("shop");
    let (time, rest) = line.split_once(' ').unwrap();
    assert!(time.starts_with("20") && time.contains('T'), "{line}");
    assert_eq!(rest, "shop v4: ann deployed 35b3726 (sha 35b3726, user ann)");
    listening.running.signal("INT");
    assert_eq!(listening.running.end().0, 0);
}

#[test]
fn programs_get_a_json_object_a_line() {
    let belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &["--json"]);
    send(&belt, &listening.url(), &["--summary", "a\n\u{1b}[31mb~"]).expect(0);
    let entry = listening.next();
    assert_eq!(entry["target"], "/?app=shop&release=v4&release_summary=a%0A%1B%5B31mb~&sha=35b3726&user=ann");
    for (key, value) in [
        ("valid", Value::from(true)),
        ("status", 200.into()),
        ("method", "POST".into()),
        ("app", "shop".into()),
        ("release", "v4".into()),
        ("release_summary", "a\n\u{1b}[31mb~".into()),
        ("sha", "35b3726".into()),
        ("user", "ann".into()),
        ("signed", "as_it_came".into()),
        ("secret", 1.into()),
    ] {
        assert_eq!(entry[key], value, "{key}");
    }
    listening.running.signal("TERM");
    assert_eq!(listening.running.end().0, 0);
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason_on_this_side_alone() {
    let mut belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &[]);
    let without_slash = listening.url().trim_end_matches('/').to_owned();
    let sent = send(&belt, &without_slash, &[]).expect(1);
    assert_eq!(sent.stdout, "401: Unauthorized\n");
    listening.running.until("refused: what was signed has no `/` after the host; HTTP adds it");
    listening.running.until(&format!("  because signed was `{without_slash}?{QUERY}`"));
    listening.running.until("  hint: give the sender's URL as it is configured: --base-url, without the `/`");

    belt.set("HOOKBELT_SECRET", "my_secret_key\n");
    assert_eq!(send(&belt, &listening.url(), &[]).expect(1).stdout, "401: Unauthorized\n");
    listening.running.until(
        "refused: the secret was used with a newline at its end: the sender's has it, the one given here has not",
    );
    belt.set("HOOKBELT_SECRET", "another");
    send(&belt, &listening.url(), &[]).expect(1);
    listening.running.until("refused: for no reason that is known");
    send(&belt, &listening.url(), &["--unsigned"]).expect(1);
    listening.running.until("refused: the request has no Authorization header");
    let (_, printed) = {
        listening.running.signal("TERM");
        listening.running.end()
    };
    assert!(!printed.contains("my_secret_key"), "{printed}");
}

#[test]
fn one_of_several_secrets_is_enough() {
    let belt = Belt::new();
    belt.write("new", "another\n");
    belt.write("old", "my_secret_key\n");
    let mut listening = Listening::start(&belt, &["--json", "--secret-file", "new", "--secret-file", "old"]);
    send(&belt, &listening.url(), &["--secret-file", "old"]).expect(0);
    assert_eq!(listening.next()["secret"], 2);
    send(&belt, &listening.url(), &["--secret-file", "new"]).expect(0);
    assert_eq!(listening.next()["secret"], 1);
    let mut listening = Listening::start(&belt, &["--secret-file", "new", "--secret-file", "old"]);
    send(&belt, &listening.url(), &["--secret-file", "old"]).expect(0);
    listening.running.until("(sha 35b3726, user ann), with secret 2");
}

#[test]
fn hooks_that_verify_are_sent_on_as_they_came() {
    let belt = belt_with_secret();
    let receiver = Receiver::answering("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    let mut listening = Listening::start(&belt, &["--json", "--forward", &receiver.url()]);
    // Refused ones are not: the receiver takes one request alone.
    send(&belt, &listening.url(), &["--unsigned"]).expect(1);
    assert_eq!(listening.next().get("forwarded"), None);
    let target = "/a/./b/../%7Eu/'é'?token=t?a=%2f+b%20&c~*";
    let signed = format!("http://h{target}");
    let sent = format!(
        "PUT {target} HTTP/1.1\r\nHost: h\r\nX-Of-The-Sender: é\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nauthorization:  {} \r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n0\r\n\r\n",
        signature(&signed)
    );
    let answer = listening.tell(sent);
    assert_eq!((status(&answer), answer.rsplit("\r\n").next()), ("202", Some("Accepted\n")));
    let entry = listening.next();
    assert_eq!((&entry["status"], &entry["forwarded"]), (&202.into(), &202.into()));
    let authority = receiver.url().replace("http://", "");
    let came = receiver.request().replace("\r\n", "\n").to_lowercase();
    let (line, headers) = came.split_once('\n').unwrap();
    assert_eq!(line, format!("put {} http/1.1", target.to_lowercase()));
    let mut headers: Vec<&str> = headers.lines().take_while(|line| !line.is_empty()).collect();
    headers.sort_unstable();
    let authorization = format!("authorization: {}", signature(&signed));
    let host = format!("host: {authority}");
    assert_eq!(headers, [authorization.as_str(), "content-length: 3", &host, "x-of-the-sender: é"]);
}

#[test]
fn the_sender_gets_the_status_of_who_it_is_sent_on_to() {
    let belt = belt_with_secret();
    for (answer, expected) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", "204"),
        ("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", "503: Service Unavailable"),
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "302: Found"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200: OK"),
        ("", "502: Bad Gateway"),
        ("nonsense\r\n\r\n", "502: Bad Gateway"),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "502: Bad Gateway"),
    ] {
        let receiver = Receiver::answering(answer);
        let mut listening = Listening::start(&belt, &["--forward", &receiver.url()]);
        assert_eq!(send(&belt, &listening.url(), &[]).stdout, format!("{expected}\n"));
        let line = listening.running.until("shop v4: ");
        let host = receiver.url().replace("http://", "");
        let shown = match answer {
            "" => format!("; not forwarded: {host} closed the connection without an answer: "),
            "nonsense\r\n\r\n" => format!("; not forwarded: {host} answered what is no HTTP: "),
            _ if expected.starts_with("502") => {
                "; forwarded: 101 is no answer to a hook, the sender got 502".to_owned()
            }
            _ => "; forwarded: ".to_owned() + &expected[..3],
        };
        assert!(line.contains(&shown), "{line}");
    }
    let mut listening = Listening::start(&belt, &["--json", "--forward", "http://127.0.0.1:1"]);
    assert_eq!(send(&belt, &listening.url(), &[]).expect(1).stdout, "502: Bad Gateway\n");
    assert!(listening.next()["forward_error"].as_str().unwrap().contains("Connection refused"));
    let answer = listening.tell(request("/h#f?a=1", "http://h/h#f?a=1").as_bytes());
    assert_eq!(status(&answer), "502");
    assert_eq!(listening.next()["forward_error"], "its target cannot be sent on byte for byte");
    belt.limits("deploy_hook = \"200ms\"");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let forward = format!("http://{}", silent.local_addr().unwrap());
    let listening = Listening::start(&belt, &["--forward", &forward]);
    assert_eq!(status(&listening.tell(request("/?a=1", "http://h/?a=1").as_bytes())), "502");
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let belt = belt_with_secret();
    let mut command = belt.command(["hooks", "listen", "--port", "0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    drop(child.stdout.take());
    send(&belt, line.trim().trim_start_matches("listening on "), &[]);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The Python programs of the documentation, in their order.
fn recipe(number: usize) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/deploy-hooks.md")).unwrap();
    let block = text.split("```python\n").nth(number).unwrap();
    block.split("```").next().unwrap().to_owned()
}

fn python(belt: &Belt, program: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg(belt.write("program.py", program));
    command
}

#[test]
fn a_receiver_by_the_recipe_verifies_what_is_sent() {
    let belt = belt_with_secret();
    let server = r#"
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        path, _, raw_query = self.path.partition("?")
        url = f"http://127.0.0.1:{self.server.server_port}" + ("" if path == "/" else path)
        genuine = is_genuine(b"my_secret_key", url, raw_query, self.headers["Authorization"])
        self.send_response(200 if genuine else 401)
        self.end_headers()
        self.wfile.write(b"genuine\n" if genuine else b"forged\n")

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("port", server.server_port, flush=True)
server.serve_forever()
"#;
    let mut receiver = Running::start(python(&belt, &(recipe(1) + server)));
    let port = receiver.until("port ").replace("port ", "");
    let base = format!("http://127.0.0.1:{port}");
    for more in [&[][..], &["--summary", "zoë: a*b ~c+d/e?f&g=h 'i' (j)!"]] {
        assert_eq!(send(&belt, &base, more).expect(0).stdout, "200: genuine\n");
        assert_eq!(send(&belt, &format!("{base}/hook"), more).expect(0).stdout, "200: genuine\n");
    }
    assert_eq!(send(&belt, &format!("{base}/"), &[]).expect(1).stdout, "401: forged\n");
    assert_eq!(send(&belt, &base, &["--unsigned"]).expect(1).stdout, "401: forged\n");
    // What is no text of ours is no error of the program.
    for header in [&b"\xff\xfe"[..], "\u{e9}\u{65e5}".as_bytes(), b""] {
        let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
        stream.write_all(&[b"POST /?a=1 HTTP/1.1\r\nAuthorization: ", header, b"\r\n\r\n"].concat()).unwrap();
        assert_eq!(status(&rest(&mut stream)), "401", "{}", header.escape_ascii());
    }
    // Between the two, `listen` changes nothing: with its own URL configured at the receiver's it could not verify.
    let mut listening = Listening::start(&belt, &["--forward", &base, "--base-url", &base]);
    let sent = send(&belt, &base, &["--dry-run"]).expect(0).stdout.replace('\n', "\r\n");
    assert_eq!(status(&listening.tell(sent)), "200");
    listening.running.until("forwarded: 200");
}

#[test]
fn what_a_sender_by_the_recipe_signs_is_verified() {
    let belt = belt_with_secret();
    let mut listening = Listening::start(&belt, &["--json"]);
    let call = format!(
        "\nprint(send(b\"my_secret_key\", \"{}hook\", app=\"shop\", release=\"v4\", sha=\"\", user=\"zoë\", \
         release_summary=\"zoë: a*b ~c+d/e?f&g=h 'i' (j)!\"))\n",
        listening.url()
    );
    let output = python(&belt, &(recipe(2) + &call)).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "200\n", "{}", String::from_utf8_lossy(&output.stderr));
    let entry = listening.next();
    assert_eq!((&entry["valid"], &entry["user"]), (&true.into(), &"zoë".into()));
    assert_eq!(entry["release_summary"], "zoë: a*b ~c+d/e?f&g=h 'i' (j)!");
}
