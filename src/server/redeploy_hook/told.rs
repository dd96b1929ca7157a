//! What the log says of a request to a redeployment hook, and what is counted of it.

use std::net::IpAddr;

use tokio::time::Instant;

use crate::domain::app::AppIdentity;
use crate::domain::causes::with_causes;
use crate::engine::{Event, HookOutcome};
use crate::server::Site;
use crate::server::few_lines::Line;
use crate::server::redeploy_hook::answer::{Answer, Refused};

/// Tells of a request to the hook of an app.
pub(super) fn of_app(site: &Site, app: &AppIdentity, from: IpAddr, decided: &Result<Answer, Refused>) {
    let app = Some(app.clone());
    site.say(&match decided {
        Ok(answer) => Event::Hook {
            app,
            from,
            outcome: answer.outcome(),
            status: 200,
            deployment: answer.deployment(),
            message: answer.told(),
        },
        Err(refused) => refusal(app, from, refused, ""),
    });
}

/// Tells of a request whose app is not known. Anybody can send such, so that few have a line; all are counted.
pub(super) fn of_nobody(site: &Site, from: IpAddr, refused: &Refused) {
    match site.lines.another(Instant::now()) {
        Line::Written => site.say(&refusal(None, from, refused, "")),
        Line::Last => site.say(&refusal(None, from, refused, "; further ones are counted alone, for a minute")),
        Line::LeftOut => site.metrics.count(&refusal(None, from, refused, "")),
    }
}

fn refusal(app: Option<AppIdentity>, from: IpAddr, refused: &Refused, more: &str) -> Event {
    let outcome = if matches!(refused, Refused::Unknown) { HookOutcome::Unknown } else { HookOutcome::Refused };
    let message = format!("redeployment hook from {from} refused: {}{more}", with_causes(refused));
    Event::Hook { app, from, outcome, status: refused.status().as_u16(), deployment: None, message }
}
