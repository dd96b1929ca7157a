//! From flags, environment and working folder to one app at its deploy API.

use std::sync::Arc;

use crate::backends::api_v3::ApiV3;
use crate::backends::embedded::{Embedded, Known};
use crate::backends::workflow::Workflow;
use crate::backends::{Access, Backend, ListedApp, WantedApp};
use crate::config::files;
use crate::config::git_place::GitPlace;
use crate::config::manifest::Manifest;
use crate::config::user_file::Limits;
use crate::context::place::{self, Chosen};
use crate::context::{Context, locate_from_here, no_app};
use crate::domain::app::{NotOneApp, find_app};
use crate::domain::profile::{BackendKind, Profile};
use crate::error::{Error, Kind};
use crate::hosts::KnownHosts;
use crate::http::{self, Detail, HttpError, Reach, Trace};
use crate::output::Verbosity;
use crate::store::Store;
use crate::store::apps::AppRecord;

/// The most bytes of a file with certificates.
const MAX_AUTHORITIES: u64 = 4 * 1024 * 1024;

impl Context {
    /// The app that flags, environment and working folder mean, at its deploy API.
    ///
    /// # Errors
    /// When they mean no app or contradict each other, or the deploy API fails.
    pub async fn backend(&self) -> Result<Box<dyn Backend>, Error> {
        let file = self.user_file()?;
        let located = locate_from_here();
        let explicit = place::explicit(&self.settings, &self.variables, &file)?;
        let manifest = self.manifest_in(&located)?;
        if let Some(chosen) = place::explicit_or_of_manifest(explicit, manifest.as_ref(), &file)? {
            return self.remote(chosen, manifest, file.limits).await;
        }
        if let Some(manifest) = manifest {
            return self.embedded(self.store().await?, Known::Manifest(manifest), file.limits).await;
        }
        let unknown = match &self.settings.app {
            None => no_app(&located),
            Some(name) => match self.known_app(name).await? {
                Ok((store, record)) => return self.embedded(store, Known::Store(record), file.limits).await,
                Err(unknown) => unknown.into(),
            },
        };
        match place::default(&self.variables, &file)? {
            Some(chosen) => self.remote(chosen, None, file.limits).await,
            None => Err(unknown),
        }
    }

    /// The deploy API elsewhere whose apps are listed: the one that is named, else the default one. Says whether it was
    /// named.
    ///
    /// # Errors
    /// When it is named and is none.
    pub fn elsewhere(&self) -> Result<Option<Chosen>, Error> {
        let file = self.user_file()?;
        let explicit = place::explicit(&self.settings, &self.variables, &file)?;
        explicit.map_or_else(|| place::default(&self.variables, &file), |chosen| Ok(Some(chosen)))
    }

    /// The apps of a deploy API elsewhere.
    ///
    /// # Errors
    /// When it fails.
    pub async fn apps_of(&self, chosen: Chosen) -> Result<Vec<ListedApp>, Error> {
        let access = self.access(chosen.profile, self.limits()?)?;
        Ok(match access.profile.kind {
            BackendKind::Workflow => Workflow::apps(access).await?,
            BackendKind::Embedded | BackendKind::Server | BackendKind::Cloud66 => ApiV3::apps(access).await?,
        })
    }

    async fn remote(
        &self,
        chosen: Chosen,
        manifest: Option<Manifest>,
        limits: Limits,
    ) -> Result<Box<dyn Backend>, Error> {
        let access = self.access(chosen.profile, limits)?;
        self.output.detail(&format!("deploy API: {}, by {}", access.profile.address, chosen.by.called()));
        let identity = manifest.map(|manifest| manifest.app.identity);
        let name = self.settings.app.clone().or_else(|| Some(identity.as_ref()?.name.to_string()));
        let environment = self.settings.environment.clone();
        let environment = environment.or_else(|| Some(identity.as_ref()?.environment.to_string()));
        let repository = if name.is_none() { GitPlace::here().ok().flatten() } else { None };
        let wanted = WantedApp { name, environment, repository };
        Ok(match access.profile.kind {
            BackendKind::Workflow => Workflow::open(access, &wanted).await?,
            BackendKind::Embedded | BackendKind::Server | BackendKind::Cloud66 => ApiV3::open(access, &wanted).await?,
        })
    }

    /// How a deploy API is talked to.
    ///
    /// # Errors
    /// When the system's certificates, or those of the profile, cannot be used.
    pub fn access(&self, profile: Profile, limits: Limits) -> Result<Access, Error> {
        if profile.token.is_some() && profile.address.is_open_to_all() {
            self.output.note(&format!("note: the token goes to {} without TLS", profile.address));
        }
        let client = self.client(&profile, &limits)?;
        Ok(Access { client, profile, limits, user: self.user(), output: self.output.clone() })
    }

    /// A client for a deploy API.
    fn client(&self, profile: &Profile, limits: &Limits) -> Result<http::Client, Error> {
        let authorities = profile.ca_file.as_ref().map(|file| files::read_named(file, MAX_AUTHORITIES)).transpose()?;
        let options = http::Options {
            connect: limits.connect,
            limit: limits.request,
            authorities,
            reach: Reach::Anywhere,
            trace: self.trace(),
        };
        http::Client::with(options).map_err(|error| match (error, &profile.ca_file) {
            (error @ HttpError::Authorities, Some(file)) => {
                Error::new(Kind::Usage, format!("{} cannot be used: {error}", file.display()))
            }
            (error, _) => error.into(),
        })
    }

    /// Who is told of requests, if anybody is.
    #[must_use]
    pub fn trace(&self) -> Option<Trace> {
        let detail = match self.output.verbosity() {
            Verbosity::Quiet | Verbosity::Normal => return None,
            Verbosity::Verbose => Detail::Requests,
            Verbosity::VeryVerbose => Detail::Headers,
        };
        let output = self.output.clone();
        Some(Trace { detail, say: Arc::new(move |text| output.detail(text)) })
    }

    async fn embedded(&self, store: Store, known: Known, limits: Limits) -> Result<Box<dyn Backend>, Error> {
        let (variables, wait) = (self.variables.clone(), limits.git_host_wait);
        let hosts = KnownHosts::new(self.user_file()?.git_hosts, variables.clone(), limits.clone(), wait);
        let hosts = hosts.with_trace(self.trace());
        Ok(Box::new(Embedded::open(store, known, limits, variables, self.user(), hosts).await?))
    }

    /// An app of the store by its name, or why there is none.
    async fn known_app(&self, name: &str) -> Result<Result<(Store, AppRecord), NotOneApp>, Error> {
        let store = self.store().await?;
        let apps = store.apps().await?;
        let identities: Vec<_> = apps.iter().map(|app| app.identity.clone()).collect();
        match find_app(&identities, name, self.settings.environment.as_deref()) {
            Ok(found) => {
                let record = apps.iter().find(|app| app.identity == *found).cloned();
                let unknown = || NotOneApp::Unknown { wanted: name.to_owned(), nearest: None };
                Ok(record.ok_or_else(unknown).map(|record| (store, record)))
            }
            Err(unknown @ NotOneApp::Unknown { .. }) => Ok(Err(unknown)),
            Err(ambiguous @ NotOneApp::Ambiguous { .. }) => Err(ambiguous.into()),
        }
    }
}
