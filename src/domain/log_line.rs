//! One line of an app's log.

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::app::AppName;
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;

/// The most bytes a line keeps; what is longer is cut into several lines.
pub const MAX_LINE: usize = 64 * 1024;

/// A line of an app's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Its place in the app's log, from 1.
    pub number: u64,
    /// When it was written.
    pub time: Timestamp,
    /// Who wrote it: `shop[web.v4]` for a service's output, `hookbelt[api]` for the engine's own lines.
    pub source: String,
    /// The deployment it belongs to.
    pub deployment: Option<u64>,
    /// The service it belongs to.
    pub service: Option<ServiceName>,
    /// What was written, unescaped.
    pub text: String,
}

/// The source of the engine's own lines.
pub const ENGINE_SOURCE: &str = "hookbelt[api]";

/// The source of a service's output.
#[must_use]
pub fn service_source(app: &AppName, service: &ServiceName, release: ReleaseNumber) -> String {
    format!("{app}[{service}.{release}]")
}
