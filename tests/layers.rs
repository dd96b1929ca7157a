//! Holds the layers of `src/`: a module names only modules of lower levels, so that what is pure stays
//! pure, as the crates below them are, and no two parts grow into each other. It reads lines, not syntax, so it trusts rustfmt, and
//! comments may name what they like.

use std::fs;
use std::path::{Path, PathBuf};

/// The top-level modules, from the lowest level up.
const LEVELS: [&[&str]; 7] = [
    &["domain"],
    &["store", "http", "config", "output"],
    &["engine", "hosts"],
    &["backends", "server"],
    &["context", "deploying", "error"],
    &["commands"],
    &["main", "lib", "cli"],
];
/// The levels whose modules may name each other.
const OPEN_LEVELS: [usize; 2] = [4, 6];
/// Where crates of our own are, whose modules no others can name.
const CRATES: &str = "crates/";
/// The first words of what `domain` and our crates may use.
const PURE: &str = "std core self super crate serde serde_json url hmac sha1 sha2 hex base64 indexmap memchr strsim \
                    thiserror secrecy jiff percent_encoding shlex hookbelt_signature";
/// A braced `use` of `std` could hide one of the others.
const IMPURE: &str = "std::fs std::net std::env std::{ SystemTime Instant ::now(";
const MAX_LINES: usize = 400;

/// From a file's path and text to the lines that break it, and how.
type Rule = fn(&str, &str) -> Vec<(usize, String)>;
const RULES: [Rule; 5] = [layers, commands, purity, limits, length];

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|modules| modules.contains(&module))
}

/// `src/commands/hooks/add.rs` is `commands`, `hooks`, `add`.
fn module_path(path: &str) -> Vec<&str> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.trim_end_matches("/mod").split('/').collect()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn first_word(text: &str) -> &str {
    text.split(|character| !is_word(character)).next().unwrap_or_default()
}

/// The first two modules of a path; what is missing, a brace or a star is an empty name.
fn two_modules(path: &str) -> [String; 2] {
    let first = first_word(path);
    let rest = path[first.len()..].strip_prefix("::").unwrap_or_default();
    [first, first_word(rest)].map(str::to_owned)
}

fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines());
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// What follows `use`, whatever its visibility.
fn used(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("use ")?;
    let visible = ["", "pub ", "pub(crate) ", "pub(super) "];
    visible.contains(&before).then_some(rest)
}

/// What a file names from the crate's root: `crate::…`, and `use super::…` outside its inner modules.
fn named(path: &str, text: &str) -> Vec<(usize, [String; 2])> {
    let own = module_path(path);
    let mut found = Vec::new();
    for (number, line) in code(text) {
        for (at, root) in line.match_indices("crate::") {
            if !line[..at].ends_with(is_word) {
                found.push((number, two_modules(&line[at + root.len()..])));
            }
        }
        let rest = used(line).unwrap_or_default();
        let below = rest.trim_start_matches("super::");
        let up = (rest.len() - below.len()) / "super::".len();
        if up > 0 {
            let whole = [&own[..own.len().saturating_sub(up)], &[below]].concat();
            found.push((number, two_modules(&whole.join("::"))));
        }
    }
    found
}

fn layers(path: &str, text: &str) -> Vec<(usize, String)> {
    if path.starts_with(CRATES) {
        return Vec::new();
    }
    let own = module_path(path)[0];
    let Some(own_level) = level(own) else {
        return vec![(1, format!("the unknown module `{own}` needs a level"))];
    };
    let mut broken = Vec::new();
    for (line, [module, _]) in named(path, text) {
        let rule = match level(&module) {
            _ if module == own => continue,
            Some(other) if other < own_level => continue,
            Some(other) if other == own_level && OPEN_LEVELS.contains(&other) => continue,
            Some(_) => format!("`{own}` imports `{module}`, which is no lower module"),
            None if module.is_empty() => "write one `use crate::module::…` a line".to_owned(),
            None => format!("`{module}` is an unknown module"),
        };
        broken.push((line, rule));
    }
    broken
}

/// `commands/mod.rs` sees every command, and its types are seen by all of them.
fn commands(path: &str, text: &str) -> Vec<(usize, String)> {
    let ["commands", own, ..] = module_path(path)[..] else {
        return Vec::new();
    };
    let mut broken = named(path, text);
    broken.retain(|(_, [module, command])| {
        module == "commands" && command != own && !command.starts_with(char::is_uppercase)
    });
    let rule = |command| format!("the command `{own}` imports another, `{command}`");
    let broken = broken.into_iter();
    broken.map(|(line, [_, command])| (line, rule(command))).collect()
}

/// `domain` and our crates know pure crates only, and no clock, file, socket or environment; their tests may.
fn purity(path: &str, text: &str) -> Vec<(usize, String)> {
    let is_pure = path.starts_with(CRATES) || module_path(path)[0] == "domain";
    if !is_pure || module_path(path).contains(&"tests") {
        return Vec::new();
    }
    let pure = |name: &str| PURE.split(' ').any(|pure| pure == name);
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut broken = Vec::new();
    for (number, line) in code(text) {
        let first = used(line.trim_start()).map(first_word);
        let stranger = first.filter(|name| !pure(name) && !name.starts_with(char::is_uppercase));
        let impure = IMPURE.split(' ').find(|name| line.contains(name));
        if let Some(name) = stranger.or(impure) {
            broken.push((number, format!("what is pure uses no `{name}`")));
        }
    }
    broken
}

