//! What a manifest cannot say: each with its place, what is wrong, and what to do.

use super::*;

/// What is said about this text: `line:column: message`, and `|` before a hint.
fn said(text: &str) -> String {
    let (_kept, folder) = folder();
    let error = read_in(&folder, text).expect_err(text);
    let said = error.to_string();
    let said = said.strip_prefix(&format!("{}/hookbelt.toml:", folder.display())).expect("it begins with the path");
    match error {
        ManifestError::Toml(TomlError { hint: Some(hint), .. }) => format!("{said} | {hint}"),
        _ => said.to_owned(),
    }
}

/// These lines of the manifest itself; the first is line 2.
fn top(lines: &str) -> String {
    format!("app = 'shop'\n{lines}\n[services.web]\nimage = 'web'\ndeploy = 'true'\n")
}

/// These lines of a service; the first is line 3.
fn web(lines: &str) -> String {
    format!("app = 'shop'\n[services.web]\n{lines}\n")
}

/// These lines of an image service that has all it needs; the first is line 5.
fn image(lines: &str) -> String {
    web(&format!("image = 'web'\ndeploy = 'true'\n{lines}"))
}

/// These lines of a git service that has all it needs; the first is line 5.
fn from_git(lines: &str) -> String {
    web(&format!("git = 'https://h/a/b'\ndeploy = 'true'\n{lines}"))
}

/// These lines of a deploy hook; the first is line 6.
fn hook(lines: &str) -> String {
    image(&format!("[[deploy_hooks]]\n{lines}"))
}

fn each_says(cases: &[(String, &str)]) {
    for (text, expected) in cases {
        assert_eq!(said(text), *expected, "{text}");
    }
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    each_says(&[
        (top("enviroment = 'x'"), "2:1: unknown key `enviroment` | did you mean `environment`?"),
        (top("\n\n  sevices = 1"), "4:3: unknown key `sevices` | did you mean `services`?"),
        (top("[source]\ngti = 'x'"), "3:1: unknown key `gti` | did you mean `git`?"),
        (top("source.gti = 'x'"), "2:8: unknown key `gti` | did you mean `git`?"),
        (web("deploi = 'true'"), "3:1: unknown key `deploi` | did you mean `deploy`?"),
        (top("[services.a]\nimage='a'\ntimeuot='1s'"), "4:1: unknown key `timeuot` | did you mean `timeout`?"),
        (image("[deployment_profiles.a]\nservice = []"), "6:1: unknown key `service` | did you mean `services`?"),
        (hook("ulr = 'http://h'"), "6:1: unknown key `ulr` | did you mean `url`?"),
        (hook("url = 'http://h'\nsecret = { fiel = 'x' }"), "7:12: unknown key `fiel` | did you mean `file`?"),
        (
            hook("url = 'http://h'\nsecret = { value = 'x' }"),
            "7:12: unknown key `value` | keys that can stand here: file, env",
        ),
        (
            hook("url = 'http://h'\nsecret = { \"a\\u0007\\u001b[1mb\" = 'x' }"),
            "7:12: unknown key `a\\u{7}b` | keys that can stand here: file, env",
        ),
    ]);
}

#[test]
fn what_is_missing_is_named() {
    each_says(&[
        (String::new(), "1:1: missing key `app`"),
        ("[services.web]\nimage = 'web'\ndeploy = 'true'\n".to_owned(), "1:1: missing key `app`"),
        (web("image = 'web'"), "2:1: missing key `deploy`"),
        (top("[source]\nbranch = 'main'"), "2:1: missing key `git`"),
        (image("[deployment_profiles.a]"), "5:1: missing key `services`"),
        (hook(""), "5:1: missing key `url`"),
    ]);
}

#[test]
fn an_app_without_services_is_refused() {
    for lines in ["app = 'shop'", "app = 'shop'\n[services]\n", "app = 'shop'\nservices = {}"] {
        let (_kept, folder) = folder();
        let ManifestError::Toml(error) = read_in(&folder, lines).unwrap_err() else { panic!("{lines}") };
        assert_eq!(error.to_string(), format!("{}/hookbelt.toml: this app has no services", folder.display()));
        assert_eq!(
            error.hint.as_deref(),
            Some(
                "add a table like `[services.web]` with a `deploy` command, or `backend = \"…\"`, the profile of the deploy \
                 API that has them"
            )
        );
    }
}

