//! Every document that `--json` writes fits its schema in `docs/json`, and `docs/json.md` describes them all.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use boon::{Compiler, Draft, Schemas};
use serde_json::Value;

use crate::generated::{part_in_step, root};
use crate::git_hosts::documents::webhooks;
use crate::support::listening::{Listening, request, send, signature};
use crate::support::{Belt, Outcome, PLAIN, Running};

/// What commands write: the command, its schema, and when it is that one.
const DOCUMENTS: [(&str, &str, &str); 48] = [
    ("redeploy", "deployment", "at the end; with `--no-wait` at once"),
    ("redeploy", "plan", "with `--dry-run`"),
    ("redeploy", "posted", "with the URL of a redeployment hook"),
    ("redeploy", "request", "with that and `--dry-run`"),
    ("settings list", "settings", ""),
    ("settings get", "setting", ""),
    ("settings set", "setting", ""),
    ("logs", "log-line", "a line each"),
    ("apps list", "apps", ""),
    ("apps show", "app", ""),
    ("deployments list", "deployments", ""),
    ("deployments show", "deployment", ""),
    ("deployments watch", "deployment", "at the end"),
    ("deployments cancel", "deployment", ""),
    ("releases list", "releases", ""),
    ("releases show", "release-details", ""),
    ("releases rollback", "deployment", "at the end; with `--no-wait` at once"),
    ("releases rollback", "rollback-plan", "with `--dry-run`"),
    ("serve", "event", "on standard error, a line each"),
    ("tokens create", "token", ""),
    ("tokens list", "tokens", ""),
    ("tokens revoke", "revoked-token", ""),
    ("login", "signed-in", ""),
    ("logout", "profile", ""),
    ("profiles list", "profiles", ""),
    ("profiles show", "values", ""),
    ("profiles use", "profile", ""),
    ("profiles remove", "profile", ""),
    ("hooks add", "added-webhook", ""),
    ("hooks add", "webhook-requests", "with `--dry-run`"),
    ("hooks add", "webhook-by-hand", "of a `generic` host"),
    ("hooks list", "webhooks", ""),
    ("hooks remove", "removed-webhooks", ""),
    ("hooks check", "webhook-check", ""),
    ("hooks ping", "pinged-webhook", ""),
    ("hooks catch-up", "redeliveries", ""),
    ("hooks url", "hook-url", ""),
    ("hooks sign", "signed", ""),
    ("hooks verify", "verdict", ""),
    ("hooks verify", "refused-line", "with `--batch`, a line each for what is refused"),
    ("hooks deliveries", "deliveries", ""),
    ("hooks deliveries show", "delivery-details", ""),
    ("hooks redeliver", "deliveries", "how they stand after it"),
    ("hooks send", "sent", ""),
    ("hooks listen", "received", "a line each"),
    ("init", "manifest", ""),
    ("init", "findings", "with `--check`"),
    ("any command", "error", "on standard error, the last line, when the exit code is not 0"),
];

/// What these print is text, whatever is asked for.
const TEXT: [&str; 3] = ["completions", "man", "help"];

