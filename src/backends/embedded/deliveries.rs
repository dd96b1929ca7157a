//! The deliveries of an app in the local store, and sending them again: by the `hookbelt serve` that has the app, or here.

use jiff::Timestamp;
use tokio::time::timeout;

use crate::backends::embedded::Embedded;
use crate::backends::{BackendError, Result};
use crate::domain::delivery::{Again, Delivery, DeliveryDetails, DeliveryFilter, FailingHook};
use crate::engine::{Engine, Job};
use crate::store::Slice;

impl Embedded {
    pub(super) async fn newest_deliveries(&self, filter: DeliveryFilter, most: u32) -> Result<Vec<Delivery>> {
        match self.uid() {
            Some(uid) => Ok(self.store.deliveries(uid, filter, Slice { after: 0, most: most.into() }).await?.0),
            None => Ok(Vec::new()),
        }
    }

    pub(super) async fn one_delivery(&self, id: u64) -> Result<DeliveryDetails> {
        let delivery = self.found_delivery(id).await?;
        Ok(DeliveryDetails { delivery, receipts: self.store.receipts(id).await? })
    }

    /// The manifest's deploy hooks that do not arrive; without a manifest all that did not.
    pub(super) async fn failing_hooks(&self) -> Result<Vec<FailingHook>> {
        let Some(uid) = self.uid() else {
            return Ok(Vec::new());
        };
        let failing = self.store.failing_hooks(uid).await?;
        let manifest = self.manifest.as_ref().map(|manifest| &manifest.app);
        let known = failing.into_iter().filter(|(receiver, _)| manifest.is_none_or(|app| app.tells(receiver)));
        Ok(known.map(|(_, hook)| hook).collect())
    }

    pub(super) async fn send_again(&mut self, again: Again) -> Result<Vec<Delivery>> {
        if let Again::One(id) = again {
            self.found_delivery(id).await?;
        }
        let Some(record) = self.record.clone() else {
            return Ok(Vec::new());
        };
        // Without the manifest nothing can be sent from here.
        let manifest = self.manifest()?;
        let job = Job { record, app: manifest.app.clone(), folder: manifest.folder().to_owned() };
        let uid = job.record.uid.clone();
        let asked = self.store.deliver_again(&uid, again, Timestamp::now()).await?;
        if !asked.is_empty() && !self.is_sent_by_a_server(&uid, &asked).await? {
            let engine = Engine::start(self.store.clone(), self.limits.clone(), self.variables.clone()).await?;
            engine.deliver(job, &asked).await?;
        }
        let mut now = Vec::with_capacity(asked.len());
        for delivery in asked {
            now.push(self.found_delivery(delivery.id).await?);
        }
        Ok(now)
    }

    /// Waits for the `hookbelt serve` that has the app; false if there is none, or none any more.
    async fn is_sent_by_a_server(&self, uid: &str, asked: &[Delivery]) -> Result<bool> {
        let look = self.limits.lease / 3;
        while self.store.served_by(uid).await?.is_some() {
            if let Ok(tried) = timeout(look, self.store.tried_since(uid, asked, look)).await {
                tried?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn found_delivery(&self, id: u64) -> Result<Delivery> {
        let found = match self.uid() {
            Some(uid) => self.store.delivery(uid, id).await?,
            None => None,
        };
        found.ok_or_else(|| -> BackendError { self.not_found(format!("delivery {id}"), "hooks deliveries") })
    }
}
