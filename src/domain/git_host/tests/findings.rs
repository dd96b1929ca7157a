//! What is found to be wrong: nothing in what is sound, and each thing alone.

use serde_json::{Value, json};

use crate::domain::git_host::delivery::Delivery;
use crate::domain::git_host::finding::{AppSide, Finding, Looked, Mend, Wrong, findings};
use crate::domain::git_host::hook::{HostHook, usual_events};
use crate::domain::git_host::tests::{place, shop, told, url};
use crate::domain::git_host::{Facts, HostKind};

/// An app and its repository, sound.
struct Case {
    kind: HostKind,
    facts: Facts,
    hooks: Vec<Value>,
    deliveries: Vec<Delivery>,
    app: AppSide,
}

impl Case {
    fn sound(kind: HostKind) -> Self {
        let sources = vec!["git@git.example.com:acme/shop.git".to_owned()];
        let services = Some(vec!["web".to_owned(), "api".to_owned()]);
        let (events, wants_secret) = (usual_events(kind, false), Some(true));
        let app = AppSide { url: url(), is_guess: false, events, wants_secret, sources, services };
        Self { kind, facts: Facts::default(), hooks: vec![told(kind)], deliveries: Vec::new(), app }
    }

    fn findings(&self) -> Vec<Finding> {
        let hooks: Vec<HostHook> = self.hooks.iter().filter_map(|hook| HostHook::read(self.kind, hook)).collect();
        findings(&Looked {
            place: &place(self.kind, "https://git.example.com"),
            repository: &shop(self.kind),
            facts: &self.facts,
            hooks: &hooks,
            deliveries: &self.deliveries,
            app: &self.app,
        })
    }

    fn wrong(&self) -> Vec<Wrong> {
        self.findings().into_iter().map(|finding| finding.what).collect()
    }
}

#[test]
fn what_is_sound_is_found_sound_at_every_host_and_by_every_spelling_of_the_source() {
    for kind in HostKind::ALL {
        let mut case = Case::sound(kind);
        assert_eq!(case.wrong(), [], "{kind}");
        for source in ["https://git.example.com/Acme/Shop", "ssh://git@git.example.com:2222/acme/shop.git"] {
            case.app.sources = vec!["https://git.example.com/acme/other".to_owned(), source.to_owned()];
            assert_eq!(case.wrong(), [], "{kind} {source}");
        }
        // Where nobody knows, nothing is guessed.
        case.app = AppSide { sources: Vec::new(), services: None, wants_secret: None, ..case.app };
        case.hooks[0]["secret_set"] = json!(false);
        assert_eq!(case.wrong(), [], "{kind}");
    }
}

#[test]
fn each_thing_that_is_wrong_is_found_alone() {
    let at_github = |change: fn(&mut Case)| {
        let mut case = Case::sound(HostKind::Github);
        change(&mut case);
        case.findings().into_iter().map(|found| (found.what, found.mend)).collect::<Vec<_>>()
    };
    let changed = |what| vec![(what, Some(Mend::Change))];
    let told_only = |what| vec![(what, None)];
    assert_eq!(at_github(|case| case.hooks.clear()), vec![(Wrong::NoHook, Some(Mend::Create))]);
    assert_eq!(at_github(|case| case.hooks[0]["active"] = json!(false)), changed(Wrong::Inactive));
    assert_eq!(at_github(|case| case.hooks[0]["events"] = json!(["issues"])), changed(Wrong::Events));
    assert_eq!(at_github(|case| case.app.events.push("deployment".to_owned())), changed(Wrong::Events));
    assert_eq!(at_github(|case| case.hooks[0]["config"]["content_type"] = json!("form")), changed(Wrong::Form));
    assert_eq!(at_github(|case| case.hooks[0]["config"]["insecure_ssl"] = json!("1")), changed(Wrong::Tls));
    assert_eq!(at_github(|case| case.hooks[0]["config"]["secret"] = json!("")), changed(Wrong::Secret));
    assert_eq!(at_github(|case| case.app.wants_secret = Some(false)), told_only(Wrong::Secret));
    assert_eq!(at_github(|case| case.facts.renamed = Some("acme/store".to_owned())), told_only(Wrong::Renamed));
    assert_eq!(at_github(|case| case.facts.is_archived = true), told_only(Wrong::Archived));
    let other = |case: &mut Case| case.app.sources = vec!["https://git.example.com/acme/other".to_owned()];
    assert_eq!(at_github(other), told_only(Wrong::Source));
    let old = |case: &mut Case| {
        case.hooks[0]["config"]["url"] = json!("http://old.example.com/stacks/redeploy/aaaa/bbbb?services=web");
    };
    assert_eq!(at_github(old), changed(Wrong::Url));
    let modified = |case: &mut Case| case.hooks[0]["config"]["url"] = json!(format!("{}?services=web,cron", url()));
    assert_eq!(at_github(modified), told_only(Wrong::Modifiers));
    let failed = |case: &mut Case| {
        let delivery = json!({
            "id": 1, "guid": "a", "delivered_at": "2026-11-21T15:00:00Z", "event": "push", "status_code": 502,
        });
        case.deliveries = Delivery::read(&delivery).into_iter().collect();
    };
    assert_eq!(at_github(failed), told_only(Wrong::Deliveries));
    let mut stopped = Case::sound(HostKind::Gitlab);
    stopped.hooks[0]["alert_status"] = json!("disabled");
    assert_eq!(stopped.wrong(), [Wrong::Stopped]);
}

#[test]
fn only_an_active_second_hook_deploys_twice_and_only_an_equal_one_is_removed() {
    let second = |url: String, active: bool| {
        let mut case = Case::sound(HostKind::Github);
        let mut other = told(HostKind::Github);
        other["id"] = json!(15);
        other["active"] = json!(active);
        other["config"]["url"] = json!(url);
        case.hooks.push(other);
        let found = case.findings();
        found.first().map(|finding| (finding.what, matches!(finding.mend, Some(Mend::Remove(_))), found.len()))
    };
    assert_eq!(second(url().to_string(), true), Some((Wrong::Twice, true, 1)));
    assert_eq!(second(format!("{}?services=web", url()), true), Some((Wrong::Twice, false, 1)));
    assert_eq!(second(url().to_string(), false), None);
    assert_eq!(second("https://deploy.example.com/stacks/redeploy/cccc/dddd".to_owned(), true), None);
}

#[test]
fn what_nobody_knows_the_address_of_is_not_mended() {
    let mut case = Case::sound(HostKind::Github);
    case.app.is_guess = true;
    case.hooks[0]["config"]["url"] = json!("https://real.example.com/stacks/redeploy/aaaa/bbbb");
    assert_eq!(case.wrong(), []);
    case.hooks.clear();
    let found = case.findings();
    assert_eq!((found[0].what, &found[0].mend), (Wrong::NoHook, &None));
    assert!(found[0].remedy.contains("--public-url"), "{found:?}");
}
