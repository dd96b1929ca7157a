//! The modifiers of a redeployment hook's URL: `services`, `deployment_profile` and `git_ref`.
//!
//! They only narrow what is deployed, so that one which cannot be meant is refused: to leave it out would deploy more.

use std::collections::BTreeSet;
use std::fmt;

use url::form_urlencoded;

use crate::domain::git_ref::{GitRef, InvalidRef};
use crate::domain::plan::{Selection, ServiceChoice};

/// The modifiers of a URL. Others, which this does not know, are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Modifiers {
    /// The services that are named, each once; empty for all.
    pub services: BTreeSet<String>,
    /// The deployment profile.
    pub deployment_profile: Option<String>,
    /// The ref for the git services.
    pub git_ref: Option<GitRef>,
}

/// Why modifiers are refused, with status 422.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModifierError {
    /// A services modifier that names none, or an empty name among others; it never means all.
    #[error("`services` names no service; to deploy all, leave it out")]
    NoService,
    /// A service with a ref.
    #[error("`services` takes names alone, without `:` and a ref: {0:?}")]
    Reference(String),
    /// Two ways to choose.
    #[error("`services` and `deployment_profile` exclude each other")]
    ServicesAndProfile,
    /// One of which there can be only one, with two values.
    #[error("`{0}` is given twice, with different values")]
    Twice(&'static str),
    /// A deployment profile without a name.
    #[error("`deployment_profile` names no profile; to deploy all services, leave it out")]
    NoProfile,
    /// A ref that Git cannot have.
    #[error("`git_ref` is malformed")]
    MalformedRef(#[from] InvalidRef),
}

impl Modifiers {
    /// Reads a query, with `%XX` and `+` decoded. Several `services` add up, as if they were one list; of the others each may be
    /// repeated with the same value only.
    ///
    /// # Errors
    /// When a modifier cannot be meant.
    pub fn parse(query: &str) -> Result<Self, ModifierError> {
        let mut modifiers = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "services" => modifiers.add_services(&value)?,
                "deployment_profile" if value.trim().is_empty() => return Err(ModifierError::NoProfile),
                "deployment_profile" => {
                    set(&mut modifiers.deployment_profile, value.trim().to_owned(), "deployment_profile")?;
                }
                "git_ref" => set(&mut modifiers.git_ref, value.parse()?, "git_ref")?,
                _ => {}
            }
        }
        if !modifiers.services.is_empty() && modifiers.deployment_profile.is_some() {
            return Err(ModifierError::ServicesAndProfile);
        }
        Ok(modifiers)
    }

    fn add_services(&mut self, list: &str) -> Result<(), ModifierError> {
        for name in list.split(',').map(str::trim) {
            if name.is_empty() {
                return Err(ModifierError::NoService);
            }
            if name.contains(':') {
                return Err(ModifierError::Reference(name.chars().take(80).collect()));
            }
            self.services.insert(name.to_owned());
        }
        Ok(())
    }

    /// Which services they ask for.
    #[must_use]
    pub fn selection(&self) -> Selection {
        let choice = |name: &String| ServiceChoice { name: name.clone(), reference: None };
        match &self.deployment_profile {
            Some(name) => Selection::DeploymentProfile(name.clone()),
            None if self.services.is_empty() => Selection::Everything,
            None => Selection::Services(self.services.iter().map(choice).collect()),
        }
    }

    /// As a queue compares them: the services, then the others with their names, which no service can have.
    #[must_use]
    pub fn for_queue(&self) -> Vec<String> {
        let profile = self.deployment_profile.iter().map(|name| format!("deployment_profile={name}"));
        let git_ref = self.git_ref.iter().map(|git_ref| format!("git_ref={git_ref}"));
        self.services.iter().cloned().chain(profile).chain(git_ref).collect()
    }
}

fn set<T: PartialEq>(place: &mut Option<T>, value: T, name: &'static str) -> Result<(), ModifierError> {
    match place {
        Some(other) if *other != value => Err(ModifierError::Twice(name)),
        _ => {
            *place = Some(value);
            Ok(())
        }
    }
}

impl fmt::Display for Modifiers {
    /// A query, the same for all spellings that mean the same; empty without modifiers.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services: Vec<&str> = self.services.iter().map(String::as_str).collect();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.deployment_profile.iter().map(|name| ("deployment_profile", name)));
        query.extend_pairs(self.git_ref.iter().map(|git_ref| ("git_ref", git_ref.as_str())));
        if !services.is_empty() {
            query.append_pair("services", &services.join(","));
        }
        formatter.write_str(&query.finish())
    }
}
