//! Deployments at GitHub, each of which stands for a push.

use crate::domain::continuous::{NewHostDeployment, StatusReport};
use crate::domain::git_host::RepositoryPath;
use crate::domain::git_host::deployment;
use crate::hosts::answer::said;
use crate::hosts::{Host, HostError, Result};

/// The answer of a deployment that was created.
const CREATED: u16 = 201;

impl Host {
    /// Creates a deployment, unless a try before this one has; says its number.
    ///
    /// # Errors
    /// When it was not created, or nobody knows.
    pub async fn create_deployment(&self, repository: &RepositoryPath, new: &NewHostDeployment) -> Result<u64> {
        if new.may_be_there {
            let list = self.document(&self.send(&deployment::like(repository, new)).await?)?;
            if let Some(id) = deployment::same(&list, new) {
                return Ok(id);
            }
        }
        let reply = self.send(&deployment::create(repository, new)).await?;
        if reply.status != CREATED {
            return Err(HostError::NothingCreated { host: self.place().host.clone(), said: said(&reply) });
        }
        let id = self.document(&reply)?["id"].as_u64();
        id.ok_or_else(|| self.not_understood("it tells of a deployment without a number"))
    }

    /// Tells how a deployment stands.
    ///
    /// # Errors
    /// When the host did not take it.
    pub async fn tell_status(&self, repository: &RepositoryPath, id: u64, report: &StatusReport) -> Result<()> {
        self.send(&deployment::status(repository, id, report)).await.map(drop)
    }
}
