//! Writing an app's log: lines are gathered and stored together, so that a command that prints much is not
//! slowed by one transaction a line.

use std::collections::VecDeque;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::domain::app::AppName;
use crate::domain::log_line::{ENGINE_SOURCE, service_source};
use crate::domain::release::ReleaseNumber;
use crate::domain::service::ServiceName;
use crate::engine::insist;
use crate::store::claims::Holder;
use crate::store::log::NewLine;
use crate::store::{Store, StoreError};

/// How many lines may wait to be stored before who prints them has to wait.
const WAITING: usize = 1_000;

/// How many lines of a command that is tried again and again are kept of each try.
const KEPT: usize = 100;

/// The log of one deployment, and who writes it.
#[derive(Debug)]
pub(super) struct Journal {
    lines: mpsc::Sender<NewLine>,
    writer: JoinHandle<Result<(), StoreError>>,
    app: AppName,
    deployment: u64,
    release: ReleaseNumber,
}

impl Journal {
    pub(super) fn open(store: Store, holder: Holder, app: AppName, deployment: u64, release: ReleaseNumber) -> Self {
        let (lines, mut waiting) = mpsc::channel(WAITING);
        let writer = tokio::spawn(async move {
            let mut together = Vec::with_capacity(WAITING);
            while waiting.recv_many(&mut together, WAITING).await > 0 {
                insist(|| store.append_log_as(&holder, &together)).await?;
                together.clear();
            }
            Ok(())
        });
        Self { lines, writer, app, deployment, release }
    }

    /// The engine's own line.
    pub(super) async fn say(&self, text: impl Into<String>) {
        self.write(None, text.into()).await;
    }

    /// The engine's own line about a service.
    pub(super) async fn say_of(&self, service: &ServiceName, text: impl Into<String>) {
        self.write(Some(service.clone()), text.into()).await;
    }

    async fn write(&self, service: Option<ServiceName>, text: String) {
        let line = NewLine {
            time: Timestamp::now(),
            source: ENGINE_SOURCE.to_owned(),
            deployment: Some(self.deployment),
            service,
            text,
        };
        // A writer that has failed says so when the journal is closed.
        let _ = self.lines.send(line).await;
    }

    /// What a service's commands print, as log lines.
    pub(super) fn of(&self, service: &ServiceName) -> Printed {
        Printed::Log(ServiceLog {
            lines: self.lines.clone(),
            source: service_source(&self.app, service, self.release),
            deployment: self.deployment,
            service: service.clone(),
        })
    }

    /// Waits until all is stored.
    pub(super) async fn close(self) -> Result<(), StoreError> {
        drop(self.lines);
        self.writer.await.unwrap_or(Ok(()))
    }
}

/// One service's part of the log.
#[derive(Debug)]
pub(super) struct ServiceLog {
    lines: mpsc::Sender<NewLine>,
    source: String,
    deployment: u64,
    service: ServiceName,
}

/// Where the lines that a command prints go.
#[derive(Debug)]
pub(super) enum Printed {
    /// Into the log.
    Log(ServiceLog),
    /// Nowhere yet: the last of them are kept.
    Kept(VecDeque<String>),
}

impl Printed {
    pub(super) async fn line(&mut self, text: String) {
        match self {
            Self::Log(log) => {
                let line = NewLine {
                    time: Timestamp::now(),
                    source: log.source.clone(),
                    deployment: Some(log.deployment),
                    service: Some(log.service.clone()),
                    text,
                };
                let _ = log.lines.send(line).await;
            }
            Self::Kept(kept) => {
                if kept.len() == KEPT {
                    kept.pop_front();
                }
                kept.push_back(text);
            }
        }
    }
}
