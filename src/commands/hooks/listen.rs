//! `hookbelt hooks listen`: receives deploy hooks, verifies them, shows them, and sends them on.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use hookbelt_signature::diagnose;
use hookbelt_signature::request::{NotARequest, Request};
use hookbelt_signature::{Secret, Signature, Verified, verify};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::commands::hooks::base_url::BaseUrlFlag;
use crate::commands::hooks::received::{Entry, Head, Refused, Valid, Verdict};
use crate::commands::hooks::refusal::Refusal;
use crate::config::user_file::Limits;
use crate::context::Context;
use crate::context::secrets::SecretFlags;
use crate::domain::causes::with_causes;
use crate::error::{Error, Kind};
use crate::http::{Forwarder, InvalidOrigin, Origin, Outgoing};
use crate::output::{Format, Output, local_time};
use crate::server::receive::{Received, Receiver, Unreadable, receive};

/// Where to listen, and what becomes of what comes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each deploy hook that verifies is a line on standard output, with --json a JSON object, and is answered with 200, or as the \
receiver answers that it is sent on to. What does not verify is answered with 401, and standard error says why; the answer \
does not. INT and TERM end it, with exit code 0.

A sender whose URL is not spelled as the address that is printed, a `/` after the host included, needs --base-url.

Examples:
  hookbelt hooks listen --secret-file key
  hookbelt hooks listen --secret-file key --base-url https://hooks.example.com/deis
  hookbelt hooks listen --secret-file key --forward http://localhost:3000")]
pub struct Args {
    /// The port of 127.0.0.1 to listen on; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 6661)]
    pub port: u16,
    /// The sender's URL.
    #[command(flatten)]
    pub base_url: BaseUrlFlag,
    /// The sender's scheme, http or https, where a proxy has changed it
    #[arg(long, value_name = "SCHEME", value_parser = ["http", "https"], hide_possible_values = true)]
    pub scheme: Option<String>,
    /// Send hooks that verify on to this scheme, host and port, as they came
    #[arg(long, value_name = "URL")]
    pub forward: Option<String>,
    /// The secrets; several while they are changed
    #[command(flatten)]
    pub secrets: SecretFlags,
}

/// Listens until it is told to stop.
///
/// # Errors
/// When there is no secret, the port is taken, or standard output cannot be written.
pub async fn run(args: Args, context: &Context) -> Result<(), Error> {
    let base_url = args.base_url.read()?.map(str::to_owned);
    let secrets = args.secrets.read(context.variables())?;
    let limits = context.limits()?;
    let forwarder = args.forward.map(|origin| forwarder(&origin, &limits)).transpose()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await.map_err(|error| {
        let error = Error::new(Kind::Usage, format!("could not listen on 127.0.0.1:{}: {error}", args.port));
        error.with_hint("another `hookbelt hooks listen` may be there; choose another port with --port (0: a free one)")
    })?;
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let output = context.output().clone();
    output.note(&format!("listening on http://{}/", listener.local_addr()?));
    let (failed, mut failure) = mpsc::channel(1);
    let listening = Listening { secrets, base_url, scheme: args.scheme, forwarder, output, failed };
    tokio::select! {
        never = receive(listener, limits, Arc::new(listening)) => match never {},
        Some(error) = failure.recv() => Err(Error::from(error)),
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    }
}

/// Not clap's to parse: it would show the whole text, with a password that may be in it.
fn forwarder(origin: &str, limits: &Limits) -> Result<Forwarder, Error> {
    let origin: Origin = origin
        .parse()
        .map_err(|error: InvalidOrigin| Error::new(Kind::Usage, format!("--forward cannot be used: {error}")))?;
    Ok(Forwarder::new(origin, limits.deploy_hook)?)
}

/// What every request is held against.
struct Listening {
    secrets: Vec<Secret>,
    base_url: Option<String>,
    scheme: Option<String>,
    forwarder: Option<Forwarder>,
    output: Output,
    /// Hears that nothing can be shown any more.
    failed: mpsc::Sender<io::Error>,
}

