//! The rules of deploying, as plain values and functions.
//!
//! Nothing here reads a clock, a file, a socket or the environment: what a rule needs is handed in, so
//! that every rule can be tested alone. The outer layers fetch, ask these modules, and act.

#[macro_use]
mod text;

pub mod app;
pub mod causes;
pub mod continuous;
pub mod cx_token;
pub mod delivery;
pub mod deployment;
pub mod duration;
pub mod git_host;
pub mod git_ref;
pub mod git_url;
pub mod hook_signature;
pub mod image;
pub mod log_line;
pub mod log_tail;
pub mod nearest;
pub mod payload;
pub mod plan;
pub mod printable;
pub mod private_address;
pub mod profile;
pub mod queue;
pub mod redeploy_hook;
pub mod release;
pub mod service;
pub mod setting;
pub mod sse;
pub mod token;
pub mod workflow_id;
pub mod workflow_log;
pub mod workflow_remote;
pub mod workflow_version;
