//! What a rollback deploys: the services that are not as they were.

use crate::domain::app::App;
use crate::domain::deployment::Target;
use crate::domain::plan::{Plan, PlannedService, Skip, SkippedService};
use crate::domain::release::{ReleaseNumber, ServiceState};
use crate::domain::service::{Service, Source};

impl Plan {
    /// What going back to `release` deploys of `app`: `then` is what each service was left as by the releases up to that
    /// one, `now` what last ran to its end for each.
    #[must_use]
    pub fn rollback(app: &App, release: ReleaseNumber, then: &[ServiceState], now: &[ServiceState]) -> Self {
        let of = |states: &[ServiceState], service: &Service| -> Option<Target> {
            states.iter().find(|state| state.service == service.name).map(|state| state.target.clone())
        };
        let mut plan = Self { services: Vec::new(), skipped: Vec::new() };
        for service in &app.services {
            let name = service.name.clone();
            let reason = match (of(then, service), of(now, service)) {
                (None, _) => Skip::NotIn(release),
                (Some(then), _) if is_of_other_kind(service, &then) => Skip::OtherKindIn(release),
                (Some(then), Some(now)) if is_same(&then, &now) => Skip::AsItWasIn(release),
                (Some(then), _) => {
                    plan.services.push(PlannedService { service: name, target: again(then) });
                    continue;
                }
            };
            plan.skipped.push(SkippedService { service: name, reason });
        }
        let gone = then.iter().filter(|state| app.services.iter().all(|service| service.name != state.service));
        let gone = gone.map(|state| SkippedService { service: state.service.clone(), reason: Skip::NotInManifest });
        plan.skipped.extend(gone);
        plan
    }
}

fn is_of_other_kind(service: &Service, then: &Target) -> bool {
    match service.source {
        Source::Git(_) => then.image.is_some(),
        Source::Image(_) => then.image.is_none(),
    }
}

/// Whether both deploy the same: the same commit, else the same image, else the same ref.
fn is_same(then: &Target, now: &Target) -> bool {
    if then.sha.is_some() || now.sha.is_some() {
        return then.sha == now.sha;
    }
    if then.image.is_some() || now.image.is_some() {
        return then.image == now.image;
    }
    (&then.reference, &then.branch) == (&now.reference, &now.branch)
}

/// The same again: the very commit, wherever its branch or tag is now.
fn again(then: Target) -> Target {
    let reference = then.sha.clone().or(then.reference);
    Target { reference, ..then }
}
