//! The webhook of a stack's repository, which posts to the stack's redeployment hook.

use serde_json::json;

use crate::cloud66::{found, list, of_shop, with};
use crate::support::mock_api::{MockApi, on};

#[test]
fn pushes_are_sent_to_the_stacks_redeployment_hook() {
    let settings = json!({"key": "continuous.deploy", "value": true, "readonly": false});
    let (mut belt, _api) =
        with(vec![found(), on("GET", &of_shop("/settings.json?page=1")).json(200, &list(&[settings]))]);
    let url =
        "http://hooks.cloud66.com/stacks/redeploy/b806f1c3344eb3aa2a024b23254b75b3/6d677352a6b2eefec6e345ee2b491521";
    let config = json!({ "url": url, "content_type": "json", "insecure_ssl": "0" });
    let create = json!({ "name": "web", "active": true, "events": ["push", "deployment"], "config": config });
    let made = json!({ "id": 12, "name": "web", "active": true, "events": ["push", "deployment"], "config": config });
    let host = MockApi::start(vec![
        on("GET", "/api/v3/repos/acme/shop/hooks?per_page=100").json(200, &json!([])),
        on("POST", "/api/v3/repos/acme/shop/hooks").with(create).json(201, &made),
    ]);
    belt.set("GH_ENTERPRISE_TOKEN", "hunter3");
    let words = ["hooks", "add", "github", "-s", "shop", "--repo", "acme/shop", "--host-url", &host.url];
    let outcome = belt.run(words).expect(0);
    assert!(outcome.stdout.contains("created webhook 12 of acme/shop"), "{outcome}");
}
