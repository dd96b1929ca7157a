//! An app's log in pieces, which our own server alone has.

use crate::backends::Result;
use crate::backends::abilities::{Ability, must};
use crate::backends::api_v3::ApiV3;
use crate::domain::log_line::LogLine;
use crate::store::log::LogFilter;

impl ApiV3 {
    /// The number before the last lines; 0 if none is before them.
    pub(super) async fn before_last(&self, filter: &LogFilter, most: u64) -> Result<u64> {
        let last = most.max(1).to_string();
        let first = self.lines(filter, ("last", &last), 1).await?.first().map_or(0, |line| line.number);
        Ok(if most == 0 { first } else { first.saturating_sub(1) })
    }

    pub(super) async fn lines_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        self.lines(filter, ("after", &after.to_string()), most).await
    }

    async fn lines(&self, filter: &LogFilter, from: (&str, &str), most: u32) -> Result<Vec<LogLine>> {
        must(self.api.kind(), Ability::Logs)?;
        let (lines, deployment) = (most.to_string(), filter.deployment.map(|id| id.to_string()));
        let (service, since) =
            (filter.service.as_ref().map(ToString::to_string), filter.since.map(|at| at.to_string()));
        let mut query = vec![from, ("lines", lines.as_str())];
        let filters = [("deployment", &deployment), ("service", &service), ("since", &since)];
        query.extend(filters.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
        let lines = self.api.get(&self.path("/logs"), &query).await?;
        serde_json::from_value(lines).map_err(|_| self.odd("it should be lines of a log, and is none"))
    }
}
