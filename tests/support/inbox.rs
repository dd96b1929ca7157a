//! A receiver of many deploy hooks: it hands over each request as it came, and answers as the test says.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longer than anything a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A listener on a free port.
pub(crate) struct Inbox {
    port: u16,
    requests: Receiver<String>,
}

impl Inbox {
    /// Answers the requests, from 0, by what is done with the connection of each.
    pub(crate) fn with(answer: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> Self {
        Self::on(0, answer)
    }

    /// The same on this port.
    pub(crate) fn on(port: u16, answer: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        let (answer, next) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sender, answer, next) = (sender.clone(), answer.clone(), next.clone());
                thread::spawn(move || {
                    serve(stream, &sender, |stream| answer(next.fetch_add(1, Ordering::SeqCst), stream));
                });
            }
        });
        Self { port, requests }
    }

    /// Answers with these statuses one after the other, and with the last of them from then on.
    pub(crate) fn answering<const N: usize>(statuses: [u16; N]) -> Self {
        Self::with(move |number, stream| reply(stream, statuses[number.min(N - 1)], "", "said\nmore\n"))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The next request, head and body.
    pub(crate) fn next(&self) -> String {
        self.requests.recv_timeout(PATIENCE).expect("a request comes")
    }

    /// What came so far and was not looked at.
    pub(crate) fn rest(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

/// Takes a request, and has it answered.
fn serve(mut stream: TcpStream, sender: &Sender<String>, answer: impl FnOnce(TcpStream)) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= length(head)
        {
            let _ = sender.send(text);
            return answer(stream);
        }
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => request.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
}

fn length(head: &str) -> usize {
    header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// A header of a request, by its name in lower case.
pub(crate) fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let head = request.split("\r\n\r\n").next().unwrap();
    let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Answers, and ends the connection. `headers` end with a line break each.
pub(crate) fn reply(mut stream: TcpStream, status: u16, headers: &str, body: &str) {
    let length = body.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} Said\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
}
