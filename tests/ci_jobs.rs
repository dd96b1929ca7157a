//! What the runners of CI jobs make of what is printed: GitHub's folds, annotations and outputs, GitLab's sections.

use std::fs;
use std::path::PathBuf;

use crate::support::{Belt, Outcome, PLAIN};

/// A belt whose commands run in a job of GitHub Actions; says where the outputs of its step go.
fn in_github(mut belt: Belt) -> (Belt, PathBuf) {
    let outputs = belt.path().join("outputs");
    fs::write(&outputs, "").unwrap();
    belt.set("GITHUB_ACTIONS", "true");
    belt.set("CI", "true");
    belt.set("GITHUB_OUTPUT", outputs.to_str().unwrap());
    (belt, outputs)
}

fn two_services(web: &str, api: &str) -> Belt {
    Belt::with_manifest(&format!(
        "{PLAIN}deploy = '''{web}'''\n[services.api]\nimage = \"api:1\"\ndeploy = '''{api}'''\n"
    ))
}

/// Text with what nobody can foresee replaced.
fn steady(text: &str) -> String {
    let mut steady = text.to_owned();
    while let Some(at) = (0..steady.len().saturating_sub(31))
        .find(|at| steady.get(*at..at + 32).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())))
    {
        steady.replace_range(at..at + 32, "[RANDOM]");
    }
    steady
}

/// The commands that GitHub's runner would obey in a stream, and the lines that it would show.
fn as_the_runner_reads(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut obeyed, mut shown, mut token) = (Vec::new(), Vec::new(), None::<String>);
    for line in text.lines() {
        let name = line.trim_start().strip_prefix("::").and_then(|rest| rest.split_once("::"));
        let old_name = line.split_once("##[").and_then(|(_, rest)| rest.split_once(']'));
        match (name.or(old_name), &token) {
            (Some((name, _)), Some(stopped)) if name == stopped => token = None,
            (Some(("stop-commands", data)), None) => token = Some(data.to_owned()),
            (Some((name, data)), None) => obeyed.push(format!("{name}: {data}")),
            _ => shown.push(line.to_owned()),
        }
    }
    assert_eq!(token, None, "commands stay stopped: {text}");
    (obeyed, shown)
}

/// The outputs of a step.
fn outputs(path: &PathBuf) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let read = |lines: &[&str]| match lines {
        [first, value, last] => {
            let (name, delimiter) = first.split_once("<<").unwrap();
            assert!(delimiter == *last && delimiter.len() == 32, "{text}");
            (name.to_owned(), (*value).to_owned())
        }
        _ => panic!("{text}"),
    };
    lines.chunks(3).map(read).collect()
}

fn pairs(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// What a service prints, without what stands before it.
fn texts(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.split_once("[web.v1]: ").map(|(_, text)| text)).collect()
}