/// The names of the schemas.
fn schemas() -> Vec<String> {
    let files = fs::read_dir(root("docs/json")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files.map(|name| name.strip_suffix(".schema.json").unwrap().to_owned()).collect();
    names.sort();
    names
}

fn read(schema: &str) -> Value {
    let text = fs::read_to_string(root(&format!("docs/json/{schema}.schema.json"))).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{schema}: {error}"))
}

/// Why a document does not fit a schema.
fn misfit(schema: &str, document: &Value) -> Option<String> {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.set_default_draft(Draft::V2020_12);
    compiler.enable_format_assertions();
    let path = root(&format!("docs/json/{schema}.schema.json"));
    let index = compiler.compile(path.to_str().unwrap(), &mut schemas).unwrap();
    schemas.validate(document, index).err().map(|error| format!("{error:#}\n{document:#}"))
}

/// Documents that were seen, and what they were seen to be.
#[derive(Default)]
pub(crate) struct Seen(BTreeSet<(String, String)>);

impl Seen {
    pub(crate) fn document(&mut self, command: &str, schema: &str, document: &Value) {
        if let Some(misfit) = misfit(schema, document) {
            panic!("{command} --json: {misfit}");
        }
        self.0.insert((command.to_owned(), schema.to_owned()));
    }

    /// Runs a command, and looks at what it writes.
    pub(crate) fn run(&mut self, belt: &Belt, line: &str, schema: &str, code: i32) -> Outcome {
        let outcome = belt.run(line.split(' ').chain(["--json"])).expect(code);
        let words: Vec<&str> = line.split(' ').collect();
        let first = |count: usize| words[..words.len().min(count)].join(" ");
        let command = [first(3), first(2)].into_iter().find(|words| is_documented(words));
        let command = command.as_deref().unwrap_or(words[0]);
        if schema.ends_with("-line") {
            for line in outcome.stdout.lines() {
                self.document(command, schema, &serde_json::from_str(line).unwrap());
            }
        } else if !schema.is_empty() {
            self.document(command, schema, &outcome.json());
        }
        if code != 0 {
            let last = outcome.stderr.lines().last().unwrap();
            self.document("any command", "error", &serde_json::from_str(last).unwrap());
        }
        outcome
    }
}

fn is_documented(command: &str) -> bool {
    DOCUMENTS.iter().any(|(documented, _, _)| *documented == command)
}

/// The commands that do something, by their words.
fn commands(tree: &clap::Command, words: &str, found: &mut Vec<String>) {
    for child in tree.get_subcommands().filter(|child| !child.is_hide_set()) {
        let words = format!("{words} {}", child.get_name()).trim_start().to_owned();
        if child.has_subcommands() { commands(child, &words, found) } else { found.push(words) }
    }
}

#[test]
fn every_command_is_documented() {
    let mut found = Vec::new();
    commands(&hookbelt::command(), "", &mut found);
    for command in &found {
        assert!(
            is_documented(command) || TEXT.contains(&command.as_str()),
            "`{command} --json` needs a schema in docs/json, and a line in DOCUMENTS"
        );
    }
    let mut used: Vec<&str> = DOCUMENTS.iter().map(|(_, schema, _)| *schema).collect();
    used.extend(["release", "delivery"]); // Parts of others.
    used.sort_unstable();
    used.dedup();
    assert_eq!(used, schemas());
}

#[test]
fn schemas_are_schemas_and_leave_nothing_open() {
    let meta = "https://json-schema.org/draft/2020-12/schema";
    for name in schemas() {
        let schema = read(&name);
        assert_eq!(schema["$schema"], meta, "{name}");
        closed(&name, &schema);
        // Compiling it holds it against the schema of schemas, and finds what it refers to.
        assert!(misfit(&name, &Value::Bool(true)).is_some(), "{name} takes anything");
    }
}

/// Fails if a schema of objects takes properties that it does not name.
fn closed(name: &str, schema: &Value) {
    if schema["type"] == "object" {
        assert_eq!(schema["additionalProperties"], false, "{name}: {schema}");
        for (property, schema) in schema["properties"].as_object().unwrap() {
            assert!(schema["description"].is_string(), "{name} does not say what `{property}` is");
        }
    }
    let inner = schema.as_object().into_iter().flat_map(serde_json::Map::values);
    inner.chain(schema.as_array().into_iter().flatten()).for_each(|schema| closed(name, schema));
}

#[test]
fn a_field_that_no_schema_names_is_found() {
    let belt = Belt::with_command("true");
    let mut deployment = belt.run(["redeploy", "--json"]).expect(0).json();
    assert_eq!(misfit("deployment", &deployment), None);
    deployment["services"][0]["new"] = 1.into();
    assert!(misfit("deployment", &deployment).unwrap().contains("new"));
}

#[test]
fn what_the_program_writes_fits_the_schemas() {
    let mut seen = Seen::default();
    deployments(&mut seen);
    hooks(&mut seen);
    webhooks(&mut seen);
    serving(&mut seen);
    let missing: Vec<_> = DOCUMENTS
        .iter()
        .filter(|(command, schema, _)| !seen.0.contains(&((*command).to_owned(), (*schema).to_owned())))
        .collect();
    assert!(missing.is_empty(), "no test has seen {missing:?}");
}

fn deployments(seen: &mut Seen) {
    let belt = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"echo hello\"\n[services.api]\nimage = \"api:1\"\ndeploy = \"echo $HOOKBELT_IMAGE\"\n"
    ));
    seen.run(&belt, "apps list", "apps", 0);
    seen.run(&belt, "redeploy --dry-run --service web", "plan", 0);
    seen.run(&belt, "redeploy --service nothing", "", 5);
    seen.run(&belt, "redeploy", "deployment", 0);
    seen.run(&belt, "redeploy --service api:2", "deployment", 0);
    seen.run(&belt, "releases rollback --dry-run", "rollback-plan", 0);
    seen.run(&belt, "releases rollback", "deployment", 0);
    for line in ["deployments show 1", "deployments watch 2"] {
        seen.run(&belt, line, "deployment", 0);
    }
    seen.run(&belt, "deployments list", "deployments", 0);
    seen.run(&belt, "releases list", "releases", 0);
    seen.run(&belt, "releases show", "release-details", 0);
    seen.run(&belt, "apps list", "apps", 0);
    seen.run(&belt, "apps show", "app", 0);
    seen.run(&belt, "logs", "log-line", 0);
    seen.run(&belt, "settings list", "settings", 0);
    seen.run(&belt, "settings set deploy.paused true", "setting", 0);
    seen.run(&belt, "settings get deploy.paused", "setting", 0);
    seen.run(&belt, "init --check", "findings", 0);
    seen.run(&belt, "tokens create ci", "token", 0);
    seen.run(&belt, "tokens list", "tokens", 0);
    seen.run(&belt, "tokens revoke ci", "revoked-token", 0);
    seen.run(&belt, "logs --nonsense", "", 2);

    let failing = Belt::with_command("false");
    seen.run(&failing, "redeploy", "deployment", 1);
    seen.run(&failing, "releases list --all", "releases", 0);
    let repository = Belt::new();
    repository.repository(".");
    repository.git(".", &["remote", "add", "origin", "https://github.com/acme/shop.git"]);
    seen.run(&repository, "init", "manifest", 0);
}