#[test]
fn a_value_of_the_wrong_type_is_refused_in_the_words_of_toml() {
    each_says(&[
        ("app = 5".to_owned(), "1:7: expected a string, not an integer"),
        ("app = ['shop']".to_owned(), "1:7: expected a string, not an array"),
        ("app = { name = 'shop' }".to_owned(), "1:7: expected a string, not a table"),
        ("app = true".to_owned(), "1:7: expected a string, not a boolean"),
        ("app = 1.5".to_owned(), "1:7: expected a string, not a float"),
        (top("source = 'https://h/a/b'"), "2:10: expected a table, not a string"),
        ("app = 'shop'\nservices = []".to_owned(), "2:12: expected a table, not an array"),
        ("app = 'shop'\nservices.web = 'true'".to_owned(), "2:16: expected a table, not a string"),
        (web("deploy = ['true']"), "3:10: expected a string, not an array"),
        (web("checkout = 'no'"), "3:12: expected a boolean, not a string"),
        (image("timeout = 30"), "5:11: expected a string, not an integer"),
        (image("env = ['A']"), "5:7: expected a table, not an array"),
        (image("env = { A = 1 }"), "5:13: expected a string, not an integer"),
        (image("pass_env = 'A'"), "5:12: expected an array, not a string"),
        (image("[deployment_profiles.a]\nservices = 'web'"), "6:12: expected an array, not a string"),
        (image("[deploy_hooks]\nurl = 'http://h'"), "5:1: expected an array, not a table"),
        (hook("url = 5"), "6:7: expected a string, not an integer"),
    ]);
}

#[test]
fn a_secret_written_into_the_manifest_is_refused_and_not_shown() {
    let expected = "expected { file = \"…\" } or { env = \"…\" }, not a string";
    for secret in ["'hunter2'", "\"hunter2\"", "\"\"\"\nhunter2\n\"\"\"", "'a, expected hunter2'"] {
        assert_eq!(said(&hook(&format!("url = 'http://h'\nsecret = {secret}"))), format!("7:10: {expected}"));
    }
}

#[test]
fn a_secret_is_in_a_file_or_in_a_variable_and_not_in_both() {
    for secret in ["{}", "{ file = 'a', env = 'B' }", "{ file = '' }", "{ env = '' }", "{ file = 'a', env = '' }"] {
        let text = hook(&format!("url = 'http://h'\nsecret = {secret}"));
        assert_eq!(said(&text), "7:10: write either { file = \"…\" } or { env = \"…\" }", "{secret}");
    }
}

#[test]
fn the_url_of_a_deploy_hook_must_be_one_that_arrives_as_it_is_signed() {
    each_says(&[
        (
            hook("url = 'http://user:hunter2@h'"),
            "6:7: \"http://h\" cannot be a deploy hook's URL: \
             it holds user info; Workflow sends that in place of the signature",
        ),
        (
            hook("url = 'HTTP://h'"),
            "6:7: \"HTTP://h\" cannot be a deploy hook's URL: \
             it would arrive as `http://h/`, whose signature differs; write that",
        ),
    ]);
}

#[test]
fn what_a_deploy_hook_cannot_be_is_refused() {
    let standard = "format = 'standard-webhooks'\nurl = ";
    each_says(&[
        (hook("url = 'http://h'\nformat = 'slack'"), "7:10: write \"workflow\" or \"standard-webhooks\""),
        (
            hook("url = 'http://h'\nevents = ['finished']"),
            "7:11: this is no event of a deployment | write any of started, succeeded, failed, canceled",
        ),
        (hook("url = 'http://h'\nevents = []"), "7:10: this hook is never sent: it has no events"),
        (
            hook(&format!("{standard}'http://h?x=1'")),
            "7:7: a hook of Standard Webhooks is signed, and this has no secret | add `secret = { file = \"…\" }`, a file that \
             holds `whsec_` and base64",
        ),
        (
            hook(&format!("{standard}'http://ann:hunter2@h'")),
            "7:7: this cannot be a deploy hook's URL: it holds user info",
        ),
        (
            hook("url = 'http://h'\n[[deploy_hooks]]\nurl = 'http://h'"),
            "8:7: there is a deploy hook with this URL already | write one, with all of its `events`",
        ),
    ]);
}

