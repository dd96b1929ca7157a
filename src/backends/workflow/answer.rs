//! What an answer of the controller means when it is not what was asked for.

use serde_json::Value;
use url::Url;

use crate::backends::error::RemoteError;
use crate::http::Reply;
use crate::http::header::{CONTENT_TYPE, LOCATION};

/// The most characters that are shown of what a controller said.
const MOST: usize = 1_000;

/// Who was asked, and for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The profile's name and its host.
    pub(super) api: &'a str,
    /// The profile's name.
    pub(super) profile: &'a str,
    /// The URL.
    pub(super) url: &'a Url,
}

/// What an answer without success says.
pub(super) fn refusal(asked: Asked<'_>, reply: &Reply) -> RemoteError {
    let (api, status) = (asked.api.to_owned(), reply.status);
    let said = said(reply);
    let is_json = serde_json::from_slice::<Value>(&reply.body).is_ok();
    match status {
        300..=399 => RemoteError::Redirected { api, status, to: leads_to(asked.url, reply) },
        401 => RemoteError::SignIn { api, profile: asked.profile.to_owned(), said },
        403 => RemoteError::Forbidden { api, said },
        404 if is_json => RemoteError::NotFound { api, said },
        // Its own framework's page: there is no such route.
        404 if reply.headers.contains_key("deis_api_version") => RemoteError::NotImplemented { api, said },
        404 => RemoteError::NotUnderstood { api, what: format!("it has no {}: 404 {}", asked.url.path(), kind(reply)) },
        405 => RemoteError::NotImplemented { api, said },
        429 => RemoteError::Throttled { api, said },
        400..=499 => RemoteError::Refused { api, status, said },
        500..=599 => RemoteError::Failed { api, status, said },
        _ => RemoteError::NotUnderstood { api, what: format!("status {status}") },
    }
}

/// Whether the controller itself said so, and not a proxy before it that lost patience with it.
pub(super) fn is_of_the_controller(reply: &Reply) -> bool {
    let is_json = serde_json::from_slice::<Value>(&reply.body).is_ok();
    !matches!(reply.status, 408 | 502 | 504) && (is_json || reply.status < 500)
}

/// What came instead of JSON.
pub(super) fn kind(reply: &Reply) -> String {
    let kind = reply.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match kind.split(';').next().unwrap_or_default().trim() {
        _ if reply.body.is_empty() => "nothing".to_owned(),
        _ if is_html(reply) => "a page of HTML".to_owned(),
        "application/json" => "JSON of another form, or a part of it".to_owned(),
        "" => "text of an unknown kind".to_owned(),
        other => other.chars().take(60).collect(),
    }
}

/// What an answer says to people: its `detail`, what it says of each field, or the text that it is.
pub(super) fn said(reply: &Reply) -> String {
    let text = match serde_json::from_slice::<Value>(&reply.body) {
        Ok(Value::Object(fields)) => {
            fields.iter().map(|(name, value)| about(name, value)).collect::<Vec<_>>().join("; ")
        }
        Ok(value) => text_of(&value),
        Err(_) if is_html(reply) => String::new(),
        Err(_) => String::from_utf8_lossy(&reply.body).into_owned(),
    };
    // Some texts hold the two characters that stand for a newline.
    let text = text.replace("\\n", "\n");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ").chars().take(MOST).collect()
}

/// The reason of a failed deployment; none if the answer says that the request itself was wrong.
pub(super) fn detail(reply: &Reply) -> Option<String> {
    let document: Value = serde_json::from_slice(&reply.body).ok()?;
    document.get("detail")?;
    Some(said(reply))
}

fn about(name: &str, value: &Value) -> String {
    let text = text_of(value);
    if matches!(name, "detail" | "non_field_errors") { text } else { format!("{name}: {text}") }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text_of).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Whether an answer says of itself that it is a page for people.
