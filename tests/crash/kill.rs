//! The engine is killed.

use crate::crash::apps::{Apps, Code};
use crate::crash::load::under_load;
use crate::crash::much;
use crate::crash::proof::{nothing_went_wrong, some_ran_again};
use crate::crash::random::Random;
use crate::support::Belt;

/// What is said to those who do not want to wait while no server is there.
pub(super) const NOBODY: &str = "so its deployment lives in this command";

#[test]
fn an_engine_that_is_killed_again_and_again_loses_nothing_and_runs_nothing_twice() {
    let apps = Apps::new(Belt::new(), Code::Git);
    apps.belt.limits("kill_after = \"200ms\"\ncheck_interval = \"10ms\"");
    let mut random = Random::new();
    let (server, asked) = under_load(&apps, &mut random, |random| {
        for _ in 0..much(8, 100) {
            let server = apps.serve();
            let is_lucky = random.below(8) == 0;
            random.pass(if is_lucky { 2_000 } else { 500 });
            server.signal("KILL");
            server.end();
            random.pass(50);
        }
        apps.serve()
    });
    apps.finish([server]);
    nothing_went_wrong(&apps, &asked.accepted);
    some_ran_again(&apps);
    for refused in asked.refused {
        assert!(refused.contains(NOBODY), "{refused}");
    }
}
