//! An app's log in pieces, which our own server alone has.

use crate::backends::Result;
use crate::backends::abilities::{Ability, must};
use crate::backends::api_v3::ApiV3;
use crate::domain::log_line::LogLine;
use crate::store::log::LogFilter;

impl ApiV3 {
    pub(super) async fn last_lines(&self, filter: &LogFilter, most: u32) -> Result<Vec<LogLine>> {
        let wanted = usize::try_from(most).unwrap_or(usize::MAX);
        let mut lines = self.lines(filter, None, most).await?;
        // Long lines come in several pieces.
        while let Some(last) = lines.last().map(|line| line.number).filter(|_| lines.len() < wanted) {
            let missing = u32::try_from(wanted - lines.len()).unwrap_or(u32::MAX);
            let more = self.lines(filter, Some(last), missing).await?;
            if more.is_empty() {
                break;
            }
            lines.extend(more);
        }
        Ok(lines)
    }

    pub(super) async fn lines_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        self.lines(filter, Some(after), most).await
    }

    async fn lines(&self, filter: &LogFilter, after: Option<u64>, most: u32) -> Result<Vec<LogLine>> {
        must(self.api.kind(), Ability::Logs)?;
        let text = |value: Option<String>| value.unwrap_or_default();
        let values = [
            ("lines", most.to_string()),
            ("after", text(after.map(|after| after.to_string()))),
            ("deployment", text(filter.deployment.map(|id| id.to_string()))),
            ("service", text(filter.service.as_ref().map(ToString::to_string))),
            ("since", text(filter.since.map(|since| since.to_string()))),
        ];
        let query: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let lines = self.api.get(&self.path("/logs"), &query).await?;
        serde_json::from_value(lines).map_err(|_| self.odd("it should be lines of a log, and is none"))
    }
}
