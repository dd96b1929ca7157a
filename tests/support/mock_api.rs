//! A deploy API, or the API of a Git host, that knows its part by heart: it answers the requests that a test wrote down, and
//! fails the test on any other, and on one that never came. What goes to a Git host must be as the host describes it, too.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::panic;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::judge;

/// Longer than anything a test waits for.
const PATIENCE: Duration = Duration::from_mins(1);

/// In a body that is expected: any text.
pub(crate) const ANY: &str = "<any>";

/// In an answer: the `user_reference` that came last. Both have 32 characters.
pub(crate) const REFERENCE: &str = "user-reference-of-32-characters!";

/// A request that a test expects, and what it is answered with.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    method: &'static str,
    target: String,
    body: Option<Value>,
    answer: Vec<u8>,
    /// Whether it may come again and again.
    for_ever: bool,
    /// What the answer waits for.
    held: Option<Arc<Mutex<Receiver<()>>>>,
    came: bool,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) method: String,
    pub(crate) target: String,
    /// The head's lines after the first, as they came.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
}

/// The server. It is at `url` until it is dropped, which checks that it said all its part.
pub(crate) struct MockApi {
    pub(crate) url: String,
    part: Arc<Scene>,
}

#[derive(Debug, Default)]
struct Scene {
    part: Mutex<Part>,
    has_come: Condvar,
}

#[derive(Debug, Default)]
struct Part {
    expected: Vec<Expected>,
    came: Vec<Came>,
    unexpected: Vec<String>,
    /// How many requests the judge has not judged yet.
    unjudged: usize,
    reference: String,
}

/// A request without a body; of several with one target the first that has not come is answered. A target that ends in `*`
/// is any that begins so.
pub(crate) fn on(method: &'static str, target: &str) -> Expected {
    let (body, answer) = (None, Vec::new());
    Expected { method, target: target.to_owned(), body, answer, for_ever: false, held: None, came: false }
}

/// Lets an answer go; dropped, it lets it go too.
pub(crate) struct Release(Sender<()>);

impl Release {
    pub(crate) fn now(self) {
        drop(self.0);
    }
}

impl Expected {
    /// With exactly this JSON body.
    pub(crate) fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Answered with JSON.
    pub(crate) fn json(self, status: u16, body: &Value) -> Self {
        self.text(status, "content-type: application/json\r\n", &body.to_string())
    }

    /// Answered with these header lines, each with its end, and this body.
    pub(crate) fn text(self, status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        self.raw(format!(
            "HTTP/1.1 {status} Said\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
        ))
    }

    /// Answered with these bytes, whatever they are; the connection is closed behind them.
    pub(crate) fn raw(self, answer: impl Into<Vec<u8>>) -> Self {
        Self { answer: answer.into(), ..self }
    }

    /// Answered when the test says so.
    pub(crate) fn held(self) -> (Self, Release) {
        let (sender, receiver) = channel();
        (Self { held: Some(Arc::new(Mutex::new(receiver))), ..self }, Release(sender))
    }

    /// Not only once.
    pub(crate) fn for_ever(self) -> Self {
        Self { for_ever: true, ..self }
    }
}

impl MockApi {
    pub(crate) fn start(expected: Vec<Expected>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let part = Part { expected, ..Part::default() };
        let part = Arc::new(Scene { part: Mutex::new(part), has_come: Condvar::new() });
        let here = Arc::clone(&part);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let part = Arc::clone(&here);
                thread::spawn(move || answer(stream, &part));
            }
        });
        Self { url, part }
    }

    /// Expects more requests.
    pub(crate) fn expect(&self, expected: Vec<Expected>) {
        self.part.part.lock().unwrap_or_else(PoisonError::into_inner).expected.extend(expected);
    }

    /// From now on gives this answer instead of what was given for ever.
    pub(crate) fn instead(&self, expected: Expected) {
        let mut part = self.part.part.lock().unwrap_or_else(PoisonError::into_inner);
        for one in &mut part.expected {
            one.for_ever &= one.method != expected.method || one.target != expected.target;
        }
        part.expected.push(expected);
    }

    /// Waits until so many requests for this target have come.
    pub(crate) fn until(&self, target: &str, times: usize) {
        let lacks = |part: &mut Part| part.came.iter().filter(|came| came.target == target).count() < times;
        let part = self.part.part.lock().unwrap_or_else(PoisonError::into_inner);
        let (part, waited) = self.part.has_come.wait_timeout_while(part, PATIENCE, lacks).unwrap();
        assert!(!waited.timed_out(), "{target} did not come {times} times: {:#?}", part.came);
    }

    /// The requests that came.
    pub(crate) fn came(&self) -> Vec<Came> {
        self.part.part.lock().unwrap_or_else(PoisonError::into_inner).came.clone()
    }
}

