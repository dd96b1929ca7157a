//! The JSON documents of the commands about webhooks, for the test that holds all documents against their schemas.

use serde_json::json;

use crate::git_hosts::{URL, belt, deliveries, hook, hooks_of, listed, repository, with};
use crate::json_documents::Seen;
use crate::support::mock_api::{MockApi, on};

/// Every document, with what is only sometimes in it.
pub(crate) fn webhooks(seen: &mut Seen) {
    let belt = belt();
    let off = with(hook("github", 12, URL), json!({ "active": false }));
    let path = format!("{}/12", hooks_of("github"));
    let config = json!({ "url": URL, "content_type": "json", "insecure_ssl": "0" });
    let create = json!({ "name": "web", "active": true, "events": ["push"], "config": config });
    let rows = [(2, "b", 5, "push", 502), (1, "a", 9, "push", 200)];
    let api = MockApi::start(vec![
        listed("github", &[]),
        on("POST", hooks_of("github")).with(create).json(201, &hook("github", 12, URL)),
        listed("github", &[off.clone(), hook("github", 13, URL)]).for_ever(),
        on("PATCH", &path).with(json!({ "active": true })).json(200, &hook("github", 12, URL)).for_ever(),
        repository(json!({})).for_ever(),
        deliveries(&rows).for_ever(),
        on("DELETE", &format!("{}/13", hooks_of("github"))).text(204, "", "").for_ever(),
        on("POST", &format!("{path}/pings")).text(204, "", ""),
        on("POST", &format!("{path}/deliveries/2/attempts")).text(202, "", "{}"),
    ]);
    let at = format!("github --repo acme/shop --url-file hook.url --host-url {}", api.url);
    for (line, schema, code) in [
        ("add", "added-webhook", 0),
        ("add --dry-run", "webhook-requests", 0),
        ("add", "added-webhook", 0),
        ("list", "webhooks", 0),
        ("check", "webhook-check", 1),
        ("check --fix", "webhook-check", 1),
        ("ping", "pinged-webhook", 0),
        ("catch-up --since 1h", "redeliveries", 0),
        ("remove --id 13 -y", "removed-webhooks", 0),
    ] {
        let (command, flags) = line.split_once(' ').unwrap_or((line, ""));
        let line = format!("hooks {command} {at} {flags}");
        seen.run(&belt, line.trim_end(), schema, code);
    }
    seen.run(&belt, "hooks add generic --url-file hook.url", "webhook-by-hand", 0);
}
