//! What the API has beside Cloud 66's: dry runs, releases, the log in pieces, another redeployment hook.

use serde_json::{Value, json};

use crate::api_v3::MANIFEST;
use crate::support::Belt;
use crate::support::api::Served;

#[test]
fn a_dry_run_says_what_would_be_deployed_and_deploys_nothing() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let path = format!("/stacks/{uid}/deployments.json");
    let told = served.public.json("POST", &path, &json!({"services": ["web:v1"], "dry_run": true})).response();
    insta::assert_snapshot!(format!("{told:#}"), @r#"
    {
      "dry_run": true,
      "message": "Nothing is deployed: this is what would be",
      "ok": true,
      "plan": {
        "services": [
          {
            "branch": null,
            "image": null,
            "ref": "v1",
            "service": "web",
            "sha": null
          }
        ],
        "skipped": [
          {
            "reason": "it was not asked for",
            "service": "api"
          }
        ]
      }
    }
    "#);
    let git = json!({
        "repositories": ["https://git.example.com/acme/shop"], "full_name": "acme/shop", "default_branch": null, "head": null,
        "changes": [{"deleted": {"branch": "main"}}],
    });
    let told = served.public.json("POST", &path, &json!({"git": git, "dry_run": true})).response();
    assert_eq!(told["plan"]["skipped"][0]["reason"], "its branch main was deleted");
    for (body, failure) in [
        (json!({"git": git}), "400 bad_request: `git` goes with `dry_run` alone: pushes come by the redeployment hook"),
        (
            json!({"services": ["cron"], "dry_run": true}),
            "400 bad_request: this app has no service `cron`; services of this app: web, api",
        ),
        (json!({"dry_run": "perhaps"}), "400 bad_request: `dry_run` must be true or false"),
    ] {
        assert_eq!(served.redeploy.json("POST", &path, &body).failure(), failure);
    }
    assert!(
        served
            .redeploy
            .json("POST", &path, &json!({"git": 5, "dry_run": true}))
            .failure()
            .starts_with("400 bad_request: `git`: ")
    );
    assert_eq!(served.public.response(&path), json!([]));
}

#[test]
fn releases_are_listed_shown_and_gone_back_to() {
    let belt = Belt::with_manifest(MANIFEST);
    let served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let (deployments, releases) = (format!("/stacks/{uid}/deployments"), format!("/stacks/{uid}/releases"));
    let rollback = format!("{releases}/rollback.json");
    let none = served.redeploy.send("POST", &rollback, &[], b"").failure();
    assert_eq!(none, "404 not_found: there is no release before the current one");
    for tag in ["v1", "v2"] {
        let body = json!({"services": [format!("api:{tag}")]});
        let asked = served.redeploy.json("POST", &deployments, &body).response();
        served.public.wait(&uid, &asked["async_action_id"]);
    }
    let listed = served.public.get(&format!("{releases}.json?per_page=1")).json();
    assert_eq!((&listed["response"][0]["release"], &listed["pagination"]["count"]), (&json!("v2"), &json!(2)));
    let shown = served.public.response(&format!("{releases}/v1.json"));
    assert_eq!(
        (&shown["release"], &shown["services"][0]["image"]),
        (&json!("v1"), &json!("registry.example.com/api:v1"))
    );
    assert_eq!(
        served.public.get(&format!("{releases}/v9")).failure(),
        "404 not_found: shop (staging) has no release `v9`"
    );
    assert_eq!(served.public.get(&format!("{releases}/9999999999999999999")).status, 404);
    let told = served.public.json("POST", &rollback, &json!({"version": "v1", "dry_run": true})).response();
    assert_eq!((&told["release"], &told["plan"]["services"][0]["service"]), (&json!("v1"), &json!("api")));
    for (body, failure) in [
        (json!({"version": "v9"}), "404 not_found: there is no release v9"),
        (json!({"version": "x"}), "400 bad_request: `version`: \"x\" is not a release: write it like `v4`"),
        (json!({"version": "v2"}), "409 conflict: nothing to do: every service is as it was in v2"),
    ] {
        assert_eq!(served.redeploy.json("POST", &rollback, &body).failure(), failure);
    }
    assert_eq!(served.public.json("POST", &rollback, &json!({"version": "v1"})).status, 403);
    let body = json!({"user_reference": "back", "deploy_strategy": "parallel"});
    let asked = served.redeploy.json("POST", &rollback, &body).response();
    served.public.wait(&uid, &asked["async_action_id"]);
    let found = served.public.response(&format!("/stacks/{uid}/actions?user_reference=back"));
    assert_eq!(found[0]["deployment_id"], asked["deployment_id"]);
    let deployment = served.public.response(&format!("{deployments}/3"));
    assert_eq!((&deployment["rollback_to"], &deployment["strategy"]), (&json!("v1"), &json!("parallel")));
    let all = served.public.response(&format!("{releases}?all=true"));
    let summaries: Vec<&Value> = all.as_array().unwrap().iter().map(|release| &release["summary"]).collect();
    assert_eq!(summaries[0], "redeploy-token rolled back to v1");
}

