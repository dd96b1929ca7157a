//! The releases of an app, which our own server alone has.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::backends::abilities::{Ability, must};
use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::lenient::text;
use crate::backends::api_v3::planning::DRY_RUN;
use crate::backends::error::RemoteError;
use crate::backends::{BackendError, ReleaseDetails, Result};
use crate::domain::deployment::RunState;
use crate::domain::plan::Plan;
use crate::domain::release::{Release, ReleaseNumber};
use crate::engine::rollback::why_not;
use crate::http::Method;
use crate::store::releases::Releases;

impl ApiV3 {
    pub(super) async fn newest_releases(&self, which: Releases, most: u32) -> Result<Vec<Release>> {
        must(self.api.kind(), Ability::Releases)?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let per_page = most.clamp(1, 100).to_string();
        let all = if which == Releases::All { "true" } else { "" };
        let query = [("per_page", per_page.as_str()), ("all", all)];
        let mut releases = Vec::new();
        let mut next = Some(1);
        while let Some(page) = next.filter(|_| releases.len() < most) {
            let (items, about) = self.api.page(&self.path("/releases"), page, &query).await?;
            for item in items {
                releases.push(self.release_of(item)?);
            }
            next = about.next;
        }
        releases.truncate(most);
        Ok(releases)
    }

    pub(super) async fn one_release(&self, number: Option<ReleaseNumber>) -> Result<ReleaseDetails> {
        let newest = match number {
            Some(_) => None,
            None => self.newest_releases(Releases::Succeeded, 1).await?.pop().map(|release| release.release),
        };
        must(self.api.kind(), Ability::Releases)?;
        let list = "releases list --all";
        let number = number.or(newest).ok_or_else(|| self.not_found("release that succeeded yet".to_owned(), list))?;
        let release = self.api.get(&self.path(&format!("/releases/{number}")), &[]).await;
        self.release_of(self.or_not_found(release, || format!("release {number}"), list)?)
    }

    fn release_of<T: DeserializeOwned>(&self, release: Value) -> Result<T> {
        serde_json::from_value(release).map_err(|_| self.odd("it should be a release, and is none"))
    }

    pub(super) async fn planned_rollback(&self, to: Option<ReleaseNumber>) -> Result<(ReleaseNumber, Plan)> {
        must(self.api.kind(), Ability::RollbackDryRun)?;
        let body = json!({ "version": to });
        let told = self.api.send(Method::POST, &self.path("/releases/rollback"), &[DRY_RUN], Some(&body)).await;
        let what = || to.map_or_else(|| "release before the current one".to_owned(), |to| format!("release {to}"));
        let told = match (told, to) {
            (Err(BackendError::Remote(error @ RemoteError::Refused { status: 400, .. })), Some(release)) => {
                let state = self.one_release(to).await?.release.state;
                let app = self.stack.app.clone();
                return Err(match state {
                    RunState::Succeeded => error.into(),
                    state => BackendError::NotARelease { app, release, state: why_not(state) },
                });
            }
            (told, _) => self.or_not_found(told, what, "releases list")?,
        };
        let release = text(&told.response["release"]).parse();
        let release = release.map_err(|_| self.odd("it should be the plan of a rollback, and is none"))?;
        Ok((release, self.plan_of(&told.response)?))
    }
}
