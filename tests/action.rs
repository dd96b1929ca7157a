//! The action in `action.yml`: its steps are run as a runner runs them, with a release in a folder.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::generated::root;
use crate::support::{Belt, HOOKBELT, Outcome, PLAIN};

const NAME: &str = concat!("hookbelt-", env!("CARGO_PKG_VERSION"), "-x86_64-unknown-linux-gnu");

/// A step of the action: its variables, each with the input that it gets, and what it runs.
#[derive(Default)]
struct Step {
    variables: Vec<(String, String)>,
    run: String,
}

/// The inputs with their defaults, and the steps. `action.yml` keeps to the plain YAML that this understands.
fn action() -> (HashMap<String, String>, Vec<Step>) {
    let text = fs::read_to_string(root("action.yml")).unwrap();
    let (mut inputs, mut steps) = (HashMap::new(), Vec::<Step>::new());
    let (mut section, mut input) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let depth = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim_start().trim_start_matches("- ").split_once(':') else {
            continue;
        };
        let value = value.trim();
        match (depth, section.as_str()) {
            (0, _) => key.clone_into(&mut section),
            (2, "inputs") => key.clone_into(&mut input),
            (4, "inputs") if key == "default" => drop(inputs.insert(input.clone(), value.trim_matches('"').to_owned())),
            (4, "inputs") => drop(inputs.entry(input.clone()).or_default()),
            (4, "runs") => steps.push(Step::default()),
            (6, "runs") if key == "run" => value.clone_into(&mut steps.last_mut().unwrap().run),
            (8, "runs") => {
                let named = value.strip_prefix("${{ inputs.").and_then(|value| value.strip_suffix(" }}"));
                let named = named.unwrap_or_else(|| panic!("{key} is not an input: {value}")).to_owned();
                steps.last_mut().unwrap().variables.push((key.to_owned(), named));
            }
            _ => {}
        }
    }
    (inputs, steps)
}

/// A runner, with a release of the program under test, and an app.
struct Runner {
    belt: Belt,
    release: PathBuf,
}

impl Runner {
    fn new() -> Self {
        let belt = Belt::with_manifest(&format!(
            "{PLAIN}deploy = \"echo ref=$HOOKBELT_REF.\"\n[services.api]\nimage = \"api:1\"\ndeploy = \"echo $HOOKBELT_IMAGE\"\n"
        ));
        let release = belt.path().join("release");
        fs::create_dir_all(release.join(NAME)).unwrap();
        fs::create_dir(belt.path().join("temp")).unwrap();
        let script = format!("#!/bin/sh\nexec '{HOOKBELT}' \"$@\"\n");
        fs::write(release.join(NAME).join("hookbelt"), script).unwrap();
        let pack = format!("chmod +x {NAME}/hookbelt; tar -czf {NAME}.tar.gz {NAME}; sha256sum *.tar.gz > SHA256SUMS");
        let packed = Command::new("sh").args(["-euc", &pack]).current_dir(&release).status().unwrap();
        assert!(packed.success());
        Self { belt, release }
    }

    /// Runs the action's steps until one fails; says how the last one ended, and the outputs.
    fn run(&self, given: &[(&str, &str)]) -> (Outcome, String) {
        let (mut inputs, steps) = action();
        let url = format!("file://{}", self.release.display());
        for (name, value) in
            [("download-url", url.as_str()), ("version", env!("CARGO_PKG_VERSION"))].iter().chain(given)
        {
            assert!(inputs.insert((*name).to_owned(), (*value).to_owned()).is_some(), "there is no input {name}");
        }
        let file = |name: &str| self.belt.path().join(name);
        let mut last = None;
        for name in ["path", "output"] {
            fs::write(file(name), "").unwrap();
        }
        for (number, step) in steps.iter().enumerate() {
            let script = file(&format!("step-{number}.sh"));
            fs::write(&script, &step.run).unwrap();
            let added = fs::read_to_string(file("path")).unwrap().lines().fold(String::new(), |mut path, line| {
                let _ = write!(path, "{line}:");
                path
            });
            let mut command = Command::new("bash");
            command.args(["--noprofile", "--norc", "-eo", "pipefail"]).arg(script).current_dir(self.belt.work());
            command.env_clear().env("PATH", format!("{added}{}", env!("PATH"))).env("HOME", self.belt.home());
            command.env("USER", "ann").env("CI", "true").env("GITHUB_ACTIONS", "true");
            command.env("GITHUB_ACTION_PATH", root("")).env("RUNNER_TEMP", file("temp"));
            command.env("GITHUB_PATH", file("path")).env("GITHUB_OUTPUT", file("output"));
            command.envs(step.variables.iter().map(|(name, input)| (name, &inputs[input])));
            let outcome = Outcome::of(command, self.belt.path());
            let failed = outcome.code != 0;
            last = Some(outcome);
            if failed {
                break;
            }
        }
        (last.unwrap(), fs::read_to_string(file("output")).unwrap())
    }
}

