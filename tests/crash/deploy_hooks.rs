//! The engine is killed while it deploys and sends deploy hooks.

use std::collections::HashSet;

use crate::crash::apps::sql;
use crate::crash::much;
use crate::crash::random::Random;
use crate::support::inbox::{Inbox, reply};
use crate::support::{Belt, PLAIN, wait_until};

#[test]
fn every_start_and_end_is_told_at_least_once_however_often_the_engine_is_killed() {
    // Every third request is left without an answer, so that kills come into the middle of attempts too.
    let inbox = Inbox::with(|number, stream| {
        if number % 3 > 0 {
            reply(stream, 200, "", "");
        }
    });
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"sleep 0.01\"\n[[deploy_hooks]]\nurl = \"{}\"\nevents = [\"started\", \"succeeded\", \"failed\"]\n",
        inbox.url()
    ));
    let often = format!("[{}]", vec!["\"20ms\""; 200].join(", "));
    belt.limits(&format!("kill_after = \"200ms\"\ndeploy_hook_retries = {often}"));
    let mut random = Random::new();
    for _ in 0..much(6, 60) {
        let server = belt.serve(&[]);
        for _ in 0..3 {
            belt.run(["redeploy", "--no-wait"]).expect(0);
        }
        random.pass(150);
        server.signal("KILL");
        server.end();
    }
    let _server = belt.serve(&[]);
    wait_until("everything is deployed", || {
        sql(&belt, "SELECT COUNT(*) FROM deployments WHERE state IN ('queued', 'running')").trim() == "0"
    });
    wait_until("everything has arrived", || {
        sql(&belt, "SELECT COUNT(*) FROM deliveries WHERE state <> 'delivered'").trim() == "0"
    });
    let ends = "SELECT 'release=v' || number FROM releases WHERE state = 'succeeded'
         UNION ALL SELECT 'event=failed&release=v' || number FROM releases WHERE state = 'failed'
         UNION ALL SELECT 'event=started&release=v' || number FROM releases";
    let due: HashSet<String> = sql(&belt, ends).lines().map(str::to_owned).collect();
    let came: HashSet<String> = inbox
        .rest()
        .iter()
        .map(|request| {
            let query = request.split("/?app=shop&").nth(1).unwrap();
            query.split("&release_summary=").next().unwrap().to_owned()
        })
        .collect();
    assert!(due.len() >= 2 * 3 * much(6, 60) as usize, "{}", due.len());
    assert_eq!(came, due);
    let twice = "SELECT COUNT(*) FROM deliveries GROUP BY deployment, event HAVING COUNT(*) > 1";
    assert_eq!(sql(&belt, twice), "", "each has one delivery");
}
