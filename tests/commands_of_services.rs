//! What a service's commands get, how long they may take, and what becomes of what they start.

use std::fs;
use std::process::Command;

use crate::support::{Belt, PLAIN};

#[test]
fn commands_get_their_environment_and_no_more() {
    let mut belt = Belt::with_manifest(
        r#"
app = "My Shop"
environment = "Pre Prod"
[source]
git = "repo"
branch = "main"
[services.web]
deploy = "env | sort > $OUT/git.env; pwd > $OUT/git.pwd"
env = { RAILS_ENV = "production", OUT = "OUTFOLDER" }
pass_env = ["KUBECONFIG", "NOT_SET"]
[services.api]
image = "api:v1"
deploy = "env | sort > image.env; pwd > image.pwd"
"#,
    );
    let manifest = belt.read("hookbelt.toml").replace("OUTFOLDER", belt.work().to_str().unwrap());
    belt.write("hookbelt.toml", manifest);
    let sha = belt.repository("repo");
    belt.set("KUBECONFIG", "/etc/kube");
    belt.set("HOOKBELT_SECRET", "hunter2");
    belt.set("GITHUB_TOKEN", "hunter2");
    belt.run(["redeploy"]).expect(0);
    let names = |file: &str| -> Vec<String> {
        let own = ["_", "PWD", "OLDPWD", "SHLVL"];
        let names = belt.read(file).lines().map(|line| line.split('=').next().unwrap().to_owned()).collect::<Vec<_>>();
        names.into_iter().filter(|name| !own.contains(&name.as_str())).collect()
    };
    let common = [
        "COMPOSE_PROJECT_NAME",
        "HOME",
        "HOOKBELT_APP",
        "HOOKBELT_ATTEMPT",
        "HOOKBELT_BRANCH",
        "HOOKBELT_DEPLOYMENT",
        "HOOKBELT_ENVIRONMENT",
        "HOOKBELT_IMAGE",
        "HOOKBELT_PAYLOAD_FILE",
        "HOOKBELT_REF",
        "HOOKBELT_RELEASE",
        "HOOKBELT_SERVICE",
        "HOOKBELT_SHA",
        "HOOKBELT_TRIGGER",
        "HOOKBELT_USER",
        "PATH",
        "TZ",
        "USER",
    ];
    assert_eq!(names("image.env"), common);
    let mut of_git: Vec<&str> = common.to_vec();
    of_git.extend(["KUBECONFIG", "OUT", "RAILS_ENV"]);
    of_git.sort_unstable();
    assert_eq!(names("git.env"), of_git);
    let environment = belt.read("git.env");
    for line in [
        "COMPOSE_PROJECT_NAME=my-shop-pre-prod",
        "HOOKBELT_APP=My Shop",
        "HOOKBELT_ATTEMPT=1",
        "HOOKBELT_BRANCH=main",
        "HOOKBELT_DEPLOYMENT=1",
        "HOOKBELT_ENVIRONMENT=Pre Prod",
        "HOOKBELT_IMAGE=",
        "HOOKBELT_RELEASE=v1",
        "HOOKBELT_SERVICE=web",
        &format!("HOOKBELT_SHA={sha}"),
        "HOOKBELT_TRIGGER=command",
        "HOOKBELT_USER=ann",
        "KUBECONFIG=/etc/kube",
        "RAILS_ENV=production",
    ] {
        assert!(environment.lines().any(|found| found == line), "{line} in {environment}");
    }
    assert!(belt.read("image.env").contains("HOOKBELT_IMAGE=api:v1\n"));
    assert!(belt.read("git.pwd").starts_with(belt.store_files().join("checkouts").to_str().unwrap()));
    assert_eq!(belt.read("image.pwd").trim(), belt.work().to_str().unwrap());
}