fn hooks(seen: &mut Seen) {
    let mut belt = Belt::with_command("true");
    seen.run(&belt, "hooks url", "hook-url", 0);
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let url = "http://deis.rocks?app=shop&release=v4&sha=35b3726";
    seen.run(&belt, &format!("hooks sign {url}"), "signed", 0);
    seen.run(&belt, &format!("hooks sign --curl {url}"), "signed", 0);
    let signed = signature(url);
    seen.run(&belt, &format!("hooks verify {url} --signature {signed}"), "verdict", 0);
    seen.run(&belt, &format!("hooks verify {url}/ --signature {signed}"), "verdict", 1);
    seen.run(&belt, &format!("hooks verify {url} --signature {}", "0".repeat(40)), "verdict", 1);
    belt.write("batch", format!("{url}\t{signed}\n{url}/\t{signed}\n"));
    seen.run(&belt, "hooks verify --batch batch", "refused-line", 1);

    let told = Belt::with_manifest(&format!(
        "{PLAIN}deploy = \"true\"\n[[deploy_hooks]]\nurl = \"http://127.0.0.1:1\"\nevents = [\"succeeded\", \"started\"]\n"
    ));
    told.run(["redeploy"]).expect(0);
    seen.run(&told, "hooks deliveries", "deliveries", 0);
    seen.run(&told, "hooks deliveries show 1", "delivery-details", 0);
    seen.run(&told, "hooks redeliver 1", "deliveries", 1);
    seen.run(&told, "apps show", "app", 0);

    let mut listening = Listening::start(&belt, &["--json"]);
    seen.document("hooks send", "sent", &send(&belt, "http://h", &["--dry-run", "--json"]).expect(0).json());
    seen.document("hooks send", "sent", &send(&belt, &listening.url(), &["--json"]).expect(0).json());
    seen.document("hooks listen", "received", &listening.next());
    for nonsense in [request("/?app=shop", "something else"), "nonsense".to_owned()] {
        listening.tell(nonsense);
        seen.document("hooks listen", "received", &listening.next());
    }
}

/// What runs and waits at a server, and its events.
fn serving(seen: &mut Seen) {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let mut server = belt.start(["serve", "--listen", "127.0.0.1:0", "--json"]);
    event(seen, &mut server, "listening on");
    event(seen, &mut server, "ready");
    let url = belt.run(["hooks", "url"]).expect(0).stdout.trim().to_owned();
    let mut stranger = Belt::new();
    stranger.set("HOOKBELT_HOOK_URL", &url);
    seen.run(&stranger, "redeploy --dry-run", "request", 0);
    seen.run(&stranger, "redeploy", "posted", 0);
    event(seen, &mut server, "\"event\":\"hook\"");
    event(seen, &mut server, "\"event\":\"began\"");
    seen.run(&belt, "redeploy --no-wait", "deployment", 0);
    seen.run(&belt, "apps show", "app", 0);
    profiles(seen, &belt, url.split("/stacks/").next().unwrap());
    seen.run(&belt, "deployments cancel 2", "deployment", 0);
    gate.open();
    event(seen, &mut server, "\"event\":\"ended\"");
}

