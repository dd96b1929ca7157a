//! The commands: one file each, a folder per group. Each holds its arguments, what it does, and how its
//! rows look.

pub mod apps;
pub mod completions;
pub mod deployments;
pub mod help;
pub mod hooks;
pub mod init;
pub mod login;
pub mod logout;
pub mod logs;
pub mod man;
pub mod profiles;
pub mod redeploy;
pub mod releases;
pub mod serve;
pub mod settings;
pub mod tokens;
