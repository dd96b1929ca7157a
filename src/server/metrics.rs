//! `/metrics`: what is counted, in the format of Prometheus.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::engine::Event;
use crate::store::deployments::Depth;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HookLabels {
    outcome: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AppLabels {
    app: String,
    environment: String,
    state: &'static str,
}

/// What is counted.
pub struct Metrics {
    registry: Registry,
    hooks: Family<HookLabels, Counter>,
    durations: Family<StateLabels, Histogram, fn() -> Histogram>,
    deliveries: Family<OutcomeLabels, Counter>,
    writes: Histogram,
    /// The depths are set anew for each look at them.
    depths: Mutex<Family<AppLabels, Gauge>>,
}

impl Default for Metrics {
    fn default() -> Self {
        let minutes: fn() -> Histogram = || Histogram::new([1.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0, 3600.0]);
        let (hooks, deliveries) = (Family::default(), Family::default());
        let durations = Family::new_with_constructor(minutes);
        let writes = Histogram::new([0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0]);
        let depths = Family::<AppLabels, Gauge>::default();
        let mut registry = Registry::with_prefix("hookbelt");
        registry.register("hooks", "Requests to redeployment hooks, by what became of them", hooks.clone());
        let help = "How long deployments ran, by how they ended";
        registry.register_with_unit("deployment_duration", help, Unit::Seconds, durations.clone());
        registry.register("deliveries", "Deploy hooks, by whether their receivers took them", deliveries.clone());
        let help = "How long accepting hooks took to be on disk";
        registry.register_with_unit("store_write", help, Unit::Seconds, writes.clone());
        registry.register("deployments", "Deployments that wait or run, by app", depths.clone());
        Self { registry, hooks, durations, deliveries, writes, depths: Mutex::new(depths) }
    }
}

impl Metrics {
    /// Counts what has happened.
    pub fn count(&self, event: &Event) {
        match event {
            Event::Hook { outcome, status, .. } => {
                let labels = HookLabels { outcome: outcome.word(), status: *status };
                self.hooks.get_or_create(&labels).inc();
            }
            Event::Ended { state: Some(state), ran, .. } => {
                self.durations.get_or_create(&StateLabels { state: state.word() }).observe(ran.as_secs_f64());
            }
            Event::Delivery { sent, .. } => {
                let outcome = if *sent { "sent" } else { "failed" };
                self.deliveries.get_or_create(&OutcomeLabels { outcome }).inc();
            }
            Event::Note { .. } | Event::Began { .. } | Event::Ended { state: None, .. } => {}
        }
    }

    /// Counts a write of hooks to the disk.
    pub(super) fn wrote(&self, took: Duration) {
        self.writes.observe(took.as_secs_f64());
    }

    /// All of it as text, with how many deployments wait and run now.
    pub(super) fn text(&self, depths: &[Depth]) -> String {
        let gauges = self.depths.lock().unwrap_or_else(PoisonError::into_inner);
        gauges.clear();
        for Depth { app, state, count } in depths {
            let (app, environment) = (app.name.to_string(), app.environment.to_string());
            let labels = AppLabels { app, environment, state: state.word() };
            gauges.get_or_create(&labels).set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