#[test]
fn names_that_cannot_be_are_refused() {
    let service = "cannot be a service name: use 1 to 63 letters, digits, `.`, `_` and `-`, \
                   beginning with a letter or digit";
    let named = |name: &str| format!("app = 'shop'\n[services.\"{name}\"]\nimage = 'web'\ndeploy = 'true'");
    for name in ["", "-x", ".x", "a b", "a/b", "wéb", "a:b", &"x".repeat(64)] {
        assert_eq!(said(&named(name)), format!("2:11: {name:?} {service}"));
    }
    assert!(read_in(&folder().1, named(&"x".repeat(63))).is_ok());
    each_says(&[
        ("app = ''".to_owned(), "1:7: \"\" cannot be an app name: it is empty"),
        ("app = 'a/b'".to_owned(), "1:7: \"a/b\" cannot be an app name: it holds a `/`"),
        (top("environment = '-e'"), "2:15: \"-e\" cannot be an environment: it begins with `-`"),
    ]);
}

#[test]
fn a_service_has_one_source() {
    let both = "a service is deployed from an image or from Git; make two services of it";
    let cases = [
        ("git = 'https://h/a/b'", "5:7", "git"),
        ("branch = 'main'", "5:10", "branch"),
        ("checkout = false", "5:12", "checkout"),
        ("checkout = true", "5:12", "checkout"),
        ("submodules = false", "5:14", "submodules"),
    ];
    for (line, place, key) in cases {
        assert_eq!(said(&image(line)), format!("{place}: a service with an `image` cannot have `{key}` | {both}"));
    }
    let neither = "2:1: service `web` has neither `image` nor `git`, and there is no [source] \
                   | add `git = \"…\"` or `image = \"…\"` to it, or `checkout = false` to run its commands here";
    assert_eq!(said(&web("deploy = 'true'")), neither);
    assert_eq!(said(&web("deploy = 'true'\nbranch = 'main'")), neither);
    assert_eq!(said(&web("deploy = 'true'\ncheckout = true")), neither);
}

#[test]
fn sources_that_cannot_be_are_refused() {
    let helpers = "3:7: this cannot be a Git repository: remote helpers (`x::…`) are not used";
    each_says(&[
        (web("git = ''\ndeploy = 'true'"), "3:7: this cannot be a Git repository: it is empty"),
        (web("git = ' '\ndeploy = 'true'"), "3:7: this cannot be a Git repository: it is empty"),
        (web("git = '-x'\ndeploy = 'true'"), "3:7: this cannot be a Git repository: it begins with `-`"),
        (web("git = '--upload-pack=x'\ndeploy = 'true'"), "3:7: this cannot be a Git repository: it begins with `-`"),
        (web("git = \"a\\nb\"\ndeploy = 'true'"), "3:7: this cannot be a Git repository: it holds a control character"),
        (web("git = 'ext::sh -c true'\ndeploy = 'true'"), helpers),
        (web("git = 'ext::sh -c \"curl http://h\"'\ndeploy = 'true'"), helpers),
        (web("git = 'http::https://h/a/b'\ndeploy = 'true'"), helpers),
        (web("git = 'a.b-c+d::x'\ndeploy = 'true'"), helpers),
        (
            top("source = { git = '-x' }\n[services.a]\ndeploy = 'a'"),
            "2:18: this cannot be a Git repository: it begins with `-`",
        ),
        (from_git("branch = ''"), "5:10: \"\" cannot be a Git ref: it is empty"),
        (from_git("branch = 'a..b'"), "5:10: \"a..b\" cannot be a Git ref: it holds `..`"),
        (from_git("branch = '-x'"), "5:10: \"-x\" cannot be a Git ref: it begins with `-`"),
        (from_git("checkout = false\nsubmodules = true"), "6:14: without a checkout there are no submodules"),
        (web("image = 'a b'"), "3:9: \"a b\" cannot be an image: write it like `registry.example.com/api:latest`"),
    ]);
}

