//! Which app is meant: by its name, or by where the Git repository is pushed to.

use crate::backends::error::RemoteError;
use crate::backends::workflow::controller::Controller;
use crate::backends::workflow::documents::App;
use crate::backends::{BackendError, Result, WantedApp};
use crate::domain::app::{AppIdentity, Environment, NotOneApp, find_app};
use crate::domain::profile::BackendKind;
use crate::domain::workflow_id::is_workflow_id;
use crate::domain::workflow_remote::{app_pushed_to, builder_host};

/// All apps that the user sees.
pub(super) async fn all(controller: &Controller) -> Result<Vec<(AppIdentity, App)>> {
    let apps = controller.list("/apps/", &|_: &[App]| false).await?;
    apps.into_iter().map(|app| Ok((identity(controller, &app)?, app))).collect()
}

/// The app that is meant.
pub(super) async fn meant(controller: &Controller, wanted: &WantedApp) -> Result<(AppIdentity, App)> {
    check_environment(wanted.environment.as_deref())?;
    let name = match &wanted.name {
        Some(name) => name.clone(),
        None => pushed_to(controller, wanted)?,
    };
    // Whole names are usual: they need no list, which may be long.
    let whole = name.to_lowercase();
    if is_workflow_id(&whole) {
        match controller.get::<App>(&format!("/apps/{whole}/")).await {
            Ok(app) => return Ok((identity(controller, &app)?, app)),
            Err(RemoteError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let apps = all(controller).await?;
    let identities: Vec<AppIdentity> = apps.iter().map(|(identity, _)| identity.clone()).collect();
    let found = find_app(&identities, &name, None)?;
    let at = apps.into_iter().find(|(identity, _)| identity == found);
    Ok(at.ok_or(NotOneApp::Unknown { wanted: name, nearest: None })?)
}

/// The app that this repository is pushed to.
fn pushed_to(controller: &Controller, wanted: &WantedApp) -> Result<String> {
    let host = controller.access.profile.address.host_name();
    let urls = wanted.repository.as_ref().map(|place| place.push_urls.as_slice()).unwrap_or_default();
    app_pushed_to(host, urls).ok_or_else(|| {
        let no_remote = format!("no Git remote here leads to {}, as those of its apps do", builder_host(host));
        BackendError::NoAppNamed(no_remote)
    })
}

/// An app has none, which counts as `production`.
fn check_environment(wanted: Option<&str>) -> Result<()> {
    let is_the_one = |wanted: &str| Environment::default().as_str().starts_with(&wanted.to_lowercase());
    match wanted {
        Some(wanted) if !is_the_one(wanted) => {
            Err(BackendError::NoEnvironments { kind: BackendKind::Workflow, wanted: wanted.to_owned() })
        }
        _ => Ok(()),
    }
}

fn identity(controller: &Controller, app: &App) -> Result<AppIdentity> {
    let name = app.id.parse().ok().filter(|_| is_workflow_id(&app.id));
    let name = name.ok_or_else(|| controller.not_understood(format!("{:?} is no id of an app", app.id)))?;
    Ok(AppIdentity { name, environment: Environment::default() })
}
