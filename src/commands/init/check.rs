//! Whether what a manifest needs is there.

use std::process::{Command, Stdio};

use serde::Serialize;

use crate::config::manifest::Manifest;
use crate::context::Context;
use crate::domain::causes::with_causes;
use crate::domain::git_ref::short;
use crate::domain::git_url::without_credentials;
use crate::domain::service::{Checkout, Service, Source};
use crate::engine::{Cancel, Sources, hook_secret, read_secret};
use crate::error::{Error, Kind};
use crate::output::Row;

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    subject: String,
    ok: bool,
    detail: String,
}

impl Finding {
    fn of(subject: impl Into<String>, looked: Result<String, String>) -> Self {
        let ok = looked.is_ok();
        let detail = looked.unwrap_or_else(|problem| problem);
        Self { subject: subject.into(), ok, detail }
    }
}

impl Row<3> for Finding {
    const HEADERS: [&'static str; 3] = ["WHAT", "RESULT", "DETAIL"];
    fn cells(&self) -> [String; 3] {
        let result = if self.ok { "ok" } else { "problem" };
        [self.subject.clone(), result.to_owned(), self.detail.clone()]
    }
}

pub(super) async fn run(context: &Context) -> Result<(), Error> {
    let Some(manifest) = context.local_manifest()? else {
        return Err(Error::new(Kind::Usage, "there is no manifest of that app here or above")
            .with_hint("name it with `-m FILE`"));
    };
    let app = &manifest.app;
    let summary = format!("{}, {}", app.identity, counted(app.services.len(), "service"));
    let mut findings = vec![Finding::of("manifest", Ok(summary))];
    findings.extend(secrets(&manifest, context));
    findings.extend(sources(&manifest, context).await?);
    findings.extend(app.services.iter().flat_map(programs));
    context.output().list(&findings, "")?;
    let problems = findings.iter().filter(|finding| !finding.ok).count();
    if problems == 0 {
        return Ok(());
    }
    Err(Error::new(Kind::Failed, format!("{} found in {}", counted(problems, "problem"), manifest.path.display())))
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn secrets(manifest: &Manifest, context: &Context) -> Vec<Finding> {
    let looked = |hook| match hook_secret(hook, context.variables()) {
        Ok(Some(_)) => Ok("its secret is there".to_owned()),
        Ok(None) => Ok("without a secret: it is not signed".to_owned()),
        Err(error) => Err(with_causes(&error)),
    };
    let hooks = manifest.app.deploy_hooks.iter();
    let hooks = hooks.map(|hook| Finding::of(format!("deploy hook {}", hook.receiver), looked(hook)));
    let redeployment = manifest.app.redeployment_hook.secrets.iter().map(|source| {
        let read = read_secret(source, context.variables());
        let looked = read.map(|_| "its secret is there".to_owned()).map_err(|error| with_causes(&error));
        Finding::of("redeployment hook".to_owned(), looked)
    });
    hooks.chain(redeployment).collect()
}

/// Asks each remote for its branch; Git is not asked about services without a checkout.
async fn sources(manifest: &Manifest, context: &Context) -> Result<Vec<Finding>, Error> {
    let (limits, cancel) = (context.limits()?, Cancel::default());
    let sources = Sources::for_probing(context.variables(), &limits, &cancel);
    let mut findings = Vec::new();
    for service in &manifest.app.services {
        if let Source::Git(source) = &service.source
            && source.checkout != Checkout::None
            && let Some(repository) = &source.repository
        {
            let looked = sources.probe(repository, source.branch.as_deref()).await;
            let branch = source.branch.as_deref().unwrap_or("HEAD");
            let named = |sha: String| format!("{branch} of {} is {}", without_credentials(repository), short(&sha));
            findings.push(Finding::of(
                format!("{}: source", service.name),
                looked.map(named).map_err(|error| with_causes(&error)),
            ));
        }
    }
    Ok(findings)
}

/// Each command must be a sound script, and the program it begins with must be there.
fn programs(service: &Service) -> Vec<Finding> {
    let looked = |command: &str| {
        ask_shell(&["-n", "-c", command])?;
        match first_program(command) {
            Some(program) => ask_shell(&[
                "-c",
                "command -v \"$1\" || { echo \"$1: not found on PATH\" >&2; exit 1; }",
                "sh",
                program,
            ]),
            None => Ok("a script".to_owned()),
        }
    };
    service
        .commands
        .steps()
        .map(|(step, command)| Finding::of(format!("{}: {}", service.name, step.key()), looked(command)))
        .collect()
}

/// The program that a command begins with, if it is plainly one: no path of a checkout, no expansion, no assignment.
fn first_program(command: &str) -> Option<&str> {
    let word = command.split_whitespace().next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+');
    let in_checkout = word.contains('/') && !word.starts_with('/');
    (word.chars().all(plain) && !in_checkout && !word.starts_with('-')).then_some(word)
}

/// What the shell says, on one line.
fn ask_shell(arguments: &[&str]) -> Result<String, String> {
    let asked =
        Command::new("/bin/sh").args(arguments).stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    let one_line = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().replace('\n', "; ");
    if asked.status.success() { Ok(one_line(&asked.stdout)) } else { Err(one_line(&asked.stderr)) }
}

#[cfg(test)]
mod tests {
    use super::first_program;

    #[test]
    fn only_a_plain_program_is_looked_for() {
        let cases = [
            ("docker compose up", Some("docker")),
            ("  /usr/bin/true", Some("/usr/bin/true")),
            ("./deploy.sh", None),
            ("bin/deploy", None),
            ("$TOOL run", None),
            ("A=1 make", None),
            ("(cd x && make)", None),
            ("\"my tool\" x", None),
        ];
        for (command, program) in cases {
            assert_eq!(first_program(command), program, "{command}");
        }
    }
}