#[test]
fn commands_that_cannot_be_run_are_refused() {
    let length = "is not a length of time: write it like `90s`, `15m` or `2h 30m`";
    for (key, column) in [("build", 9), ("check", 9)] {
        assert_eq!(said(&image(&format!("{key} = ''"))), format!("5:{column}: this command is empty"));
        let text = image(&format!("{key} = \"a\\u0000\""));
        assert_eq!(said(&text), format!("5:{column}: this command holds a NUL character"));
    }
    each_says(&[
        (web("image = 'web'\ndeploy = ''"), "4:10: this command is empty"),
        (web("image = 'web'\ndeploy = \" \\t\\n\""), "4:10: this command is empty"),
        (web("image = 'web'\ndeploy = \"a\\u0000\""), "4:10: this command holds a NUL character"),
    ]);
    for timeout in ["", "0s", "-5m", "15", "soon", "15 mins and a bit"] {
        assert_eq!(said(&image(&format!("timeout = '{timeout}'"))), format!("5:11: {timeout:?} {length}"));
    }
}

#[test]
fn variables_that_a_shell_cannot_have_or_hookbelt_sets_are_refused() {
    for name in ["", "1X", "A-B", "A B", "A=B", "É"] {
        let reason = format!("{name:?} cannot be the name of an environment variable");
        assert_eq!(said(&image(&format!("env = {{ \"{name}\" = 'x' }}"))), format!("5:9: {reason}"));
        assert_eq!(said(&image(&format!("pass_env = ['A', '{name}']"))), format!("5:18: {reason}"));
    }
    for name in ["HOOKBELT_", "HOOKBELT_SHA"] {
        let reason = format!("{name}: variables that begin with HOOKBELT_ are set by hookbelt");
        assert_eq!(said(&image(&format!("env = {{ {name} = 'x' }}"))), format!("5:9: {reason}"));
        assert_eq!(said(&image(&format!("pass_env = ['A', '{name}']"))), format!("5:18: {reason}"));
    }
    let nul = image("[services.web.env]\nA = \"hunter2\\u0000\"");
    assert_eq!(said(&nul), "6:1: the value of A holds a NUL character");
    let fine = image("env = { HOOKBELT = 'x', hookbelt_x = 'y', _ = 'z' }\npass_env = ['MY_HOOKBELT_X']");
    assert!(read_in(&folder().1, fine).is_ok());
}

#[test]
fn a_deployment_profile_names_services_that_there_are() {
    let profile = |services: &str| image(&format!("[deployment_profiles.a]\nservices = {services}"));
    each_says(&[
        (profile("[]"), "6:12: the deployment profile `a` names no service"),
        (profile("['wbe']"), "6:13: this app has no service \"wbe\" | did you mean `web`?"),
        (profile("['web', 'Web']"), "6:20: this app has no service \"Web\" | did you mean `web`?"),
        (profile("[\n  'web',\n  'xyzzy',\n]"), "8:3: this app has no service \"xyzzy\""),
        (profile("['']"), "6:13: this app has no service \"\""),
        (profile("[1]"), "6:13: expected a string, not an integer"),
    ]);
}

#[test]
fn a_key_stands_once() {
    each_says(&[
        ("app = 'shop'\napp = 'shop'".to_owned(), "2:1: duplicate key"),
        (image("[services.web]\nimage = 'x'"), "5:11: duplicate key"),
        (web("image = 'a'\nimage = 'b'"), "4:1: duplicate key"),
        (image("env = { A = 'x', A = 'y' }"), "5:18: duplicate key"),
    ]);
}

#[test]
fn what_is_no_toml_is_refused_at_its_place() {
    each_says(&[
        ("app".to_owned(), "1:4: key with no value, expected `=`"),
        ("app = shop".to_owned(), "1:7: string values must be quoted, expected literal string"),
        ("app = 'shop".to_owned(), "1:12: invalid literal string, expected `'`"),
        ("app = 'shöp'; x".to_owned(), "1:13: unexpected key or value, expected newline, `#`"),
    ]);
}

#[test]
fn lines_and_columns_are_those_that_an_editor_shows() {
    each_says(&[
        ("\u{feff}app = 5".to_owned(), "1:7: expected a string, not an integer"),
        (
            format!("\u{feff}{}", image("timeout = 'é'")),
            "5:11: \"é\" is not a length of time: write it like `90s`, `15m` or `2h 30m`",
        ),
        (
            image("env = { A = 'éé', 1 = '' }").replace('\n', "\r\n"),
            "5:19: \"1\" cannot be the name of an environment variable",
        ),
        (image("# é\n\n\tdeploi = 1"), "7:2: unknown key `deploi` | did you mean `deploy`?"),
    ]);
}
