//! Bad days: under load the engine is killed, frozen, left without disk, and its clock is set. Nothing that was accepted
//! may be lost, nothing may run twice at the same time, nothing may be left behind.

mod apps;
mod clock;
mod deploy_hooks;
mod freeze;
mod full_disk;
mod hooks;
mod kill;
mod load;
mod proof;
mod random;

pub(crate) use crate::crash::apps::sql;

/// How much of a bad day there is: a little for `./test`, much for `./test --full`.
pub(crate) fn much(little: u32, much: u32) -> u32 {
    if std::env::var_os("BAD_DAYS").is_some_and(|length| length == "long") { much } else { little }
}
