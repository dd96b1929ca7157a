//! The URL of an app's redeployment hook.

use jiff::{SignedDuration, Timestamp};

use crate::backends::embedded::Embedded;
use crate::backends::{HookUrl, Overlap, Result};
use crate::engine::new_uid;
use crate::store::redeployment_hooks::HookKey;

/// Where a `hookbelt serve` answers unless it is told otherwise.
const USUAL: &str = "http://127.0.0.1:6660";

impl Embedded {
    pub(super) async fn hook_url(&mut self, rotate: Option<Overlap>) -> Result<HookUrl> {
        let app_uid = self.register_if_new().await?.uid;
        let (now, new) = (Timestamp::now(), HookKey { first: new_uid()?, second: new_uid()? });
        let key = match rotate {
            None => self.store.redeployment_hook(&app_uid, &new, now).await?,
            Some(Overlap(overlap)) => {
                let overlap = SignedDuration::try_from(overlap).unwrap_or(SignedDuration::MAX);
                let until = now.checked_add(overlap).unwrap_or(Timestamp::MAX);
                self.store.rotate_redeployment_hook(&app_uid, &new, until, now).await?;
                new
            }
        };
        let served = self.store.served_by(&app_uid).await?;
        let note = served.is_none().then(|| {
            format!("no `hookbelt serve` has {} now; this is its URL where one answers at its usual address", self.app)
        });
        let address = served.map_or_else(|| USUAL.to_owned(), |served| served.address.url().to_owned());
        Ok(HookUrl { url: format!("{address}/stacks/redeploy/{}/{}", key.first, key.second), note })
    }
}