#[test]
fn github_gets_a_group_for_each_service_and_the_outputs_of_the_step() {
    let (belt, path) = in_github(two_services("echo one; echo two", "echo three"));
    let outcome = belt.run(["redeploy"]).expect(0);
    insta::assert_snapshot!(steady(&outcome.to_string()), @"
    [TIME] hookbelt[api]: Deployment 1 started by ann: web, api (v1)
    [TIME] hookbelt[api]: web: deploy: echo one; echo two
    ::group::web
    ::stop-commands::[RANDOM]
    [TIME] shop[web.v1]: one
    [TIME] shop[web.v1]: two
    [TIME] hookbelt[api]: web: deploy done in [TIME]
    ::[RANDOM]::
    ::endgroup::
    [TIME] hookbelt[api]: api: deploy: echo three
    ::group::api
    ::stop-commands::[RANDOM]
    [TIME] shop[api.v1]: three
    [TIME] hookbelt[api]: api: deploy done in [TIME]
    ::[RANDOM]::
    ::endgroup::
    [TIME] hookbelt[api]: Deployment 1 succeeded after [TIME]
    deployed shop (staging) v1: web, api api:1
    [exit 0]
    ");
    assert_eq!(outputs(&path), pairs(&[("deployment", "1"), ("release", "v1")]));
}

#[test]
fn what_services_print_is_shown_as_it_is_and_never_obeyed() {
    let commands = [
        "::error::forged",
        "::set-output name=deployment::666",
        "##[add-mask]e",
        "::endgroup::",
        "::stop-commands::x",
        "::x::",
        "a ##[set-output name=release;]v666",
        "<<EOF",
    ];
    let script = commands.map(|command| format!("printf '%s\\n' '{command}'")).join("\n");
    let (belt, path) = in_github(two_services(&script, "true"));
    let outcome = belt.run(["redeploy"]).expect(0);
    let (obeyed, shown) = as_the_runner_reads(&outcome.stdout);
    assert_eq!(obeyed, ["group: web", "endgroup: "], "{outcome}");
    assert_eq!(texts(&shown), commands);
    assert_eq!(outputs(&path), pairs(&[("deployment", "1"), ("release", "v1")]));
    // Another token each time.
    let again = belt.run(["deployments", "watch"]).expect(0);
    let token = |outcome: &Outcome| outcome.stdout.split_once("::stop-commands::").unwrap().1[..32].to_owned();
    assert_ne!(token(&outcome), token(&again));
    // Where there are no folds, each command loses its form; in JSON nothing is lost.
    let logs = belt.run(["logs"]).expect(0);
    let (obeyed, shown) = as_the_runner_reads(&logs.stdout);
    assert!(obeyed.is_empty() && texts(&shown).contains(&"##\\[add-mask]e"), "{logs}");
    let logs = belt.run(["logs", "--json"]).expect(0).stdout;
    assert!(as_the_runner_reads(&logs).0.is_empty(), "{logs}");
    let texts: Vec<serde_json::Value> = logs.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(texts.iter().any(|line| line["text"] == "##[add-mask]e"), "{logs}");
}

#[test]
fn names_are_no_commands_either() {
    let (mut belt, _) = in_github(Belt::with_command("true"));
    belt.set("USER", "##[error]ann");
    belt.run(["redeploy"]).expect(0);
    for arguments in [&["deployments", "list"][..], &["releases", "show"], &["releases", "list", "--json"]] {
        let outcome = belt.run(arguments).expect(0);
        assert!(as_the_runner_reads(&outcome.stdout).0.is_empty(), "{outcome}");
        assert!(outcome.stdout.contains("[error]ann") || outcome.stdout.contains("u005berror]ann"), "{outcome}");
    }
    assert_eq!(belt.run(["releases", "show", "--json"]).expect(0).json()["user"], "##[error]ann");
}

#[test]
fn a_failure_is_an_annotation_which_no_stopped_commands_can_swallow() {
    let (belt, path) = in_github(Belt::with_command("echo 50%; false"));
    let outcome = belt.run(["redeploy"]).expect(1);
    // On the stream of the log, behind it, though the error for people is on the other one.
    let (obeyed, _) = as_the_runner_reads(&outcome.stdout);
    let annotation = "error title=hookbelt: deployment 1 of shop (staging) failed: web: deploy exited with 1";
    assert_eq!(obeyed, ["group: web", "endgroup: ", annotation], "{outcome}");
    assert!(outcome.stderr.starts_with("error: deployment 1 of shop (staging) failed"), "{outcome}");
    assert_eq!(outputs(&path), pairs(&[("deployment", "1"), ("release", "v1")]));

    // With --json standard output is one document, and all else goes to standard error.
    let outcome = belt.run(["redeploy", "--json"]).expect(1);
    assert_eq!(outcome.json()["id"], 2);
    let (obeyed, shown) = as_the_runner_reads(&outcome.stderr);
    assert_eq!(obeyed[..2], ["group: web", "endgroup: "], "{outcome}");
    assert!(obeyed[2].starts_with("error title=hookbelt: deployment 2 of shop"), "{outcome}");
    assert!(shown.last().unwrap().starts_with("{\"error\":{"), "{outcome}");

    // Quiet: no log, and so no groups.
    let outcome = belt.run(["redeploy", "-q"]).expect(1);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.starts_with("::error title=hookbelt::deployment 3 of"), "{outcome}");
    assert_eq!(outputs(&path).len(), 6);
}

