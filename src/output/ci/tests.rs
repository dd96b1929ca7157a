use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::{prop_assert, prop_assert_eq};

use super::{Ci, Level, annotation, begin_group, begin_section, end_group, end_section, escaped, message, outputs};
use crate::domain::printable::{Colours, printable};
use crate::output::Report;

const GITHUB: Ci = Ci::GitHub { outputs: None };

/// Whether GitHub's runner would look for a command in a line, whatever its name.
fn looks_like_a_command(line: &str) -> bool {
    let second = line.trim_start().strip_prefix("::").is_some_and(|rest| rest.contains("::"));
    let first = line.split_once("##[").is_some_and(|(_, rest)| rest.contains(']'));
    second || first
}

/// As the runner reads the text behind a command.
fn unescaped(data: &str) -> String {
    data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

/// As the runner reads a step's outputs.
fn read(file: &str) -> Vec<(String, String)> {
    let (mut lines, mut read) = (file.split('\n'), Vec::new());
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        read.push((name.to_owned(), value.join("\n")));
    }
    read
}

/// Text that is more often than not made of what commands and outputs are made of.
fn nasty() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        "::",
        "##[",
        "]",
        "##",
        "[",
        "\n",
        "\r",
        " ",
        "\t",
        "%",
        "%0A",
        "error",
        "::error::x",
        "##[add-mask]x",
        "a<<b",
        "b",
        "::endgroup::",
        "\u{1b}[0K",
        "section_end:1:hookbelt_1_1\r\u{1b}[0K",
        "\u{2028}",
        "\u{a0}",
        "\\",
    ];
    let part = prop_oneof![4 => proptest::sample::select(PARTS).prop_map(str::to_owned), 1 => any::<String>()];
    vec(part, 0..8).prop_map(|parts| parts.concat())
}

#[test]
fn commands_of_others_are_shown_and_not_obeyed() {
    let cases = [
        ("plain\n", "plain\n"),
        ("a :: b [c]\n", "a :: b [c]\n"),
        ("::error::no\n", "\\::error::no\n"),
        ("one\n \t::set-output name=x::y\n", "one\n \t\\::set-output name=x::y\n"),
        ("12:00 shop[web.v1]: ##[add-mask]e\n", "12:00 shop[web.v1]: ##\\[add-mask]e\n"),
        ("###[[error]\n", "###\\[[error]\n"),
    ];
    for (text, harmless) in cases {
        assert_eq!(GITHUB.harmless(text), harmless);
        assert_eq!(Ci::Elsewhere.harmless(text), text);
        assert_eq!(Ci::GitLab.harmless(text), text);
    }
}

#[test]
fn commands_are_what_the_runners_documents_say() {
    let report = Report {
        kind: "failed",
        message: "50 % done\nof web".to_owned(),
        causes: vec!["::error::forged\r\n".to_owned()],
        hint: Some("never shown here".to_owned()),
    };
    assert_eq!(
        annotation(Level::Error, &message(&report)),
        "::error title=hookbelt::50 %25 done\\nof web%0Abecause ::error::forged\\r\\n\n"
    );
    assert_eq!(annotation(Level::Warning, "a"), "::warning title=hookbelt::a\n");
    assert_eq!(begin_group("web", "t0k"), "::group::web\n::stop-commands::t0k\n");
    assert_eq!(end_group("t0k"), "::t0k::\n::endgroup::\n");
    let at = "2026-11-21T15:07:29Z".parse().unwrap();
    assert_eq!(begin_section("a_1", "web", at), "\u{1b}[0Ksection_start:1795273649:a_1\r\u{1b}[0Kweb\n");
    assert_eq!(end_section("a_1", at), "\u{1b}[0Ksection_end:1795273649:a_1\r\u{1b}[0K\n");
    let values = [("deployment", "12".to_owned()), ("release", "v3".to_owned())];
    assert_eq!(outputs(&values, "d"), "deployment<<d\n12\nd\nrelease<<d\nv3\nd\n");
}

proptest! {
    #[test]
    fn no_text_is_a_command(text in nasty()) {
        let harmless = GITHUB.harmless(&text);
        prop_assert!(!harmless.split(['\n', '\r']).any(looks_like_a_command), "{harmless:?}");
        // Nothing but backslashes was added.
        prop_assert_eq!(harmless.replace('\\', ""), text.replace('\\', ""));
        prop_assert_eq!(Ci::GitLab.harmless(&text), text.as_str());
    }

    #[test]
    fn no_document_is_a_command_and_each_means_the_same(texts in vec(nasty(), 0..4)) {
        for json in [serde_json::to_string(&texts).unwrap(), serde_json::to_string_pretty(&texts).unwrap()] {
            let harmless = GITHUB.harmless_json(json);
            prop_assert!(!harmless.lines().any(looks_like_a_command), "{harmless}");
            prop_assert_eq!(&serde_json::from_str::<Vec<String>>(&harmless).unwrap(), &texts);
        }
    }

    #[test]
    fn an_annotation_is_one_command_with_the_message(text in nasty()) {
        let command = annotation(Level::Error, &text);
        let line = command.strip_suffix('\n').unwrap();
        prop_assert!(!line.contains(['\n', '\r']), "{line:?}");
        let data = line.strip_prefix("::error title=hookbelt::").unwrap();
        prop_assert_eq!(unescaped(data), text.clone());
        prop_assert_eq!(unescaped(&escaped(&text)), text);
    }

    #[test]
    fn no_value_is_another_output(values in vec(nasty(), 0..4)) {
        let named: Vec<(&str, String)> = ["deployment", "release", "url"].into_iter().zip(values).collect();
        let expected: Vec<(String, String)> = named.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        prop_assert_eq!(read(&outputs(&named, "0f1e2d3c4b5a69788796a5b4c3d2e1f0")), expected);
    }

    #[test]
    fn no_text_is_a_section(text in nasty()) {
        let end = "\r\u{1b}[0K";
        for colours in [Colours::Keep, Colours::Remove] {
            prop_assert!(!printable(&text, colours).contains(end));
        }
    }
}
