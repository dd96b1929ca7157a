//! The same commands against `/v2` of a real `hookbelt serve`.

use crate::support::api::Served;
use crate::support::{Belt, Outcome};

/// A server with the app `shop (staging)`, which is `shop-staging` there, and somebody who talks to it.
struct Site {
    belt: Belt,
    served: Served,
    user: Belt,
}

impl Site {
    fn with_command(deploy: &str) -> Self {
        let belt = Belt::with_command(deploy);
        let served = Served::start(&belt, &[]);
        let user = Belt::new();
        user.config(&format!(
            "default_profile = \"there\"\n[profiles.there]\nbackend = \"workflow\"\nurl = \"http://{}/v2/\"\n\
             token = \"{}\"\n[limits]\npoll = \"10ms\"\npoll_most = \"50ms\"\n",
            served.redeploy.address, served.redeploy.token
        ));
        Self { belt, served, user }
    }

    /// Deploys, with this ref; it ends with this code.
    fn deploy(&self, reference: &str, code: i32) {
        self.belt.run(["redeploy", "--git-ref", reference]).expect(code);
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        let mut outcome = self.user.run(arguments);
        outcome.stderr = outcome.stderr.replace(&self.served.redeploy.address, "[HOST]");
        outcome.stdout = outcome.stdout.replace(&self.served.redeploy.address, "[HOST]");
        outcome
    }
}

#[test]
fn what_there_is_can_be_read() {
    let site = Site::with_command("echo hello; test $HOOKBELT_REF != bad");
    site.deploy("one", 0);
    site.deploy("bad", 1);
    insta::assert_snapshot!(site.run(&["apps", "list"]), @"
    shop-staging	production			there
    [exit 0]
    ");
    insta::assert_snapshot!(site.run(&["apps", "show", "-s", "shop"]), @"
    app         shop-staging (production)
    deploy API  http://[HOST]
    release     v1: ann deployed web, [TIME] [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(site.run(&["releases", "list", "-s", "shop-staging"]), @"
    v1	succeeded	ann deployed web		ann	[TIME] [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(site.run(&["releases", "list", "-s", "shop", "--all"]), @"
    v2	failed	ann deployed web		ann	[TIME] [TIME]
    v1	succeeded	ann deployed web		ann	[TIME] [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(site.run(&["releases", "show", "v2", "-s", "shop"]), @"
    release     v2
    app         shop-staging (production)
    state       failed
    summary     ann deployed web
    by          ann
    deployment  2
    started     [TIME]
    ended       [TIME]
    [exit 0]
    ");
    insta::assert_snapshot!(site.run(&["logs", "-s", "shop", "-n", "4"]), @"
    [TIME] hookbelt[api]: Deployment 2 started by ann: web (v2)
    [TIME] hookbelt[api]: web: deploy: echo hello; test $HOOKBELT_REF != bad
    [TIME] shop[web.v2]: hello
    [TIME] hookbelt[api]: Deployment 2 failed after [TIME]: web: deploy exited with 1
    [exit 0]
    ");
    insta::assert_snapshot!(site.run(&["redeploy", "-s", "shop", "-y"]), @"
    --- stderr
    error: profile there ([HOST]) knows no builds, and a redeploy is a new build there
    hint: if it is a `hookbelt serve`, sign in to it as one: `hookbelt login --backend server URL`
    [exit 2]
    ");
}

#[test]
fn a_rollback_is_waited_for_to_its_end() {
    let site = Site::with_command("echo $HOOKBELT_REF >> live; if test -e gate; then read go < gate; fi");
    site.deploy("one", 0);
    site.deploy("two", 0);
    let gate = site.belt.gate("gate");
    let mut running = site.user.start(["releases", "rollback", "-s", "shop", "-y"]);
    running.until("hookbelt[api]: Deployment 3 started");
    gate.open();
    let (code, said) = running.end();
    assert_eq!(code, 0, "{said}");
    assert!(said.ends_with("deployed shop-staging (production) v3"), "{said}");
    std::fs::remove_file(site.belt.work().join("gate")).unwrap();
    insta::assert_snapshot!(site.run(&["releases", "rollback", "v1", "-s", "shop", "-y"]), @"
    --- stderr
    error: shop-staging (production) is so already: redeploy-token changed nothing - release stopped
    [exit 3]
    ");
}

#[test]
fn a_rollback_that_fails_says_why() {
    let site = Site::with_command("test ! -e broken");
    site.deploy("one", 0);
    site.deploy("two", 0);
    site.belt.write("broken", "");
    let outcome = site.run(&["releases", "rollback", "v1", "-s", "shop", "-y"]).expect(1);
    assert!(
        outcome.stderr.contains("deployment 3 of shop-staging (production) failed: web: deploy exited with 1"),
        "{outcome}"
    );
}

#[test]
fn a_rollback_that_somebody_cancels_was_canceled() {
    let site = Site::with_command("if test -e gate; then read go < gate; fi");
    site.deploy("one", 0);
    site.deploy("two", 0);
    let _gate = site.belt.gate("gate");
    let mut running = site.user.start(["releases", "rollback", "-s", "shop", "-y"]);
    running.until("hookbelt[api]: Deployment 3 started");
    site.belt.run(["deployments", "cancel"]).expect(0);
    let (code, said) = running.end();
    assert_eq!(code, 8, "{said}");
    assert!(said.contains("error: deployment 3 of shop-staging (production) canceled: canceled by ann"), "{said}");
}

#[test]
fn who_may_only_read_is_refused() {
    let site = Site::with_command("true");
    site.deploy("one", 0);
    site.deploy("two", 0);
    let (address, token) = (&site.served.public.address, &site.served.public.token);
    let mut user = Belt::new();
    user.set("HOOKBELT_API_URL", &format!("http://{address}/v2/"));
    user.set("HOOKBELT_TOKEN", token);
    let outcome = user.run(["releases", "rollback", "v1", "-s", "shop", "-y"]).expect(4);
    assert!(outcome.stderr.contains("You do not have permission to perform this action."), "{outcome}");
}
