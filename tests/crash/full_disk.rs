//! The store's disk is full for a while.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::crash::apps::{Apps, Code, sql};
use crate::crash::kill::NOBODY;
use crate::crash::load::under_load;
use crate::crash::much;
use crate::crash::proof::nothing_went_wrong;
use crate::crash::random::Random;
use crate::support::{Belt, wait_until};

/// Leaves no block and no file to anybody.
pub(super) const FILL: &str = "dd if=/dev/zero of=fill bs=4k; while : > fill.$((n += 1)); do :; done";

/// What SQLite and the system say.
const FULL: [&str; 2] = ["database or disk is full", "No space left on device"];

#[test]
fn a_disk_that_is_full_for_a_while_loses_nothing_that_was_accepted() {
    let mut belt = Belt::new();
    let _disk = Disk::mount(&mut belt);
    let apps = Apps::new(belt, Code::None);
    apps.belt.limits("lease = \"1s\"\nkill_after = \"200ms\"\ncheck_interval = \"10ms\"");
    let mut random = Random::new();
    let mut server = apps.serve();
    apps.wait_for_servers(1);
    let mut accepted = Vec::new();
    let ((), asked) = under_load(&apps, &mut random, |random| {
        for _ in 0..much(1, 15) {
            random.pass(1_000);
            empty_the_write_ahead_log(&apps.belt);
            beside_the_store(&apps.belt, FILL);
            server.until("the engine begins anew");
            let refused = apps.run("mail", &["redeploy"]).expect(1);
            assert!(is_of_the_full_disk(&refused.stderr), "{refused}");
            beside_the_store(&apps.belt, "rm fill*");
            wait_until("a deployment succeeds again", || {
                let outcome = apps.run("mail", &["redeploy", "--json"]);
                if outcome.stdout.is_empty() {
                    return false;
                }
                accepted.push(outcome.json()["id"].as_u64().unwrap());
                outcome.code == 0
            });
        }
    });
    apps.finish([server]);
    accepted.extend(asked.accepted);
    nothing_went_wrong(&apps, &accepted);
    for refused in asked.refused {
        let is_refused = refused.contains(NOBODY) || is_of_the_full_disk(&refused);
        assert!(is_refused || refused.contains("the lease of this engine ran out"), "{refused}");
    }
}

#[test]
fn a_deployment_waits_for_a_disk_that_is_full_for_less_than_its_lease() {
    let mut belt = Belt::with_command("echo one; read go < gate; seq 1 2000; echo two; touch ended");
    let gate = belt.gate("gate");
    let _disk = Disk::mount(&mut belt);
    let mut running = belt.start(["redeploy"]);
    running.until("shop[web.v1]: one");
    empty_the_write_ahead_log(&belt);
    beside_the_store(&belt, FILL);
    gate.open();
    wait_until("the command has ended", || belt.work().join("ended").exists());
    let refused = belt.run(["redeploy"]).expect(1);
    assert!(is_of_the_full_disk(&refused.stderr), "{refused}");
    beside_the_store(&belt, "rm fill*");
    let (code, printed) = running.end();
    assert_eq!(code, 0, "{printed}");
    let log = belt.run(["logs", "-n", "10000"]).expect(0).stdout;
    assert!(log.contains("shop[web.v1]: 2000\n") && log.contains("shop[web.v1]: two\n"), "{log}");
}

fn is_of_the_full_disk(said: &str) -> bool {
    FULL.iter().any(|full| said.contains(full))
}

/// SQLite can write to what it has of the disk already.
pub(super) fn empty_the_write_ahead_log(belt: &Belt) {
    wait_until("the write-ahead log is empty", || sql(belt, "PRAGMA wal_checkpoint(TRUNCATE)").ends_with("0|0|0\n"));
}

pub(super) fn beside_the_store(belt: &Belt, script: &str) {
    let script = format!("cd '{}'; {script}", belt.store().parent().unwrap().display());
    belt.program("sh").args(["-c", &script]).output().unwrap();
}

/// A small disk under the store, which only those have that are started within its name space. It goes with its holder.
pub(super) struct Disk(Child);

impl Disk {
    pub(super) fn mount(belt: &mut Belt) -> Self {
        let folder = belt.store().parent().unwrap().to_owned();
        std::fs::create_dir_all(&folder).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        let (unshare, nsenter): (&[&str], &[&str]) = if is_root {
            (&["--mount"], &["--mount"])
        } else {
            (&["--mount", "--user", "--map-root-user"], &["--mount", "--user", "--preserve-credentials"])
        };
        let mount = "mount -t tmpfs -o size=8m,nr_inodes=200,mode=700 none \"$0\" && echo mounted && exec sleep 1000";
        let mut command = Command::new("unshare");
        command.args(unshare).args(["sh", "-c", mount]).arg(&folder);
        let mut holder = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        let mut disk = Self(holder);
        if said != "mounted\n" {
            disk.0.stderr.as_mut().unwrap().read_to_string(&mut said).unwrap();
            panic!(
                "run this test as root, or allow name spaces to everybody; a small disk could not be mounted: {said}"
            );
        }
        let (holder, folder) = (disk.0.id().to_string(), format!("--chdir={}", belt.work().display()));
        let words = [&["nsenter", "--target", &holder], nsenter, &["--", "env", &folder]].concat();
        let words = words.into_iter().map(str::to_owned).collect();
        belt.start_within(words);
        disk
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