#[test]
fn what_runs_and_what_waits_is_listed_in_its_order() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let path = format!("/stacks/{uid}/deployments");
    for _ in 0..3 {
        served.redeploy.send("POST", &path, &[], b"").response();
    }
    served.server.until("deployment 1 begins");
    let unfinished = served.public.get(&format!("{path}?unfinished=true&per_page=2")).json();
    let items = unfinished["response"].as_array().unwrap();
    let shown: Vec<_> = items.iter().map(|one| (&one["id"], &one["place"], &one["first_in_queue"])).collect();
    assert_eq!(shown, [(&json!(1), &json!(null), &json!(null)), (&json!(2), &json!(1), &json!(1))]);
    assert_eq!(unfinished["pagination"]["count"], 3);
    for id in 1..=3 {
        gate.open();
        served.server.until(&format!("deployment {id} succeeded"));
    }
    assert_eq!(served.public.response(&format!("{path}?unfinished=true")), json!([]));
}

#[test]
fn a_log_is_read_in_pieces() {
    let belt = Belt::with_command("echo one; echo two >&2; echo three");
    let served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let asked = served.redeploy.send("POST", &format!("/stacks/{uid}/deployments"), &[], b"").response();
    served.public.wait(&uid, &asked["async_action_id"]);
    let numbers = |query: &str| -> Vec<u64> {
        let lines = served.public.response(&format!("/stacks/{uid}/logs.json?{query}"));
        lines.as_array().unwrap().iter().map(|line| line["number"].as_u64().unwrap()).collect()
    };
    let all = numbers("");
    assert_eq!(all, (1..=all.len() as u64).collect::<Vec<_>>());
    assert_eq!(numbers("lines=2"), all[all.len() - 2..]);
    assert_eq!(numbers("lines=2&after=1"), [2, 3]);
    assert_eq!(numbers("lines=1&last=2"), all[all.len() - 2..=all.len() - 2]);
    assert_eq!(numbers("after=0"), all);
    assert_eq!(numbers("lines=0"), [0; 0]);
    assert_eq!(numbers("deployment=1&after=1"), all[1..]);
    assert!(numbers("service=web").len() > 3 && numbers("service=cron").is_empty());
    assert_eq!((numbers("since=2200-01-01T00:00:00Z"), numbers("since=2000-01-01T00:00:00Z")), (vec![], all));
    let failure = |query: &str| served.public.get(&format!("/stacks/{uid}/logs?{query}")).failure();
    assert_eq!(failure("deployment=9"), "404 not_found: shop (staging) has no deployment `9`");
    assert!(failure("since=yesterday").starts_with("400 bad_request: `since` must be a time like"));
    assert!(failure("service=-").starts_with("400 bad_request: `service`: "));
}

#[test]
fn a_redeployment_hook_is_made_anew_by_who_may_change_settings() {
    let belt = Belt::with_command("true");
    let served = Served::start(&belt, &[]);
    let uid = served.public.uid("shop");
    let path = format!("/stacks/{uid}/redeploy_hook/rotate.json");
    assert_eq!(served.redeploy.send("POST", &path, &[], b"").status, 403);
    let failure = served.admin.json("POST", &path, &json!({"overlap": "soon"})).failure();
    assert!(failure.starts_with("400 bad_request: `overlap`: "), "{failure}");
    let made = served.admin.json("POST", &path, &json!({"overlap": "1h"})).response();
    assert_eq!(made["redeploy_hook"], served.redeploy.response(&format!("/stacks/{uid}"))["redeploy_hook"]);
}
