//! Tests of the real binary against real repositories, stores and shells: one file a subject.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod apps_and_releases;
mod bad_days;
mod cancel;
mod commands_of_services;
mod continuous_deploy;
mod crash;
mod deploy_hooks;
mod examples;
mod generated;
mod init;
mod layers;
mod listen;
mod log_retention;
mod logs;
mod operation;
mod output;
mod payload;
mod queue;
mod queued_hooks;
mod redeploy;
mod redeployment_hook;
mod rollback;
mod send;
mod send_and_listen;
mod serve;
mod settings;
mod sign;
mod sources;
mod supervisor;
mod support;
mod verify;
mod verify_batch;
mod which_app;