/// SQLite compiles a statement anew each time that a bare variable of a limit is bound.
fn limits(_: &str, text: &str) -> Vec<(usize, String)> {
    let bare = code(text).filter(|(_, line)| line.contains("LIMIT $") || line.contains("LIMIT ?"));
    bare.map(|(number, _)| (number, "write `LIMIT CAST($1 AS BIGINT)`".to_owned())).collect()
}

fn length(_: &str, text: &str) -> Vec<(usize, String)> {
    let rule = format!("a file of more than {MAX_LINES} lines becomes a folder");
    let lines = text.lines().count();
    (lines > MAX_LINES).then_some((lines, rule)).into_iter().collect()
}

fn broken(path: &str, text: &str) -> Vec<String> {
    let broken = RULES.iter().flat_map(|rule| rule(path, text));
    broken.map(|(line, rule)| format!("{path}:{line}: {rule}")).collect()
}

/// Those modules of `tests/` that `tests/main.rs` does not name.
fn forgotten<'a>(main: &str, modules: &[&'a str]) -> Vec<&'a str> {
    let named = |module: &str| main.contains(&format!("\nmod {module};"));
    let modules = modules.iter().copied();
    modules.filter(|module| *module != "main" && !named(module)).collect()
}

fn paths_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    entries.map(|entry| entry.expect("the folder is readable").path())
}

#[test]
fn every_source_keeps_to_its_layer() {
    let mut paths = vec![PathBuf::from("src"), PathBuf::from(CRATES)];
    let mut found = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(paths_in(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source is UTF-8");
            found.extend(broken(&path.to_string_lossy(), &text));
        }
    }
    assert!(found.is_empty(), "broken layers:\n{}", found.join("\n"));
}

#[test]
fn every_file_of_tests_is_in_the_one_test_binary() {
    let main = fs::read_to_string("tests/main.rs").expect("tests/main.rs is there");
    let mut paths: Vec<_> = paths_in(Path::new("tests")).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let modules = paths.iter().filter_map(|path| path.file_stem()?.to_str());
    let forgotten = forgotten(&main, &modules.collect::<Vec<_>>());
    assert_eq!(forgotten, [""; 0], "tests/main.rs lacks `mod` for these");
}

/// A path, a text that passes, a text that is refused once, and the rule; `\n` is a new line.
const CASES: &str = r"
src/engine/mod.rs | use crate::store::Store; | use crate::server::serve; | imports `server`
src/engine/a.rs | use crate::engine::b::B; | use crate::hosts::GitHost; | imports `hosts`
src/http.rs | // see crate::cli | use crate::config::A; | imports `config`
src/error.rs | use crate::context::A; | fn f(a: &crate::commands::A) {} | imports `commands`
src/lib.rs | pub use crate::cli::Cli; | \nuse crate::utils::A; | rs:2: `utils` is an unknown
src/store/apps.rs | use super::Store; | pub(crate) use super::super::http; | imports `http`
src/output/mod.rs | use a_crate::server::A; | use super::context; | imports `context`
src/http.rs | mod tests {\n    use super::Client; | use super::store::Store; | imports `store`
src/cli.rs | use crate::http::{A, B}; | use crate::{domain, http}; | write one `use
src/http.rs | use super::domain::App; | pub use super::{domain, http}; | write one `use
src/commands/hooks/list.rs | use crate::commands::hooks::A; | use crate::commands::apps::A; | `apps`
src/commands/hooks/list.rs | use super::add::Row; | use super::super::apps; | another, `apps`
src/commands/apps.rs | use super::Shown; | use super::logs::run; | another, `logs`
src/commands/apps.rs | use crate::domain::logs; | use super::{apps, logs}; | another, ``
src/commands/mod.rs | use crate::commands::logs::run; | use crate::cli::Cli; | imports `cli`
src/domain/app.rs | use serde::Serialize; | pub use tokio::sync::Notify; | no `tokio`
src/domain/app.rs | use std::time::Duration; | use std::time::{Duration, Instant}; | no `Instant`
src/domain/app.rs | use std::fmt; | std::fs::read(path) | no `std::fs`
src/domain/app.rs | use Kind::{First, Second}; | use std::{env, fmt}; | no `std::{`
src/domain/app.rs | jiff::Timestamp::UNIX_EPOCH | jiff::Timestamp::now() | no `::now(`
src/domain/app.rs | #[cfg(test)]\nmod tests {\n    use proptest::A; | use proptest::A; | `proptest`
crates/a/src/lib.rs | use crate::b::B; | std::fs::read(path) | no `std::fs`
src/domain/app/tests.rs | use proptest::A; | use crate::http::A; | imports `http`
src/domain/app/tests/names.rs | use proptest::A; | use crate::http::A; | imports `http`
src/store/log/mod.rs | LIMIT CAST($1 AS BIGINT) | LIMIT $1 | write `LIMIT CAST
src/http.rs | use std::net::IpAddr; | use crate::http; use crate::error; | imports `error`";

#[test]
fn each_rule_catches_what_breaks_it() {
    for case in CASES.lines().skip(1) {
        let parts: Vec<_> = case.split(" | ").map(|part| part.replace(r"\n", "\n")).collect();
        assert_eq!(broken(&parts[0], &parts[1]), [""; 0], "{case}");
        let found = broken(&parts[0], &parts[2]);
        assert!(found.len() == 1 && found[0].contains(&parts[3]), "{case}: {found:?}");
    }
    assert_eq!(broken("src/utils.rs", "").len(), 1);
    assert_eq!(broken("src/cli.rs", &"\n".repeat(MAX_LINES)), [""; 0]);
    assert_eq!(broken("src/cli.rs", &"\n".repeat(MAX_LINES + 1)).len(), 1);
    assert_eq!(forgotten("\nmod layers;\n// mod logs;", &["main", "layers", "logs"]), ["logs"]);
}
