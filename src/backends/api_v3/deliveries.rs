//! The deliveries of an app's deploy hooks, which our own server alone has.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::backends::abilities::{Ability, must};
use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::pauses::Pauses;
use crate::backends::{BackendError, Result};
use crate::domain::delivery::{Again, Delivery, DeliveryDetails, DeliveryFilter};
use crate::domain::duration;
use crate::http::Method;

/// What lists them.
const LIST: &str = "hooks deliveries";

/// How long a server may take to try what it was asked to send again.
const PATIENCE: Duration = Duration::from_mins(10);

impl ApiV3 {
    pub(super) async fn newest_deliveries(&self, filter: DeliveryFilter, most: u32) -> Result<Vec<Delivery>> {
        must(self.api.kind(), Ability::Deliveries)?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (per_page, release) = (most.clamp(1, 100).to_string(), filter.release.map(|release| release.to_string()));
        let failed = if filter.failed { "true" } else { "" };
        let release = release.as_deref().unwrap_or_default();
        let query = [("per_page", per_page.as_str()), ("failed", failed), ("release", release)];
        let mut deliveries = Vec::new();
        let mut next = Some(1);
        while let Some(page) = next.filter(|_| deliveries.len() < most) {
            let (items, about) = self.api.page(&self.path("/deliveries"), page, &query).await?;
            for item in items {
                deliveries.push(self.delivery_of(item)?);
            }
            next = about.next;
        }
        deliveries.truncate(most);
        Ok(deliveries)
    }

    pub(super) async fn one_delivery(&self, id: u64) -> Result<DeliveryDetails> {
        must(self.api.kind(), Ability::Deliveries)?;
        let delivery = self.api.get(&self.path(&format!("/deliveries/{id}")), &[]).await;
        self.delivery_of(self.or_not_found(delivery, || format!("delivery {id}"), LIST)?)
    }

    pub(super) async fn send_again(&self, again: Again) -> Result<Vec<Delivery>> {
        must(self.api.kind(), Ability::Deliveries)?;
        let asked = match again {
            Again::One(id) => {
                let path = self.path(&format!("/deliveries/{id}/redeliver"));
                let asked = self.api.send(Method::POST, &path, &[], None).await;
                vec![self.or_not_found(asked, || format!("delivery {id}"), LIST)?.response]
            }
            Again::FailedSince(since) => {
                let body = json!({ "failed_since": since });
                let path = self.path("/deliveries/redeliver");
                self.api.who().items(self.api.send(Method::POST, &path, &[], Some(&body)).await?)?
            }
        };
        let begun = Instant::now();
        let mut now = Vec::with_capacity(asked.len());
        for before in asked {
            now.push(self.tried_since(&self.delivery_of(before)?, begun).await?);
        }
        Ok(now)
    }

    /// Waits until the server has tried a delivery since it stood so.
    async fn tried_since(&self, before: &Delivery, begun: Instant) -> Result<Delivery> {
        let mut pauses = Pauses::default();
        loop {
            sleep(pauses.next(self.api.limits())).await;
            let now = self.one_delivery(before.id).await?.delivery;
            if now.was_tried_since(before) {
                return Ok(now);
            }
            if begun.elapsed() > PATIENCE {
                let (api, what) = (self.api.who().api.clone(), format!("the attempt of delivery {}", before.id));
                return Err(BackendError::StillGoing { api, what, waited: duration::show(PATIENCE) });
            }
        }
    }

    fn delivery_of<T: DeserializeOwned>(&self, delivery: Value) -> Result<T> {
        serde_json::from_value(delivery).map_err(|_| self.odd("it should be a delivery, and is none"))
    }
}
