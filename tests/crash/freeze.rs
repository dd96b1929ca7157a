//! The engine is frozen, and goes on when another has taken over.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::crash::apps::{Apps, Code, sql};
use crate::crash::load::under_load;
use crate::crash::much;
use crate::crash::proof::{nothing_went_wrong, some_ran_again};
use crate::crash::random::Random;
use crate::support::{Belt, Running, wait_until};

#[test]
fn an_engine_that_was_frozen_writes_nothing_about_what_it_ran_and_begins_anew() {
    let apps = Apps::new(Belt::new(), Code::Git);
    apps.belt.limits("lease = \"400ms\"\nkill_after = \"200ms\"\ncheck_interval = \"10ms\"");
    let mut random = Random::new();
    let mut servers = [apps.serve(), apps.serve()];
    apps.wait_for_servers(servers.len());
    let ((), asked) = under_load(&apps, &mut random, |random| {
        for round in 0..much(4, 40) {
            random.pass(300);
            freeze(&apps, &mut servers[round as usize % 2]);
        }
    });
    apps.finish(servers);
    nothing_went_wrong(&apps, &asked.accepted);
    some_ran_again(&apps);
}

/// A `git` whose first fetch does not end.
const GIT: &str = r#"#!/bin/sh
case "$*" in *" fetch "*) mkdir "$HOME/fetched" 2> /dev/null && exec sleep 1000 ;; esac
exec git "$@"
"#;

#[test]
fn an_engine_that_is_frozen_while_it_fetches_keeps_nobody_waiting_for_the_mirror() {
    let mut belt = Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"repo\"\n[services.web]\ndeploy = \"true\"\n",
    );
    belt.limits("lease = \"400ms\"\nkill_after = \"200ms\"");
    belt.repository("repo");
    let git = belt.write("bin/git", GIT.replace("exec git", &format!("PATH='{}' exec git", env!("PATH"))));
    std::fs::set_permissions(&git, std::fs::Permissions::from_mode(0o755)).unwrap();
    belt.set("PATH", &format!("{}:{}", git.parent().unwrap().display(), env!("PATH")));
    let first = belt.start(["redeploy"]);
    wait_until("it fetches", || belt.home().join("fetched").exists());
    while !stop(&belt, &first) {}
    belt.run(["redeploy", "--timeout", "30s"]).expect(0);
}

/// Freezes a server until another has taken over all that it ran.
fn freeze(apps: &Apps, server: &mut Running) {
    if !stop(&apps.belt, server) {
        return;
    }
    let claims = claims_of(apps, server);
    wait_until("another has taken over", || claims_of(apps, server) == "0\n");
    server.signal("CONT");
    if claims != "0\n" {
        server.until("the engine begins anew: the lease of this engine ran out");
        server.until("begins (");
    }
}

/// Stops an engine, unless it is in the middle of a write: then nobody else can write, so that nobody can take over either.
fn stop(belt: &Belt, engine: &Running) -> bool {
    engine.signal("STOP");
    let is_writing = sql(belt, "BEGIN IMMEDIATE; ROLLBACK").contains("locked");
    if is_writing {
        engine.signal("CONT");
    }
    !is_writing
}

/// How many apps a server's engine has claimed.
fn claims_of(apps: &Apps, server: &Running) -> String {
    let locks = apps.belt.store_files().join("locks/engines");
    let opened = std::fs::read_dir(format!("/proc/{}/fd", server.id())).unwrap();
    let opened = opened.filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok());
    let engines = opened.filter(|path| path.parent() == Some(&locks));
    let uids = engines.map(|path| format!("'{}'", Path::new(path.file_name().unwrap()).display()));
    let uids = uids.collect::<Vec<_>>().join(", ");
    apps.sql(&format!("SELECT COUNT(*) FROM claims WHERE engine_uid IN ({uids})"))
}
