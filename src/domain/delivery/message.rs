//! What is sent to a receiver: the URL, the headers and the body, in the format that it understands.

use hookbelt_signature::deploy_hook::Announcement;
use hookbelt_signature::standard_webhooks::{self, NotAKey};
use hookbelt_signature::{Secret, Signature};
use jiff::Timestamp;
use serde_json::json;

use crate::domain::app::AppIdentity;
use crate::domain::delivery::HookEvent;
use crate::domain::delivery::receiver::{HookFormat, Receiver};
use crate::domain::release::ReleaseNumber;

/// What a delivery tells; the same at every attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<'a> {
    /// What the receiver knows it again by.
    pub id: &'a str,
    /// The app.
    pub app: &'a AppIdentity,
    /// What happened.
    pub event: HookEvent,
    /// The deployment.
    pub deployment: u64,
    /// The release that it makes.
    pub release: ReleaseNumber,
    /// The release's summary.
    pub summary: &'a str,
    /// Its full sha; empty without one.
    pub sha: &'a str,
    /// Who deployed.
    pub user: &'a str,
    /// When it happened.
    pub time: Timestamp,
}

/// A POST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its URL.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body; empty if there is nothing in it.
    pub body: String,
}

impl Message<'_> {
    /// The request of an attempt that is made now.
    ///
    /// # Errors
    /// When the secret cannot be a key of that format.
    pub fn request(&self, receiver: &Receiver, secret: Option<&Secret>, now: Timestamp) -> Result<Request, NotAKey> {
        match receiver.format() {
            HookFormat::Workflow => Ok(self.as_workflow(receiver.url(), secret)),
            HookFormat::StandardWebhooks => self.as_standard_webhook(receiver.url(), secret, now),
        }
    }

    fn as_workflow(&self, base: &str, secret: Option<&Secret>) -> Request {
        let announcement = Announcement {
            app: self.app.name.as_str(),
            event: Some(self.event).filter(|event| *event != HookEvent::Succeeded).map(HookEvent::word),
            release: self.release.to_string(),
            release_summary: self.summary,
            sha: self.sha,
            user: self.user,
        };
        let url = announcement.url(base);
        let signature = secret.map(|secret| ("authorization", Signature::sign(secret, &url).to_string()));
        Request { url, headers: signature.into_iter().collect(), body: String::new() }
    }

    fn as_standard_webhook(&self, url: &str, secret: Option<&Secret>, now: Timestamp) -> Result<Request, NotAKey> {
        let body = json!({
            "type": format!("deployment.{}", self.event),
            "timestamp": self.time,
            "data": {
                "app": self.app.name,
                "environment": self.app.environment,
                "deployment": self.deployment,
                "release": self.release,
                "release_summary": self.summary,
                "sha": self.sha,
                "user": self.user,
            },
        });
        let body = body.to_string();
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            (standard_webhooks::ID, self.id.to_owned()),
            (standard_webhooks::TIMESTAMP, now.as_second().to_string()),
        ];
        if let Some(secret) = secret {
            let signature = standard_webhooks::sign(secret, self.id, now.as_second(), &body)?;
            headers.push((standard_webhooks::SIGNATURE, signature));
        }
        Ok(Request { url: url.to_owned(), headers, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(format: HookFormat, url: &str, event: HookEvent) -> Request {
        let app = AppIdentity { name: "shop".parse().unwrap(), environment: "staging".parse().unwrap() };
        let message = Message {
            id: "msg_1",
            app: &app,
            event,
            deployment: 7,
            release: ReleaseNumber(4),
            summary: "ann deployed 35b3726",
            sha: "35b3726",
            user: "ann",
            time: "2026-11-21T12:00:00Z".parse().unwrap(),
        };
        let secret = Secret::new(b"whsec_bXlfc2VjcmV0X2tleQ==".to_vec()).unwrap();
        let receiver = Receiver::new(format, url).unwrap();
        message.request(&receiver, Some(&secret), "2026-11-21T12:10:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn only_an_event_other_than_success_is_a_parameter_in_its_sorted_place() {
        let url = |event| request(HookFormat::Workflow, "http://h", event).url;
        let rest = "release=v4&release_summary=ann+deployed+35b3726&sha=35b3726&user=ann";
        assert_eq!(url(HookEvent::Succeeded), format!("http://h?app=shop&{rest}"));
        assert_eq!(url(HookEvent::Failed), format!("http://h?app=shop&event=failed&{rest}"));
    }

    #[test]
    fn a_standard_webhook_has_a_signed_json_body_and_the_url_as_it_is_configured() {
        let request = request(HookFormat::StandardWebhooks, "https://h/in?token=x", HookEvent::Failed);
        assert_eq!(request.url, "https://h/in?token=x");
        insta::assert_snapshot!(request.body, @r#"{"data":{"app":"shop","deployment":7,"environment":"staging","release":"v4","release_summary":"ann deployed 35b3726","sha":"35b3726","user":"ann"},"timestamp":"2026-11-21T12:00:00Z","type":"deployment.failed"}"#);
        let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]);
        assert_eq!(request.headers[2].1, "1795263000");
    }
}
