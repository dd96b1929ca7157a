//! An app's log in pieces, which our own server alone has.

use crate::backends::Result;
use crate::backends::abilities::{Ability, must};
use crate::backends::api_v3::ApiV3;
use crate::backends::api_v3::answer::Document;
use crate::domain::log_line::LogLine;
use crate::http::Method;
use crate::store::log::LogFilter;

impl ApiV3 {
    /// The number before the last lines.
    pub(super) async fn before_last_lines(&self, filter: &LogFilter, most: u64) -> Result<u64> {
        let log = self.log(filter, &[("lines", "0".to_owned()), ("last", most.to_string())]).await?;
        log.after.ok_or_else(|| self.odd("it does not say where the last lines of its log begin"))
    }

    pub(super) async fn lines_after(&self, filter: &LogFilter, after: u64, most: u32) -> Result<Vec<LogLine>> {
        let log = self.log(filter, &[("lines", most.to_string()), ("after", after.to_string())]).await?;
        serde_json::from_value(log.response).map_err(|_| self.odd("it should be lines of a log, and is none"))
    }

    async fn log(&self, filter: &LogFilter, which: &[(&str, String)]) -> Result<Document> {
        must(self.api.kind(), Ability::Logs)?;
        let text = |value: Option<String>| value.unwrap_or_default();
        let filters = [
            ("deployment", text(filter.deployment.map(|id| id.to_string()))),
            ("service", text(filter.service.as_ref().map(ToString::to_string))),
            ("since", text(filter.since.map(|since| since.to_string()))),
        ];
        let query: Vec<(&str, &str)> =
            which.iter().chain(&filters).map(|(name, value)| (*name, value.as_str())).collect();
        self.api.send(Method::GET, &self.path("/logs"), &query, None).await
    }
}