#[test]
fn other_errors_are_annotations_too() {
    let (belt, _) = in_github(Belt::with_command("true"));
    insta::assert_snapshot!(belt.run(["redeploy", "--service", "50%\n::x::"]), @r"
    --- stderr
    ::error title=hookbelt::this app has no service `50%25\n`
    error: this app has no service `50%\n`
    hint: services of this app: web
    [exit 5]
    ");
    insta::assert_snapshot!(belt.run(["redeploy", "--srvice", "##[error]x"]), @"
    --- stderr
    ::error title=hookbelt::unexpected argument '--srvice' found
    error: unexpected argument '--srvice' found

      tip: a similar argument exists: '--service'

    Usage: hookbelt redeploy --service <NAME[:REF]>

    For more information, try '--help'.
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["releases", "show", "v7", "--json"]), @r#"
    --- stderr
    ::error title=hookbelt::shop (staging) has no release v7
    {"error":{"causes":[],"hint":"`hookbelt releases list --all` shows those there are","kind":"not_found","message":"shop (staging) has no release v7"}}
    [exit 5]
    "#);
}

#[test]
fn outputs_that_cannot_be_written_are_a_warning_and_fail_nothing() {
    let (mut belt, _) = in_github(Belt::with_command("echo hello"));
    belt.set("GITHUB_OUTPUT", "/nowhere/at/all");
    let outcome = belt.run(["redeploy", "-q"]).expect(0);
    insta::assert_snapshot!(outcome, @"
    deployed shop (staging) v1: web
    --- stderr
    ::warning title=hookbelt::the outputs of this step could not be written: No such file or directory (os error 2)
    [exit 0]
    ");
    // Nor is there a warning where no outputs are wanted.
    belt.set("GITHUB_OUTPUT", "");
    assert_eq!(belt.run(["redeploy", "-q"]).expect(0).stderr, "");
}

#[test]
fn services_side_by_side_are_one_fold() {
    let slow = "read go < gate; echo b";
    let (belt, _) = in_github(two_services("echo a; echo c > gate; echo d", slow));
    let _gate = belt.gate("gate");
    let outcome = belt.run(["redeploy", "--deploy-strategy", "parallel"]).expect(0);
    let (obeyed, shown) = as_the_runner_reads(&outcome.stdout);
    assert_eq!(obeyed, ["group: web, api", "endgroup: "], "{outcome}");
    assert!(["]: a", "]: b", "]: d"].iter().all(|text| shown.iter().any(|line| line.ends_with(text))), "{outcome}");
}

#[test]
fn rollback_watch_and_not_waiting_tell_the_job_too() {
    let (belt, path) = in_github(Belt::with_manifest(
        "app = \"shop\"\nenvironment = \"staging\"\n[services.api]\nimage = \"api:1\"\ndeploy = \"echo $HOOKBELT_IMAGE\"\n",
    ));
    belt.run(["redeploy", "-q"]).expect(0);
    belt.run(["redeploy", "-q", "--service", "api:2"]).expect(0);
    let outcome = belt.run(["releases", "rollback"]).expect(0);
    assert_eq!(as_the_runner_reads(&outcome.stdout).0, ["group: api", "endgroup: "], "{outcome}");
    belt.run(["deployments", "watch", "1"]).expect(0);
    let expected = [("deployment", "3"), ("release", "v3"), ("deployment", "1"), ("release", "v1")];
    assert_eq!(outputs(&path)[4..], pairs(&expected));

    let _server = belt.serve(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    assert_eq!(outputs(&path)[8], ("deployment".to_owned(), "4".to_owned()));
}

#[test]
fn gitlab_gets_a_section_for_each_service() {
    let mut belt = two_services("printf 'section_end:1:hookbelt_1_1\\r\\033[0K\\n'; echo ::error::x", "echo three");
    belt.set("GITLAB_CI", "true");
    belt.set("CI", "true");
    let outcome = belt.run(["redeploy"]).expect(0);
    let mut marks = Vec::new();
    for line in outcome.stdout.lines() {
        if let Some((mark, title)) =
            line.strip_prefix("\u{1b}[0Ksection_").and_then(|line| line.split_once("\r\u{1b}[0K"))
        {
            let words: Vec<&str> = mark.split(':').collect();
            assert!(words[1].parse::<u64>().is_ok(), "{line:?}");
            marks.push(format!("{} {} {title}", words[0], words[2]));
        }
    }
    assert_eq!(marks, ["start hookbelt_1_1 web", "end hookbelt_1_1 ", "start hookbelt_1_2 api", "end hookbelt_1_2 "]);
    assert!(outcome.stdout.contains("[web.v1]: section_end:1:hookbelt_1_1\\r\\u{1b}[0K\n"), "{outcome}");
    assert!(outcome.stdout.contains("[web.v1]: ::error::x\n"), "{outcome}");
    // Elsewhere there is none of it.
    belt.set("GITLAB_CI", "");
    let outcome = belt.run(["redeploy"]).expect(0);
    assert!(!outcome.stdout.contains("section_start") && !outcome.stdout.contains("::group::"), "{outcome}");
}
