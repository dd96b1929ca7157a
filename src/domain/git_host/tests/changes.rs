//! What is sent so that a repository has the wanted hook.

use hookbelt_signature::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::domain::git_host::HostKind;
use crate::domain::git_host::change::{Change, Plan, difference, to_wanted, without_events, without_secrets};
use crate::domain::git_host::hook::{GiveSecret, HookSecret, HostHook, SecretThere, WantedHook, usual_events};
use crate::domain::git_host::tests::{hook, shop, told, url};

fn want(kind: HostKind, secret: Option<(&str, GiveSecret)>) -> WantedHook {
    let secret = secret.map(|(text, give)| (Secret::new(text.into()).unwrap(), give));
    let secret = secret.map(|(secret, give)| (HookSecret::of(&secret).unwrap(), give));
    WantedHook { url: url(), events: usual_events(kind, false), secret }
}

/// What is sent, one request a line.
fn sent(kind: HostKind, hooks: &[HostHook], want: &WantedHook) -> String {
    let requests = Plan::of(kind, &shop(kind), hooks, want).requests;
    let line = |request| format!("{request:?} ");
    requests
        .iter()
        .map(|request| line(request) + &request.body.clone().unwrap_or_default().to_string() + "\n")
        .collect()
}

#[test]
fn a_hook_is_created_with_all_that_its_host_would_else_choose_otherwise() {
    let sent = HostKind::ALL.map(|kind| sent(kind, &[], &want(kind, Some(("s3cret", GiveSecret::IfMissing))))).concat();
    insta::assert_snapshot!(sent, @r#"
    POST /repos/acme/shop/hooks {"active":true,"config":{"content_type":"json","insecure_ssl":"0","secret":"s3cret","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"},"events":["push"],"name":"web"}
    POST /repositories/acme/shop/hooks {"active":true,"description":"hookbelt","events":["repo:push"],"secret":"s3cret","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"}
    POST /projects/acme%2Fshop/hooks {"confidential_issues_events":false,"confidential_note_events":false,"deployment_events":false,"enable_ssl_verification":true,"feature_flag_events":false,"issues_events":false,"job_events":false,"merge_requests_events":false,"note_events":false,"pipeline_events":false,"push_events":true,"releases_events":false,"resource_access_token_events":false,"tag_push_events":true,"token":"s3cret","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb","wiki_page_events":false}
    POST /repos/acme/shop/hooks {"active":true,"config":{"content_type":"json","secret":"s3cret","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"},"events":["push"],"type":"gitea"}
    POST /repos/acme/shop/hooks {"active":true,"config":{"content_type":"json","secret":"s3cret","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"},"events":["push"],"type":"gitea"}
    "#);
}

#[test]
fn a_sound_hook_is_left_alone() {
    for kind in HostKind::ALL {
        for secret in [None, Some(("s3cret", GiveSecret::IfMissing))] {
            let plan = Plan::of(kind, &shop(kind), &[hook(kind)], &want(kind, secret));
            assert_eq!((plan.changes, plan.requests, plan.others), (vec![], vec![], vec![]), "{kind}");
        }
    }
}

#[test]
fn a_hook_made_by_hand_gets_what_it_lacks_and_keeps_what_it_has() {
    let mut all = String::new();
    for kind in HostKind::ALL {
        let mut told = told(kind);
        let other = match kind {
            HostKind::Bitbucket => "pullrequest:created",
            _ => "issues",
        };
        told["events"] = json!([other]);
        told["push_events"] = json!(false);
        told["issues_events"] = json!(true);
        told["active"] = json!(false);
        let by_hand = HostHook::read(kind, &told).unwrap();
        all += &sent(kind, &[by_hand], &want(kind, None));
    }
    insta::assert_snapshot!(all, @r#"
    PATCH /repos/acme/shop/hooks/12 {"active":true,"add_events":["push"]}
    PUT /repositories/acme/shop/hooks/%7Bab-12%7D {"active":true,"description":"x","events":["pullrequest:created","repo:push"],"url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"}
    PUT /projects/acme%2Fshop/hooks/12 {"confidential_issues_events":false,"confidential_note_events":false,"deployment_events":false,"enable_ssl_verification":true,"feature_flag_events":false,"issues_events":true,"job_events":false,"merge_requests_events":false,"note_events":false,"pipeline_events":false,"push_events":true,"push_events_branch_filter":"main","releases_events":false,"resource_access_token_events":false,"tag_push_events":true,"url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb","wiki_page_events":false}
    PATCH /repos/acme/shop/hooks/12 {"active":true,"authorization_header":"Bearer hunter2","branch_filter":"main","config":{"content_type":"json","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"},"events":["issues","push"]}
    PATCH /repos/acme/shop/hooks/12 {"active":true,"authorization_header":"Bearer hunter2","branch_filter":"main","config":{"content_type":"json","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"},"events":["issues","push"]}
    "#);
}

#[test]
fn github_gets_the_smallest_change() {
    let mut told = told(HostKind::Github);
    told["config"] = json!({ "url": url().as_str(), "content_type": "form", "insecure_ssl": "1" });
    let form = HostHook::read(HostKind::Github, &told).unwrap();
    let secret = Some(("s3cret", GiveSecret::IfMissing));
    insta::assert_snapshot!(sent(HostKind::Github, &[form], &want(HostKind::Github, secret)), @r#"PATCH /repos/acme/shop/hooks/12/config {"content_type":"json","insecure_ssl":"0","secret":"s3cret"}"#);
    let asked = without_events(&shop(HostKind::Github), &hook(HostKind::Github), &["deployment"]);
    assert_eq!(format!("{asked:?}"), "PATCH /repos/acme/shop/hooks/12");
    assert_eq!(asked.body, Some(json!({ "remove_events": ["deployment"] })));
}

#[test]
fn a_new_secret_is_given_in_any_case_and_gitea_gets_a_new_hook_for_it() {
    let mut all = String::new();
    for kind in HostKind::ALL {
        all += &sent(kind, &[hook(kind)], &want(kind, Some(("n3w", GiveSecret::Always))));
    }
    insta::assert_snapshot!(all, @r#"
    PATCH /repos/acme/shop/hooks/12/config {"secret":"n3w"}
    PUT /repositories/acme/shop/hooks/%7Bab-12%7D {"active":true,"description":"x","events":["repo:push"],"secret":"n3w","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"}
    PUT /projects/acme%2Fshop/hooks/12 {"confidential_issues_events":false,"confidential_note_events":false,"deployment_events":false,"enable_ssl_verification":true,"feature_flag_events":false,"issues_events":false,"job_events":false,"merge_requests_events":false,"note_events":false,"pipeline_events":false,"push_events":true,"push_events_branch_filter":"main","releases_events":false,"resource_access_token_events":false,"tag_push_events":true,"token":"n3w","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb","wiki_page_events":false}
    POST /repos/acme/shop/hooks {"active":true,"authorization_header":"Bearer hunter2","branch_filter":"main","config":{"content_type":"json","secret":"n3w","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"},"events":["push"],"type":"gitea"}
    DELETE /repos/acme/shop/hooks/12 null
    POST /repos/acme/shop/hooks {"active":true,"authorization_header":"Bearer hunter2","branch_filter":"main","config":{"content_type":"json","secret":"n3w","url":"https://deploy.example.com/stacks/redeploy/aaaa/bbbb"},"events":["push"],"type":"gitea"}
    DELETE /repos/acme/shop/hooks/12 null
    "#);
    let signing = want(HostKind::Gitlab, Some(("whsec_AAAA", GiveSecret::Always)));
    assert!(sent(HostKind::Gitlab, &[], &signing).contains("\"signing_token\":\"whsec_AAAA\""));
}

#[test]
fn of_several_hooks_the_one_with_the_lowest_id_is_changed() {
    let kind = HostKind::Github;
    let with_id = |id: &str| HostHook { id: id.to_owned(), active: false, ..hook(kind) };
    let elsewhere = HostHook { url: "https://h.example.com".to_owned(), ..with_id("1") };
    let plan =
        Plan::of(kind, &shop(kind), &[with_id("12"), with_id("9"), elsewhere, with_id("100")], &want(kind, None));
    let others: Vec<_> = plan.others.iter().map(|hook| hook.id.as_str()).collect();
    assert_eq!((plan.hook.unwrap().id.as_str(), others), ("9", vec!["12", "100"]));
    assert_eq!(format!("{:?}", plan.requests), "[PATCH /repos/acme/shop/hooks/9]");
}

#[test]
fn gitlab_is_given_no_new_url_without_the_secret_that_it_would_forget() {
    for kind in HostKind::ALL {
        let old = HostHook { url: "http://old.example.com/stacks/redeploy/aaaa/bbbb".to_owned(), ..hook(kind) };
        let without = to_wanted(kind, &shop(kind), &old, &want(kind, None));
        assert_eq!(without.is_none(), kind == HostKind::Gitlab, "{kind}");
        let known = want(kind, Some(("s3cret", GiveSecret::IfMissing)));
        let sent = to_wanted(kind, &shop(kind), &old, &known).unwrap();
        let body = sent[0].body.clone().unwrap().to_string();
        assert!(body.contains(url().as_str()), "{kind} {body}");
        assert_eq!(body.contains("s3cret"), kind == HostKind::Gitlab, "{kind} {body}");
    }
}

#[test]
fn what_is_shown_of_a_request_holds_no_secret() {
    for kind in HostKind::ALL {
        let secret = Some(("hunter2", GiveSecret::Always));
        for hooks in [vec![], vec![hook(kind)]] {
            for request in Plan::of(kind, &shop(kind), &hooks, &want(kind, secret)).requests {
                let shown = without_secrets(&request.body.unwrap_or_default()).to_string();
                let secrets = ["hunter2", "aaaa", "bbbb"];
                assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{kind}: {shown}");
            }
        }
    }
}

/// A hook after its host has carried out the requests, by the rules that the hosts have.
fn after(kind: HostKind, told: &Value, requests: &[crate::domain::git_host::HostRequest]) -> HostHook {
    let mut told = told.clone();
    for request in requests {
        let Some(body) = request.body.clone() else { continue };
        let to_config = request.path.ends_with("/config");
        for (name, value) in body.as_object().unwrap() {
            match (name.as_str(), value) {
                ("add_events", Value::Array(events)) => told["events"].as_array_mut().unwrap().extend(events.clone()),
                ("config", Value::Object(fields)) => told["config"].as_object_mut().unwrap().extend(fields.clone()),
                ("token", _) => told["token_present"] = json!(true),
                ("secret", _) if kind == HostKind::Bitbucket => told["secret_set"] = json!(true),
                (name, value) if to_config => told["config"][name] = value.clone(),
                (name, value) => told[name] = value.clone(),
            }
        }
    }
    HostHook::read(kind, &told).unwrap()
}

proptest! {
    #[test]
    fn after_a_change_there_is_no_difference(
        kind in prop::sample::select(&HostKind::ALL), active: bool, form: bool, insecure: bool, pushes: bool,
        secret: bool, give: bool,
    ) {
        let mut told = told(kind);
        told["active"] = json!(active || kind == HostKind::Gitlab);
        told["push_events"] = json!(pushes);
        if !pushes {
            told["events"] = json!([]);
        }
        if told["config"].is_object() {
            told["config"]["content_type"] = json!(if form { "form" } else { "json" });
        }
        match kind {
            HostKind::Github => told["config"]["insecure_ssl"] = json!(if insecure { "1" } else { "0" }),
            HostKind::Gitlab => told["enable_ssl_verification"] = json!(!insecure),
            HostKind::Bitbucket => told["skip_cert_verification"] = json!(insecure),
            _ => {}
        }
        if !secret {
            told["secret_set"] = json!(false);
            told["token_present"] = json!(false);
            if let Some(config) = told["config"].as_object_mut() {
                config.remove("secret");
            }
        }
        let before = HostHook::read(kind, &told).unwrap();
        let want = want(kind, give.then_some(("s3cret", GiveSecret::IfMissing)));
        let plan = Plan::of(kind, &shop(kind), std::slice::from_ref(&before), &want);
        prop_assert_eq!(plan.requests.is_empty(), difference(&before, &want).is_empty());
        let after = after(kind, &told, &plan.requests);
        prop_assert_eq!(difference(&after, &want), Vec::<Change>::new());
        prop_assert!(before.events.iter().all(|event| after.sends(event)));
        let has_lost_secret = before.secret == SecretThere::Yes && after.secret != SecretThere::Yes;
        prop_assert!(!has_lost_secret);
    }
}