#[test]
fn the_action_installs_deploys_and_says_what_came_of_it() {
    let runner = Runner::new();
    let (outcome, outputs) =
        runner.run(&[("services", "web\n  api:2 ,"), ("environment", "staging"), ("timeout", "5m")]);
    let outcome = outcome.expect(0);
    assert!(outcome.stdout.contains("deployed shop (staging) v1: web, api api:2"), "{outcome}");
    assert!(outcome.stdout.contains("\n::group::web\n"), "{outcome}");
    let lines: Vec<&str> = outputs.lines().collect();
    assert!(
        lines.len() == 6 && lines[0].starts_with("deployment<<") && lines[1] == "1" && lines[4] == "v1",
        "{outputs}"
    );
}

#[test]
fn the_checksum_is_the_one_that_is_expected() {
    let runner = Runner::new();
    let good = fs::read_to_string(runner.release.join("SHA256SUMS")).unwrap()[..64].to_owned();
    runner.run(&[("sha256", &good)]).0.expect(0);
    let refused = "::error title=hookbelt::the checksum of the tarball is not the expected one\n";
    let (outcome, _) = runner.run(&[("sha256", &"0".repeat(64))]);
    assert!(outcome.expect(2).stdout.ends_with(refused));
    for sums in [format!("{}  {NAME}.tar.gz\n", "0".repeat(64)), format!("{good}  another.tar.gz\n"), String::new()] {
        fs::write(runner.release.join("SHA256SUMS"), &sums).unwrap();
        let (outcome, _) = runner.run(&[]);
        assert!(outcome.expect(2).stdout.ends_with(refused), "{sums}");
    }
}

#[test]
fn what_cannot_be_installed_is_said() {
    let runner = Runner::new();
    for (input, value, said) in [
        ("version", "", "version must be one such as 0.1.0"),
        ("version", "../../x", "version must be one such as 0.1.0"),
        ("version", "9.9.9", "hookbelt-9.9.9-x86_64-unknown-linux-gnu.tar.gz could not be downloaded"),
        ("download-url", "http://h", "download-url must begin with https:// or file://"),
        ("download-url", "-o/etc/passwd", "download-url must begin with https:// or file://"),
    ] {
        let (outcome, _) = runner.run(&[(input, value)]);
        let outcome = outcome.expect(2);
        assert_eq!(outcome.stdout, format!("::error title=hookbelt::{said}\n"), "{outcome}");
    }
}

#[test]
fn no_input_is_a_script_or_a_flag() {
    let runner = Runner::new();
    let (_, steps) = action();
    assert!(steps.iter().all(|step| step.run.starts_with("exec \"$GITHUB_ACTION_PATH/") && !step.run.contains("${{")));
    let nasty = "\"; touch forged; $(touch forged) `touch forged`";
    for input in ["services", "git-ref", "app", "environment", "manifest", "timeout"] {
        for value in [nasty, "--dry-run", "##[error]forged"] {
            let (outcome, outputs) = runner.run(&[(input, value)]);
            assert!((outcome.code == 2 || outcome.code == 5) && outputs.is_empty(), "{input}: {outcome}");
            assert!(!outcome.stderr.lines().any(|line| line.contains("##[") && !line.starts_with("::")), "{outcome}");
        }
    }
    assert!(!runner.belt.work().join("forged").exists());
}

#[test]
fn a_deployment_that_fails_fails_the_job() {
    let runner = Runner::new();
    runner.belt.write("hookbelt.toml", format!("{PLAIN}deploy = \"false\"\n"));
    let (outcome, outputs) = runner.run(&[]);
    assert!(outcome.expect(1).stdout.contains("::error title=hookbelt::deployment 1 of shop (staging) failed"));
    assert!(outputs.starts_with("deployment<<"), "{outputs}");
}
