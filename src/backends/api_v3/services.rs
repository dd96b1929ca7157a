//! The services of a stack, and what a request would deploy of them where the API cannot be asked.

use serde_json::Value;

use crate::backends::ServiceOverview;
use crate::backends::api_v3::lenient::{some_text, text};
use crate::domain::deployment::Target;
use crate::domain::image::Image;
use crate::domain::plan::{Plan, PlannedService, Refusal, Request, Selection, ServiceChoice, Skip, SkippedService};
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;

/// A service, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: ServiceName,
    is_git: bool,
    target: Target,
    /// The release that last ran it (ours).
    release: Option<ReleaseNumber>,
}

impl Listed {
    /// A service of an answer; one whose name no service here may have is none.
    pub(super) fn of(service: &Value) -> Option<Self> {
        let (image, tag) = (text(&service["image_name"]), some_text(&service["image_tag"]));
        let image = image.parse::<Image>().ok();
        let image = match (image, tag) {
            (Some(image), Some(tag)) => Some(image.at(&tag).unwrap_or(image)),
            (image, _) => image,
        };
        let is_git = match text(&service["source_type"]).as_str() {
            "git" => true,
            "image" => false,
            _ => image.is_none(),
        };
        let reference = some_text(&service["git_ref"]).filter(|_| is_git);
        let target = Target {
            sha: some_text(&service["git_hash"]),
            branch: reference,
            image: image.filter(|_| !is_git),
            reference: None,
        };
        let release = text(&service["release"]).parse().ok();
        Some(Self { name: text(&service["name"]).parse().ok()?, is_git, target, release })
    }

    /// At a glance.
    pub(super) fn overview(self) -> ServiceOverview {
        ServiceOverview { service: self.name, release: self.release, target: self.target }
    }

    /// What it is deployed from when it is asked for like this.
    fn planned(&self, own: Option<&str>) -> PlannedService {
        let image = self.target.image.as_ref();
        let target = Target {
            reference: own.map(str::to_owned),
            branch: self.target.branch.clone().filter(|_| own.is_none()),
            sha: None,
            image: image.map(|image| own.and_then(|tag| image.at(tag).ok()).unwrap_or_else(|| image.clone())),
        };
        PlannedService { service: self.name.clone(), target }
    }
}

/// What a request deploys of these services; nothing where the API alone decides that.
pub(super) fn plan(services: &[Listed], request: &Request) -> Result<Option<Plan>, Refusal> {
    let choices = match &request.selection {
        Selection::DeploymentProfile(_) => return Ok(None),
        Selection::Services(choices) => {
            check_known(services, choices)?;
            Some(choices)
        }
        Selection::Everything => None,
    };
    // A ref is said to be for stacks without services.
    if request.git_ref.is_some() || request.git.is_some() || services.is_empty() {
        return Ok(None);
    }
    let mut plan = Plan { services: Vec::new(), skipped: Vec::new() };
    for service in services {
        let asked = choices.map(|choices| choices.iter().find(|choice| choice.name == service.name.as_str()));
        match asked {
            Some(None) => {
                plan.skipped.push(SkippedService { service: service.name.clone(), reason: Skip::NotAskedFor });
            }
            Some(Some(choice)) => plan.services.push(service.planned(choice.reference.as_deref())),
            None => plan.services.push(service.planned(None)),
        }
    }
    Ok(Some(plan))
}

/// Refuses services that are not there, and one at two refs.
pub(super) fn check_known(services: &[Listed], choices: &[ServiceChoice]) -> Result<(), Refusal> {
    let is_known = |choice: &&ServiceChoice| services.iter().any(|service| service.name.as_str() == choice.name);
    let mut unknown: Vec<String> = Vec::new();
    for choice in choices.iter().filter(|choice| !is_known(choice)) {
        if !unknown.contains(&choice.name) {
            unknown.push(choice.name.clone());
        }
    }
    if !unknown.is_empty() {
        let known = services.iter().map(|service| service.name.to_string()).collect();
        return Err(Refusal::UnknownService { unknown, known });
    }
    for service in services {
        let mut same = choices.iter().filter(|choice| choice.name == service.name.as_str());
        if let Some(first) = same.next()
            && same.any(|other| other.reference != first.reference)
        {
            return Err(Refusal::TwoRefs(service.name.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Listed, plan};
    use crate::domain::plan::{Refusal, Request, Selection};

    fn services() -> Vec<Listed> {
        let listed = [
            json!({"name": "web", "source_type": "git", "git_ref": "main", "image_name": "registry.example.com/built:1"}),
            json!({"name": "api", "source_type": "image", "image_name": "registry.example.com/api", "image_tag": "v1"}),
            json!({"name": "old", "containers": []}),
            json!({"name": "no service"}),
        ];
        listed.iter().filter_map(Listed::of).collect()
    }

    fn planned(choices: &[&str]) -> Result<String, Refusal> {
        let choices = choices.iter().map(|choice| choice.parse().unwrap()).collect::<Vec<_>>();
        let selection = if choices.is_empty() { Selection::Everything } else { Selection::Services(choices) };
        let plan = plan(&services(), &Request { selection, ..Request::default() })?.unwrap();
        let deployed = plan.services.iter().map(|planned| format!("{}={:?}", planned.service, planned.target.short()));
        let skipped = plan.skipped.iter().map(|skipped| format!("not {}", skipped.service));
        Ok(deployed.chain(skipped).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn what_would_be_deployed_is_told_from_the_list_of_services() {
        assert_eq!(planned(&[]).unwrap(), r#"web="" api="registry.example.com/api:v1" old="""#);
        assert_eq!(planned(&["web:v2"]).unwrap(), r#"web="v2" not api not old"#);
        assert_eq!(planned(&["api:v2", "web"]).unwrap(), r#"web="" api="registry.example.com/api:v2" not old"#);
        assert_eq!(planned(&["cron", "web", "cron"]).unwrap_err().to_string(), "this app has no service `cron`");
        assert_eq!(
            planned(&["web:a", "web:b"]).unwrap_err().to_string(),
            "service `web` is asked for at two different refs"
        );
    }

    #[test]
    fn what_the_api_alone_decides_has_no_plan() {
        let of = |request: &Request, services: &[Listed]| plan(services, request).unwrap();
        let profile = Selection::DeploymentProfile("front".to_owned());
        assert_eq!(of(&Request { selection: profile, ..Request::default() }, &services()), None);
        let git_ref = Some("v1".parse().unwrap());
        assert_eq!(of(&Request { git_ref, ..Request::default() }, &services()), None);
        assert_eq!(of(&Request::default(), &[]), None);
    }
}