pub(super) fn is_page(reply: &Reply) -> bool {
    reply.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

fn is_html(reply: &Reply) -> bool {
    is_page(reply) || reply.body.trim_ascii_start().starts_with(b"<")
}

/// Scheme, host and path: the rest may be secret.
fn leads_to(url: &Url, reply: &Reply) -> String {
    let location = reply.headers.get(LOCATION).and_then(|location| location.to_str().ok());
    match location.and_then(|location| url.join(location).ok()) {
        Some(to) => format!("{}://{}{}", to.scheme(), to.host_str().unwrap_or_default(), to.path()),
        None => "nowhere".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Asked, detail, is_of_the_controller, kind, refusal, said};
    use crate::http::Reply;
    use crate::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};

    fn reply(status: u16, kind: &'static str, body: &str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Reply { status, headers, body: body.as_bytes().to_vec() }
    }

    fn refused(reply: &Reply) -> String {
        let url = Url::parse("http://h/v2/apps/").unwrap();
        refusal(Asked { api: "profile ci (h)", profile: "ci", url: &url }, reply).to_string()
    }

    #[test]
    fn what_a_controller_says_is_told_in_its_words() {
        for (body, text) in [
            (r#"{"detail":"Invalid token."}"#, "Invalid token."),
            (r#""No App matches the given query.""#, "No App matches the given query."),
            (r#"{"non_field_errors":["One.","Two."]}"#, "One., Two."),
            (r#"{"image":["This field is required."],"sha":null}"#, "image: This field is required.; sha:"),
            (r#"{"detail":"first\\n- second\n\n- third\n"}"#, "first - second - third"),
            ("[]", ""),
            ("Error accessing logs for broken", "Error accessing logs for broken"),
            ("", ""),
            ("<h1>Not Found</h1>", ""),
        ] {
            assert_eq!(said(&reply(400, "application/json", body)), text, "{body}");
        }
        assert_eq!(said(&reply(400, "text/plain", &"x".repeat(5_000))).len(), 1_000);
        assert_eq!(detail(&reply(400, "application/json", r#"{"detail":"no"}"#)).as_deref(), Some("no"));
        assert_eq!(detail(&reply(400, "application/json", r#"{"image":["no"]}"#)), None);
    }

    #[test]
    fn each_status_is_an_error_of_its_own() {
        let json = "application/json";
        let detail = r#"{"detail":"because"}"#;
        for (status, text) in [
            (400, "profile ci (h) refused it (400): because"),
            (401, "profile ci (h) does not know the token: because"),
            (403, "the token may not do that at profile ci (h): because"),
            (404, "profile ci (h) has no such thing: because"),
            (405, "profile ci (h) does not have that: because"),
            (409, "profile ci (h) refused it (409): because"),
            (422, "profile ci (h) refused it (422): because"),
            (500, "profile ci (h) failed (500): because"),
            (503, "profile ci (h) failed (503): because"),
            (700, "the answer of profile ci (h) is not understood: status 700"),
        ] {
            assert_eq!(refused(&reply(status, json, detail)), text);
        }
        let page = "<h1>Not Found</h1>";
        assert_eq!(
            refused(&reply(404, "text/html", page)),
            "the answer of profile ci (h) is not understood: it has no /v2/apps/: 404 a page of HTML"
        );
        let mut of_a_controller = reply(404, "text/html", page);
        of_a_controller.headers.insert("deis_api_version", HeaderValue::from_static("2.3"));
        assert_eq!(refused(&of_a_controller), "profile ci (h) does not have that");
        let mut elsewhere = reply(302, "text/html", "");
        elsewhere.headers.insert(LOCATION, HeaderValue::from_static("/login?next=secret"));
        assert_eq!(refused(&elsewhere), "profile ci (h) leads elsewhere (302), to http://h/login");
    }

    #[test]
    fn a_proxy_that_lost_patience_is_told_from_the_controller() {
        let json = "application/json";
        for (reply, is_its_own) in [
            (reply(201, json, "{}"), true),
            (reply(400, json, "{}"), true),
            (reply(503, json, r#"{"detail":"no"}"#), true),
            (reply(503, "text/html", "<h1>"), false),
            (reply(500, "text/html", "<h1>"), false),
            (reply(504, json, "{}"), false),
            (reply(502, "text/html", ""), false),
        ] {
            assert_eq!(is_of_the_controller(&reply), is_its_own, "{reply:?}");
        }
        assert_eq!(kind(&reply(200, "text/plain; charset=utf-8", "x")), "text/plain");
        assert_eq!(kind(&reply(200, json, "{")), "JSON of another form, or a part of it");
    }
}