impl Receiver for Listening {
    async fn answer(&self, received: Received) -> StatusCode {
        let time = Timestamp::now();
        let Received { method, target, headers, body } = received;
        let head = Some(Head { method: method.to_string(), target: target.clone() });
        let (status, verdict) = match self.verify(&target, &headers, body) {
            Ok((request, verified)) => {
                let mut valid = Valid::of(&request.target, &verified, self.secrets.len() > 1);
                let status = self.forward(method, headers, request, &mut valid).await;
                (status, Verdict::Valid(valid))
            }
            Err(refused) => (StatusCode::UNAUTHORIZED, Verdict::Refused(*refused)),
        };
        self.show(&Entry::new(time, status.as_u16(), head, verdict));
        status
    }

    fn unreadable(&self, why: &Unreadable) {
        let verdict = Verdict::Refused(Refused::because(why, None));
        self.show(&Entry::new(Timestamp::now(), why.status().as_u16(), None, verdict));
    }
}

impl Listening {
    fn verify(&self, target: &str, headers: &HeaderMap, body: Vec<u8>) -> Result<(Request, Verified), Box<Refused>> {
        let host = only(headers, HOST, "Host")?;
        let request = Request::of_parts(target, host, only(headers, AUTHORIZATION, "Authorization")?, body);
        let hook = request.hook(self.scheme.as_deref(), self.base_url.as_deref()).ok_or_else(no_host)?;
        let presented = request.authorization.as_deref().unwrap_or_default();
        let verified =
            presented.parse::<Signature>().ok().and_then(|signature| verify(&hook, &self.secrets, &signature));
        let Some(verified) = verified else {
            let refused = diagnose::Refused { hook: &hook, presented, body: request.body.as_deref() };
            return Err(Box::new(Refusal::of(&refused, &self.secrets).into()));
        };
        Ok((request, verified))
    }

    /// Sends a hook on if that was asked for, and says how it is answered.
    async fn forward(&self, method: Method, headers: HeaderMap, request: Request, valid: &mut Valid) -> StatusCode {
        let Some(forwarder) = &self.forwarder else {
            return StatusCode::OK;
        };
        let body = request.body.unwrap_or_default();
        match forwarder.send(Outgoing { method, target: &request.target, headers, body }).await {
            Ok(status) => {
                valid.forwarded = Some(status);
                let last = StatusCode::from_u16(status).ok().filter(|status| !status.is_informational());
                last.unwrap_or_else(|| {
                    valid.forward_error = Some(format!("{status} is no answer to a hook, the sender got 502"));
                    StatusCode::BAD_GATEWAY
                })
            }
            Err(error) => {
                valid.forward_error = Some(with_causes(&error));
                StatusCode::BAD_GATEWAY
            }
        }
    }

    /// A hook goes to standard output, a refusal to standard error; with `--json` both go to standard output too.
    fn show(&self, entry: &Entry) {
        let shown = match &entry.verdict {
            Verdict::Valid(valid) => self.output.item(&valid.line(entry.time), entry),
            Verdict::Refused(refused) => {
                self.output.note(&format!("{} refused: {}", local_time(entry.time), refused.reason));
                let because = refused.because.iter().map(|because| format!("  because {because}"));
                let hint = refused.hint.iter().map(|hint| format!("  hint: {hint}"));
                because.chain(hint).for_each(|line| self.output.note(&line));
                if self.output.format() == Format::Json { self.output.item("", entry) } else { Ok(()) }
            }
        };
        if let Err(error) = shown {
            // When it is full, the end is near already.
            let _ = self.failed.try_send(error);
        }
    }
}

/// The value of a header that may be there once; with two of them nobody knows which one counts.
fn only(headers: &HeaderMap, name: HeaderName, shown: &'static str) -> Result<Option<String>, Box<Refused>> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    match values.next() {
        None => Ok(value),
        Some(_) => Err(Box::new(Refused::because(&NotARequest::TwoHeaders(shown), None))),
    }
}

fn no_host() -> Box<Refused> {
    let hint = "give the URL that the sender has configured: --base-url";
    let reason = "the request does not say its host, and the host is part of what is signed";
    Box::new(Refused::because(&reason, Some(hint)))
}
