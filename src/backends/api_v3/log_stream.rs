//! The stream of an app's log at our own server, from any line on.

use tokio::time::Instant;

use crate::backends::Result;
use crate::backends::api_v3::api::{Api, escaped};
use crate::backends::error::RemoteError;
use crate::domain::log_line::LogLine;
use crate::domain::sse::EventReader;
use crate::http::Flow;

/// A stream that is listened to.
#[derive(Debug)]
pub(super) struct LogStream {
    flow: Flow,
    events: EventReader,
    /// The deployment whose lines it has; all of the app's if there is none.
    pub(super) deployment: Option<u64>,
    /// When something came last, be it a sign of life.
    pub(super) heard_at: Instant,
}

/// What comes of a stream.
#[derive(Debug)]
pub(super) enum Heard {
    /// Lines, or a sign of life.
    Lines(Vec<LogLine>),
    /// Its end.
    End,
}

impl LogStream {
    /// A deployment's lines after line `after`; none where nothing more will come.
    pub(super) async fn of_deployment(api: &Api, stack: &str, deployment: u64, after: u64) -> Result<Option<Self>> {
        let number = deployment.to_string();
        let flow = api.flow(&path(stack), &[("deployment", &number)], Some(after)).await?;
        Ok(flow.map(|flow| Self::new(flow, Some(deployment))))
    }

    /// The lines that an app is yet to write.
    pub(super) async fn of_app(api: &Api, stack: &str) -> Result<Option<Self>> {
        let flow = api.flow(&path(stack), &[("lines", "0")], None).await?;
        Ok(flow.map(|flow| Self::new(flow, None)))
    }

    fn new(flow: Flow, deployment: Option<u64>) -> Self {
        Self { flow, events: EventReader::default(), deployment, heard_at: Instant::now() }
    }

    /// What comes next. To be asked again after it was given up loses nothing.
    pub(super) async fn next(&mut self, api: &Api) -> Result<Heard> {
        let Some(piece) = self.flow.piece().await.map_err(RemoteError::from)? else {
            return Ok(Heard::End);
        };
        self.heard_at = Instant::now();
        let lines = self.events.take(&piece).into_iter().map(|event| serde_json::from_str(&event));
        let lines: std::result::Result<Vec<LogLine>, _> = lines.collect();
        let lines = lines.map_err(|_| api.who().not_understood("an event of its log is no line of a log"))?;
        Ok(Heard::Lines(lines))
    }
}

fn path(stack: &str) -> String {
    format!("/stacks/{}/logs/stream", escaped(stack))
}