/// The next line of a server's log with this text.
fn event(seen: &mut Seen, server: &mut Running, text: &str) {
    let line = server.until(text);
    seen.document("serve", "event", &serde_json::from_str(&line).unwrap());
}

/// The same app from elsewhere, by a profile.
fn profiles(seen: &mut Seen, site: &Belt, url: &str) {
    let token = seen.run(site, "tokens create elsewhere", "token", 0).json()["token"].as_str().unwrap().to_owned();
    let belt = Belt::new();
    belt.write("token", token);
    seen.run(&belt, &format!("login {url} --profile there --token-file token"), "signed-in", 0);
    for (line, schema) in [
        ("profiles list", "profiles"),
        ("profiles show", "values"),
        ("profiles use there", "profile"),
        ("apps list", "apps"),
        ("apps show -s shop", "app"),
        ("deployments show -s shop 2", "deployment"),
        ("logout", "profile"),
    ] {
        seen.run(&belt, line, schema, 0);
    }
    seen.run(&belt, "apps list", "", 4);
    seen.run(&belt, "profiles remove there", "profile", 0);
}

#[test]
fn the_page_about_documents_is_in_step() {
    let rows = DOCUMENTS.iter().map(|(command, schema, when)| {
        let command = if *command == "any command" { (*command).to_owned() } else { format!("`{command}`") };
        format!("| {command} | [{schema}](#{schema}) | {when} |\n")
    });
    part_in_step(
        "docs/json.md",
        "commands",
        &format!("| command | document | |\n|---|---|---|\n{}", rows.collect::<String>()),
    );
    let mut text = String::new();
    for name in schemas() {
        let schema = read(&name);
        let _ =
            write!(text, "### {name}\n\n{}: [schema](json/{name}.schema.json)\n\n", schema["title"].as_str().unwrap());
        describe(&schema, &mut text);
    }
    part_in_step("docs/json.md", "documents", text.trim_end());
}

/// The fields of a document, a table for each kind of it.
fn describe(schema: &Value, text: &mut String) {
    if let Some(kinds) = schema["oneOf"].as_array() {
        for kind in kinds {
            describe(kind, text);
        }
    } else if schema["type"] == "array" {
        let _ = writeln!(text, "An array of {}.\n", kind(&schema["items"]));
        describe(&schema["items"], text);
    } else if schema["properties"].is_object() {
        text.push_str("| field | type | |\n|---|---|---|\n");
        fields(schema, "", text);
        text.push('\n');
    }
}

/// A line for each field, and for those in it.
fn fields(schema: &Value, within: &str, text: &mut String) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    let required = schema["required"].as_array().unwrap();
    for (name, schema) in properties {
        let optional = if required.iter().any(|required| required == name) { "" } else { ", or left out" };
        let about = schema["description"].as_str().unwrap();
        let _ = writeln!(text, "| `{within}{name}` | {}{optional} | {about} |", kind(schema));
        fields(schema, &format!("{within}{name}."), text);
        fields(&schema["items"], &format!("{within}{name}[]."), text);
    }
}

/// What a value can be, in words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_end_matches(".schema.json");
        return format!("[{name}](#{name})");
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("`{word}`");
    }
    if let Some(kinds) = schema["anyOf"].as_array() {
        return kinds.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = schema["enum"].as_array() {
        let words = words.iter().map(|word| word.as_str().map_or("null".to_owned(), |word| format!("`{word}`")));
        return words.collect::<Vec<_>>().join(" ");
    }
    let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    let named = types.iter().filter_map(Value::as_str).map(|name| match (name, schema["format"].as_str()) {
        ("string", Some("date-time")) => "time".to_owned(),
        ("array", _) => format!("array of {}", kind(&schema["items"])),
        (name, _) => name.to_owned(),
    });
    named.collect::<Vec<_>>().join(" or ")
}
