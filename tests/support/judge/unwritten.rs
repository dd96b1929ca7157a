//! What the Git hosts refuse, or take in a way that nobody means, and their API descriptions do not say.

use serde_json::Value;

use crate::support::judge::Host;
use crate::support::mock_api::Came;

/// Events that there are.
const GITHUB_EVENTS: [&str; 10] = [
    "*",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "pull_request",
    "push",
    "release",
    "workflow_run",
];
const GITEA_EVENTS: [&str; 5] = ["create", "delete", "pull_request", "push", "release"];

/// The fields of a hook at GitLab; all that end in `_events` are booleans.
const GITLAB_FIELDS: [&str; 9] = [
    "url",
    "name",
    "description",
    "enable_ssl_verification",
    "token",
    "signing_token",
    "push_events_branch_filter",
    "branch_filter_strategy",
    "custom_headers",
];
const GITLAB_EVENTS: [&str; 14] = [
    "push_events",
    "tag_push_events",
    "pipeline_events",
    "deployment_events",
    "job_events",
    "releases_events",
    "merge_requests_events",
    "issues_events",
    "confidential_issues_events",
    "note_events",
    "confidential_note_events",
    "wiki_page_events",
    "feature_flag_events",
    "resource_access_token_events",
];

/// What is not right, each in a line.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn unless(&mut self, is_so: bool, fault: &str) {
        if !is_so {
            self.0.push(fault.to_owned());
        }
    }
}

pub(super) fn faults(host: Host, came: &Came, target: &str) -> Vec<String> {
    let mut faults = Faults::default();
    let path = target.split('?').next().unwrap_or(target);
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    faults.unless(!path.ends_with('/'), "its path ends in a slash");
    faults.unless(came.header("user-agent").is_some_and(|agent| !agent.is_empty()), "it has no User-Agent");
    let body = serde_json::from_slice::<Value>(&came.body).unwrap_or_default();
    if !came.body.is_empty() {
        faults.unless(came.header("content-type") == Some("application/json"), "its body is not said to be JSON");
        faults.unless(body.is_object(), "its body is no JSON object");
    }
    let writes_hook = |at: usize| {
        let is_hook = parts.get(at) == Some(&"hooks");
        match came.method.as_str() {
            "POST" => is_hook && parts.len() == at + 1,
            "PATCH" | "PUT" => is_hook && parts.len() == at + 2,
            _ => false,
        }
    };
    match host {
        Host::Github => {
            github(&mut faults, came);
            if writes_hook(3) {
                github_hook(&mut faults, &came.method, &body);
            }
            if came.method == "POST" && parts.get(3) == Some(&"deployments") {
                github_deployment(&mut faults, &parts[4..], &body);
            }
        }
        Host::Gitea => {
            faults.unless(signed_in_by(came, "authorization", "token "), "its Authorization is not `token …`");
            if writes_hook(3) {
                gitea_hook(&mut faults, &came.method, &body);
            }
        }
        Host::Bitbucket => {
            let signed_in = ["Basic ", "Bearer "].iter().any(|word| signed_in_by(came, "authorization", word));
            faults.unless(signed_in, "its Authorization is neither `Basic …` nor `Bearer …`");
            let uid = parts.get(4).is_none_or(|uid| uid.starts_with("%7B") && uid.ends_with("%7D"));
            faults.unless(uid, "the number of its hook is not in escaped braces");
        }
        Host::Gitlab => {
            let signed_in = signed_in_by(came, "private-token", "") || signed_in_by(came, "authorization", "Bearer ");
            faults.unless(signed_in, "it has no token");
            faults.unless(parts.first() == Some(&"projects"), "it is about no project");
            faults.unless(parts.len() < 3 || parts[2] == "hooks", "the slashes of its project are not escaped");
            if writes_hook(2) {
                gitlab_hook(&mut faults, &body);
            }
        }
    }
    faults.0
}

fn signed_in_by(came: &Came, header: &str, begins: &str) -> bool {
    came.header(header).and_then(|value| value.strip_prefix(begins)).is_some_and(|token| !token.trim().is_empty())
}

fn github(faults: &mut Faults, came: &Came) {
    faults.unless(signed_in_by(came, "authorization", "Bearer "), "its Authorization is not `Bearer …`");
    faults
        .unless(came.header("accept") == Some("application/vnd.github+json"), "it does not accept GitHub's media type");
    faults.unless(came.header("x-github-api-version") == Some("2022-11-28"), "its API version is not 2022-11-28");
}

fn are_among(events: &Value, known: &[&str]) -> bool {
    let events = events.as_array().map(Vec::as_slice).unwrap_or_default();
    events.iter().all(|event| event.as_str().is_some_and(|event| known.contains(&event)))
}

fn github_hook(faults: &mut Faults, method: &str, body: &Value) {
    for field in ["events", "add_events", "remove_events"] {
        faults.unless(are_among(&body[field], &GITHUB_EVENTS), &format!("{field} holds an event that does not exist"));
    }
    let config = &body["config"];
    if method == "POST" {
        faults.unless(config["url"].is_string(), "the hook has no URL");
        faults.unless(config["content_type"] == "json", "the hook's content type would be form");
        faults.unless(body["events"].as_array().is_some_and(|events| !events.is_empty()), "the hook has no events");
    } else {
        faults.unless(body.as_object().is_some_and(|body| !body.is_empty()), "nothing is changed");
        let keeps_secret = config.is_null() || config["secret"].is_string();
        faults.unless(keeps_secret, "a config without its secret removes the hook's secret");
    }
}

fn github_deployment(faults: &mut Faults, parts: &[&str], body: &Value) {
    let description = body["description"].as_str().unwrap_or_default();
    faults.unless(description.chars().count() <= 140, "the description is longer than 140 characters");
    if parts.is_empty() {
        let sha = body["ref"].as_str().unwrap_or_default();
        let is_sha = sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        faults.unless(is_sha, "the ref is not the sha of a commit, and may mean another one later");
        faults.unless(body["auto_merge"] == false, "GitHub would merge the default branch into it");
        faults.unless(body["required_contexts"].as_array().is_some_and(Vec::is_empty), "GitHub would wait for checks");
        faults.unless(body["environment"].is_string(), "its environment would be production");
    }
}

fn gitea_hook(faults: &mut Faults, method: &str, body: &Value) {
    faults.unless(are_among(&body["events"], &GITEA_EVENTS), "events holds an event that does not exist");
    faults.unless(body["events"].is_array(), "without events they become push alone");
    let config = &body["config"];
    if method == "POST" {
        faults
            .unless(config["url"].is_string() && config["content_type"] == "json", "config lacks url or content_type");
        faults.unless(body["active"].is_boolean(), "the hook would not be active");
    }
}

fn gitlab_hook(faults: &mut Faults, body: &Value) {
    faults.unless(body["url"].is_string(), "url is missing");
    let fields = body.as_object().into_iter().flatten();
    for (name, value) in fields {
        let is_event = GITLAB_EVENTS.contains(&name.as_str());
        let is_known = is_event || GITLAB_FIELDS.contains(&name.as_str());
        faults.unless(is_known, &format!("there is no field {name}"));
        let is_flag = is_event || name == "enable_ssl_verification";
        faults.unless(!is_flag || value.is_boolean(), &format!("{name} is no boolean"));
    }
    let signing = body["signing_token"].as_str();
    // 32 bytes in base64 are 44 characters.
    let is_key = signing.is_none_or(|key| key.strip_prefix("whsec_").is_some_and(|key| key.len() == 44));
    faults.unless(is_key, "signing_token is not whsec_ and 32 bytes in base64");
}
