//! The webhooks of an app whose `continuous.deploy` is turned on or off: they deliver to the `hookbelt serve` that has it.

use url::Url;

use crate::backends::embedded::Embedded;
use crate::backends::{BackendError, Result};
use crate::domain::causes::with_causes;
use crate::engine::signing_secret;
use crate::hosts::told;
use crate::store::engines::Address;

impl Embedded {
    /// Has the app's repositories send pushes and deployments; says what was done, or is to be done by others.
    pub(super) async fn webhooks_on(&mut self) -> Result<String> {
        match self.address().await? {
            None => Ok(
                "no webhook was made: the embedded engine receives none. To deploy on every push, let the Git host or \
                        a CI job run `hookbelt redeploy -y`"
                    .to_owned(),
            ),
            Some(Address::Listening(url)) => Err(BackendError::NoPublicUrl { app: self.app.clone(), url }),
            Some(Address::Public(_)) => {
                let url = self.own_url().await?;
                let app = &self.manifest()?.app;
                let secret = signing_secret(app, &self.variables).map_err(BackendError::HookSecret)?;
                let webhooks = self.hosts.turn_on(app, &url, secret.as_ref()).await;
                Ok(told(&webhooks.map_err(Box::new)?))
            }
        }
    }

    /// Has them send pushes alone; says what was done. What cannot be done is only said: what they send of deployments is
    /// ignored.
    pub(super) async fn webhooks_off(&mut self) -> Result<Option<String>> {
        let Some(Address::Public(_)) = self.address().await? else {
            return Ok(None);
        };
        let url = self.own_url().await?;
        Ok(match self.hosts.turn_off(&self.manifest()?.app, &url).await {
            Ok(webhooks) if webhooks.is_empty() => None,
            Ok(webhooks) => Some(told(&webhooks)),
            Err(error) => Some(with_causes(&error)),
        })
    }

    /// Where the server is that has the app.
    async fn address(&self) -> Result<Option<Address>> {
        match self.uid() {
            Some(uid) => Ok(self.store.served_by(uid).await?.map(|served| served.address)),
            None => Ok(None),
        }
    }

    async fn own_url(&mut self) -> Result<Url> {
        let hook = self.hook_url(None).await?;
        Url::parse(&hook.url).map_err(|_| BackendError::NoPublicUrl { app: self.app.clone(), url: hook.url })
    }
}
