//! Where values come from: flags, the environment, the manifest, the user's config file, defaults.

pub mod environment;
pub mod files;
mod git_hosts;
pub mod git_place;
pub mod imported;
pub mod manifest;
pub mod user_file;