impl Came {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.headers.iter().filter_map(|line| line.split_once(": "));
        pairs.find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn is(&self, expected: &Expected) -> bool {
        let same_body = match &expected.body {
            None => self.body.is_empty(),
            Some(body) => serde_json::from_slice::<Value>(&self.body).is_ok_and(|came| is_like(&came, body)),
        };
        let same_target = match expected.target.strip_suffix('*') {
            Some(begins) => self.target.starts_with(begins),
            None => self.target == expected.target,
        };
        self.method == expected.method && same_target && same_body
    }
}

/// The same, where [`ANY`] is any text.
fn is_like(came: &Value, expected: &Value) -> bool {
    match (came, expected) {
        (Value::Object(came), Value::Object(expected)) => {
            let same = |(name, value): (&String, &Value)| came.get(name).is_some_and(|came| is_like(came, value));
            came.len() == expected.len() && expected.iter().all(same)
        }
        (came, expected) => came == expected || expected == ANY && came.is_string(),
    }
}

impl Drop for MockApi {
    fn drop(&mut self) {
        let mut part = self.part.part.lock().unwrap_or_else(PoisonError::into_inner);
        while part.unjudged > 0 {
            part = self.part.has_come.wait(part).unwrap_or_else(PoisonError::into_inner);
        }
        if thread::panicking() {
            for line in &part.unexpected {
                let _ = writeln!(io::stderr(), "the mock API did not expect {line}");
            }
            return;
        }
        assert!(part.unexpected.is_empty(), "nobody expected {:#?}", part.unexpected);
        let unused = part.expected.iter().filter(|expected| !expected.came);
        let unused: Vec<String> = unused.map(|expected| format!("{} {}", expected.method, expected.target)).collect();
        assert!(unused.is_empty(), "these never came: {unused:#?}");
    }
}

fn answer(mut stream: TcpStream, scene: &Scene) {
    let Some(came) = read(&stream) else {
        return;
    };
    let to_judge = judge::judges(&came).then(|| came.clone());
    let answer = {
        let mut part = scene.part.lock().unwrap_or_else(PoisonError::into_inner);
        part.unjudged += usize::from(to_judge.is_some());
        let reference = serde_json::from_slice::<Value>(&came.body).unwrap_or_default();
        if let Some(reference) = reference["user_reference"].as_str() {
            reference.clone_into(&mut part.reference);
        }
        let found = part.expected.iter_mut().find(|one| (!one.came || one.for_ever) && came.is(one));
        let answer = found.map(|one| {
            one.came = true;
            (one.answer.clone(), one.held.clone())
        });
        if answer.is_none() {
            let body = String::from_utf8_lossy(&came.body);
            part.unexpected.push(format!("{} {} {body}", came.method, came.target));
        }
        part.came.push(came);
        scene.has_come.notify_all();
        let unexpected = || b"HTTP/1.1 599 Unexpected\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec();
        let (answer, held) = answer.unwrap_or_else(|| (unexpected(), None));
        (with_reference(answer, &part.reference), held)
    };
    let (answer, held) = answer;
    if let Some(held) = held {
        // It ends when nobody holds it any more.
        let _ = held.lock().unwrap().recv();
    }
    let _ = stream.write_all(&answer);
    let _ = stream.shutdown(Shutdown::Both);
    if let Some(came) = to_judge {
        scene.judge(&came);
    }
}

impl Scene {
    /// Has a request to a Git host judged, whatever it was answered.
    fn judge(&self, came: &Came) {
        // A judge that fails has judged nothing.
        let judged = panic::catch_unwind(|| judge::faults(came));
        let faults = judged.unwrap_or_else(|_| vec!["the judge did not answer".to_owned()]);
        let mut part = self.part.lock().unwrap_or_else(PoisonError::into_inner);
        for fault in faults {
            let body = String::from_utf8_lossy(&came.body);
            part.unexpected.push(format!("{} {} {body}: {fault}", came.method, came.target));
        }
        part.unjudged -= 1;
        self.has_come.notify_all();
    }
}

fn with_reference(mut answer: Vec<u8>, reference: &str) -> Vec<u8> {
    let found = answer.windows(REFERENCE.len()).position(|window| window == REFERENCE.as_bytes());
    if let Some(at) = found.filter(|_| reference.len() == REFERENCE.len()) {
        answer[at..at + REFERENCE.len()].copy_from_slice(reference.as_bytes());
    }
    answer
}

fn read(stream: &TcpStream) -> Option<Came> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut words = lines.first()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut came = Came { method, target, headers: lines.split_off(1), body: Vec::new() };
    let length = came.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    came.body = vec![0; length];
    reader.read_exact(&mut came.body).ok()?;
    Some(came)
}
