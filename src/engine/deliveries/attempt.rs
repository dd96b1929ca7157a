//! One attempt: what is sent, and what becomes of the delivery by what came back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookbelt_signature::Secret;
use jiff::{SignedDuration, Timestamp};

use crate::domain::causes::with_causes;
use crate::domain::delivery::message::{Message, Request};
use crate::domain::delivery::retry::{After, Came, after};
use crate::domain::delivery::{DeliveryState, HookEvent, Receipt};
use crate::domain::duration;
use crate::domain::printable::{Colours, printable};
use crate::http::{Answer, Client, Connection, HttpError, Post};
use crate::store::deliveries::{Done, Taken};

/// What has come of an attempt, in the words of its receipt.
struct Outcome {
    came: Came,
    status: Option<u16>,
    /// Why it was not taken.
    error: Option<String>,
    answer: String,
}

impl Outcome {
    fn of(answer: Result<Answer, HttpError>) -> Self {
        match answer {
            Ok(answer) => {
                let came = Came::of(answer.status, answer.retry_after.as_deref(), Timestamp::now());
                let error = (came != Came::Taken).then(|| match answer.first_line() {
                    "" => format!("it answered {}", answer.status),
                    line => format!("it answered {}: {line}", answer.status),
                });
                Self { came, status: Some(answer.status), error, answer: answer.text }
            }
            Err(error) => Self::failed(with_causes(&error)),
        }
    }

    fn failed(error: String) -> Self {
        Self { came: Came::Failed(None), status: None, error: Some(error), answer: String::new() }
    }
}

/// The request of an attempt that is made now.
///
/// # Errors
/// Why there is none, in words.
pub(super) fn request(delivery: &Taken, secret: Option<&Secret>) -> Result<Request, String> {
    let message = Message {
        id: &delivery.message,
        app: &delivery.app,
        event: delivery.event,
        deployment: delivery.deployment,
        release: delivery.release,
        summary: &delivery.summary,
        sha: &delivery.sha,
        user: &delivery.user,
        time: delivery.created_at,
    };
    let request = message.request(&delivery.receiver, secret, Timestamp::now());
    request.map_err(|error| format!("its secret cannot be used: {error}"))
}

/// Makes an attempt. What cannot even be sent fails like one that was.
pub(super) async fn attempt(
    delivery: Taken,
    request: Result<(Arc<Client>, Request), String>,
    connection: Connection,
    pauses: Vec<Duration>,
) -> Done {
    let (started_at, began) = (Timestamp::now(), Instant::now());
    let outcome = match request {
        Ok((client, Request { url, headers, body })) => {
            let post = Post { url: &url, headers: &headers, body, connection };
            Outcome::of(client.post(post).await)
        }
        Err(error) => Outcome::failed(error),
    };
    let receipt = Receipt {
        attempt: delivery.attempts + 1,
        started_at,
        milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        status: outcome.status,
        error: outcome.error.map(|error| printable(&error, Colours::Remove).into_owned()),
        // No database takes a NUL within a text.
        answer: outcome.answer.replace('\0', "\u{fffd}"),
    };
    done(delivery, receipt, outcome.came, &pauses)
}

fn done(delivery: Taken, receipt: Receipt, came: Came, pauses: &[Duration]) -> Done {
    // Only a pause has something random, and most deliveries have none.
    let random = if came == Came::Taken { 0 } else { random() };
    let after = after(came, delivery.tries + 1, pauses, random);
    let (state, due_at) = match after {
        After::Delivered => (DeliveryState::Delivered, None),
        After::SwitchedOff | After::GivenUp => (DeliveryState::Failed, None),
        After::Again(pause) => (DeliveryState::Waiting, Some(later(pause))),
    };
    let line = match &receipt.error {
        None => format!("Deploy hook sent to {}{}", delivery.receiver, about(delivery.event)),
        Some(error) => format!("{}{error} ({})", failed(&delivery), what_next(after, receipt.attempt)),
    };
    let switches_off = after == After::SwitchedOff;
    Done { delivery, receipt: Some(receipt), state, reason: None, due_at, switches_off, line: Some(line) }
}

/// A delivery whose hook is not in the manifest any more.
pub(super) fn dropped(delivery: Taken) -> Done {
    let reason = "the manifest does not have this deploy hook any more".to_owned();
    let line = format!("The deploy hook to {}{} is not sent: {reason}", delivery.receiver, about(delivery.event));
    let (receipt, state, due_at) = (None, DeliveryState::Dropped, None);
    Done { delivery, receipt, state, reason: Some(reason), due_at, switches_off: false, line: Some(line) }
}

/// A delivery of an app that this engine does not have any more: another sends it.
pub(super) fn given_back(delivery: Taken) -> Done {
    let due_at = Some(delivery.due_at);
    Done {
        delivery,
        receipt: None,
        state: DeliveryState::Waiting,
        reason: None,
        due_at,
        switches_off: false,
        line: None,
    }
}

fn failed(delivery: &Taken) -> String {
    let (receiver, about) = (&delivery.receiver, about(delivery.event));
    format!("An error occurred while sending the deploy hook to {receiver}{about}: ")
}

/// What a hook tells, where it is not what every hook does.
fn about(event: HookEvent) -> String {
    if event == HookEvent::Succeeded { String::new() } else { format!(" ({event})") }
}

fn what_next(after: After, attempt: u64) -> String {
    match after {
        After::Again(pause) => format!("attempt {attempt}; the next one is due in {}", duration::show(pause)),
        After::SwitchedOff => "this deploy hook is switched off".to_owned(),
        After::GivenUp | After::Delivered => format!("attempt {attempt}, the last one"),
    }
}

fn later(pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    Timestamp::now().checked_add(pause).unwrap_or(Timestamp::MAX)
}

/// Any number; the same one where the system has no other.
fn random() -> u16 {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_or(0, |()| u16::from_ne_bytes(bytes))
}