#[test]
fn without_a_checkout_git_is_never_run() {
    let mut belt = Belt::with_command("echo \"sha=$HOOKBELT_SHA\"");
    let bin = belt.path().join("bin");
    fs::create_dir(&bin).unwrap();
    belt.set("PATH", bin.to_str().unwrap());
    let outcome = belt.run(["redeploy"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v1]: sha=\n"), "{outcome}");
    let sha = "0123456789012345678901234567890123456789";
    let outcome = belt.run(["redeploy", "--git-ref", sha]).expect(0);
    assert!(outcome.stdout.contains(&format!("sha={sha}")), "{outcome}");
    let outcome = belt.run(["redeploy", "--git-ref", "main"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v3]: sha=\n"), "{outcome}");
}

#[test]
fn a_command_that_hangs_is_ended_with_all_it_started() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}timeout = \"500ms\"\ndeploy = '''\ntrap '' TERM\nsh -c \"trap '' TERM; echo \\$\\$ > inner; exec sleep 1000\" &\nwait; wait\n'''\n"
    ));
    belt.limits("kill_after = \"200ms\"");
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(outcome.stderr.contains("web: deploy did not end within the service's timeout of [TIME]"), "{outcome}");
    assert!(!lives(belt.read("inner").trim()));
}

fn lives(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

#[test]
fn what_is_left_in_the_background_lives_on_and_the_log_names_it() {
    let belt = Belt::with_command(
        "{ read go < gate; yes | head -c 300000; echo survived > proof; } & echo $! > pid; echo started",
    );
    let gate = belt.gate("gate");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert!(outcome.stdout.contains("shop[web.v1]: started"), "{outcome}");
    assert!(outcome.stdout.contains("web: deploy left running in the background: sh (pid "), "{outcome}");
    assert!(lives(belt.read("pid").trim()));
    let proof = belt.gate("proof");
    gate.open();
    assert_eq!(proof.wait(), "survived\n");
}

#[test]
fn a_command_whose_background_prints_for_ever_comes_to_its_end() {
    let belt = Belt::with_command("yes & echo $! > pid; seq 3000; exit 0");
    belt.run(["redeploy", "-q", "--timeout", "30s"]).expect(0);
    assert!(Command::new("kill").arg(belt.read("pid").trim()).status().unwrap().success());
}

#[test]
fn a_check_is_tried_until_it_passes() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"echo up\"\ncheck = '''echo try >> tries; echo not yet; test $(wc -l < tries) -ge 3'''\n"
    ));
    belt.limits("check_interval = \"20ms\"");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert_eq!(belt.read("tries").lines().count(), 3);
    assert!(outcome.stdout.contains("web: check exited with 1; trying again until it passes"), "{outcome}");
    assert_eq!(
        outcome.stdout.matches("not yet").count() - outcome.stdout.matches("echo not yet").count(),
        2,
        "{outcome}"
    );
}

#[test]
fn a_check_that_never_passes_fails_the_deployment_at_the_time_limit() {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"true\"\ncheck = \"echo still down; false\"\ntimeout = \"300ms\"\n"
    ));
    belt.limits("check_interval = \"50ms\"");
    let outcome = belt.run(["redeploy"]).expect(1);
    assert!(outcome.stderr.contains("web: check did not pass within the service's timeout of [TIME]"), "{outcome}");
}

#[test]
fn binary_output_and_escape_sequences_cannot_reach_the_terminal() {
    let belt = Belt::with_command(r"printf 'a\377b\000c\033[2J\033]0;title\007\033[31mred\033[0m\tTab\rback\n'");
    let outcome = belt.run(["redeploy", "--color", "always"]).expect(0);
    let line = outcome.stdout.lines().find(|line| line.contains("title") && line.contains("shop[web.v1]")).unwrap();
    assert!(
        line.ends_with("a\u{fffd}b\\u{0}c\\u{1b}[2J\\u{1b}]0;title\\u{7}\u{1b}[31mred\u{1b}[0m\tTab\\rback\u{1b}[0m"),
        "{line:?}"
    );
    let plain = belt.run(["logs", "--color", "never"]).expect(0);
    assert!(!plain.stdout.contains('\u{1b}'), "{plain}");
    let json = belt.run(["logs", "--json"]).expect(0);
    assert!(json.stdout.contains("\\u001b[31mred"), "{json}");
}

#[test]
fn a_long_line_and_a_last_line_without_an_end_are_kept() {
    let belt = Belt::with_command("head -c 200000 /dev/zero | tr '\\0' x; printf '\\nno newline'");
    belt.run(["redeploy", "-q"]).expect(0);
    let log = belt.run(["logs"]).expect(0);
    let pieces = log.stdout.lines().filter(|line| line.contains("]: xxx")).count();
    assert_eq!(pieces, 4);
    assert!(log.stdout.contains("shop[web.v1]: no newline\n"), "{}", log.stdout.len());
}

#[test]
fn running_out_of_time_cancels_and_exits_with_7() {
    let belt = Belt::with_command("trap 'echo ended > ended; exit 1' TERM; read go < gate & wait");
    belt.gate("gate");
    let outcome = belt.run(["redeploy", "--timeout", "300ms"]).expect(7);
    assert!(outcome.stderr.contains("time is up: canceling the deployment"), "{outcome}");
    assert_eq!(belt.read("ended"), "ended\n");
    insta::assert_snapshot!(belt.run(["deployments", "show"]), @"
    deployment  1
    app         shop (staging)
    state       canceled
    asked for   [TIME] by ann (command)
    reason      its time was up
    release     v1
    started     [TIME]
    ended       [TIME]
    took        [TIME]
    service     web canceled
    [exit 0]
    ");
}

#[test]
fn a_signal_cancels_and_exits_with_130() {
    for signal in ["INT", "TERM", "HUP"] {
        let belt = Belt::with_command("echo $$ > pid; read go < gate");
        belt.gate("gate");
        let mut running = belt.start(["redeploy"]);
        running.until("web: deploy:");
        running.signal(signal);
        let (code, printed) = running.end();
        assert_eq!(code, 130, "{printed}");
        assert!(printed.contains("interrupted: canceling the deployment"), "{printed}");
        let shown = belt.run(["deployments", "show", "--json"]).json();
        assert_eq!(shown["state"], "canceled");
        assert_eq!(shown["services"][0]["state"], "canceled");
    }
}

#[test]
fn a_waiting_deployment_that_is_interrupted_leaves_the_queue() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut first = belt.start(["redeploy"]);
    first.until("web: deploy:");
    let mut second = belt.start(["redeploy"]);
    second.until("waits for deployment 1");
    second.signal("INT");
    let (code, printed) = second.end();
    assert_eq!(code, 130, "{printed}");
    gate.open();
    assert_eq!(first.end().0, 0);
    let shown = belt.run(["deployments", "show", "2", "--json"]).json();
    assert_eq!(shown["state"], "canceled");
    assert_eq!(shown["release"], serde_json::Value::Null);
}

#[test]
fn standard_input_is_empty_for_commands() {
    let belt = Belt::with_command("cat; echo done");
    let mut command = belt.command(["redeploy"]);
    command.stdin(std::process::Stdio::piped());
    let output = command.output().unwrap();
    assert!(output.status.success());
}

#[test]
fn two_apps_deploy_side_by_side() {
    let belt = Belt::with_command("echo here > meet; read go < gate");
    let (meet, gate) = (belt.gate("meet"), belt.gate("gate"));
    let other = format!("{PLAIN}deploy = \"true\"\n").replace("shop", "other");
    belt.write("other.toml", other);
    let first = belt.start(["redeploy"]);
    assert_eq!(meet.wait(), "here\n");
    belt.run(["redeploy", "-m", "other.toml"]).expect(0);
    gate.open();
    assert_eq!(first.end().0, 0);
}
